namespace Theseus.Node;

/// <summary>
/// Bounds of the mempool. Transactions that can run share the whole pool; those that cannot run yet (a sequence gap, or fees beyond the
/// balance) have a small share of it, for each sender and together, and leave first. Validators in force have places of their own.
/// </summary>
public sealed record PoolLimits
{
    /// <summary>The limits of production.</summary>
    public static readonly PoolLimits Default = new();

    /// <summary>Transactions in the shared pool: some ten seconds of full blocks of a fast network.</summary>
    public int Count { get; init; } = Mempool.MaximumCount;

    /// <summary>Bytes of them.</summary>
    public long Bytes { get; init; } = Mempool.MaximumBytes;

    /// <summary>Transactions of one sender, those that wait included.</summary>
    public int CountPerSender { get; init; } = Mempool.MaximumPerSender;

    /// <summary>Bytes of one sender: one full block of the default size, a sixteenth of the pool.</summary>
    public long BytesPerSender { get; init; } = 4L * 1024 * 1024;

    /// <summary>Transactions that cannot run yet: an eighth of the pool, for orders that arrive out of sequence.</summary>
    public int WaitingCount { get; init; } = Mempool.MaximumCount / 8;

    /// <summary>Bytes of them.</summary>
    public long WaitingBytes { get; init; } = Mempool.MaximumBytes / 8;

    /// <summary>Transactions of one sender that cannot run yet.</summary>
    public int WaitingCountPerSender { get; init; } = 64;

    /// <summary>Bytes of them: four of the largest ordinary size.</summary>
    public long WaitingBytesPerSender { get; init; } = 256L * 1024;

    /// <summary>Places that each validator in force has beside the shared pool: a vote for every open proposal.</summary>
    public int ReservedCount { get; init; } = 16;

    /// <summary>
    /// Bytes of all validators' own places together; each has an equal part, and at least one of the largest ordinary transactions.
    /// </summary>
    public long ReservedBytes { get; init; } = 16L * 1024 * 1024;

    /// <summary>
    /// Work that may wait at a price: beyond what blocks take in this time, a newcomer that pays no more than the cheapest is refused with
    /// the time after which to try again, instead of expiring in the pool.
    /// </summary>
    public TimeSpan Backlog { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>Transactions below which there is no backlog, however slow blocks have been.</summary>
    public int LeastBacklog { get; init; } = 2_000;
}
