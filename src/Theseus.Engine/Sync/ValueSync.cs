using Theseus.Consensus;

namespace Theseus.Engine;

/// <summary>
/// Which decided heights to ask of whom (F12, F13). Ranges are asked in parallel and kept until their turn; what is
/// asked next follows from what was served, never from a claim: a claim only names a peer to ask. Memory is bounded by the window and bytes.
/// </summary>
public sealed class ValueSync
{
    /// <summary>Heights of a request.</summary>
    public const int Batch = 16;

    /// <summary>Requests under way at most.</summary>
    public const int MaximumInFlight = 5;

    /// <summary>Requests under way to one peer at most: one that it works on and one that waits, the rest goes to others.</summary>
    public const int MaximumInFlightPerPeer = 2;

    /// <summary>Heights ahead of the next one that are asked for or kept.</summary>
    public const int Window = 128;

    /// <summary>Bytes of contents kept at most; beyond, no more is asked for.</summary>
    public const int MaximumBytes = 64 * 1024 * 1024;

    /// <summary>Milliseconds after which a request is given to another peer.</summary>
    public const int RequestTimeout = 10_000;

    /// <summary>Peers kept track of.</summary>
    private const int MaximumPeers = 256;

    /// <summary>Below this score a peer is asked only when there is no other.</summary>
    private const double Poor = 0.15;

    private readonly SortedDictionary<PeerId, SyncPeer> _peers = [];
    private readonly SortedDictionary<ulong, (PeerId From, DecidedHeight Item)> _kept = [];
    private readonly SortedDictionary<uint, Asked> _asked = [];
    private readonly Dictionary<ulong, PeerId> _refused = []; // a height's last bad server is not asked for it again at once
    private uint _lastRequest;
    private long _bytes;

    /// <summary>The next height that this node needs.</summary>
    public ulong Next { get; private set; }

    /// <summary>Bytes of contents kept.</summary>
    public long KeptBytes => _bytes;

    /// <summary>Heights that were served and wait for their turn.</summary>
    public int KeptHeights => _kept.Count;

    /// <summary>How well a peer has served, 0 to 1; 0 for an unknown one.</summary>
    public double ScoreOf(PeerId peer) => _peers.TryGetValue(peer, out SyncPeer? known) ? known.Score : 0;

    /// <summary>Takes a peer's claim.</summary>
    public void Claim(PeerId peer, StatusMessage status)
    {
        if (_peers.TryGetValue(peer, out SyncPeer? known) || _peers.Count < MaximumPeers)
        {
            known ??= _peers[peer] = new SyncPeer();
            known.Tip = status.Tip;
            known.Lowest = status.Lowest;
        }
    }

    /// <summary>A peer's message shows that it claims to have decided a height.</summary>
    public void Hint(PeerId peer, ulong decided)
    {
        if (!_peers.TryGetValue(peer, out SyncPeer? known))
        {
            Claim(peer, new StatusMessage(decided, 1));
        }
        else
        {
            known.Tip = ulong.Max(known.Tip, decided);
        }
    }

    /// <summary>Moves on: everything below <paramref name="next"/> is decided here.</summary>
    public void Advance(ulong next)
    {
        Next = ulong.Max(Next, next);
        while (_kept.Count > 0 && _kept.First() is var (height, entry) && height < Next)
        {
            Drop(height, entry.Item);
        }

        foreach (ulong height in _refused.Keys.Where(height => height < Next).ToArray())
        {
            _refused.Remove(height);
        }
    }

    /// <summary>Requests to send now. <paramref name="eager"/>: also for a single missing height, which usually arrives by itself.</summary>
    public IReadOnlyList<(PeerId Peer, RangeRequest Request)> Plan(long now, bool eager)
    {
        foreach ((uint id, Asked late) in _asked.Where(pair => now - pair.Value.At >= RequestTimeout).ToArray())
        {
            _asked.Remove(id);
            Peer(late.Peer).InFlight--;
            Peer(late.Peer).TimedOut();
        }

        List<(PeerId, RangeRequest)> requests = [];
        ulong height = Next;
        while (_asked.Count < MaximumInFlight && _bytes < MaximumBytes && height < Next + Window)
        {
            if (_kept.ContainsKey(height))
            {
                height++;
                continue;
            }

            if (_asked.Values.FirstOrDefault(asked => asked.From <= height && height < asked.From + (ulong)asked.Count) is { } under)
            {
                height = under.From + (ulong)under.Count;
                continue;
            }

            if (Choose(height, eager, now) is not { } peer)
            {
                break;
            }

            int count = (int)ulong.Min(Batch, Peer(peer).Tip - height + 1);
            for (int i = 1; i < count; i++)
            {
                if (_kept.ContainsKey(height + (ulong)i) || _asked.Values.Any(asked => asked.From == height + (ulong)i))
                {
                    count = i;
                }
            }

            _lastRequest++;
            _asked.Add(_lastRequest, new Asked(peer, height, count, now));
            Peer(peer).InFlight++;
            requests.Add((peer, new RangeRequest(_lastRequest, height, count)));
            height += (ulong)count;
        }

        return requests;
    }

    /// <summary>Takes a reply.</summary>
    /// <returns>Whether it was asked for and has the heights asked for, or a prefix of them (C55).</returns>
    public bool Take(PeerId from, RangeReply reply, long now)
    {
        if (!_asked.TryGetValue(reply.Request, out Asked? asked) || asked.Peer != from)
        {
            if (_peers.TryGetValue(from, out SyncPeer? stranger))
            {
                stranger.Lied(now);
            }

            return false;
        }

        _asked.Remove(reply.Request);
        SyncPeer peer = Peer(from);
        peer.InFlight--;
        bool fits = reply.From == asked.From && reply.Heights.Count <= asked.Count;
        for (int i = 0; i < reply.Heights.Count; i++)
        {
            fits &= reply.Heights[i].Certificate.Height == asked.From + (ulong)i;
        }

        if (!fits)
        {
            peer.Lied(now);
            return false;
        }

        if (reply.Heights.Count == 0)
        {
            peer.TimedOut();
            peer.Tip = ulong.Min(peer.Tip, asked.From - 1); // it does not have what it claimed (F13)
            return true;
        }

        foreach (DecidedHeight item in reply.Heights)
        {
            if (item.Certificate.Height >= Next && _kept.TryAdd(item.Certificate.Height, (from, item)))
            {
                _bytes += item.Content.Length;
            }
        }

        return true;
    }

    /// <summary>The kept height, if it is here; it stays until <see cref="Advance"/> or <see cref="Refuse"/>.</summary>
    public DecidedHeight? Peek(ulong height) => _kept.TryGetValue(height, out (PeerId From, DecidedHeight Item) entry) ? entry.Item : null;

    /// <summary>The kept height was good: its server gains.</summary>
    public void Accept(ulong height)
    {
        if (_kept.TryGetValue(height, out (PeerId From, DecidedHeight Item) entry))
        {
            Peer(entry.From).Served();
        }
    }

    /// <summary>The kept height was bad: it is asked of another, and its server loses.</summary>
    public PeerId? Refuse(ulong height, long now)
    {
        if (!_kept.TryGetValue(height, out (PeerId From, DecidedHeight Item) entry))
        {
            return null;
        }

        Drop(height, entry.Item);
        Peer(entry.From).Lied(now);
        _refused[height] = entry.From;
        return entry.From;
    }

    /// <summary>A request or kept height shows that this node is behind.</summary>
    public bool IsCatchingUp => _kept.Count > 0 || _asked.Count > 0;

    private void Drop(ulong height, DecidedHeight item)
    {
        _kept.Remove(height);
        _bytes -= item.Content.Length;
    }

    private SyncPeer Peer(PeerId id) => _peers[id];

    // the best score first, then the fewest requests; a poor peer or the last bad server only when there is no other
    private PeerId? Choose(ulong height, bool eager, long now)
    {
        PeerId? best = null;
        foreach ((PeerId id, SyncPeer peer) in _peers)
        {
            bool has = peer.RestsUntil <= now && peer.InFlight < MaximumInFlightPerPeer && peer.Lowest <= height && (eager ? peer.Tip >= height : peer.Tip > Next && peer.Tip >= height);
            if (has && (best is not { } other || Rank(id, height).CompareTo(Rank(other, height)) < 0))
            {
                best = id;
            }
        }

        return best;
    }

    private (bool Avoid, int InFlight, double Score, PeerId Id) Rank(PeerId id, ulong height)
    {
        SyncPeer peer = Peer(id);
        bool avoid = peer.Score < Poor || (_refused.TryGetValue(height, out PeerId bad) && bad == id);
        return (avoid, peer.InFlight, -peer.Score, id);
    }

    private sealed record Asked(PeerId Peer, ulong From, int Count, long At);
}
