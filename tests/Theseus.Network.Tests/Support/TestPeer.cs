using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using Theseus.Protocol;

namespace Theseus.Network.Tests;

/// <summary>A node identity of a seed, and the clocks and waits that the tests share.</summary>
internal static class Nodes
{
    public static readonly Hash32 Genesis = new([.. Enumerable.Repeat((byte)7, 32)]);

    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public static NodeIdentity Identity(int seed, string chain = "test", Hash32? genesis = null, IReadOnlyList<Hash32>? modules = null)
    {
        byte[] secret = SHA256.HashData(BitConverter.GetBytes(seed));
        return new NodeIdentity(
            new Hash32(Ed25519.PublicKey(secret)), message => Ed25519.Sign(secret, message), static (key, message, signature) =>
            Ed25519.Verify(key.ToArray(), message, signature),
            chain, genesis ?? Genesis, "test/1", modules ?? []);
    }

    /// <summary>Waits for a condition that other threads bring about.</summary>
    public static async Task UntilAsync(Func<bool> condition, string what)
    {
        using CancellationTokenSource limit = new(Patience);
        while (!condition())
        {
            Assert.False(limit.IsCancellationRequested, "never happened: " + what);
            await Task.Delay(5, CancellationToken.None);
        }
    }
}

/// <summary>An overlay that listens on a free port of this machine and remembers what it reported.</summary>
internal sealed class TestNode : IAsyncDisposable
{
    private readonly List<OverlayEvent> _events = [];
    private readonly SessionCertificate _certificate = SessionCertificate.Create();

    public TestNode(
        int seed,
        OverlayKind kind = OverlayKind.Consensus,
        OverlayLimits? limits = null,
        NodeIdentity? identity = null,
        TimeProvider? clock = null,
        int port = 0,
        Func<Hash32, bool>? hasPlace = null)
    {
        Identity = identity ?? Nodes.Identity(seed);
        Overlay = new Overlay(kind, Identity, _certificate, clock ?? TimeProvider.System, limits, hasPlace);
        Overlay.Observe(happened =>
        {
            lock (_events)
            {
                _events.Add(happened);
            }
        });
        Overlay.Listen(new IPEndPoint(IPAddress.Loopback, port));
    }

    public NodeIdentity Identity { get; }

    public Overlay Overlay { get; }

    public Hash32 Key => Identity.PublicKey;

    public IPEndPoint EndPoint => new(IPAddress.Loopback, Overlay.Port);

    public IReadOnlyList<OverlayEvent> Events
    {
        get
        {
            lock (_events)
            {
                return [.. _events];
            }
        }
    }

    public Task SawAsync(OverlayHappening what, CloseReason reason) =>
        Nodes.UntilAsync(() => Events.Any(e => e.What == what && e.Reason == reason),
            $"{what} {reason}; saw: {string.Join(" | ", Events)}");

    public async Task<Session> SessionWithAsync(Hash32 peer)
    {
        await Nodes.UntilAsync(() => Overlay.Find(peer) is not null, "a session; saw: " + string.Join(" | ", Events));
        return Overlay.Find(peer)!;
    }

    public async Task<Received> ReceiveAsync()
    {
        using CancellationTokenSource limit = new(Nodes.Patience);
        return await Overlay.Inbox.ReadAsync(limit.Token);
    }

    /// <summary>No code path ended in an exception that nobody expected.</summary>
    public void NothingBroke() => Assert.DoesNotContain(Events, e => e.What == OverlayHappening.Failed);

    public async ValueTask DisposeAsync()
    {
        await Overlay.DisposeAsync();
        NothingBroke();
        _certificate.Dispose();
    }
}

/// <summary>A peer whose every byte the test decides: TCP, then TLS, then frames.</summary>
internal sealed class RawPeer : IAsyncDisposable
{
    private readonly Socket _socket;

    private RawPeer(Socket socket, SslStream tls, SessionCertificate certificate)
    {
        _socket = socket;
        Tls = tls;
        Certificate = certificate;
        Frames = new FrameStream(tls);
    }

    public SslStream Tls { get; }

    public SessionCertificate Certificate { get; }

    public FrameStream Frames { get; }

    public PeerHello? Hello { get; private set; }

    public static async Task<Socket> DialAsync(IPEndPoint endpoint, IPAddress? from = null)
    {
        Socket socket = new(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (from is not null)
        {
            socket.Bind(new IPEndPoint(from, 0));
        }

        await socket.ConnectAsync(endpoint);
        return socket;
    }

    /// <summary>TCP and TLS, no hello yet.</summary>
    public static async Task<RawPeer> SecureAsync(IPEndPoint endpoint, IPAddress? from = null)
    {
        Socket socket = await DialAsync(endpoint, from);
        SessionCertificate certificate = SessionCertificate.Create();
        NetworkStream stream = new(socket, ownsSocket: true);
        return new RawPeer(socket, await Handshake.SecureAsync(stream, certificate, dialer: true, CancellationToken.None), certificate);
    }

    /// <summary>An open session as the identity of a seed.</summary>
    public static async Task<RawPeer> OpenAsync(TestNode node, int seed, OverlayKind kind = OverlayKind.Consensus, IPAddress? from = null)
    {
        RawPeer peer = await SecureAsync(node.EndPoint, from);
        peer.Hello = await Handshake.RunAsync(peer.Frames, peer.Tls, peer.Certificate, Nodes.Identity(seed), kind, 0, dialer: true,
            CancellationToken.None);
        peer.Frames.Overlay = kind;
        return peer;
    }

    /// <summary>A hello in protobuf's wire format: fields as session.proto numbers them.</summary>
    public static byte[] HelloBytes(
        ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, string chain = "test", Hash32? genesis = null, string overlay = "consensus",
        ulong mustUnderstand = 0) => new Proto()
        .Number(1, 1).Bytes(2, key).Bytes(3, nonce).Text(4, chain).Bytes(5, (genesis ?? Nodes.Genesis).ToArray()).Text(6, overlay)
        .Text(7, "raw").Number(9, mustUnderstand).ToArray();

    public async Task WriteAsync(FrameKind kind, byte[] payload) =>
        await Frames.WriteAsync(new Frame(kind, 0, payload), CancellationToken.None);

    /// <summary>Bytes of a frame header as the specification lays it out.</summary>
    public static byte[] Header(ushort kind, uint length, ulong height = 0)
    {
        byte[] bytes = new byte[14];
        BitConverter.TryWriteBytes(bytes, kind);
        BitConverter.TryWriteBytes(bytes.AsSpan(2), length);
        BitConverter.TryWriteBytes(bytes.AsSpan(6), height);
        return bytes;
    }

    /// <summary>The next frame; null when the other side closed.</summary>
    public async Task<Frame?> ReadAsync()
    {
        using CancellationTokenSource limit = new(Nodes.Patience);
        return await Frames.ReadAsync(limit.Token);
    }

    /// <summary>Reads frames up to the Close message.</summary>
    public async Task<(CloseReason Reason, IReadOnlyList<FrameKind> Before)> ReadCloseAsync()
    {
        List<FrameKind> before = [];
        while (await ReadAsync() is Frame frame)
        {
            if (frame.Kind == FrameKind.Close)
            {
                return ((CloseReason)Proto.ReadNumber(frame.Payload.Span, 1), before);
            }

            before.Add(frame.Kind);
        }

        throw new InvalidOperationException("the stream ended without a Close");
    }

    /// <summary>Ends the connection as a killed process does: whatever was under way stops.</summary>
    public void Drop()
    {
        _socket.LingerState = new LingerOption(true, 0);
        _socket.Close();
    }

    public async ValueTask DisposeAsync()
    {
        await Tls.DisposeAsync();
        Certificate.Dispose();
    }
}
