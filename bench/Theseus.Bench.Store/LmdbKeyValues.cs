using Theseus.Storage;

namespace Theseus.Bench.Store;

/// <summary>
/// The rival: the same tables over LMDB (Debian's liblmdb0), for the comparison only. LMDB has no compaction, so what expires is listed in a
/// table of its own and deleted in slices inside the next batch.
/// </summary>
internal sealed unsafe class LmdbKeyValues : IKeyValues
{
    private static readonly nint MapBytes = unchecked((nint)(1L << 40)); // sparse
    private const int MaximumReaders = 510;
    private const int ExpirySlice = 40_000; // rows deleted with one batch at most
    private static readonly int Databases = Tables.All.Count + 1; // the last one lists what expires: number 8 ‖ table 1 ‖ key

    private readonly uint[] _databases = new uint[Databases];
    private readonly ulong[] _floors = new ulong[Tables.All.Count];
    private readonly nint _environment;

    public LmdbKeyValues(string folder)
    {
        Directory.CreateDirectory(folder);
        Lmdb.Check(Lmdb.mdb_env_create(out _environment), "create an environment");
        Lmdb.Check(Lmdb.mdb_env_set_maxdbs(_environment, (uint)Databases), "set the number of tables");
        Lmdb.Check(Lmdb.mdb_env_set_maxreaders(_environment, MaximumReaders), "set the number of readers");
        Lmdb.Check(Lmdb.mdb_env_set_mapsize(_environment, MapBytes), "set the map size");
        const uint OwnerOnly = 0x180; // rw-------
        Lmdb.Check(Lmdb.mdb_env_open(_environment, folder, Lmdb.NoTls | Lmdb.NoReadAhead, OwnerOnly), $"open {folder}");
        Lmdb.Check(Lmdb.mdb_txn_begin(_environment, 0, 0, out nint transaction), "begin a write");
        for (int i = 0; i < Databases; i++)
        {
            Lmdb.Check(Lmdb.mdb_dbi_open(transaction, $"{i}", Lmdb.Create, out _databases[i]), "open a table");
        }

        Lmdb.Check(Lmdb.mdb_txn_commit(transaction), "commit the tables");
    }

    public IKeyValueView View() => new LmdbView(this);

    public IKeyValueBatch Write() => new Batch(this);

    public bool IsOnDisk => true;

    public byte[]? Get(Table table, ReadOnlySpan<byte> key)
    {
        using LmdbView view = new(this);
        return view.Get(table, key);
    }

    public bool Seek(Table table, ReadOnlySpan<byte> key, out byte[] foundKey, out byte[] value)
    {
        using LmdbView view = new(this);
        return view.Seek(table, key, out foundKey, out value);
    }

    public bool Before(Table table, ReadOnlySpan<byte> key, out byte[] foundKey, out byte[] value)
    {
        using LmdbView view = new(this);
        return view.Before(table, key, out foundKey, out value);
    }

    public IEnumerable<KeyValuePair<byte[], byte[]>> From(Table table, byte[] key)
    {
        using LmdbView view = new(this);
        foreach (KeyValuePair<byte[], byte[]> row in view.From(table, key))
        {
            yield return row;
        }
    }

    public void Forget(Table table, ulong floor) => _floors[(int)table] = ulong.Max(floor, _floors[(int)table]);

    public void Compact()
    {
    }

    public void Dispose() => Lmdb.mdb_env_close(_environment);

    private static byte[] Copy(Lmdb.Value value) => new ReadOnlySpan<byte>((void*)value.Data, checked((int)value.Size)).ToArray();

    private static bool Move(nint cursor, ReadOnlySpan<byte> from, int operation, out byte[] foundKey, out byte[] value)
    {
        fixed (byte* bytes = from)
        {
            Lmdb.Value key = new() { Size = from.Length, Data = (nint)bytes };
            Lmdb.Value content = default;
            int code = Lmdb.mdb_cursor_get(cursor, ref key, ref content, operation);
            if (code == Lmdb.NotFound)
            {
                foundKey = value = [];
                return false;
            }

            Lmdb.Check(code, "seek");
            foundKey = Copy(key);
            value = Copy(content);
            return true;
        }
    }

    private sealed class LmdbView : IKeyValueView
    {
        private readonly LmdbKeyValues _store;
        private readonly nint _transaction;

        public LmdbView(LmdbKeyValues store)
        {
            _store = store;
            Lmdb.Check(Lmdb.mdb_txn_begin(store._environment, 0, Lmdb.ReadOnly, out _transaction), "begin a view");
        }

        public byte[]? Get(Table table, ReadOnlySpan<byte> key)
        {
            fixed (byte* bytes = key)
            {
                Lmdb.Value name = new() { Size = key.Length, Data = (nint)bytes };
                int code = Lmdb.mdb_get(_transaction, _store._databases[(int)table], ref name, out Lmdb.Value value);
                if (code == Lmdb.NotFound)
                {
                    return null;
                }

                Lmdb.Check(code, "read");
                return Copy(value);
            }
        }

        public bool Seek(Table table, ReadOnlySpan<byte> key, out byte[] foundKey, out byte[] value)
        {
            nint cursor = Open(table);
            bool found = Move(cursor, key, key.Length == 0 ? Lmdb.First : Lmdb.SetRange, out foundKey, out value);
            Lmdb.mdb_cursor_close(cursor);
            return found;
        }

        public bool Before(Table table, ReadOnlySpan<byte> key, out byte[] foundKey, out byte[] value)
        {
            nint cursor = Open(table);
            bool found = key.Length != 0 && Move(cursor, key, Lmdb.SetRange, out _, out _)
                ? Move(cursor, [], Lmdb.Previous, out foundKey, out value)
                : Move(cursor, [], Lmdb.CursorLast, out foundKey, out value);
            Lmdb.mdb_cursor_close(cursor);
            return found;
        }

        public IEnumerable<KeyValuePair<byte[], byte[]>> From(Table table, byte[] key)
        {
            nint cursor = Open(table);
            try
            {
                for (bool more = Move(cursor, key, key.Length == 0 ? Lmdb.First : Lmdb.SetRange, out byte[] found, out byte[] value); more;
                    more = Move(cursor, [], Lmdb.Next, out found, out value))
                {
                    yield return new(found, value);
                }
            }
            finally
            {
                Lmdb.mdb_cursor_close(cursor);
            }
        }

        public void Dispose() => Lmdb.mdb_txn_abort(_transaction);

        private nint Open(Table table)
        {
            Lmdb.Check(Lmdb.mdb_cursor_open(_transaction, _store._databases[(int)table], out nint cursor), "open a cursor");
            return cursor;
        }
    }

    private sealed class Batch(LmdbKeyValues store) : IKeyValueBatch
    {
        private readonly List<(int Database, byte[] Key, byte[]? Value)> _rows = [];

        public void Put(Table table, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
        {
            _rows.Add(((int)table, key.ToArray(), value.ToArray()));
            if (table.Expiry() != Expiry.Never)
            {
                byte[] number = table.Expiry() switch
                {
                    Expiry.KeyBegins => key[..sizeof(ulong)].ToArray(),
                    Expiry.KeyEnds => key[^sizeof(ulong)..].ToArray(),
                    _ => value.ToArray(),
                };
                _rows.Add((Databases - 1, [.. number, (byte)table, .. key], []));
            }
        }

        public void Delete(Table table, ReadOnlySpan<byte> key) => _rows.Add(((int)table, key.ToArray(), null));

        public void Commit()
        {
            Lmdb.Check(Lmdb.mdb_txn_begin(store._environment, 0, 0, out nint transaction), "begin a write");
            foreach ((int database, byte[] key, byte[]? value) in _rows.OrderBy(row => row.Database).ThenBy(row => row.Key, KeyOrder.Instance))
            {
                Write(transaction, database, key, value);
            }

            Expire(transaction);
            Lmdb.Check(Lmdb.mdb_txn_commit(transaction), "commit");
        }

        public void Dispose() => _rows.Clear();

        private void Expire(nint transaction)
        {
            Lmdb.Check(Lmdb.mdb_cursor_open(transaction, store._databases[Databases - 1], out nint cursor), "open a cursor");
            List<byte[]> expired = [];
            for (bool more = Move(cursor, [], Lmdb.First, out byte[] found, out _); more && expired.Count < ExpirySlice; more = Move(cursor, [], Lmdb.Next, out found, out _))
            {
                ulong number = System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(found);
                if (number >= store._floors[found[sizeof(ulong)]])
                {
                    break;
                }

                expired.Add(found);
            }

            Lmdb.mdb_cursor_close(cursor);
            foreach (byte[] row in expired)
            {
                Write(transaction, row[sizeof(ulong)], row[(sizeof(ulong) + 1)..], null);
                Write(transaction, Databases - 1, row, null);
            }
        }

        private void Write(nint transaction, int database, byte[] key, byte[]? value)
        {
            byte none = 0;
            fixed (byte* keyBytes = key)
            fixed (byte* valueBytes = value)
            {
                Lmdb.Value name = new() { Size = key.Length, Data = (nint)keyBytes };
                if (value is null)
                {
                    int code = Lmdb.mdb_del(transaction, store._databases[database], ref name, 0);
                    Lmdb.Check(code == Lmdb.NotFound ? 0 : code, "delete");
                    return;
                }

                Lmdb.Value content = new() { Size = value.Length, Data = value.Length == 0 ? (nint)(&none) : (nint)valueBytes };
                Lmdb.Check(Lmdb.mdb_put(transaction, store._databases[database], ref name, ref content, 0), "write");
            }
        }
    }

    private sealed class KeyOrder : IComparer<byte[]>
    {
        public static readonly KeyOrder Instance = new();

        public int Compare(byte[]? x, byte[]? y) => x.AsSpan().SequenceCompareTo(y);
    }
}
