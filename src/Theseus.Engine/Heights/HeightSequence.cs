using Theseus.Consensus;

namespace Theseus.Engine;

/// <summary>
/// One height after the other: which is under way, which is opened behind it, how far decisions are durable and executed, and when the
/// next one begins (consensus N6, N16).
/// </summary>
internal sealed class HeightSequence(EngineDevices devices, EngineClock clock, TimerQueue timers)
{
    /// <summary>The height under way, or decided last; null before the first one of this run.</summary>
    public OpenHeight? Current { get; private set; }

    /// <summary>The height behind <see cref="Current"/>, once the application opened it; null before. Never of another number.</summary>
    public OpenHeight? Next { get; private set; }

    /// <summary>Decisions are durable up to this height; it only rises once a height has begun.</summary>
    public ulong Durable { get; private set; }

    /// <summary>Heights are executed here up to this one; it only rises.</summary>
    public ulong Executed { get; private set; }

    /// <summary>The lowest decided height that the application can serve.</summary>
    public ulong Lowest { get; private set; } = 1;

    /// <summary>The certificate of the height before, with its late precommits; null at the first height of this run.</summary>
    public CommitCertificate? LastCommit { get; private set; }

    /// <summary>The lowest height whose messages matter.</summary>
    public ulong LowestOpen => Current?.Number ?? Durable + 1;

    /// <summary>The opened height of a number: the one under way or the next.</summary>
    public OpenHeight? Of(ulong height) => height == Next?.Number ? Next : height == Current?.Number ? Current : null;

    /// <summary>A height was executed here.</summary>
    public void Execute(ulong height) => Executed = ulong.Max(Executed, height);

    /// <summary>The application opened the first height of this run: those below it are durable.</summary>
    public void StandAt(AppReply.HeightOpened opened)
    {
        Execute(opened.ExecutedThrough);
        (Durable, Lowest) = (opened.Height - 1, opened.Lowest);
    }

    /// <summary>The application opened the next height.</summary>
    /// <returns>Whether it is news: an answer to a question that was asked twice is not.</returns>
    public bool Open(AppReply.HeightOpened opened)
    {
        Execute(opened.ExecutedThrough);
        if (opened.Height == Next?.Number || (Current is { } current && opened.Height != current.Number + 1))
        {
            return false;
        }

        Lowest = opened.Lowest;
        Next = new OpenHeight(opened, Current, devices);
        return true;
    }

    /// <summary>The next height begins and takes the place of the one before it, whole.</summary>
    public void Enter(OpenHeight height)
    {
        Current = height;
        Next = null;
        height.Begin(clock.Now);
    }

    /// <summary>The height that was entered to be replayed had not begun: it begins as usual.</summary>
    public void Leave() => Current = null;

    /// <summary>The height under way is decided.</summary>
    public void Decide() => Current!.Decide(clock.Now);

    /// <summary>The height before is over.</summary>
    public void Finish(CommitCertificate certificate) => LastCommit = certificate;

    /// <summary>A decision is durable.</summary>
    /// <returns>Whether it was not known to be.</returns>
    public bool Store(ulong height)
    {
        if (height <= Durable)
        {
            return false;
        }

        Durable = height;
        return true;
    }

    /// <summary>The next height, if it is opened and may begin as soon as its time has come: the one before it is durable.</summary>
    public OpenHeight? Startable => Current is { } current && Durable < current.Number ? null : Next;

    /// <summary>Whether the next height begins now; if not, the time at which to look again is set (consensus N6).</summary>
    /// <param name="next">The next height.</param>
    /// <param name="isServed">Whether it is decided elsewhere, and its decision is here.</param>
    public bool MayStart(OpenHeight next, bool isServed)
    {
        if (Current is not { } last)
        {
            return true;
        }

        bool isExecuted = Executed >= next.Number - 1;
        long now = clock.Now;
        if ((isExecuted && (isServed || now >= last.IntervalEnds)) || now >= last.PatienceEnds || next.Early.Power >= next.Rules.Set.Honest)
        {
            return true; // the last: more than 1/3 are there already
        }

        timers.Set(new TimerName(TimerKind.Pace), isExecuted ? last.IntervalEnds : last.PatienceEnds);
        return false;
    }
}
