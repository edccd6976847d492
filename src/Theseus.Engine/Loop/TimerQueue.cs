using Theseus.Consensus;

namespace Theseus.Engine;

/// <summary>What a timer is for.</summary>
internal enum TimerKind
{
    /// <summary>One of the core's: <see cref="TimerName.Core"/>, height and round name it.</summary>
    Core = 1,

    /// <summary>Look again whether the next height may start (consensus N6).</summary>
    Pace,

    /// <summary>Ask again for contents that are wanted.</summary>
    Fetch,

    /// <summary>Ask the signer again (F28).</summary>
    Sign,

    /// <summary>Tell peers one's tip, look for sync requests that take too long.</summary>
    Tick,
}

internal readonly record struct TimerName(TimerKind Kind, TimeoutKind Core = default, ulong Height = 0, int Round = 0);

/// <summary>Timers by name, in order of their time and then of their setting. A timer set again replaces the earlier one. Bound: a few names a height.</summary>
internal sealed class TimerQueue
{
    private readonly PriorityQueue<(TimerName Name, long Order), (long Due, long Order)> _queue = new();
    private readonly Dictionary<TimerName, long> _current = [];
    private long _order;

    public void Set(TimerName name, long due)
    {
        _order++;
        _current[name] = _order;
        _queue.Enqueue((name, _order), (due, _order));
    }

    public bool IsSet(TimerName name) => _current.ContainsKey(name);

    /// <summary>The earliest time at which a timer is due; null without one.</summary>
    public long? NextDue
    {
        get
        {
            DropReplaced();
            return _queue.TryPeek(out _, out (long Due, long Order) at) ? at.Due : null;
        }
    }

    public bool TryTake(long now, out TimerName name)
    {
        DropReplaced();
        if (_queue.TryPeek(out (TimerName Name, long Order) next, out (long Due, long Order) at) && at.Due <= now)
        {
            _queue.Dequeue();
            _current.Remove(next.Name);
            name = next.Name;
            return true;
        }

        name = default;
        return false;
    }

    public void Clear()
    {
        _queue.Clear();
        _current.Clear();
    }

    private void DropReplaced()
    {
        while (_queue.TryPeek(out (TimerName Name, long Order) next, out _) && (!_current.TryGetValue(next.Name, out long order) || order != next.Order))
        {
            _queue.Dequeue();
        }
    }
}
