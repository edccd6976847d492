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

/// <summary>The reading end of an overlay's inbox: what is taken out gives its bytes back to the session and its share.</summary>
internal sealed class InboxReader(ChannelReader<Received> inner) : ChannelReader<Received>
{
    public override Task Completion => inner.Completion;

    public override bool CanCount => inner.CanCount;

    public override int Count => inner.Count;

    public override bool TryRead([MaybeNullWhen(false)] out Received item)
    {
        if (!inner.TryRead(out item))
        {
            return false;
        }

        item.Share?.Return(item.Frame.Payload.Length);
        item.From.Unhandled.Return(item.Frame.Payload.Length);
        return true;
    }

    public override ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken = default) =>
        inner.WaitToReadAsync(cancellationToken);
}
