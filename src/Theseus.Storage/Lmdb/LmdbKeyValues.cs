using System.Collections.Concurrent;

namespace Theseus.Storage;

/// <summary>How an LMDB folder is opened.</summary>
/// <param name="MapSize">Bytes of address space; the file is sparse and grows to what it holds (execution 6).</param>
/// <param name="Sync">False only for throw-away data: a power failure may then break the file.</param>
public sealed record LmdbOptions(long MapSize = 1L << 40, bool Sync = true);

/// <summary>
/// The tables in an LMDB folder. One process, one instance: a lock file of our own refuses a second, because LMDB would let it in,
/// and the same folder opened twice in a process breaks LMDB's locks. Read transactions are not tied to threads (MDB_NOTLS) and are
/// pooled; whatever is read is copied before the view closes.
/// </summary>
public sealed class LmdbKeyValues : IKeyValues
{
    /// <summary>The lock file's name.</summary>
    public const string LockFile = "theseus.lock";

    // Views open at one time: every one holds a slot in LMDB's reader table.
    private const int MaximumReaders = 510;
    private const int MaximumIdleReaders = 64;
    private static readonly int TableCount = Enum.GetValues<Table>().Length;

    private readonly FileStream _lock;
    private readonly Lock _writing = new();
    private readonly ConcurrentBag<ReaderHandle> _idle = [];
    private readonly SemaphoreSlim _readers = new(MaximumReaders, MaximumReaders);
    private readonly uint[] _databases = new uint[TableCount];
    private nint _environment;

    private LmdbKeyValues(FileStream lockFile) => _lock = lockFile;

    /// <summary>Opens, or makes, a folder.</summary>
    /// <exception cref="StoreException">Locked, or Broken.</exception>
    public static LmdbKeyValues Open(string folder, LmdbOptions? options = null)
    {
        Directory.CreateDirectory(folder);
        FileStream lockFile;
        try
        {
            lockFile = new FileStream(Path.Combine(folder, LockFile), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException exception)
        {
            throw new StoreException(StoreFault.Locked, $"{folder} is in use by another node; stop it first", exception);
        }

        LmdbKeyValues store = new(lockFile);
        try
        {
            store.OpenEnvironment(folder, options ?? new LmdbOptions());
            return store;
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    public IKeyValueReader Read()
    {
        ObjectDisposedException.ThrowIf(_environment == 0, this);
        _readers.Wait();
        try
        {
            if (_idle.TryTake(out ReaderHandle? handle))
            {
                Lmdb.Check(Lmdb.mdb_txn_renew(handle.Transaction), "renew a view");
                handle.Renewed();
            }
            else
            {
                Lmdb.Check(Lmdb.mdb_txn_begin(_environment, 0, Lmdb.ReadOnly, out nint transaction), "begin a view");
                handle = new ReaderHandle(transaction, TableCount);
            }

            return new View(this, handle);
        }
        catch
        {
            _readers.Release();
            throw;
        }
    }

    public IKeyValueWriter Write()
    {
        ObjectDisposedException.ThrowIf(_environment == 0, this);
        _writing.Enter();
        try
        {
            Lmdb.Check(Lmdb.mdb_txn_begin(_environment, 0, 0, out nint transaction), "begin a write");
            return new Writer(this, transaction);
        }
        catch
        {
            _writing.Exit();
            throw;
        }
    }

    /// <summary>Closes the folder. No view may be open.</summary>
    public void Dispose()
    {
        if (_environment != 0)
        {
            while (_idle.TryTake(out ReaderHandle? handle))
            {
                handle.Close();
            }

            Lmdb.mdb_env_close(_environment);
            _environment = 0;
        }

        _readers.Dispose();
        _lock.Dispose();
    }

    private void OpenEnvironment(string folder, LmdbOptions options)
    {
        Lmdb.Check(Lmdb.mdb_env_create(out nint environment), "create an environment");
        _environment = environment;
        Lmdb.Check(Lmdb.mdb_env_set_maxdbs(environment, (uint)TableCount), "set the number of tables");
        Lmdb.Check(Lmdb.mdb_env_set_maxreaders(environment, MaximumReaders + 2), "set the number of readers");
        Lmdb.Check(Lmdb.mdb_env_set_mapsize(environment, (nint)options.MapSize), "set the map size");
        uint flags = Lmdb.NoTls | Lmdb.NoReadAhead | (options.Sync ? 0 : Lmdb.NoSync);
        const uint OwnerOnly = 0x180; // rw-------
        Lmdb.Check(Lmdb.mdb_env_open(environment, folder, flags, OwnerOnly), $"open {folder}");
        Lmdb.Check(Lmdb.mdb_reader_check(environment, out _), "clear dead readers");

        Lmdb.Check(Lmdb.mdb_txn_begin(environment, 0, 0, out nint transaction), "begin a write");
        for (int i = 0; i < TableCount; i++)
        {
            int code = Lmdb.mdb_dbi_open(transaction, ((Table)i).ToString(), Lmdb.Create, out _databases[i]);
            if (code != 0)
            {
                Lmdb.mdb_txn_abort(transaction);
                Lmdb.Check(code, $"open table {(Table)i}");
            }
        }

        Lmdb.Check(Lmdb.mdb_txn_commit(transaction), "commit the tables");
    }

    /// <summary>A read transaction with its cursors, kept between views.</summary>
    private sealed class ReaderHandle(nint transaction, int tables)
    {
        private readonly nint[] _cursors = new nint[tables];
        private readonly bool[] _stale = new bool[tables];

        public nint Transaction { get; } = transaction;

        public void Renewed() => Array.Fill(_stale, true);

        public nint Cursor(int table, uint database)
        {
            if (_cursors[table] == 0)
            {
                Lmdb.Check(Lmdb.mdb_cursor_open(Transaction, database, out _cursors[table]), "open a cursor");
            }
            else if (_stale[table])
            {
                Lmdb.Check(Lmdb.mdb_cursor_renew(Transaction, _cursors[table]), "renew a cursor");
            }

            _stale[table] = false;
            return _cursors[table];
        }

        public void Close()
        {
            foreach (nint cursor in _cursors)
            {
                if (cursor != 0)
                {
                    Lmdb.mdb_cursor_close(cursor);
                }
            }

            Lmdb.mdb_txn_abort(Transaction);
        }
    }

    private abstract unsafe class Access(LmdbKeyValues store) : IKeyValueReader
    {
        protected LmdbKeyValues Store { get; } = store;

        public byte[]? Get(Table table, ReadOnlySpan<byte> key)
        {
            fixed (byte* bytes = key)
            {
                Lmdb.Value name = new() { Size = key.Length, Data = (nint)bytes };
                int code = Lmdb.mdb_get(Transaction(), Store._databases[(int)table], ref name, out Lmdb.Value value);
                if (code == Lmdb.NotFound)
                {
                    return null;
                }

                Lmdb.Check(code, $"read {table}");
                return Copy(value);
            }
        }

        public bool Seek(Table table, ReadOnlySpan<byte> key, out byte[] foundKey, out byte[] value)
        {
            fixed (byte* bytes = key)
            {
                Lmdb.Value name = new() { Size = key.Length, Data = (nint)bytes };
                return Move(table, name, key.Length == 0 ? Lmdb.First : Lmdb.SetRange, out foundKey, out value);
            }
        }

        public bool Before(Table table, ReadOnlySpan<byte> key, out byte[] foundKey, out byte[] value) =>
            key.Length == 0 ? None(out foundKey, out value)
            : Seek(table, key, out _, out _) ? Move(table, default, Lmdb.Previous, out foundKey, out value)
            : Last(table, out foundKey, out value); // every key is below it

        public bool Last(Table table, out byte[] foundKey, out byte[] value) => Move(table, default, Lmdb.CursorLast, out foundKey, out value);

        public abstract void Dispose();

        protected abstract nint Transaction();

        protected abstract nint Cursor(Table table);

        private bool Move(Table table, Lmdb.Value key, int operation, out byte[] foundKey, out byte[] value)
        {
            Lmdb.Value content = default;
            int code = Lmdb.mdb_cursor_get(Cursor(table), ref key, ref content, operation);
            if (code == Lmdb.NotFound)
            {
                return None(out foundKey, out value);
            }

            Lmdb.Check(code, $"seek {table}");
            foundKey = Copy(key);
            value = Copy(content);
            return true;
        }

        private static bool None(out byte[] foundKey, out byte[] value)
        {
            foundKey = [];
            value = [];
            return false;
        }

        private static byte[] Copy(Lmdb.Value value) => new ReadOnlySpan<byte>((void*)value.Data, checked((int)value.Size)).ToArray();
    }

    private sealed class View(LmdbKeyValues store, ReaderHandle handle) : Access(store)
    {
        private ReaderHandle? _handle = handle;

        public override void Dispose()
        {
            if (_handle is not { } open)
            {
                return;
            }

            _handle = null;
            Lmdb.mdb_txn_reset(open.Transaction); // frees the pages it saw, keeps its slot
            if (Store._idle.Count < MaximumIdleReaders)
            {
                Store._idle.Add(open);
            }
            else
            {
                open.Close();
            }

            Store._readers.Release();
        }

        protected override nint Transaction() => _handle?.Transaction ?? throw new ObjectDisposedException(nameof(View));

        protected override nint Cursor(Table table) =>
            (_handle ?? throw new ObjectDisposedException(nameof(View))).Cursor((int)table, Store._databases[(int)table]);
    }

    private sealed unsafe class Writer(LmdbKeyValues store, nint transaction) : Access(store), IKeyValueWriter
    {
        private readonly nint[] _cursors = new nint[TableCount]; // LMDB frees a write transaction's cursors with it
        private nint _transaction = transaction;

        public void Put(Table table, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) => Lmdb.Check(Put(table, key, value, 0), $"write {table}");

        public void Append(Table table, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
        {
            int code = Put(table, key, value, Lmdb.AppendFlag);
            if (code == Lmdb.KeyExist)
            {
                code = Put(table, key, value, 0); // not the greatest key after all
            }

            Lmdb.Check(code, $"append to {table}");
        }

        public bool Delete(Table table, ReadOnlySpan<byte> key)
        {
            fixed (byte* bytes = key)
            {
                Lmdb.Value name = new() { Size = key.Length, Data = (nint)bytes };
                int code = Lmdb.mdb_del(Transaction(), Store._databases[(int)table], ref name, 0);
                if (code != Lmdb.NotFound)
                {
                    Lmdb.Check(code, $"delete from {table}");
                }

                return code == 0;
            }
        }

        public void Commit()
        {
            nint open = Transaction();
            _transaction = 0;
            try
            {
                Lmdb.Check(Lmdb.mdb_txn_commit(open), "commit");
            }
            finally
            {
                Store._writing.Exit();
            }
        }

        public override void Dispose()
        {
            if (_transaction != 0)
            {
                Lmdb.mdb_txn_abort(_transaction);
                _transaction = 0;
                Store._writing.Exit();
            }
        }

        protected override nint Transaction() => _transaction != 0 ? _transaction : throw new ObjectDisposedException(nameof(Writer));

        protected override nint Cursor(Table table)
        {
            if (_cursors[(int)table] == 0)
            {
                Lmdb.Check(Lmdb.mdb_cursor_open(Transaction(), Store._databases[(int)table], out _cursors[(int)table]), "open a cursor");
            }

            return _cursors[(int)table];
        }

        private int Put(Table table, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, uint flags)
        {
            // an empty span has no address; LMDB wants one even for a value of no bytes
            byte none = 0;
            fixed (byte* keyBytes = key)
            fixed (byte* valueBytes = value)
            {
                Lmdb.Value name = new() { Size = key.Length, Data = (nint)keyBytes };
                Lmdb.Value content = new() { Size = value.Length, Data = value.Length == 0 ? (nint)(&none) : (nint)valueBytes };
                return Lmdb.mdb_put(Transaction(), Store._databases[(int)table], ref name, ref content, flags);
            }
        }
    }
}
