namespace Theseus.Protocol;

/// <summary>Parameters of the framework that genesis fixes; governance may change them later. Lengths in blocks.</summary>
public sealed record GenesisGovernance(
    ulong EpochMicros,
    ulong VotingBlocks,
    ulong EnactmentBlocks,
    ulong ExecutionBlocks,
    ulong ProposalDeposit,
    ulong MinimumBond,
    ulong UnbondingEpochs);

/// <summary>What the genesis stack runs as block 0: one system transaction (execution 8.7).</summary>
/// <param name="Context">
/// Height 0, the genesis time, the genesis validators; its genesis hash is zero, since the genesis commits to what this writes.
/// </param>
/// <param name="Modules">Module blobs at 0x1.</param>
/// <param name="Governance">The framework's first parameters.</param>
/// <param name="Accounts">Allocations; the amounts are in the smallest unit.</param>
/// <param name="Validators">Each bonds one whole coin (10^8 units) for each unit of power.</param>
public sealed record GenesisInput(
    BlockContext Context,
    IReadOnlyList<byte[]> Modules,
    GenesisGovernance Governance,
    IReadOnlyList<GenesisAccount> Accounts,
    IReadOnlyList<ValidatorEntry> Validators);
