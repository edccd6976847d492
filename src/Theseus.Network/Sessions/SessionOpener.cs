using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Google.Protobuf;
using Theseus.Network.Wire.Session;
using Theseus.Protocol;

namespace Theseus.Network;

/// <summary>Makes sessions of connections: TLS, hello and proof, within a time.</summary>
/// <param name="kind">The overlay.</param>
/// <param name="identity">Who this node is.</param>
/// <param name="certificate">The process's TLS certificate.</param>
/// <param name="clock">For the time limit.</param>
/// <param name="limits">The overlay's bounds.</param>
/// <param name="scores">Who is banned.</param>
/// <param name="total">Counts what waits to be written.</param>
/// <param name="report">Hears why a connection became no session.</param>
internal sealed class SessionOpener(
    OverlayKind kind,
    NodeIdentity identity,
    SessionCertificate certificate,
    TimeProvider clock,
    OverlayLimits limits,
    PeerScores scores,
    OutboxTotal total,
    Action<OverlayHappening, Hash32?, CloseReason, string> report)
{
    /// <summary>A connection in its handshake.</summary>
    /// <param name="Socket">The connection; the opener owns it.</param>
    /// <param name="IsDialer">Whether this node dialled.</param>
    /// <param name="Expected">The key that has to be there, if one has.</param>
    /// <param name="Stop">The overlay stops.</param>
    /// <param name="Displaced">Another connection needs its place.</param>
    public readonly record struct Attempt(
        Socket Socket, bool IsDialer, Hash32? Expected, CancellationToken Stop, CancellationToken Displaced);

    /// <summary>Null when there is no session: the reason was reported, and told to the peer where it is a refusal.</summary>
    public async Task<Session?> OpenAsync(Attempt attempt, int listenPort)
    {
        Stream open = new NetworkStream(attempt.Socket, ownsSocket: true);
        string remote = "?";
        try
        {
            attempt.Socket.NoDelay = true; // 45 ms a handshake without it, 4 with
            IPEndPoint endpoint = (IPEndPoint)attempt.Socket.RemoteEndPoint!;
            remote = endpoint.ToString();
            using CancellationTokenSource slow = new(limits.HandshakeTime, clock);
            using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(
                attempt.Stop, attempt.Displaced, slow.Token);
            SslStream tls = await Handshake.SecureAsync(open, certificate, attempt.IsDialer, deadline.Token);
            open = tls;
            FrameStream frames = new(tls);
            try
            {
                PeerHello hello = await Handshake.RunAsync(
                    frames, tls, certificate, identity, kind, listenPort, attempt.IsDialer, deadline.Token);
                Judge(hello, attempt.Expected);
                frames.Overlay = kind;
                return new Session(hello, endpoint, attempt.IsDialer, frames, tls, limits, clock, total);
            }
            catch (WireException e)
            {
                report(e.ByPeer ? OverlayHappening.RefusedByPeer : OverlayHappening.Refused, null, e.Reason, $"{remote}: {e.Message}");
                if (!e.ByPeer && e.Reason != CloseReason.Lost)
                {
                    Close close = new() { Reason = (uint)e.Reason, Detail = e.Message };
                    await frames.WriteAsync(new Frame(FrameKind.Close, 0, close.ToByteArray()), deadline.Token);
                    await Handshake.FarewellAsync(tls).WaitAsync(deadline.Token);
                    await DrainAsync(tls, deadline.Token);
                }
            }
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            Tell(e, attempt, remote);
        }

        await open.DisposeAsync();
        return null;
    }

    private void Judge(PeerHello hello, Hash32? expected)
    {
        if (expected is Hash32 wanted && hello.NodeKey != wanted)
        {
            throw new WireException(CloseReason.BadProof, $"the node here is {hello.NodeKey}, not {wanted}");
        }

        if (scores.IsBanned(hello.NodeKey))
        {
            throw new WireException(CloseReason.Banned, "the peer is banned");
        }
    }

    private void Tell(Exception e, Attempt attempt, string remote)
    {
        if (attempt.Stop.IsCancellationRequested)
        {
            return;
        }

        if (attempt.Displaced.IsCancellationRequested)
        {
            report(OverlayHappening.Displaced, null, CloseReason.TooManyPeers, $"{remote}: half open, and others need the place");
            return;
        }

        // the many ways in which a connection ends; what is none of them is a bug, which must not end more than this connection
        bool isEnd = e is IOException or AuthenticationException or OperationCanceledException or SocketException
            or ObjectDisposedException or WireException;
        CloseReason reason = e is OperationCanceledException ? CloseReason.Timeout : CloseReason.Lost;
        OverlayHappening what = isEnd ? OverlayHappening.HandshakeFailed : OverlayHappening.Failed;
        report(what, null, reason, $"{remote}: {(isEnd ? e.Message : e.ToString())}");
    }

    // Closing while bytes lie unread would reset the connection and could take the reason from the peer.
    private static async Task DrainAsync(SslStream stream, CancellationToken cancellation)
    {
        const int MostBytes = 64 * 1024; // a hello and a proof
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(TimeSpan.FromMilliseconds(200));
        byte[] nowhere = new byte[4096];
        try
        {
            int all = 0;
            int read = 1;
            while (read > 0 && all < MostBytes)
            {
                read = await stream.ReadAsync(nowhere, limit.Token);
                all += read;
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // enough
        }
    }
}
