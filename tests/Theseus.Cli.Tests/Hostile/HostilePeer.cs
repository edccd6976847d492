using System.Buffers.Binary;
using System.Net.Security;
using Theseus.Cli.Fuzz.Sockets;
using Theseus.Cli.Localnet;
using Theseus.Network;
using Theseus.Node;

namespace Theseus.Cli.Tests.Hostile;

/// <summary>A peer that keeps the rules of the handshake and none after it, with the patience of a test.</summary>
internal sealed class HostilePeer : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly StrangerSession _session;

    private HostilePeer(StrangerSession session) => _session = session;

    /// <summary>Whether the node has ended the session.</summary>
    public bool IsEnded => _session.Ended.IsCompleted;

    /// <summary>A key that no node has.</summary>
    public static NodeKey Stranger(int number) => StrangerSession.Key((ulong)number);

    public static NodeIdentity Identity(LocalnetFile net, NodeKey key) => StrangerSession.Identity(net, key);

    public static int Port(LocalnetNode node, OverlayKind overlay) => StrangerSession.Port(node, overlay);

    /// <summary>A session that the node has admitted or is about to refuse.</summary>
    public static async Task<HostilePeer> OpenAsync(LocalnetFile net, LocalnetNode node, OverlayKind overlay, NodeKey key)
    {
        using CancellationTokenSource late = new(Patience);
        return new HostilePeer(await StrangerSession.OpenAsync(net, node, overlay, key, null, late.Token));
    }

    /// <summary>A handshake that the node must refuse, and the reason that it gives.</summary>
    /// <param name="port">Of the node.</param>
    /// <param name="claimed">The identity that the hello claims.</param>
    /// <param name="overlay">The overlay that the hello claims.</param>
    public static async Task<CloseReason> RefusalAsync(int port, NodeIdentity claimed, OverlayKind overlay)
    {
        using CancellationTokenSource late = new(Patience);
        await using SslStream tls = await StrangerSession.SecureAsync(port, late.Token);
        FrameStream frames = new(tls);
        try
        {
            await StrangerSession.ShakeHandsAsync(frames, tls, claimed, overlay, late.Token);
        }
        catch (WireException e) when (e.ByPeer)
        {
            return e.Reason;
        }
        catch (WireException)
        {
            // this side saw the difference first; the node says it as well
        }

        return await StrangerSession.CloseOfAsync(frames, null, late.Token);
    }

    public Task SendAsync(Frame frame) => _session.SendAsync(frame, CancellationToken.None);

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
    public Task SendRawAsync(byte[] bytes) => _session.SendRawAsync(bytes, CancellationToken.None);

    public static byte[] Header(ushort kind, uint length)
    {
        byte[] header = new byte[FrameLimits.HeaderLength];
        BinaryPrimitives.WriteUInt16LittleEndian(header, kind);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(2), length);
        return header;
    }

    /// <summary>Why the node ended the session.</summary>
    public Task<CloseReason> EndAsync() => _session.Ended.WaitAsync(Patience);

    public ValueTask DisposeAsync() => _session.DisposeAsync();
}
