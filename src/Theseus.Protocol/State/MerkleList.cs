namespace Theseus.Protocol;

/// <summary>
/// Commitments to lists: the tree shape of RFC 6962 with SHA-256, leaf = SHA-256(00 ‖ item), inner = SHA-256(01 ‖ left ‖ right),
/// empty = 32 zeros (execution 3).
/// </summary>
public static class MerkleList
{
    /// <summary>Siblings of a proof at most: lists have fewer than 2^31 items.</summary>
    public const int MaximumProof = 32;

    internal const byte LeafPrefix = 0x00;
    internal const byte InnerPrefix = 0x01;

    /// <summary>SHA-256(00 ‖ item).</summary>
    public static Hash32 Leaf(ReadOnlySpan<byte> item) => Hashing.Sha256([LeafPrefix], item);

    /// <summary>SHA-256(01 ‖ left ‖ right).</summary>
    public static Hash32 Inner(Hash32 left, Hash32 right)
    {
        Span<byte> bytes = stackalloc byte[1 + (2 * Hash32.Length)];
        bytes[0] = InnerPrefix;
        left.CopyTo(bytes[1..]);
        right.CopyTo(bytes[(1 + Hash32.Length)..]);
        return Hashing.Sha256(bytes);
    }

    /// <summary>The root of a list of canonical items.</summary>
    public static Hash32 Root(IReadOnlyList<byte[]> items) => RootOfLeaves(Leaves(items));

    /// <summary>The root of a list of items that one buffer is enough for, one after the other.</summary>
    /// <param name="items">The items.</param>
    /// <param name="write">Appends the canonical bytes of one.</param>
    public static Hash32 Root<T>(IReadOnlyList<T> items, Action<BcsWriter, T> write)
    {
        if (items.Count == 0)
        {
            return Hash32.Zero;
        }

        BcsWriter writer = new(256);
        Hash32[] leaves = new Hash32[items.Count];
        for (int i = 0; i < leaves.Length; i++)
        {
            write(writer.Clear().U8(LeafPrefix), items[i]);
            leaves[i] = Hashing.Sha256(writer.Written);
        }

        return RootOfLeaves(leaves);
    }

    /// <summary>The root over leaf hashes.</summary>
    public static Hash32 RootOfLeaves(ReadOnlySpan<Hash32> leaves)
    {
        if (leaves.Length <= 1)
        {
            return leaves.Length == 0 ? Hash32.Zero : leaves[0];
        }

        int split = Split(leaves.Length);
        return Inner(RootOfLeaves(leaves[..split]), RootOfLeaves(leaves[split..]));
    }

    /// <summary>The siblings of item <paramref name="index"/>, bottom up.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such item.</exception>
    public static IReadOnlyList<Hash32> Prove(IReadOnlyList<byte[]> items, int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, items.Count);
        List<Hash32> siblings = [];
        Prove(Leaves(items), index, siblings);
        return siblings;
    }

    /// <summary>
    /// Whether <paramref name="item"/> is number <paramref name="index"/> of the <paramref name="count"/> items under
    /// <paramref name="root"/>.
    /// </summary>
    public static bool Verify(Hash32 root, ReadOnlySpan<byte> item, int index, int count, IReadOnlyList<Hash32> siblings)
    {
        if (index < 0 || index >= count || siblings.Count > MaximumProof)
        {
            return false;
        }

        // the path of (index, count) from the leaf up: the shape is fixed by the count, so a proof has one length
        List<bool> siblingIsLeft = [];
        int position = index;
        int size = count;
        while (size > 1)
        {
            int split = Split(size);
            bool right = position >= split;
            siblingIsLeft.Add(right);
            position = right ? position - split : position;
            size = right ? size - split : split;
        }

        if (siblingIsLeft.Count != siblings.Count)
        {
            return false;
        }

        Hash32 hash = Leaf(item);
        for (int i = 0; i < siblings.Count; i++)
        {
            bool left = siblingIsLeft[^(i + 1)];
            hash = left ? Inner(siblings[i], hash) : Inner(hash, siblings[i]);
        }

        return hash == root;
    }

    private static void Prove(ReadOnlySpan<Hash32> leaves, int index, List<Hash32> siblings)
    {
        if (leaves.Length == 1)
        {
            return;
        }

        int split = Split(leaves.Length);
        if (index < split)
        {
            Prove(leaves[..split], index, siblings);
            siblings.Add(RootOfLeaves(leaves[split..]));
        }
        else
        {
            Prove(leaves[split..], index - split, siblings);
            siblings.Add(RootOfLeaves(leaves[..split]));
        }
    }

    private static Hash32[] Leaves(IReadOnlyList<byte[]> items)
    {
        Hash32[] leaves = new Hash32[items.Count];
        for (int i = 0; i < leaves.Length; i++)
        {
            leaves[i] = Leaf(items[i]);
        }

        return leaves;
    }

    // the largest power of two below the count (RFC 6962)
    private static int Split(int count)
    {
        int split = 1;
        while (split * 2 < count)
        {
            split *= 2;
        }

        return split;
    }
}
