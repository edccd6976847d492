using Theseus.Protocol;

namespace Theseus.Node;

/// <summary>The state of a transaction that this node has seen and no block holds.</summary>
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
/// <param name="Refusal">Null when the transaction is in the pool.</param>
/// <param name="Message">What the refusal means here, for people; empty when it is in the pool.</param>
/// <param name="Hash">The transaction's hash; zero when it does not decode.</param>
/// <param name="IsNew">False when the pool had it, or refused it.</param>
/// <param name="WaitsForSequence">The sender's sequence number that is missing before it, whether admitted or refused; null when
/// none is.</param>
/// <param name="RetryAfter">For a refusal by lack of room: when to try again. Null when trying again is of no use.</param>
public readonly record struct Submission(
    RefusalReason? Refusal, string Message, Hash32 Hash, bool IsNew, ulong? WaitsForSequence = null, TimeSpan? RetryAfter = null);

/// <summary>A transaction that came and whose signature is not checked yet.</summary>
/// <param name="Transaction">Null when it does not decode, or was recognised by its bytes.</param>
/// <param name="Source">The session that brought it, null for a client.</param>
/// <param name="Answer">Null while it can be admitted.</param>
public readonly record struct Arrival(SignedTransaction? Transaction, object? Source, Submission? Answer);
