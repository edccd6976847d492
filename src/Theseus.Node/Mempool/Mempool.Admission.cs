using Theseus.Execution;
using Theseus.Protocol;

namespace Theseus.Node;

/// <summary>Who gets a place in the pool, and who gives one up for it.</summary>
public sealed partial class Mempool
{
    /// <summary>
    /// Whether there is room for it, if it is what it says. What a peer passes on has been admitted once: no backlog loses it between
    /// nodes.
    /// </summary>
    private Submission? CheckRoom(ChainHead present, SignedTransaction decoded, object? source)
    {
        lock (_gate)
        {
            Follow(present);
            return CheckPlace(decoded, out bool isCheap) ?? (source is null && isCheap ? CheckBacklog(present, decoded) : null);
        }
    }

    /// <summary>Whether its sender and the whole pool have a place for it.</summary>
    /// <param name="decoded">The newcomer.</param>
    /// <param name="isCheap">Whether all that stands pays as much or more.</param>
    private Submission? CheckPlace(SignedTransaction decoded, out bool isCheap)
    {
        isCheap = false;
        RawTransaction raw = decoded.Raw;
        if (_places.Find(decoded.Hash) is PoolEntry known)
        {
            return Known(known);
        }

        ulong price = raw.GasUnitPrice;
        if (_places.Find(raw.Sender) is SenderQueue queue)
        {
            if (queue.Find(raw.SequenceNumber) is PoolEntry standing)
            {
                return CheckReplacement(standing, decoded);
            }

            bool waits = raw.SequenceNumber > queue.Missing;
            bool isLast = raw.SequenceNumber > (queue.LastWaiting?.Sequence ?? 0);
            if (waits && isLast && (queue.WaitingCount >= _limits.WaitingCountPerSender
                || queue.WaitingBytes + decoded.Bytes.Length > _limits.WaitingBytesPerSender))
            {
                return RefuseWaiting(queue, decoded.Hash);
            }

            if (isLast && (queue.Count >= _limits.CountPerSender || queue.Bytes + decoded.Bytes.Length > _limits.BytesPerSender)
                && (waits || queue.WaitingCount == 0))
            {
                return RefuseSender(queue, decoded.Hash);
            }

            price = raw.SequenceNumber >= queue.Missing ? ulong.Min(price, queue.Tail?.EffectivePrice ?? price) : price;
        }

        if (_places.IsValidator(raw.Sender))
        {
            return null;
        }

        if (_places.IsFullFor(decoded.Bytes.Length) && !_places.CanMakeRoom(price, decoded.Bytes.Length))
        {
            return RefuseFull(decoded.Hash);
        }

        isCheap = _places.Cheapest is PoolEntry cheapest && cheapest.EffectivePrice >= price;
        return null;
    }

    private static Submission Known(PoolEntry known) => new(null, "", known.Hash, IsNew: false);

    private static Submission? CheckReplacement(PoolEntry standing, SignedTransaction decoded)
    {
        UInt128 needed = (UInt128)standing.Transaction.Raw.GasUnitPrice * (100 + ReplacementBump);
        return (UInt128)decoded.Raw.GasUnitPrice * 100 >= needed ? null : Refuse(
            RefusalReason.ReplacementUnderpriced,
            $"a transaction with sequence number {standing.Sequence} stands at price {standing.Transaction.Raw.GasUnitPrice}; a "
                + $"replacement pays at least {ReplacementBump} % more",
            decoded.Hash);
    }

    private Submission RefuseSender(SenderQueue queue, Hash32 hash) => Refuse(
        RefusalReason.TooManyFromSender,
        $"at most {_limits.CountPerSender} transactions and {_limits.BytesPerSender} bytes of one sender stand in the pool",
        hash) with { WaitsForSequence = queue.Missing, RetryAfter = UsualRetry };

    private Submission RefuseWaiting(SenderQueue queue, Hash32 hash) => Refuse(
        RefusalReason.TooManyWaiting,
        $"it cannot run before sequence number {queue.Missing}; at most {_limits.WaitingCountPerSender} transactions and "
            + $"{_limits.WaitingBytesPerSender} bytes " +
        "of one sender may wait so, and all senders' together have a small part of the pool",
        hash) with { WaitsForSequence = queue.Missing, RetryAfter = UsualRetry };

    private static Submission RefuseFull(Hash32 hash) =>
        Refuse(RefusalReason.MempoolFull, "the pool is full of transactions that pay as much or more",
            hash) with { RetryAfter = UsualRetry };

    /// <summary>
    /// Work for some seconds of blocks stands already, at this price or a higher one. What could not run yet is refused from half of that
    /// on: the one before it was probably refused and will be again, and a place in the pool would be a promise that nobody can keep.
    /// </summary>
    private Submission? CheckBacklog(ChainHead present, SignedTransaction decoded)
    {
        if (_rate.PerSecond is not double perSecond)
        {
            return null;
        }

        int standing = _places.SharedCount - _places.WaitingCount;
        double most = double.Max(_limits.LeastBacklog, perSecond * _limits.Backlog.TotalSeconds);
        if (standing < most / 2)
        {
            return null;
        }

        RawTransaction raw = decoded.Raw;
        ulong next = _places.Find(raw.Sender)?.Missing ?? FrameworkState.ReadSequenceNumber(present.State, raw.Sender) ?? 0;
        if (raw.SequenceNumber > next)
        {
            return Refuse(RefusalReason.TooManyWaiting,
                $"it cannot run before sequence number {next}, and {standing} transactions stand before that",
                decoded.Hash) with { WaitsForSequence = next, RetryAfter = UsualRetry };
        }

        if (standing < most)
        {
            return null;
        }

        TimeSpan wait = perSecond > 0 ? TimeSpan.FromSeconds(double.Min(LongestRetry.TotalSeconds, (standing - most + 1) / perSecond))
            : LongestRetry;
        return Refuse(RefusalReason.MempoolFull,
            $"{standing} transactions that pay as much or more stand before it: more than blocks take in "
                + $"{_limits.Backlog.TotalSeconds:0} s", decoded.Hash)
            with { RetryAfter = wait < UsualRetry ? UsualRetry : wait };
    }

    private Submission Insert(PoolEntry entry, SenderQueue queue, ulong next, ulong balance, ulong height)
    {
        Know(queue, next, balance, height);
        if (entry.Sequence < queue.Next)
        {
            return Refuse(RefusalReason.SequenceNumberTooOld, $"sequence number {entry.Sequence} was used, the next is {queue.Next}",
                entry.Hash);
        }

        if (_places.Find(entry.Hash) is PoolEntry known)
        {
            return Known(known); // another thread was faster
        }

        if (queue.Find(entry.Sequence) is PoolEntry before && CheckReplacement(before, entry.Transaction) is Submission underpriced)
        {
            return underpriced;
        }

        PoolEntry? standing = _places.Put(queue, entry);
        List<(SenderQueue Queue, PoolEntry Entry, RefusalReason Reason)> left = [];
        if (MakeRoom(queue, entry, left) is Submission refused)
        {
            // Nobody leaves for one that is refused.
            _places.Take(queue, entry);
            if (standing is not null)
            {
                _places.Put(queue, standing);
            }

            foreach ((SenderQueue owner, PoolEntry evicted, _) in left)
            {
                _places.Put(owner, evicted);
            }

            return refused;
        }

        if (standing is not null)
        {
            Remember(standing.Hash, PoolStatus.Evicted, RefusalReason.Replaced.Name());
        }

        foreach ((_, PoolEntry evicted, RefusalReason reason) in left)
        {
            Remember(evicted.Hash, PoolStatus.Evicted, reason.Name());
        }

        _fates.Remove(entry.Hash);
        return new Submission(null, "", entry.Hash, IsNew: true, entry.Waits == WaitReason.Sequence ? queue.MissingBefore(entry) : null);
    }

    /// <summary>Brings the pool within its bounds with the newcomer in it. Who cannot run leaves first, whatever it pays.</summary>
    /// <param name="queue">The newcomer's.</param>
    /// <param name="entry">The newcomer.</param>
    /// <param name="left">Who left, to be put back when there is no room after all.</param>
    private Submission? MakeRoom(SenderQueue queue, PoolEntry entry, List<(SenderQueue Queue, PoolEntry Entry, RefusalReason Reason)> left)
    {
        while (IsOverWaiting(queue) || (IsOverSender(queue) && queue.WaitingCount > 0))
        {
            if (queue.LastWaiting == entry)
            {
                return IsOverWaiting(queue) ? RefuseWaiting(queue, entry.Hash) : RefuseSender(queue, entry.Hash);
            }

            Evict(queue, queue.LastWaiting!, RefusalReason.TooManyWaiting);
        }

        if (IsOverSender(queue))
        {
            return RefuseSender(queue, entry.Hash);
        }

        if (_places.IsOverfull && entry.Waits == WaitReason.None && _places.LeavingFor(entry) is null)
        {
            return RefuseFull(entry.Hash); // seen before anybody leaves: who offers what there is no room for would move hundreds each time
        }

        while (_places.IsWaitingOverfull || (_places.IsOverfull && _places.WaitingCount > 0))
        {
            SenderQueue heaviest = _places.HeaviestWaiting!;
            if (heaviest.LastWaiting == entry)
            {
                return RefuseWaiting(queue, entry.Hash);
            }

            Evict(heaviest, heaviest.LastWaiting!, RefusalReason.TooManyWaiting);
        }

        if (_places.IsOverfull)
        {
            if (_places.LeavingFor(entry) is not { } leaving)
            {
                return RefuseFull(entry.Hash);
            }

            foreach ((SenderQueue owner, List<PoolEntry> entries) in leaving)
            {
                _places.Take(owner, entries); // a queue at a time: each costs its length
                left.AddRange(entries.Select(evicted => (owner, evicted, RefusalReason.MempoolFull)));
            }
        }

        return null;

        void Evict(SenderQueue owner, PoolEntry evicted, RefusalReason reason)
        {
            _places.Take(owner, evicted);
            left.Add((owner, evicted, reason));
        }
    }
}
