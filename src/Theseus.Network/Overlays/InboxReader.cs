using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;

namespace Theseus.Network;

/// <summary>A frame and the session it came on.</summary>
/// <param name="From">The session.</param>
/// <param name="Frame">The frame, of a kind that has a place on the overlay.</param>
public readonly record struct Received(Session From, Frame Frame)
{
    /// <summary>What it takes up until it is handled.</summary>
    internal InboxShare? Share { get; init; }
}

/// <summary>The part of an inbox that reserved peers have, or that strangers have: neither holds up the other.</summary>
internal sealed class InboxShare(long bytes, int frames, int largeFrames)
{
    private readonly ByteBudget _bytes = new(bytes);
    private readonly ByteBudget _frames = new(frames);

    /// <summary>Large frames that arrive at the same time.</summary>
    public SemaphoreSlim LargeFrames { get; } = new(largeFrames);

    public long Used => _bytes.Used;

    /// <summary>Waits for room for a frame.</summary>
    public async ValueTask TakeAsync(int bytes, CancellationToken cancellation)
    {
        await _frames.TakeAsync(1, cancellation);
        try
        {
            await _bytes.TakeAsync(bytes, cancellation);
        }
        catch (OperationCanceledException)
        {
            _frames.Return(1);
            throw;
        }
    }

    public void Return(int bytes)
    {
        _frames.Return(1);
        _bytes.Return(bytes);
    }
}

/// <summary>
/// The reading end of an overlay's inbox. Sessions take turns, a frame each, and strangers together have the turn that follows some of
/// reserved peers: whoever sends without end waits behind itself. What is taken out gives its bytes back to the session and its share.
/// </summary>
internal sealed class InboxReader(ChannelReader<Received> inner) : ChannelReader<Received>
{
    /// <summary>Frames of reserved peers that are taken before one of a stranger's, while both wait.</summary>
    private const int ReservedTurns = 4;

    private readonly Turns _reserved = new();
    private readonly Turns _strangers = new();
    private int _turn;
    private int _sorted;

    public override Task Completion => inner.Completion;

    public override bool CanCount => inner.CanCount;

    public override int Count => inner.Count + Volatile.Read(ref _sorted);

    public override bool TryRead([MaybeNullWhen(false)] out Received item)
    {
        // the shares bound what is sorted here as they bound what arrives: both give way only when a frame is taken out
        while (inner.TryRead(out Received arrived))
        {
            Interlocked.Increment(ref _sorted);
            (arrived.From.IsReserved ? _reserved : _strangers).Add(arrived);
        }

        bool isStrangers = _turn >= ReservedTurns ? !_strangers.IsEmpty : _reserved.IsEmpty;
        if (!(isStrangers ? _strangers : _reserved).TryTake(out item))
        {
            return false;
        }

        _turn = isStrangers ? 0 : int.Min(_turn + 1, ReservedTurns);
        Interlocked.Decrement(ref _sorted);
        item.Share?.Return(item.Frame.Payload.Length);
        item.From.Unhandled.Return(item.Frame.Payload.Length);
        return true;
    }

    public override ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken = default) =>
        Volatile.Read(ref _sorted) > 0 ? new ValueTask<bool>(true) : inner.WaitToReadAsync(cancellationToken);

    /// <summary>Frames by session, in the order of each; the sessions in turn. Bounded by the inbox's shares.</summary>
    private sealed class Turns
    {
        private readonly Dictionary<Session, Queue<Received>> _waiting = [];
        private readonly Queue<Session> _order = new();

        public bool IsEmpty => _order.Count == 0;

        public void Add(Received received)
        {
            if (!_waiting.TryGetValue(received.From, out Queue<Received>? own))
            {
                own = _waiting[received.From] = new Queue<Received>();
                _order.Enqueue(received.From);
            }

            own.Enqueue(received);
        }

        public bool TryTake(out Received item)
        {
            if (!_order.TryDequeue(out Session? session))
            {
                item = default;
                return false;
            }

            Queue<Received> own = _waiting[session];
            item = own.Dequeue();
            if (own.Count > 0)
            {
                _order.Enqueue(session);
            }
            else
            {
                _waiting.Remove(session);
            }

            return true;
        }
    }
}
