using Theseus.Consensus;

namespace Theseus.Engine;

/// <summary>
/// The proposal streams that arrive. A round's proposer has a place of its own for each round that is near; all others, who can only
/// pass on what a proposer sent, share a few, one for each peer, and the oldest of them makes room. So nobody takes a proposer's place.
/// </summary>
internal sealed class StreamTable
{
    /// <summary>Streams of others at most. Bounds their memory to this times the largest content.</summary>
    public const int MaximumOthers = 4;

    private readonly SortedDictionary<(ulong Height, int Round), (PeerId Peer, IncomingStream Stream)> _proposers = [];
    private readonly List<(PeerId Peer, ulong Height, int Round, IncomingStream Stream)> _others = [];
    private readonly SortedDictionary<(ulong Height, int Round), ByteString> _inits = [];

    /// <summary>Streams whose parts are all here, with their sender.</summary>
    public IEnumerable<(PeerId Peer, ulong Height, IncomingStream Stream)> Complete =>
        _proposers.Where(static pair => pair.Value.Stream.IsComplete)
            .Select(static pair => (pair.Value.Peer, pair.Key.Height, pair.Value.Stream))
            .Concat(_others.Where(static other => other.Stream.IsComplete)
                .Select(static other => (other.Peer, other.Height, other.Stream)));

    /// <summary>Whether a stream waits for its proposal.</summary>
    public bool HasComplete =>
        _proposers.Any(static pair => pair.Value.Stream.IsComplete) || _others.Exists(static other => other.Stream.IsComplete);

    /// <summary>The stream of a round from a peer, begun if need be.</summary>
    /// <param name="peer">The sender.</param>
    /// <param name="isProposer">Whether the sender is the round's proposer.</param>
    /// <param name="height">The height.</param>
    /// <param name="round">A round that is near: the caller bounds their number.</param>
    /// <param name="maximumContent">Bytes of its content at most.</param>
    public IncomingStream Get(PeerId peer, bool isProposer, ulong height, int round, int maximumContent)
    {
        if (isProposer)
        {
            if (!_proposers.TryGetValue((height, round), out (PeerId Peer, IncomingStream Stream) own))
            {
                own = (peer, new IncomingStream(maximumContent));
                _proposers.Add((height, round), own);
            }

            return own.Stream;
        }

        int place = _others.FindIndex(other => other.Peer == peer);
        if (place >= 0 && _others[place].Height == height && _others[place].Round == round)
        {
            return _others[place].Stream;
        }

        if (place >= 0 || _others.Count >= MaximumOthers)
        {
            _others.RemoveAt(int.Max(0, place));
        }

        IncomingStream stream = new(maximumContent);
        _others.Add((peer, height, round, stream));
        return stream;
    }

    /// <summary>Whether a round's Init with this signature was verified before.</summary>
    public bool IsVerified(StreamInit init) =>
        _inits.TryGetValue((init.Height, init.Round), out ByteString known) && known == init.Signature;

    /// <summary>Remembers a verified Init.</summary>
    public void Verified(StreamInit init) => _inits[(init.Height, init.Round)] = init.Signature;

    /// <summary>Forgets streams below a round of a height.</summary>
    public void DropBelow(ulong height, int round)
    {
        foreach ((ulong Height, int Round) key in _proposers.Keys.Where(IsBelow).ToArray())
        {
            _proposers.Remove(key);
        }

        foreach ((ulong Height, int Round) key in _inits.Keys.Where(IsBelow).ToArray())
        {
            _inits.Remove(key);
        }

        _others.RemoveAll(other => IsBelow((other.Height, other.Round)));
        bool IsBelow((ulong Height, int Round) key) => key.CompareTo((height, round)) < 0;
    }
}
