using Theseus.Consensus;

namespace Theseus.Engine;

/// <summary>What a timer is for.</summary>
internal enum TimerKind
{
    /// <summary>One of the core's.</summary>
    Core = 1,

    /// <summary>Look again whether the next height may start (consensus N6).</summary>
    Pace,

    /// <summary>Ask again for contents that are wanted.</summary>
    Fetch,

    /// <summary>Ask the signer again (F28).</summary>
    Sign,

    /// <summary>Tell peers one's tip.</summary>
    Tick,

    /// <summary>Look for sync requests that take too long.</summary>
    Requests,
}

/// <summary>One timer of each name: set again, for a later round or height, it replaces the earlier one.</summary>
internal readonly record struct TimerName(TimerKind Kind, TimeoutKind Core = default);

/// <summary>A timer that is due.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Height">The height of the core's round that it ends; 0 for the others.</param>
/// <param name="Round">That round.</param>
internal readonly record struct DueTimer(TimerName Name, ulong Height, int Round);

/// <summary>
/// Timers by name, in order of their time and then of their setting. Bound: one for each name, and what was replaced and is not
/// yet due.
/// </summary>
internal sealed class TimerQueue
{
    private readonly PriorityQueue<(DueTimer Timer, long Order), (long Due, long Order)> _queue = new();
    private readonly Dictionary<TimerName, long> _current = [];
    private long _order;

    /// <param name="name">Its name.</param>
    /// <param name="due">In ms of the loop's clock.</param>
    /// <param name="height">The core's height.</param>
    /// <param name="round">The core's round.</param>
    public void Set(TimerName name, long due, ulong height = 0, int round = 0)
    {
        _order++;
        _current[name] = _order;
        _queue.Enqueue((new DueTimer(name, height, round), _order), (due, _order));
    }

    /// <summary>The earliest time at which a timer is due; null without one.</summary>
    public long? NextDue
    {
        get
        {
            DropReplaced();
            return _queue.TryPeek(out _, out (long Due, long Order) at) ? at.Due : null;
        }
    }

    public bool TryTake(long now, out DueTimer timer)
    {
        DropReplaced();
        if (_queue.TryPeek(out (DueTimer Timer, long Order) next, out (long Due, long Order) at) && at.Due <= now)
        {
            _queue.Dequeue();
            _current.Remove(next.Timer.Name);
            timer = next.Timer;
            return true;
        }

        timer = default;
        return false;
    }

    private void DropReplaced()
    {
        while (_queue.TryPeek(out (DueTimer Timer, long Order) next, out _)
            && (!_current.TryGetValue(next.Timer.Name, out long order) || order != next.Order))
        {
            _queue.Dequeue();
        }
    }
}
