namespace Theseus.Node.Tests;

/// <summary>One definition of ready and behind. // fault 11, fault 108</summary>
public class NodeHealthTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    [Fact]
    public void A_node_that_follows_the_chain_is_ready()
    {
        NodeHealth health = NodeHealth.Of(null, null, false, Interval, Interval, Interval);
        Assert.Equal((true, null, false, true), (health.IsLive, health.NotReady, health.IsStalled, health.IsCurrent));
    }

    // fault 11: all validators dead for 25 s
    [Fact]
    public void No_block_for_25_seconds_is_neither_ready_nor_current()
    {
        NodeHealth health = NodeHealth.Of(null, null, false, TimeSpan.FromSeconds(25), TimeSpan.FromSeconds(25), Interval);
        Assert.Equal((true, "no block for 25 s", true, false), (health.IsLive, health.NotReady, health.IsStalled, health.IsCurrent));
    }

    // fault 108: the alarm follows the block interval
    [Theory]
    [InlineData(10, 250, false)]
    [InlineData(11, 250, true)]
    [InlineData(29, 10_000, false)]
    [InlineData(31, 10_000, true)]
    public void Time_without_a_block_is_an_alarm_after_ten_seconds_and_two_intervals(int seconds, int interval, bool expected) =>
        Assert.Equal(expected, NodeHealth.Of(null, null, false, TimeSpan.FromSeconds(seconds), TimeSpan.Zero, TimeSpan.FromMilliseconds(interval)).IsStalled);

    [Fact]
    public void An_old_newest_block_is_not_current_while_blocks_come_in()
    {
        NodeHealth health = NodeHealth.Of(null, null, false, Interval, TimeSpan.FromSeconds(60), Interval);
        Assert.False(health.IsCurrent);
        Assert.StartsWith("the newest block is 60 s old", health.NotReady);
        Assert.Equal("catching up", NodeHealth.Of(null, null, true, Interval, TimeSpan.FromSeconds(60), Interval).NotReady);
    }

    [Fact]
    public void Halts_are_not_ready_and_live()
    {
        NodeHealth health = NodeHealth.Of(null, "height 9 needs newer software", false, Interval, Interval, Interval);
        Assert.Equal((true, "height 9 needs newer software"), (health.IsLive, health.NotReady));
    }
}
