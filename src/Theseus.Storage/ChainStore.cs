using System.Runtime.ExceptionServices;
using System.Text;
using Theseus.Consensus;
using Theseus.Protocol;

namespace Theseus.Storage;

/// <summary>The chain's store over ordered tables; disk and memory differ only in these.</summary>
public sealed partial class ChainStore : IChainStore
{
    /// <summary>Layout of the tables. Another number is another layout: migrate or resync.</summary>
    public const uint Schema = 4;

    /// <summary>Memory for rows of the state that were read or written lately.</summary>
    public const long RowCacheBytes = 16L << 20;

    /// <summary>Changed rows from which a tree update is worth several threads.</summary>
    private const int LargeUpdate = 256;

    private static readonly byte[] SchemaKey = "schema"u8.ToArray();
    private static readonly byte[] ChainKey = "chain"u8.ToArray();
    private static readonly byte[] GenesisRecordKey = "genesisRecord"u8.ToArray();
    private static readonly byte[] DecidedKey = "decided"u8.ToArray();
    private static readonly byte[] ExecutedKey = "executed"u8.ToArray();
    private static readonly byte[] FirstBlockKey = "firstBlock"u8.ToArray();
    private static readonly byte[] FirstStateKey = "firstState"u8.ToArray();
    private static readonly byte[] FirstProofKey = "firstProof"u8.ToArray();

    private readonly IKeyValues _tables;
    private readonly Retention _retention;
    private readonly RecordModels _models;
    private readonly Lock _writes = new(); // around a whole write, so that the window in memory follows the one on disk
    private volatile Opened? _opened;
    private HighestBlock? _highest; // only of a store in a folder

    // What stands in State and Nodes, and the bounds of what is kept of them in memory.
    private readonly RecentRows<StateKey> _rows = new(RowCacheBytes);
    private readonly NodeCache _nodes = new();

    /// <param name="tables">The tables; disposed with the store.</param>
    /// <param name="retention">What to keep; may change from one start to the next, but what is gone stays gone.</param>
    /// <param name="models">Record models; null for all known.</param>
    /// <exception cref="StoreException">Schema.</exception>
    public ChainStore(IKeyValues tables, Retention? retention = null, RecordModels? models = null)
    {
        _tables = tables;
        _retention = retention ?? Retention.Default;
        _models = models ?? RecordModels.Known;
        using IKeyValueView view = tables.View();
        byte[]? schema = view.Get(Table.Meta, SchemaKey);
        if (schema is not null && (schema.Length != sizeof(uint) || BitConverter.ToUInt32(schema) != Schema))
        {
            throw new StoreException(
                StoreFault.Schema, $"the folder has schema {Convert.ToHexStringLower(schema)}, this software reads {Schema}");
        }

        if (view.Get(Table.Meta, ChainKey) is { } chain)
        {
            _opened = new Opened(StoreCodec.DecodeChain(chain).Chain, ReadWindow(view));
            Forget(_opened.Window);
        }

        BeginFetching();
    }

    /// <summary>A new store in memory.</summary>
    public static ChainStore InMemory(Retention? retention = null) => new(new MemoryKeyValues(), retention);

    /// <summary>Whether a folder holds a store.</summary>
    public static bool IsIn(string folder) => RocksKeyValues.IsIn(folder);

    /// <summary>A store in a folder.</summary>
    /// <exception cref="StoreException">Locked, Schema or Broken.</exception>
    public static ChainStore InFolder(string folder, Retention? retention = null, StoreOptions? options = null)
    {
        RocksKeyValues tables = RocksKeyValues.Open(folder, options);
        try
        {
            ChainStore store = new(tables, retention);
            store._highest = new HighestBlock(folder, store._opened?.Window.Decided);
            return store;
        }
        catch
        {
            tables.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public ChainIdentity? Chain => _opened?.Chain;

    /// <inheritdoc/>
    public StoreWindow Window => Current.Window;

    private Opened Current => _opened ?? throw new StoreException(StoreFault.Empty, "the store holds no chain yet");

    /// <inheritdoc/>
    public void Dispose()
    {
        EndFetching();
        _tables.Dispose();
        _highest?.Dispose();
    }

    /// <inheritdoc/>
    public GenesisBlock Initialise(Genesis genesis)
    {
        GenesisBlock start = GenesisBlock.Of(genesis);
        using Lock.Scope scope = _writes.EnterScope();
        if (_opened is { } opened)
        {
            (ChainIdentity held, ChainIdentity given) = (opened.Chain, start.Chain);
            return held == given
                ? start
                : throw new StoreException(
                    StoreFault.OtherChain,
                    $"the folder holds chain {held.Name} {held.GenesisHash}, not {given.Name} {given.GenesisHash}");
        }

        using IKeyValueBatch batch = _tables.Write();
        batch.Put(Table.Meta, SchemaKey, BitConverter.GetBytes(Schema));
        batch.Put(Table.Meta, ChainKey, StoreCodec.Encode(start.Chain, start.Time));
        batch.Put(Table.Meta, GenesisRecordKey, WriteRecord(batch, start.Record));
        batch.Put(Table.BlockIds, start.Chain.GenesisHash.ToArray(), StoreKeys.Of(0));
        StoreWindow window = new(0, 0, 0, 0, 0);
        (TreeUpdate update, IEnumerable<StateKey> changed, Action remember) = WriteExecuted(
            batch, new ExecutedBlock(start.Result, [start.Output], genesis.State, []), null, Subtree.Empty);
        WriteWindow(batch, window);
        _rows.Begin(changed);
        batch.Commit();
        remember();
        _opened = new Opened(start.Chain, window);
        return update.Root.Hash == start.Result.StateRoot
            ? start
            : throw new StoreException(StoreFault.Broken, "the stored tree and the reference tree differ");
    }

    /// <inheritdoc/>
    public void Append(DecidedBlock decided)
    {
        using Lock.Scope scope = _writes.EnterScope();
        Opened opened = Current;
        BlockHeader header = decided.Block.Header;
        Hash32 id = BlockCodec.IdOf(header);
        if (header.Height != opened.Window.Decided + 1)
        {
            throw new StoreException(StoreFault.Order, $"block {header.Height} after decided {opened.Window.Decided}");
        }

        if (ValidatorSets.ToHash(decided.Certificate.Value) != id || decided.Certificate.Height != header.Height
            || _models.Id(decided.Record) != header.RecordId)
        {
            throw new StoreException(StoreFault.Order, $"block {header.Height} does not belong to its certificate and record");
        }

        byte[] height = StoreKeys.Of(header.Height);
        using IKeyValueBatch batch = _tables.Write();
        batch.Put(Table.Headers, height, BlockCodec.Encode(header));
        batch.Put(Table.Bodies, height, BlockCodec.Encode(decided.Block.Body));
        batch.Put(Table.Certificates, height, Canonical.Encode(decided.Certificate));
        batch.Put(Table.BlockIds, id.ToArray(), height);
        WriteRecord(batch, decided.Record);
        foreach (Evidence evidence in decided.Block.Body.Evidence)
        {
            batch.Put(Table.Offences, StoreKeys.Offence(EvidenceKey.Of(evidence)), height);
        }

        StoreWindow window = opened.Window with { Decided = header.Height };
        WriteWindow(batch, window);
        batch.Commit();
        _highest?.Note(header.Height);
        _opened = opened with { Window = window };
    }

    /// <inheritdoc/>
    public PreparedState Prepare(ulong height, WriteSet writes)
    {
        using IKeyValueView view = _tables.View();
        byte[] marker = view.Get(Table.Meta, ExecutedKey) ?? throw new StoreException(StoreFault.Empty, "the store holds no chain yet");
        ulong executed = StoreKeys.Number(marker);
        if (height != executed + 1)
        {
            throw new StoreException(StoreFault.Order, $"state of {height} on top of {executed}");
        }

        Subtree before = ReadTree(view, executed);
        TreeUpdate update = Update(view, before, height, writes);
        return new PreparedState(height, before, update, writes);
    }

    /// <inheritdoc/>
    public Hash32 CommitState(ExecutedBlock executed, PreparedState? prepared = null)
    {
        using Lock.Scope scope = _writes.EnterScope();
        Opened opened = Current;
        ulong height = executed.Result.Height;
        if (height != opened.Window.Executed + 1 || height > opened.Window.Decided)
        {
            throw new StoreException(
                StoreFault.Order, $"results of {height} after {opened.Window.Executed} with {opened.Window.Decided} decided");
        }

        using IKeyValueBatch batch = _tables.Write();
        Subtree before = ReadTree(_tables, height - 1);
        if (prepared is not null
            && (prepared.Height != height || prepared.Before != before || !ReferenceEquals(prepared.Writes, executed.Writes)))
        {
            prepared = null; // made for another block: compute it again
        }

        (TreeUpdate update, IEnumerable<StateKey> changed, Action remember) = WriteExecuted(batch, executed, prepared, before);
        Hash32 root = update.Root.Hash;
        if (root != executed.Result.StateRoot)
        {
            throw new StoreException(StoreFault.Broken, $"state root of {height} is {root}, its result says {executed.Result.StateRoot}");
        }

        StoreWindow window = Floors(opened.Window with { Executed = height });
        WriteWindow(batch, window);
        _opened = opened with
        {
            Window = opened.Window with
            {
                FirstBlock = window.FirstBlock,
                FirstState = window.FirstState,
                FirstProof = window.FirstProof,
            },
        };
        PruneNodes(batch, window.FirstProof, int.Max(MinimumSlice, 2 * update.Stale.Count));
        _rows.Begin(changed);
        batch.Commit();
        remember();
        _opened = opened with { Window = window };
        Forget(window);
        return root;
    }

    /// <inheritdoc/>
    public Task<Hash32> CommitBesideAsync(ExecutedBlock executed, PreparedState? prepared = null)
    {
        if (_tables.IsOnDisk)
        {
            return Task.Run(() => CommitState(executed, prepared));
        }

        try
        {
            return Task.FromResult(CommitState(executed, prepared));
        }
        catch (StoreException fault)
        {
            return Task.FromException<Hash32>(fault);
        }
    }

    // Reading nodes waits for the device and hashing for the processor: a large update is done side by side.
    private TreeUpdate Update(IKeyValueReader view, Subtree before, ulong height, WriteSet writes) => StateTree.Update(
        new StoredNodes(view, _nodes), before, height, StateTree.Changes(writes),
        _tables.IsOnDisk && writes.Writes.Count >= LargeUpdate ? SideBySide : null);

    // A fault keeps its type: who reads it tells a broken device from a fault of the program.
    private static void SideBySide(int count, Action<int> action)
    {
        try
        {
            Parallel.For(0, count, action);
        }
        catch (AggregateException faults)
        {
            ExceptionDispatchInfo.Throw(faults.InnerExceptions[0]);
        }
    }

    // The last value is to be called when the batch is durable: it makes what was written known in memory.
    private (TreeUpdate Update, IEnumerable<StateKey> Changed, Action Remember) WriteExecuted(
        IKeyValueBatch batch, ExecutedBlock executed, PreparedState? prepared, Subtree before)
    {
        BlockResultSummary result = executed.Result;
        if (executed.Outputs.Count != result.TransactionCount)
        {
            throw new StoreException(StoreFault.Order, $"{executed.Outputs.Count} outputs for {result.TransactionCount} receipts");
        }

        byte[] height = StoreKeys.Of(result.Height);
        TreeUpdate update = prepared?.Update ?? Update(_tables, before, result.Height, executed.Writes);
        List<KeyValuePair<StateKey, byte[]?>> rows = WriteValues(batch, result.Height, executed.Writes);
        foreach ((TreeNodeKey key, TreeNode node) in update.Written)
        {
            batch.Put(Table.Nodes, key.Bytes, node.Bytes);
        }

        if (update.Stale.Count > 0)
        {
            batch.Put(Table.StaleNodes, height, StaleNodes.Encode(update.Stale));
        }

        batch.Put(Table.Trees, height, update.Root.Encode());
        batch.Put(Table.Results, height, ResultCodec.Encode(result));
        batch.Put(Table.ServiceEvents, height, StoreCodec.Encode(executed.ServiceEvents));
        BcsWriter writer = new(1_024);
        for (int i = 0; i < executed.Outputs.Count; i++)
        {
            TransactionOutput output = executed.Outputs[i];
            byte[] version = StoreKeys.Of(result.FirstVersion + (ulong)i);
            StoreCodec.Write(writer.Clear(), result.Height, (uint)i, output);
            batch.Put(Table.Transactions, version, writer.Written);
            if (output.Receipt.Status.Kind != StatusKind.Skipped)
            {
                batch.Put(Table.Hashes, output.Receipt.TransactionHash.ToArray(), version); // execution 4: executed receipts only
            }
        }

        return (update, rows.Select(static row => row.Key), () =>
        {
            _rows.End(rows);
            foreach ((TreeNodeKey key, TreeNode node) in update.Written)
            {
                _nodes.Keep(key, node);
            }
        });
    }

    private List<KeyValuePair<StateKey, byte[]?>> WriteValues(IKeyValueBatch batch, ulong height, WriteSet writes)
    {
        List<KeyValuePair<StateKey, byte[]?>> rows = new(writes.Writes.Count);
        foreach (StateWrite write in writes.Writes)
        {
            byte[] key = StoreKeys.State(write.Key);
            byte[]? old = Newest(write.Key);
            if (write.Value is null)
            {
                if (old is null)
                {
                    continue;
                }

                batch.Delete(Table.State, key);
                rows.Add(new(write.Key, null));
            }
            else if (old is not null && StateRow.Value(old).SequenceEqual(write.Value))
            {
                continue;
            }
            else
            {
                byte[] row = StateRow.Encode(height, write.Key, write.Value);
                batch.Put(Table.State, key, row);
                rows.Add(new(write.Key, row));
            }

            if (old is not null)
            {
                batch.Put(Table.History, StoreKeys.History(key, height), old);
            }
        }

        return rows;
    }

    private byte[] WriteRecord(IKeyValueBatch batch, ProtocolRecord record)
    {
        byte[] id = _models.Id(record).ToArray();
        if (_tables.Get(Table.Records, id) is null)
        {
            batch.Put(Table.Records, id, _models.Encode(record)); // most blocks share their parent's
        }

        return id;
    }

    private static StoreWindow ReadWindow(IKeyValueReader view) => new(
        Number(view, DecidedKey), Number(view, ExecutedKey),
        Number(view, FirstBlockKey), Number(view, FirstStateKey), Number(view, FirstProofKey));

    private static void WriteWindow(IKeyValueBatch batch, StoreWindow window)
    {
        batch.Put(Table.Meta, DecidedKey, StoreKeys.Of(window.Decided));
        batch.Put(Table.Meta, ExecutedKey, StoreKeys.Of(window.Executed));
        batch.Put(Table.Meta, FirstBlockKey, StoreKeys.Of(window.FirstBlock));
        batch.Put(Table.Meta, FirstStateKey, StoreKeys.Of(window.FirstState));
        batch.Put(Table.Meta, FirstProofKey, StoreKeys.Of(window.FirstProof));
    }

    private static ulong Number(IKeyValueReader view, byte[] key) =>
        StoreKeys.Number(view.Get(Table.Meta, key)
            ?? throw new StoreException(StoreFault.Broken, $"{Encoding.ASCII.GetString(key)} is missing"));

    private static Subtree ReadTree(IKeyValueReader view, ulong height) =>
        Subtree.Decode(view.Get(Table.Trees, StoreKeys.Of(height))
            ?? throw new StoreException(StoreFault.Broken, $"the tree of {height} is missing"));

    private sealed record Opened(ChainIdentity Chain, StoreWindow Window);

    /// <summary>A node never changes: what is known of it holds for every view.</summary>
    private sealed class StoredNodes(IKeyValueReader view, NodeCache known) : ITreeNodes
    {
        public TreeNode? TryGet(TreeNodeKey key)
        {
            TreeNode? node = known.TryGet(key);
            if (node is null && view.Get(Table.Nodes, key.Bytes) is { } bytes)
            {
                node = TreeNode.Decode(bytes);
                known.Keep(key, node);
            }

            return node;
        }
    }
}
