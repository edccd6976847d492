using Theseus.Protocol;

namespace Theseus.Node;

/// <summary>What became of a transaction that this node has seen and no block holds.</summary>
public enum PoolStatus
{
    /// <summary>It is in the pool.</summary>
    Received,

    /// <summary>It left because its time was over.</summary>
    Expired,

    /// <summary>It left for another reason.</summary>
    Evicted,
}

/// <summary>What the pool knows of a transaction.</summary>
/// <param name="Status">Where it stands.</param>
/// <param name="Reason">Why it left, or what it waits for; empty when it can be in the next block.</param>
public readonly record struct PoolView(PoolStatus Status, string Reason)
{
    /// <summary>The sender's sequence number that is missing before it; null when none is.</summary>
    public ulong? WaitsForSequence { get; init; }
}

/// <summary>The answer to a submission.</summary>
/// <param name="Refusal">Null when the transaction is in the pool, else a stable code.</param>
/// <param name="Message">What the code means here, for people; empty when it is in the pool.</param>
/// <param name="Hash">The transaction's hash; zero when it does not decode.</param>
/// <param name="IsNew">False when the pool had it, or refused it.</param>
/// <param name="WaitsForSequence">The sender's sequence number that is missing before it, whether admitted or refused; null when none is.</param>
/// <param name="RetryAfter">For a refusal by lack of room: when to try again. Null when trying again is of no use.</param>
public readonly record struct Submission(
    string? Refusal, string Message, Hash32 Hash, bool IsNew, ulong? WaitsForSequence = null, TimeSpan? RetryAfter = null);

/// <summary>Codes by which the pool itself refuses or evicts, beside those of the stack's admission.</summary>
public static class PoolCodes
{
    /// <summary>The execution stack of the next block is not in this software.</summary>
    public const string ModuleMissing = "MODULE_MISSING";

    /// <summary>It expires later than <see cref="Mempool.LongestValidity"/> from now.</summary>
    public const string ExpirationTooFar = "EXPIRATION_TOO_FAR";

    /// <summary>One with the same sequence number stands, and this one does not pay enough more.</summary>
    public const string ReplacementUnderpriced = "REPLACEMENT_UNDERPRICED";

    /// <summary>One that pays more took its place.</summary>
    public const string Replaced = "REPLACED";

    /// <summary>The sender has as many in the pool as it may.</summary>
    public const string TooManyFromSender = "TOO_MANY_FROM_SENDER";

    /// <summary>The sender has as many that cannot run yet as it may, or all places for such are taken.</summary>
    public const string TooManyWaiting = "TOO_MANY_WAITING";

    /// <summary>The pool holds as much as it can of what pays as much or more, or as much as blocks take in some seconds.</summary>
    public const string Full = "MEMPOOL_FULL";

    /// <summary>A block held another transaction with its sequence number.</summary>
    public const string SequenceTooOld = "SEQUENCE_NUMBER_TOO_OLD";

    /// <summary>A block's time reached its expiration.</summary>
    public const string Expired = "TRANSACTION_EXPIRED";
}
