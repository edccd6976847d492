using Theseus.Consensus;

namespace Theseus.Protocol;

/// <summary>Normal blocks carry result(H-1); an SOS block voids it (record P5, P16).</summary>
public enum BlockKind : byte
{
    /// <summary>Carries the parent's result and may hold transactions.</summary>
    Normal = 0,

    /// <summary>Voids the parent's result; needs grounds (record P16).</summary>
    Sos = 1,
}

/// <summary>What a commit certificate names; its hash is the block id and the consensus value id.</summary>
/// <param name="ChainId">The chain's name.</param>
/// <param name="Height">1 and up; height 0 is genesis.</param>
/// <param name="Round">The round of its first proposal (consensus N10).</param>
/// <param name="Time">Milliseconds, greater than the parent's (consensus N5).</param>
/// <param name="Parent">Block id of the parent; the genesis hash at height 1.</param>
/// <param name="ParentResult">Id of result(H-1); null in an SOS block.</param>
/// <param name="RecordId">Id of record(H) (record P1).</param>
/// <param name="SetId">Id of the validator set of this height.</param>
/// <param name="NextSetId">Id of the validator set of the next height (record P7).</param>
/// <param name="BodyRoot">Commits to the body without its last commit.</param>
/// <param name="LastCommit">Hash of the certificate for the parent that the body carries; zero at height 1.</param>
/// <param name="Proposer">proposer(H, Round).</param>
public sealed record BlockHeader(
    string ChainId,
    ulong Height,
    int Round,
    ulong Time,
    Hash32 Parent,
    Hash32? ParentResult,
    Hash32 RecordId,
    Hash32 SetId,
    Hash32 NextSetId,
    Hash32 BodyRoot,
    Hash32 LastCommit,
    Address Proposer);

/// <summary>The lists may be empty; their places exist from block 1.</summary>
/// <param name="Kind">Normal or SOS.</param>
/// <param name="LastCommit">A certificate for the parent (consensus N13); null at height 1.</param>
/// <param name="Evidence">At most 16 (consensus N3).</param>
/// <param name="Declarations">Readiness declarations, canonical bytes (record P9); empty until readiness lands.</param>
/// <param name="Directives">Emergency directives, canonical bytes, at most 1 (record P12); empty until they land.</param>
/// <param name="Transactions">Signed transactions, canonical bytes.</param>
public sealed record BlockBody(
    BlockKind Kind,
    CommitCertificate? LastCommit,
    IReadOnlyList<Evidence> Evidence,
    IReadOnlyList<byte[]> Declarations,
    IReadOnlyList<byte[]> Directives,
    IReadOnlyList<byte[]> Transactions);

/// <summary>A header and the body that it commits to.</summary>
/// <param name="Header">Its hash is the block's id.</param>
/// <param name="Body">Bound by the header's body root and last commit.</param>
public sealed record Block(BlockHeader Header, BlockBody Body);

/// <summary>How a block's execution ended.</summary>
public enum ResultStatus : byte
{
    /// <summary>Every transaction has a receipt.</summary>
    Executed = 0,

    /// <summary>
    /// An SOS block ran nothing: roots are empty, the state is that before the block it voids (record P16).
    /// </summary>
    Void = 1,

    /// <summary>Executed, then dropped because an invariant broke, which the summary names (record P11).</summary>
    Voided = 2,
}

/// <summary>result(H), whose id the header of H+1 carries (execution 3): SHA-256 of its BCS in this order.</summary>
/// <param name="Height">The block's height.</param>
/// <param name="Status">How its execution ended.</param>
/// <param name="StackId">The module that made it.</param>
/// <param name="StateRoot">The state tree after the block.</param>
/// <param name="ReceiptsRoot">Over begin, transactions, end.</param>
/// <param name="ServiceEventsRoot">Over the block's service events, in order of execution.</param>
/// <param name="CodeRoot">The modules at 0x1 after the block.</param>
/// <param name="GasUsed">Gas units of all its transactions.</param>
/// <param name="Fees">Fees of all its transactions, in the smallest coin units.</param>
/// <param name="FirstVersion">Global index of the block's first transaction (execution 2).</param>
/// <param name="TransactionCount">Receipts, system transactions included: the next block's first version is this much higher.</param>
/// <param name="BrokenInvariant">Names the invariant that voided the result (record P11), else null; part of the status.</param>
public sealed record BlockResultSummary(
    ulong Height,
    ResultStatus Status,
    Hash32 StackId,
    Hash32 StateRoot,
    Hash32 ReceiptsRoot,
    Hash32 ServiceEventsRoot,
    Hash32 CodeRoot,
    ulong GasUsed,
    UInt128 Fees,
    ulong FirstVersion,
    uint TransactionCount,
    string? BrokenInvariant = null);
