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
    private readonly Task _reading;
    private readonly List<byte[]> _heard;

    private StrangerSession(SslStream tls, FrameStream frames, List<byte[]> heard)
    {
        (_tls, _frames, _heard) = (tls, frames, heard);
        _reading = ReadAsync();
    }

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

    /// <summary>An open session.</summary>
    /// <param name="net">The localnet.</param>
    /// <param name="node">Whom to call.</param>
    /// <param name="overlay">On which overlay.</param>
    /// <param name="number">Which stranger: each has a key of its own.</param>
    /// <param name="heard">Takes some of what the node sends.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async Task<StrangerSession> OpenAsync(
        LocalnetFile net, LocalnetNode node, OverlayKind overlay, ulong number, List<byte[]> heard, CancellationToken cancellation)
    {
        byte[] seed = new byte[32];
        "fuzz"u8.CopyTo(seed);
        BinaryPrimitives.WriteUInt64LittleEndian(seed.AsSpan(24), number);
        NodeKey key = new(seed);
        NodeIdentity identity = new(
            key.PublicKey, key.SignBytes, static (publicKey, message, signature) => Ed25519.Verify(publicKey.ToArray(), message, signature),
            net.Chain, Hash32.FromHex(net.GenesisHash), "fuzz/1", []);
        SslStream tls = await SecureAsync(Port(node, overlay), cancellation);
        try
        {
            FrameStream frames = new(tls);
            await Handshake.RunAsync(frames, tls, Certificate, identity, overlay, 0, dialer: true, cancellation);
            frames.Overlay = overlay;
            return new StrangerSession(tls, frames, heard);
        }
        catch
        {
            await tls.DisposeAsync();
            throw;
        }
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
        await _reading;
    }

    private async Task ReadAsync()
    {
        try
        {
            while (await _frames.ReadAsync(CancellationToken.None) is Frame frame)
            {
                lock (_heard)
                {
                    if (_heard.Count >= Remembered)
                    {
                        _heard.RemoveAt(0);
                    }

                    _heard.Add(frame.Payload.ToArray());
                }
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or WireException or InvalidOperationException)
        {
            // the session is over: that is the node's right
        }
    }
}
