using Theseus.Protocol;

namespace Theseus.Network.Tests;

public class FrameTests
{
    private static readonly Hash32 Peer = Nodes.Identity(5).PublicKey;

    // limits as docs/protocol/network.md gives them; -1: the kind has no place there
    [Theory]
    [InlineData(1, null, 8192)]
    [InlineData(2, null, 8192)]
    [InlineData(3, null, 8192)]
    [InlineData(4, null, -1)]
    [InlineData(16, null, -1)]
    [InlineData(32, null, -1)]
    [InlineData(48, null, -1)]
    [InlineData(4, OverlayKind.Sync, 8)]
    [InlineData(5, OverlayKind.Sync, 8)]
    [InlineData(16, OverlayKind.Consensus, 262_144)]
    [InlineData(16, OverlayKind.Sync, -1)]
    [InlineData(16, OverlayKind.Mempool, -1)]
    [InlineData(32, OverlayKind.Sync, 16_777_216 + 165_952 + 4096)]
    [InlineData(32, OverlayKind.Consensus, -1)]
    [InlineData(48, OverlayKind.Mempool, 2_097_152)]
    [InlineData(48, OverlayKind.Sync, -1)]
    [InlineData(0, OverlayKind.Sync, -1)]
    [InlineData(65535, OverlayKind.Sync, -1)]
    public void EveryKindHasItsPlaceAndLimit(int kind, OverlayKind? overlay, int limit) =>
        Assert.Equal(limit, FrameLimits.Of((ushort)kind, overlay));

    [Fact]
    public async Task AFrameIsKindLengthHeightPayloadLittleEndian()
    {
        MemoryStream wire = new();
        await new FrameStream(wire).WriteAsync(new Frame(FrameKind.Consensus, 0x0807060504030201, new byte[] { 0xaa, 0xbb }),
            CancellationToken.None);
        Assert.Equal([16, 0, 2, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 0xaa, 0xbb], wire.ToArray());
        wire.Position = 0;
        Frame? back = await new FrameStream(wire) { Overlay = OverlayKind.Consensus }.ReadAsync(CancellationToken.None);
        Assert.Equal((FrameKind.Consensus, 0x0807060504030201ul), (back!.Value.Kind, back.Value.Height));
        Assert.Equal([0xaa, 0xbb], back.Value.Payload.ToArray());
    }

    [Fact]
    public async Task FramesGivenTogetherAreOneWriteUpToARecordAndReadBackInOrder()
    {
        const int Record = 16 * 1024;
        foreach ((int[] sizes, int writes) in new (int[], int)[]
        {
            ([100], 1),
            ([100, 200, 300], 1),
            ([0, 0], 1),
            ([Record - 14 - 14 - 5, 5], 1), // just fit, headers included
            ([Record - 14 - 14 - 5, 6], 2),
            ([10, Record - 14], 2),
            ([10, Record, 10], 4), // a record's worth of the large one, its rest, and each neighbour
        })
        {
            CountingStream wire = new();
            FrameStream frames = new(wire);
            for (int i = 0; i < sizes.Length; i++)
            {
                byte[] payload = new byte[sizes[i]];
                Array.Fill(payload, (byte)(i + 1));
                await frames.WriteAsync(new Frame(FrameKind.Consensus, (ulong)i, payload), more: i + 1 < sizes.Length,
                    CancellationToken.None);
            }

            Assert.Equal(writes, wire.Writes);
            wire.Position = 0;
            FrameStream back = new(wire) { Overlay = OverlayKind.Consensus };
            for (int i = 0; i < sizes.Length; i++)
            {
                Frame frame = (await back.ReadAsync(CancellationToken.None))!.Value;
                Assert.Equal((ulong)i, frame.Height);
                Assert.Equal(sizes[i], frame.Payload.Length);
                Assert.False(frame.Payload.Span.ContainsAnyExcept((byte)(i + 1)));
            }

            Assert.Null(await back.ReadAsync(CancellationToken.None));
        }
    }

    [Fact]
    public async Task FramesGivenTogetherArriveInOrder()
    {
        await using TestNode a = new(1, OverlayKind.Consensus);
        await using TestNode b = new(2, OverlayKind.Consensus);
        a.Overlay.KeepConnected(b.EndPoint, b.Key);
        await a.SessionWithAsync(b.Key);
        a.Overlay.Broadcast(new Frame(FrameKind.Consensus, 1, new byte[10]), new Frame(FrameKind.Consensus, 2, new byte[40_000]),
            new Frame(FrameKind.Consensus, 3, new byte[20]));
        a.Overlay.Broadcast(new Frame(FrameKind.Consensus, 4, new byte[30]));
        foreach ((ulong height, int size) in new[] { (1ul, 10), (2ul, 40_000), (3ul, 20), (4ul, 30) })
        {
            Received received = await b.ReceiveAsync();
            Assert.Equal((height, size), (received.Frame.Height, received.Frame.Payload.Length));
        }
    }

    [Theory]
    [InlineData(16, OverlayKind.Consensus, 262_144)]
    [InlineData(32, OverlayKind.Sync, 16_947_264)]
    [InlineData(48, OverlayKind.Mempool, 2_097_152)]
    public async Task AFrameOfTheLargestSizePasses(int kind, OverlayKind overlay, int limit)
    {
        await using TestNode a = new(1, overlay);
        await using TestNode b = new(2, overlay);
        a.Overlay.KeepConnected(b.EndPoint, b.Key);
        await a.SessionWithAsync(b.Key);
        byte[] payload = new byte[limit];
        new Random(1).NextBytes(payload);
        Assert.True(a.Overlay.Send(b.Key, new Frame((FrameKind)kind, 1, payload)));
        Received received = await b.ReceiveAsync();
        Assert.True(payload.AsSpan().SequenceEqual(received.Frame.Payload.Span));
        Assert.Equal(0, b.Overlay.UnhandledBytes);
    }

    [Theory]
    [InlineData(16, OverlayKind.Consensus, 262_145u)]
    [InlineData(32, OverlayKind.Sync, 16_947_265u)]
    [InlineData(48, OverlayKind.Mempool, 2_097_153u)]
    [InlineData(4, OverlayKind.Consensus, 9u)]
    [InlineData(3, OverlayKind.Consensus, 8193u)]
    [InlineData(16, OverlayKind.Consensus, uint.MaxValue)]
    [InlineData(32, OverlayKind.Sync, 0x8000_0000u)]
    public async Task ALengthAboveTheLimitClosesAndBansBeforeAnythingIsAllocated(int kind, OverlayKind overlay, uint length)
    {
        await using TestNode node = new(1, overlay);
        await using RawPeer peer = await RawPeer.OpenAsync(node, 5, overlay);
        await node.SessionWithAsync(Peer);
        long before = GC.GetTotalAllocatedBytes(precise: true);
        await peer.Tls.WriteAsync(RawPeer.Header((ushort)kind, length));
        Assert.Equal(CloseReason.FrameTooLarge, (await peer.ReadCloseAsync()).Reason);
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, 4 * 1024 * 1024);
        await node.SawAsync(OverlayHappening.Banned, CloseReason.Banned);
        Assert.True(node.Overlay.Scores.IsBanned(Peer));
    }

    [Fact]
    public async Task ADeclaredLengthCostsNothingUntilItsBytesArrive()
    {
        await using TestNode node = new(1, OverlayKind.Sync);
        List<RawPeer> peers = [];
        for (int seed = 10; seed < 14; seed++)
        {
            peers.Add(await RawPeer.OpenAsync(node, seed, OverlayKind.Sync));
        }

        await Nodes.UntilAsync(() => node.Overlay.PeerCount == 4, "four peers");
        long before = GC.GetTotalAllocatedBytes(precise: true);
        foreach (RawPeer peer in peers)
        {
            await peer.Tls.WriteAsync(RawPeer.Header(32, FrameLimits.Sync)); // 16 MiB announced, one byte sent
            await peer.Tls.WriteAsync(new byte[1]);
        }

        // an honest peer is served meanwhile
        await using TestNode honest = new(2, OverlayKind.Sync);
        honest.Overlay.KeepConnected(node.EndPoint, node.Key);
        await honest.SessionWithAsync(node.Key);
        honest.Overlay.Send(node.Key, new Frame(FrameKind.Sync, 3, new byte[3]));
        Assert.Equal(3, (await node.ReceiveAsync()).Frame.Payload.Length);
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, 8 * 1024 * 1024);
        foreach (RawPeer peer in peers)
        {
            await peer.DisposeAsync();
        }
    }

    [Fact]
    public async Task AFrameThatNeverEndsTimesOut()
    {
        await using TestNode node = new(1, OverlayKind.Sync, new OverlayLimits { FrameTime = TimeSpan.FromMilliseconds(200) });
        await using RawPeer peer = await RawPeer.OpenAsync(node, 5, OverlayKind.Sync);
        await peer.Tls.WriteAsync(RawPeer.Header(32, 1_000_000));
        Assert.Equal(CloseReason.Timeout, (await peer.ReadCloseAsync()).Reason);
        Assert.False(node.Overlay.Scores.IsBanned(Peer)); // a slow link is no misbehaviour
    }

    [Theory]
    [InlineData(5)] // inside a header
    [InlineData(14)] // before the payload
    [InlineData(14 + 1000)] // inside a small payload
    [InlineData(14 + 100_000)] // inside a payload of several TLS records
    public async Task AConnectionCutInsideAFrameIsLostAndNobodyIsBlamed(int sent)
    {
        await using TestNode node = new(1);
        await using RawPeer peer = await RawPeer.OpenAsync(node, 5);
        Session session = await node.SessionWithAsync(Peer);
        byte[] frame = [.. RawPeer.Header(16, 200_000), .. new byte[200_000]];
        await peer.Tls.WriteAsync(frame.AsMemory(0, sent));
        await Nodes.UntilAsync(() => session.BytesIn >= 0, "open");
        await peer.Tls.DisposeAsync(); // a killed process: its socket is closed by the system
        await node.SawAsync(OverlayHappening.Closed, CloseReason.Lost);
        Assert.False(node.Overlay.Scores.IsBanned(Peer));
        await using RawPeer again = await RawPeer.OpenAsync(node, 5);
        await node.SessionWithAsync(Peer);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(6)]
    [InlineData(17)]
    [InlineData(32)] // a kind of another overlay
    [InlineData(65535)]
    public async Task AnUnknownKindClosesAndBans(int kind)
    {
        await using TestNode node = new(1);
        await using RawPeer peer = await RawPeer.OpenAsync(node, 5);
        await node.SessionWithAsync(Peer);
        await peer.Tls.WriteAsync(RawPeer.Header((ushort)kind, 1));
        Assert.Equal(CloseReason.UnknownFrame, (await peer.ReadCloseAsync()).Reason);
        await node.SawAsync(OverlayHappening.Banned, CloseReason.Banned);

        await using RawPeer again = await RawPeer.OpenAsync(node, 5);
        Assert.Equal(CloseReason.Banned, (await again.ReadCloseAsync()).Reason);
    }

    [Theory]
    [InlineData(FrameKind.Hello)]
    [InlineData(FrameKind.Proof)]
    public async Task ASecondHandshakeIsMalformed(FrameKind kind)
    {
        await using TestNode node = new(1);
        await using RawPeer peer = await RawPeer.OpenAsync(node, 5);
        await peer.WriteAsync(kind, []);
        Assert.Equal(CloseReason.Malformed, (await peer.ReadCloseAsync()).Reason);
    }

    [Theory]
    [InlineData(FrameKind.Consensus)]
    [InlineData(FrameKind.Sync)]
    [InlineData(FrameKind.Ping)]
    public async Task NoFrameButThoseOfTheHandshakeIsTakenBeforeIt(FrameKind kind)
    {
        await using TestNode node = new(1);
        await using RawPeer peer = await RawPeer.SecureAsync(node.EndPoint);
        await peer.Tls.WriteAsync(RawPeer.Header((ushort)kind, 1));
        Assert.Equal(CloseReason.UnknownFrame, (await peer.ReadCloseAsync()).Reason);
    }

    [Fact]
    public async Task APingIsAnsweredWithItsPayload()
    {
        await using TestNode node = new(1);
        await using RawPeer peer = await RawPeer.OpenAsync(node, 5);
        await peer.Frames.WriteAsync(new Frame(FrameKind.Ping, 77, new byte[] { 1, 2, 3, 4, 5, 6, 7, 8 }), CancellationToken.None);
        Frame pong = (await peer.ReadAsync())!.Value;
        Assert.Equal((FrameKind.Pong, 77ul), (pong.Kind, pong.Height));
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8], pong.Payload.ToArray());
    }

    private sealed class CountingStream : MemoryStream
    {
        public int Writes { get; private set; }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Writes++;
            return base.WriteAsync(buffer, cancellationToken);
        }
    }
}
