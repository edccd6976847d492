using Theseus.Consensus;

namespace Theseus.Engine.Tests;

/// <summary>Frames of heights ahead (F18, C45): the nearest win, and every bound is exact.</summary>
public class FutureBufferTests
{
    private const int PerPeer = 96;
    private const int Bytes = 1_048_576;

    private static readonly PeerId Validator = new(Keys.IdOf(0));

    [Fact]
    public void AHeightsFramesComeOutOnceAndLowerOnesAreForgotten()
    {
        FutureBuffer buffer = new();
        foreach (ulong height in new ulong[] { 7, 5, 6, 6 })
        {
            Add(buffer, Validator, height);
        }

        Assert.Equal([6UL, 6UL], Heights(buffer.Take(6)));
        Assert.Equal(1, buffer.Peers);
        Assert.Empty(buffer.Take(5));
        Assert.Equal([7UL], Heights(buffer.Take(7)));
        Assert.Equal(0, buffer.Peers);
    }

    // wherever the farthest one stands among them
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(50)]
    [InlineData(PerPeer - 1)]
    public void WhenAPeersPlacesAreFullTheFarthestMakesRoomForANearerOne(int place)
    {
        FutureBuffer buffer = new();
        for (int i = 0; i < PerPeer; i++)
        {
            Add(buffer, Validator, i == place ? 9UL : 8UL);
        }

        Add(buffer, Validator, 9); // not nearer than the farthest
        Add(buffer, Validator, 10);
        Assert.Equal(PerPeer, Kept(buffer, 8, 9, 10));

        for (int i = 0; i < PerPeer; i++)
        {
            Add(buffer, Validator, i == place ? 9UL : 8UL);
        }

        Add(buffer, Validator, 7);
        Assert.Single(buffer.Take(7));
        Assert.Equal(PerPeer - 1, buffer.Take(8).Count);
        Assert.Empty(buffer.Take(9));
    }

    [Fact]
    public void BytesOfAPeerAreBoundedExactly()
    {
        FutureBuffer buffer = new();
        Add(buffer, Validator, 5, Bytes);
        Assert.Single(buffer.Take(5));
        Add(buffer, Validator, 5, Bytes + 1);
        Assert.Empty(buffer.Take(5));

        Add(buffer, Validator, 6, Bytes / 2);
        Add(buffer, Validator, 6, Bytes / 2);
        Add(buffer, Validator, 6, 1); // no room, and it is not nearer
        Assert.Equal(2, buffer.Take(6).Count);

        Add(buffer, Validator, 9, Bytes / 2);
        Add(buffer, Validator, 8, Bytes / 2);
        Add(buffer, Validator, 7, Bytes / 2); // the farthest goes
        Assert.Single(buffer.Take(7));
        Assert.Single(buffer.Take(8));
        Assert.Empty(buffer.Take(9));
    }

    [Fact]
    public void StrangersShareFewPlacesAndTheOldestMakesRoom()
    {
        FutureBuffer buffer = new();
        Add(buffer, Validator, 5);
        for (int i = 1; i <= FutureBuffer.MaximumStrangers; i++)
        {
            Add(buffer, new PeerId(Keys.IdOf(i)), 5);
        }

        Assert.Equal(FutureBuffer.MaximumStrangers + 1, buffer.Peers);
        Add(buffer, new PeerId(Keys.IdOf(2)), 5); // known already: nobody goes
        Add(buffer, new PeerId(Keys.IdOf(100)), 5);
        List<Incoming> taken = buffer.Take(5);
        Assert.Equal(FutureBuffer.MaximumStrangers + 2, taken.Count);
        Assert.DoesNotContain(taken, incoming => incoming.From == new PeerId(Keys.IdOf(1)));
        Assert.Contains(taken, static incoming => incoming.From == Validator);

        // who has nothing left here takes no place
        for (int i = 1; i <= FutureBuffer.MaximumStrangers; i++)
        {
            Add(buffer, new PeerId(Keys.IdOf(i)), 6);
        }

        Assert.Equal(FutureBuffer.MaximumStrangers, buffer.Take(6).Count);
    }

    private static void Add(FutureBuffer buffer, PeerId from, ulong height, int bytes = 1) =>
        buffer.Add(new Incoming(from, new Frame(FrameKind.Consensus, height, new byte[bytes])), static peer => peer == Validator);

    private static IEnumerable<ulong> Heights(List<Incoming> frames) => frames.Select(static incoming => incoming.Frame.Height);

    private static int Kept(FutureBuffer buffer, params ulong[] heights) => heights.Sum(height => buffer.Take(height).Count);
}
