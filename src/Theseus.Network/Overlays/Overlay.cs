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

/// <summary>What an overlay tells its owner, for logs and metrics.</summary>
public sealed record OverlayEvent(OverlayKind Overlay, string What, string? Peer, CloseReason Reason, string Detail);

/// <summary>One of the three networks: its own port, peer table, limits and bans.</summary>
public sealed class Overlay : IAsyncDisposable
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(5);

    private readonly OverlayKind _kind;
    private readonly NodeIdentity _identity;
    private readonly SessionCertificate _certificate;
    private readonly TimeProvider _clock;
    private readonly OverlayLimits _limits;
    private readonly ConcurrentDictionary<Hash32, Session> _sessions = new();
    private readonly Channel<Received> _inbox;
    private readonly ByteBudget _unhandled;
    private readonly SemaphoreSlim _largeFrames;
    private readonly CancellationTokenSource _stop = new();
    private readonly AddressLimits _addresses = new();
    private readonly ConcurrentDictionary<Task, byte> _tasks = new();
    private TcpListener? _listener;
    private int _port;
    private int _disposed;

    /// <param name="kind">Which one.</param>
    /// <param name="identity">Who this node is.</param>
    /// <param name="certificate">The process's TLS certificate.</param>
    /// <param name="clock">For bans, back-off and silence.</param>
    /// <param name="limits">Bounds; null for the default ones.</param>
    public Overlay(OverlayKind kind, NodeIdentity identity, SessionCertificate certificate, TimeProvider clock, OverlayLimits? limits = null)
    {
        _kind = kind;
        _identity = identity;
        _certificate = certificate;
        _clock = clock;
        _limits = limits ?? OverlayLimits.Default;
        _inbox = Channel.CreateBounded<Received>(new BoundedChannelOptions(_limits.InboxFrames) { SingleReader = true, AllowSynchronousContinuations = true }); // no hop to another thread: who reads gives the session its thread back soon
        _unhandled = new ByteBudget(_limits.InboxBytes);
        _largeFrames = new SemaphoreSlim(_limits.LargeFrames);
        Inbox = new InboxReader(_inbox.Reader, _unhandled);
        Scores = new PeerScores(clock);
        Track(WatchLoopAsync());
    }

    /// <summary>Everything received, in the order of each session. One reader.</summary>
    public ChannelReader<Received> Inbox { get; }

    public PeerScores Scores { get; }

    public IEnumerable<Session> Sessions => _sessions.Values;

    public int PeerCount => _sessions.Count;

    public int Port => _port;

    /// <summary>Payload bytes received and not yet handled.</summary>
    public long UnhandledBytes => _unhandled.Used;

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
        Track(AcceptLoopAsync(_listener));
    }

    /// <summary>Keeps a session with the node at <paramref name="endpoint"/>, trying again with growing pauses.</summary>
    public void KeepConnected(IPEndPoint endpoint, Hash32? expected) => Track(DialLoopAsync(endpoint, expected));

    /// <summary>The session with a peer, if there is one.</summary>
    public Session? Find(Hash32 peer) => _sessions.GetValueOrDefault(peer);

    /// <summary>Sends to one peer; false when there is no session with it.</summary>
    public bool Send(Hash32 peer, Frame frame) => _sessions.TryGetValue(peer, out Session? session) && Send(session, frame);

    /// <summary>Sends to all peers. Frames given together travel in one TLS record where they fit, in their order.</summary>
    public void Broadcast(params ReadOnlySpan<Frame> frames)
    {
        foreach ((_, Session session) in _sessions)
        {
            Send(session, frames);
        }
    }

    /// <summary>A peer misbehaved. At <see cref="PeerScores.BanAt"/> points its session closes and it stays out for a while.</summary>
    public void Penalize(Session session, int points, string why)
    {
        if (Scores.IsBanned(session.Peer))
        {
            session.Close(CloseReason.Banned); // what was under way when the ban fell is no second one, in no log and no figure
            return;
        }

        Report("penalised", session.Peer, CloseReason.None, why);
        if (Scores.Penalize(session.Peer, points))
        {
            Report("banned", session.Peer, CloseReason.Banned, why);
            session.Close(CloseReason.Banned);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        await _stop.CancelAsync();
        _listener?.Stop();
        foreach (Session session in _sessions.Values)
        {
            session.Close(CloseReason.Shutdown);
        }

        await Task.WhenAll(_tasks.Keys);
        await Task.WhenAll(_tasks.Keys); // what the accept loop still took in
        _inbox.Writer.TryComplete();
        _stop.Dispose();
    }

    private bool Send(Session session, params ReadOnlySpan<Frame> frames)
    {
        if (!session.Send(frames) && !(_sessions.TryGetValue(session.Peer, out Session? other) && other != session && other.Send(frames)))
        {
            return false; // not even on the connection that took its place meanwhile
        }

        // Slow peers together must not hold more than the overlay may: the slowest pays.
        if (session.QueuedBytes > 0 && _sessions.Values.Sum(static open => open.QueuedBytes) > _limits.OutboxBytes)
        {
            _sessions.Values.MaxBy(static open => open.QueuedBytes)?.Close(CloseReason.Flooding);
        }

        return true;
    }

    private void Track(Task task)
    {
        _tasks.TryAdd(task, 0);
        _ = task.ContinueWith(
            done =>
            {
                if (done.IsFaulted)
                {
                    // a bug: it stays in the table, so that closing the overlay throws it, and is told at once
                    Report("failed", null, CloseReason.None, done.Exception.ToString());
                }
                else
                {
                    _tasks.TryRemove(done, out _);
                }
            },
            TaskScheduler.Default);
    }

    private async Task WatchLoopAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            foreach (Session session in _sessions.Values)
            {
                session.Watch();
            }

            try
            {
                await Task.Delay(_limits.IdleTime / 5, _clock, _stop.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
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
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException || _stop.IsCancellationRequested)
            {
                return;
            }
            catch (SocketException e)
            {
                Report("accept failed", null, CloseReason.Lost, e.Message); // too many open files, most likely: no use to try at once
                await Task.Delay(FirstRetry, _clock, CancellationToken.None);
                continue;
            }

            if (socket.RemoteEndPoint is IPEndPoint { Address: IPAddress address } && _addresses.TryEnter(address))
            {
                Track(AcceptedAsync(socket, address));
            }
            else
            {
                socket.Dispose();
            }
        }
    }

    private async Task AcceptedAsync(Socket socket, IPAddress address)
    {
        Session? session = null;
        try
        {
            session = await ConnectAsync(socket, dialer: false, expected: null);
        }
        finally
        {
            _addresses.Shaken(address);
        }

        if (session is not null)
        {
            await OpenAsync(session);
        }

        _addresses.Leave(address);
    }

    private async Task DialLoopAsync(IPEndPoint endpoint, Hash32? expected)
    {
        TimeSpan pause = FirstRetry;
        Hash32? known = expected;
        while (!_stop.IsCancellationRequested)
        {
            // While the peer's own connection stands there is nothing to dial.
            if (known is Hash32 key && (_sessions.ContainsKey(key) || Scores.IsBanned(key)))
            {
                pause = FirstRetry;
            }
            else
            {
                bool lasted = false;
                Socket socket = new(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
                try
                {
                    await socket.ConnectAsync(endpoint, _stop.Token);
                    if (await ConnectAsync(socket, dialer: true, expected) is Session session)
                    {
                        known = session.Peer;
                        lasted = await OpenAsync(session);
                    }
                }
                catch (Exception e) when (e is SocketException or OperationCanceledException)
                {
                    socket.Dispose();
                }

                pause = lasted ? FirstRetry : TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, LongestRetry.Ticks));
            }

            try
            {
                await Task.Delay(pause, _clock, _stop.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    /// <summary>TLS and handshake. Null when there is no session: the reason was reported, and told to the peer where it is a refusal.</summary>
    private async Task<Session?> ConnectAsync(Socket socket, bool dialer, Hash32? expected)
    {
        Stream open = new NetworkStream(socket, ownsSocket: true);
        string remote = "?";
        try
        {
            socket.NoDelay = true; // 45 ms a handshake without it, 4 with
            IPEndPoint endpoint = (IPEndPoint)socket.RemoteEndPoint!;
            remote = endpoint.ToString();
            using CancellationTokenSource slow = new(_limits.HandshakeTime, _clock);
            using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token, slow.Token);
            SslStream tls = await Handshake.SecureAsync(open, _certificate, dialer, deadline.Token);
            open = tls;
            FrameStream frames = new(tls);
            try
            {
                PeerHello hello = await Handshake.RunAsync(frames, tls, _certificate, _identity, _kind, _port, dialer, deadline.Token);
                if (expected is Hash32 wanted && hello.NodeKey != wanted)
                {
                    throw new WireException(CloseReason.BadProof, $"the node here is {hello.NodeKey}, not {wanted}");
                }

                if (Scores.IsBanned(hello.NodeKey))
                {
                    throw new WireException(CloseReason.Banned, "the peer is banned");
                }

                frames.Overlay = _kind;
                return new Session(hello, endpoint, dialer, frames, tls, _limits, _clock);
            }
            catch (WireException e)
            {
                Report(e.ByPeer ? "refused by peer" : "refused", null, e.Reason, $"{remote}: {e.Message}");
                if (!e.ByPeer && e.Reason != CloseReason.Lost)
                {
                    await frames.WriteAsync(new Frame(FrameKind.Close, 0, new Close { Reason = (uint)e.Reason, Detail = e.Message }.ToByteArray()), deadline.Token);
                    await Handshake.FarewellAsync(tls);
                    await DrainAsync(tls);
                }
            }
        }
        catch (Exception e) when (e is IOException or AuthenticationException or OperationCanceledException or SocketException or ObjectDisposedException or WireException)
        {
            if (!_stop.IsCancellationRequested)
            {
                CloseReason reason = e is OperationCanceledException ? CloseReason.Timeout : CloseReason.Lost;
                Report("handshake failed", null, reason, $"{remote}: {e.Message}");
            }
        }

        await open.DisposeAsync();
        return null;
    }

    // Closing while bytes lie unread would reset the connection and could take the reason from the peer.
    private static async Task DrainAsync(SslStream stream)
    {
        const int MostBytes = 64 * 1024; // a hello and a proof
        using CancellationTokenSource limit = new(TimeSpan.FromMilliseconds(200));
        byte[] nowhere = new byte[4096];
        try
        {
            int total = 0;
            int read = 1;
            while (read > 0 && total < MostBytes)
            {
                read = await stream.ReadAsync(nowhere, limit.Token);
                total += read;
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // enough
        }
    }

    /// <summary>Into the peer table, frames until the session ends, and out of it. True when the session had a place.</summary>
    private async Task<bool> OpenAsync(Session session)
    {
        CloseReason refusal = Admit(session);
        if (refusal != CloseReason.None)
        {
            Report("refused", session.Peer, refusal, session.Remote.ToString());
            await session.RefuseAsync(refusal, frame => ReceiveAsync(session, frame), _largeFrames);
            return false;
        }

        Report("opened", session.Peer, CloseReason.None, session.Remote.ToString());
        Task writing = session.WriteLoopAsync();
        using (_stop.Token.Register(() => session.Close(CloseReason.Shutdown)))
        {
            Opened?.Invoke(session);
            CloseReason blame = await session.ReadLoopAsync(frame => ReceiveAsync(session, frame), _largeFrames);
            if (blame != CloseReason.None)
            {
                Scores.Penalize(session.Peer, PeerScores.BanAt);
                Report("banned", session.Peer, CloseReason.Banned, blame.ToString());
            }

            _sessions.TryRemove(new KeyValuePair<Hash32, Session>(session.Peer, session));
            await writing;
            Report(session.ClosedByPeer ? "closed by peer" : "closed", session.Peer, session.Reason, session.Remote.ToString());
        }

        return session.Reason != CloseReason.Duplicate;
    }

    private async ValueTask ReceiveAsync(Session session, Frame frame)
    {
        await session.Unhandled.TakeAsync(frame.Payload.Length, session.Closed);
        await _unhandled.TakeAsync(frame.Payload.Length, session.Closed);
        try
        {
            await _inbox.Writer.WriteAsync(new Received(session, frame), session.Closed);
        }
        catch (OperationCanceledException)
        {
            _unhandled.Return(frame.Payload.Length);
            throw;
        }
    }

    /// <summary>
    /// Two nodes that dial each other keep the connection whose dialer has the smaller key: both decide alike. A peer that dials
    /// again has given up its older connection, so the new one takes its place.
    /// </summary>
    private CloseReason Admit(Session session)
    {
        lock (_sessions)
        {
            if (_stop.IsCancellationRequested)
            {
                return CloseReason.Shutdown;
            }

            if (_sessions.TryGetValue(session.Peer, out Session? standing))
            {
                bool keepNew = standing.IsClosed || (session.IsDialer == standing.IsDialer ? !session.IsDialer : session.IsDialer == (_identity.PublicKey < session.Peer));
                if (!keepNew)
                {
                    return CloseReason.Duplicate;
                }

                _sessions[session.Peer] = session;
                standing.Close(CloseReason.Duplicate);
                return CloseReason.None;
            }

            if (_sessions.Count >= _limits.Peers)
            {
                return CloseReason.TooManyPeers;
            }

            _sessions[session.Peer] = session;
            return CloseReason.None;
        }
    }

    private void Report(string what, Hash32? peer, CloseReason reason, string detail) =>
        Observer?.Invoke(new OverlayEvent(_kind, what, peer?.ToString(), reason, detail));
}
