using Theseus.Consensus;

namespace Theseus.Engine;

/// <summary>The proposal streams that arrive, by (peer, height, round).</summary>
internal sealed class StreamTable
{
    /// <summary>Streams of a peer at most: of a round and the next.</summary>
    private const int MaximumPerPeer = 2;

    /// <summary>Streams at most. Bounds their memory to this times the largest content.</summary>
    private const int Maximum = 32;

    private readonly SortedDictionary<(PeerId Peer, ulong Height, int Round), IncomingStream> _streams = [];

    /// <summary>The stream, begun if there is room; a peer's lowest round makes room for its next.</summary>
    public IncomingStream? Get(PeerId peer, ulong height, int round, int maximumContent)
    {
        if (_streams.TryGetValue((peer, height, round), out IncomingStream? known))
        {
            return known;
        }

        (PeerId, ulong, int)[] own = [.. _streams.Keys.Where(key => key.Peer == peer)];
        if (own.Length >= MaximumPerPeer)
        {
            _streams.Remove(own[0]);
        }

        if (_streams.Count >= Maximum)
        {
            return null;
        }

        IncomingStream stream = new(maximumContent);
        _streams.Add((peer, height, round), stream);
        return stream;
    }

    public void Remove(PeerId peer, ulong height, int round) => _streams.Remove((peer, height, round));

    /// <summary>Forgets streams below a height.</summary>
    public void DropBelow(ulong height)
    {
        foreach ((PeerId Peer, ulong Height, int Round) key in _streams.Keys.Where(key => key.Height < height).ToArray())
        {
            _streams.Remove(key);
        }
    }
}
