using Theseus.Consensus;
using Theseus.Protocol;

namespace Theseus.Storage;

/// <summary>The first atomic unit: a decided block with its certificate and record (execution 6).</summary>
public sealed record DecidedBlock(Block Block, CommitCertificate Certificate, ProtocolRecord Record);

/// <summary>The second atomic unit: what a decided block's execution made (execution 6).</summary>
/// <param name="Result">result(H), whose state root the writes must lead to.</param>
/// <param name="Writes">The block's net writes.</param>
/// <param name="Outputs">begin, transactions, end; empty when the result is void.</param>
/// <param name="ServiceEvents">What the next record is told, in the order of execution (record P6).</param>
public sealed record ExecutedBlock(
    BlockResultSummary Result,
    IReadOnlyList<TransactionOutput> Outputs,
    WriteSet Writes,
    IReadOnlyList<ServiceEvent> ServiceEvents);

/// <summary>A transaction as executed.</summary>
/// <param name="Version">Its global index (execution 2).</param>
/// <param name="Height">Its block.</param>
/// <param name="Index">Its place among the block's outputs; the user transaction of the body is one before it.</param>
/// <param name="Output">Its receipt, writes, events and place of failure.</param>
public sealed record StoredTransaction(ulong Version, ulong Height, uint Index, TransactionOutput Output);

/// <summary>Proven misbehaviour and the block that holds the proof.</summary>
public sealed record CommittedOffence(EvidenceKey Offence, ulong IncludedAt);

/// <summary>A value of the state.</summary>
public sealed record StateEntry(StateKey Key, byte[] Value);

/// <summary>What a store holds.</summary>
/// <param name="Decided">The last decided block, 0 for genesis.</param>
/// <param name="Executed">
/// The last block whose values are stored: the execution marker. Decided blocks above it are executed again after a
/// restart.
/// </param>
/// <param name="FirstBlock">The oldest block kept.</param>
/// <param name="FirstState">The oldest height whose values are all kept.</param>
/// <param name="FirstProof">The oldest height that can be proven.</param>
public sealed record StoreWindow(ulong Decided, ulong Executed, ulong FirstBlock, ulong FirstState, ulong FirstProof);

/// <summary>How much of the past a store keeps, in blocks before the last executed one; null keeps all.</summary>
/// <param name="Blocks">Blocks, certificates, results, transactions.</param>
/// <param name="States">Values at every height; null is an archive.</param>
/// <param name="Proofs">Tree nodes (execution 6: 10,000 by default).</param>
public sealed record Retention(ulong? Blocks, ulong? States, ulong? Proofs)
{
    /// <summary>All blocks; values and proofs of the last 10,000.</summary>
    public static Retention Default { get; } = new(null, 10_000, 10_000);

    /// <summary>Values of all heights; proofs of the last 10,000.</summary>
    public static Retention Archive { get; } = new(null, null, 10_000);
}

/// <summary>A state tree computed ahead of its storing, so that a result has its root while its block is unsealed (record P5).</summary>
public sealed class PreparedState
{
    internal PreparedState(ulong height, Subtree before, TreeUpdate update, WriteSet writes)
    {
        Height = height;
        Before = before;
        Update = update;
        Writes = writes;
    }

    /// <summary>The block whose writes it holds.</summary>
    public ulong Height { get; }

    /// <summary>The state root after that block.</summary>
    public Hash32 Root => Update.Root.Hash;

    internal Subtree Before { get; }

    internal TreeUpdate Update { get; }

    internal WriteSet Writes { get; }
}

/// <summary>Why a store refuses. Exit code 4 of the node for the first three.</summary>
public enum StoreFault
{
    /// <summary>Another process, or this one, has the folder open.</summary>
    Locked,

    /// <summary>Written by software with another schema.</summary>
    Schema,

    /// <summary>Holds another chain.</summary>
    OtherChain,

    /// <summary>Holds no chain yet: nothing was begun in it, or what was is lost.</summary>
    Empty,

    /// <summary>A call out of order, e.g. a gap in heights: a bug of the caller.</summary>
    Order,

    /// <summary>Outside what retention keeps.</summary>
    Pruned,

    /// <summary>The device, or the data, is broken.</summary>
    Broken,
}

/// <summary>A store that cannot do what is asked.</summary>
public sealed class StoreException(StoreFault fault, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Which kind of fault.</summary>
    public StoreFault Fault { get; } = fault;
}

/// <summary>
/// Everything a node keeps of its chain. Reads may come from any thread and see whole units only; writes come one at a time.
/// Each write is durable when it returns. Heights outside the window are null where null is possible, else <see cref="StoreFault.Pruned"/>.
/// </summary>
public interface IChainStore : IDisposable
{
    /// <summary>Stores genesis as height 0, or checks that this store holds the same chain.</summary>
    /// <exception cref="StoreException">OtherChain.</exception>
    GenesisBlock Initialise(Genesis genesis);

    /// <summary>The chain, or null before <see cref="Initialise"/>.</summary>
    ChainIdentity? Chain { get; }

    /// <summary>What the store holds now.</summary>
    /// <exception cref="StoreException">Order: before <see cref="Initialise"/>.</exception>
    StoreWindow Window { get; }

    /// <summary>Stores the next decided block.</summary>
    /// <exception cref="StoreException">Order: the height is not the next one.</exception>
    void Append(DecidedBlock decided);

    /// <summary>
    /// What stands at a key will probably be written by the block that is executed now: what the tree needs for that may be read ahead.
    /// Costs the caller nothing, changes nothing that is read; any number may be ignored.
    /// </summary>
    void Expect(StateKey key);

    /// <summary>Computes the state tree after the next block to be executed, and stores nothing.</summary>
    /// <exception cref="StoreException">Order: the height is not the one after the marker.</exception>
    PreparedState Prepare(ulong height, WriteSet writes);

    /// <summary>Stores the results of the block after the marker and moves the marker; prunes a slice.</summary>
    /// <param name="executed">What execution made.</param>
    /// <param name="prepared">From <see cref="Prepare"/>, or null to compute it now.</param>
    /// <returns>The state root.</returns>
    /// <exception cref="StoreException">Order; or Broken when the root is not the result's.</exception>
    Hash32 CommitState(ExecutedBlock executed, PreparedState? prepared = null);

    /// <summary>
    /// <see cref="CommitState"/> beside the caller, where there is a device to wait for. Until it has ended nothing else may be written;
    /// what is read is as before it or as after it.
    /// </summary>
    Task<Hash32> CommitBesideAsync(ExecutedBlock executed, PreparedState? prepared = null);

    /// <summary>A decided block; null for genesis, outside the window, and above the last decided one.</summary>
    /// <exception cref="StoreException">Broken: the stored bytes do not decode.</exception>
    Block? Block(ulong height);

    /// <summary>The header of a decided block; null where <see cref="Block"/> is.</summary>
    BlockHeader? Header(ulong height);

    /// <summary>The certificate that decided a height.</summary>
    CommitCertificate? Certificate(ulong height);

    /// <summary>record(height).</summary>
    ProtocolRecord? Record(ulong height);

    /// <summary>The height of a block id; 0 for the genesis hash.</summary>
    ulong? HeightOf(Hash32 blockId);

    /// <summary>result(height), at or below the marker.</summary>
    BlockResultSummary? Result(ulong height);

    /// <summary>Service events of result(height), at or below the marker.</summary>
    IReadOnlyList<ServiceEvent>? ServiceEvents(ulong height);

    /// <summary>By global version.</summary>
    StoredTransaction? Transaction(ulong version);

    /// <summary>By hash; executed receipts only, a skipped transaction is not found (execution 4).</summary>
    StoredTransaction? Transaction(Hash32 hash);

    /// <summary>The canonical bytes of a stored user transaction; null for system transactions.</summary>
    byte[]? TransactionBytes(StoredTransaction transaction);

    /// <summary>Whether an offence is already in a stored block (consensus N3).</summary>
    bool IsCommitted(EvidenceKey offence);

    /// <summary>
    /// Offences of heights below a height that stored blocks hold or, when pruned, held: the newest, in order of height. Reads
    /// <paramref name="limit"/> rows, and the rest of the lowest height's, which are three for each validator at most: that height
    /// is then <paramref name="below"/> of the page before.
    /// </summary>
    IReadOnlyList<CommittedOffence> Offences(ulong below, int limit);

    /// <summary>The state after a height at or below the marker.</summary>
    /// <exception cref="StoreException">Pruned, or not executed yet (Order).</exception>
    IStateReader StateAt(ulong height);

    /// <summary>Values of one owner (an account, or a table's handle) after a height, by kind and key hash.</summary>
    /// <param name="height">The height.</param>
    /// <param name="owner">Account or table handle.</param>
    /// <param name="kind">Resources, modules or table items.</param>
    /// <param name="after">Continue after this key hash; null from the start.</param>
    /// <param name="limit">Entries at most.</param>
    /// <exception cref="StoreException">Pruned, or not executed yet (Order).</exception>
    IReadOnlyList<StateEntry> List(ulong height, Address owner, StateKeyKind kind, Hash32? after, int limit);

    /// <summary>All values after a height, a page at a time, by owner, kind and key hash: for audits of the whole state.</summary>
    /// <param name="height">The height.</param>
    /// <param name="after">Continue after this key; null from the start.</param>
    /// <param name="limit">Entries at most; fewer only at the end.</param>
    /// <exception cref="StoreException">Pruned, or not executed yet (Order).</exception>
    IReadOnlyList<StateEntry> Scan(ulong height, StateKey? after, int limit);

    /// <summary>The proof of what stands at a key after a height, against result(height).StateRoot.</summary>
    /// <exception cref="StoreException">Pruned: outside the proof window; or not executed yet (Order).</exception>
    StateProof Prove(ulong height, StateKey key);

    /// <summary>
    /// Raises every floor to a height (blocks, values and proofs) and removes at most <paramref name="rows"/> rows
    /// below it.
    /// </summary>
    /// <returns>Whether more remains.</returns>
    bool Prune(ulong below, int rows);
}
