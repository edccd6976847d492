namespace Theseus.Storage;

/// <summary>How a store's folder is opened.</summary>
/// <param name="CacheBytes">Blocks, filters and indexes of tables kept in memory: the bound of what reads take.</param>
/// <param name="WriteBufferBytes">Rows written and not yet in a table file, over all tables: the bound of what writes take.</param>
/// <param name="Sync">False only for throw-away data: a power failure may then lose the newest batches.</param>
/// <param name="OpenFiles">Table files open at once; the others are opened when they are read.</param>
public sealed record StoreOptions(long CacheBytes = 256L << 20, long WriteBufferBytes = 64L << 20, bool Sync = true,
    int OpenFiles = 256);
