using System.Buffers.Binary;

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
        BinaryPrimitives.WriteUInt64BigEndian(_bytes, height);
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
    /// <summary>The node, or null when there is none of this key.</summary>
    TreeNode? TryGet(TreeNodeKey key);
}

/// <summary>A tree node that should be stored is not: a broken store, or a height outside the proof window.</summary>
public sealed class TreeNodeMissingException(TreeNodeKey key) : Exception($"tree node {key} is missing");

/// <summary>
/// A reference to a subtree: empty, a single key, or a stored inner node with its hash and the height that wrote it. The
/// reference of the whole tree is what a store keeps for each height. Encoding: 0 | 1 key 32 value 32 | 2 height u64 hash 32.
/// </summary>
public readonly record struct Subtree
{
    private readonly Hash32 _first; // a leaf's key
    private readonly Hash32 _second; // a leaf's value, or an inner node's hash

    private Subtree(byte kind, ulong height, Hash32 first, Hash32 second)
    {
        Kind = kind;
        Height = height;
        _first = first;
        _second = second;
    }

    internal const byte EmptyKind = 0;
    internal const byte LeafKind = 1;
    internal const byte InnerKind = 2;

    /// <summary>The tree of an empty state; its hash is zero.</summary>
    public static Subtree Empty => default;

    internal byte Kind { get; }

    internal TreeLeaf Leaf => new(_first, _second);

    internal ulong Height { get; }

    /// <summary>The root hash of the subtree; that of a single key is made when it is asked for.</summary>
    public Hash32 Hash => Kind == LeafKind ? Leaf.Hash() : _second;

    internal bool IsEmpty => Kind == EmptyKind;

    internal static Subtree OfLeaf(TreeLeaf leaf) => new(LeafKind, 0, leaf.Key, leaf.Value);

    internal static Subtree OfInner(ulong height, Hash32 hash) => new(InnerKind, height, Hash32.Zero, hash);

    /// <summary>Canonical bytes of the reference, at most 65.</summary>
    public byte[] Encode()
    {
        Span<byte> bytes = stackalloc byte[1 + (2 * Hash32.Length)];
        bytes[0] = EmptyKind;
        return bytes[..int.Max(1, Write(bytes))].ToArray();
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

    /// <summary>Writes the reference; nothing for an empty one.</summary>
    /// <returns>Bytes written.</returns>
    internal int Write(Span<byte> to)
    {
        if (Kind == EmptyKind)
        {
            return 0;
        }

        to[0] = Kind;
        if (Kind == LeafKind)
        {
            _first.CopyTo(to[1..]);
            _second.CopyTo(to[(1 + Hash32.Length)..]);
            return 1 + (2 * Hash32.Length);
        }

        BinaryPrimitives.WriteUInt64LittleEndian(to[1..], Height);
        _second.CopyTo(to[(1 + sizeof(ulong))..]);
        return 1 + sizeof(ulong) + Hash32.Length;
    }

    private static Subtree Read(ref BcsReader reader)
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
public sealed record TreeUpdate(Subtree Root, IReadOnlyList<(TreeNodeKey Key, TreeNode Node)> Written, IReadOnlyList<TreeNodeKey> Stale);

/// <summary>
/// The state tree over stored nodes, persistent: an update writes new nodes and leaves the old ones, so every height's tree
/// stays readable until it is pruned. Nodes have 16 children (storage only, the hashes are those of <see cref="SparseMerkle"/>);
/// a subtree with one key is kept in its parent and has no node.
/// </summary>
public static class StateTree
{
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
            TreeNode node = Load(nodes, new TreeNodeKey(here.Height, path.AsSpan(0, depth)));
            int range = 1;
            int only = path[depth];
            for (int bit = BitsPerNode - 1; range < TreeNode.Radix && !node.IsSingle(range, out only); bit--)
            {
                range = (2 * range) + ((path[depth] >> bit) & 1);
                siblings.Add(node.Range(range ^ 1));
                only = path[depth];
            }

            here = only < 0 ? Subtree.Empty : node.Child(only);
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
            height = node.InnerHeight(path[depth]);
        }
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
                TreeNode node = Load(nodes, new TreeNodeKey(next.Tree.Height, next.Path));
                for (int i = TreeNode.Radix - 1; i >= 0; i--)
                {
                    if (node.Child(i) is { IsEmpty: false } child)
                    {
                        pending.Push((child, [.. next.Path, (byte)i]));
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

    internal static TreeNode Load(ITreeNodes nodes, TreeNodeKey key) => nodes.TryGet(key) ?? throw new TreeNodeMissingException(key);
}
