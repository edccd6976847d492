using System.Security.Cryptography;
using System.Text;
using Theseus.Consensus;
using Theseus.Execution;
using Theseus.Execution.Tests;
using Theseus.Storage;

namespace Theseus.Node.Tests;

internal sealed class TestUser(string name)
{
    public byte[] Seed { get; } = SHA256.HashData(Encoding.UTF8.GetBytes(name));

    public Address Address => AuthenticationKeys.ToAddress(AuthenticationKeys.OfEd25519(Ed25519.PublicKey(Seed)));

    public ulong Sequence { get; set; }
}

/// <summary>A clock that stands where it is put.</summary>
internal sealed class StoppedClock(DateTimeOffset now) : TimeProvider
{
    public DateTimeOffset Now { get; set; } = now;

    public override DateTimeOffset GetUtcNow() => Now;
}

/// <summary>
/// A chain of four validators whose certificates this class signs: production execution and storage, consensus played by hand.
/// </summary>
internal sealed class LocalChain
{
    private readonly Func<ProtocolParameters, ProtocolParameters> _parameters;

    public const ulong Unit = 100_000_000;
    public const ulong GenesisTime = 1_700_000_000_000;

    public LocalChain(IChainStore? store = null, StackTable? stacks = null, Func<ProtocolParameters,
        ProtocolParameters>? parameters = null, int users = 4)
    {
        _parameters = parameters ?? (static defaults => defaults);
        Users = [.. Enumerable.Range(0, users).Select(i => new TestUser("user" + i))];
        Store = store ?? ChainStore.InMemory();
        Stacks = stacks ?? StackTable.Of();
        Genesis = CreateGenesis();
        Execution = Open();
    }

    public IReadOnlyList<TestUser> Validators { get; } = [.. Enumerable.Range(0, 4).Select(i => new TestUser("validator" + i))];

    public IReadOnlyList<TestUser> Users { get; }

    public IChainStore Store { get; }

    public StackTable Stacks { get; }

    public Genesis Genesis { get; }

    public ChainExecution Execution { get; private set; }

    public List<string> Alarms { get; } = [];

    public StoppedClock Clock { get; } = new(DateTimeOffset.FromUnixTimeMilliseconds((long)GenesisTime));

    public ChainExecution Open() => Execution = new ChainExecution(Store, Genesis, Stacks,
        Path.Combine(Path.GetTempPath(), "theseus-node-tests"), Alarms.Add);

    public Mempool Pool(PoolLimits? limits = null) =>
        new(() => Execution.Head, Execution.Chain, Stacks, Clock, limits, Execution.Signatures);

    public byte[] Transfer(TestUser from, Address to, ulong amount, ulong? sequence = null, ulong price = 1, ulong expiresIn = 60)
    {
        TransactionPayload payload = new TransactionPayload.EntryFunction(
            new ModuleId(Address.One, "coin"), "transfer", [TypeTag.Of(new StructTag(Address.One, "theseus_coin", "TheseusCoin", []))],
                [to.ToArray(), new BcsWriter(8).U64(amount).ToArray()]);
        return SignedTransaction.Sign(new RawTransaction(from.Address, sequence ?? from.Sequence++, payload, 20_000, price,
            (GenesisTime / 1000) + expiresIn, 4), from.Seed).Bytes;
    }

    /// <summary>A call of an entry function at 0x1 whose effect the pool cannot foresee, of any size.</summary>
    public byte[] Call(
        TestUser from, string module, string function, IReadOnlyList<byte[]> arguments, ulong? sequence = null, ulong price = 1,
            ulong maxGas = 20_000, ulong expiresIn = 60)
    {
        TransactionPayload payload = new TransactionPayload.EntryFunction(new ModuleId(Address.One, module), function, [], arguments);
        RawTransaction raw = new(from.Address, sequence ?? from.Sequence++, payload, maxGas, price, (GenesisTime / 1000) + expiresIn, 4);
        return SignedTransaction.Sign(raw, from.Seed).Bytes;
    }

    /// <summary>A transaction of so many bytes of argument.</summary>
    public byte[] Large(TestUser from, int bytes, ulong? sequence = null, ulong price = 1, ulong maxGas = 500_000) =>
        Call(from, "governance", "propose", [new byte[bytes]], sequence, price, maxGas);

    /// <summary>A validator's vote.</summary>
    public byte[] Vote(TestUser validator, ulong? sequence = null, ulong price = 1) =>
        Call(validator, "governance", "vote", [new BcsWriter(8).U64(1).ToArray(), [1]], sequence, price);

    /// <summary>The next block as a proposer builds it, and a certificate of all validators.</summary>
    public (Block Block, CommitCertificate Certificate) Next(params IReadOnlyList<byte[]> transactions)
    {
        ChainHead head = Execution.Head;
        Validator proposer = head.Next.Validators.Proposer(head.Height + 1, 0);
        BuiltBlock built = BlockBuilder.Build(new BlockPlan(
            Execution.Chain, head.Next, head.BlockId, head.Time, head.Certificate, head.Result, head.ServiceEvents, 0, head.Time + 250,
                ValidatorSets.ToAddress(proposer.Id), [],
            transactions.Select(bytes => TransactionDecoding.TryDecode(bytes, out SignedTransaction? decoded).IsNone ? decoded!
                : throw new ArgumentException("not a transaction"))));
        return (built.Block, Certify(built.Block));
    }

    public CommitCertificate Certify(Block block)
    {
        ValueId value = ValidatorSets.ToValue(BlockCodec.IdOf(block.Header));
        SignContext context = Execution.Head.Next.SignContext(Execution.Chain);
        return new CommitCertificate(block.Header.Height, 0, value, [.. Validators.OrderBy(validator => validator.Address)
            .Select(validator =>
        {
            Vote vote = new(VoteType.Precommit, block.Header.Height, 0, value, Rounds.Nil, ValidatorSets.ToId(validator.Address));
            return new CertificateSignature(vote.Validator, new ByteString(Ed25519.Sign(validator.Seed, SignBytes.Of(context, vote))));
        })]);
    }

    /// <summary>Decides and executes a block.</summary>
    public ChainHead Decide(params IReadOnlyList<byte[]> transactions)
    {
        (Block block, CommitCertificate certificate) = Next(transactions);
        Assert.True(Execution.Append(certificate, block));
        return Execution.Execute(certificate, block);
    }

    private Genesis CreateGenesis()
    {
        StackEntry stack = StackTable.BuiltIn().Single(entry => entry.Name == "v1");
        ValidatorEntry[] validators = [.. Validators.Select(user => new ValidatorEntry(user.Address,
            new Hash32(Ed25519.PublicKey(user.Seed)), 1_000)).OrderBy(entry => entry.Address)];
        GenesisAccount[] accounts = [.. Users.Concat(Validators).Select(user =>
            new GenesisAccount(user.Address, 1_000 * Unit, new Hash32(user.Address.ToArray()))).OrderBy(account => account.Address)];
        BlockContext context = new(0, GenesisTime * 1000, Genesis.FirstEpoch, Address.Zero, [], [], validators, [], Hash32.Zero, 4);
        BlockResult executed = stack.Create().Genesis(new GenesisInput(context, Framework.Modules,
            new GenesisGovernance(3_600_000_000, 40, 5, 40, Unit, 100 * Unit, 2), accounts, validators));
        return new Genesis("test-chain", 4, GenesisTime, validators, accounts,
            _parameters(RecordModels.Known.Find(1)!.Parameters.Defaults), ProtocolModules.AtGenesis(stack.ModuleId), [], executed.Writes);
    }
}
