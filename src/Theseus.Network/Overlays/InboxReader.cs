using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;

namespace Theseus.Network;

/// <summary>A frame and the session it came on.</summary>
public readonly record struct Received(Session From, Frame Frame);

/// <summary>The reading end of an overlay's inbox: what is taken out gives its bytes back to the session and the overlay.</summary>
internal sealed class InboxReader(ChannelReader<Received> inner, ByteBudget overlay) : ChannelReader<Received>
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

        overlay.Return(item.Frame.Payload.Length);
        item.From.Unhandled.Return(item.Frame.Payload.Length);
        return true;
    }

    public override ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken = default) => inner.WaitToReadAsync(cancellationToken);
}
