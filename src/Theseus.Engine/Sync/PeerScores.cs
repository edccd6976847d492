namespace Theseus.Engine;

/// <summary>What is known of a peer that serves decided heights. Scores are moving averages from 0 to 1.</summary>
internal sealed class SyncPeer
{
    public ulong Tip { get; set; }

    public ulong Lowest { get; set; }

    public double Score { get; private set; } = 0.5;

    public int InFlight { get; set; }

    /// <summary>It is asked for nothing before this time.</summary>
    public long RestsUntil { get; private set; }

    public void Served() => Score += 0.2 * (1 - Score);

    public void TimedOut() => Score -= 0.1 * Score;

    /// <summary>It served something bad: it is not asked for a while, or a lone liar would keep both nodes busy.</summary>
    public void Lied(long now)
    {
        const int Rest = 2000;
        Score -= 0.5 * Score;
        RestsUntil = now + Rest;
    }
}
