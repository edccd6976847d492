using System.Buffers.Binary;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Theseus.Cli.Localnet;
using Theseus.Network;
using Theseus.Node;
using Theseus.Protocol;

namespace Theseus.Cli.Fuzz.Sockets;

/// <summary>A session of a node that nobody knows: it keeps the rules of the handshake, and then sends anything.</summary>
internal sealed class StrangerSession : IAsyncDisposable
{
    private const int Remembered = 32;

    private static readonly SessionCertificate Certificate = SessionCertificate.Create();

    private readonly SslStream _tls;
    private readonly FrameStream _frames;

    private StrangerSession(SslStream tls, FrameStream frames, List<byte[]>? heard)
    {
        (_tls, _frames) = (tls, frames);
        Ended = CloseOfAsync(frames, heard, CancellationToken.None);
    }

    /// <summary>Ends with the session, with the reason that the node gave; <see cref="CloseReason.Lost"/> when it gave none.</summary>
    public Task<CloseReason> Ended { get; }

    /// <summary>A key that no node has.</summary>
    public static NodeKey Key(ulong number)
    {
        byte[] seed = new byte[32];
        "stranger"u8.CopyTo(seed);
        BinaryPrimitives.WriteUInt64LittleEndian(seed.AsSpan(24), number);
        return new NodeKey(seed);
    }

    /// <summary>What such a node says of itself.</summary>
    public static NodeIdentity Identity(LocalnetFile net, NodeKey key) => new(
        key.PublicKey, key.SignBytes, static (publicKey, message, signature) => Ed25519.Verify(publicKey.ToArray(), message, signature),
        net.Chain, Hash32.FromHex(net.GenesisHash), "stranger/1", []);

    /// <summary>The port of a node's overlay.</summary>
    public static int Port(LocalnetNode node, OverlayKind overlay) => overlay switch
    {
        OverlayKind.Consensus => node.ConsensusPort,
        OverlayKind.Sync => node.SyncPort,
        _ => node.MempoolPort,
    };

    /// <summary>A connection with TLS, before any hello.</summary>
    public static async Task<SslStream> SecureAsync(int port, CancellationToken cancellation)
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, port, cancellation);
            return await Handshake.SecureAsync(new NetworkStream(socket, ownsSocket: true), Certificate, dialer: true, cancellation);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>The handshake, on a connection with TLS.</summary>
    /// <exception cref="WireException">Either side saw a reason to refuse it.</exception>
    public static async Task ShakeHandsAsync(
        FrameStream frames, SslStream tls, NodeIdentity claimed, OverlayKind overlay, CancellationToken cancellation)
    {
        await Handshake.RunAsync(frames, tls, Certificate, claimed, overlay, 0, dialer: true, cancellation);
        frames.Overlay = overlay;
    }

    /// <summary>An open session.</summary>
    /// <param name="net">The localnet.</param>
    /// <param name="node">Whom to call.</param>
    /// <param name="overlay">On which overlay.</param>
    /// <param name="key">Which stranger.</param>
    /// <param name="heard">Takes some of what the node sends; null takes nothing.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async Task<StrangerSession> OpenAsync(
        LocalnetFile net, LocalnetNode node, OverlayKind overlay, NodeKey key, List<byte[]>? heard, CancellationToken cancellation)
    {
        SslStream tls = await SecureAsync(Port(node, overlay), cancellation);
        try
        {
            FrameStream frames = new(tls);
            await ShakeHandsAsync(frames, tls, Identity(net, key), overlay, cancellation);
            return new StrangerSession(tls, frames, heard);
        }
        catch
        {
            await tls.DisposeAsync();
            throw;
        }
    }

    /// <summary>Reads until the node ends the session, and says why it did.</summary>
    public static async Task<CloseReason> CloseOfAsync(FrameStream frames, List<byte[]>? heard, CancellationToken cancellation)
    {
        try
        {
            while (await frames.ReadAsync(cancellation) is Frame frame)
            {
                if (frame.Kind == FrameKind.Close)
                {
                    // protobuf: field 1, a small varint
                    return frame.Payload.Span is [0x08, byte reason, ..] ? (CloseReason)reason : CloseReason.None;
                }

                Remember(heard, frame);
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or WireException or InvalidOperationException)
        {
            // the session is over: that is the node's right
        }

        return CloseReason.Lost;
    }

    /// <summary>Sends a frame.</summary>
    public async Task SendAsync(Frame frame, CancellationToken cancellation) => await _frames.WriteAsync(frame, cancellation);

    /// <summary>Sends bytes that need be no frame.</summary>
    public async Task SendRawAsync(byte[] bytes, CancellationToken cancellation)
    {
        await _tls.WriteAsync(bytes, cancellation);
        await _tls.FlushAsync(cancellation);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _tls.DisposeAsync();
        await Ended;
    }

    private static void Remember(List<byte[]>? heard, Frame frame)
    {
        if (heard is null)
        {
            return;
        }

        lock (heard)
        {
            if (heard.Count >= Remembered)
            {
                heard.RemoveAt(0);
            }

            heard.Add(frame.Payload.ToArray());
        }
    }
}
