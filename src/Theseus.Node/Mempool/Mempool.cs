using Theseus.Execution;
using Theseus.Protocol;

namespace Theseus.Node;

/// <summary>What became of a transaction that this node has seen and no block holds.</summary>
public enum PoolStatus
{
    Received,
    Expired,
    Evicted,
}

/// <summary>The answer to a submission.</summary>
/// <param name="Refusal">Null when the transaction is in the pool.</param>
/// <param name="IsNew">False when the pool had it.</param>
public readonly record struct Submission(RefusalReason? Refusal, string Message, Hash32 Hash, bool IsNew);

/// <summary>
/// Transactions that wait for a block: admitted by the prologue, ordered by sequence number for each sender, by fee
/// between senders, bounded by count, bytes and per sender, with eviction of the cheapest.
/// </summary>
public sealed class Mempool(Func<ChainHead> head, ChainIdentity chain, StackTable stacks, TimeProvider clock)
{
    /// <summary>Transactions in the pool.</summary>
    public const int MaximumCount = 20_000;

    /// <summary>Bytes of them.</summary>
    public const long MaximumBytes = 64L * 1024 * 1024;

    /// <summary>Transactions of one sender that may wait, gaps included.</summary>
    public const int MaximumPerSender = 200;

    /// <summary>Time that a transaction may lie ahead of the clock (execution 1, expiry).</summary>
    public static readonly TimeSpan LongestValidity = TimeSpan.FromHours(24);

    /// <summary>Fates remembered of transactions that left the pool without a block.</summary>
    private const int MaximumFates = 10_000;

    /// <summary>Percent by which a replacement must raise the price.</summary>
    private const ulong ReplacementBump = 10;

    private readonly Lock _gate = new();
    private readonly Dictionary<Hash32, Entry> _byHash = [];
    private readonly Dictionary<Address, SortedDictionary<ulong, Entry>> _bySender = [];
    private readonly Dictionary<Hash32, (PoolStatus Status, string Reason)> _fates = [];
    private readonly Queue<Hash32> _fateOrder = new();
    private readonly Queue<Hash32> _checkedOrder = new();
    private readonly HashSet<Hash32> _checked = [];
    private long _bytes;

    /// <summary>Told of every new transaction, for gossip. The session that brought it is null for a client's.</summary>
    public Action<byte[], object?>? Added { get; set; }

    public int Count => _byHash.Count;

    public long Bytes => _bytes;

    /// <summary>Admits a transaction under the head's next rules.</summary>
    /// <param name="source">The session that brought it, null for a client.</param>
    public Submission Submit(byte[] bytes, object? source)
    {
        ChainHead present = head();
        IExecutionStack? stack = stacks.Find(present.Next.Execution.ModuleId);
        if (stack is null)
        {
            return new Submission(RefusalReason.ModuleMissing, $"this node lacks the execution stack {present.Next.Execution.ModuleId}", Hash32.Zero, false);
        }

        if (TransactionDecoding.TryDecode(bytes, out SignedTransaction? decoded) is { IsNone: false } refusal)
        {
            return new Submission(Refusals.Of(refusal.Code), refusal.ToString(), Hash32.Zero, false);
        }

        lock (_gate)
        {
            if (_byHash.ContainsKey(decoded!.Hash))
            {
                return new Submission(null, "", decoded.Hash, false);
            }
        }

        if (decoded.Raw.ExpirationSeconds > (ulong)(clock.GetUtcNow() + LongestValidity).ToUnixTimeSeconds())
        {
            return new Submission(RefusalReason.ExpirationTooFar, "a transaction expires within 24 hours", decoded.Hash, false);
        }

        Admission admission = stack.Admit(bytes, present.NextContext(chain), present.State);
        if (admission.Refusal is not null)
        {
            return new Submission(admission.Refusal, admission.Message, decoded.Hash, false);
        }

        Submission outcome = Insert(new Entry(decoded, admission.AccountSequenceNumber));
        if (outcome.Refusal is null)
        {
            Added?.Invoke(bytes, source);
        }

        return outcome;
    }

    /// <summary>Whether this node has checked the transaction's signature before: a block with it needs no second check.</summary>
    public bool HasChecked(Hash32 hash)
    {
        lock (_gate)
        {
            return _checked.Contains(hash);
        }
    }

    public bool Contains(Hash32 hash)
    {
        lock (_gate)
        {
            return _byHash.ContainsKey(hash);
        }
    }

    /// <summary>What the pool knows of a transaction, null for nothing.</summary>
    public (PoolStatus Status, string Reason)? Find(Hash32 hash)
    {
        lock (_gate)
        {
            return _byHash.ContainsKey(hash) ? (PoolStatus.Received, "") : _fates.TryGetValue(hash, out (PoolStatus, string) fate) ? fate : null;
        }
    }

    /// <summary>Transactions in the order in which this node wants them in a block: the dearest ready one first, each sender's in sequence.</summary>
    public IReadOnlyList<SignedTransaction> Select(ChainHead present)
    {
        lock (_gate)
        {
            PriorityQueue<(Entry Entry, Address Sender), (ulong, Hash32)> ready = new(Comparer<(ulong Price, Hash32 Hash)>.Create(
                static (a, b) => a.Price != b.Price ? b.Price.CompareTo(a.Price) : a.Hash.CompareTo(b.Hash)));
            foreach ((Address sender, SortedDictionary<ulong, Entry> queue) in _bySender)
            {
                ulong next = FrameworkState.ReadSequenceNumber(present.State, sender) ?? 0;
                if (queue.TryGetValue(next, out Entry? first))
                {
                    ready.Enqueue((first, sender), (first.Transaction.Raw.GasUnitPrice, first.Transaction.Hash));
                }
            }

            List<SignedTransaction> selected = [];
            int limit = present.Next.Parameters.MaximumTransactions;
            while (selected.Count < limit && ready.TryDequeue(out (Entry Entry, Address Sender) item, out _))
            {
                selected.Add(item.Entry.Transaction);
                if (_bySender[item.Sender].TryGetValue(item.Entry.Transaction.Raw.SequenceNumber + 1, out Entry? following))
                {
                    ready.Enqueue((following, item.Sender), (following.Transaction.Raw.GasUnitPrice, following.Transaction.Hash));
                }
            }

            return selected;
        }
    }

    /// <summary>What waits, for a peer that has none of it: the senders whose first transaction pays most first, each sender's in sequence; bounded.</summary>
    public IReadOnlyList<byte[]> Waiting(int maximumCount, long maximumBytes)
    {
        List<byte[]> waiting = [];
        lock (_gate)
        {
            IEnumerable<SortedDictionary<ulong, Entry>> queues = _bySender.Values.Where(static queue => queue.Count > 0)
                .OrderByDescending(static queue => queue.Values.First().Transaction.Raw.GasUnitPrice).ThenBy(static queue => queue.Values.First().Transaction.Hash);
            long bytes = 0;
            foreach (Entry entry in queues.SelectMany(static queue => queue.Values))
            {
                bytes += entry.Transaction.Bytes.Length;
                if (waiting.Count == maximumCount || bytes > maximumBytes)
                {
                    break;
                }

                waiting.Add(entry.Transaction.Bytes);
            }
        }

        return waiting;
    }

    /// <summary>A block was executed: what it holds, what expired and what can never run leaves the pool.</summary>
    public void Advance(ChainHead present)
    {
        lock (_gate)
        {
            ulong seconds = present.Time / 1_000;
            HashSet<Address> touched = [];
            foreach (TransactionOutput output in present.Outputs)
            {
                if (_byHash.TryGetValue(output.Receipt.TransactionHash, out Entry? entry) && output.Receipt.Status is not { Kind: StatusKind.Skipped, Retry: true })
                {
                    touched.Add(entry.Transaction.Raw.Sender);
                    Remove(entry);
                    if (output.Receipt.Status.Kind == StatusKind.Skipped)
                    {
                        Remember(entry.Transaction.Hash, PoolStatus.Evicted, ((RefusalReason)output.Receipt.Status.Reason).Name());
                    }
                }
            }

            foreach (Address sender in touched)
            {
                ulong next = FrameworkState.ReadSequenceNumber(present.State, sender) ?? 0;
                if (_bySender.TryGetValue(sender, out SortedDictionary<ulong, Entry>? queue))
                {
                    foreach (Entry stale in queue.Where(pair => pair.Key < next).Select(pair => pair.Value).ToList())
                    {
                        Remove(stale);
                        Remember(stale.Transaction.Hash, PoolStatus.Evicted, RefusalReason.SequenceNumberTooOld.Name());
                    }
                }
            }

            foreach (Entry expired in _byHash.Values.Where(entry => seconds >= entry.Transaction.Raw.ExpirationSeconds).ToList())
            {
                Remove(expired);
                Remember(expired.Transaction.Hash, PoolStatus.Expired, RefusalReason.TransactionExpired.Name());
            }
        }
    }

    /// <summary>New code or a new stack is in force: everything is judged again (execution 8.1).</summary>
    public void JudgeAgain(ChainHead present)
    {
        List<Entry> entries;
        lock (_gate)
        {
            entries = [.. _byHash.Values];
        }

        if (stacks.Find(present.Next.Execution.ModuleId) is not IExecutionStack stack)
        {
            return;
        }

        BlockContext context = present.NextContext(chain);
        foreach (Entry entry in entries)
        {
            Admission admission = stack.Admit(entry.Transaction.Bytes, context, present.State);
            if (admission.Refusal is RefusalReason changed)
            {
                lock (_gate)
                {
                    Remove(entry);
                    Remember(entry.Transaction.Hash, PoolStatus.Evicted, $"rules changed: {changed.Name()}");
                }
            }
        }
    }

    private Submission Insert(Entry entry)
    {
        RawTransaction raw = entry.Transaction.Raw;
        lock (_gate)
        {
            SortedDictionary<ulong, Entry> queue = _bySender.GetValueOrDefault(raw.Sender) ?? []; // it enters the pool with its first transaction: a refused one leaves nothing behind
            if (queue.TryGetValue(raw.SequenceNumber, out Entry? standing))
            {
                if (standing.Transaction.Hash == entry.Transaction.Hash)
                {
                    return new Submission(null, "", entry.Transaction.Hash, false);
                }

                UInt128 needed = (UInt128)standing.Transaction.Raw.GasUnitPrice * (100 + ReplacementBump);
                if ((UInt128)raw.GasUnitPrice * 100 < needed)
                {
                    return new Submission(RefusalReason.ReplacementUnderpriced, $"sequence number {raw.SequenceNumber} waits already; a replacement pays at least {ReplacementBump} % more", entry.Transaction.Hash, false);
                }

                Remove(standing);
                Remember(standing.Transaction.Hash, PoolStatus.Evicted, RefusalReason.Replaced.Name());
            }
            else if (queue.Count >= MaximumPerSender)
            {
                return new Submission(RefusalReason.TooManyFromSender, $"at most {MaximumPerSender} transactions of one sender wait", entry.Transaction.Hash, false);
            }

            while (_byHash.Count >= MaximumCount || _bytes + entry.Transaction.Bytes.Length > MaximumBytes)
            {
                // The cheapest last transaction of a sender leaves; a dearer newcomer takes its place, a cheaper one is refused.
                Entry? cheapest = _bySender.Values.Where(waiting => waiting.Count > 0).Select(waiting => waiting.Values.Last()).MinBy(candidate => (candidate.Transaction.Raw.GasUnitPrice, candidate.Transaction.Hash));
                if (cheapest is null || cheapest.Transaction.Raw.GasUnitPrice >= raw.GasUnitPrice)
                {
                    return new Submission(RefusalReason.MempoolFull, "the pool is full of transactions that pay as much or more", entry.Transaction.Hash, false);
                }

                Remove(cheapest);
                Remember(cheapest.Transaction.Hash, PoolStatus.Evicted, RefusalReason.MempoolFull.Name());
            }

            queue.Add(raw.SequenceNumber, entry);
            _bySender[raw.Sender] = queue; // making room may have taken it out, empty
            _byHash.Add(entry.Transaction.Hash, entry);
            _bytes += entry.Transaction.Bytes.Length;
            if (_checked.Add(entry.Transaction.Hash))
            {
                _checkedOrder.Enqueue(entry.Transaction.Hash);
                if (_checkedOrder.Count > 2 * MaximumCount)
                {
                    _checked.Remove(_checkedOrder.Dequeue());
                }
            }

            return new Submission(null, "", entry.Transaction.Hash, true);
        }
    }

    private void Remove(Entry entry)
    {
        if (_byHash.Remove(entry.Transaction.Hash))
        {
            _bytes -= entry.Transaction.Bytes.Length;
            SortedDictionary<ulong, Entry> queue = _bySender[entry.Transaction.Raw.Sender];
            queue.Remove(entry.Transaction.Raw.SequenceNumber);
            if (queue.Count == 0)
            {
                _bySender.Remove(entry.Transaction.Raw.Sender);
            }
        }
    }

    private void Remember(Hash32 hash, PoolStatus status, string reason)
    {
        if (_fates.TryAdd(hash, (status, reason)))
        {
            _fateOrder.Enqueue(hash);
            if (_fateOrder.Count > MaximumFates)
            {
                _fates.Remove(_fateOrder.Dequeue());
            }
        }
    }

    private sealed record Entry(SignedTransaction Transaction, ulong AccountSequence);
}
