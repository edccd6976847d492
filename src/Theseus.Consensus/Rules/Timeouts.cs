namespace Theseus.Consensus;

/// <summary>The timers that the core asks for. A timer is named by (kind, height, round).</summary>
public enum TimeoutKind : byte
{
    /// <summary>The proposal has not come: prevote nil.</summary>
    Propose = 1,
    /// <summary>The prevotes do not agree: precommit nil.</summary>
    Prevote = 2,
    /// <summary>The precommits do not agree: the next round.</summary>
    Precommit = 3,

    /// <summary>Time to send one's last messages again (consensus N9).</summary>
    Rebroadcast = 4,
}

/// <summary>A timeout that grows with the round, in milliseconds.</summary>
public readonly record struct TimeoutLine(int Base, int Delta);

/// <summary>
/// Timeouts of a height in milliseconds: timeout(kind, r) = min(base + r x delta, max) (consensus N7). They come from the
/// record and are never learned.
/// </summary>
public sealed record Timeouts(TimeoutLine Propose, TimeoutLine Prevote, TimeoutLine Precommit, int Max)
{
    /// <summary>A localnet's: propose 1000 + 500r, prevote and precommit 300 + 150r, at most 10 s.</summary>
    public static Timeouts Localnet { get; } = new(new(1000, 500), new(300, 150), new(300, 150), 10_000);

    /// <summary>
    /// The timeout of a kind in a round, in milliseconds. Rebroadcast takes the sum of the other three: a round that lasts
    /// longer has lost messages.
    /// </summary>
    public int Of(TimeoutKind kind, int round) => kind switch
    {
        TimeoutKind.Propose => Line(Propose, round),
        TimeoutKind.Prevote => Line(Prevote, round),
        TimeoutKind.Precommit => Line(Precommit, round),
        TimeoutKind.Rebroadcast => (int)long.Min(Max, (long)Line(Propose, round) + Line(Prevote, round) + Line(Precommit, round)),
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    private int Line(TimeoutLine line, int round) => (int)long.Min(line.Base + ((long)line.Delta * round), Max);
}
