using System.Net;
using System.Threading.Channels;
using Google.Protobuf;
using Theseus.Network.Wire.Session;
using Theseus.Protocol;

namespace Theseus.Network;

/// <summary>An open session with a peer: frames out through a bounded queue, frames in through the overlay's inbox.</summary>
public sealed class Session
{
    /// <summary>Frames that may wait for a slow peer; more of them close the session (Flooding on our side: the peer cannot keep up).</summary>
    public const int OutboxFrames = 4096;

    /// <summary>Bytes that may wait for a slow peer.</summary>
    public const long OutboxBytes = 64L * 1024 * 1024;

    private readonly FrameStream _frames;
    private readonly Stream _stream;
    private readonly Channel<Frame> _outbox = Channel.CreateBounded<Frame>(new BoundedChannelOptions(OutboxFrames) { SingleReader = true });
    private readonly CancellationTokenSource _cancel = new();
    private long _queuedBytes;
    private int _closed;

    internal Session(PeerHello hello, IPEndPoint remote, bool dialer, FrameStream frames, Stream stream)
    {
        Hello = hello;
        Remote = remote;
        IsDialer = dialer;
        _frames = frames;
        _stream = stream;
    }

    public PeerHello Hello { get; }

    public Hash32 Peer => Hello.NodeKey;

    public IPEndPoint Remote { get; }

    /// <summary>Whether this side opened the connection.</summary>
    public bool IsDialer { get; }

    public CloseReason Reason { get; private set; }

    public long BytesIn { get; private set; }

    public long BytesOut { get; private set; }

    internal CancellationToken Closed => _cancel.Token;

    /// <summary>Queues a frame. False when the session is closed or the peer is too slow, in which case it closes.</summary>
    public bool Send(Frame frame)
    {
        if (Interlocked.Add(ref _queuedBytes, frame.Payload.Length) > OutboxBytes || !_outbox.Writer.TryWrite(frame))
        {
            Interlocked.Add(ref _queuedBytes, -frame.Payload.Length);
            Close(CloseReason.Flooding);
            return false;
        }

        return true;
    }

    /// <summary>Ends the session; the peer is told why when that can be done at once.</summary>
    public void Close(CloseReason reason)
    {
        if (Interlocked.Exchange(ref _closed, 1) != 0)
        {
            return;
        }

        Reason = reason;
        _outbox.Writer.TryWrite(new Frame(FrameKind.Close, 0, new Close { Reason = (uint)reason }.ToByteArray()));
        _outbox.Writer.TryComplete();
        _cancel.CancelAfter(TimeSpan.FromMilliseconds(200)); // bounds how long a peer may take to read the reason
    }

    internal async Task WriteLoopAsync()
    {
        try
        {
            await foreach (Frame frame in _outbox.Reader.ReadAllAsync(_cancel.Token))
            {
                Interlocked.Add(ref _queuedBytes, -frame.Payload.Length);
                await _frames.WriteAsync(frame, _cancel.Token);
                BytesOut += FrameLimits.HeaderLength + frame.Payload.Length;
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // the connection is gone; the read side reports it
        }

        await _cancel.CancelAsync();
        await _stream.DisposeAsync();
    }

    /// <summary>Reads until the session ends; every frame goes to <paramref name="receive"/>.</summary>
    internal async Task<CloseReason> ReadLoopAsync(Func<Frame, ValueTask> receive)
    {
        CloseReason reason = CloseReason.Lost;
        try
        {
            while (await _frames.ReadAsync(_cancel.Token) is Frame frame)
            {
                BytesIn += FrameLimits.HeaderLength + frame.Payload.Length;
                switch (frame.Kind)
                {
                    case FrameKind.Close:
                        Close(CloseReason.Lost);
                        return CloseReason.Lost;
                    case FrameKind.Ping:
                        Send(new Frame(FrameKind.Pong, frame.Height, frame.Payload));
                        break;
                    case FrameKind.Pong:
                        break;
                    case FrameKind.Hello or FrameKind.Proof:
                        reason = CloseReason.Malformed;
                        Close(reason);
                        return reason;
                    default:
                        await receive(frame);
                        break;
                }
            }
        }
        catch (WireException e)
        {
            reason = e.Reason;
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
        {
            reason = Reason == CloseReason.None ? CloseReason.Lost : Reason;
        }

        Close(reason);
        return reason;
    }
}
