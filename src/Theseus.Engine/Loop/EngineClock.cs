namespace Theseus.Engine;

/// <summary>The engine's time: of its timers from its beginning on, and of the calendar.</summary>
internal sealed class EngineClock(TimeProvider time)
{
    private readonly long _epoch = time.GetTimestamp();

    /// <summary>Milliseconds since the engine was made; they never go back.</summary>
    public long Now => (long)time.GetElapsedTime(_epoch).TotalMilliseconds;

    /// <summary>Milliseconds since the Unix epoch.</summary>
    public ulong UnixNow => (ulong)time.GetUtcNow().ToUnixTimeMilliseconds();
}
