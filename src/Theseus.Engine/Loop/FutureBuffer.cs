namespace Theseus.Engine;

/// <summary>Frames of heights that are not opened yet, unverified, bounded for each peer (F18, C45): the nearest heights win.</summary>
internal sealed class FutureBuffer
{
    /// <summary>Heights ahead of the current one that are kept; further ones come through sync.</summary>
    public const ulong Horizon = 8;

    /// <summary>Frames of a peer at most: its few messages of each height and their rebroadcasts.</summary>
    private const int MaximumPerPeer = 96;

    /// <summary>Bytes of a peer's frames at most: parts of proposals are large; contents come by value id when they are dropped.</summary>
    private const int MaximumBytesPerPeer = 1024 * 1024;

    private readonly SortedDictionary<PeerId, List<Incoming>> _frames = [];

    public void Add(Incoming incoming)
    {
        if (!_frames.TryGetValue(incoming.From, out List<Incoming>? frames))
        {
            frames = [];
            _frames.Add(incoming.From, frames);
        }

        while (frames.Count > 0 && (frames.Count >= MaximumPerPeer || frames.Sum(static held => held.Frame.Bytes.Length) + incoming.Frame.Bytes.Length > MaximumBytesPerPeer))
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

        if (incoming.Frame.Bytes.Length <= MaximumBytesPerPeer)
        {
            frames.Add(incoming);
        }
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
