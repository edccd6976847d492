using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Threading.Channels;
using Google.Protobuf;
using Theseus.Network.Wire.Session;
using Theseus.Protocol;

namespace Theseus.Network;

/// <summary>An open session with a peer: frames out through a bounded queue, frames in through the overlay's inbox.</summary>
public sealed class Session
{
    /// <summary>Frames that may wait for a slow peer: some seconds of votes of a large set.</summary>
    public const int OutboxFrames = 4096;

    /// <summary>How long a peer may take to read why the session ends, and to close its side.</summary>
    private static readonly TimeSpan CloseTime = TimeSpan.FromMilliseconds(200);

    private readonly FrameStream _frames;
    private readonly SslStream _stream;
    private readonly OverlayLimits _limits;
    private readonly TimeProvider _clock;
    private readonly OutboxTotal _total;

    // synchronous continuations: the sender's own thread writes when the socket is free, without a hop to another
    private readonly Channel<Outgoing> _outbox = Channel.CreateBounded<Outgoing>(
        new BoundedChannelOptions(OutboxFrames) { SingleReader = true, AllowSynchronousContinuations = true });

    private readonly CancellationTokenSource _cancel = new();
    private readonly TaskCompletionSource _readingEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _queuedBytes;
    private long _heardAt;
    private int _closed;
    private bool _isHandling;
    private bool _isReserved;

    internal Session(
        PeerHello hello,
        IPEndPoint remote,
        bool dialer,
        FrameStream frames,
        SslStream stream,
        OverlayLimits limits,
        TimeProvider clock,
        OutboxTotal total)
    {
        _total = total;
        Hello = hello;
        Remote = remote;
        IsDialer = dialer;
        _frames = frames;
        _stream = stream;
        _limits = limits;
        _clock = clock;
        _heardAt = clock.GetTimestamp();
        Unhandled = new ByteBudget(limits.SessionInboxBytes);
    }

    /// <summary>What the other side said and proved.</summary>
    public PeerHello Hello { get; }

    /// <summary>The other side's key, proven by the handshake.</summary>
    public Hash32 Peer => Hello.NodeKey;

    /// <summary>The other end of the connection.</summary>
    public IPEndPoint Remote { get; }

    /// <summary>Whether this side opened the connection.</summary>
    public bool IsDialer { get; }

    /// <summary>Why it ended; None while it stands.</summary>
    public CloseReason Reason { get; private set; }

    /// <summary>Whether the reason was given by the other side.</summary>
    public bool ClosedByPeer { get; private set; }

    /// <summary>Whether it has ended, or is ending.</summary>
    public bool IsClosed => Volatile.Read(ref _closed) != 0;

    /// <summary>Payload bytes that wait to be written.</summary>
    public long QueuedBytes => Volatile.Read(ref _queuedBytes);

    /// <summary>Bytes of frames read since the session opened.</summary>
    public long BytesIn { get; private set; }

    /// <summary>Bytes of frames written since the session opened.</summary>
    public long BytesOut { get; private set; }

    /// <summary>Whether the overlay keeps a place for this peer: a validator, or a node that this one is configured to dial.</summary>
    public bool IsReserved
    {
        get => Volatile.Read(ref _isReserved);
        internal set => Volatile.Write(ref _isReserved, value);
    }

    /// <summary>Its number in the order of arrival.</summary>
    internal long Order { get; set; }

    /// <summary>Payload bytes received and not yet handled.</summary>
    internal ByteBudget Unhandled { get; }

    internal CancellationToken Closed => _cancel.Token;

    /// <summary>
    /// Queues frames; those given together go out in one TLS record where they fit. False when the session is closed or the peer is
    /// too slow, in which case it closes.
    /// </summary>
    public bool Send(params ReadOnlySpan<Frame> frames)
    {
        for (int i = 0; i < frames.Length; i++)
        {
            if (IsClosed)
            {
                return false;
            }

            // One frame passes whatever its size: the bound is on what piles up.
            int size = frames[i].Payload.Length;
            long queued = Queue(size);
            bool fits = queued <= _limits.SessionOutboxBytes || queued == size;
            if (!fits || !_outbox.Writer.TryWrite(new Outgoing(frames[i], More: i + 1 < frames.Length)))
            {
                Queue(-size);
                Close(CloseReason.Flooding);
                return false;
            }
        }

        return true;
    }

    /// <summary>Ends the session; the peer is told why when that can be done at once.</summary>
    public void Close(CloseReason reason) => Close(reason, byPeer: false);

    private void Close(CloseReason reason, bool byPeer)
    {
        if (Interlocked.Exchange(ref _closed, 1) != 0)
        {
            return;
        }

        (Reason, ClosedByPeer) = (reason, byPeer);
        if (reason == CloseReason.Flooding)
        {
            // The peer does not read: what waits for it would only hold memory until the time is up.
            while (_outbox.Reader.TryRead(out Outgoing dropped))
            {
                Queue(-dropped.Frame.Payload.Length);
            }
        }

        if (!byPeer)
        {
            Frame farewell = new(FrameKind.Close, 0, new Close { Reason = (uint)reason }.ToByteArray());
            Queue(farewell.Payload.Length);
            if (!_outbox.Writer.TryWrite(new Outgoing(farewell, More: false)))
            {
                Queue(-farewell.Payload.Length);
            }
        }

        _outbox.Writer.TryComplete();
        _cancel.CancelAfter(CloseTime);
    }

    /// <summary>Asks for a sign of life, or gives the peer up. Called by the overlay now and then.</summary>
    internal void Watch()
    {
        TimeSpan silent = _clock.GetElapsedTime(Volatile.Read(ref _heardAt));
        if (silent > _limits.IdleTime && !Volatile.Read(ref _isHandling))
        {
            Close(CloseReason.Timeout);
        }
        else if (silent > _limits.IdleTime / 3)
        {
            Send(new Frame(FrameKind.Ping, 0, new byte[FrameLimits.Ping]));
        }
    }

    internal async Task WriteLoopAsync()
    {
        int writing = 0;
        try
        {
            await foreach ((Frame frame, bool more) in _outbox.Reader.ReadAllAsync(_cancel.Token))
            {
                writing = frame.Payload.Length;
                await _frames.WriteAsync(frame, more, _cancel.Token);
                Queue(-writing);
                writing = 0;
                BytesOut += FrameLimits.HeaderLength + frame.Payload.Length;
            }

            // Closing while bytes lie unread would reset the connection and could take the reason from the peer.
            await Handshake.FarewellAsync(_stream).WaitAsync(_cancel.Token); // a peer that does not read must not hold it up
            await _readingEnded.Task.WaitAsync(_cancel.Token);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // the connection is gone; the read side reports it
        }

        Close(CloseReason.Lost);
        await _cancel.CancelAsync();
        await _stream.DisposeAsync();
        await _readingEnded.Task;
        Queue(-writing);
        while (_outbox.Reader.TryRead(out Outgoing unread))
        {
            Queue(-unread.Frame.Payload.Length); // nobody will read these
        }
    }

    private long Queue(int bytes)
    {
        _total.Add(bytes);
        return Interlocked.Add(ref _queuedBytes, bytes);
    }

    /// <summary>Reads until the session ends; every frame goes to <paramref name="receive"/>.</summary>
    /// <returns>What the peer is to blame for, None when nothing.</returns>
    internal async Task<CloseReason> ReadLoopAsync(Func<Frame, ValueTask> receive, SemaphoreSlim largeFrames)
    {
        CloseReason blame = CloseReason.None;
        CloseReason reason = CloseReason.Lost;
        bool byPeer = false;
        try
        {
            while (await _frames.ReadHeaderAsync(_cancel.Token) is FrameHeader header)
            {
                bool isLarge = header.Length > FrameLimits.Small;
                if (isLarge)
                {
                    await HandleAsync(new ValueTask(largeFrames.WaitAsync(_cancel.Token)));
                }

                try
                {
                    if (await TakeAsync(await ReadPayloadAsync(header), receive) is Close close)
                    {
                        (reason, byPeer) = ((CloseReason)close.Reason, true);
                        break;
                    }
                }
                finally
                {
                    if (isLarge)
                    {
                        largeFrames.Release();
                    }
                }
            }
        }
        catch (WireException e)
        {
            reason = e.Reason;
            bool isFault = e.Reason is CloseReason.Malformed or CloseReason.FrameTooLarge or CloseReason.UnknownFrame;
            blame = isFault && !IsClosed ? e.Reason : CloseReason.None;
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // lost, or closed by this side
        }

        Close(reason, byPeer);
        _readingEnded.TrySetResult();
        return blame;
    }

    /// <summary>A connection that is refused right after its handshake: tells why, gives the peer time to read it, ends.</summary>
    internal async Task RefuseAsync(CloseReason reason, Func<Frame, ValueTask> receive, SemaphoreSlim largeFrames)
    {
        Task writing = WriteLoopAsync();
        Close(reason);
        await ReadLoopAsync(receive, largeFrames);
        await writing;
    }

    private async ValueTask<Frame> ReadPayloadAsync(FrameHeader header)
    {
        if (header.Length <= FrameLimits.Session)
        {
            return await _frames.ReadPayloadAsync(header, _cancel.Token);
        }

        using CancellationTokenSource limit = new(_limits.FrameTime, _clock);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _cancel.Token);
        try
        {
            return await _frames.ReadPayloadAsync(header, either.Token);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !_cancel.IsCancellationRequested)
        {
            throw new WireException(CloseReason.Timeout, "a frame did not end in time");
        }
    }

    private async ValueTask<Close?> TakeAsync(Frame frame, Func<Frame, ValueTask> receive)
    {
        BytesIn += FrameLimits.HeaderLength + frame.Payload.Length;
        Volatile.Write(ref _heardAt, _clock.GetTimestamp());
        switch (frame.Kind)
        {
            case FrameKind.Close:
                return Handshake.Parse(Wire.Session.Close.Parser, frame.Payload);
            case FrameKind.Ping:
                Send(new Frame(FrameKind.Pong, frame.Height, frame.Payload));
                return null;
            case FrameKind.Pong:
                return null;
            case FrameKind.Hello or FrameKind.Proof:
                throw new WireException(CloseReason.Malformed, "a second handshake");
            default:
                // A duplicate's last frames count: the peer sent them before it knew which of the two connections stays.
                if (!IsClosed || Reason == CloseReason.Duplicate)
                {
                    await HandleAsync(receive(frame));
                }

                return null;
        }
    }

    /// <param name="Frame">A frame to write.</param>
    /// <param name="More">Whether another follows at once, which takes it along.</param>
    private readonly record struct Outgoing(Frame Frame, bool More);

    // While this side is busy the peer's silence says nothing about the peer.
    private async ValueTask HandleAsync(ValueTask handling)
    {
        Volatile.Write(ref _isHandling, true);
        await handling;
        Volatile.Write(ref _heardAt, _clock.GetTimestamp());
        Volatile.Write(ref _isHandling, false);
    }
}
