using Theseus.Execution;
using Theseus.Protocol;

namespace Theseus.Node;

/// <summary>What this node wants in a block, and what new rules make of the pool.</summary>
public sealed partial class Mempool
{
    /// <summary>A block's part that validators' own transactions may take before anybody's price counts: one in this many.</summary>
    private const int ReservedPart = 8;

    /// <summary>What a transaction may use above the mean of those before, for all that is known: a quarter.</summary>
    private const double GasMargin = 1.25;

    /// <summary>What one uses while nothing is known: a little more than a transfer.</summary>
    private const double GuessedGas = 2_000;

    private int _rules;
    private Queue<Hash32> _toJudge = new();

    /// <summary>Transactions that are still to be judged under the rules in force.</summary>
    public int ToJudge
    {
        get
        {
            lock (_gate)
            {
                return _toJudge.Count;
            }
        }
    }

    /// <summary>
    /// Transactions in the order in which this node wants them in a block: validators' own first, for a bounded part of it; then highest
    /// fee first, of equal ones the first to come; each sender's in sequence. None of them is known to be skipped.
    /// </summary>
    /// <param name="present">The newest executed block.</param>
    /// <param name="mostGas">Gas units that are wanted at most, beside the block's own limit; null for any.</param>
    public IReadOnlyList<SignedTransaction> Select(ChainHead present, ulong? mostGas = null)
    {
        lock (_gate)
        {
            Follow(present);
            if (_advanced < present.Height)
            {
                // A block that this pool has not been told of yet: what it used would only be skipped.
                foreach (SenderQueue queue in _places.Queues.ToList())
                {
                    Refresh(queue, present);
                }
            }

            int limit = present.Next.Parameters.MaximumTransactions;
            ulong seconds = present.Time / 1_000;
            List<SignedTransaction> selected = [];
            Dictionary<SenderQueue, Chain> chains = [];
            PriorityQueue<SenderQueue, (ulong Price, ulong Arrival)> ready = new(Comparer<(ulong Price, ulong Arrival)>.Create(
                static (a, b) => a.Price != b.Price ? b.Price.CompareTo(a.Price) : a.Arrival.CompareTo(b.Arrival)));
            long reservedBytes = present.Next.Parameters.MaximumBlockBytes / ReservedPart;
            foreach (SenderQueue queue in _places.Queues)
            {
                Chain chain = new(queue, seconds);
                chains.Add(queue, chain);
                while (_places.IsValidator(queue.Sender) && chain.Next is { IsReserved: true } own
                    && selected.Count < limit / ReservedPart && own.Size <= reservedBytes)
                {
                    reservedBytes -= own.Size;
                    selected.Add(chain.Take().Transaction);
                }

                Enqueue(chain);
            }

            // What the block's gas does not suffice for would only be skipped. Maximum gas says little of it: the mean of what was
            // used says more.
            double gasLeft = ulong.Min(mostGas ?? ulong.MaxValue, FrameworkState.TryReadFees(present.State)?.BlockGas ?? ulong.MaxValue);
            gasLeft -= selected.Sum(GasOf);
            while (selected.Count < limit && gasLeft > 0 && ready.TryDequeue(out SenderQueue? queue, out _))
            {
                SignedTransaction next = chains[queue].Take().Transaction;
                gasLeft -= GasOf(next);
                selected.Add(next);
                Enqueue(chains[queue]);
            }

            return selected;

            double GasOf(SignedTransaction transaction) => double.Min(
                transaction.Raw.MaxGasAmount, _meanGas == 0 ? GuessedGas : _meanGas * GasMargin);

            void Enqueue(Chain chain)
            {
                if (chain.Next is PoolEntry next)
                {
                    ready.Enqueue(chain.Queue, (next.Transaction.Raw.GasUnitPrice, next.Arrival));
                }
            }
        }
    }

    /// <summary>
    /// New code or a new stack is in force: everything is to be judged again, by <see cref="JudgeSlice"/> (execution 8.1).
    /// </summary>
    public void JudgeAgain(ChainHead present)
    {
        lock (_gate)
        {
            Follow(present);
            _rules++;

            // Highest fee first: what the next blocks take is judged first. Until then it stays, as execution decides in any case.
            _toJudge = new Queue<Hash32>(_places.Entries.OrderByDescending(static entry => entry.EffectivePrice)
                .ThenBy(static entry => entry.Arrival).Select(static entry => entry.Hash));
        }

        RulesChanged?.Invoke();
    }

    /// <summary>Told that there is something to judge again.</summary>
    public Action? RulesChanged { get; set; }

    /// <summary>
    /// Judges some of what <see cref="JudgeAgain"/> found, under the rules of the head. Never on the loop that answers consensus.
    /// </summary>
    /// <param name="maximum">Transactions at most; some 100 microseconds each.</param>
    /// <returns>Whether there are more.</returns>
    public bool JudgeSlice(int maximum)
    {
        for (int i = 0; i < maximum; i++)
        {
            PoolEntry? entry;
            int rules;
            lock (_gate)
            {
                if (!_toJudge.TryDequeue(out Hash32 hash))
                {
                    return false;
                }

                entry = _places.Find(hash);
                rules = _rules;
            }

            if (entry is null || entry.JudgedUnder == rules)
            {
                continue; // gone, or newer than the rules
            }

            ChainHead present = _head(); // read after the number of the rules: never older than they are
            if (_stacks.Find(present.Next.Execution.ModuleId) is not IExecutionStack stack)
            {
                return false; // the node stops before the next height and says so
            }

            Admission admission = stack.Admit(entry.Transaction.Bytes, present.NextContext(_chain), present.State, _checked.Contains);
            lock (_gate)
            {
                if (admission.Refusal is not RefusalReason refused)
                {
                    entry.JudgedUnder = rules;
                }
                else if (_places.Find(entry.Hash) == entry)
                {
                    SenderQueue queue = QueueOf(entry);
                    Drop(entry, null);
                    Remember(entry.Hash, PoolStatus.Evicted, $"rules changed: {refused.Name()}");
                    TrimWaiting(queue);
                }
            }
        }

        return ToJudge > 0;
    }

    /// <summary>
    /// A sender's transactions as one block may hold them. Behind one whose effect on the balance is not known without running it, only a
    /// few small ones follow: if it empties the account, they are skipped and nobody pays for their space.
    /// </summary>
    private sealed class Chain(SenderQueue queue, ulong seconds)
    {
        private int _at;
        private int _followers;
        private int _followerBytes;
        private ulong _followerGas;
        private bool _isUncertain;

        public SenderQueue Queue { get; } = queue;

        /// <summary>The next one that may be in the block, null for none.</summary>
        public PoolEntry? Next
        {
            get
            {
                if (_at >= Queue.ReadyCount)
                {
                    return null;
                }

                PoolEntry next = Queue.Entries[_at];
                bool isExpired = seconds >= next.Transaction.Raw.ExpirationSeconds;
                bool isTooMuch = _isUncertain &&
                    (_followers == SenderQueue.MaximumFollowers || _followerBytes + next.Size > SenderQueue.MaximumFollowerBytes ||
                    _followerGas + next.Transaction.Raw.MaxGasAmount > SenderQueue.MaximumFollowerGas);
                return isExpired || isTooMuch ? null : next;
            }
        }

        public PoolEntry Take()
        {
            PoolEntry taken = Queue.Entries[_at++];
            if (_isUncertain)
            {
                _followers++;
                _followerBytes += taken.Size;
                _followerGas += taken.Transaction.Raw.MaxGasAmount;
            }

            _isUncertain |= taken.Outflow is null;
            return taken;
        }
    }
}
