using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Theseus.Protocol;

namespace Theseus.Network;

/// <summary>One of the three networks: its own port, peer table, limits and bans. Who gets a place says <see cref="Places"/>.</summary>
public sealed partial class Overlay : IAsyncDisposable
{
    /// <summary>Connections beyond <see cref="OverlayLimits.Descriptors"/> that may be ending while others take their places.</summary>
    private const int Ending = 4;

    private readonly OverlayKind _kind;
    private readonly NodeIdentity _identity;
    private readonly TimeProvider _clock;
    private readonly OverlayLimits _limits;
    private readonly Func<Hash32, bool> _hasPlace;
    private readonly ConcurrentDictionary<Hash32, Session> _sessions = new(); // bounded by the places and the dials
    private readonly ConcurrentDictionary<EndPoint, Hash32> _dialled = new(); // the nodes that this one is configured to dial
    private readonly Channel<Received> _inbox;
    private readonly InboxShare _reserved;
    private readonly InboxShare _strangers;
    private readonly OutboxTotal _outbox = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly HandshakeGate _gate;
    private readonly SemaphoreSlim _room; // connections that came in and hold a descriptor, those that are ending included
    private readonly SessionOpener _opener;
    private readonly ConcurrentDictionary<Task, byte> _tasks = new(); // one a loop, a half-open connection, a session
    private Action<OverlayEvent>? _observed;
    private Action<Session>? _opened;
    private TcpListener? _listener;
    private Task _accepting = Task.CompletedTask;
    private int _port;
    private int _disposed;
    private long _arrivals;

    /// <param name="kind">Which one.</param>
    /// <param name="identity">Who this node is.</param>
    /// <param name="certificate">The process's TLS certificate.</param>
    /// <param name="clock">For bans, back-off and silence.</param>
    /// <param name="limits">Bounds; null for the default ones of this overlay.</param>
    /// <param name="hasPlace">
    /// Whether a place is kept for a proven key: for validators of this height's set and the next one's. Called on any thread, often; null
    /// when there are none. Nodes that this one dials have a place anyway.
    /// </param>
    public Overlay(
        OverlayKind kind,
        NodeIdentity identity,
        SessionCertificate certificate,
        TimeProvider clock,
        OverlayLimits? limits = null,
        Func<Hash32, bool>? hasPlace = null)
    {
        _kind = kind;
        _identity = identity;
        _clock = clock;
        _limits = limits ?? OverlayLimits.Of(kind);
        _hasPlace = hasPlace ?? (static _ => false);

        // synchronous continuations: no hop to another thread; who reads gives the session its thread back soon
        int frames = _limits.InboxFrames + _limits.StrangerInboxFrames;
        _inbox = Channel.CreateBounded<Received>(
            new BoundedChannelOptions(frames) { SingleReader = true, AllowSynchronousContinuations = true });
        _reserved = new InboxShare(_limits.InboxBytes, _limits.InboxFrames, _limits.LargeFrames);
        _strangers = new InboxShare(_limits.StrangerInboxBytes, _limits.StrangerInboxFrames, _limits.LargeFrames);
        _room = new SemaphoreSlim(_limits.Descriptors + Ending);
        _gate = new HandshakeGate(clock, _limits.Handshakes);
        Inbox = new InboxReader(_inbox.Reader);
        Scores = new PeerScores(clock);
        _opener = new SessionOpener(kind, identity, certificate, clock, _limits, Scores, _outbox, Report);
        Track(WatchLoopAsync());
    }

    /// <summary>Everything received, in the order of each session. One reader.</summary>
    public ChannelReader<Received> Inbox { get; }

    /// <summary>Points and bans of this overlay's peers.</summary>
    public PeerScores Scores { get; }

    /// <summary>The bounds in force.</summary>
    public OverlayLimits Limits => _limits;

    /// <summary>The sessions that stand, in no order.</summary>
    public IEnumerable<Session> Sessions => _sessions.Values;

    /// <summary>How many stand.</summary>
    public int PeerCount => _sessions.Count;

    /// <summary>Connections that came in and are still in their handshake.</summary>
    public int HalfOpen => _gate.Open;

    /// <summary>The port that this overlay listens on, 0 before <see cref="Listen"/>.</summary>
    public int Port => _port;

    /// <summary>Payload bytes received and not yet handled.</summary>
    public long UnhandledBytes => _reserved.Used + _strangers.Used;

    /// <summary>Payload bytes that wait to be written, of all sessions.</summary>
    public long QueuedBytes => _outbox.Bytes;

    /// <summary>Adds one who hears of openings, closings, refusals and bans, on the thread where they happen.</summary>
    public void Observe(Action<OverlayEvent> observer)
    {
        lock (_sessions)
        {
            _observed += observer;
        }
    }

    /// <summary>Adds one who hears of each session that has opened and is in the peer table.</summary>
    public void WhenOpened(Action<Session> greeter)
    {
        lock (_sessions)
        {
            _opened += greeter;
        }
    }

    /// <summary>Begins to listen.</summary>
    /// <exception cref="SocketException">The port is in use.</exception>
    public void Listen(IPEndPoint endpoint)
    {
        _listener = new TcpListener(endpoint);
        _listener.Start(backlog: 128);
        _port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptLoopAsync(_listener);
        Track(_accepting);
    }

    /// <summary>
    /// Keeps a session with the node at <paramref name="endpoint"/>, trying again with growing pauses, for ever. That node has a place
    /// here when it dials, too.
    /// </summary>
    /// <param name="endpoint">Its address; a name is resolved at each attempt.</param>
    /// <param name="expected">The key that it has to prove; null to take whoever is there.</param>
    public void KeepConnected(EndPoint endpoint, Hash32? expected)
    {
        if (expected is Hash32 key)
        {
            _dialled[endpoint] = key;
        }

        if (endpoint is IPEndPoint { Address: IPAddress address })
        {
            _gate.Know(address);
        }

        Track(DialLoopAsync(endpoint, expected));
    }

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
            session.Close(CloseReason.Banned); // messages that were in flight when the ban took effect are not counted as a second ban
            return;
        }

        Report(OverlayHappening.Penalised, session.Peer, CloseReason.None, why);
        if (Scores.Penalize(session.Peer, points))
        {
            Report(OverlayHappening.Banned, session.Peer, CloseReason.Banned, why);
            session.Close(CloseReason.Banned);
        }
    }

    /// <summary>Stops listening and dialling, tells the peers, and waits until every session has ended.</summary>
    /// <exception cref="Exception">A loop or session had ended by a bug (it was reported as <see
    /// cref="OverlayHappening.Failed"/>).</exception>
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

        await _accepting; // nothing begins after it
        await Task.WhenAll(_tasks.Keys);
        _inbox.Writer.TryComplete();
        _stop.Dispose();
    }

    private bool Send(Session session, params ReadOnlySpan<Frame> frames)
    {
        if (!session.Send(frames))
        {
            // perhaps on the connection that took its place meanwhile
            return _sessions.TryGetValue(session.Peer, out Session? other) && other != session && other.Send(frames);
        }

        // Slow peers together must not hold more than the overlay may: the slowest pays, a stranger before a reserved peer.
        if (session.QueuedBytes > 0 && _outbox.Bytes > _limits.OutboxBytes)
        {
            _sessions.Select(static pair => pair.Value)
                .Where(static open => open.QueuedBytes > 0)
                .MaxBy(static open => (!open.IsReserved, open.QueuedBytes))?.Close(CloseReason.Flooding);
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
                    Report(OverlayHappening.Failed, null, CloseReason.None, done.Exception.ToString());
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
        while (await PauseAsync(_limits.IdleTime / 5))
        {
            foreach (Session session in _sessions.Values)
            {
                session.IsReserved = IsReserved(session.Peer); // sets change while sessions stand
                session.Watch();
            }
        }
    }

    /// <summary>Waits; false when the overlay stops meanwhile.</summary>
    private async Task<bool> PauseAsync(TimeSpan time)
    {
        try
        {
            await Task.Delay(time, _clock, _stop.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private async ValueTask ReceiveAsync(Session session, Frame frame)
    {
        InboxShare share = Share(session);
        await session.Unhandled.TakeAsync(frame.Payload.Length, session.Closed);
        await share.TakeAsync(frame.Payload.Length, session.Closed);
        try
        {
            await _inbox.Writer.WriteAsync(new Received(session, frame) { Share = share }, session.Closed);
        }
        catch (OperationCanceledException)
        {
            share.Return(frame.Payload.Length);
            throw;
        }
    }

    private InboxShare Share(Session session) => session.IsReserved ? _reserved : _strangers;

    private bool IsReserved(Hash32 key) => _hasPlace(key) || _dialled.Any(pair => pair.Value == key);

    private void Report(OverlayHappening what, Hash32? peer, CloseReason reason, string detail) =>
        _observed?.Invoke(new OverlayEvent(_kind, what, peer, reason, detail));
}
