namespace Theseus.Engine;

/// <summary>Frames of heights that are not opened yet, unverified, bounded for each peer (F18, C45): the nearest heights win.</summary>
internal sealed class FutureBuffer
{
    /// <summary>Heights ahead of the current one that are kept; further ones come through sync.</summary>
    public const ulong Horizon = 2;

    /// <summary>Frames of a peer at most: its few messages of two heights and their rebroadcasts.</summary>
    private const int MaximumPerPeer = 64;

    private readonly SortedDictionary<PeerId, List<Incoming>> _frames = [];

    public void Add(Incoming incoming)
    {
        if (!_frames.TryGetValue(incoming.From, out List<Incoming>? frames))
        {
            frames = [];
            _frames.Add(incoming.From, frames);
        }

        if (frames.Count >= MaximumPerPeer)
        {
            int farthest = 0;
            for (int i = 1; i < frames.Count; i++)
            {
                farthest = frames[i].Frame.Height > frames[farthest].Frame.Height ? i : farthest;
            }

            if (frames[farthest].Frame.Height <= incoming.Frame.Height)
            {
                return;
            }

            frames.RemoveAt(farthest);
        }

        frames.Add(incoming);
    }

    /// <summary>Takes out the frames of a height, and forgets lower ones.</summary>
    public List<Incoming> Take(ulong height)
    {
        List<Incoming> taken = [];
        foreach (PeerId peer in _frames.Keys.ToArray())
        {
            List<Incoming> frames = _frames[peer];
            taken.AddRange(frames.Where(incoming => incoming.Frame.Height == height));
            frames.RemoveAll(incoming => incoming.Frame.Height <= height);
            if (frames.Count == 0)
            {
                _frames.Remove(peer);
            }
        }

        return taken;
    }
}
