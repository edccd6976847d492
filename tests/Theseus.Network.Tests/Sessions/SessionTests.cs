using System.Net;
using Theseus.Protocol;

namespace Theseus.Network.Tests;

public class SessionTests
{
    [Fact]
    public async Task ASessionOpensAndBothSidesSeeKeySoftwareModulesAndPort()
    {
        Hash32 first = new([.. Enumerable.Repeat((byte)1, 32)]);
        Hash32 second = new([.. Enumerable.Repeat((byte)2, 32)]);
        await using TestNode a = new(1, identity: Nodes.Identity(1, modules: [first]));
        await using TestNode b = new(2, identity: Nodes.Identity(2, modules: [first, second]));
        a.Overlay.KeepConnected(b.EndPoint, b.Key);

        Session atA = await a.SessionWithAsync(b.Key);
        Session atB = await b.SessionWithAsync(a.Key);

        Assert.Equal([first, second], atA.Hello.Modules);
        Assert.Equal([first], atB.Hello.Modules);
        Assert.Equal("test/1", atB.Hello.Software);
        Assert.Equal(b.Overlay.Port, atA.Hello.ListenPort);
        Assert.Equal(a.Overlay.Port, atB.Hello.ListenPort);
        Assert.True(atA.IsDialer);
        Assert.False(atB.IsDialer);
        Assert.Equal(b.Overlay.Port, atA.Remote.Port);
    }

    [Fact]
    public async Task FramesArriveInOrderBothWaysWithTheirHeights()
    {
        await using TestNode a = new(1);
        await using TestNode b = new(2);
        a.Overlay.KeepConnected(b.EndPoint, b.Key);
        await a.SessionWithAsync(b.Key);
        await b.SessionWithAsync(a.Key);
        for (int i = 0; i < 500; i++)
        {
            Assert.True(a.Overlay.Send(b.Key, new Frame(FrameKind.Consensus, (ulong)i, BitConverter.GetBytes(i))));
            Assert.True(b.Overlay.Send(a.Key, new Frame(FrameKind.Consensus, ulong.MaxValue - (ulong)i, new byte[i])));
        }

        for (int i = 0; i < 500; i++)
        {
            Received atB = await b.ReceiveAsync();
            Assert.Equal((a.Key, (ulong)i, i), (atB.From.Peer, atB.Frame.Height, BitConverter.ToInt32(atB.Frame.Payload.Span)));
            Received atA = await a.ReceiveAsync();
            Assert.Equal((b.Key, ulong.MaxValue - (ulong)i, i), (atA.From.Peer, atA.Frame.Height, atA.Frame.Payload.Length));
        }

        Assert.Equal(0, a.Overlay.UnhandledBytes);
    }

    [Fact]
    public async Task ABroadcastReachesEveryNodeOfAFullMesh()
    {
        TestNode[] nodes = [.. Enumerable.Range(1, 4).Select(seed => new TestNode(seed))];
        foreach (TestNode node in nodes)
        {
            foreach (TestNode other in nodes.Where(other => other != node))
            {
                node.Overlay.KeepConnected(other.EndPoint, other.Key);
            }
        }

        await Nodes.UntilAsync(() => nodes.All(node => node.Overlay.PeerCount == 3), "a full mesh");
        foreach (TestNode node in nodes)
        {
            node.Overlay.Broadcast(new Frame(FrameKind.Consensus, 0, node.Key.ToArray()));
        }

        foreach (TestNode node in nodes)
        {
            HashSet<Hash32> heard = [];
            while (heard.Count < 3)
            {
                Received received = await node.ReceiveAsync();
                Assert.Equal(received.From.Peer, new Hash32(received.Frame.Payload.Span));
                heard.Add(received.From.Peer);
            }

            Assert.DoesNotContain(node.Key, heard);
        }

        foreach (TestNode node in nodes)
        {
            await node.DisposeAsync();
        }
    }

    [Theory]
    [InlineData("chain", CloseReason.WrongChain)]
    [InlineData("genesis", CloseReason.WrongChain)]
    [InlineData("overlay", CloseReason.WrongOverlay)]
    public async Task ANodeOfAnotherChainGenesisOrOverlayIsRefusedWithTheReasonOnBothSides(string difference, CloseReason reason)
    {
        NodeIdentity other = difference switch
        {
            "chain" => Nodes.Identity(2, chain: "another"),
            "genesis" => Nodes.Identity(2, genesis: new Hash32([.. Enumerable.Repeat((byte)8, 32)])),
            _ => Nodes.Identity(2),
        };
        await using TestNode a = new(1);
        await using TestNode b = new(2, difference == "overlay" ? OverlayKind.Sync : OverlayKind.Consensus, identity: other);
        a.Overlay.KeepConnected(b.EndPoint, b.Key);

        await a.SawAsync(OverlayHappening.Refused, reason);
        await b.SawAsync(OverlayHappening.Refused, reason);
        Assert.Equal(0, a.Overlay.PeerCount + b.Overlay.PeerCount);
    }

    [Theory]
    [InlineData("chain", CloseReason.WrongChain)]
    [InlineData("genesis", CloseReason.WrongChain)]
    [InlineData("overlay", CloseReason.WrongOverlay)]
    public async Task TheRefusalComesWithinOneRoundTripBeforeAnyProof(string difference, CloseReason reason)
    {
        await using TestNode node = new(1);
        await using RawPeer peer = await RawPeer.SecureAsync(node.EndPoint);
        await peer.WriteAsync(FrameKind.Hello, RawPeer.HelloBytes(
            new byte[32], new byte[32], difference == "chain" ? "another" : "test", difference == "genesis" ? new Hash32(new byte[32])
            : null, difference == "overlay" ? "mempool" : "consensus"));

        // the raw peer answers nothing more: what it reads is all that one round trip gives
        (CloseReason got, IReadOnlyList<FrameKind> before) = await peer.ReadCloseAsync();
        Assert.Equal(reason, got);
        Assert.Equal([FrameKind.Hello], before);
    }

    [Fact]
    public async Task ANodeThatMeetsItselfClosesWithSelf()
    {
        await using TestNode a = new(1);
        a.Overlay.KeepConnected(a.EndPoint, null);
        await a.SawAsync(OverlayHappening.Refused, CloseReason.Self);
        Assert.Equal(0, a.Overlay.PeerCount);
    }

    [Fact]
    public async Task ANodeThatIsNotTheOneExpectedAtItsAddressIsRefused()
    {
        await using TestNode a = new(1);
        await using TestNode b = new(2);
        a.Overlay.KeepConnected(b.EndPoint, Nodes.Identity(3).PublicKey);
        await a.SawAsync(OverlayHappening.Refused, CloseReason.BadProof);
        Assert.Null(a.Overlay.Find(b.Key));
    }

    [Fact]
    public async Task TwoNodesThatDialEachOtherSettleOnOneConnection()
    {
        for (int round = 0; round < 10; round++)
        {
            await using TestNode a = new(2 * round);
            await using TestNode b = new((2 * round) + 1);
            a.Overlay.KeepConnected(b.EndPoint, b.Key);
            b.Overlay.KeepConnected(a.EndPoint, a.Key);
            await a.SessionWithAsync(b.Key);
            await b.SessionWithAsync(a.Key);

            // whichever connection stays, what is sent while that is being settled arrives
            Assert.True(a.Overlay.Send(b.Key, new Frame(FrameKind.Consensus, 1, new byte[1])));
            Assert.True(b.Overlay.Send(a.Key, new Frame(FrameKind.Consensus, 2, new byte[1])));
            Assert.Equal(1ul, (await b.ReceiveAsync()).Frame.Height);
            Assert.Equal(2ul, (await a.ReceiveAsync()).Frame.Height);
            await Nodes.UntilAsync(() =>
                a.Overlay.Find(b.Key) is { IsClosed: false } x && b.Overlay.Find(a.Key) is { IsClosed: false } y
                && x.IsDialer != y.IsDialer, "one connection");
            Assert.Equal((1, 1), (a.Overlay.PeerCount, b.Overlay.PeerCount));
        }
    }

    [Fact]
    public async Task TheConnectionOfTheSmallerKeyReplacesTheOtherOnBothSides()
    {
        await using TestNode a = new(1);
        await using TestNode b = new(2);
        (TestNode small, TestNode large) = a.Key < b.Key ? (a, b) : (b, a);
        large.Overlay.KeepConnected(small.EndPoint, null);
        await small.SessionWithAsync(large.Key);
        await large.SessionWithAsync(small.Key);

        small.Overlay.KeepConnected(large.EndPoint, null);
        await Nodes.UntilAsync(() =>
            small.Overlay.Find(large.Key) is { IsDialer: true } && large.Overlay.Find(small.Key) is { IsDialer: false }, "the replacement");
        Assert.Equal((1, 1), (small.Overlay.PeerCount, large.Overlay.PeerCount));
        await Nodes.UntilAsync(() => small.Events.Concat(large.Events).Any(e => e.Reason == CloseReason.Duplicate),
            "the older one closed as duplicate");
    }

    [Fact]
    public async Task APeerThatDialsAgainReplacesItsOlderConnection()
    {
        await using TestNode node = new(1);
        await using RawPeer first = await RawPeer.OpenAsync(node, 5);
        Session older = await node.SessionWithAsync(Nodes.Identity(5).PublicKey);
        await using RawPeer second = await RawPeer.OpenAsync(node, 5);

        Assert.Equal(CloseReason.Duplicate, (await first.ReadCloseAsync()).Reason);
        await Nodes.UntilAsync(() => node.Overlay.Find(older.Peer) is { } now && now != older, "the newer session");
        await second.WriteAsync(FrameKind.Consensus, [9]);
        Assert.Equal(9, (await node.ReceiveAsync()).Frame.Payload.Span[0]);
    }

    [Fact]
    public async Task ANodeThatDiedAndCameBackIsDialledAgain()
    {
        await using TestNode a = new(1);
        TestNode b = new(2);
        int port = b.Overlay.Port;
        a.Overlay.KeepConnected(b.EndPoint, b.Key);
        Session before = await a.SessionWithAsync(b.Key);
        await b.DisposeAsync();
        await Nodes.UntilAsync(() => a.Overlay.PeerCount == 0, "the loss seen");

        await using TestNode again = new(2, port: port);
        Session after = await a.SessionWithAsync(again.Key);
        Assert.NotSame(before, after);
        Assert.Equal((CloseReason.Shutdown, true), (before.Reason, before.ClosedByPeer));
    }

    [Fact]
    public async Task ASilentPeerIsGivenUpAndOneThatAnswersPingsIsNot()
    {
        OverlayLimits limits = new() { IdleTime = TimeSpan.FromMilliseconds(400) };
        await using TestNode node = new(1, limits: limits);
        await using TestNode lively = new(2, limits: new OverlayLimits { IdleTime = TimeSpan.FromMinutes(10) }); // says nothing by itself
        lively.Overlay.KeepConnected(node.EndPoint, node.Key);
        Session kept = await node.SessionWithAsync(lively.Key);
        await using RawPeer silent = await RawPeer.OpenAsync(node, 5);

        (CloseReason reason, IReadOnlyList<FrameKind> before) = await silent.ReadCloseAsync();
        Assert.Equal(CloseReason.Timeout, reason);
        Assert.All(before, kind => Assert.Equal(FrameKind.Ping, kind));
        Assert.NotEmpty(before);
        Assert.Same(kept, node.Overlay.Find(lively.Key));
        Assert.False(kept.IsClosed);
    }

    [Fact]
    public async Task AFullPeerTableRefusesWithTooManyPeers()
    {
        await using TestNode node = new(1, limits: new OverlayLimits { Peers = 2 });
        await using RawPeer first = await RawPeer.OpenAsync(node, 5);
        await using RawPeer second = await RawPeer.OpenAsync(node, 6);
        await Nodes.UntilAsync(() => node.Overlay.PeerCount == 2, "two peers");
        await using RawPeer third = await RawPeer.OpenAsync(node, 7);
        Assert.Equal(CloseReason.TooManyPeers, (await third.ReadCloseAsync()).Reason);
        Assert.Equal(2, node.Overlay.PeerCount);
    }

    [Fact]
    public async Task AStoppingNodeTellsItsPeers()
    {
        TestNode node = new(1);
        await using RawPeer peer = await RawPeer.OpenAsync(node, 5);
        await node.SessionWithAsync(Nodes.Identity(5).PublicKey);
        Task<(CloseReason Reason, IReadOnlyList<FrameKind> Before)> reading = peer.ReadCloseAsync();
        await node.DisposeAsync();
        Assert.Equal(CloseReason.Shutdown, (await reading).Reason);
    }
}
