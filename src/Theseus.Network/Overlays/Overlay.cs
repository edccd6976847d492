using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Threading.Channels;
using Google.Protobuf;
using Theseus.Network.Wire.Session;
using Theseus.Protocol;

namespace Theseus.Network;

/// <summary>A frame and the session it came on.</summary>
public readonly record struct Received(Session From, Frame Frame);

/// <summary>What an overlay tells its owner, for logs and metrics.</summary>
public sealed record OverlayEvent(OverlayKind Overlay, string What, string? Peer, CloseReason Reason, string Detail);

/// <summary>One of the three networks: its own port, peer table, limits and bans.</summary>
/// <param name="kind">Which one.</param>
/// <param name="identity">Who this node is.</param>
/// <param name="certificate">The process's TLS certificate.</param>
/// <param name="clock">For bans and back-off.</param>
public sealed class Overlay(OverlayKind kind, NodeIdentity identity, SessionCertificate certificate, TimeProvider clock) : IAsyncDisposable
{
    /// <summary>Sessions of one overlay.</summary>
    public const int MaximumPeers = 128;

    /// <summary>Frames received and not yet handled; a full inbox slows the senders down (TCP), it drops nothing.</summary>
    public const int InboxFrames = 16 * 1024;

    /// <summary>A handshake that takes longer ends.</summary>
    public static readonly TimeSpan HandshakeTime = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<Hash32, Session> _sessions = new();
    private readonly Channel<Received> _inbox = Channel.CreateBounded<Received>(new BoundedChannelOptions(InboxFrames) { SingleReader = true });
    private readonly CancellationTokenSource _stop = new();
    private readonly AddressLimits _limits = new();
    private readonly ConcurrentBag<Task> _loops = [];
    private TcpListener? _listener;
    private int _port;

    /// <summary>Everything received, in the order of each session.</summary>
    public ChannelReader<Received> Inbox => _inbox.Reader;

    public PeerScores Scores { get; } = new(clock);

    public IEnumerable<Session> Sessions => _sessions.Values;

    public int PeerCount => _sessions.Count;

    public int Port => _port;

    /// <summary>Called for openings, closings, refusals and bans.</summary>
    public Action<OverlayEvent>? Observer { get; set; }

    /// <summary>Called when a session has opened, after it is in the peer table.</summary>
    public Action<Session>? Opened { get; set; }

    /// <summary>Begins to listen.</summary>
    /// <exception cref="SocketException">The port is in use.</exception>
    public void Listen(IPEndPoint endpoint)
    {
        _listener = new TcpListener(endpoint);
        _listener.Start(backlog: 128);
        _port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _loops.Add(AcceptLoopAsync(_listener));
    }

    /// <summary>Keeps a session with the node at <paramref name="endpoint"/>, trying again with growing pauses.</summary>
    public void KeepConnected(IPEndPoint endpoint, Hash32? expected) => _loops.Add(DialLoopAsync(endpoint, expected));

    /// <summary>Sends to one peer; false when there is no session with it.</summary>
    public bool Send(Hash32 peer, Frame frame) => _sessions.TryGetValue(peer, out Session? session) && session.Send(frame);

    public void Broadcast(Frame frame)
    {
        foreach (Session session in _sessions.Values)
        {
            session.Send(frame);
        }
    }

    /// <summary>A peer misbehaved. At <see cref="PeerScores.BanAt"/> points its session closes and it stays out for a while.</summary>
    public void Penalize(Session session, int points, string why)
    {
        if (Scores.Penalize(session.Peer, points))
        {
            Report("banned", session.Peer, CloseReason.Banned, why);
            session.Close(CloseReason.Banned);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener?.Stop();
        foreach (Session session in _sessions.Values)
        {
            session.Close(CloseReason.Shutdown);
        }

        await Task.WhenAll(_loops);
        _inbox.Writer.TryComplete();
        _stop.Dispose();
    }

    private async Task AcceptLoopAsync(TcpListener listener)
    {
        while (!_stop.IsCancellationRequested)
        {
            Socket socket;
            try
            {
                socket = await listener.AcceptSocketAsync(_stop.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException e)
            {
                Report("accept failed", null, CloseReason.Lost, e.Message);
                continue;
            }

            IPAddress address = ((IPEndPoint)socket.RemoteEndPoint!).Address;
            if (!_limits.TryEnter(address))
            {
                socket.Dispose();
                continue;
            }

            _ = AcceptedAsync(socket, address);
        }
    }

    private async Task AcceptedAsync(Socket socket, IPAddress address)
    {
        try
        {
            await ServeAsync(socket, dialer: false, expected: null);
        }
        finally
        {
            _limits.Leave(address);
        }
    }

    private async Task DialLoopAsync(IPEndPoint endpoint, Hash32? expected)
    {
        TimeSpan pause = FirstRetry;
        while (!_stop.IsCancellationRequested)
        {
            // While the peer's own connection stands there is nothing to dial.
            if (expected is Hash32 key && (_sessions.ContainsKey(key) || Scores.IsBanned(key)))
            {
                pause = FirstRetry;
            }
            else
            {
                Socket socket = new(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
                bool lasted = false;
                try
                {
                    await socket.ConnectAsync(endpoint, _stop.Token);
                    lasted = await ServeAsync(socket, dialer: true, expected);
                }
                catch (Exception e) when (e is SocketException or OperationCanceledException)
                {
                    socket.Dispose();
                }

                pause = lasted ? FirstRetry : TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, LongestRetry.Ticks));
            }

            try
            {
                await Task.Delay(pause, clock, _stop.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    /// <summary>Handshake, then frames until the session ends. True when the session had opened.</summary>
    private async Task<bool> ServeAsync(Socket socket, bool dialer, Hash32? expected)
    {
        socket.NoDelay = true; // 45 ms a handshake without it, 4 with
        IPEndPoint remote = (IPEndPoint)socket.RemoteEndPoint!;
        NetworkStream transport = new(socket, ownsSocket: true);
        SslStream? tls = null;
        try
        {
            using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
            deadline.CancelAfter(HandshakeTime);
            tls = await Handshake.SecureAsync(transport, certificate, dialer, deadline.Token);
            FrameStream frames = new(tls);
            PeerHello hello;
            try
            {
                hello = await Handshake.RunAsync(frames, tls, certificate, identity, kind, _port, dialer, deadline.Token);
                if (expected is Hash32 wanted && hello.NodeKey != wanted)
                {
                    throw new WireException(CloseReason.BadProof, $"the node at {remote} is {hello.NodeKey}, not {wanted}");
                }

                if (Scores.IsBanned(hello.NodeKey))
                {
                    throw new WireException(CloseReason.Banned, "the peer is banned");
                }
            }
            catch (WireException e)
            {
                Report("refused", null, e.Reason, $"{remote}: {e.Message}");
                await frames.WriteAsync(new Frame(FrameKind.Close, 0, new Close { Reason = (uint)e.Reason, Detail = e.Message }.ToByteArray()), deadline.Token);
                await tls.ShutdownAsync();
                await tls.DisposeAsync();
                return false;
            }

            return await OpenAsync(new Session(hello, remote, dialer, frames, tls));
        }
        catch (Exception e) when (e is IOException or AuthenticationException or OperationCanceledException or SocketException or ObjectDisposedException or WireException)
        {
            if (!_stop.IsCancellationRequested)
            {
                Report("handshake failed", null, CloseReason.Lost, $"{remote}: {e.Message}");
            }

            if (tls is not null)
            {
                await tls.DisposeAsync();
            }

            await transport.DisposeAsync();
            return false;
        }
    }

    private async Task<bool> OpenAsync(Session session)
    {
        Task writing = session.WriteLoopAsync();
        CloseReason refusal = Admit(session);
        if (refusal != CloseReason.None)
        {
            session.Close(refusal);
            await writing;
            return false;
        }

        Report("opened", session.Peer, CloseReason.None, session.Remote.ToString());
        using (_stop.Token.Register(() => session.Close(CloseReason.Shutdown)))
        {
            Opened?.Invoke(session);
            CloseReason reason = await session.ReadLoopAsync(frame => _inbox.Writer.WriteAsync(new Received(session, frame), session.Closed));
            if (reason is CloseReason.Malformed or CloseReason.FrameTooLarge or CloseReason.UnknownFrame)
            {
                Scores.Penalize(session.Peer, PeerScores.BanAt);
            }

            _sessions.TryRemove(new KeyValuePair<Hash32, Session>(session.Peer, session));
            await writing;
            Report("closed", session.Peer, session.Reason, session.Remote.ToString());
        }

        return true;
    }

    /// <summary>Two nodes that dial each other keep the connection whose dialer has the smaller key: both decide alike.</summary>
    private CloseReason Admit(Session session)
    {
        lock (_sessions)
        {
            if (_sessions.TryGetValue(session.Peer, out Session? standing))
            {
                bool keepNew = session.IsDialer == (identity.PublicKey < session.Peer) && session.IsDialer != standing.IsDialer;
                if (!keepNew)
                {
                    return CloseReason.Duplicate;
                }

                _sessions[session.Peer] = session;
                standing.Close(CloseReason.Duplicate);
                return CloseReason.None;
            }

            if (_sessions.Count >= MaximumPeers)
            {
                return CloseReason.TooManyPeers;
            }

            _sessions[session.Peer] = session;
            return CloseReason.None;
        }
    }

    private void Report(string what, Hash32? peer, CloseReason reason, string detail) =>
        Observer?.Invoke(new OverlayEvent(kind, what, peer?.ToString(), reason, detail));
}
