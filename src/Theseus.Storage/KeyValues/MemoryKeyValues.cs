using System.Collections.Immutable;

namespace Theseus.Storage;

/// <summary>The in-memory twin of the LMDB tables: immutable trees, so a view is a reference and a fork costs nothing.</summary>
public sealed class MemoryKeyValues : IKeyValues
{
    private static readonly ImmutableSortedSet<Row> EmptyTable = ImmutableSortedSet.Create<Row>(RowOrder.Instance);
    private static readonly int Count = Enum.GetValues<Table>().Length;

    private readonly Lock _writing = new();
    private ImmutableSortedSet<Row>[] _tables;

    public MemoryKeyValues()
        : this([.. Enumerable.Repeat(EmptyTable, Count)])
    {
    }

    private MemoryKeyValues(ImmutableSortedSet<Row>[] tables) => _tables = tables;

    /// <summary>An independent copy of what is committed, at once: what a crash leaves, or the ground of a rehearsal.</summary>
    public MemoryKeyValues Fork() => new([.. Volatile.Read(ref _tables)]);

    public IKeyValueReader Read() => new View(Volatile.Read(ref _tables));

    public IKeyValueWriter Write()
    {
        _writing.Enter();
        return new Transaction(this);
    }

    public void Dispose()
    {
    }

    private sealed record Row(byte[] Key, byte[] Value);

    private sealed class RowOrder : IComparer<Row>
    {
        public static readonly RowOrder Instance = new();

        public int Compare(Row? x, Row? y) => x!.Key.AsSpan().SequenceCompareTo(y!.Key);
    }

    private class View(ImmutableSortedSet<Row>[] tables) : IKeyValueReader
    {
        protected ImmutableSortedSet<Row>[] Tables { get; } = tables;

        public byte[]? Get(Table table, ReadOnlySpan<byte> key) =>
            Tables[(int)table].TryGetValue(new Row(key.ToArray(), []), out Row row) ? (byte[])row.Value.Clone() : null;

        public bool Seek(Table table, ReadOnlySpan<byte> key, out byte[] foundKey, out byte[] value)
        {
            int index = Tables[(int)table].IndexOf(new Row(key.ToArray(), []));
            return At(table, index < 0 ? ~index : index, out foundKey, out value);
        }

        public bool Before(Table table, ReadOnlySpan<byte> key, out byte[] foundKey, out byte[] value)
        {
            int index = Tables[(int)table].IndexOf(new Row(key.ToArray(), []));
            return At(table, (index < 0 ? ~index : index) - 1, out foundKey, out value);
        }

        public bool Last(Table table, out byte[] foundKey, out byte[] value) => At(table, Tables[(int)table].Count - 1, out foundKey, out value);

        public virtual void Dispose()
        {
        }

        private bool At(Table table, int index, out byte[] foundKey, out byte[] value)
        {
            bool found = index >= 0 && index < Tables[(int)table].Count;
            Row row = found ? Tables[(int)table][index] : new Row([], []);
            foundKey = (byte[])row.Key.Clone();
            value = (byte[])row.Value.Clone();
            return found;
        }
    }

    private sealed class Transaction(MemoryKeyValues owner) : View([.. owner._tables]), IKeyValueWriter
    {
        private bool _open = true;

        public void Put(Table table, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
        {
            Row row = new(key.ToArray(), value.ToArray());
            Tables[(int)table] = Tables[(int)table].Remove(row).Add(row);
        }

        public void Append(Table table, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) => Put(table, key, value);

        public bool Delete(Table table, ReadOnlySpan<byte> key)
        {
            ImmutableSortedSet<Row> before = Tables[(int)table];
            Tables[(int)table] = before.Remove(new Row(key.ToArray(), []));
            return Tables[(int)table].Count < before.Count;
        }

        public void Commit()
        {
            Volatile.Write(ref owner._tables, [.. Tables]);
            Dispose();
        }

        public override void Dispose()
        {
            if (_open)
            {
                _open = false;
                owner._writing.Exit();
            }
        }
    }
}
