namespace Theseus.Engine.Tests;

/// <summary>What a peer's service is worth: averages by hand, and rests that double.</summary>
public class SyncPeerTests
{
    [Fact]
    public void GoodHeightsRaiseTheScoreAndPutAPeerFirst()
    {
        SyncPeer peer = new();
        Assert.Equal((0.5, 2, false), (peer.Score, peer.Rank, peer.IsProven));
        peer.IsMember = true;
        Assert.Equal(1, peer.Rank);
        peer.Served();
        Assert.Equal(0.6, peer.Score, 9); // a fifth of the way to 1
        peer.Served();
        Assert.Equal(0.68, peer.Score, 9);
        Assert.Equal((0, true), (peer.Rank, peer.IsProven));
    }

    [Fact]
    public void NothingAndSilenceCostATenthAndALieCostsHalf()
    {
        SyncPeer peer = new();
        peer.Served();
        peer.HadNothing();
        Assert.Equal(0.54, peer.Score, 9);
        Assert.Equal((true, 0L), (peer.IsProven, peer.RestsUntil)); // it answered
        peer.TimedOut(1_000);
        Assert.Equal(0.486, peer.Score, 9);
        Assert.Equal((false, 3_000L), (peer.IsProven, peer.RestsUntil));
        peer.Served();
        double before = peer.Score;
        peer.Lied(5_000);
        Assert.Equal(before / 2, peer.Score, 9);
        Assert.Equal((false, 9_000L), (peer.IsProven, peer.RestsUntil)); // the second fault in a row
    }

    [Theory]
    [InlineData(64, 2_000)]
    [InlineData(63, 4_000)]
    public void GoodHeightsInARowTakeAFaultBack(int heights, long rest)
    {
        SyncPeer peer = new();
        peer.TimedOut(100);
        for (int i = 0; i < heights; i++)
        {
            peer.Served();
        }

        peer.Lied(100);
        Assert.Equal(100 + rest, peer.RestsUntil);
    }

    [Theory]
    [InlineData(false, new long[] { 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000 })]
    [InlineData(true, new long[] { 2_000, 4_000, 8_000, 8_000, 8_000, 8_000, 8_000 })]
    public void EachFaultDoublesTheRestUpToALimit(bool isMember, long[] rests)
    {
        SyncPeer peer = new() { IsMember = isMember };
        foreach (long rest in rests)
        {
            peer.TimedOut(100);
            Assert.Equal(100 + rest, peer.RestsUntil);
        }

        for (int i = 0; i < 100; i++)
        {
            peer.Lied(100); // the shift does not run over
        }

        Assert.Equal(100 + rests[^1], peer.RestsUntil);
    }

    [Fact]
    public void AnAnswerFreesItsPlaceOnceAndItsTimeIsAveraged()
    {
        SyncPeer peer = new() { InFlight = 2 };
        peer.Answered(100, isLate: false);
        Assert.Equal((1, 100L), (peer.InFlight, peer.ReplyTime));
        peer.Answered(200, isLate: true); // its place was freed when it was given up
        Assert.Equal((1, 125L), (peer.InFlight, peer.ReplyTime)); // (3 x 100 + 200) / 4
    }
}
