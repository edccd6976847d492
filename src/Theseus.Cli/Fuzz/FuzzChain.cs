using Theseus.Cli.Commands;
using Theseus.Cli.Framework;
using Theseus.Cli.Localnet;
using Theseus.Consensus;
using Theseus.Execution;
using Theseus.Protocol;

namespace Theseus.Cli.Fuzz;

/// <summary>What all targets build their valid samples from: a localnet's genesis, its public keys and the framework. Made once a
/// process.</summary>
internal sealed class FuzzChain
{
    /// <summary>Gas that a transaction of the samples may use.</summary>
    private const ulong MaximumGas = 20_000;

    /// <summary>Names of the funded accounts.</summary>
    private static readonly string[] Names = ["alice", "bob", "carol"];

    /// <param name="framework">The release at genesis; null for the one of this checkout.</param>
    public FuzzChain(FrameworkRelease? framework = null)
    {
        Framework = framework ?? FrameworkRelease.FromSources();
        LocalnetNode[] nodes = [.. Enumerable.Range(1, 4).Select(i => Node($"n{i}"))];
        LocalnetAccount[] accounts =
        [
            .. Names.Select(name => new LocalnetAccount(
                name, Wallet.AddressOf(Wallet.TestSeed(name)).ToLongString(), Convert.ToHexStringLower(Wallet.TestSeed(name)))),
        ];
        Genesis = LocalnetGenesis.Create(nodes, accounts, Framework.Modules);
        Validators =
        [
            .. Enumerable.Range(1, 4).Select(i => new FuzzKey(LocalnetPlan.NodeSeed($"n{i}"), LocalnetPlan.ValidatorAddress($"n{i}")))
                .OrderBy(key => key.Address),
        ];
        Users = [.. Names.Select(name => new FuzzKey(Wallet.TestSeed(name), Wallet.AddressOf(Wallet.TestSeed(name))))];
    }

    /// <summary>The framework at 0x1.</summary>
    public FrameworkRelease Framework { get; }

    /// <summary>The chain's beginning: four validators of equal power.</summary>
    public Genesis Genesis { get; }

    /// <summary>The validators' keys, in the order of their addresses.</summary>
    public IReadOnlyList<FuzzKey> Validators { get; }

    /// <summary>Accounts with coins.</summary>
    public IReadOnlyList<FuzzKey> Users { get; }

    /// <summary>The execution stacks of this software.</summary>
    public StackTable Stacks { get; } = StackTable.Of();

    /// <summary>A signed transaction of a user.</summary>
    /// <param name="from">Who signs.</param>
    /// <param name="sequence">Its number.</param>
    /// <param name="payload">What it does.</param>
    public SignedTransaction Sign(FuzzKey from, ulong sequence, TransactionPayload payload) => SignedTransaction.Sign(
        new RawTransaction(from.Address, sequence, payload, MaximumGas, 100, (Genesis.Time / 1_000) + 3_600, Genesis.TxChainId), from.Seed);

    /// <summary>A certificate of a height's block with all validators' signatures.</summary>
    /// <param name="context">What the signatures are bound to.</param>
    /// <param name="height">The height.</param>
    /// <param name="value">The block.</param>
    public CommitCertificate Certify(SignContext context, ulong height, ValueId value) => new(height, 0, value, [.. Validators.Select(key =>
    {
        Vote vote = new(VoteType.Precommit, height, 0, value, Rounds.Nil, key.Id);
        return new CertificateSignature(key.Id, key.Sign(SignBytes.Of(context, vote)));
    })]);

    private static LocalnetNode Node(string name) => new(
        name, "validator", "", 0, 0, 0, 0, 0, Convert.ToHexStringLower(Ed25519.PublicKey(LocalnetPlan.NodeSeed(name))),
        LocalnetPlan.ValidatorAddress(name).ToLongString());
}

/// <summary>A key whose seed everybody knows.</summary>
/// <param name="Seed">32 bytes.</param>
/// <param name="Address">Its account, or the validator that it signs for.</param>
internal sealed record FuzzKey(byte[] Seed, Address Address)
{
    /// <summary>The validator's id.</summary>
    public ValidatorId Id => ValidatorSets.ToId(Address);

    /// <summary>Signs bytes.</summary>
    public ByteString Sign(ReadOnlySpan<byte> message) => new(Ed25519.Sign(Seed, message));
}
