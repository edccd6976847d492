namespace Theseus.Node.Tests;

/// <summary>One definition of ready and behind. // fault 11, fault 108</summary>
public class ReadinessTests
{
    private readonly ManualClock _clock = new();
    private readonly Readiness _readiness;
    private ReadinessFacts _facts = new(7, LocalChain.GenesisTime, 0, 4, 4, 250, null, null, []);

    public ReadinessTests() => _readiness = new Readiness(() => _facts, _clock);

    [Fact]
    public void A_node_that_follows_the_chain_is_ready()
    {
        for (int i = 0; i < 100; i++)
        {
            NextBlock();
            Assert.Equal((ReadyState.Ready, null, false), Said());
        }
    }

    // fault 11: all validators dead for 25 s
    [Fact]
    public void No_block_for_ten_seconds_is_not_ready_whatever_the_sessions_say()
    {
        _readiness.Report();
        NextBlock();
        _readiness.Report();
        _clock.Move(TimeSpan.FromSeconds(10));
        Assert.True(_readiness.Report().IsReady);
        _clock.Move(TimeSpan.FromSeconds(15));
        Assert.Equal((ReadyState.NoBlocks, "no block for 25 s after block 8; 4 of 4 configured peers are connected", true), Said());
        _facts = _facts with { Peers = 0 };
        Assert.Equal((ReadyState.NoBlocks, "no block for 25 s after block 8; 0 of 4 configured peers are connected", true), Said());
        NextBlock();
        _facts = _facts with { Peers = 4 };
        Assert.Equal((ReadyState.Ready, null, false), Said());
    }

    // fault 108: slow chains are not alarmed, frozen ones are
    [Theory]
    [InlineData(250, 10)]
    [InlineData(2_000, 40)]
    [InlineData(ulong.MaxValue, 86_400)]
    public void The_alarm_follows_the_block_interval(ulong interval, int seconds) => Assert.Equal(TimeSpan.FromSeconds(seconds), Readiness.Patience(interval));

    [Fact]
    public void An_old_newest_block_is_behind_while_blocks_come_in()
    {
        _facts = _facts with { HeadTime = LocalChain.GenesisTime - 60_000 };
        _readiness.Report();
        _facts = _facts with { Height = 8 };
        Assert.Equal((ReadyState.CatchingUp, "catching up: block 8 is 60 s old by this node's clock; 4 of 4 configured peers are connected", true), Said());
        _facts = _facts with { HeadTime = LocalChain.GenesisTime, KeptHeights = 3 };
        Assert.Equal((ReadyState.CatchingUp, "catching up: block 8 is 0 s old, 3 newer ones wait for their turn", true), Said());
    }

    [Fact]
    public void Sessions_halts_and_broken_loops_count()
    {
        _facts = _facts with { Peers = 0 };
        Assert.Equal(ReadyState.NoPeers, Said().State);
        _facts = _facts with { ConfiguredPeers = 0 };
        Assert.Equal(ReadyState.Ready, Said().State); // a network of one
        _facts = _facts with { Halted = "height 9 needs newer software" };
        Assert.Equal((ReadyState.Halted, "height 9 needs newer software", false), Said());
        _facts = _facts with { Broken = "the engine has ended" };
        Assert.Equal((ReadyState.Broken, "the engine has ended", false), Said());
    }

    [Theory]
    [InlineData(0UL)]
    [InlineData(ulong.MaxValue)]
    public void Any_header_time_has_an_age(ulong time)
    {
        _facts = _facts with { HeadTime = time };
        Assert.InRange(_readiness.Report().HeadAge, TimeSpan.Zero, TimeSpan.FromDays(36_500));
    }

    private void NextBlock()
    {
        _clock.Move(TimeSpan.FromMilliseconds(250));
        _facts = _facts with { Height = _facts.Height + 1, HeadTime = (ulong)_clock.Now.ToUnixTimeMilliseconds() };
    }

    private (ReadyState State, string? Reason, bool IsBehind) Said()
    {
        ReadinessReport report = _readiness.Report();
        return (report.State, report.Reason, report.IsBehind);
    }
}
