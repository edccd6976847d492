using Theseus.Network;
using Theseus.Protocol;

namespace Theseus.Node.Tests;

/// <summary>Strangers fill no log (fault 81).</summary>
public class OverlayLogTests
{
    [Fact]
    public void LinesHaveARateAndSayWhatWasLeftOutAndFailuresAreAlwaysWritten()
    {
        StillClock clock = new();
        List<string> lines = [];
        OverlayLog log = new(clock, new LineLog(lines.Add));
        Hash32 peer = new(new byte[32]);
        OverlayEvent refused = new(OverlayKind.Consensus, OverlayHappening.Refused, peer, CloseReason.TooManyPeers, "192.0.2.1:1");
        for (int i = 0; i < 1000; i++)
        {
            log.Write(refused);
        }

        Assert.Equal(100, lines.Count);
        log.Write(refused with { What = OverlayHappening.Penalised }); // no line of its own
        log.Write(refused with { What = OverlayHappening.AcceptFailed, Detail = "too many open files" });
        Assert.Equal("error: Consensus accept failed: too many open files (900 lines of overlays were left out before it)", lines[^1]);
        clock.Advance(TimeSpan.FromSeconds(1));
        for (int i = 0; i < 10; i++)
        {
            log.Write(refused);
        }

        Assert.Equal(103, lines.Count); // 2 a second
        Assert.Equal($"warning: Consensus refused {peer} TooManyPeers 192.0.2.1:1", lines[^1]);
    }

    private sealed class StillClock : TimeProvider
    {
        private long _ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public void Advance(TimeSpan time) => _ticks += time.Ticks;

        public override long GetTimestamp() => _ticks;
    }
}
