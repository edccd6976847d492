namespace Theseus.Protocol;

/// <summary>One run of <see cref="StateTree.Update"/>: collects written and stale nodes.</summary>
internal sealed class StateTreeUpdate(ITreeNodes nodes, ulong height)
{
    private readonly List<(TreeNodeKey Key, byte[] Node)> _written = [];
    private readonly List<TreeNodeKey> _stale = [];
    private readonly byte[] _path = new byte[2 * Hash32.Length];

    public TreeUpdate Finish(Subtree root)
    {
        _written.Sort(static (a, b) => a.Key.CompareTo(b.Key));
        return new TreeUpdate(root, _written, _stale);
    }

    /// <summary>
    /// Applies sorted changes, all on the current path, to a subtree at a depth in nibbles (at most 64, so recursion is
    /// bounded).
    /// </summary>
    public Subtree Apply(Subtree tree, int depth, ReadOnlySpan<TreeChange> changes)
    {
        if (changes.Length == 0)
        {
            return tree;
        }

        if (tree.Kind != Subtree.InnerKind)
        {
            return Build(Merge(tree, changes), depth);
        }

        TreeNodeKey key = new(tree.Height, _path.AsSpan(0, depth));
        Subtree[] children = StateTree.Load(nodes, key);
        bool changed = false;
        while (changes.Length > 0)
        {
            int nibble = StateTree.NibbleAt(changes[0].Key, depth);
            int count = 1;
            while (count < changes.Length && StateTree.NibbleAt(changes[count].Key, depth) == nibble)
            {
                count++;
            }

            _path[depth] = (byte)nibble;
            Subtree child = Apply(children[nibble], depth + 1, changes[..count]);
            changed |= child != children[nibble];
            children[nibble] = child;
            changes = changes[count..];
        }

        if (!changed)
        {
            return tree; // deleting what is absent, or writing what stands
        }

        _stale.Add(key);
        return Store(children, depth);
    }

    private Subtree Build(ReadOnlySpan<TreeLeaf> leaves, int depth)
    {
        if (leaves.Length <= 1)
        {
            return leaves.Length == 0 ? Subtree.Empty : Subtree.OfLeaf(leaves[0]);
        }

        Subtree[] children = new Subtree[StateTree.Radix];
        while (leaves.Length > 0)
        {
            int nibble = StateTree.NibbleAt(leaves[0].Key, depth);
            int count = 1;
            while (count < leaves.Length && StateTree.NibbleAt(leaves[count].Key, depth) == nibble)
            {
                count++;
            }

            _path[depth] = (byte)nibble;
            children[nibble] = Build(leaves[..count], depth + 1);
            leaves = leaves[count..];
        }

        return Store(children, depth);
    }

    private Subtree Store(Subtree[] children, int depth)
    {
        int count = 0;
        Subtree last = Subtree.Empty;
        foreach (Subtree child in children)
        {
            if (!child.IsEmpty)
            {
                count++;
                last = child;
            }
        }

        // a subtree with one key is that leaf (execution 3); one inner child stays, its bits are part of the path
        if (count == 0 || (count == 1 && last.Kind == Subtree.LeafKind))
        {
            return last;
        }

        TreeNodeKey key = new(height, _path.AsSpan(0, depth));
        _written.Add((key, StateTree.EncodeNode(children)));
        return Subtree.OfInner(height, StateTree.RangeHash(children));
    }

    private static TreeLeaf[] Merge(Subtree tree, ReadOnlySpan<TreeChange> changes)
    {
        List<TreeLeaf> leaves = new(changes.Length + 1);
        bool placed = tree.IsEmpty;
        foreach (TreeChange change in changes)
        {
            if (!placed && tree.Leaf.Key < change.Key)
            {
                leaves.Add(tree.Leaf);
                placed = true;
            }

            placed |= tree.Leaf.Key == change.Key; // overwritten or deleted
            if (change.Value is { } value)
            {
                leaves.Add(new TreeLeaf(change.Key, value));
            }
        }

        if (!placed)
        {
            leaves.Add(tree.Leaf);
        }

        return [.. leaves];
    }
}
