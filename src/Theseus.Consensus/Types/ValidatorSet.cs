using System.Buffers.Binary;

namespace Theseus.Consensus;

/// <summary>A member of a validator set. Power is above zero.</summary>
public sealed record Validator(ValidatorId Id, ByteString PublicKey, ulong Power);

/// <summary>Why a list of validators is no set (record P7).</summary>
public enum ValidatorSetFault
{
    /// <summary>The list is a set.</summary>
    None = 0,
    /// <summary>It has no member.</summary>
    Empty,
    /// <summary>It has more than <see cref="ValidatorSet.MaximumSize"/> members.</summary>
    TooLarge,
    /// <summary>A member has no power.</summary>
    ZeroPower,
    /// <summary>The powers sum to more than 2^64 - 1.</summary>
    PowerOverflow,
    /// <summary>Two members have one id.</summary>
    DuplicateId,
    /// <summary>Two members have one public key.</summary>
    DuplicateKey,
}

/// <summary>
/// The validators of a height, immutable and sorted by id. Powers sum to at most 2^64 - 1; a quorum is more than 2/3 of
/// the total, an honest share more than 1/3.
/// </summary>
public sealed class ValidatorSet
{
    /// <summary>
    /// Members at most: certificates grow with them (about 100 bytes each) and must fit a message of 1 MiB with room to spare.
    /// </summary>
    public const int MaximumSize = 1024;

    private readonly Validator[] _members;
    private readonly Dictionary<ValidatorId, int> _indices;
    private ProposerOrder? _lastOrder; // a pure cache: any thread may replace it by an equal one

    private ValidatorSet(Validator[] members, ValueId id, ulong total)
    {
        _members = members;
        _indices = new Dictionary<ValidatorId, int>(members.Length);
        for (int i = 0; i < members.Length; i++)
        {
            _indices.Add(members[i].Id, i);
        }

        Id = id;
        Total = total;
        Quorum = QuorumOf(total);
        Honest = (total / 3) + 1;
    }

    /// <summary>The least power p with 3p &gt; 2 <paramref name="total"/>.</summary>
    public static ulong QuorumOf(ulong total) => (ulong)((UInt128)total * 2 / 3) + 1;

    /// <summary>The set's 32-byte identity, given by whoever owns the set; it seeds the proposer order (consensus N4).</summary>
    public ValueId Id { get; }

    /// <summary>Sorted by id, ascending.</summary>
    public IReadOnlyList<Validator> Members => _members;

    /// <summary>The number of members.</summary>
    public int Count => _members.Length;

    /// <summary>The sum of all powers.</summary>
    public ulong Total { get; }

    /// <summary>The least power p with 3p &gt; 2 Total.</summary>
    public ulong Quorum { get; }

    /// <summary>The least power p with 3p &gt; Total: among its holders one is correct.</summary>
    public ulong Honest { get; }

    /// <summary>Checks and sorts <paramref name="members"/>.</summary>
    /// <returns>The set, or null and the fault.</returns>
    public static ValidatorSet? TryCreate(IEnumerable<Validator> members, ValueId id, out ValidatorSetFault fault)
    {
        Validator[] sorted = [.. members];
        Array.Sort(sorted, static (a, b) => a.Id.CompareTo(b.Id));
        fault = Check(sorted, out ulong total);
        return fault == ValidatorSetFault.None ? new ValidatorSet(sorted, id, total) : null;
    }

    /// <summary>As <see cref="TryCreate"/>, for callers whose members are known to be good.</summary>
    /// <exception cref="ArgumentException">The members are no set.</exception>
    public static ValidatorSet Create(IEnumerable<Validator> members, ValueId id) =>
        TryCreate(members, id, out ValidatorSetFault fault)
            ?? throw new ArgumentException($"not a validator set: {fault}", nameof(members));

    /// <summary>The place of a validator in <see cref="Members"/>, or -1.</summary>
    public int IndexOf(ValidatorId validator) => _indices.TryGetValue(validator, out int index) ? index : -1;

    /// <summary>Whether a validator is a member.</summary>
    public bool Contains(ValidatorId validator) => _indices.ContainsKey(validator);

    /// <summary>The member of that id, or null.</summary>
    public Validator? Find(ValidatorId validator) => _indices.TryGetValue(validator, out int index) ? _members[index] : null;

    /// <summary>The proposer of a round: order(height)[round mod n] (consensus N4).</summary>
    public Validator Proposer(ulong height, int round)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(round);
        return _members[OrderOf(height)[round % _members.Length]];
    }

    /// <summary>All members in the proposer order of a height (consensus N4).</summary>
    public IReadOnlyList<Validator> Order(ulong height) => [.. OrderOf(height).Select(index => _members[index])];

    private int[] OrderOf(ulong height)
    {
        ProposerOrder? order = _lastOrder;
        if (order is null || order.Height != height)
        {
            order = new ProposerOrder(height, Draw(height));
            _lastOrder = order;
        }

        return order.Indices;
    }

    // consensus N4: weighted draws without replacement over the members sorted by address
    private int[] Draw(ulong height)
    {
        const int TagLength = 8;
        Span<byte> seed = stackalloc byte[TagLength + ValueId.Length + sizeof(ulong) + sizeof(uint)];
        "proposer"u8.CopyTo(seed);
        Id.CopyTo(seed[TagLength..]);
        BinaryPrimitives.WriteUInt64LittleEndian(seed[(TagLength + ValueId.Length)..], height);
        Span<byte> digest = stackalloc byte[Sha3.Length];

        int[] left = new int[_members.Length];
        for (int i = 0; i < left.Length; i++)
        {
            left[i] = i;
        }

        int[] order = new int[_members.Length];
        int count = left.Length;
        ulong remaining = Total;
        for (int k = 0; k < order.Length; k++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(seed[^sizeof(uint)..], (uint)k);
            Sha3.Hash256(seed, digest);
            ulong draw = BinaryPrimitives.ReadUInt64LittleEndian(digest) % remaining;
            int place = 0;
            while (draw >= _members[left[place]].Power)
            {
                draw -= _members[left[place]].Power;
                place++;
            }

            order[k] = left[place];
            remaining -= _members[left[place]].Power;
            left.AsSpan((place + 1)..count).CopyTo(left.AsSpan(place));
            count--;
        }

        return order;
    }

    private static ValidatorSetFault Check(Validator[] sorted, out ulong total)
    {
        total = 0;
        if (sorted.Length == 0)
        {
            return ValidatorSetFault.Empty;
        }

        if (sorted.Length > MaximumSize)
        {
            return ValidatorSetFault.TooLarge;
        }

        HashSet<ByteString> keys = new(sorted.Length);
        for (int i = 0; i < sorted.Length; i++)
        {
            if (sorted[i].Power == 0)
            {
                return ValidatorSetFault.ZeroPower;
            }

            if (total > ulong.MaxValue - sorted[i].Power)
            {
                return ValidatorSetFault.PowerOverflow;
            }

            total += sorted[i].Power;
            if (i > 0 && sorted[i].Id == sorted[i - 1].Id)
            {
                return ValidatorSetFault.DuplicateId;
            }

            if (!keys.Add(sorted[i].PublicKey))
            {
                return ValidatorSetFault.DuplicateKey;
            }
        }

        return ValidatorSetFault.None;
    }

    private sealed record ProposerOrder(ulong Height, int[] Indices);
}
