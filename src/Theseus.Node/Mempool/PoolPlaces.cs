using Theseus.Protocol;

namespace Theseus.Node;

/// <summary>
/// Who stands where in the pool: every sender's queue, the sums that bounds are compared with, and the orders in which places are taken
/// back. Not safe for several threads; the pool guards it.
/// </summary>
internal sealed class PoolPlaces(PoolLimits limits)
{
    private readonly Dictionary<Hash32, PoolEntry> _byHash = [];
    private readonly Dictionary<Address, SenderQueue> _queues = [];
    private readonly Dictionary<StateKey, SenderQueue> _byKey = [];
    private readonly HashSet<Address> _validators = [];

    // Lowest fee first; among equal fees the newest, so that the one that came first stays.
    private static readonly Comparer<PoolEntry> Leaving = Comparer<PoolEntry>.Create(static (a, b) =>
        a.EffectivePrice != b.EffectivePrice ? a.EffectivePrice.CompareTo(b.EffectivePrice) : b.Arrival.CompareTo(a.Arrival));

    private readonly SortedSet<PoolEntry> _tails = new(Leaving);

    // Who holds most first; of equal ones who has waited longest, so that what has just come has its chance.
    private readonly SortedSet<SenderQueue> _waiting = new(Comparer<SenderQueue>.Create(static (a, b) =>
        a.WaitingWeight != b.WaitingWeight ? b.WaitingWeight.CompareTo(a.WaitingWeight)
        : a.WaitingSince != b.WaitingSince ? a.WaitingSince.CompareTo(b.WaitingSince)
        : a.Sender.CompareTo(b.Sender)));

    private readonly SortedSet<PoolEntry> _expiring = new(Comparer<PoolEntry>.Create(static (a, b) =>
        a.Transaction.Raw.ExpirationSeconds != b.Transaction.Raw.ExpirationSeconds
            ? a.Transaction.Raw.ExpirationSeconds.CompareTo(b.Transaction.Raw.ExpirationSeconds)
            : a.Arrival.CompareTo(b.Arrival)));

    public int Count => _byHash.Count;

    public long Bytes { get; private set; }

    /// <summary>Transactions that cannot run yet.</summary>
    public int WaitingCount { get; private set; }

    public long WaitingBytes { get; private set; }

    /// <summary>Transactions that stand in the shared pool: all but those in validators' own places.</summary>
    public int SharedCount { get; private set; }

    public long SharedBytes { get; private set; }

    public IEnumerable<SenderQueue> Queues => _queues.Values;

    public IEnumerable<PoolEntry> Entries => _byHash.Values;

    /// <summary>The transaction that leaves first for one that pays more; null when there is none.</summary>
    public PoolEntry? Cheapest => _tails.Min;

    /// <summary>The sender with most that cannot run; null when everything can.</summary>
    public SenderQueue? HeaviestWaiting => _waiting.Min;

    public PoolEntry? Find(Hash32 hash) => _byHash.GetValueOrDefault(hash);

    public SenderQueue? Find(Address sender) => _queues.GetValueOrDefault(sender);

    public SenderQueue? Find(StateKey key) => _byKey.GetValueOrDefault(key);

    public bool IsValidator(Address sender) => _validators.Contains(sender);

    /// <summary>Whether one more of this size would be more than the shared pool holds.</summary>
    public bool IsFullFor(int size) => SharedCount >= limits.Count || SharedBytes + size > limits.Bytes;

    /// <summary>Whether the bounds of the whole are exceeded.</summary>
    public bool IsOverfull => SharedCount > limits.Count || SharedBytes > limits.Bytes;

    /// <summary>Whether those that cannot run have more than their part.</summary>
    public bool IsWaitingOverfull => WaitingCount > limits.WaitingCount || WaitingBytes > limits.WaitingBytes;

    /// <summary>The validators in force; their queues gain or lose their own places.</summary>
    public void SetValidators(IReadOnlyList<ValidatorEntry> validators)
    {
        if (_validators.Count == validators.Count && validators.All(validator => _validators.Contains(validator.Address)))
        {
            return;
        }

        List<Address> changed = [.. _validators];
        _validators.Clear();
        _validators.UnionWith(validators.Select(static validator => validator.Address));
        foreach (Address sender in changed.Concat(_validators).Distinct())
        {
            if (Find(sender) is SenderQueue queue)
            {
                Change(queue, static _ => { });
            }
        }
    }

    /// <summary>
    /// Who leaves for a newcomer that stands already, when all that wait have left and the rest has too little room: the lowest fee first,
    /// of each sender its last. Null when those that pay less do not suffice. Nothing is changed by looking.
    /// </summary>
    public IReadOnlyDictionary<SenderQueue, List<PoolEntry>>? LeavingFor(PoolEntry newcomer) =>
        LeavingFor(newcomer.EffectivePrice, newcomer, SharedCount, SharedBytes);

    /// <summary>Whether those that pay less, and those that wait, would make room for one that does not stand yet.</summary>
    public bool CanMakeRoom(ulong price, int size) => LeavingFor(price, null, SharedCount + 1, SharedBytes + size) is not null;

    private Dictionary<SenderQueue, List<PoolEntry>>? LeavingFor(ulong price, PoolEntry? newcomer, int count, long bytes)
    {
        count -= WaitingCount + limits.Count;
        bytes -= WaitingBytes + limits.Bytes;
        Dictionary<SenderQueue, List<PoolEntry>> leaving = [];
        PriorityQueue<(SenderQueue Queue, int Index), PoolEntry> behind = new(Leaving); // what is a tail once its tail has left
        using IEnumerator<PoolEntry> tails = _tails.GetEnumerator();
        bool hasTail = tails.MoveNext();
        while (count > 0 || bytes > 0)
        {
            (SenderQueue Queue, int Index) next;
            if (hasTail && (!behind.TryPeek(out _, out PoolEntry? first) || Leaving.Compare(tails.Current, first) < 0))
            {
                SenderQueue queue = _queues[tails.Current.Transaction.Raw.Sender];
                next = (queue, queue.ReadyCount - 1);
                hasTail = tails.MoveNext();
            }
            else if (!behind.TryDequeue(out next, out _))
            {
                return null;
            }

            PoolEntry entry = next.Queue.Entries[next.Index];
            if (entry == newcomer || entry.EffectivePrice >= price)
            {
                return null;
            }

            (leaving.TryGetValue(next.Queue, out List<PoolEntry>? entries) ? entries : leaving[next.Queue] = []).Add(entry);
            count--;
            bytes -= entry.Size;
            if (next.Index > next.Queue.ReservedCount)
            {
                behind.Enqueue((next.Queue, next.Index - 1), next.Queue.Entries[next.Index - 1]);
            }
        }

        return leaving;
    }

    /// <summary>A sender's queue, or a new one that enters with its first transaction.</summary>
    public SenderQueue QueueOf(Address sender) => Find(sender) ?? new SenderQueue(sender);

    /// <summary>Puts an entry in its queue; the one that stood at its number leaves.</summary>
    public PoolEntry? Put(SenderQueue queue, PoolEntry entry)
    {
        PoolEntry? standing = null;
        bool isLast = queue.Count > 0 && entry.Sequence > queue.Entries[^1].Sequence;
        Change(queue, changed => standing = changed.Put(entry), isLast); // a long queue grows at its end: no cost per entry
        if (standing is not null)
        {
            Forget(standing);
        }

        _byHash.Add(entry.Hash, entry);
        _expiring.Add(entry);
        Bytes += entry.Size;
        return standing;
    }

    /// <summary>Takes entries of one queue; the queue is classified once.</summary>
    public void Take(SenderQueue queue, params IReadOnlyList<PoolEntry> entries)
    {
        Change(queue, changed =>
        {
            foreach (PoolEntry entry in entries)
            {
                changed.Take(entry);
            }
        });
        foreach (PoolEntry entry in entries)
        {
            Forget(entry);
        }
    }

    /// <summary>Changes a queue; sums and orders follow. A queue without entries leaves.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="change">What happens to it.</param>
    /// <param name="isAppended">Whether it only puts an entry behind all others.</param>
    public void Change(SenderQueue queue, Action<SenderQueue> change, bool isAppended = false)
    {
        bool stood = _queues.ContainsKey(queue.Sender);
        if (stood)
        {
            Tally(queue, -1);
            if (queue.Tail is { IsReserved: false } tail)
            {
                _tails.Remove(tail);
            }

            if (queue.WaitingCount > 0)
            {
                _waiting.Remove(queue);
            }
        }

        change(queue);
        bool isValidator = IsValidator(queue.Sender);
        (int reservedCount, long reservedBytes) = isValidator ? (limits.ReservedCount, ReservedShare) : (0, 0);
        if (isAppended)
        {
            queue.ClassifyLast(reservedCount, reservedBytes);
        }
        else
        {
            queue.Classify(reservedCount, reservedBytes);
        }

        if (queue.Count == 0)
        {
            if (stood)
            {
                _queues.Remove(queue.Sender);
                _byKey.Remove(queue.AccountKey);
                _byKey.Remove(queue.CoinsKey);
            }

            return;
        }

        if (!stood)
        {
            _queues.Add(queue.Sender, queue);
            _byKey.Add(queue.AccountKey, queue);
            _byKey.Add(queue.CoinsKey, queue);
        }

        Tally(queue, 1);
        if (queue.Tail is { IsReserved: false } newTail)
        {
            _tails.Add(newTail);
        }

        if (queue.WaitingCount > 0)
        {
            _waiting.Add(queue);
        }
    }

    /// <summary>The next transaction that no block of this time may hold; null for none.</summary>
    public PoolEntry? Expired(ulong seconds) => _expiring.Min is { } first && seconds >= first.Transaction.Raw.ExpirationSeconds
        ? first : null;

    private long ReservedShare => long.Max(TransactionLimits.MaximumSize, limits.ReservedBytes / int.Max(1, _validators.Count));

    private void Tally(SenderQueue queue, int sign)
    {
        WaitingCount += sign * queue.WaitingCount;
        WaitingBytes += sign * queue.WaitingBytes;
        SharedCount += sign * (queue.Count - queue.ReservedCount);
        SharedBytes += sign * (queue.Bytes - queue.ReservedBytes);
    }

    private void Forget(PoolEntry entry)
    {
        if (_byHash.Remove(entry.Hash))
        {
            _expiring.Remove(entry);
            Bytes -= entry.Size;
        }
    }
}
