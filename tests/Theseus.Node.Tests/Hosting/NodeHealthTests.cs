using Theseus.Consensus;
using Theseus.Storage;

namespace Theseus.Node.Tests;

/// <summary>One definition of being well, and one of how a node ends (faults 11, 97, 100, 104, 108).</summary>
public class NodeHealthTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    [Theory]
    [InlineData(0, 0, false, null, false)]
    [InlineData(10.4, 10.4, false, null, false)]
    [InlineData(10.6, 10.6, false, "no block for 11 s", true)] // 10 s and two intervals are the patience
    [InlineData(25, 25, false, "no block for 25 s", true)]
    [InlineData(10.2, 10.7, false, "no block for 11 s", false)] // fault 11: a block is some time old when it comes
    [InlineData(1, 11, false, "no block for 11 s", false)]
    [InlineData(1, 3600, false, "the newest block is 3600 s old: still catching up, or this machine's clock is wrong", false)]
    [InlineData(1, 3600, true, "catching up", false)]
    [InlineData(25, 3600, true, "catching up", false)]
    [InlineData(1, -3600, false, null, false)]
    public void ReadyIsWhoHasNewBlocks(double sinceBlock, double headAge, bool isSyncing, string? notReady, bool isStalled)
    {
        NodeHealth health = NodeHealth.Of(null, null, isSyncing, TimeSpan.FromSeconds(sinceBlock), TimeSpan.FromSeconds(headAge), Interval);
        Assert.Equal((true, notReady, isStalled), (health.IsLive, health.NotReady, health.IsStalled));
        Assert.Equal(notReady is null, health.IsCurrent);
    }

    [Fact]
    public void WhoHasEndedIsNeitherLiveNorReadyAndWhoHasHaltedIsLive()
    {
        NodeEnd end = new(NodeEndKind.Device, "no space left", "make room");
        NodeHealth ended = NodeHealth.Of(end, null, false, default, default, Interval);
        Assert.Equal((false, "no space left; make room"), (ended.IsLive, ended.NotReady));
        NodeHealth halted = NodeHealth.Of(null, "needs newer software", false, default, default, Interval);
        Assert.Equal((true, "needs newer software"), (halted.IsLive, halted.NotReady));
    }

    public static TheoryData<Exception, int> Ends => new()
    {
        { new InvalidOperationException("x"), 1 },
        { new OverflowException("x"), 1 },
        { new ConfigurationException("x"), 3 },
        { new StoreException(StoreFault.OtherChain, "x"), 3 },
        { new StoreException(StoreFault.Locked, "x"), 4 },
        { new StoreException(StoreFault.Schema, "x"), 4 },
        { new StoreException(StoreFault.Broken, "x"), 4 },
        { new IOException("x"), 4 },
        { new UnauthorizedAccessException("x"), 4 },
        { new AggregateException(new IOException("x")), 4 },
        { new SigningRefusedException("x"), 7 },
    };

    // operations: the table of exit codes
    [Theory]
    [MemberData(nameof(Ends))]
    public void EveryFaultHasAnExitCodeAndAdvice(Exception fault, int code)
    {
        NodeEnd end = NodeEnd.Of(fault);
        Assert.Equal(code, (int)end.Kind);
        Assert.Contains("x", end.Message, StringComparison.Ordinal);
        Assert.NotEmpty(end.Advice);
        Assert.DoesNotContain('\n', end.Message + end.Advice);
    }

    // fault 108: the alarm follows the block interval
    [Theory]
    [InlineData(10, 250, false)]
    [InlineData(11, 250, true)]
    [InlineData(29, 10_000, false)]
    [InlineData(31, 10_000, true)]
    public void TimeWithoutABlockIsAnAlarmAfterTenSecondsAndTwoIntervals(int seconds, int interval, bool expected) =>
        Assert.Equal(
            expected, NodeHealth.Of(null, null, false, TimeSpan.FromSeconds(seconds), TimeSpan.Zero,
                TimeSpan.FromMilliseconds(interval)).IsStalled);
}
