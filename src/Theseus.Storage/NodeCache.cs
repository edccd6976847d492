using Theseus.Protocol;

namespace Theseus.Storage;

/// <summary>
/// Tree nodes in memory, with the hashes inside them. Every block changes most nodes of the upper levels: the newest of each path is kept,
/// however many there are below. Of the others those used lately are kept. A node never changes, so nothing here is ever wrong. Safe from
/// any thread.
/// </summary>
internal sealed class NodeCache
{
    /// <summary>Levels kept whole: 69,905 nodes of 1.3 KB at most. A small state has fewer.</summary>
    private const int TopLevels = 5;

    private const int BitsPerLevel = 4;

    /// <summary>Of the nodes below: several blocks' worth.</summary>
    private const long LowerBytes = 32L << 20;

    private readonly Entry?[] _top = new Entry?[FirstOf(TopLevels)];
    private readonly RecentRows<TreeNodeKey, TreeNode> _lower = new(LowerBytes, static node => node.Size);

    /// <summary>The node of a key, if it is here.</summary>
    public TreeNode? TryGet(TreeNodeKey key)
    {
        if (PlaceOf(key) is int place)
        {
            return Volatile.Read(ref _top[place]) is { } entry && entry.Key.Equals(key) ? entry.Node : null;
        }

        return _lower.TryGet(key, out TreeNode? node) ? node : null;
    }

    /// <summary>Keeps a node; in the upper levels a newer one of the same path stays.</summary>
    public void Keep(TreeNodeKey key, TreeNode node)
    {
        if (PlaceOf(key) is not int place)
        {
            _lower.Remember(key, node, _lower.Changes);
        }
        else if (Volatile.Read(ref _top[place]) is not { } entry || entry.Key.CompareTo(key) < 0)
        {
            Volatile.Write(ref _top[place], new Entry(key, node));
        }
    }

    // Place of a path among the upper levels, level by level; null for one below.
    private static int? PlaceOf(TreeNodeKey key)
    {
        ReadOnlySpan<byte> nibbles = key.Bytes[sizeof(ulong)..];
        if (nibbles.Length >= TopLevels)
        {
            return null;
        }

        int path = 0;
        foreach (byte nibble in nibbles)
        {
            path = (path << BitsPerLevel) | nibble;
        }

        return FirstOf(nibbles.Length) + path;
    }

    // Nodes above a level: 0, 1, 17, 273, 4,369, 69,905.
    private static int FirstOf(int level) => ((1 << (BitsPerLevel * level)) - 1) / ((1 << BitsPerLevel) - 1);

    private sealed record Entry(TreeNodeKey Key, TreeNode Node);
}
