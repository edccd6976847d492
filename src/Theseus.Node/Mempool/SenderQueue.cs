using System.Buffers.Binary;
using Theseus.Protocol;

namespace Theseus.Node;

/// <summary>
/// One sender's transactions in sequence: first those that can run one after another and whose maximum fees its balance covers, then those
/// that wait. Whoever changes the entries calls <see cref="Classify(int, long)"/>, or <see cref="ClassifyLast"/> behind what
/// stands already.
/// </summary>
internal sealed class SenderQueue(Address sender)
{
    /// <summary>Transactions of a sender that may follow, in one block, one whose effect on the balance is not known in advance.</summary>
    public const int MaximumFollowers = 4;

    /// <summary>Bytes of them: what a block may lose when the first one emptied the account.</summary>
    public const int MaximumFollowerBytes = 4 * 1024;

    /// <summary>Gas of them.</summary>
    public const ulong MaximumFollowerGas = 2_000_000;

    private readonly SortedList<ulong, PoolEntry> _entries = [];

    // Where Classify stands behind the last entry.
    private ulong _price;
    private UInt128 _spent;
    private ulong _expected;
    private WaitReason _broken;
    private bool _isBehindReserved;

    public Address Sender { get; } = sender;

    /// <summary>State keys whose change concerns this queue: the account's number and its coins.</summary>
    public StateKey AccountKey { get; } = SenderState.AccountKey(sender);

    /// <inheritdoc cref="AccountKey"/>
    public StateKey CoinsKey { get; } = SenderState.CoinsKey(sender);

    /// <summary>The account's next sequence number.</summary>
    public ulong Next { get; private set; }

    /// <summary>Coins that the account holds; the largest number when that cannot be read.</summary>
    public ulong Balance { get; private set; }

    /// <summary>Height of the state that <see cref="Next"/> and <see cref="Balance"/> were read from.</summary>
    public ulong AsOf { get; private set; }

    public int Count => _entries.Count;

    public long Bytes { get; private set; }

    public int ReadyCount { get; private set; }

    public int WaitingCount => Count - ReadyCount;

    public long WaitingBytes { get; private set; }

    public int ReservedCount { get; private set; }

    public long ReservedBytes { get; private set; }

    /// <summary>When the oldest of its waiting transactions came; orders queues that hold as much as each other.</summary>
    public ulong WaitingSince { get; private set; }

    /// <summary>The last one that can run, null for none.</summary>
    public PoolEntry? Tail { get; private set; }

    /// <summary>The last one in sequence that cannot, null for none.</summary>
    public PoolEntry? LastWaiting => WaitingCount > 0 ? _entries.Values[^1] : null;

    public IList<PoolEntry> Entries => _entries.Values;

    /// <summary>What it takes of the places of those that wait: bytes, and a fixed part for each transaction.</summary>
    public long WaitingWeight => WaitingBytes + (WaitingCount * EntryWeight);

    /// <summary>The part of a transaction's weight that does not depend on its size: the pool's bytes for each of its places.</summary>
    private const long EntryWeight = Mempool.MaximumBytes / Mempool.MaximumCount;

    public IEnumerable<PoolEntry> Ready => _entries.Values.Take(ReadyCount);

    /// <summary>The sequence number that follows the ready ones.</summary>
    public ulong Missing => Next + (ulong)ReadyCount;

    /// <summary>The first number before an entry that no transaction of the queue has: what it waits for.</summary>
    public ulong MissingBefore(PoolEntry entry)
    {
        ulong expected = Next;
        foreach (PoolEntry before in _entries.Values)
        {
            if (before.Sequence != expected || before == entry)
            {
                break;
            }

            expected++;
        }

        return expected;
    }

    public PoolEntry? Find(ulong sequence) => _entries.GetValueOrDefault(sequence);

    /// <summary>Takes newer facts of the account; older ones are passed over.</summary>
    public void Know(ulong next, ulong balance, ulong height)
    {
        if (height >= AsOf)
        {
            (Next, Balance, AsOf) = (ulong.Max(Next, next), balance, height);
        }
    }

    /// <summary>Puts an entry in its place. The one that stood there is given back.</summary>
    public PoolEntry? Put(PoolEntry entry)
    {
        PoolEntry? standing = Find(entry.Sequence);
        _entries[entry.Sequence] = entry;
        Bytes += entry.Size - (standing?.Size ?? 0);
        return standing;
    }

    public void Take(PoolEntry entry)
    {
        if (_entries.Remove(entry.Sequence))
        {
            Bytes -= entry.Size;
        }
    }

    /// <summary>
    /// Says of every entry whether it can run, in whose places it stands, and what its price is worth. Linear in the queue.
    /// </summary>
    /// <param name="reservedCount">Own places of this sender, 0 for none.</param>
    /// <param name="reservedBytes">Bytes of them.</param>
    public void Classify(int reservedCount, long reservedBytes)
    {
        (ReadyCount, WaitingBytes, ReservedCount, ReservedBytes, WaitingSince, Tail) = (0, 0, 0, 0, ulong.MaxValue, null);
        (_price, _spent, _expected, _broken, _isBehindReserved) = (ulong.MaxValue, 0, Next, WaitReason.None, false);
        foreach (PoolEntry entry in _entries.Values)
        {
            Classify(entry, reservedCount, reservedBytes);
        }
    }

    /// <summary>As <see cref="Classify(int, long)"/> where nothing has changed but one that was put behind all others.</summary>
    public void ClassifyLast(int reservedCount, long reservedBytes) => Classify(_entries.Values[^1], reservedCount, reservedBytes);

    private void Classify(PoolEntry entry, int reservedCount, long reservedBytes)
    {
        if (_broken == WaitReason.None)
        {
            _broken = entry.Sequence != _expected ? WaitReason.Sequence : _spent + entry.MaximumFee > Balance ? WaitReason.Balance
                : WaitReason.None;
        }
        else if (entry.Sequence != _expected)
        {
            _broken = WaitReason.Sequence; // a gap behind one that lacks coins
        }

        _expected = entry.Sequence + 1;
        entry.Waits = _broken;
        _price = ulong.Min(_price, entry.Transaction.Raw.GasUnitPrice);
        entry.EffectivePrice = _price;
        entry.IsReserved = _broken == WaitReason.None && !_isBehindReserved && ReservedCount < reservedCount
            && ReservedBytes + entry.Size <= reservedBytes;
        if (_broken != WaitReason.None)
        {
            WaitingBytes += entry.Size;
            WaitingSince = ulong.Min(WaitingSince, entry.Arrival);
            return;
        }

        ReadyCount++;
        Tail = entry;
        _spent += entry.MaximumFee + (entry.Outflow ?? 0);
        if (entry.IsReserved)
        {
            ReservedCount++;
            ReservedBytes += entry.Size;
        }
        else
        {
            _isBehindReserved = true; // own places hold the beginning of the chain, so that what is in them can always run
        }
    }
}

/// <summary>What the pool reads of an account's state.</summary>
internal static class SenderState
{
    private static readonly StructTag Account = new(Address.One, "account", "Account", []);
    private static readonly StructTag Coins = new(Address.One, "coin", "CoinStore",
        [TypeTag.Of(new StructTag(Address.One, "theseus_coin", "TheseusCoin", []))]);

    public static StateKey AccountKey(Address sender) => StateKey.Resource(sender, Account);

    public static StateKey CoinsKey(Address sender) => StateKey.Resource(sender, Coins);

    /// <summary>
    /// The coins of 0x1::coin::CoinStore {Coin {value u64}}. A state that keeps them otherwise bounds nothing: execution decides.
    /// </summary>
    public static ulong Balance(IStateReader state, StateKey coins) =>
        state.TryGet(coins) is { Length: >= sizeof(ulong) } bytes ? BinaryPrimitives.ReadUInt64LittleEndian(bytes) : ulong.MaxValue;
}
