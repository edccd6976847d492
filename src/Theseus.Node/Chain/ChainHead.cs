using Theseus.Consensus;
using Theseus.Protocol;

namespace Theseus.Node;

/// <summary>
/// The newest executed block and what follows from it, immutable: the one object that readers, the mempool and the
/// proposer share. The block is unsealed: its values are an overlay on the store (record P5).
/// </summary>
/// <param name="Height">0 is genesis.</param>
/// <param name="BlockId">The block's id; the genesis hash at height 0.</param>
/// <param name="Time">Its header's time in milliseconds.</param>
/// <param name="Block">Null for genesis.</param>
/// <param name="Certificate">What decided it; null for genesis.</param>
/// <param name="Record">record(Height).</param>
/// <param name="Next">rules(Height + 1).</param>
/// <param name="Result">result(Height), which the next block is to agree on.</param>
/// <param name="Outputs">begin, transactions, end.</param>
/// <param name="ServiceEvents">Of that result, in the order of execution.</param>
/// <param name="State">State after the block.</param>
public sealed record ChainHead(
    ulong Height,
    Hash32 BlockId,
    ulong Time,
    Block? Block,
    CommitCertificate? Certificate,
    ProtocolRecord Record,
    Rules Next,
    BlockResultSummary Result,
    IReadOnlyList<TransactionOutput> Outputs,
    IReadOnlyList<ServiceEvent> ServiceEvents,
    IStateReader State)
{
    private BlockContext? _nextContext;

    /// <summary>Evidence that this block's begin hook did not accept: the next block's gets it.</summary>
    public IReadOnlyList<EvidenceFact> Carried { get; init; } = [];

    /// <summary>
    /// Facts of the block that admission and simulation pretend to be in (execution 8.9): head + 1, head time + 1
    /// microsecond, nobody proposes.
    /// </summary>
    /// <param name="chain">The chain of this head, one and the same at every call: the facts are put together once.</param>
    public BlockContext NextContext(ChainIdentity chain) => _nextContext ??= new BlockContext(
        Height + 1, (Time * 1_000) + 1, Next.Epoch, Address.Zero, [], [], Next.Set.Validators, ComponentFacts.Of(Record),
        chain.GenesisHash, chain.TxChainId)
    {
        Parameters = Record.Parameters,
    };
}
