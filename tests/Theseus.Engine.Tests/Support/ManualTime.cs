namespace Theseus.Engine.Tests;

/// <summary>A clock that stands still until it is told to move.</summary>
internal sealed class ManualTime : TimeProvider
{
    private long _milliseconds = 1_000_000;

    public override long TimestampFrequency => 1000;

    public long Milliseconds => _milliseconds;

    public void Advance(long milliseconds) => _milliseconds += milliseconds;

    public override long GetTimestamp() => _milliseconds;

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_000 + _milliseconds);
}
