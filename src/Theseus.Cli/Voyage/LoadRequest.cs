namespace Theseus.Cli.Voyage;

/// <summary>One request of the load and what became of it. Times are milliseconds since 1970, 0 while they have not come.</summary>
internal sealed class LoadRequest
{
    /// <summary>Outcome of a request that is not settled.</summary>
    public const string Pending = "pending";

    /// <summary>Outcome of a request that did what it should.</summary>
    public const string Success = "success";

    /// <summary>Of the transaction, 0x hex.</summary>
    public required string Hash { get; init; }

    /// <summary>Name of the node that it was sent to first.</summary>
    public required string Node { get; init; }

    /// <summary>When it should have been sent, at the rate asked for.</summary>
    public required long Due { get; init; }

    /// <summary>When it was sent.</summary>
    public required long Sent { get; init; }

    /// <summary>When a node took it.</summary>
    public long Accepted { get; set; }

    /// <summary>When the block with it was seen.</summary>
    public long Done { get; set; }

    /// <summary>success, or what went wrong.</summary>
    public string Outcome { get; set; } = Pending;

    /// <summary>Times that it was sent; in a voyage a second time counts as a failure.</summary>
    public int Tries { get; set; } = 1;

    /// <summary>The longest that a node took to refuse it, in milliseconds; 0 while none has.</summary>
    public double RefusedAfterMs { get; set; }

    /// <summary>Refusals of nodes that had no room or too much to do, each with the time after which to come back.</summary>
    public int TypedRefusals { get; set; }

    /// <summary>Its block.</summary>
    public ulong? Height { get; set; }
}
