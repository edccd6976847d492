namespace Theseus.Engine;

/// <summary>
/// Ranges that peers ask for and that wait for the application: served in turn, one of each peer, so that no peer's requests stand before
/// another's. A peer may have a few; what exceeds them is dropped, which it has to itself to blame for.
/// </summary>
public sealed class ServingDesk
{
    /// <summary>Requests of one peer that wait: twice what a correct node has under way to one peer.</summary>
    public const int PerPeer = 2 * ValueSync.MaximumInFlightPerPeer;

    /// <summary>Peers whose requests wait; a request is some 20 bytes.</summary>
    public const int Peers = 4096;

    private readonly Dictionary<PeerId, Queue<RangeRequest>> _waiting = [];
    private readonly Queue<PeerId> _turns = new();

    /// <summary>Requests that wait.</summary>
    public int Count { get; private set; }

    /// <summary>Takes a request in; false when the peer has enough waiting.</summary>
    public bool Add(PeerId peer, RangeRequest request)
    {
        if (!_waiting.TryGetValue(peer, out Queue<RangeRequest>? own))
        {
            if (_waiting.Count >= Peers)
            {
                return false;
            }

            own = _waiting[peer] = new Queue<RangeRequest>();
            _turns.Enqueue(peer);
        }

        if (own.Count >= PerPeer)
        {
            return false;
        }

        own.Enqueue(request);
        Count++;
        return true;
    }

    /// <summary>The next request, when <paramref name="take"/> takes it.</summary>
    public bool TryServe(Func<PeerId, RangeRequest, bool> take)
    {
        if (!_turns.TryPeek(out PeerId peer))
        {
            return false;
        }

        Queue<RangeRequest> own = _waiting[peer];
        if (!take(peer, own.Peek()))
        {
            return false;
        }

        own.Dequeue();
        Count--;
        _turns.Dequeue();
        if (own.Count > 0)
        {
            _turns.Enqueue(peer);
        }
        else
        {
            _waiting.Remove(peer);
        }

        return true;
    }
}
