using System.Buffers.Binary;
using System.Numerics;

namespace Theseus.Protocol;

/// <summary>
/// A stored node of the state tree with its 16 children. Stored are a bitmap u16 of the children that are not empty and then each of them
/// (<see cref="Subtree"/>); the hashes of the four binary levels inside are not stored. A node that an update made holds them in memory, so
/// that the next update makes only those again that a changed child changes: four a child instead of fifteen. Never changes.
/// </summary>
public sealed class TreeNode
{
    internal const int Radix = 16;

    private const int PresentBytes = sizeof(ushort);
    private const int InnerBytes = 1 + sizeof(ulong) + Hash32.Length;
    private const int LeafBytes = 1 + (2 * Hash32.Length);

    private readonly byte[] _bytes;
    private readonly ushort _inner; // children that are inner nodes
    private readonly ushort _leaves; // children that are single keys
    private readonly Hash32[]? _ranges; // 1 all children, 2 and 3 the halves, 8 to 15 the pairs; 0 is not used

    private TreeNode(byte[] bytes, ushort inner, ushort leaves, Hash32[]? ranges)
    {
        _bytes = bytes;
        _inner = inner;
        _leaves = leaves;
        _ranges = ranges;
    }

    /// <summary>The stored form.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>Bytes of memory that the node takes, without objects' headers.</summary>
    public int Size => _bytes.Length + ((_ranges?.Length ?? 0) * Hash32.Length);

    /// <summary>Reads the stored form. The bytes belong to the node from now on.</summary>
    /// <exception cref="BcsException">The bytes are not a node.</exception>
    public static TreeNode Decode(byte[] bytes)
    {
        BcsReader reader = new(bytes);
        ushort present = reader.U16();
        int inner = 0;
        int leaves = 0;
        for (int rest = present; rest != 0; rest &= rest - 1)
        {
            int child = rest & -rest;
            byte kind = reader.U8();
            switch (kind)
            {
                case Subtree.LeafKind:
                    leaves |= child;
                    reader.Raw(LeafBytes - 1);
                    break;
                case Subtree.InnerKind:
                    inner |= child;
                    reader.Raw(InnerBytes - 1);
                    break;
                default:
                    throw reader.Fail($"subtree kind {kind} in a node");
            }
        }

        reader.End();
        return new TreeNode(bytes, (ushort)inner, (ushort)leaves, null);
    }

    /// <summary>A node of these children.</summary>
    /// <param name="children">All 16.</param>
    /// <param name="before">A node from which it was made; null for none.</param>
    /// <param name="changed">Bitmap of the children that may differ from those of <paramref name="before"/>.</param>
    internal static TreeNode Of(ReadOnlySpan<Subtree> children, TreeNode? before, ushort changed)
    {
        int inner = 0;
        int leaves = 0;
        for (int i = 0; i < Radix; i++)
        {
            inner |= children[i].Kind == Subtree.InnerKind ? 1 << i : 0;
            leaves |= children[i].Kind == Subtree.LeafKind ? 1 << i : 0;
        }

        byte[] bytes = new byte[PresentBytes + (BitOperations.PopCount((uint)inner) * InnerBytes)
            + (BitOperations.PopCount((uint)leaves) * LeafBytes)];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)(inner | leaves));
        Span<byte> rest = bytes.AsSpan(PresentBytes);
        for (int i = 0; i < Radix; i++)
        {
            rest = rest[children[i].Write(rest)..];
        }

        Hash32[] ranges = new Hash32[Radix];
        bool isKnown = before?._ranges is not null;
        if (isKnown)
        {
            before!._ranges!.CopyTo(ranges, 0);
        }

        TreeNode node = new(bytes, (ushort)inner, (ushort)leaves, ranges);
        for (int range = Radix - 1; range > 0; range--)
        {
            if (!isKnown || (changed & Mask(range)) != 0)
            {
                ranges[range] = node.HashOf(range, children, ranges);
            }
        }

        return node;
    }

    /// <summary>Hash of all children together: the node's own.</summary>
    internal Hash32 Hash => Range(1);

    /// <summary>A child.</summary>
    internal Subtree Child(int nibble)
    {
        int bit = 1 << nibble;
        if (((_inner | _leaves) & bit) == 0)
        {
            return Subtree.Empty;
        }

        ReadOnlySpan<byte> child = _bytes.AsSpan(Offset(nibble) + 1);
        return (_inner & bit) != 0
            ? Subtree.OfInner(BinaryPrimitives.ReadUInt64LittleEndian(child), new Hash32(child.Slice(sizeof(ulong), Hash32.Length)))
            : Subtree.OfLeaf(new TreeLeaf(new Hash32(child[..Hash32.Length]), new Hash32(child.Slice(Hash32.Length, Hash32.Length))));
    }

    /// <summary>The height that wrote a child, when it is an inner node.</summary>
    internal ulong? InnerHeight(int nibble) => (_inner & (1 << nibble)) == 0
        ? null
        : BinaryPrimitives.ReadUInt64LittleEndian(_bytes.AsSpan(Offset(nibble) + 1));

    /// <summary>Writes all children to a place for 16.</summary>
    internal void CopyTo(Span<Subtree> children)
    {
        for (int i = 0; i < Radix; i++)
        {
            children[i] = Child(i);
        }
    }

    /// <summary>The hash of an aligned range of children, as places of a heap: 1 is all, n has the halves 2n and 2n + 1, the children
    /// begin at 16.</summary>
    internal Hash32 Range(int range)
    {
        if (range >= Radix)
        {
            return Child(range - Radix).Hash;
        }

        if (_ranges is not null)
        {
            return _ranges[range];
        }

        return IsSingle(range, out int only)
            ? only < 0 ? Hash32.Zero : Child(only).Hash
            : MerkleList.Inner(Range(2 * range), Range((2 * range) + 1));
    }

    /// <summary>Whether a range has at most one child, and that a leaf: it is that leaf, or empty.</summary>
    /// <param name="range">The range.</param>
    /// <param name="only">The leaf's nibble; -1 when the range is empty.</param>
    internal bool IsSingle(int range, out int only)
    {
        int leaves = _leaves & Mask(range);
        only = leaves == 0 ? -1 : BitOperations.TrailingZeroCount(leaves);
        return (_inner & Mask(range)) == 0 && (leaves & (leaves - 1)) == 0;
    }

    private Hash32 HashOf(int range, ReadOnlySpan<Subtree> children, Hash32[] ranges)
    {
        if (IsSingle(range, out int only))
        {
            return only < 0 ? Hash32.Zero : 2 * range >= Radix ? children[only].Hash : ranges[Half(range, only)];
        }

        int left = 2 * range;
        return left >= Radix
            ? MerkleList.Inner(children[left - Radix].Hash, children[left + 1 - Radix].Hash)
            : MerkleList.Inner(ranges[left], ranges[left + 1]);
    }

    // Which half of a range holds a child.
    private static int Half(int range, int nibble) => (Mask(2 * range) & (1 << nibble)) != 0 ? 2 * range : (2 * range) + 1;

    // Bitmap of the children in a range.
    private static int Mask(int range)
    {
        int width = Radix >> BitOperations.Log2((uint)range);
        return ((1 << width) - 1) << ((range * width) & (Radix - 1));
    }

    private int Offset(int nibble)
    {
        uint below = (1u << nibble) - 1;
        return PresentBytes + (BitOperations.PopCount(_inner & below) * InnerBytes) + (BitOperations.PopCount(_leaves & below) * LeafBytes);
    }
}
