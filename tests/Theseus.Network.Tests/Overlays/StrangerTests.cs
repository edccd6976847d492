using System.Net;
using System.Net.Sockets;
using Theseus.Protocol;

namespace Theseus.Network.Tests;

/// <summary>
/// Fault 81: strangers hold every port of a network, in all the ways that cost them little, and validators that restart still find their
/// places at the first dial. The strangers come from 127.0.0.2 and up, the validators from 127.0.0.1.
/// </summary>
public class StrangerTests
{
    private const int Strangers = 127;

    private static readonly HashSet<Hash32> Validators = [.. Enumerable.Range(1, 4).Select(seed => Nodes.Identity(seed).PublicKey)];

    public static TheoryData<OverlayKind> Overlays => [OverlayKind.Consensus, OverlayKind.Sync, OverlayKind.Mempool];

    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task ValidatorsComeBackWhileStrangersHoldSessionsThatDoNothing(OverlayKind kind)
    {
        await using TestNode first = Validator(1, kind);
        await using TestNode second = Validator(2, kind);
        List<RawPeer> strangers = [];
        foreach (TestNode node in (TestNode[])[first, second])
        {
            for (int i = 0; i < Strangers; i++)
            {
                strangers.Add(await RawPeer.OpenAsync(node, 1000 + i, kind, From(i)));
            }
        }

        OverlayLimits limits = OverlayLimits.Of(kind);
        TestNode[] both = [first, second];
        await Nodes.UntilAsync(() => both.All(node => node.Overlay is { PeerCount: > 0, HalfOpen: 0 }), "the strangers' handshakes");
        Assert.InRange(first.Overlay.PeerCount, 1, limits.StrangersPerNetwork); // they are all of 127.0.0.0/24
        Assert.InRange(second.Overlay.PeerCount, 1, limits.StrangersPerNetwork);
        await TwoRestartAsync(kind, first, second);
        foreach (RawPeer stranger in strangers)
        {
            stranger.Drop();
        }
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task ValidatorsComeBackWhileStrangersLeaveConnectionsHalfOpen(OverlayKind kind)
    {
        await using TestNode first = Validator(1, kind);
        await using TestNode second = Validator(2, kind);
        List<Socket> sockets = [];
        foreach (TestNode node in (TestNode[])[first, second])
        {
            for (int i = 0; i < 300; i++)
            {
                sockets.Add(await RawPeer.DialAsync(node.EndPoint, From(i)));
            }
        }

        TestNode[] both = [first, second];
        await Nodes.UntilAsync(() => both.All(node => node.Overlay.HalfOpen == HandshakeGate.PerNetwork), "half-open connections");
        await TwoRestartAsync(kind, first, second);
        sockets.ForEach(socket => socket.Dispose());
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task ValidatorsComeBackWhileStrangersConnectAgainAndAgain(OverlayKind kind)
    {
        await using TestNode first = Validator(1, kind);
        await using TestNode second = Validator(2, kind);
        using CancellationTokenSource end = new();
        int connections = 0;
        Task[] storm = [.. Enumerable.Range(0, 8).Select(i => StormAsync(i % 2 == 0 ? first : second, i))];
        await Nodes.UntilAsync(() => Volatile.Read(ref connections) > 300, "a storm of connections");
        await TwoRestartAsync(kind, first, second);
        await end.CancelAsync();
        await Task.WhenAll(storm);

        async Task StormAsync(TestNode node, int from)
        {
            while (!end.IsCancellationRequested)
            {
                try
                {
                    using Socket socket = await RawPeer.DialAsync(node.EndPoint, From(from));
                    await socket.SendAsync(new byte[] { 22, 3, 1, 0, 200 }); // a TLS record begins
                    Interlocked.Increment(ref connections);
                    await Task.Yield();
                }
                catch (SocketException)
                {
                    // shut meanwhile
                }
            }
        }
    }

    // the dial of a validator that is no configured peer of this node, and whose address it has never seen
    [Fact]
    public async Task AValidatorAtAnUnknownAddressDisplacesAStranger()
    {
        OverlayLimits limits = OverlayLimits.Of(OverlayKind.Consensus) with { Peers = 4, StrangersPerAddress = 2 };
        await using TestNode node = new(1, limits: limits, hasPlace: Validators.Contains);
        List<RawPeer> strangers = [];
        for (int i = 0; i < 4; i++)
        {
            strangers.Add(await RawPeer.OpenAsync(node, 1000 + i, from: From(i)));
        }

        await Nodes.UntilAsync(() => node.Overlay.PeerCount == 4, "four strangers");
        Session last = node.Overlay.Find(Nodes.Identity(1003).PublicKey)!;
        await using RawPeer validator = await RawPeer.OpenAsync(node, 2, from: IPAddress.Parse("127.0.0.99"));
        Session session = await node.SessionWithAsync(Nodes.Identity(2).PublicKey);
        Assert.True(session.IsReserved);
        Assert.Equal(CloseReason.TooManyPeers, last.Reason);
        Assert.Equal(CloseReason.TooManyPeers, (await strangers[3].ReadCloseAsync()).Reason);
        Assert.Equal(4, node.Overlay.PeerCount);
        Assert.Equal(Nodes.Identity(1003).PublicKey, Assert.Single(node.Events, e => e.What == OverlayHappening.Displaced).Peer);
        strangers.ForEach(stranger => stranger.Drop());
    }

    // who only claims a validator's key gets nothing for it
    [Fact]
    public async Task AClaimedKeyIsWorthNothingWithoutItsProof()
    {
        OverlayLimits limits = OverlayLimits.Of(OverlayKind.Consensus) with { Peers = 1 };
        await using TestNode node = new(1, limits: limits, hasPlace: Validators.Contains);
        await using RawPeer stranger = await RawPeer.OpenAsync(node, 1000);
        Session session = await node.SessionWithAsync(Nodes.Identity(1000).PublicKey);
        await using RawPeer liar = await RawPeer.SecureAsync(node.EndPoint);
        await liar.WriteAsync(FrameKind.Hello, RawPeer.HelloBytes(Nodes.Identity(2).PublicKey.ToArray(), new byte[32]));
        await liar.WriteAsync(FrameKind.Proof, new Proto().Bytes(1, new byte[64]).ToArray());
        Assert.Equal(CloseReason.BadProof, (await liar.ReadCloseAsync()).Reason);
        Assert.False(session.IsClosed);
        Assert.Same(session, Assert.Single(node.Overlay.Sessions));
    }

    // what strangers send lies in a share of its own: with it full, a validator's frame is taken all the same
    [Fact]
    public async Task AFloodOfStrangersFillsTheirOwnShareOfTheInbox()
    {
        OverlayLimits limits = OverlayLimits.Of(OverlayKind.Sync) with { StrangerInboxFrames = 10, StrangerInboxBytes = 1 << 20 };
        await using TestNode node = new(1, OverlayKind.Sync, limits, hasPlace: Validators.Contains);
        List<RawPeer> strangers = [];
        for (int i = 0; i < 5; i++)
        {
            strangers.Add(await RawPeer.OpenAsync(node, 1000 + i, OverlayKind.Sync, From(i)));
            for (int frame = 0; frame < 10; frame++)
            {
                await strangers[i].WriteAsync(FrameKind.Sync, new byte[100]);
            }
        }

        await Nodes.UntilAsync(() => node.Overlay.Inbox.Count == 10, "the strangers' share is full");
        await using RawPeer validator = await RawPeer.OpenAsync(node, 2, OverlayKind.Sync);
        for (int frame = 0; frame < 100; frame++)
        {
            await validator.WriteAsync(FrameKind.Sync, new byte[100]);
        }

        await Nodes.UntilAsync(() => node.Overlay.Inbox.Count == 110, "every frame of the validator");
        int ofStrangers = 0;
        for (int frame = 0; frame < 150; frame++)
        {
            ofStrangers += (await node.ReceiveAsync()).From.IsReserved ? 0 : 1;
        }

        Assert.Equal(50, ofStrangers); // nothing is dropped
        strangers.ForEach(stranger => stranger.Drop());
    }

    // faults 81, 107: what lies in the inbox already stands before nobody else's: a validator's vote is taken among the first
    [Theory]
    [InlineData(1000)] // strangers
    [InlineData(3)] // another validator
    public async Task AnInboxFullOfOnesFramesHoldsUpNobodyElses(int flooder)
    {
        await using TestNode node = new(1, hasPlace: Validators.Contains);
        List<RawPeer> flooders = [];
        for (int i = 0; i < (flooder == 3 ? 1 : 5); i++)
        {
            flooders.Add(await RawPeer.OpenAsync(node, flooder + i));
            for (int frame = 0; frame < 100; frame++)
            {
                await flooders[i].WriteAsync(FrameKind.Consensus, new byte[10]);
            }
        }

        int sent = 100 * flooders.Count;
        await Nodes.UntilAsync(() => node.Overlay.Inbox.Count == sent, "the flood");
        await using RawPeer validator = await RawPeer.OpenAsync(node, 2);
        await validator.WriteAsync(FrameKind.Consensus, new byte[11]);
        await Nodes.UntilAsync(() => node.Overlay.Inbox.Count == sent + 1, "the vote");
        int before = 0;
        while ((await node.ReceiveAsync()).From.Peer != Nodes.Identity(2).PublicKey)
        {
            before++;
        }

        Assert.InRange(before, 0, 1);
        for (int frame = before; frame < sent; frame++)
        {
            await node.ReceiveAsync(); // nothing is dropped
        }

        Assert.Equal(0, node.Overlay.UnhandledBytes);
        flooders.ForEach(peer => peer.Drop());
    }

    // and a validator that sends without end does not keep strangers out
    [Fact]
    public async Task ReservedPeersLeaveStrangersATurn()
    {
        await using TestNode node = new(1, hasPlace: Validators.Contains);
        await using RawPeer validator = await RawPeer.OpenAsync(node, 2);
        await using RawPeer stranger = await RawPeer.OpenAsync(node, 1000);
        for (int frame = 0; frame < 100; frame++)
        {
            await validator.WriteAsync(FrameKind.Consensus, new byte[10]);
        }

        for (byte frame = 0; frame < 10; frame++)
        {
            await stranger.WriteAsync(FrameKind.Consensus, new[] { frame });
        }

        await Nodes.UntilAsync(() => node.Overlay.Inbox.Count == 110, "all frames");
        List<byte> strangers = [];
        for (int frame = 0; frame < 50; frame++)
        {
            Received received = await node.ReceiveAsync();
            if (!received.From.IsReserved)
            {
                strangers.Add(received.Frame.Payload.Span[0]);
            }
        }

        Assert.Equal(Enumerable.Range(0, 10).Select(static i => (byte)i), strangers); // one in five, in their order
    }

    // large frames that never end hold the strangers' places for large frames, not the validators'
    [Fact]
    public async Task StrangersWithLargeFramesThatDripHoldUpNoValidator()
    {
        await using TestNode node = new(1, OverlayKind.Sync, hasPlace: Validators.Contains);
        List<RawPeer> strangers = [];
        for (int i = 0; i < 8; i++)
        {
            RawPeer stranger = await RawPeer.OpenAsync(node, 1000 + i, OverlayKind.Sync, From(i));
            await stranger.Tls.WriteAsync(RawPeer.Header((ushort)FrameKind.Sync, 1 << 20));
            await stranger.Tls.WriteAsync(new byte[1000]);
            strangers.Add(stranger);
        }

        await Nodes.UntilAsync(() => node.Overlay.Sessions.Count(session => session.BytesIn == 0) == 8, "eight strangers inside a frame");
        await using RawPeer validator = await RawPeer.OpenAsync(node, 2, OverlayKind.Sync);
        await validator.WriteAsync(FrameKind.Sync, new byte[1 << 20]);
        Received received = await node.ReceiveAsync();
        Assert.Equal(Nodes.Identity(2).PublicKey, received.From.Peer);
        strangers.ForEach(stranger => stranger.Drop());
    }

    private static TestNode Validator(int seed, OverlayKind kind)
    {
        // these strangers answer no pings; on a slow machine they must stay all the same
        OverlayLimits limits = OverlayLimits.Of(kind) with { IdleTime = TimeSpan.FromMinutes(10) };
        TestNode node = new(seed, kind, limits, hasPlace: Validators.Contains);

        // a configured peer at the validators' address is down: the address is known, nobody answers there
        node.Overlay.KeepConnected(new IPEndPoint(IPAddress.Loopback, 1), Nodes.Identity(seed == 1 ? 2 : 1).PublicKey);
        return node;
    }

    /// <summary>Two validators start and dial: each dial succeeds at once, none is refused or lost.</summary>
    private static async Task TwoRestartAsync(OverlayKind kind, params TestNode[] standing)
    {
        await using TestNode third = new(3, kind);
        await using TestNode fourth = new(4, kind);
        foreach (TestNode back in (TestNode[])[third, fourth])
        {
            foreach (TestNode node in standing)
            {
                back.Overlay.KeepConnected(node.EndPoint, node.Key);
            }
        }

        foreach (TestNode node in standing)
        {
            Assert.True((await node.SessionWithAsync(third.Key)).IsReserved);
            Assert.True((await node.SessionWithAsync(fourth.Key)).IsReserved);
        }

        foreach (TestNode back in (TestNode[])[third, fourth])
        {
            await Nodes.UntilAsync(() => back.Overlay.PeerCount == 2, "both sessions");
            Assert.DoesNotContain(back.Events, e => e.What != OverlayHappening.Opened); // so it was the first dial
        }
    }

    private static IPAddress From(int i) => new([127, 0, 0, (byte)(2 + (i % 8))]);
}
