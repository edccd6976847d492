namespace Theseus.Engine;

/// <summary>
/// Which decided heights to ask of whom (consensus N17, F12, F13). Ranges are asked in parallel and kept until their turn. Peers that
/// served verified heights are asked first, then validators' nodes, then others; a claim only names a peer to ask. The first missing height
/// never hangs on one peer: what is not answered soon is asked of others too. Memory is bounded by the window and bytes.
/// </summary>
public sealed class ValueSync
{
    /// <summary>Heights of a request.</summary>
    public const int Batch = 16;

    /// <summary>Requests under way at most, besides those for the first missing height.</summary>
    public const int MaximumInFlight = 5;

    /// <summary>Requests under way to one peer at most: one that it works on and one that waits, the rest goes to others.</summary>
    public const int MaximumInFlightPerPeer = 2;

    /// <summary>Heights ahead of the next one that are asked for or kept.</summary>
    public const int Window = 128;

    /// <summary>Bytes of contents kept at most; beyond, no more is asked for.</summary>
    public const int MaximumBytes = 64 * 1024 * 1024;

    /// <summary>Milliseconds after which a proven peer has failed to answer: the largest reply over a slow link.</summary>
    public const int RequestTimeout = 10_000;

    /// <summary>The longest that <see cref="RequestTimeout"/> grows to, in milliseconds, for a peer that answers, but slowly.</summary>
    private const int LongestTimeout = 60_000;

    /// <summary>Milliseconds after which a peer that has served nothing yet has failed to answer.</summary>
    public const int FirstTimeout = 2000;

    /// <summary>
    /// Milliseconds after which the first missing height is asked of others too; four times what its answers take for a peer that is
    /// known to answer slowly.
    /// </summary>
    public const int Patience = 500;

    /// <summary>
    /// Peers asked for the first missing height at the same time while none is proven, for that height only: with 60 that never
    /// answer, two turns find one that does.
    /// </summary>
    public const int MaximumProbes = 32;

    /// <summary>
    /// Peers kept track of: as many as may have sessions; the one not heard of for longest makes room, proven peers and
    /// validators' nodes last.
    /// </summary>
    public const int MaximumPeers = 2048;

    /// <summary>Requests that were given up and may still be answered: a late answer is used, and nobody is blamed for it.</summary>
    private const int MaximumLate = 256;

    /// <summary>Below this score a peer is asked only when there is no other.</summary>
    private const double Poor = 0.15;

    private readonly SortedDictionary<PeerId, SyncPeer> _peers = [];
    private readonly SortedDictionary<ulong, (PeerId From, DecidedHeight Item)> _kept = [];
    private readonly SortedDictionary<uint, Asked> _asked = [];
    private readonly SortedDictionary<uint, Asked> _late = [];
    private readonly Dictionary<ulong, PeerId> _refused = []; // a height's last bad server is not asked for it again at once
    private uint _lastRequest;
    private long _bytes;
    private long _now;

    /// <summary>The next height that this node needs.</summary>
    public ulong Next { get; private set; }

    /// <summary>Heights served and not yet decided here.</summary>
    public int KeptHeights => _kept.Count;

    /// <summary>When <see cref="Plan"/> should be called again, in milliseconds; null when nothing is under way.</summary>
    public long? NextDue =>
        _asked.Count == 0 ? null : _asked.Values.Min(asked => asked.PatienceEnds > _now ? asked.PatienceEnds : asked.Ends);

    /// <summary>A peer's score from 0 to 1; 0 for one that is not known.</summary>
    public double ScoreOf(PeerId peer) => _peers.TryGetValue(peer, out SyncPeer? known) ? known.Score : 0;

    /// <summary>Takes a peer's claim.</summary>
    public void Claim(PeerId peer, StatusMessage status)
    {
        SyncPeer known = Hear(peer);
        known.Tip = status.Tip;
        known.Lowest = status.Lowest;
    }

    /// <summary>A peer's message shows that it claims to have decided a height.</summary>
    public void Hint(PeerId peer, ulong decided)
    {
        bool isNew = !_peers.ContainsKey(peer);
        SyncPeer known = Hear(peer);
        known.Tip = ulong.Max(known.Tip, decided);
        known.Lowest = isNew ? 1 : known.Lowest;
    }

    /// <summary>Says which peers are nodes of validators of the present set.</summary>
    public void Members(IEnumerable<PeerId> members)
    {
        foreach (SyncPeer peer in _peers.Values)
        {
            peer.IsMember = false;
        }

        foreach (PeerId member in members)
        {
            if (_peers.TryGetValue(member, out SyncPeer? known))
            {
                known.IsMember = true;
            }
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

    /// <summary>
    /// Requests to send now. <paramref name="eager"/>: also for a single missing height, which usually arrives by itself.
    /// </summary>
    public IReadOnlyList<(PeerId Peer, RangeRequest Request)> Plan(long now, bool eager)
    {
        _now = now;
        GiveUp(now);
        List<(PeerId, RangeRequest)> requests = [];
        ulong height = FirstMissing();
        if (height < Next + Window && IsAsked(height))
        {
            Probe(height, eager, requests);
        }

        while (_asked.Values.Count(HasSlot) < MaximumInFlight && _bytes < MaximumBytes && height < Next + Window)
        {
            if (_kept.ContainsKey(height))
            {
                height++;
            }
            else if (_asked.Values.FirstOrDefault(asked => !asked.IsProbe && asked.Covers(height)) is { } under)
            {
                height = under.From + (ulong)under.Count;
            }
            else if (Choose(height, eager) is { } peer)
            {
                int count = CountFrom(height, peer);
                requests.Add(Ask(peer, height, count, isProbe: false));
                height += (ulong)count;
            }
            else
            {
                break;
            }
        }

        return requests;
    }

    /// <summary>Takes a reply.</summary>
    /// <returns>Whether it was asked for and has the heights asked for, or a prefix of them (C55).</returns>
    public bool Take(PeerId from, RangeReply reply, long now)
    {
        _now = now;
        bool isLate = !_asked.TryGetValue(reply.Request, out Asked? asked);
        if ((isLate && !_late.TryGetValue(reply.Request, out asked)) || asked!.Peer != from)
        {
            if (_peers.TryGetValue(from, out SyncPeer? stranger))
            {
                stranger.Lied(now);
            }

            return false;
        }

        _asked.Remove(reply.Request);
        _late.Remove(reply.Request);
        SyncPeer? peer = _peers.GetValueOrDefault(from);
        peer?.Answered(now - asked.At, isLate);

        bool fits = reply.From == asked.From && reply.Heights.Count <= asked.Count;
        for (int i = 0; i < reply.Heights.Count; i++)
        {
            fits &= reply.Heights[i].Certificate.Height == asked.From + (ulong)i;
        }

        if (!fits)
        {
            peer?.Lied(now);
            return false;
        }

        if (reply.Heights.Count == 0 && peer is not null)
        {
            peer.HadNothing();
            peer.Tip = ulong.Min(peer.Tip, asked.From - 1); // it does not have what it claimed (F13)
        }

        foreach (DecidedHeight item in reply.Heights)
        {
            Keep(from, item);
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
            _peers.GetValueOrDefault(entry.From)?.Served();
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
        _peers.GetValueOrDefault(entry.From)?.Lied(now);
        _refused[height] = entry.From;
        return entry.From;
    }

    private SyncPeer Hear(PeerId peer)
    {
        if (!_peers.TryGetValue(peer, out SyncPeer? known))
        {
            if (_peers.Count >= MaximumPeers)
            {
                _peers.Remove(_peers.MinBy(static pair => (pair.Value.Rank < 2 || pair.Value.InFlight > 0, pair.Value.HeardAt)).Key);
            }

            known = _peers[peer] = new SyncPeer();
        }

        known.HeardAt = _now;
        return known;
    }

    private void GiveUp(long now)
    {
        foreach ((uint id, Asked late) in _asked.Where(pair => now >= pair.Value.Ends).ToArray())
        {
            _asked.Remove(id);
            _late[id] = late;
            if (_late.Count > MaximumLate)
            {
                _late.Remove(_late.First().Key);
            }

            if (_peers.TryGetValue(late.Peer, out SyncPeer? peer))
            {
                peer.InFlight--;
                peer.TimedOut(now);
            }
        }
    }

    // The first missing height is under way, and everything waits for it.
    private void Probe(ulong height, bool eager, List<(PeerId, RangeRequest)> requests)
    {
        Asked[] under = [.. _asked.Values.Where(asked => asked.Covers(height))];
        bool isTrusted = under.Any(asked => _peers.GetValueOrDefault(asked.Peer) is { IsProven: true });
        int waiting = under.Count(asked => asked.PatienceEnds > _now);
        if (isTrusted)
        {
            // it answers, but not now: one other, for this height alone, so that a slow link is not asked for everything twice; then
            // twice as many each time, so that many who fall silent together do not cost their sum
            int others = waiting > 0 ? 0 : int.Min(under.Length, MaximumProbes);
            for (; others > 0 && Choose(height, eager) is { } other; others--)
            {
                requests.Add(Ask(other, height, 1, isProbe: true));
            }

            return;
        }

        if (Choose(height, eager) is { } best && Peer(best).IsProven)
        {
            requests.Add(Ask(best, height, CountFrom(height, best), isProbe: true));
            return;
        }

        // nobody is known to answer: all that may, after a while, for this height alone; who does is proven then
        bool isOverdue = under.Any(asked => asked.PatienceEnds <= _now);
        for (; isOverdue && waiting < MaximumProbes && Choose(height, eager) is { } next; waiting++)
        {
            requests.Add(Ask(next, height, 1, isProbe: true));
        }
    }

    // who does not answer holds a slot no longer than patience lasts
    private bool HasSlot(Asked asked) => !asked.IsProbe && asked.PatienceEnds > _now;

    private bool IsAsked(ulong height) => _asked.Values.Any(asked => asked.Covers(height));

    private ulong FirstMissing()
    {
        ulong height = Next;
        while (_kept.ContainsKey(height))
        {
            height++;
        }

        return height;
    }

    private (PeerId Peer, RangeRequest Request) Ask(PeerId peer, ulong from, int count, bool isProbe)
    {
        SyncPeer known = Peer(peer);
        known.InFlight++;
        _lastRequest++;
        long ends = known.IsProven ? long.Clamp(4 * known.ReplyTime, RequestTimeout, LongestTimeout) : FirstTimeout;
        long patience = known.IsProven ? long.Clamp(4 * known.ReplyTime, Patience, RequestTimeout) : Patience;
        _asked.Add(_lastRequest, new Asked(peer, from, count, isProbe, _now, _now + patience, _now + ends));
        return (peer, new RangeRequest(_lastRequest, from, count));
    }

    // as many as the peer claims to have, up to what is kept or under way
    private int CountFrom(ulong height, PeerId peer)
    {
        ulong more = Peer(peer).Tip - height;
        int count = more >= Batch ? Batch : (int)more + 1;
        for (int i = 1; i < count; i++)
        {
            if (_kept.ContainsKey(height + (ulong)i) || _asked.Values.Any(asked => !asked.IsProbe && asked.From == height + (ulong)i))
            {
                return i;
            }
        }

        return count;
    }

    private void Keep(PeerId from, DecidedHeight item)
    {
        ulong height = item.Certificate.Height;
        bool hasRoom = height == Next || (_bytes < MaximumBytes && height < Next + (2 * Window));
        if (height >= Next && hasRoom && _kept.TryAdd(height, (from, item)))
        {
            _bytes += item.Content.Length;
        }
    }

    private void Drop(ulong height, DecidedHeight item)
    {
        _kept.Remove(height);
        _bytes -= item.Content.Length;
    }

    private SyncPeer Peer(PeerId id) => _peers[id];

    // the best rank first, then the fewest faults, the shortest wait, the score; who owes an answer, a poor
    // peer or the last bad server only when there is no other
    private PeerId? Choose(ulong height, bool eager)
    {
        HashSet<PeerId> silent = [.. _asked.Values.Where(asked => asked.PatienceEnds <= _now).Select(static asked => asked.Peer)];
        PeerId? best = null;
        (bool, int, int, long, double) bestRank = default;
        foreach ((PeerId id, SyncPeer peer) in _peers)
        {
            bool claims = peer.Lowest <= height && peer.Tip >= height && (eager || peer.Tip > Next);
            if (!claims || peer.RestsUntil > _now || peer.InFlight >= (peer.IsProven ? MaximumInFlightPerPeer : 1) || IsAskedOf(height, id))
            {
                continue;
            }

            bool avoid = silent.Contains(id) || peer.Score < Poor || (_refused.TryGetValue(height, out PeerId bad) && bad == id);
            (bool, int, int, long, double) rank = (avoid, peer.Rank, peer.Faults, (peer.ReplyTime + 1) * (peer.InFlight + 1), -peer.Score);
            if (best is null || rank.CompareTo(bestRank) < 0)
            {
                (best, bestRank) = (id, rank);
            }
        }

        return best;
    }

    private bool IsAskedOf(ulong height, PeerId peer) => _asked.Values.Any(asked => asked.Peer == peer && asked.Covers(height));

    /// <param name="Peer">Who was asked.</param>
    /// <param name="From">The first height.</param>
    /// <param name="Count">How many heights.</param>
    /// <param name="IsProbe">Whether it was asked besides another, for the first missing height.</param>
    /// <param name="At">When.</param>
    /// <param name="PatienceEnds">From then on it has no slot any more, and others are asked for the first missing height too.</param>
    /// <param name="Ends">When it is given up.</param>
    private sealed record Asked(PeerId Peer, ulong From, int Count, bool IsProbe, long At, long PatienceEnds, long Ends)
    {
        public bool Covers(ulong height) => From <= height && height - From < (ulong)Count;
    }
}
