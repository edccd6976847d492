using System.Buffers.Binary;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Theseus.Cli.Localnet;
using Theseus.Network;
using Theseus.Node;
using Theseus.Protocol;

namespace Theseus.Cli.Tests.Hostile;

/// <summary>A peer that keeps the rules of the handshake and none after it. Only tests have it: the program cannot be
/// told to behave so.</summary>
internal sealed class HostilePeer : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly SessionCertificate Certificate = SessionCertificate.Create();

    private readonly SslStream _tls;
    private readonly FrameStream _frames;
    private readonly TaskCompletionSource<CloseReason> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _reading;

    private HostilePeer(SslStream tls, FrameStream frames)
    {
        _tls = tls;
        _frames = frames;
        _reading = ReadAsync();
    }

    /// <summary>Whether the node has ended the session.</summary>
    public bool IsEnded => _ended.Task.IsCompleted;

    /// <summary>A key that no node has.</summary>
    public static NodeKey Stranger(int number)
    {
        byte[] seed = new byte[32];
        "hostile"u8.CopyTo(seed);
        BinaryPrimitives.WriteInt32LittleEndian(seed.AsSpan(28), number);
        return new NodeKey(seed);
    }

    public static NodeIdentity Identity(LocalnetFile net, NodeKey key) => new(
        key.PublicKey, key.SignBytes, static (publicKey, message, signature) => Ed25519.Verify(publicKey.ToArray(), message, signature),
        net.Chain, Hash32.FromHex(net.GenesisHash), "hostile/1", []);

    public static int Port(LocalnetNode node, OverlayKind overlay) => overlay switch
    {
        OverlayKind.Consensus => node.ConsensusPort,
        OverlayKind.Sync => node.SyncPort,
        _ => node.MempoolPort,
    };

    /// <summary>A session that the node has admitted or is about to refuse.</summary>
    public static async Task<HostilePeer> OpenAsync(LocalnetFile net, LocalnetNode node, OverlayKind overlay, NodeKey key)
    {
        using CancellationTokenSource late = new(Patience);
        SslStream tls = await SecureAsync(Port(node, overlay), late.Token);
        FrameStream frames = new(tls);
        await Handshake.RunAsync(frames, tls, Certificate, Identity(net, key), overlay, 0, dialer: true, late.Token);
        frames.Overlay = overlay;
        return new HostilePeer(tls, frames);
    }

    /// <summary>A handshake that the node must refuse, and the reason that it gives. The identity and the overlay are
    /// those that the hello claims.</summary>
    public static async Task<CloseReason> RefusalAsync(int port, NodeIdentity claimed, OverlayKind overlay)
    {
        using CancellationTokenSource late = new(Patience);
        await using SslStream tls = await SecureAsync(port, late.Token);
        FrameStream frames = new(tls);
        try
        {
            await Handshake.RunAsync(frames, tls, Certificate, claimed, overlay, 0, dialer: true, late.Token);
            frames.Overlay = overlay;
        }
        catch (WireException e) when (e.ByPeer)
        {
            return e.Reason;
        }
        catch (WireException)
        {
            // this side saw the difference first; the node says it as well
        }

        return await CloseOfAsync(frames, late.Token);
    }

    public async Task SendAsync(Frame frame) => await _frames.WriteAsync(frame, CancellationToken.None);

    /// <summary>Sends until the node has enough. False when it had.</summary>
    public async Task<bool> TrySendAsync(Frame frame)
    {
        try
        {
            await SendAsync(frame);
            return !IsEnded;
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            return false;
        }
    }

    /// <summary>Bytes after the handshake that need be no frame.</summary>
    public async Task SendRawAsync(byte[] bytes)
    {
        await _tls.WriteAsync(bytes);
        await _tls.FlushAsync();
    }

    public static byte[] Header(ushort kind, uint length)
    {
        byte[] header = new byte[FrameLimits.HeaderLength];
        BinaryPrimitives.WriteUInt16LittleEndian(header, kind);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(2), length);
        return header;
    }

    /// <summary>Why the node ended the session.</summary>
    public async Task<CloseReason> EndAsync() => await _ended.Task.WaitAsync(Patience);

    public async ValueTask DisposeAsync()
    {
        await _tls.DisposeAsync();
        await _reading;
    }

    private static async Task<SslStream> SecureAsync(int port, CancellationToken cancellation)
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, port, cancellation);
        return await Handshake.SecureAsync(new NetworkStream(socket, ownsSocket: true), Certificate, dialer: true, cancellation);
    }

    private async Task ReadAsync() => _ended.TrySetResult(await CloseOfAsync(_frames, CancellationToken.None));

    private static async Task<CloseReason> CloseOfAsync(FrameStream frames, CancellationToken cancellation)
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
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or WireException or InvalidOperationException)
        {
            // the connection is gone
        }

        return CloseReason.Lost;
    }
}
