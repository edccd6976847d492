namespace Theseus.Storage;

/// <summary>The tables of a chain's store. Numbers are stable: they name LMDB databases.</summary>
public enum Table
{
    /// <summary>text → value: schema, chain, heights, floors.</summary>
    Meta = 0,

    /// <summary>height 8 → header.</summary>
    Headers = 1,

    /// <summary>height 8 → body.</summary>
    Bodies = 2,

    /// <summary>height 8 → commit certificate.</summary>
    Certificates = 3,

    /// <summary>block id 32 → height 8.</summary>
    BlockIds = 4,

    /// <summary>record id 32 → record.</summary>
    Records = 5,

    /// <summary>height 8 → result.</summary>
    Results = 6,

    /// <summary>height 8 → service events.</summary>
    ServiceEvents = 7,

    /// <summary>version 8 → height, index, receipt, events, writes.</summary>
    Transactions = 8,

    /// <summary>transaction hash 32 → version 8.</summary>
    Hashes = 9,

    /// <summary>height 8 ‖ validator 32 ‖ kind 1 → height 8 of the block that holds the proof.</summary>
    Offences = 10,

    /// <summary>owner 32 ‖ kind 1 ‖ key hash 32 ‖ ~height 8 → 00 | 01 ‖ value (execution 6).</summary>
    History = 11,

    /// <summary>key hash 32 → state key.</summary>
    Preimages = 12,

    /// <summary>height 8 ‖ nibbles → tree node.</summary>
    Nodes = 13,

    /// <summary>height 8 → reference of the state tree.</summary>
    Trees = 14,

    /// <summary>height superseded 8 ‖ node key → nothing.</summary>
    StaleNodes = 15,

    /// <summary>height superseded 8 ‖ class 1 ‖ history key → nothing.</summary>
    StaleValues = 16,
}

/// <summary>A consistent view of all tables. Everything returned is a copy. To be closed within a second: an open view stops the reuse of pages (execution 6).</summary>
public interface IKeyValueReader : IDisposable
{
    /// <summary>The value of a key, or null.</summary>
    byte[]? Get(Table table, ReadOnlySpan<byte> key);

    /// <summary>The first row whose key is at or after <paramref name="key"/> in byte order.</summary>
    bool Seek(Table table, ReadOnlySpan<byte> key, out byte[] foundKey, out byte[] value);

    /// <summary>The row with the greatest key below <paramref name="key"/> in byte order.</summary>
    bool Before(Table table, ReadOnlySpan<byte> key, out byte[] foundKey, out byte[] value);

    /// <summary>The row with the greatest key.</summary>
    bool Last(Table table, out byte[] foundKey, out byte[] value);
}

/// <summary>A transaction: all of it or nothing. Disposing without <see cref="Commit"/> drops it. Begin, use and commit on one thread.</summary>
public interface IKeyValueWriter : IKeyValueReader
{
    void Put(Table table, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value);

    /// <summary>As <see cref="Put"/>, for a key that is above all others of its table.</summary>
    void Append(Table table, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value);

    /// <summary>Whether the key was there.</summary>
    bool Delete(Table table, ReadOnlySpan<byte> key);

    /// <summary>Makes it durable, then visible.</summary>
    void Commit();
}

/// <summary>Ordered tables with transactions: many readers, one writer.</summary>
public interface IKeyValues : IDisposable
{
    IKeyValueReader Read();

    /// <summary>Waits for the other writer.</summary>
    IKeyValueWriter Write();
}
