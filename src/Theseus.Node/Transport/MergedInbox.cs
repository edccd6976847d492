using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using Theseus.Engine;
using Theseus.Network;

namespace Theseus.Node;

/// <summary>
/// Two overlays' inboxes as one, taken from in turn. Without a queue of its own, so that the overlays' bounds are the only ones.
/// One reader.
/// </summary>
internal sealed class MergedInbox(ChannelReader<Received> first, ChannelReader<Received> second, Func<Received, Incoming?> open)
    : ChannelReader<Incoming>
{
    private readonly ChannelReader<Received>[] _readers = [first, second];
    private readonly Task<bool>?[] _waiting = new Task<bool>?[2];
    private int _turn;

    public override bool TryRead([MaybeNullWhen(false)] out Incoming item)
    {
        while (true)
        {
            _turn = 1 - _turn;
            if (!_readers[_turn].TryRead(out Received received) && !_readers[1 - _turn].TryRead(out received))
            {
                item = default;
                return false;
            }

            if (open(received) is Incoming incoming)
            {
                item = incoming;
                return true;
            }
        }
    }

    public override async ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken = default)
    {
        for (int i = 0; i < _readers.Length; i++)
        {
            // a wait that is still open serves the next call too
            _waiting[i] = _waiting[i] is { IsCompleted: false } open ? open : _readers[i].WaitToReadAsync(cancellationToken).AsTask();
        }

        return await await Task.WhenAny(_waiting[0]!, _waiting[1]!);
    }
}
