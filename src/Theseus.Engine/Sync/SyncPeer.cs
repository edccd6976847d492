namespace Theseus.Engine;

/// <summary>
/// What is known of a peer that may serve decided heights. What it claims names it as one to ask; what it served ranks it.
/// </summary>
internal sealed class SyncPeer
{
    /// <summary>Milliseconds that a peer rests after its first fault; doubled for each further one.</summary>
    private const long FirstRest = 2000;

    /// <summary>The longest rest in milliseconds: a peer whose link was bad gets a chance again.</summary>
    private const long LongestRest = 60_000;

    /// <summary>The longest rest of a validator's node in milliseconds: these are few, and most of them are correct.</summary>
    private const long LongestRestOfMember = 8000;

    /// <summary>Good heights that make good one fault: fewer would be cheap for whoever answers every other time.</summary>
    private const int HeightsForAFault = 64;

    private int _good;

    /// <summary>Timeouts and lies that good heights have not made up for.</summary>
    public int Faults { get; private set; }

    /// <summary>The highest height that it claims to have.</summary>
    public ulong Tip { get; set; }

    /// <summary>The lowest height that it claims to serve.</summary>
    public ulong Lowest { get; set; }

    /// <summary>When it was last heard of, in milliseconds.</summary>
    public long HeardAt { get; set; }

    /// <summary>Whether it is the node of a validator of the present set.</summary>
    public bool IsMember { get; set; }

    /// <summary>A moving average from 0 (bad) to 1 (good).</summary>
    public double Score { get; private set; } = 0.5;

    /// <summary>Requests to it that are neither answered nor given up.</summary>
    public int InFlight { get; set; }

    /// <summary>It is asked for nothing before this time, in milliseconds.</summary>
    public long RestsUntil { get; private set; }

    /// <summary>Whether the last thing known of it is a height that it served and that was verified.</summary>
    public bool IsProven { get; private set; }

    /// <summary>Milliseconds that its answers take, a moving average.</summary>
    public long ReplyTime { get; private set; }

    /// <summary>The order in which peers are asked: proven ones, validators' nodes, others.</summary>
    public int Rank => IsProven ? 0 : IsMember ? 1 : 2;

    /// <summary>It answered a request, whatever is in the answer.</summary>
    /// <param name="after">Milliseconds that it took.</param>
    /// <param name="isLate">Whether the request had been given up.</param>
    public void Answered(long after, bool isLate)
    {
        InFlight -= isLate ? 0 : 1;
        ReplyTime = ReplyTime == 0 ? after : ((3 * ReplyTime) + after) / 4;
    }

    /// <summary>A height that it served was good.</summary>
    public void Served()
    {
        Score += 0.2 * (1 - Score);
        IsProven = true;
        if (Faults > 0 && ++_good >= HeightsForAFault)
        {
            _good = 0;
            Faults--;
        }
    }

    /// <summary>It did not have what it claimed.</summary>
    public void HadNothing() => Score -= 0.1 * Score;

    /// <summary>It did not answer in time: that costs one wait, then its place among those that are asked first.</summary>
    public void TimedOut(long now)
    {
        Score -= 0.1 * Score;
        Rest(now);
    }

    /// <summary>It served something bad, or what nobody asked for.</summary>
    public void Lied(long now)
    {
        Score -= 0.5 * Score;
        Rest(now);
    }

    private void Rest(long now)
    {
        IsProven = false;
        RestsUntil = now + long.Min(FirstRest << int.Min(Faults, 16), IsMember ? LongestRestOfMember : LongestRest);
        Faults = int.Min(Faults + 1, 16);
        _good = 0;
    }
}
