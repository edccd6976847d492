using Theseus.Consensus;
using Theseus.Protocol;

namespace Theseus.Storage;

/// <summary>Reads. Each opens a view, copies out and closes it.</summary>
public sealed partial class ChainStore
{
    private const byte Deleted = 0;
    private const byte Present = 1;

    public Block? Block(ulong height)
    {
        using IKeyValueReader view = _tables.Read();
        byte[] key = StoreKeys.Of(height);
        if (!IsKept(height) || view.Get(Table.Headers, key) is not { } header || view.Get(Table.Bodies, key) is not { } body)
        {
            return null;
        }

        return new Block(Header(header), BlockCodec.TryDecodeBody(body, out string? fault) ?? throw Broken($"body of {height}: {fault}"));
    }

    public BlockHeader? Header(ulong height) => IsKept(height) && Get(Table.Headers, height) is { } header ? Header(header) : null;

    public CommitCertificate? Certificate(ulong height) => IsKept(height) && Get(Table.Certificates, height) is { } bytes
        ? Canonical.TryDecodeCommit(bytes, out string? fault) ?? throw Broken($"certificate of {height}: {fault}")
        : null;

    public ProtocolRecord? Record(ulong height)
    {
        using IKeyValueReader view = _tables.Read();
        byte[]? id = height == 0 ? view.Get(Table.Meta, GenesisRecordKey)
            : IsKept(height) && view.Get(Table.Headers, StoreKeys.Of(height)) is { } header ? Header(header).RecordId.ToArray()
            : null;
        return id is null ? null : _models.Decode(view.Get(Table.Records, id) ?? throw Broken($"record of {height} is missing"));
    }

    public ulong? HeightOf(Hash32 blockId)
    {
        using IKeyValueReader view = _tables.Read();
        return view.Get(Table.BlockIds, blockId.ToArray()) is { } height && IsKept(StoreKeys.Number(height)) ? StoreKeys.Number(height) : null;
    }

    public BlockResultSummary? Result(ulong height) => IsKept(height) && Get(Table.Results, height) is { } bytes ? ResultCodec.Decode(bytes) : null;

    public IReadOnlyList<ServiceEvent>? ServiceEvents(ulong height) =>
        IsKept(height) && Get(Table.ServiceEvents, height) is { } bytes ? StoreCodec.DecodeServiceEvents(bytes) : null;

    public StoredTransaction? Transaction(ulong version)
    {
        StoredTransaction? found = Get(Table.Transactions, version) is { } bytes ? StoreCodec.DecodeTransaction(version, bytes) : null;
        return found is not null && IsKept(found.Height) ? found : null;
    }

    public StoredTransaction? Transaction(Hash32 hash)
    {
        byte[]? version;
        using (IKeyValueReader view = _tables.Read())
        {
            version = view.Get(Table.Hashes, hash.ToArray());
        }

        return version is null ? null : Transaction(StoreKeys.Number(version));
    }

    public byte[]? TransactionBytes(StoredTransaction transaction)
    {
        // outputs are begin, the body's transactions, end (execution 4)
        Block? block = Block(transaction.Height);
        int place = (int)transaction.Index - 1;
        return block is not null && place >= 0 && place < block.Body.Transactions.Count ? block.Body.Transactions[place] : null;
    }

    public bool IsCommitted(EvidenceKey offence)
    {
        using IKeyValueReader view = _tables.Read();
        return view.Get(Table.Offences, StoreKeys.Offence(offence)) is not null;
    }

    public IReadOnlyList<CommittedOffence> Offences(int limit)
    {
        Queue<CommittedOffence> newest = new();
        using IKeyValueReader view = _tables.Read();
        byte[]? position = [];
        while (position is not null && view.Seek(Table.Offences, position, out byte[] key, out byte[] value))
        {
            newest.Enqueue(new CommittedOffence(StoreKeys.Offence(key), StoreKeys.Number(value)));
            if (newest.Count > limit)
            {
                newest.Dequeue();
            }

            position = StoreKeys.After(key);
        }

        return [.. newest];
    }

    public IStateReader StateAt(ulong height)
    {
        CheckState(height);
        return new HistoricState(this, height);
    }

    public IReadOnlyList<StateEntry> List(ulong height, Address owner, StateKeyKind kind, Hash32? after, int limit)
    {
        byte[] scope = [.. owner.ToArray(), (byte)kind];
        return Page(height, scope, after is { } last ? StoreKeys.After([.. scope, .. last.ToArray()]) : scope, limit);
    }

    public IReadOnlyList<StateEntry> Scan(ulong height, StateKey? after, int limit) =>
        Page(height, [], after is null ? [] : StoreKeys.After(StoreKeys.History(after, 0).AsSpan(0, StoreKeys.HistoryPrefix)), limit);

    private IReadOnlyList<StateEntry> Page(ulong height, byte[] scope, byte[]? position, int limit)
    {
        CheckState(height);
        List<StateEntry> entries = [];
        using (IKeyValueReader view = _tables.Read())
        {
            while (entries.Count < limit && position is not null
                && view.Seek(Table.History, position, out byte[] key, out _) && key.AsSpan(0, scope.Length).SequenceEqual(scope))
            {
                byte[] prefix = key[..StoreKeys.HistoryPrefix];
                if (Newest(view, [.. prefix, .. StoreKeys.Of(~height)]) is { } value)
                {
                    byte[] preimage = view.Get(Table.Preimages, prefix.AsSpan(Address.Length + 1)) ?? throw Broken("a state key is missing");
                    entries.Add(new StateEntry(StateKey.Decode(preimage), value));
                }

                position = StoreKeys.After(prefix); // skip the key's other heights
            }
        }

        CheckState(height);
        return entries;
    }

    public StateProof Prove(ulong height, StateKey key)
    {
        CheckExecuted(height);
        try
        {
            using IKeyValueReader view = _tables.Read();
            if (view.Get(Table.Trees, StoreKeys.Of(height)) is { } tree && height >= Window.FirstProof)
            {
                return StateTree.Prove(new StoredNodes(view), Subtree.Decode(tree), key.TreeKey());
            }
        }
        catch (TreeNodeMissingException) when (height < Window.FirstProof)
        {
            // pruned while reading: answered below
        }

        throw new StoreException(StoreFault.Pruned, $"proofs begin at height {Window.FirstProof}");
    }

    private static BlockHeader Header(byte[] bytes) => BlockCodec.TryDecodeHeader(bytes, out string? fault) ?? throw Broken($"header: {fault}");

    // the row at or after ~height under the key's prefix is the newest at or below the height (execution 6)
    private static byte[]? Newest(IKeyValueReader view, byte[] historyKey) =>
        view.Seek(Table.History, historyKey, out byte[] key, out byte[] value)
        && key.AsSpan(0, StoreKeys.HistoryPrefix).SequenceEqual(historyKey.AsSpan(0, StoreKeys.HistoryPrefix))
        && value[0] == Present
            ? value[1..]
            : null;

    private static StoreException Broken(string what) => new(StoreFault.Broken, what);

    private byte[]? Get(Table table, ulong number)
    {
        using IKeyValueReader view = _tables.Read();
        return view.Get(table, StoreKeys.Of(number));
    }

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
            byte[]? value;
            using (IKeyValueReader view = store._tables.Read())
            {
                value = Newest(view, StoreKeys.History(key, height));
            }

            // floors are published before rows go, so a value read under a lowered floor is whole
            store.CheckState(height);
            return value;
        }
    }
}
