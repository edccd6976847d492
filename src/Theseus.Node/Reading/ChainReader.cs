using Theseus.Consensus;
using Theseus.Execution;
using Theseus.Protocol;
using Theseus.Storage;

namespace Theseus.Node;

/// <summary>Why a read cannot be answered.</summary>
public enum ReadFault
{
    /// <summary>There is nothing of this name.</summary>
    NotFound,

    /// <summary>The height is above the newest one that has what was asked for.</summary>
    Ahead,

    /// <summary>The height is below the oldest one kept.</summary>
    Pruned,

    /// <summary>The height's own rules need an execution stack that this node lacks.</summary>
    ModuleMissing,
}

/// <summary>A read that cannot be answered; mapped to an API error at the edge.</summary>
public sealed class ReadException(ReadFault fault, string message, ulong? oldest = null, Hash32? required = null, ulong? newest = null)
    : Exception(message)
{
    /// <summary>Which kind of fault.</summary>
    public ReadFault Fault { get; } = fault;

    /// <summary>Oldest height kept, for <see cref="ReadFault.Pruned"/>.</summary>
    public ulong? Oldest { get; } = oldest;

    /// <summary>Newest height that can be answered, for <see cref="ReadFault.Ahead"/>.</summary>
    public ulong? Newest { get; } = newest;

    /// <summary>The module that is needed, for <see cref="ReadFault.ModuleMissing"/>.</summary>
    public Hash32? Required { get; } = required;
}

/// <summary>A block as readers see it.</summary>
/// <param name="Height">Its height.</param>
/// <param name="Id">Its id.</param>
/// <param name="Header">Null for genesis.</param>
/// <param name="Block">Null for genesis.</param>
/// <param name="Certificate">
/// What decided it, null for genesis: the certificate that the next block carries, the same on every node, once there is one; before, this
/// node's own.
/// </param>
/// <param name="IsCertificateAgreed">Whether it is the next block's.</param>
/// <param name="Result">Null while it is not executed here.</param>
/// <param name="IsSealed">Whether the next block has agreed on the result.</param>
/// <param name="Time">Its time in milliseconds; genesis has one too.</param>
public sealed record ReadBlock(
    ulong Height, Hash32 Id, BlockHeader? Header, Block? Block, CommitCertificate? Certificate, bool IsCertificateAgreed,
        BlockResultSummary? Result, bool IsSealed, ulong Time);

/// <summary>A user or system transaction as executed.</summary>
public sealed record ReadTransaction(ulong Height, ulong Version, TransactionOutput Output, byte[]? Bytes, bool IsSealed);

/// <summary>A height as views see it.</summary>
/// <param name="Stack">The stack that ran its block.</param>
/// <param name="Context">The block's facts.</param>
/// <param name="State">The state after it.</param>
public sealed record ChainView(IExecutionStack Stack, BlockContext Context, IStateReader State)
{
    /// <summary>Runs a view; any number of them share what was read for the height.</summary>
    public ViewResult Run(ViewCall call) => Stack.View(call, Context, State);
}

/// <summary>
/// Reads of the chain at any height kept, each answered under the rules of its own height (record P15). Safe from any thread.
/// </summary>
public sealed class ChainReader(ChainExecution chain)
{
    /// <summary>What names the chain.</summary>
    public ChainIdentity Chain => chain.Chain;

    /// <summary>The newest executed block.</summary>
    public ChainHead Head => chain.Head;

    /// <summary>The newest height whose result is agreed.</summary>
    public ulong SealedHeight => chain.SealedHeight;

    /// <summary>What is stored.</summary>
    public StoreWindow Window => chain.Store.Window;

    /// <summary>
    /// Offences of heights below a height that blocks of this chain have proven, the newest <paramref name="limit"/> of them.
    /// </summary>
    public IReadOnlyList<CommittedOffence> Offences(ulong below, int limit) => chain.Store.Offences(below, limit);

    /// <summary>The execution stacks of this node.</summary>
    public StackTable Stacks => chain.Stacks;

    /// <summary>Whether this node has a module, of whatever component.</summary>
    public bool Supports(Hash32 moduleId) => chain.Supports(moduleId);

    /// <summary>The modules that this node has.</summary>
    public IReadOnlyList<Hash32> SupportedModules => chain.SupportedModules;

    /// <summary>The height of a block id.</summary>
    public ulong HeightOf(Hash32 blockId) =>
        chain.Head is { } head && head.BlockId == blockId ? head.Height
        : chain.Store.HeightOf(blockId) ?? throw new ReadException(ReadFault.NotFound, $"no block 0x{blockId} here");

    /// <summary>A block, from genesis to the newest decided one.</summary>
    /// <exception cref="ReadException">Ahead or Pruned.</exception>
    public ReadBlock Block(ulong height)
    {
        ChainHead head = chain.Head;
        if (height > Window.Decided)
        {
            throw new ReadException(ReadFault.Ahead, $"block {height} is not decided yet; the newest is {Window.Decided}",
                newest: Window.Decided);
        }

        Block? block = height == 0 ? null : chain.Store.Block(height) ?? throw new ReadException(ReadFault.Pruned,
            $"block {height} was pruned", Window.FirstBlock);
        Hash32 id = block is null ? Chain.GenesisHash : BlockCodec.IdOf(block.Header);
        BlockResultSummary? result = height == head.Height ? head.Result : height < head.Height ? chain.Store.Result(height) : null;
        CommitCertificate? agreed = height == 0 ? null : AgreedCertificate(height);
        return new ReadBlock(
            height, id, block?.Header, block, agreed ?? (height == 0 ? null : chain.Store.Certificate(height)), agreed is not null,
                result, height <= SealedHeight,
            block?.Header.Time ?? chain.GenesisTime);
    }

    /// <summary>
    /// The certificate of a block that the next one carries: consensus is on it, so every node has the same. Null while there is
    /// none.
    /// </summary>
    private CommitCertificate? AgreedCertificate(ulong height) =>
        height < Window.Decided && chain.Store.Block(height + 1)?.Body.LastCommit is { } certificate && certificate.Height == height
            ? certificate : null;

    /// <summary>record(height).</summary>
    /// <exception cref="ReadException">Ahead or Pruned.</exception>
    public ProtocolRecord Record(ulong height) =>
        height == chain.Head.Height ? chain.Head.Record
        : height > Window.Decided ? throw new ReadException(ReadFault.Ahead,
            $"block {height} is not decided yet; the newest is {Window.Decided}", newest: Window.Decided)
        : chain.Store.Record(height) ?? throw new ReadException(ReadFault.Pruned, $"the record of block {height} was pruned",
            Window.FirstBlock);

    /// <summary>State after a block.</summary>
    public IStateReader StateAt(ulong height)
    {
        ChainHead head = chain.Head;
        if (height == head.Height)
        {
            return head.State;
        }

        if (height > head.Height)
        {
            throw new ReadException(ReadFault.Ahead, $"block {height} is not executed yet; the newest is {head.Height}",
                newest: head.Height);
        }

        try
        {
            return chain.Store.StateAt(height);
        }
        catch (StoreException e) when (e.Fault == StoreFault.Pruned)
        {
            throw new ReadException(ReadFault.Pruned,
                $"the state of block {height} was pruned; the oldest kept is {Window.FirstState}", Window.FirstState);
        }
    }

    /// <summary>The stack that ran a block: what the block's own record names.</summary>
    public IExecutionStack StackAt(ulong height) => StackOf(height, Record(height));

    private IExecutionStack StackOf(ulong height, ProtocolRecord record)
    {
        Hash32 moduleId = record.Find(Components.Execution)!.Current.ModuleId;
        return chain.Stacks.Find(moduleId) ?? throw new ReadException(ReadFault.ModuleMissing,
            $"block {height} ran under execution stack {moduleId}, which this node lacks", required: moduleId);
    }

    /// <summary>What views of one height need, read once: its stack, its facts and its state.</summary>
    public ChainView At(ulong height)
    {
        ChainHead head = chain.Head;
        ProtocolRecord record = Record(height);
        BlockHeader? header = height == head.Height ? head.Block?.Header ?? chain.Store.Header(height) : height == 0 ? null
            : chain.Store.Header(height);
        if (header is null && height > 0)
        {
            throw new ReadException(ReadFault.Pruned, $"block {height} was pruned", Window.FirstBlock);
        }

        BlockContext context = new(
            height, (header?.Time ?? chain.GenesisTime) * 1_000, record.Epoch, header?.Proposer ?? Address.Zero, [], [],
                record.SetNow.Validators, ComponentFacts.Of(record),
            Chain.GenesisHash, Chain.TxChainId)
        {
            Parameters = record.Parameters,
        };
        return new ChainView(StackOf(height, record), context, StateAt(height));
    }

    /// <summary>One view at a height.</summary>
    public ViewResult View(ulong height, ViewCall call) => At(height).Run(call);

    /// <summary>Runs a transaction on the head as the next block would, and leaves nothing behind.</summary>
    public TransactionOutput Simulate(byte[] transaction)
    {
        ChainHead head = chain.Head;
        Hash32 moduleId = head.Next.Execution.ModuleId;
        IExecutionStack stack = chain.Stacks.Find(moduleId) ?? throw new ReadException(ReadFault.ModuleMissing,
            $"the next block runs under execution stack {moduleId}, which this node lacks", required: moduleId);
        return stack.Simulate(transaction, head.NextContext(Chain), head.State);
    }

    /// <summary>An executed transaction, null when there is none of this hash.</summary>
    public ReadTransaction? Transaction(Hash32 hash)
    {
        ChainHead head = chain.Head;
        for (int i = 0; i < head.Outputs.Count; i++)
        {
            if (head.Outputs[i].Receipt.TransactionHash == hash && head.Outputs[i].Receipt.Status.Kind != StatusKind.Skipped)
            {
                byte[]? bytes = i > 0 && i <= head.Block?.Body.Transactions.Count ? head.Block.Body.Transactions[i - 1] : null;
                return new ReadTransaction(head.Height, head.Result.FirstVersion + (ulong)i, head.Outputs[i], bytes, IsSealed: false);
            }
        }

        return chain.Store.Transaction(hash) is StoredTransaction stored
            ? new ReadTransaction(stored.Height, stored.Version, stored.Output, chain.Store.TransactionBytes(stored), IsSealed: true)
            : null;
    }

    /// <summary>Everything a block's execution gave.</summary>
    public IReadOnlyList<ReadTransaction> Transactions(ulong height)
    {
        ChainHead head = chain.Head;
        if (height == head.Height)
        {
            return [.. head.Outputs.Select((output, i) => new ReadTransaction(
                height, head.Result.FirstVersion + (ulong)i, output, i > 0 && i <= head.Block?.Body.Transactions.Count
                    ? head.Block.Body.Transactions[i - 1] : null, IsSealed: false))];
        }

        BlockResultSummary result = Block(height).Result ?? throw new ReadException(ReadFault.Ahead, $"block {height} is not executed yet");
        List<ReadTransaction> all = [];
        for (uint i = 0; i < result.TransactionCount; i++)
        {
            StoredTransaction stored = chain.Store.Transaction(result.FirstVersion + i)
                ?? throw new ReadException(ReadFault.Pruned, $"the receipts of block {height} were pruned", Window.FirstBlock);
            all.Add(new ReadTransaction(height, stored.Version, stored.Output, chain.Store.TransactionBytes(stored), IsSealed: true));
        }

        return all;
    }

    /// <summary>
    /// A proof of a key after a sealed block, with what ties its root to consensus: result(H), header(H+1), its certificate.
    /// </summary>
    public (StateProof Proof, byte[]? Value, BlockResultSummary Result, BlockHeader Next,
        CommitCertificate Certificate) Prove(ulong height, StateKey key)
    {
        if (height > SealedHeight)
        {
            throw new ReadException(ReadFault.Ahead, $"block {height} is not sealed yet; the newest sealed one is {SealedHeight}",
                newest: SealedHeight);
        }

        try
        {
            StateProof proof = chain.Store.Prove(height, key);
            return (
                proof,
                chain.Store.StateAt(height).TryGet(key),
                chain.Store.Result(height) ?? throw new ReadException(ReadFault.Pruned, $"block {height} was pruned", Window.FirstBlock),
                chain.Store.Header(height + 1) ?? throw new ReadException(ReadFault.Ahead, $"block {height + 1} is not decided yet"),
                AgreedCertificate(height + 1) ?? chain.Store.Certificate(height + 1)!);
        }
        catch (StoreException e) when (e.Fault == StoreFault.Pruned)
        {
            throw new ReadException(ReadFault.Pruned, $"proofs of block {height} were pruned; the oldest kept is {Window.FirstProof}",
                Window.FirstProof);
        }
    }
}
