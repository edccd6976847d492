using System.Runtime.InteropServices;
using RocksDbSharp;

namespace Theseus.Storage;

/// <summary>
/// The tables in a RocksDB folder, a column family each. One process, one instance: a lock file of our own refuses a second. Whatever is
/// read is copied. A batch is one record of the write-ahead log, synced before it is visible.
/// </summary>
public sealed class RocksKeyValues : IKeyValues
{
    /// <summary>The lock file's name.</summary>
    public const string LockFile = "theseus.lock";

    private const int BloomBitsPerKey = 10; // one lookup of an absent key in a hundred reads a block for nothing
    private const int BlockBytes = 4 * 1024;

    // The cache is 4 parts of 64 MiB. By itself the library makes 64 of 4 MiB, of which one that two indexes of 1.4 MiB fall to is full.
    private const int CacheShardBits = 2;
    private const ulong FileBytes = 128 << 20; // so that the files of ten million rows are fewer than that: opening one reads its index
    private const ulong LogBytes = 8 << 20; // of the database's own event log, of which two are kept
    // table files older than this are rewritten, so that expired rows leave although nobody writes near them
    private const ulong RewriteSeconds = 12 * 3_600;

    // Whole files leave when a floor has risen by so much: listing files costs more than the few rows between are worth.
    private const ulong FileDropInterval = 256;

    private readonly FileStream _lock;
    private readonly ExpiryFilter?[] _filters = new ExpiryFilter?[Tables.All.Count];
    private readonly ColumnFamilyHandle[] _families = new ColumnFamilyHandle[Tables.All.Count];
    private readonly ulong[] _dropped = new ulong[Tables.All.Count];
    private readonly ReadOptions _newest = new();
    private readonly WriteOptions _write;
    private RocksDb? _database;

    private RocksKeyValues(FileStream lockFile, StoreOptions options)
    {
        _lock = lockFile;
        _write = new WriteOptions().SetSync(options.Sync);
    }

    private RocksDb Database => _database ?? throw new ObjectDisposedException(nameof(RocksKeyValues));

    /// <summary>Whether a folder holds tables: the database names its newest manifest in a file of this name.</summary>
    public static bool IsIn(string folder) => File.Exists(Path.Combine(folder, "CURRENT"));

    /// <summary>Opens, or makes, a folder.</summary>
    /// <exception cref="StoreException">Locked, or Broken.</exception>
    public static RocksKeyValues Open(string folder, StoreOptions? options = null)
    {
        options ??= new StoreOptions();
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

        RocksKeyValues store = new(lockFile, options);
        try
        {
            Checked($"open {folder}", () => store.OpenDatabase(folder, options));
            return store;
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public bool IsOnDisk => true;

    /// <inheritdoc/>
    public byte[]? Get(Table table, ReadOnlySpan<byte> key) => Get(table, key, _newest);

    /// <inheritdoc/>
    public bool Seek(Table table, ReadOnlySpan<byte> key, out byte[] foundKey, out byte[] value) =>
        Seek(table, key, _newest, out foundKey, out value);

    /// <inheritdoc/>
    public IEnumerable<KeyValuePair<byte[], byte[]>> From(Table table, byte[] key) => From(table, key, _newest);

    /// <inheritdoc/>
    public bool Before(Table table, ReadOnlySpan<byte> key, out byte[] foundKey, out byte[] value) =>
        Before(table, key, _newest, out foundKey, out value);

    /// <inheritdoc/>
    public IKeyValueView View() => new RocksView(this);

    /// <inheritdoc/>
    public IKeyValueBatch Write() => new Batch(this);

    /// <inheritdoc/>
    public void Forget(Table table, ulong floor)
    {
        _filters[(int)table]?.Raise(floor);
        if (table.Expiry() == Expiry.KeyBegins && floor >= _dropped[(int)table] + FileDropInterval)
        {
            _dropped[(int)table] = floor;
            byte[] from = StoreKeys.Of(0);
            byte[] below = StoreKeys.Of(floor);
            Checked($"drop files of {table}", () => Native.Instance.rocksdb_delete_file_in_range_cf(
                Database.Handle, _families[(int)table].Handle, from, (nuint)from.Length, below, (nuint)below.Length));
        }
    }

    /// <inheritdoc/>
    public void Compact()
    {
        foreach (ColumnFamilyHandle family in _families)
        {
            Checked("compact", () => Database.CompactRange((byte[]?)null, null, family));
        }
    }

    /// <summary>Returns when the database has rewritten what it had to: what follows is not slowed by what went before.</summary>
    public void WaitForRewrites()
    {
        nint options = Native.Instance.rocksdb_wait_for_compact_options_create();
        try
        {
            Checked("wait for rewriting", () => Native.Instance.rocksdb_wait_for_compact(Database.Handle, options));
        }
        finally
        {
            Native.Instance.rocksdb_wait_for_compact_options_destroy(options);
        }
    }

    /// <summary>Closes the folder. No view may be open.</summary>
    public void Dispose()
    {
        if (_database is { } open)
        {
            _database = null;
            Native.Instance.rocksdb_cancel_all_background_work(open.Handle, 1);
            open.Dispose();
        }

        foreach (ExpiryFilter? filter in _filters)
        {
            filter?.Dispose();
        }

        Array.Clear(_filters);
        _lock.Dispose();
    }

    // The library tells faults by exceptions that hold a sentence; all of them mean that the device or the data is broken.
    private static void Checked(string what, Action action)
    {
        try
        {
            action();
        }
        catch (RocksDbException exception)
        {
            throw Broken(what, exception);
        }
    }

    private static StoreException Broken(string what, RocksDbException exception) =>
        new(StoreFault.Broken, $"cannot {what}: {Sentence(exception.Message)}", exception);

    // The library's sentences hold double spaces, line ends and a full stop in places; more is said behind them.
    private static string Sentence(string message) =>
        string.Join(' ', message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).TrimEnd('.');

    private void OpenDatabase(string folder, StoreOptions options)
    {
        nint cache = BlockCache(options.CacheBytes);
        DbOptions database = new DbOptions()
            .SetCreateIfMissing(true)
            .SetCreateMissingColumnFamilies(true)
            .SetDbWriteBufferSize((ulong)options.WriteBufferBytes)
            .SetMaxTotalWalSize(4 * (ulong)options.WriteBufferBytes)
            .SetWalRecoveryMode(Recovery.TolerateCorruptedTailRecords) // a torn tail is what a crash leaves; other damage is told
            .SetMaxOpenFiles(options.OpenFiles)
            .SetIsFdCloseOnExec(true)
            .SetInfoLogLevel(InfoLogLevel.Warn)
            .SetMaxLogFileSize(LogBytes)
            .SetKeepLogFileNum(2)
            .SetStatsDumpPeriodSec(0)
            .SetBytesPerSync(1 << 20);
        ColumnFamilies families = new(Family(cache, options, null));
        foreach (Table table in Tables.All)
        {
            _filters[(int)table] = table.Expiry() == Expiry.Never ? null : new ExpiryFilter(table);
            families.Add(table.ToString(), Family(cache, options, table));
        }

        try
        {
            _database = RocksDb.Open(database, folder, families);
        }
        finally
        {
            Native.Instance.rocksdb_cache_destroy(cache); // our share of it: the tables keep theirs
        }

        foreach (Table table in Tables.All)
        {
            _families[(int)table] = _database.GetColumnFamily(table.ToString());
        }
    }

    // The clock's order takes no lock for what is found: blocks are read on several threads.
    private static nint BlockCache(long bytes)
    {
        nint options = Native.Instance.rocksdb_hyper_clock_cache_options_create((nuint)bytes, 0); // sizes of entries: as they come
        Native.Instance.rocksdb_hyper_clock_cache_options_set_num_shard_bits(options, CacheShardBits);
        nint cache = Native.Instance.rocksdb_cache_create_hyper_clock_opts(options);
        Native.Instance.rocksdb_hyper_clock_cache_options_destroy(options);
        return cache;
    }

    private ColumnFamilyOptions Family(nint cache, StoreOptions options, Table? table)
    {
        BlockBasedTableOptions blocks = new BlockBasedTableOptions()
            .SetBlockSize(BlockBytes)
            .SetFilterPolicy(BloomFilterPolicy.Create(BloomBitsPerKey, false))
            .SetCacheIndexAndFilterBlocks(true) // so that CacheBytes bounds them, too
            .SetPinL0FilterAndIndexBlocksInCache(true);
        Native.Instance.rocksdb_block_based_options_set_block_cache(blocks.Handle, cache);
        ColumnFamilyOptions family = new ColumnFamilyOptions()
            .SetWriteBufferSize((ulong)options.WriteBufferBytes / 2)
            .SetTargetFileSizeBase(FileBytes)
            .SetLevelCompactionDynamicLevelBytes(true)
            .SetCompression(table is Table.Nodes ? Compression.No : Compression.Lz4) // hashes do not get smaller
            .SetBlockBasedTableFactory(blocks);
        if (table is { } own && _filters[(int)own] is { } filter)
        {
            family.SetCompactionFilter(filter.Handle);
            if (own.Expiry() != Expiry.KeyBegins)
            {
                Native.Instance.rocksdb_options_set_periodic_compaction_seconds(family.Handle, RewriteSeconds);
            }
        }

        return family;
    }

    private byte[]? Get(Table table, ReadOnlySpan<byte> key, ReadOptions options)
    {
        try
        {
            return Database.Get(key, _families[(int)table], options);
        }
        catch (RocksDbException exception)
        {
            throw Broken($"read {table}", exception);
        }
    }

    private bool Seek(Table table, ReadOnlySpan<byte> key, ReadOptions options, out byte[] foundKey, out byte[] value)
    {
        using Iterator iterator = Database.NewIterator(_families[(int)table], options);
        iterator.Seek(key);
        return Row(table, iterator, out foundKey, out value);
    }

    private IEnumerable<KeyValuePair<byte[], byte[]>> From(Table table, byte[] key, ReadOptions options)
    {
        using Iterator iterator = Database.NewIterator(_families[(int)table], options);
        for (iterator.Seek(key); Row(table, iterator, out byte[] found, out byte[] value); iterator.Next())
        {
            yield return new(found, value);
        }
    }

    private bool Before(Table table, ReadOnlySpan<byte> key, ReadOptions options, out byte[] foundKey, out byte[] value)
    {
        using Iterator iterator = Database.NewIterator(_families[(int)table], options);
        iterator.SeekForPrev(key);
        if (iterator.Valid() && iterator.GetKeySpan().SequenceEqual(key))
        {
            iterator.Prev();
        }

        return Row(table, iterator, out foundKey, out value);
    }

    private static bool Row(Table table, Iterator iterator, out byte[] foundKey, out byte[] value)
    {
        if (iterator.Valid())
        {
            foundKey = iterator.GetKeySpan().ToArray();
            value = iterator.GetValueSpan().ToArray();
            return true;
        }

        // past the end, or stopped by damage: only the status tells
        Native.Instance.rocksdb_iter_get_error(iterator.Handle, out nint error);
        if (error != 0)
        {
            string message = Marshal.PtrToStringUTF8(error) ?? "";
            Native.Instance.rocksdb_free(error);
            throw new StoreException(StoreFault.Broken, $"cannot read {table}: {Sentence(message)}");
        }

        foundKey = [];
        value = [];
        return false;
    }

    private sealed class RocksView : IKeyValueView
    {
        private readonly RocksKeyValues _store;
        private readonly Snapshot _snapshot;
        private readonly ReadOptions _options;

        public RocksView(RocksKeyValues store)
        {
            _store = store;
            _snapshot = store.Database.CreateSnapshot();
            _options = new ReadOptions().SetSnapshot(_snapshot);
        }

        public byte[]? Get(Table table, ReadOnlySpan<byte> key) => _store.Get(table, key, _options);

        public bool Seek(Table table, ReadOnlySpan<byte> key, out byte[] foundKey, out byte[] value) =>
            _store.Seek(table, key, _options, out foundKey, out value);

        public IEnumerable<KeyValuePair<byte[], byte[]>> From(Table table, byte[] key) => _store.From(table, key, _options);

        public bool Before(Table table, ReadOnlySpan<byte> key, out byte[] foundKey, out byte[] value) =>
            _store.Before(table, key, _options, out foundKey, out value);

        public void Dispose() => _snapshot.Dispose();
    }

    private sealed class Batch(RocksKeyValues store) : IKeyValueBatch
    {
        private readonly WriteBatch _rows = new();

        public void Put(Table table, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) =>
            _rows.Put(key, value, store._families[(int)table]);

        public void Delete(Table table, ReadOnlySpan<byte> key) => _rows.Delete(key, store._families[(int)table]);

        public void Commit() => Checked("write", () => store.Database.Write(_rows, store._write));

        public void Dispose() => _rows.Dispose();
    }
}
