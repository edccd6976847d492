namespace Theseus.Protocol;

/// <summary>One run of <see cref="StateTree.Update"/>: collects written and stale nodes.</summary>
/// <param name="nodes">The stored nodes.</param>
/// <param name="height">Names the new nodes.</param>
/// <param name="path">Nibbles above the part of the tree that this run changes.</param>
internal sealed class StateTreeUpdate(ITreeNodes nodes, ulong height, ReadOnlySpan<byte> path)
{
    private readonly List<(TreeNodeKey Key, TreeNode Node)> _written = [];
    private readonly List<TreeNodeKey> _stale = [];
    private readonly Subtree[]?[] _children = new Subtree[]?[2 * Hash32.Length];
    private readonly byte[] _path = [.. path, .. new byte[(2 * Hash32.Length) - path.Length]];

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
        TreeNode node = StateTree.Load(nodes, key);
        Subtree[] children = Children(depth);
        node.CopyTo(children);
        int changed = 0;
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
            changed |= child != children[nibble] ? 1 << nibble : 0;
            children[nibble] = child;
            changes = changes[count..];
        }

        if (changed == 0)
        {
            return tree; // deleting what is absent, or writing what stands
        }

        _stale.Add(key);
        return Store(children, depth, node, (ushort)changed);
    }

    /// <summary>Applies sorted changes to the whole tree, a run of its own for each child of the root.</summary>
    public Subtree ApplySideBySide(Subtree root, TreeChange[] changes, Action<int, Action<int>> forEach)
    {
        if (changes.Length == 0 || root.Kind != Subtree.InnerKind)
        {
            return Apply(root, 0, changes);
        }

        TreeNodeKey key = new(root.Height, []);
        TreeNode node = StateTree.Load(nodes, key);
        Subtree[] before = new Subtree[TreeNode.Radix];
        node.CopyTo(before);
        Subtree[] after = [.. before];
        StateTreeUpdate[] parts = [.. Enumerable.Range(0, TreeNode.Radix)
            .Select(nibble => new StateTreeUpdate(nodes, height, [(byte)nibble]))];
        int[] first = [.. Enumerable.Range(0, TreeNode.Radix + 1).Select(nibble => FirstOf(changes, nibble))];
        forEach(TreeNode.Radix, nibble =>
            after[nibble] = parts[nibble].Apply(before[nibble], 1, changes.AsSpan(first[nibble]..first[nibble + 1])));
        foreach (StateTreeUpdate part in parts)
        {
            _written.AddRange(part._written);
            _stale.AddRange(part._stale);
        }

        if (after.AsSpan().SequenceEqual(before))
        {
            return root;
        }

        _stale.Add(key);
        return Store(after, 0, node, ushort.MaxValue);
    }

    // Place of the first change whose key begins with this nibble or a higher one.
    private static int FirstOf(TreeChange[] changes, int nibble)
    {
        int place = 0;
        while (place < changes.Length && StateTree.NibbleAt(changes[place].Key, 0) < nibble)
        {
            place++;
        }

        return place;
    }

    private Subtree Build(ReadOnlySpan<TreeLeaf> leaves, int depth)
    {
        if (leaves.Length <= 1)
        {
            return leaves.Length == 0 ? Subtree.Empty : Subtree.OfLeaf(leaves[0]);
        }

        Subtree[] children = Children(depth);
        children.AsSpan().Clear();
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

        return Store(children, depth, null, ushort.MaxValue);
    }

    // A place for the children of the node at a depth that is being changed; of each depth there is one at a time.
    private Subtree[] Children(int depth) => _children[depth] ??= new Subtree[TreeNode.Radix];

    private Subtree Store(ReadOnlySpan<Subtree> children, int depth, TreeNode? before, ushort changed)
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
        TreeNode node = TreeNode.Of(children, before, changed);
        _written.Add((key, node));
        return Subtree.OfInner(height, node.Hash);
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
