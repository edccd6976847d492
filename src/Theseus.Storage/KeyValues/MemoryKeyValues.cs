using System.Collections.Immutable;

namespace Theseus.Storage;

/// <summary>The in-memory twin of the tables on disk: immutable trees, so a view is a reference and a fork costs nothing.</summary>
public sealed class MemoryKeyValues : IKeyValues
{
    // so that finding expired rows of a table in another order than their numbers' costs a share of what writing them did
    private const ulong SweepInterval = 1_024;
    private static readonly ImmutableSortedSet<Row> EmptyTable = ImmutableSortedSet.Create<Row>(RowOrder.Instance);

    private readonly Lock _writing = new();
    private readonly ulong[] _floors = new ulong[Tables.All.Count]; // as told
    private readonly ulong[] _swept = new ulong[Tables.All.Count]; // under which rows are gone
    private ImmutableSortedSet<Row>[] _tables;

    /// <summary>Empty tables.</summary>
    public MemoryKeyValues()
        : this([.. Enumerable.Repeat(EmptyTable, Tables.All.Count)])
    {
    }

    private MemoryKeyValues(ImmutableSortedSet<Row>[] tables) => _tables = tables;

    /// <summary>An independent copy of what is committed, at once: what a crash leaves, or the ground of a rehearsal.</summary>
    public MemoryKeyValues Fork() => new([.. Volatile.Read(ref _tables)]);

    /// <inheritdoc/>
    public IKeyValueView View() => new MemoryView(Volatile.Read(ref _tables));

    /// <inheritdoc/>
    public IKeyValueBatch Write() => new Batch(this);

    /// <inheritdoc/>
    public bool IsOnDisk => false;

    /// <inheritdoc/>
    public byte[]? Get(Table table, ReadOnlySpan<byte> key) => new MemoryView(Volatile.Read(ref _tables)).Get(table, key);

    /// <inheritdoc/>
    public bool Seek(Table table, ReadOnlySpan<byte> key, out byte[] foundKey, out byte[] value) =>
        new MemoryView(Volatile.Read(ref _tables)).Seek(table, key, out foundKey, out value);

    /// <inheritdoc/>
    public IEnumerable<KeyValuePair<byte[], byte[]>> From(Table table, byte[] key) =>
        new MemoryView(Volatile.Read(ref _tables)).From(table, key);

    /// <inheritdoc/>
    public bool Before(Table table, ReadOnlySpan<byte> key, out byte[] foundKey, out byte[] value) =>
        new MemoryView(Volatile.Read(ref _tables)).Before(table, key, out foundKey, out value);

    /// <inheritdoc/>
    public void Forget(Table table, ulong floor)
    {
        using Lock.Scope scope = _writing.EnterScope();
        int index = (int)table;
        _floors[index] = ulong.Max(floor, _floors[index]);
        if (_floors[index] > _swept[index] && (table.Expiry() == Expiry.KeyBegins || _floors[index] >= _swept[index] + SweepInterval))
        {
            Sweep(table);
        }
    }

    /// <inheritdoc/>
    public void Compact()
    {
        using Lock.Scope scope = _writing.EnterScope();
        foreach (Table table in Tables.All)
        {
            Sweep(table);
        }
    }

    private void Sweep(Table table)
    {
        ulong floor = _floors[(int)table];
        ImmutableSortedSet<Row> rows = _tables[(int)table];
        IEnumerable<Row> expired = table.Expiry() == Expiry.KeyBegins
            ? rows.TakeWhile(row => table.IsExpired(row.Key, row.Value, floor))
            : rows.Where(row => table.IsExpired(row.Key, row.Value, floor));
        ImmutableSortedSet<Row>[] tables = [.. _tables];
        tables[(int)table] = rows.Except(expired.ToList());
        Volatile.Write(ref _tables, tables);
        _swept[(int)table] = floor;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private sealed record Row(byte[] Key, byte[] Value);

    private sealed class RowOrder : IComparer<Row>
    {
        public static readonly RowOrder Instance = new();

        public int Compare(Row? x, Row? y) => x!.Key.AsSpan().SequenceCompareTo(y!.Key);
    }

    private sealed class MemoryView(ImmutableSortedSet<Row>[] tables) : IKeyValueView
    {
        public byte[]? Get(Table table, ReadOnlySpan<byte> key) =>
            tables[(int)table].TryGetValue(new Row(key.ToArray(), []), out Row row) ? (byte[])row.Value.Clone() : null;

        public bool Seek(Table table, ReadOnlySpan<byte> key, out byte[] foundKey, out byte[] value)
        {
            int index = tables[(int)table].IndexOf(new Row(key.ToArray(), []));
            return At(table, index < 0 ? ~index : index, out foundKey, out value);
        }

        public IEnumerable<KeyValuePair<byte[], byte[]>> From(Table table, byte[] key)
        {
            int index = tables[(int)table].IndexOf(new Row(key, []));
            for (int i = index < 0 ? ~index : index; At(table, i, out byte[] found, out byte[] value); i++)
            {
                yield return new(found, value);
            }
        }

        public bool Before(Table table, ReadOnlySpan<byte> key, out byte[] foundKey, out byte[] value)
        {
            int index = tables[(int)table].IndexOf(new Row(key.ToArray(), []));
            return At(table, (index < 0 ? ~index : index) - 1, out foundKey, out value);
        }

        public void Dispose()
        {
        }

        private bool At(Table table, int index, out byte[] foundKey, out byte[] value)
        {
            bool found = index >= 0 && index < tables[(int)table].Count;
            Row row = found ? tables[(int)table][index] : new Row([], []);
            foundKey = (byte[])row.Key.Clone();
            value = (byte[])row.Value.Clone();
            return found;
        }
    }

    private sealed class Batch(MemoryKeyValues owner) : IKeyValueBatch
    {
        private List<(Table Table, byte[] Key, byte[]? Value)>? _rows = [];

        private List<(Table Table, byte[] Key, byte[]? Value)> Rows => _rows ?? throw new ObjectDisposedException(nameof(Batch));

        public void Put(Table table, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) => Rows.Add((table, key.ToArray(), value.ToArray()));

        public void Delete(Table table, ReadOnlySpan<byte> key) => Rows.Add((table, key.ToArray(), null));

        public void Commit()
        {
            using Lock.Scope scope = owner._writing.EnterScope();
            ImmutableSortedSet<Row>[] tables = [.. owner._tables];
            foreach ((Table table, byte[] key, byte[]? value) in Rows)
            {
                Row row = new(key, value ?? []);
                tables[(int)table] = tables[(int)table].Remove(row);
                tables[(int)table] = value is null ? tables[(int)table] : tables[(int)table].Add(row);
            }

            Volatile.Write(ref owner._tables, tables);
            Dispose();
        }

        public void Dispose() => _rows = null;
    }
}
