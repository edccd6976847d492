using Theseus.Consensus;

namespace Theseus.Engine.Tests;

/// <summary>One height after the other: what is left of the one before, and what is known of those below.</summary>
public class HeightSequenceTests
{
    [Fact]
    public void ANextHeightBeginsWithNothingOfTheLastButItsContents()
    {
        HeightSequence heights = Sequence();
        ValueId value = new(Sha3.Hash256([1]));
        OpenHeight first = Begin(heights, 1);
        Assert.True(first.TryKeep(value, new byte[] { 1 }, isBuilt: true, static _ => true));
        first.Wanted.Add(new ValueId(Sha3.Hash256([2])), [Keys.IdOf(0)], 5, static _ => true);
        Assert.Null(first.Question(new Effect.AskVerdict(1, new ValueId(Sha3.Hash256([2])), 0, Keys.IdOf(0), 0, null), static _ => true));

        OpenHeight second = Begin(heights, 2);
        Assert.Same(second, heights.Current);
        Assert.Null(heights.Next);
        Assert.Null(second.Wanted.NextDue);
        Assert.Empty(second.TakeAwaiting(new ValueId(Sha3.Hash256([2]))));
        Assert.False(second.Contents.Has(value));
        Assert.True(second.Contents.TryGet(value, out _)); // consensus N9: until the height is sealed

        OpenHeight third = Begin(heights, 3);
        Assert.False(third.Contents.TryGet(value, out _));
    }

    [Fact]
    public void AnAnswerToAQuestionThatWasAskedTwiceChangesNothing()
    {
        HeightSequence heights = Sequence();
        Begin(heights, 1);
        Assert.False(heights.Open(Rules(1)));
        Assert.False(heights.Open(Rules(3)));
        Assert.True(heights.Open(Rules(2)));
        OpenHeight next = heights.Next!;
        Assert.False(heights.Open(Rules(2)));
        Assert.Same(next, heights.Next); // and what came early is still there
    }

    [Fact]
    public void TheFirstHeightOfARunSaysWhatLiesBelowIt()
    {
        HeightSequence heights = Sequence();
        heights.StandAt(Rules(7) with { ExecutedThrough = 5, Lowest = 3 });
        Assert.Equal((6UL, 5UL, 3UL, 7UL), (heights.Durable, heights.Executed, heights.Lowest, heights.LowestOpen));
        heights.Execute(4);
        Assert.Equal(5UL, heights.Executed);
        Assert.False(heights.Store(6));
        Assert.True(heights.Store(7));
        Assert.Equal(7UL, heights.Durable);
    }

    // what a node asks for goes on behind what is durable here
    [Fact]
    public void TheNextHeightToAskForFollowsTheLastDurableOne()
    {
        TestNetwork network = TestNetwork.Started(4);
        network.RunUntil(() => network.AllAt(3));
        network.Settle();
        Assert.All(network.Nodes, node => Assert.Equal(node.Store.Tip + 1, node.Loop!.Sync.Next));
    }

    private static OpenHeight Begin(HeightSequence heights, ulong height)
    {
        Assert.True(heights.Open(Rules(height)));
        OpenHeight next = heights.Next!;
        heights.Enter(next);
        return next;
    }

    private static HeightSequence Sequence()
    {
        ManualTime time = new();
        EngineDevices devices = new(
            new MemoryDisk(), null, null, new MemoryNetwork().Join(Keys.IdOf(0)), time, Keys.Check, new InlineVerification(),
            KvApplication.IsContentOf, new ApplicationLink(), static _ => { });
        return new HeightSequence(devices, new EngineClock(time), new TimerQueue());
    }

    private static AppReply.HeightOpened Rules(ulong height) =>
        new(height, Keys.SetOf(4), Keys.Context, [], Timeouts.Localnet, 250, 30_000, 1 << 20, 0, 1);
}
