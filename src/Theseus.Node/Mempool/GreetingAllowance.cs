namespace Theseus.Node;

/// <summary>
/// What strangers together may be greeted with: a bucket that holds one whole greeting and fills up slowly. Without it, who comes and
/// goes is sent the pool each time, for the price of a handshake. Peers with a place of their own do not draw on it. Not thread-safe:
/// greetings are sent one after another.
/// </summary>
internal sealed class GreetingAllowance
{
    /// <summary>Bytes that come in each second: less than what gossip takes on a busy chain.</summary>
    public const long BytesPerSecond = 128 * 1024;

    private readonly TimeProvider _clock;
    private readonly long _capacity;
    private long _left;
    private long _filled;

    /// <param name="clock">For the filling.</param>
    /// <param name="capacity">Bytes that it holds, and holds at first.</param>
    public GreetingAllowance(TimeProvider clock, long capacity)
    {
        (_clock, _capacity, _left) = (clock, capacity, capacity);
        _filled = clock.GetTimestamp();
    }

    /// <summary>Bytes that a greeting may have now.</summary>
    public long Left
    {
        get
        {
            TimeSpan passed = _clock.GetElapsedTime(_filled);
            double seconds = double.Min(passed.TotalSeconds, (double)_capacity / BytesPerSecond);
            long more = (long)(seconds * BytesPerSecond);
            if (more > 0)
            {
                _left = long.Min(_capacity, _left + more);
                _filled = _clock.GetTimestamp();
            }

            return _left;
        }
    }

    /// <summary>So many bytes were sent.</summary>
    public void Take(long bytes) => _left -= bytes;
}
