using Theseus.Consensus;
using Theseus.Protocol;

namespace Theseus.Storage;

/// <summary>Reads. Each opens a view, copies out and closes it.</summary>
public sealed partial class ChainStore
{
    /// <inheritdoc/>
    public Block? Block(ulong height)
    {
        using IKeyValueView view = _tables.View();
        byte[] key = StoreKeys.Of(height);
        if (!IsKept(height) || view.Get(Table.Headers, key) is not { } header || view.Get(Table.Bodies, key) is not { } body)
        {
            return null;
        }

        return new Block(
            Header(header), BlockCodec.TryDecodeBody(body, out string? fault) ?? throw Broken($"body of {height}: {fault}"));
    }

    /// <inheritdoc/>
    public BlockHeader? Header(ulong height) =>
        IsKept(height) && Get(Table.Headers, height) is { } header ? Header(header) : null;

    /// <inheritdoc/>
    public CommitCertificate? Certificate(ulong height) => IsKept(height) && Get(Table.Certificates, height) is { } bytes
        ? Canonical.TryDecodeCommit(bytes, out string? fault) ?? throw Broken($"certificate of {height}: {fault}")
        : null;

    /// <inheritdoc/>
    public ProtocolRecord? Record(ulong height)
    {
        using IKeyValueView view = _tables.View();
        byte[]? id = height == 0 ? view.Get(Table.Meta, GenesisRecordKey)
            : IsKept(height) && view.Get(Table.Headers, StoreKeys.Of(height)) is { } header ? Header(header).RecordId.ToArray()
            : null;
        return id is null ? null : _models.Decode(view.Get(Table.Records, id) ?? throw Broken($"record of {height} is missing"));
    }

    /// <inheritdoc/>
    public ulong? HeightOf(Hash32 blockId) =>
        _tables.Get(Table.BlockIds, blockId.ToArray()) is { } bytes && StoreKeys.Number(bytes) is ulong height && IsKept(height)
            ? height
            : null;

    /// <inheritdoc/>
    public BlockResultSummary? Result(ulong height) =>
        IsKept(height) && Get(Table.Results, height) is { } bytes ? ResultCodec.Decode(bytes) : null;

    /// <inheritdoc/>
    public IReadOnlyList<ServiceEvent>? ServiceEvents(ulong height) =>
        IsKept(height) && Get(Table.ServiceEvents, height) is { } bytes ? StoreCodec.DecodeServiceEvents(bytes) : null;

    /// <inheritdoc/>
    public StoredTransaction? Transaction(ulong version)
    {
        StoredTransaction? found = Get(Table.Transactions, version) is { } bytes ? StoreCodec.DecodeTransaction(version, bytes) : null;
        return found is not null && IsKept(found.Height) ? found : null;
    }

    /// <inheritdoc/>
    public StoredTransaction? Transaction(Hash32 hash)
    {
        byte[]? version = _tables.Get(Table.Hashes, hash.ToArray());
        return version is null ? null : Transaction(StoreKeys.Number(version));
    }

    /// <inheritdoc/>
    public byte[]? TransactionBytes(StoredTransaction transaction)
    {
        // outputs are begin, the body's transactions, end (execution 4)
        Block? block = Block(transaction.Height);
        int place = (int)transaction.Index - 1;
        return block is not null && place >= 0 && place < block.Body.Transactions.Count ? block.Body.Transactions[place] : null;
    }

    /// <inheritdoc/>
    public bool IsCommitted(EvidenceKey offence) => _tables.Get(Table.Offences, StoreKeys.Offence(offence)) is not null;

    /// <inheritdoc/>
    public IReadOnlyList<CommittedOffence> Offences(ulong below, int limit)
    {
        List<CommittedOffence> page = [];
        using IKeyValueView view = _tables.View();
        byte[] position = StoreKeys.Of(below);
        while (view.Before(Table.Offences, position, out byte[] key, out byte[] value))
        {
            EvidenceKey offence = StoreKeys.Offence(key);
            if (page.Count >= limit && offence.Height != page[^1].Offence.Height)
            {
                break; // the cursor is a height, so a height's offences stay together
            }

            page.Add(new CommittedOffence(offence, StoreKeys.Number(value)));
            position = key;
        }

        page.Reverse();
        return page;
    }

    /// <inheritdoc/>
    public IStateReader StateAt(ulong height)
    {
        CheckState(height);
        return new HistoricState(this, height);
    }

    /// <inheritdoc/>
    public IReadOnlyList<StateEntry> List(ulong height, Address owner, StateKeyKind kind, Hash32? after, int limit)
    {
        byte[] scope = [.. owner.ToArray(), (byte)kind];
        return Page(height, scope, after is { } last ? StoreKeys.After([.. scope, .. last.ToArray()]) : scope, limit);
    }

    /// <inheritdoc/>
    public IReadOnlyList<StateEntry> Scan(ulong height, StateKey? after, int limit) =>
        Page(height, [], after is null ? [] : StoreKeys.After(StoreKeys.State(after)), limit);

    private IReadOnlyList<StateEntry> Page(ulong height, byte[] scope, byte[]? position, int limit)
    {
        CheckState(height);
        List<StateEntry> entries = [];
        using (IKeyValueView view = _tables.View())
        {
            while (entries.Count < limit && position is not null
                && NextState(view, position) is { } key && key.AsSpan(0, scope.Length).SequenceEqual(scope))
            {
                if (RowAt(view, key, height) is { } row)
                {
                    entries.Add(new StateEntry(StateRow.Key(row), StateRow.Value(row).ToArray()));
                }

                position = StoreKeys.After(key);
            }
        }

        CheckState(height);
        return entries;
    }

    // a value that is gone stands in the history only, one that never changed in the state only
    private static byte[]? NextState(IKeyValueView view, byte[] position)
    {
        byte[]? live = view.Seek(Table.State, position, out byte[] found, out _) ? found : null;
        byte[]? past = view.Seek(Table.History, position, out found, out _) ? found[..StoreKeys.StateLength] : null;
        return live is null ? past : past is null ? live : live.AsSpan().SequenceCompareTo(past) <= 0 ? live : past;
    }

    /// <inheritdoc/>
    public StateProof Prove(ulong height, StateKey key)
    {
        CheckExecuted(height);
        try
        {
            using IKeyValueView view = _tables.View();
            if (view.Get(Table.Trees, StoreKeys.Of(height)) is { } tree && height >= Window.FirstProof)
            {
                return StateTree.Prove(new StoredNodes(view, _nodes), Subtree.Decode(tree), key.TreeKey());
            }
        }
        catch (TreeNodeMissingException) when (height < Window.FirstProof)
        {
            // pruned while reading: answered below
        }

        throw new StoreException(StoreFault.Pruned, $"proofs begin at height {Window.FirstProof}");
    }

    private static BlockHeader Header(byte[] bytes) =>
        BlockCodec.TryDecodeHeader(bytes, out string? fault) ?? throw Broken($"header: {fault}");

    // What stood at a height: the newest row if it was written by then, else the first that was replaced after it. The
    // newest is read first: a block that is stored meanwhile moves it to the history, where it is found then.
    private static byte[]? RowAt(IKeyValueReader tables, byte[] key, ulong height)
    {
        if (tables.Get(Table.State, key) is { } newest && StateRow.Since(newest) <= height)
        {
            return newest;
        }

        return tables.Seek(Table.History, StoreKeys.History(key, height + 1), out byte[] found, out byte[] past)
            && found.AsSpan(0, StoreKeys.StateLength).SequenceEqual(key) && StateRow.Since(past) <= height
                ? past
                : null;
    }

    // As above, by way of the rows in memory.
    private byte[]? RowAt(StateKey key, ulong height)
    {
        long before = _rows.Changes;
        if (Newest(key) is { } newest)
        {
            return StateRow.Since(newest) <= height ? newest : RowAt(_tables, StoreKeys.State(key), height);
        }

        // absent in the newest state: an older one may have it. The number is odd while a block's values are being written.
        bool isNewest = (before & 1) == 0 && Window.Executed == height && _rows.Changes == before;
        return isNewest ? null : RowAt(_tables, StoreKeys.State(key), height);
    }

    // The row that stands now, null for none.
    private byte[]? Newest(StateKey key)
    {
        long changes = _rows.Changes;
        if (!_rows.TryGet(key, out byte[]? row))
        {
            row = _tables.Get(Table.State, StoreKeys.State(key)); // the key's hash is made for what is not in memory only
            _rows.Remember(key, row, changes);
        }

        return row;
    }

    private static StoreException Broken(string what) => new(StoreFault.Broken, what);

    private byte[]? Get(Table table, ulong number) => _tables.Get(table, StoreKeys.Of(number));

    private bool IsKept(ulong height) => _opened is { } opened && height >= opened.Window.FirstBlock;

    private void CheckExecuted(ulong height)
    {
        if (height > Window.Executed)
        {
            throw new StoreException(StoreFault.Order, $"height {height} is not executed, the last is {Window.Executed}");
        }
    }

    private void CheckState(ulong height)
    {
        CheckExecuted(height);
        if (height < Window.FirstState)
        {
            throw new StoreException(StoreFault.Pruned, $"state begins at height {Window.FirstState}");
        }
    }

    private sealed class HistoricState(ChainStore store, ulong height) : IStateReader
    {
        public byte[]? TryGet(StateKey key)
        {
            byte[]? row = store.RowAt(key, height);

            // floors are published before rows go, so a value read under a lowered floor is whole
            store.CheckState(height);
            return row is null ? null : StateRow.Value(row).ToArray();
        }
    }
}
