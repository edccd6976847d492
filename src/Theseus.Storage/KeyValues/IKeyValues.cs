namespace Theseus.Storage;

/// <summary>Reads of ordered tables. Everything returned is a copy.</summary>
public interface IKeyValueReader
{
    /// <summary>The value of a key, or null.</summary>
    byte[]? Get(Table table, ReadOnlySpan<byte> key);

    /// <summary>The first row whose key is at or after <paramref name="key"/> in byte order.</summary>
    bool Seek(Table table, ReadOnlySpan<byte> key, out byte[] foundKey, out byte[] value);

    /// <summary>The rows whose keys are at or after <paramref name="key"/>, in byte order, read as they are asked for.</summary>
    IEnumerable<KeyValuePair<byte[], byte[]>> From(Table table, byte[] key);

    /// <summary>The row with the greatest key below <paramref name="key"/> in byte order.</summary>
    bool Before(Table table, ReadOnlySpan<byte> key, out byte[] foundKey, out byte[] value);
}

/// <summary>A consistent view of all tables as of its opening. An open view keeps what it sees on disk: close it within a second.</summary>
public interface IKeyValueView : IKeyValueReader, IDisposable
{
}

/// <summary>
/// Writes that become visible and durable together, or not at all. A batch does not show its own rows to readers: who
/// needs what stood before reads it from the tables. Disposing without <see cref="Commit"/> drops it. Batches are
/// committed one at a time.
/// </summary>
public interface IKeyValueBatch : IDisposable
{
    /// <summary>Writes a row; of several for one key the last one counts.</summary>
    void Put(Table table, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value);

    /// <summary>Removes a row; removing what is absent does nothing.</summary>
    void Delete(Table table, ReadOnlySpan<byte> key);

    /// <summary>Makes it durable, then visible.</summary>
    /// <exception cref="StoreException">Broken: the device or the data; nothing of the batch is visible.</exception>
    void Commit();
}

/// <summary>
/// Ordered tables with atomic batches. Reads may come from any thread; those made here, outside a view, each see the newest
/// committed state.
/// </summary>
public interface IKeyValues : IKeyValueReader, IDisposable
{
    /// <summary>Whether there is a device to wait for: then work that does not have to follow other work is done beside it.</summary>
    bool IsOnDisk { get; }

    /// <summary>Opens a consistent view.</summary>
    IKeyValueView View();

    /// <summary>Begins a batch.</summary>
    IKeyValueBatch Write();

    /// <summary>
    /// Rows of a table whose number (<see cref="Tables.Expiry"/>) is below the floor may vanish from now on: in any
    /// order, at any time, also under an open view. Readers check the floor themselves. A floor only rises, and is not
    /// remembered by the tables: it is told again after each opening.
    /// </summary>
    void Forget(Table table, ulong floor);

    /// <summary>Removes all that has expired, now: for measurements and tests.</summary>
    void Compact();
}
