namespace Theseus.Protocol;

/// <summary>One key of the state tree: SHA-256 of the state key's bytes and SHA-256 of the value (execution 3).</summary>
public readonly record struct TreeLeaf(Hash32 Key, Hash32 Value)
{
    /// <summary>SHA-256(00 ‖ k ‖ v).</summary>
    public Hash32 Hash()
    {
        Span<byte> bytes = stackalloc byte[1 + (2 * Hash32.Length)];
        bytes[0] = MerkleList.LeafPrefix;
        Key.CopyTo(bytes[1..]);
        Value.CopyTo(bytes[(1 + Hash32.Length)..]);
        return Hashing.Sha256(bytes);
    }

    /// <summary>The leaf of a state key and its value.</summary>
    public static TreeLeaf Of(StateKey key, ReadOnlySpan<byte> value) => new(key.TreeKey(), Hashing.Sha256(value));
}

/// <summary>
/// Shows what the state holds at a key: the leaf that stands at the end of the key's path, or none, and the siblings from
/// there up to the root. A leaf of another key proves absence. Encoding: option(k 32, v 32) | vector of siblings 32.
/// </summary>
/// <param name="Leaf">The leaf found: the key's own, another one, or none.</param>
/// <param name="Siblings">Bottom up; zeros stand for empty subtrees; at most 256.</param>
public sealed record StateProof(TreeLeaf? Leaf, IReadOnlyList<Hash32> Siblings)
{
    /// <summary>Canonical bytes of the proof.</summary>
    public byte[] Encode() => new BcsWriter(128 + (Siblings.Count * Hash32.Length))
        .OptionOf(Leaf, static (w, leaf) => w.Hash(leaf.Key).Hash(leaf.Value))
        .List(Siblings, static (w, sibling) => w.Hash(sibling)).ToArray();

    /// <summary>Reads canonical bytes.</summary>
    /// <exception cref="BcsException">The bytes are not a proof.</exception>
    public static StateProof Decode(ReadOnlySpan<byte> bytes)
    {
        BcsReader reader = new(bytes);
        TreeLeaf? leaf = reader.Bool() ? new TreeLeaf(reader.Hash(), reader.Hash()) : null;
        Hash32[] siblings = new Hash32[reader.Count(SparseMerkle.Depth, Hash32.Length)];
        for (int i = 0; i < siblings.Length; i++)
        {
            siblings[i] = reader.Hash();
        }

        reader.End();
        return new StateProof(leaf, siblings);
    }
}

/// <summary>
/// The state tree's meaning (execution 3): a binary tree over 256-bit keys, most significant bit first; a subtree with one
/// key is that leaf; inner = SHA-256(01 ‖ L ‖ R); empty = 32 zeros. <see cref="StateTree"/> decides how it is stored.
/// </summary>
public static class SparseMerkle
{
    /// <summary>Bits of a key, so siblings of a proof at most.</summary>
    public const int Depth = 256;

    /// <summary>The root over any leaves; of equal keys there must be one.</summary>
    public static Hash32 Root(IEnumerable<TreeLeaf> leaves)
    {
        TreeLeaf[] sorted = Sorted(leaves);
        return Root(sorted, 0);
    }

    /// <summary>The root of a whole state, e.g. genesis.</summary>
    public static Hash32 Root(WriteSet state) =>
        Root(state.Writes.Where(static write => write.Value is not null).Select(static write => TreeLeaf.Of(write.Key, write.Value)));

    /// <summary>The proof for a key in the tree over these leaves.</summary>
    public static StateProof Prove(IEnumerable<TreeLeaf> leaves, Hash32 key)
    {
        TreeLeaf[] all = Sorted(leaves);
        ReadOnlySpan<TreeLeaf> rest = all;
        List<Hash32> siblings = [];
        for (int depth = 0; rest.Length > 1; depth++)
        {
            int split = Split(rest, depth);
            bool right = Bit(key, depth);
            siblings.Add(right ? Root(rest[..split], depth + 1) : Root(rest[split..], depth + 1));
            rest = right ? rest[split..] : rest[..split];
        }

        siblings.Reverse();
        return new StateProof(rest.Length == 0 ? null : rest[0], siblings);
    }

    /// <summary>
    /// Whether the proof shows that <paramref name="key"/> has the value of hash <paramref name="value"/> under the
    /// root; null asks for absence.
    /// </summary>
    public static bool Verify(Hash32 root, Hash32 key, Hash32? value, StateProof proof)
    {
        if (proof.Siblings.Count > Depth)
        {
            return false;
        }

        if (value is { } expected)
        {
            if (proof.Leaf is not { } own || own.Key != key || own.Value != expected)
            {
                return false;
            }
        }
        else if (proof.Leaf is { } other && (other.Key == key || !SharePath(other.Key, key, proof.Siblings.Count)))
        {
            return false;
        }

        Hash32 hash = proof.Leaf?.Hash() ?? Hash32.Zero;
        int depth = proof.Siblings.Count;
        foreach (Hash32 sibling in proof.Siblings)
        {
            depth--;
            hash = Bit(key, depth) ? MerkleList.Inner(sibling, hash) : MerkleList.Inner(hash, sibling);
        }

        return hash == root;
    }

    /// <summary>As <see cref="Verify(Hash32, Hash32, Hash32?, StateProof)"/>, for a state key and its value's bytes.</summary>
    public static bool Verify(Hash32 root, StateKey key, byte[]? value, StateProof proof) =>
        Verify(root, key.TreeKey(), value is null ? null : Hashing.Sha256(value), proof);

    /// <summary>Bit <paramref name="index"/> of a key, most significant first.</summary>
    public static bool Bit(Hash32 key, int index)
    {
        Span<byte> bytes = stackalloc byte[Hash32.Length];
        key.CopyTo(bytes);
        return (bytes[index >> 3] & (0x80 >> (index & 7))) != 0;
    }

    private static bool SharePath(Hash32 one, Hash32 other, int bits)
    {
        for (int i = 0; i < bits; i++)
        {
            if (Bit(one, i) != Bit(other, i))
            {
                return false;
            }
        }

        return true;
    }

    private static Hash32 Root(ReadOnlySpan<TreeLeaf> sorted, int depth)
    {
        if (sorted.Length <= 1)
        {
            return sorted.Length == 0 ? Hash32.Zero : sorted[0].Hash();
        }

        int split = Split(sorted, depth);
        return MerkleList.Inner(Root(sorted[..split], depth + 1), Root(sorted[split..], depth + 1));
    }

    private static int Split(ReadOnlySpan<TreeLeaf> sorted, int depth)
    {
        int low = 0;
        int high = sorted.Length;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (Bit(sorted[middle].Key, depth))
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }

        return low;
    }

    private static TreeLeaf[] Sorted(IEnumerable<TreeLeaf> leaves)
    {
        TreeLeaf[] sorted = [.. leaves];
        Array.Sort(sorted, static (a, b) => a.Key.CompareTo(b.Key));
        for (int i = 1; i < sorted.Length; i++)
        {
            if (sorted[i].Key == sorted[i - 1].Key)
            {
                throw new ArgumentException("a key stands twice", nameof(leaves));
            }
        }

        return sorted;
    }
}
