namespace Theseus.Engine;

/// <summary>What is known of a peer that serves decided heights. Scores are moving averages from 0 to 1.</summary>
internal sealed class SyncPeer
{
    public ulong Tip { get; set; }

    public ulong Lowest { get; set; }

    public double Score { get; private set; } = 0.5;

    public int InFlight { get; set; }

    public void Served() => Score += 0.2 * (1 - Score);

    public void TimedOut() => Score -= 0.1 * Score;

    public void Lied() => Score -= 0.5 * Score;
}
