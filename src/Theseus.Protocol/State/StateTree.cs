namespace Theseus.Protocol;

/// <summary>
/// The key of a stored tree node: the height that wrote it, big-endian, then one byte for each nibble of its path
/// (execution 6). Keys of later heights sort after earlier ones, so a store can append.
/// </summary>
public sealed class TreeNodeKey : IEquatable<TreeNodeKey>, IComparable<TreeNodeKey>
{
    private readonly byte[] _bytes;

    /// <summary>The key of a node.</summary>
    /// <param name="height">The height that wrote it.</param>
    /// <param name="nibbles">Its path from the root, one byte for each nibble; at most 64.</param>
    public TreeNodeKey(ulong height, ReadOnlySpan<byte> nibbles)
    {
        _bytes = new byte[sizeof(ulong) + nibbles.Length];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(_bytes, height);
        nibbles.CopyTo(_bytes.AsSpan(sizeof(ulong)));
    }

    /// <summary>height 8 ‖ nibbles; at most 72 bytes.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <inheritdoc/>
    public int CompareTo(TreeNodeKey? other) => other is null ? 1 : _bytes.AsSpan().SequenceCompareTo(other._bytes);

    /// <inheritdoc/>
    public bool Equals(TreeNodeKey? other) => other is not null && _bytes.AsSpan().SequenceEqual(other._bytes);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as TreeNodeKey);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        int hash = 17;
        foreach (byte b in _bytes)
        {
            hash = (hash * 31) + b;
        }

        return hash;
    }

    /// <summary>Lower-case hexadecimal digits of the bytes.</summary>
    public override string ToString() => Convert.ToHexStringLower(_bytes);
}

/// <summary>Where a tree's nodes are kept.</summary>
public interface ITreeNodes
{
    /// <summary>The stored bytes, or null when there is no such node.</summary>
    byte[]? TryGet(TreeNodeKey key);
}

/// <summary>A tree node that should be stored is not: a broken store, or a height outside the proof window.</summary>
public sealed class TreeNodeMissingException(TreeNodeKey key) : Exception($"tree node {key} is missing");

/// <summary>
/// A reference to a subtree: empty, a single key, or a stored inner node with its hash and the height that wrote it. The
/// reference of the whole tree is what a store keeps for each height. Encoding: 0 | 1 key 32 value 32 | 2 height u64 hash 32.
/// </summary>
public readonly record struct Subtree
{
    private Subtree(byte kind, TreeLeaf leaf, ulong height, Hash32 hash)
    {
        Kind = kind;
        Leaf = leaf;
        Height = height;
        Hash = hash;
    }

    internal const byte EmptyKind = 0;
    internal const byte LeafKind = 1;
    internal const byte InnerKind = 2;

    /// <summary>The tree of an empty state; its hash is zero.</summary>
    public static Subtree Empty => default;

    internal byte Kind { get; }

    internal TreeLeaf Leaf { get; }

    internal ulong Height { get; }

    /// <summary>The root hash of the subtree.</summary>
    public Hash32 Hash { get; }

    internal bool IsEmpty => Kind == EmptyKind;

    internal static Subtree OfLeaf(TreeLeaf leaf) => new(LeafKind, leaf, 0, leaf.Hash());

    internal static Subtree OfInner(ulong height, Hash32 hash) => new(InnerKind, default, height, hash);

    /// <summary>Canonical bytes of the reference, at most 65.</summary>
    public byte[] Encode()
    {
        BcsWriter writer = new(72);
        Write(writer);
        return writer.ToArray();
    }

    /// <summary>Reads canonical bytes.</summary>
    /// <exception cref="BcsException">The bytes are not a reference.</exception>
    public static Subtree Decode(ReadOnlySpan<byte> bytes)
    {
        BcsReader reader = new(bytes);
        Subtree tree = Read(ref reader);
        reader.End();
        return tree;
    }

    internal void Write(BcsWriter writer)
    {
        writer.U8(Kind);
        if (Kind == LeafKind)
        {
            writer.Hash(Leaf.Key).Hash(Leaf.Value);
        }
        else if (Kind == InnerKind)
        {
            writer.U64(Height).Hash(Hash);
        }
    }

    internal static Subtree Read(ref BcsReader reader)
    {
        byte kind = reader.U8();
        return kind switch
        {
            EmptyKind => Empty,
            LeafKind => OfLeaf(new TreeLeaf(reader.Hash(), reader.Hash())),
            InnerKind => OfInner(reader.U64(), reader.Hash()),
            _ => throw reader.Fail($"subtree kind {kind}"),
        };
    }
}

/// <summary>A change of one key: a value's hash, or null to delete it.</summary>
public readonly record struct TreeChange(Hash32 Key, Hash32? Value);

/// <summary>What an update made.</summary>
/// <param name="Root">The new tree.</param>
/// <param name="Written">New nodes, ascending by key.</param>
/// <param name="Stale">Nodes that the new tree no longer uses; older trees may.</param>
public sealed record TreeUpdate(Subtree Root, IReadOnlyList<(TreeNodeKey Key, byte[] Node)> Written, IReadOnlyList<TreeNodeKey> Stale);

/// <summary>
/// The state tree over stored nodes, persistent: an update writes new nodes and leaves the old ones, so every height's tree
/// stays readable until it is pruned. Nodes have 16 children (storage only, the hashes are those of <see cref="SparseMerkle"/>);
/// a subtree with one key is kept in its parent and has no node.
/// </summary>
public static class StateTree
{
    internal const int Radix = 16;
    private const int BitsPerNode = 4;

    /// <summary>Applies the changes of a height to a tree.</summary>
    /// <param name="nodes">The stored nodes.</param>
    /// <param name="root">The tree before.</param>
    /// <param name="height">Names the new nodes; above every height that wrote before.</param>
    /// <param name="changes">Any order; no key twice.</param>
    /// <param name="forEach">
    /// Runs an action for 0 up to a number, in any order or side by side, and returns when all have ended: the parts of the tree under the
    /// root's children do not touch each other. One after another when left out; the result is the same.
    /// </param>
    /// <exception cref="TreeNodeMissingException">A node on a changed path is missing.</exception>
    public static TreeUpdate Update(ITreeNodes nodes, Subtree root, ulong height, IEnumerable<TreeChange> changes,
        Action<int, Action<int>>? forEach = null)
    {
        TreeChange[] sorted = [.. changes];
        Array.Sort(sorted, static (a, b) => a.Key.CompareTo(b.Key));
        StateTreeUpdate update = new(nodes, height, []);
        Subtree changed = forEach is null ? update.Apply(root, 0, sorted) : update.ApplySideBySide(root, sorted, forEach);
        return update.Finish(changed);
    }

    /// <summary>The changes that a write set makes.</summary>
    public static IEnumerable<TreeChange> Changes(WriteSet writes) =>
        writes.Writes.Select(static write => new TreeChange(write.Key.TreeKey(), write.Value is null ? null : Hashing.Sha256(write.Value)));

    /// <summary>The proof for a key, equal to <see cref="SparseMerkle.Prove"/> over all leaves.</summary>
    /// <exception cref="TreeNodeMissingException">A node on the path is missing: the height is outside the proof window.</exception>
    public static StateProof Prove(ITreeNodes nodes, Subtree root, Hash32 key)
    {
        byte[] path = Nibbles(key);
        List<Hash32> siblings = [];
        Subtree here = root;
        for (int depth = 0; here.Kind == Subtree.InnerKind; depth++)
        {
            ReadOnlySpan<Subtree> range = Load(nodes, new TreeNodeKey(here.Height, path.AsSpan(0, depth)));
            int nibble = path[depth];
            for (int bit = BitsPerNode - 1; range.Length > 1 && !IsSingle(range); bit--)
            {
                int half = range.Length / 2;
                bool right = ((nibble >> bit) & 1) != 0;
                siblings.Add(RangeHash(right ? range[..half] : range[half..]));
                range = right ? range[half..] : range[..half];
            }

            here = Only(range);
        }

        siblings.Reverse();
        return new StateProof(here.Kind == Subtree.LeafKind ? here.Leaf : null, siblings);
    }

    /// <summary>Asks for the nodes on the way to a key and no more: for stores that keep in memory what they were asked for.</summary>
    public static void Visit(ITreeNodes nodes, Subtree root, Hash32 key)
    {
        byte[] path = Nibbles(key);
        ulong? height = root.Kind == Subtree.InnerKind ? root.Height : null;
        for (int depth = 0; height is ulong written && nodes.TryGet(new TreeNodeKey(written, path.AsSpan(0, depth))) is { } node; depth++)
        {
            height = InnerChild(node, path[depth]);
        }
    }

    // The height that wrote a child, when it is an inner node; nothing is hashed.
    private static ulong? InnerChild(byte[] node, int nibble)
    {
        BcsReader reader = new(node);
        ushort present = reader.U16();
        for (int i = 0; i <= nibble; i++)
        {
            if ((present & (1 << i)) == 0)
            {
                continue;
            }

            bool isInner = reader.U8() == Subtree.InnerKind;
            if (i == nibble)
            {
                return isInner ? reader.U64() : null;
            }

            reader.Raw(isInner ? sizeof(ulong) + Hash32.Length : 2 * Hash32.Length);
        }

        return null;
    }

    /// <summary>Every leaf of a tree, ascending by key: what a snapshot walks.</summary>
    /// <exception cref="TreeNodeMissingException">A node is missing.</exception>
    public static IEnumerable<TreeLeaf> Leaves(ITreeNodes nodes, Subtree root)
    {
        Stack<(Subtree Tree, byte[] Path)> pending = new();
        pending.Push((root, []));
        while (pending.TryPop(out (Subtree Tree, byte[] Path) next))
        {
            if (next.Tree.Kind == Subtree.LeafKind)
            {
                yield return next.Tree.Leaf;
            }
            else if (next.Tree.Kind == Subtree.InnerKind)
            {
                Subtree[] children = Load(nodes, new TreeNodeKey(next.Tree.Height, next.Path));
                for (int i = Radix - 1; i >= 0; i--)
                {
                    if (!children[i].IsEmpty)
                    {
                        pending.Push((children[i], [.. next.Path, (byte)i]));
                    }
                }
            }
        }
    }

    internal static byte[] Nibbles(Hash32 key)
    {
        byte[] nibbles = new byte[2 * Hash32.Length];
        Span<byte> bytes = stackalloc byte[Hash32.Length];
        key.CopyTo(bytes);
        for (int i = 0; i < bytes.Length; i++)
        {
            nibbles[2 * i] = (byte)(bytes[i] >> 4);
            nibbles[(2 * i) + 1] = (byte)(bytes[i] & 15);
        }

        return nibbles;
    }

    internal static int NibbleAt(Hash32 key, int depth)
    {
        Span<byte> bytes = stackalloc byte[Hash32.Length];
        key.CopyTo(bytes);
        byte pair = bytes[depth >> 1];
        return (depth & 1) == 0 ? pair >> 4 : pair & 15;
    }

    /// <summary>A node is a bitmap u16 of the children that are not empty, then each of them.</summary>
    internal static byte[] EncodeNode(ReadOnlySpan<Subtree> children)
    {
        BcsWriter writer = new(256);
        ushort present = 0;
        for (int i = 0; i < Radix; i++)
        {
            present |= children[i].IsEmpty ? (ushort)0 : (ushort)(1 << i);
        }

        writer.U16(present);
        foreach (Subtree child in children)
        {
            if (!child.IsEmpty)
            {
                child.Write(writer);
            }
        }

        return writer.ToArray();
    }

    internal static Subtree[] Load(ITreeNodes nodes, TreeNodeKey key)
    {
        byte[] bytes = nodes.TryGet(key) ?? throw new TreeNodeMissingException(key);
        BcsReader reader = new(bytes);
        ushort present = reader.U16();
        Subtree[] children = new Subtree[Radix];
        for (int i = 0; i < Radix; i++)
        {
            if ((present & (1 << i)) != 0)
            {
                children[i] = Subtree.Read(ref reader);
            }
        }

        reader.End();
        return children;
    }

    /// <summary>The hash of an aligned range of children: the binary levels inside a node.</summary>
    internal static Hash32 RangeHash(ReadOnlySpan<Subtree> range)
    {
        if (range.Length == 1 || IsSingle(range))
        {
            return Only(range).Hash;
        }

        int half = range.Length / 2;
        return MerkleList.Inner(RangeHash(range[..half]), RangeHash(range[half..]));
    }

    // at most one child, and that a leaf: the range is that leaf, or empty
    private static bool IsSingle(ReadOnlySpan<Subtree> range)
    {
        int count = 0;
        foreach (Subtree child in range)
        {
            if (child.Kind == Subtree.InnerKind || (!child.IsEmpty && ++count > 1))
            {
                return false;
            }
        }

        return true;
    }

    private static Subtree Only(ReadOnlySpan<Subtree> range)
    {
        foreach (Subtree child in range)
        {
            if (!child.IsEmpty)
            {
                return child;
            }
        }

        return Subtree.Empty;
    }
}
