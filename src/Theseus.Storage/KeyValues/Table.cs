namespace Theseus.Storage;

/// <summary>The tables of a chain's store. The names are stable: they name column families on disk.</summary>
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

    /// <summary>owner 32 ‖ kind 1 ‖ key hash 32 → the newest value: height 8 that wrote it ‖ state key ‖ value.</summary>
    State = 11,

    /// <summary>
    /// owner 32 ‖ kind 1 ‖ key hash 32 ‖ height 8 that replaced or deleted it → the row that stood in
    /// <see cref="State"/>.
    /// </summary>
    History = 12,

    /// <summary>height 8 ‖ nibbles → tree node.</summary>
    Nodes = 13,

    /// <summary>height 8 → reference of the state tree.</summary>
    Trees = 14,

    /// <summary>height 8 that superseded them → node keys, each behind its length u8.</summary>
    StaleNodes = 15,
}

/// <summary>
/// Where the number stands by which the rows of a table expire (see <see cref="IKeyValues.Forget"/>); always 8 bytes,
/// big-endian.
/// </summary>
public enum Expiry
{
    /// <summary>Rows never expire.</summary>
    Never,

    /// <summary>The key begins with it, and rows are written in its order: expired rows leave in whole files.</summary>
    KeyBegins,

    /// <summary>The key ends with it.</summary>
    KeyEnds,

    /// <summary>The value is it.</summary>
    Value,
}

/// <summary>What the tables have in common and what not.</summary>
public static class Tables
{
    /// <summary>All tables, in order.</summary>
    public static IReadOnlyList<Table> All { get; } = Enum.GetValues<Table>();

    /// <summary>Where a table's rows carry the number by which they expire.</summary>
    public static Expiry Expiry(this Table table) => table switch
    {
        Table.Headers or Table.Bodies or Table.Certificates or Table.Results or Table.ServiceEvents or Table.Transactions
            or Table.Trees or Table.StaleNodes => Storage.Expiry.KeyBegins,
        Table.History => Storage.Expiry.KeyEnds,
        Table.BlockIds or Table.Hashes => Storage.Expiry.Value,
        _ => Storage.Expiry.Never, // nodes leave one by one, by the list of stale nodes
    };

    /// <summary>Whether a row of a table has expired under a floor.</summary>
    public static bool IsExpired(this Table table, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, ulong floor) => table.Expiry() switch
    {
        Storage.Expiry.KeyBegins => key.Length >= sizeof(ulong) && StoreKeys.Number(key) < floor,
        Storage.Expiry.KeyEnds => key.Length >= sizeof(ulong) && StoreKeys.Number(key[^sizeof(ulong)..]) < floor,
        Storage.Expiry.Value => value.Length == sizeof(ulong) && StoreKeys.Number(value) < floor,
        _ => false,
    };
}
