namespace Theseus.Engine;

/// <summary>
/// Frames of heights that are not opened yet, unverified, bounded for each peer (F18, C45): the nearest heights win. Strangers, who can
/// come under as many names as they like, share few places, and the oldest of them makes room.
/// </summary>
internal sealed class FutureBuffer
{
    /// <summary>Heights ahead of the current one that are kept; further ones come through sync.</summary>
    public const ulong Horizon = 8;

    /// <summary>Peers at most that are not validators.</summary>
    public const int MaximumStrangers = 16;

    /// <summary>Frames of a peer at most: its few messages of each height and their rebroadcasts.</summary>
    private const int MaximumPerPeer = 96;

    /// <summary>Bytes of a peer's frames at most: parts of proposals are large; contents come by value id when they are dropped.</summary>
    private const int MaximumBytesPerPeer = 1024 * 1024;

    private readonly SortedDictionary<PeerId, List<Incoming>> _frames = [];
    private readonly List<PeerId> _strangers = []; // oldest first

    /// <summary>Peers of whom frames are kept.</summary>
    public int Peers => _frames.Count;

    /// <summary>Keeps a frame, if it is nearer than what its sender's places hold.</summary>
    /// <param name="incoming">The frame.</param>
    /// <param name="isValidator">Whether a peer is a validator; asked when the first frame of a peer comes.</param>
    public void Add(Incoming incoming, Func<PeerId, bool> isValidator)
    {
        if (!_frames.TryGetValue(incoming.From, out List<Incoming>? frames))
        {
            frames = [];
            _frames.Add(incoming.From, frames);
            if (!isValidator(incoming.From))
            {
                _strangers.Add(incoming.From);
                if (_strangers.Count > MaximumStrangers)
                {
                    _frames.Remove(_strangers[0]);
                    _strangers.RemoveAt(0);
                }
            }
        }

        while (frames.Count > 0 && IsFull(frames, incoming))
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
                _strangers.Remove(peer);
            }
        }

        return taken;
    }

    private static bool IsFull(List<Incoming> frames, Incoming next) =>
        frames.Count >= MaximumPerPeer
            || frames.Sum(static held => held.Frame.Bytes.Length) + next.Frame.Bytes.Length > MaximumBytesPerPeer;
}
