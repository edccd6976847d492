using System.Net.Sockets;
using Theseus.Protocol;

namespace Theseus.Network.Tests;

public class HostileTests
{
    private static readonly Hash32 Peer = Nodes.Identity(5).PublicKey;

    [Fact]
    public async Task RandomBytesBeforeTlsBreakNothing()
    {
        await using TestNode node = new(1);
        Random random = new(11);
        for (int i = 0; i < 30; i++)
        {
            using Socket socket = await RawPeer.DialAsync(node.EndPoint);
            byte[] bytes = new byte[random.Next(1, 4000)];
            random.NextBytes(bytes);
            await socket.SendAsync(bytes);
            socket.Shutdown(SocketShutdown.Send);
            await ReadToEndAsync(socket);
        }

        await Nodes.UntilAsync(() => node.Events.Count(e => e.What == OverlayHappening.HandshakeFailed) == 30, "30 failed handshakes");
        await AnHonestPeerIsServedAsync(node);
    }

    [Fact]
    public async Task RandomBytesInsideTlsBreakNothing()
    {
        await using TestNode node = new(1);
        Random random = new(12);
        for (int i = 0; i < 20; i++)
        {
            await using RawPeer peer = await RawPeer.SecureAsync(node.EndPoint);
            byte[] bytes = new byte[random.Next(14, 2000)];
            random.NextBytes(bytes);
            await peer.Tls.WriteAsync(bytes);
            Assert.Contains((await peer.ReadCloseAsync()).Reason,
                (CloseReason[])[CloseReason.UnknownFrame, CloseReason.FrameTooLarge, CloseReason.Malformed]);
        }

        await AnHonestPeerIsServedAsync(node);
    }

    [Fact]
    public async Task RandomBytesInAnOpenSessionBanTheSenderOnly()
    {
        await using TestNode node = new(1);
        Random random = new(13);
        for (int i = 0; i < 20; i++)
        {
            await using RawPeer peer = await RawPeer.OpenAsync(node, 100 + i);
            byte[] bytes = new byte[random.Next(14, 2000)];
            random.NextBytes(bytes);
            bytes[1] |= 0x40; // no kind has a number as high
            await peer.Tls.WriteAsync(bytes);
            Assert.Equal(CloseReason.UnknownFrame, (await peer.ReadCloseAsync()).Reason);
        }

        await Nodes.UntilAsync(() => Enumerable.Range(100, 20).All(seed => node.Overlay.Scores.IsBanned(Nodes.Identity(seed).PublicKey)),
            "20 bans");
        await AnHonestPeerIsServedAsync(node);
    }

    [Fact]
    public async Task GarbageForProtobufIsMalformed()
    {
        await using TestNode node = new(1);
        Random random = new(14);
        for (int i = 0; i < 20; i++)
        {
            await using RawPeer peer = await RawPeer.SecureAsync(node.EndPoint);
            byte[] bytes = new byte[random.Next(1, 300)];
            random.NextBytes(bytes);
            await peer.WriteAsync(FrameKind.Hello, bytes);
            Assert.Equal(CloseReason.Malformed, (await peer.ReadCloseAsync()).Reason);
        }

        await using RawPeer open = await RawPeer.OpenAsync(node, 5);
        await open.WriteAsync(FrameKind.Close, [0xff, 0xff, 0xff]);
        await node.SawAsync(OverlayHappening.Closed, CloseReason.Malformed);
        await AnHonestPeerIsServedAsync(node);
    }

    [Fact]
    public async Task HalfOpenHandshakesOfOneAddressAreBoundedAndEnd()
    {
        await using TestNode node = new(1, limits: new OverlayLimits { HandshakeTime = TimeSpan.FromSeconds(6) });
        List<Socket> sockets = [];
        for (int i = 0; i < 100; i++)
        {
            sockets.Add(await RawPeer.DialAsync(node.EndPoint));
        }

        // an address has 64 connections at once, of which 32 may hang: 36 are shut without a word, 32 make room for later ones
        Task<bool>[] ends = [.. sockets.Select(EndsAsync)];
        await Nodes.UntilAsync(() => ends.Count(end => end.IsCompleted) >= 68, "the 68 above the limit to be shut");
        Assert.Equal(32, node.Overlay.HalfOpen);
        Assert.DoesNotContain(node.Events, e => e.What == OverlayHappening.HandshakeFailed); // so it was at once: none has timed out yet
        await Nodes.UntilAsync(() => node.Events.Count(e => e.What == OverlayHappening.Displaced) >= 32, "32 made room"); // and 8 a second

        await Task.WhenAll(ends).WaitAsync(Nodes.Patience);
        await Nodes.UntilAsync(
            () => node.Events.Count(e => e is { What: OverlayHappening.HandshakeFailed, Reason: CloseReason.Timeout }) == 32,
            "32 time-outs");
        await Nodes.UntilAsync(() => node.Overlay.HalfOpen == 0, "no half-open connection is left");
        await AnHonestPeerIsServedAsync(node);
        sockets.ForEach(socket => socket.Dispose());

        static async Task<bool> EndsAsync(Socket socket)
        {
            await ReadToEndAsync(socket);
            return true;
        }
    }

    [Fact]
    public async Task APeerThatDoesNotReadIsClosedWithFloodingAndHoldsNoMemory()
    {
        await using TestNode node = new(1, OverlayKind.Sync);
        await using RawPeer slow = await RawPeer.OpenAsync(node, 5, OverlayKind.Sync);
        await using TestNode good = new(2, OverlayKind.Sync);
        good.Overlay.KeepConnected(node.EndPoint, node.Key);
        Session session = await node.SessionWithAsync(Peer);
        await node.SessionWithAsync(good.Key);
        long before = GC.GetTotalMemory(forceFullCollection: true);
        int accepted = 0;
        while (node.Overlay.Send(Peer, new Frame(FrameKind.Sync, 0, new byte[1024 * 1024])))
        {
            accepted++;
            Assert.True(accepted < 100, "nothing bounds what waits for a slow peer");
        }

        Assert.Equal(CloseReason.Flooding, session.Reason);
        Assert.InRange(accepted, 40, 60); // 40 MiB and what the sockets hold
        await node.SawAsync(OverlayHappening.Closed, CloseReason.Flooding);
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 8 * 1024 * 1024);

        // nobody else notices
        node.Overlay.Send(good.Key, new Frame(FrameKind.Sync, 1, new byte[10]));
        Assert.Equal(10, (await good.ReceiveAsync()).Frame.Payload.Length);
        Assert.False(node.Overlay.Scores.IsBanned(Peer)); // slowness is no misbehaviour
    }

    [Fact]
    public async Task ManySmallFramesForAPeerThatDoesNotReadAreBoundedToo()
    {
        await using TestNode node = new(1);
        await using RawPeer slow = await RawPeer.OpenAsync(node, 5);
        Session session = await node.SessionWithAsync(Peer);
        int accepted = 0;
        while (node.Overlay.Send(Peer, new Frame(FrameKind.Consensus, 0, new byte[10_000])))
        {
            accepted++;
            Assert.True(accepted < 20_000, "nothing bounds what waits for a slow peer");
        }

        Assert.Equal(CloseReason.Flooding, session.Reason);
    }

    [Fact]
    public async Task SlowPeersTogetherHoldNoMoreThanTheOverlayMay()
    {
        await using TestNode node = new(1, OverlayKind.Sync, new OverlayLimits { OutboxBytes = 60L * 1024 * 1024 });
        List<RawPeer> slow = [];
        for (int seed = 20; seed < 28; seed++)
        {
            slow.Add(await RawPeer.OpenAsync(node, seed, OverlayKind.Sync));
        }

        await Nodes.UntilAsync(() => node.Overlay.PeerCount == 8, "eight slow peers");
        for (int i = 0; i < 30; i++)
        {
            node.Overlay.Broadcast(new Frame(FrameKind.Sync, 0, new byte[1024 * 1024]));
            Assert.InRange(node.Overlay.Sessions.Where(session => !session.IsClosed).Sum(session => session.QueuedBytes), 0,
                60L * 1024 * 1024);
        }

        Assert.True(node.Overlay.Sessions.Count(session => !session.IsClosed) is >= 1 and < 8);
        foreach (RawPeer peer in slow)
        {
            await peer.DisposeAsync();
        }
    }

    [Fact]
    public async Task AFullInboxSlowsTheSenderAndDropsNothing()
    {
        await using TestNode node =
            new(1, OverlayKind.Sync, new OverlayLimits { SessionInboxBytes = 4 * 1024 * 1024, InboxBytes = 6 * 1024 * 1024 });
        await using TestNode sender = new(2, OverlayKind.Sync);
        await using TestNode other = new(3, OverlayKind.Sync);
        sender.Overlay.KeepConnected(node.EndPoint, node.Key);
        other.Overlay.KeepConnected(node.EndPoint, node.Key);
        await sender.SessionWithAsync(node.Key);
        await other.SessionWithAsync(node.Key);
        await Nodes.UntilAsync(() => node.Overlay.PeerCount == 2, "both");
        const int Frames = 30;
        for (int i = 0; i < Frames; i++)
        {
            Assert.True(sender.Overlay.Send(node.Key, new Frame(FrameKind.Sync, (ulong)i, new byte[1024 * 1024])));
        }

        await Nodes.UntilAsync(() => node.Overlay.UnhandledBytes == 4 * 1024 * 1024, "one peer's share is full");
        other.Overlay.Send(node.Key, new Frame(FrameKind.Sync, 1000, new byte[1024 * 1024])); // another still has room
        await Nodes.UntilAsync(() => node.Overlay.UnhandledBytes == 5 * 1024 * 1024, "the other's frame is in");
        List<ulong> heights = [];
        while (heights.Count < Frames + 1)
        {
            Assert.InRange(node.Overlay.UnhandledBytes, 0, 6 * 1024 * 1024);
            heights.Add((await node.ReceiveAsync()).Frame.Height);
        }

        Assert.Contains(1000ul, heights);
        heights.Remove(1000ul);
        Assert.Equal(Enumerable.Range(0, Frames).Select(i => (ulong)i), heights);
    }

    [Fact]
    public async Task FaultsAddUpToABanThatEndsWithTime()
    {
        ShiftedClock clock = new();
        await using TestNode node = new(1, clock: clock);
        await using RawPeer peer = await RawPeer.OpenAsync(node, 5);
        Session session = await node.SessionWithAsync(Peer);
        node.Overlay.Penalize(session, 50, "first");
        Assert.False(session.IsClosed);
        node.Overlay.Penalize(session, 50, "second");
        Assert.Equal(CloseReason.Banned, (await peer.ReadCloseAsync()).Reason);

        await using (RawPeer again = await RawPeer.OpenAsync(node, 5))
        {
            Assert.Equal(CloseReason.Banned, (await again.ReadCloseAsync()).Reason);
        }

        clock.Shift += TimeSpan.FromMinutes(10) + TimeSpan.FromSeconds(1);
        await using RawPeer later = await RawPeer.OpenAsync(node, 5);
        await node.SessionWithAsync(Peer);
    }

    private static async Task AnHonestPeerIsServedAsync(TestNode node)
    {
        await using TestNode honest = new(999);
        honest.Overlay.KeepConnected(node.EndPoint, node.Key);
        await honest.SessionWithAsync(node.Key);
        honest.Overlay.Send(node.Key, new Frame(FrameKind.Consensus, 4, new byte[4]));
        Assert.Equal(honest.Key, (await node.ReceiveAsync()).From.Peer);
        node.NothingBroke();
    }

    private static async Task ReadToEndAsync(Socket socket)
    {
        try
        {
            while (await socket.ReceiveAsync(new byte[4096]) > 0)
            {
                // an alert, perhaps
            }
        }
        catch (SocketException)
        {
            // reset is an end too
        }
    }
}

/// <summary>The system's clock and timers with the calendar moved forward.</summary>
internal class ShiftedClock : TimeProvider
{
    public TimeSpan Shift { get; set; }

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Shift;
}
