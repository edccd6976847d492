namespace Theseus.Node.Tests;

/// <summary>A clock whose two hands move when they are moved.</summary>
internal sealed class ManualClock : TimeProvider
{
    private TimeSpan _elapsed;

    public DateTimeOffset Now { get; private set; } = DateTimeOffset.FromUnixTimeMilliseconds((long)LocalChain.GenesisTime);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => Now;

    public override long GetTimestamp() => _elapsed.Ticks;

    public void Move(TimeSpan span)
    {
        Now += span;
        _elapsed += span;
    }
}
