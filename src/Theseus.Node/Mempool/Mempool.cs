using Theseus.Execution;
using Theseus.Protocol;

namespace Theseus.Node;

/// <summary>
/// Transactions that are to be in a block: admitted by the prologue, in sequence for each sender, highest fee first between senders.
/// What can run has the pool; what cannot run yet has a small share of it and leaves first (<see cref="PoolLimits"/>). Safe from
/// any thread.
/// </summary>
public sealed partial class Mempool
{
    /// <summary>Transactions in the shared pool.</summary>
    public const int MaximumCount = 20_000;

    /// <summary>Bytes of them.</summary>
    public const long MaximumBytes = 64L * 1024 * 1024;

    /// <summary>Transactions of one sender, gaps included.</summary>
    public const int MaximumPerSender = 200;

    /// <summary>Time that a transaction's expiration may lie ahead of the clock (execution 1, expiry).</summary>
    public static readonly TimeSpan LongestValidity = TimeSpan.FromHours(24);

    /// <summary>Fates remembered of transactions that left the pool without a block.</summary>
    private const int MaximumFates = 10_000;

    /// <summary>Percent by which a replacement must raise the price.</summary>
    private const ulong ReplacementBump = 10;

    /// <summary>
    /// How far ahead of its turn a transaction may be for peers to hear of it: a client's round over the nodes of a network.
    /// </summary>
    private const ulong NearSequences = 64;

    /// <summary>Bytes of such a one at most: a hundred transfers of a sender are less than one large transaction.</summary>
    private const int NearBytes = 2 * 1024;

    /// <summary>The part of a transaction's gas that enters the mean.</summary>
    private const double NewGasPart = 0.02;

    /// <summary>When to try again where the pool cannot tell: a few blocks.</summary>
    private static readonly TimeSpan UsualRetry = TimeSpan.FromSeconds(1);

    /// <summary>The longest wait that is asked of anybody.</summary>
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(30);

    private readonly Func<ChainHead> _head;
    private readonly ChainIdentity _chain;
    private readonly StackTable _stacks;
    private readonly TimeProvider _clock;
    private readonly PoolLimits _limits;
    private readonly Lock _gate = new();
    private readonly PoolPlaces _places;
    private readonly DrainRate _rate = new();
    private readonly Dictionary<Hash32, PoolView> _fates = [];
    private readonly Queue<Hash32> _fateOrder = new();
    private readonly CheckedSignatures _checked;
    private double _meanGas;
    private ulong _arrivals;
    private ulong _height;
    private bool _isHeightKnown;
    private ulong _advanced;

    /// <param name="head">The newest executed block.</param>
    /// <param name="chain">The chain.</param>
    /// <param name="stacks">Execution stacks, for admission.</param>
    /// <param name="clock">For expirations.</param>
    /// <param name="limits">Production's when left out.</param>
    /// <param name="signatures">What the whole node has checked; the pool's own when left out.</param>
    public Mempool(Func<ChainHead> head, ChainIdentity chain, StackTable stacks, TimeProvider clock, PoolLimits? limits = null,
        CheckedSignatures? signatures = null)
    {
        _checked = signatures ?? new CheckedSignatures();
        (_head, _chain, _stacks, _clock, _limits) = (head, chain, stacks, clock, limits ?? PoolLimits.Default);
        _places = new PoolPlaces(_limits);
    }

    /// <summary>
    /// Told of every transaction that has become able to run, or nearly, for gossip; other ones stay here. The session that brought it is
    /// null for a client's and for one that waited.
    /// </summary>
    public Action<byte[], object?>? Added { get; set; }

    /// <summary>Transactions in the pool, those that wait and those in validators' own places included.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _places.Count;
            }
        }
    }

    /// <summary>Bytes of them.</summary>
    public long Bytes
    {
        get
        {
            lock (_gate)
            {
                return _places.Bytes;
            }
        }
    }

    /// <summary>Transactions that cannot run yet.</summary>
    public int WaitingCount
    {
        get
        {
            lock (_gate)
            {
                return _places.WaitingCount;
            }
        }
    }

    /// <summary>Admits a transaction under the head's next rules: <see cref="Receive"/> and <see cref="Admit"/> in one.</summary>
    /// <param name="bytes">The signed transaction.</param>
    /// <param name="source">The session that brought it, null for a client.</param>
    public Submission Submit(byte[] bytes, object? source) => Admit(Receive(bytes, source));

    /// <summary>
    /// Says what can be said of a transaction before its signature is checked and its prologue runs, which is most of the work: a pool
    /// without room answers almost everybody here, at a few microseconds each. It changes nothing, since nobody has proven yet who sends.
    /// </summary>
    /// <param name="bytes">The signed transaction.</param>
    /// <param name="source">The session that brought it, null for a client.</param>
    public Arrival Receive(byte[] bytes, object? source)
    {
        if (source is not null && KnownBytes(bytes) is Submission known)
        {
            return new Arrival(null, source, known);
        }

        if (TransactionDecoding.TryDecode(bytes, out SignedTransaction? decoded) is { IsNone: false } refusal)
        {
            return new Arrival(null, source, Refuse(Refusals.Of(refusal.Code), refusal.ToString(), Hash32.Zero));
        }

        if (decoded!.Raw.ExpirationSeconds > (ulong)(_clock.GetUtcNow() + LongestValidity).ToUnixTimeSeconds())
        {
            return new Arrival(null, source,
                Refuse(RefusalReason.ExpirationTooFar, "a transaction expires within 24 hours", decoded.Hash));
        }

        return new Arrival(decoded, source, CheckRoom(_head(), decoded, source));
    }

    /// <summary>Checks a received transaction's signature, runs its prologue, and gives it its place.</summary>
    public Submission Admit(Arrival arrival)
    {
        if (arrival.Answer is Submission answer)
        {
            return answer;
        }

        (SignedTransaction decoded, object? source) = (arrival.Transaction!, arrival.Source);
        int judgedUnder = Volatile.Read(ref _rules);
        ChainHead present = _head(); // read after the number of the rules: never older than they are
        Hash32 moduleId = present.Next.Execution.ModuleId;
        if (_stacks.Find(moduleId) is not IExecutionStack stack)
        {
            return Refuse(RefusalReason.ModuleMissing, $"this node lacks the execution stack {moduleId} of the next block", Hash32.Zero);
        }

        if (CheckRoom(present, decoded, source) is Submission late)
        {
            return late; // others came while it waited for its turn
        }

        if (source is not null && FrameworkState.ReadSequenceNumber(present.State, decoded.Raw.Sender) is ulong next
            && decoded.Raw.SequenceNumber < next)
        {
            // A peer is late, or sends old blocks' transactions again, of which there are as many as it likes: no signature is checked.
            return Refuse(RefusalReason.SequenceNumberTooOld, "its sequence number was used", decoded.Hash);
        }

        Admission admission = stack.Admit(decoded.Bytes, present.NextContext(_chain), present.State, _checked.Contains);
        if (admission.Refusal is RefusalReason refused)
        {
            return Refuse(refused, admission.Message, decoded.Hash);
        }

        _checked.Add(decoded.Hash);
        ulong balance = SenderState.Balance(present.State, SenderState.CoinsKey(decoded.Raw.Sender));
        List<byte[]> ready = [];
        Submission outcome;
        bool isOutdated;
        lock (_gate)
        {
            PoolEntry entry = new(decoded, ++_arrivals) { JudgedUnder = judgedUnder, ClientTime = source is null
                ? _clock.GetTimestamp() : null };
            SenderQueue queue = _places.QueueOf(decoded.Raw.Sender);
            outcome = Insert(entry, queue, admission.AccountSequenceNumber, balance, present.Height);
            isOutdated = outcome.IsNew && judgedUnder != _rules;
            if (isOutdated)
            {
                _toJudge.Enqueue(entry.Hash); // the rules changed while it was judged
            }

            Announce(queue, ready);
        }

        Tell(ready, decoded.Bytes, source);
        if (isOutdated)
        {
            RulesChanged?.Invoke();
        }

        return outcome;
    }

    /// <summary>What peers send more than once is recognised by its bytes, before anything is decoded.</summary>
    private Submission? KnownBytes(byte[] bytes)
    {
        Hash32 hash = SignedTransaction.HashOf(bytes);
        lock (_gate)
        {
            return _places.Find(hash) is PoolEntry known ? Known(known) : null;
        }
    }

    /// <summary>Whether the pool holds it.</summary>
    public bool Contains(Hash32 hash)
    {
        lock (_gate)
        {
            return _places.Find(hash) is not null;
        }
    }

    /// <summary>What the pool knows of a transaction, null for nothing.</summary>
    public PoolView? Find(Hash32 hash)
    {
        lock (_gate)
        {
            if (_places.Find(hash) is not PoolEntry entry)
            {
                return _fates.TryGetValue(hash, out PoolView fate) ? fate : null;
            }

            SenderQueue queue = _places.Find(entry.Transaction.Raw.Sender)!;
            return entry.Waits switch
            {
                WaitReason.Sequence => new PoolView(PoolStatus.Received, $"waits for sequence number {queue.MissingBefore(entry)}")
                {
                    WaitsForSequence = queue.MissingBefore(entry),
                },
                WaitReason.Balance => new PoolView(PoolStatus.Received,
                    "waits until the sender's balance covers its maximum fee after those before it"),
                _ => new PoolView(PoolStatus.Received, ""),
            };
        }
    }

    /// <summary>
    /// What can run, for a peer that has none of it: highest fee first between senders, each sender's in sequence; bounded.
    /// </summary>
    public IReadOnlyList<byte[]> Waiting(int maximumCount, long maximumBytes)
    {
        List<byte[]> waiting = [];
        lock (_gate)
        {
            IEnumerable<SenderQueue> queues = _places.Queues.Where(static queue => queue.ReadyCount > 0)
                .OrderByDescending(static queue => queue.Entries[0].EffectivePrice).ThenBy(static queue => queue.Entries[0].Arrival);
            long bytes = 0;
            foreach (PoolEntry entry in queues.SelectMany(static queue => queue.Ready))
            {
                bytes += entry.Size;
                if (waiting.Count == maximumCount || bytes > maximumBytes)
                {
                    break;
                }

                waiting.Add(entry.Transaction.Bytes);
            }
        }

        return waiting;
    }

    /// <summary>
    /// What clients gave to this node some time ago and no block holds yet: peers may have had no room for it, or may have lost it.
    /// Bounded.
    /// </summary>
    public IReadOnlyList<byte[]> Overdue(TimeSpan age, int maximumCount, long maximumBytes)
    {
        List<byte[]> overdue = [];
        long bytes = 0;
        lock (_gate)
        {
            foreach (PoolEntry entry in _places.Queues.SelectMany(static queue => queue.Ready))
            {
                if (entry.ClientTime is long given && _clock.GetElapsedTime(given) >= age)
                {
                    bytes += entry.Size;
                    if (overdue.Count == maximumCount || bytes > maximumBytes)
                    {
                        break;
                    }

                    overdue.Add(entry.Transaction.Bytes);
                }
            }
        }

        return overdue;
    }

    /// <summary>
    /// A block was executed: what it holds, what expired and what can never run leaves the pool; what it enables may run.
    /// </summary>
    public void Advance(ChainHead present)
    {
        List<byte[]> ready = [];
        lock (_gate)
        {
            HashSet<SenderQueue> touched = [];
            Dictionary<SenderQueue, List<PoolEntry>> leaving = [];
            foreach (TransactionOutput output in present.Outputs)
            {
                bool isSkipped = output.Receipt.Status.Kind == StatusKind.Skipped;
                if (!isSkipped && output.Receipt.GasUsed > 0)
                {
                    _meanGas = _meanGas == 0 ? output.Receipt.GasUsed : _meanGas + ((output.Receipt.GasUsed - _meanGas) * NewGasPart);
                }

                if (_places.Find(output.Receipt.TransactionHash) is PoolEntry entry && !(isSkipped && output.Receipt.Status.Retry))
                {
                    SenderQueue queue = QueueOf(entry);
                    touched.Add(queue);
                    (leaving.TryGetValue(queue, out List<PoolEntry>? entries) ? entries : leaving[queue] = []).Add(entry);
                    if (isSkipped)
                    {
                        Remember(entry.Hash, PoolStatus.Evicted, ((RefusalReason)output.Receipt.Status.Reason).Name());
                    }
                }
            }

            foreach (StateWrite write in present.Outputs.SelectMany(static output => output.Writes.Writes))
            {
                if (_places.Find(write.Key) is SenderQueue queue)
                {
                    touched.Add(queue); // its number or its coins changed, whoever did it
                }
            }

            foreach ((SenderQueue queue, List<PoolEntry> entries) in leaving)
            {
                _places.Take(queue, entries); // a queue at a time: each costs its length
            }

            _rate.Add(present.Time, present.Block?.Body.Transactions.Count ?? 0);
            Follow(present);
            _advanced = present.Height;
            foreach (SenderQueue queue in touched.Where(static queue => queue.Count > 0))
            {
                Refresh(queue, present);
                Announce(queue, ready);
            }

            while (_places.Expired(present.Time / 1_000) is PoolEntry expired)
            {
                SenderQueue queue = QueueOf(expired);
                Drop(expired, RefusalReason.TransactionExpired, PoolStatus.Expired);
                TrimWaiting(queue);
            }
        }

        Tell(ready, null, null);
    }

    private static Submission Refuse(RefusalReason reason, string message, Hash32 hash) => new(reason, message, hash, IsNew: false);

    private SenderQueue QueueOf(PoolEntry entry) => _places.Find(entry.Transaction.Raw.Sender)!;

    /// <summary>Validators and, after a jump in height, every account's facts follow the head.</summary>
    private void Follow(ChainHead present)
    {
        if (_isHeightKnown && present.Height <= _height)
        {
            return;
        }

        bool hasJumped = _isHeightKnown && present.Height > _height + 1;
        (_height, _isHeightKnown) = (present.Height, true);
        _places.SetValidators(present.Next.Set.Validators);
        if (hasJumped)
        {
            foreach (SenderQueue queue in _places.Queues.ToList())
            {
                Refresh(queue, present);
            }
        }
    }

    /// <summary>Reads a sender's facts again: used numbers leave, and what they and the balance allow is counted anew.</summary>
    private void Refresh(SenderQueue queue, ChainHead present)
    {
        ulong next = FrameworkState.ReadSequenceNumber(present.State, queue.Sender) ?? 0;
        ulong balance = SenderState.Balance(present.State, queue.CoinsKey);
        Know(queue, next, balance, present.Height);
        TrimWaiting(queue);
    }

    /// <summary>Tells a queue its account's facts. Facts that it knows already cost nothing.</summary>
    private void Know(SenderQueue queue, ulong next, ulong balance, ulong height)
    {
        if (queue.Next == next && queue.Balance == balance)
        {
            queue.Know(next, balance, height);
            return;
        }

        _places.Change(queue, changed => changed.Know(next, balance, height));
        DropUsed(queue);
    }

    private void DropUsed(SenderQueue queue)
    {
        PoolEntry[] used = [.. queue.Entries.TakeWhile(entry => entry.Sequence < queue.Next)];
        if (used.Length > 0)
        {
            _places.Take(queue, used);
            foreach (PoolEntry entry in used)
            {
                Remember(entry.Hash, PoolStatus.Evicted, RefusalReason.SequenceNumberTooOld.Name());
            }
        }
    }

    /// <summary>A queue whose beginning left may have more that waits than it may.</summary>
    private void TrimWaiting(SenderQueue queue)
    {
        while (queue.LastWaiting is PoolEntry last && (IsOverWaiting(queue) || _places.IsWaitingOverfull))
        {
            Drop(last, RefusalReason.TooManyWaiting);
        }
    }

    private bool IsOverWaiting(SenderQueue queue) => queue.WaitingCount > _limits.WaitingCountPerSender
        || queue.WaitingBytes > _limits.WaitingBytesPerSender;

    private bool IsOverSender(SenderQueue queue) => queue.Count > _limits.CountPerSender || queue.Bytes > _limits.BytesPerSender;

    private void Drop(PoolEntry entry, RefusalReason? reason, PoolStatus status = PoolStatus.Evicted)
    {
        _places.Take(QueueOf(entry), entry);
        if (reason is RefusalReason given)
        {
            Remember(entry.Hash, status, given.Name());
        }
    }

    /// <summary>
    /// Peers are told of what can run, and of small ones a few numbers ahead: a sender's next numbers may have gone to other nodes. What
    /// waits for something far away costs this node alone.
    /// </summary>
    private static void Announce(SenderQueue queue, List<byte[]> ready)
    {
        foreach (PoolEntry entry in queue.Entries)
        {
            bool isNear = entry.Waits == WaitReason.Sequence && entry.Sequence - queue.Missing < NearSequences && entry.Size <= NearBytes;
            if (!entry.IsAnnounced && (entry.Waits == WaitReason.None || isNear))
            {
                entry.IsAnnounced = true;
                ready.Add(entry.Transaction.Bytes);
            }
        }
    }

    private void Tell(List<byte[]> ready, byte[]? brought, object? source)
    {
        foreach (byte[] transaction in ready)
        {
            Added?.Invoke(transaction, ReferenceEquals(transaction, brought) ? source : null);
        }
    }

    private void Remember(Hash32 hash, PoolStatus status, string reason)
    {
        if (!_fates.ContainsKey(hash))
        {
            _fateOrder.Enqueue(hash);
            if (_fateOrder.Count > MaximumFates)
            {
                _fates.Remove(_fateOrder.Dequeue());
            }
        }

        _fates[hash] = new PoolView(status, reason); // the newest: it may have been here before
    }
}
