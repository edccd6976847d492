using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace Theseus.Execution.Tests;

/// <summary>An account that tests sign for.</summary>
internal sealed class TestAccount(string name)
{
    public byte[] Seed { get; } = SHA256.HashData(Encoding.UTF8.GetBytes(name));

    public Address Address { get; } =
        AuthenticationKeys.ToAddress(AuthenticationKeys.OfEd25519(Ed25519.PublicKey(SHA256.HashData(Encoding.UTF8.GetBytes(name)))));

    public ulong Sequence { get; set; }
}

/// <summary>State in memory, as a store would give it.</summary>
internal sealed class MapState : IStateReader
{
    private readonly SortedDictionary<StateKey, byte[]> _values = [];

    public MapState(MapState? from = null)
    {
        foreach ((StateKey key, byte[] value) in from?._values ?? [])
        {
            _values.Add(key, value);
        }
    }

    public IEnumerable<KeyValuePair<StateKey, byte[]>> Values => _values;

    public byte[]? TryGet(StateKey key) => _values.GetValueOrDefault(key);

    public void Apply(WriteSet writes)
    {
        foreach (StateWrite write in writes.Writes)
        {
            if (write.Value is null)
            {
                _values.Remove(write.Key);
            }
            else
            {
                _values[write.Key] = write.Value;
            }
        }
    }

    public Hash32 Root() => SparseMerkle.Root(WriteSet.From(_values.Select(entry => new StateWrite(entry.Key, entry.Value))));
}

/// <summary>A chain of one process: genesis, then blocks under the stack of a chosen name; the record's part is played by hand.</summary>
internal sealed class Chain
{
    public const ulong Unit = 100_000_000;
    public const ulong StartMicros = 1_700_000_000_000_000;

    private static readonly StackTable Shared = StackTable.Of();
    private static readonly ConcurrentDictionary<string, Lazy<BlockResult>> Begun = new();

    private readonly StackTable _table;

    /// <param name="modules">The framework at genesis; null for the real one with the lab.</param>
    /// <param name="stack">The stack at genesis; null for the oldest of this software.</param>
    /// <param name="table">Stacks with their caches; null for those of all tests.</param>
    /// <param name="validators">Of genesis.</param>
    /// <param name="others">Further accounts of genesis, as rich as Alice.</param>
    public Chain(
        IReadOnlyList<byte[]>? modules = null, string? stack = null, StackTable? table = null, int validators = 4,
        params IReadOnlyList<TestAccount> others)
    {
        _table = table ?? Shared;
        StackName = stack ?? Oldest.Name;
        Validators = [.. Enumerable.Range(1, validators).Select(i => new TestAccount("validator" + i))];
        Alice = new TestAccount("alice");
        Bob = new TestAccount("bob");
        Proposer = Validators[0].Address;
        ValidatorSet = [.. Validators.Select(account =>
            new ValidatorEntry(account.Address, new Hash32(Ed25519.PublicKey(account.Seed)), 1_000)).OrderBy(entry => entry.Address)];
        modules ??= Framework.WithLab;
        GenesisInput = new GenesisInput(
            Context(0) with { GenesisHash = Hash32.Zero },
            modules,
            new GenesisGovernance(3_600_000_000, 40, 5, 40, Unit, 100 * Unit, 2),
            [.. new[] { Alice, Bob }.Concat(Validators).Concat(others)
                .Select(account => new GenesisAccount(account.Address, 1_000 * Unit, new Hash32(account.Address.ToArray())))],
            ValidatorSet);
        Genesis = Begun.GetOrAdd($"{StackName} {validators} {others.Count} {Framework.Root(modules)}", _ =>
            new Lazy<BlockResult>(() => Stack.Genesis(GenesisInput))).Value;
        State.Apply(Genesis.Writes);
        CodeRoot = Genesis.CodeRoot;
        Components = [new("execution", 1, Stack.StackId, 0, Hash32.Zero, 0, 0, 16)];
    }

    /// <summary>The rules of the oldest stack that there is: what tests mean that do not care which.</summary>
    public static StackRules Oldest { get; } = ((RuleStack)StackTable.BuiltIn()[0].Create()).Rules;

    public static TheoryData<string> StackNames => [.. StackTable.BuiltIn().Select(entry => entry.Name)];

    public string StackName { get; set; }

    /// <summary>A stack with other numbers, for tests of limits that gas would end before.</summary>
    public IExecutionStack? Other { get; set; }

    public IExecutionStack Stack => Other ?? _table.Find(_table.Entries.Single(entry => entry.Name == StackName).ModuleId)!;

    public BlockResult Genesis { get; }

    public GenesisInput GenesisInput { get; }

    /// <summary>Told of every block.</summary>
    public Action<BlockInput>? Executed { get; set; }

    public MapState State { get; } = new();

    public TestAccount Alice { get; }

    public TestAccount Bob { get; }

    public IReadOnlyList<TestAccount> Validators { get; }

    /// <summary>The last block. Set it to leave out blocks in which nothing happens.</summary>
    public ulong Height { get; set; }

    /// <summary>What the record keeps of the parameters.</summary>
    public ProtocolParameters Parameters { get; set; } = RecordModels.Known.Find(1)!.Parameters.Defaults;

    public ulong Epoch { get; set; } = 1;

    public Hash32 CodeRoot { get; private set; }

    public IReadOnlyList<EvidenceFact> Evidence { get; set; } = [];

    public IReadOnlyList<Address> Missed { get; set; } = [];

    public Address Proposer { get; set; }

    public IReadOnlyList<ComponentFact> Components { get; set; }

    /// <summary>The set in force, sorted by address.</summary>
    public IReadOnlyList<ValidatorEntry> ValidatorSet { get; set; }

    public BlockContext Context(ulong height) => new(
        height, StartMicros + (height * 250_000), Epoch, Proposer, Missed, Evidence, ValidatorSet, Components ?? [],
        Hash32.FromHex(new string('7', 64)), 4)
    { Parameters = Parameters };

    /// <summary>Executes the next block and keeps its writes.</summary>
    public BlockResult Block(params IReadOnlyList<byte[]> transactions)
    {
        Height++;
        BlockInput input = new(Context(Height), transactions, Height * 1_000);
        BlockResult result = Stack.Execute(input, State);
        Executed?.Invoke(input);
        State.Apply(result.Writes);
        CodeRoot = result.CodeRoot;
        return result;
    }

    /// <summary>Empty blocks up to a height.</summary>
    public void AdvanceTo(ulong height)
    {
        while (Height < height)
        {
            Block();
        }
    }

    /// <summary>The one user transaction of a block of its own.</summary>
    public TransactionOutput Run(TestAccount sender, TransactionPayload payload, ulong maxGas = 2_000_000) =>
        Block(Sign(sender, payload, maxGas)).Outputs[1];

    public byte[] Sign(TestAccount sender, TransactionPayload payload, ulong maxGas = 2_000_000, ulong price = 1, ulong? sequence = null,
        ulong expiresIn = 600, byte chain = 4)
    {
        ulong number = sequence ?? sender.Sequence++;
        return SignedTransaction.Sign(
            new RawTransaction(sender.Address, number, payload, maxGas, price, (StartMicros / 1_000_000) + expiresIn, chain),
            sender.Seed).Bytes;
    }

    public static TransactionPayload Transfer(Address to, ulong amount) => new TransactionPayload.EntryFunction(
        new ModuleId(Address.One, "coin"), "transfer", [TypeTag.Of(new StructTag(Address.One, "theseus_coin", "TheseusCoin", []))],
        [to.ToArray(), U64(amount)]);

    public static TransactionPayload Call(string module, string function, params IReadOnlyList<byte[]> arguments) =>
        new TransactionPayload.EntryFunction(new ModuleId(Address.One, module), function, [], arguments);

    public ulong Balance(Address owner) => new BcsReader(View("theseus_coin", "balance", owner.ToArray())[0]).U64();

    public IReadOnlyList<byte[]> View(string module, string function, params IReadOnlyList<byte[]> arguments)
    {
        ViewResult result = Stack.View(new ViewCall(new ModuleId(Address.One, module), function, [], arguments), Context(Height), State);
        Assert.True(result.Status.Kind == StatusKind.Success, $"{result.Status} {result.FailurePlace}");
        return [.. result.Values.Select(value => value.Value)];
    }

    /// <summary>Writes another epoch interval into the configuration: Configuration {epoch, started, interval, ...}.</summary>
    public void EpochMicros(ulong interval)
    {
        // 0x1::consensus_config::Settings begins with the names and the values
        StateKey key = StateKey.Resource(Address.One, new StructTag(Address.One, "consensus_config", "Settings", []));
        byte[] value = State.TryGet(key)!;
        BcsReader reader = new(value);
        List<string> names = [];
        for (int left = reader.Count(64); left > 0; left--)
        {
            names.Add(reader.Text(64));
        }

        List<ulong> values = [];
        for (int left = reader.Count(64); left > 0; left--)
        {
            values.Add(reader.U64());
        }

        values[names.IndexOf("epochMicros")] = interval;
        byte[] head = new BcsWriter()
            .List(names, static (w, name) => w.Text(name)).List(values, static (w, number) => w.U64(number)).ToArray();
        State.Apply(WriteSet.From([new StateWrite(key, [.. head, .. value.AsSpan(head.Length)])]));
    }

    public (ulong Bonded, ulong Unbonding, ulong Pending) Pool(Address validator)
    {
        IReadOnlyList<byte[]> values = View("stake", "pool", validator.ToArray());
        return (new BcsReader(values[0]).U64(), new BcsReader(values[1]).U64(), new BcsReader(values[4]).U64());
    }

    /// <summary>Proposal status: 0 pending, 1 approved, 2 queued, 3 resolved, 4 rejected, 5 expired, 6 cancelled.</summary>
    public byte StatusOf(ulong id) => View("governance", "proposal", U64(id))[3][0];

    /// <summary>Proposes a script, votes and waits for the enactment delay: the next block may resolve it.</summary>
    public ulong Approve(byte[] script)
    {
        Run(Bob, Call("governance", "propose", Bytes(Hashing.Sha3(script).ToArray()), [0])).Success();
        ulong id = new BcsReader(View("governance", "proposal_count")[0]).U64();
        BlockResult votes = Block([.. Validators.Take(3).Select(validator => Sign(validator, Call("governance", "vote", U64(id), [1])))]);
        Assert.All(votes.Outputs, output => Assert.Equal(StatusKind.Success, output.Receipt.Status.Kind));
        AdvanceTo(Height + 5);
        Assert.Equal(1, StatusOf(id));
        return id;
    }

    /// <summary>Sends an approved script in a block of its own.</summary>
    public BlockResult Resolve(byte[] script, TestAccount? sender = null) =>
        Block(Sign(sender ?? Alice, new TransactionPayload.Script(script, [], []), 50_000_000));

    public static byte[] U64(ulong value) => new BcsWriter(8).U64(value).ToArray();

    public static byte[] Bytes(ReadOnlySpan<byte> value) => new BcsWriter().Bytes(value).ToArray();
}
