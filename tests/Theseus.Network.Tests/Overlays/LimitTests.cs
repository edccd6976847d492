using System.Net;
using Theseus.Protocol;

namespace Theseus.Network.Tests;

public class LimitTests
{
    [Fact]
    public void PointsHealOneASecondAndABanLastsTenMinutes()
    {
        ShiftedClock clock = new FixedClock();
        PeerScores scores = new(clock);
        Hash32 peer = Key(1);
        Assert.False(scores.Penalize(peer, 99));
        clock.Shift += TimeSpan.FromSeconds(50);
        Assert.False(scores.Penalize(peer, 50)); // 49 + 50
        Assert.True(scores.Penalize(peer, 1));
        Assert.True(scores.IsBanned(peer));
        Assert.False(scores.IsBanned(Key(2)));
        clock.Shift += TimeSpan.FromMinutes(10) - TimeSpan.FromSeconds(1);
        Assert.True(scores.IsBanned(peer));
        clock.Shift += TimeSpan.FromSeconds(1);
        Assert.False(scores.IsBanned(peer));
    }

    [Fact]
    public void AFloodOfNewKeysDoesNotLiftABan()
    {
        ShiftedClock clock = new FixedClock();
        PeerScores scores = new(clock);
        Assert.True(scores.Penalize(Key(0), 100));
        for (int i = 1; i <= PeerScores.Capacity + 10; i++)
        {
            clock.Shift += TimeSpan.FromMilliseconds(1);
            scores.Penalize(Key(i), 1);
        }

        Assert.True(scores.IsBanned(Key(0)));
    }

    [Fact]
    public async Task ABudgetGrantsInOrderAndLetsOneLargePiecePassAlone()
    {
        ByteBudget budget = new(100);
        await budget.TakeAsync(500, CancellationToken.None); // larger than all of it, but alone
        Task second = budget.TakeAsync(60, CancellationToken.None).AsTask();
        using CancellationTokenSource gaveUp = new();
        Task third = budget.TakeAsync(60, gaveUp.Token).AsTask();
        Task fourth = budget.TakeAsync(40, CancellationToken.None).AsTask();
        Assert.False(second.IsCompleted || third.IsCompleted || fourth.IsCompleted);
        budget.Return(500);
        await second.WaitAsync(Nodes.Patience);
        Assert.False(third.IsCompleted || fourth.IsCompleted); // the fourth would fit, but waits its turn
        await gaveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => third);
        await fourth.WaitAsync(Nodes.Patience);
        Assert.Equal(100, budget.Used);
    }

    [Fact]
    public async Task ABanIsToldOnceWhateverWasUnderWay()
    {
        await using TestNode node = new(1);
        await using RawPeer peer = await RawPeer.OpenAsync(node, 5);
        Session session = await node.SessionWithAsync(Nodes.Identity(5).PublicKey);
        for (int i = 0; i < 12; i++)
        {
            node.Overlay.Penalize(session, 20, "forged"); // 100 points are a ban: the fifth is it
        }

        Assert.Equal(CloseReason.Banned, (await peer.ReadCloseAsync()).Reason);
        Assert.Equal(5, node.Events.Count(e => e.What == OverlayHappening.Penalised));
        Assert.Equal("forged", Assert.Single(node.Events, e => e.What == OverlayHappening.Banned).Detail);
    }

    private static Hash32 Key(int i)
    {
        byte[] bytes = new byte[32];
        BitConverter.TryWriteBytes(bytes, i);
        return new Hash32(bytes);
    }

    private sealed class FixedClock : ShiftedClock
    {
        public override DateTimeOffset GetUtcNow() => new DateTimeOffset(2024, 1, 1, 0, 0, 0, TimeSpan.Zero) + Shift;
    }
}
