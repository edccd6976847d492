namespace Theseus.Cli.Fuzz.Conversation;

/// <summary>A clock that stands still until it is moved; its timers fire when it passes them, on the thread that moves it.</summary>
/// <param name="start">Milliseconds since 1970.</param>
internal sealed class FuzzClock(ulong start) : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<(long Due, long Number), Timer> _timers = [];
    private long _now = (long)start;
    private long _numbers;

    /// <inheritdoc/>
    public override long TimestampFrequency => 1_000;

    /// <summary>Milliseconds since 1970.</summary>
    public long Milliseconds => Interlocked.Read(ref _now);

    /// <summary>How long until the next timer fires; null when none is set.</summary>
    public long? NextDueIn
    {
        get
        {
            lock (_gate)
            {
                return _timers.Count == 0 ? null : long.Max(0, _timers.First().Key.Due - _now);
            }
        }
    }

    /// <inheritdoc/>
    public override long GetTimestamp() => Milliseconds;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => DateTimeOffset.FromUnixTimeMilliseconds(Milliseconds);

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        Timer timer = new(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Moves the clock and fires what is due.</summary>
    public void Advance(long milliseconds)
    {
        Interlocked.Add(ref _now, milliseconds);
        while (Take() is { } due)
        {
            due.Fire();
        }
    }

    private Timer? Take()
    {
        lock (_gate)
        {
            if (_timers.Count == 0 || _timers.First() is var first && first.Key.Due > _now)
            {
                return null;
            }

            (_, Timer timer) = _timers.First();
            timer.Unset();
            return timer;
        }
    }

    private sealed class Timer(FuzzClock clock, TimerCallback callback, object? state) : ITimer
    {
        private (long, long)? _key;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock._gate)
            {
                Unset();
                if (dueTime != Timeout.InfiniteTimeSpan)
                {
                    _key = (clock.Milliseconds + (long)double.Ceiling(dueTime.TotalMilliseconds), ++clock._numbers);
                    clock._timers.Add(_key.Value, this);
                }
            }

            return true;
        }

        public void Unset()
        {
            if (_key is { } key)
            {
                clock._timers.Remove(key);
                _key = null;
            }
        }

        public void Fire() => callback(state);

        public void Dispose()
        {
            lock (clock._gate)
            {
                Unset();
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
