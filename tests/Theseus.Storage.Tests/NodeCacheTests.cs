using Theseus.Protocol;

namespace Theseus.Storage.Tests;

/// <summary>Tree nodes in memory: whatever is asked for is the node of that key or nothing.</summary>
public class NodeCacheTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4)] // the lowest level that is kept whole
    [InlineData(5)]
    [InlineData(64)]
    public void ANodeIsFoundUnderItsOwnHeightAndPathOnly(int depth)
    {
        NodeCache cache = new();
        byte[] path = [.. Enumerable.Range(0, depth).Select(static i => (byte)(i % 16))];
        byte[] other = [.. path.Select(static nibble => (byte)(15 - nibble))];
        TreeNode node = Node(1);
        cache.Keep(new TreeNodeKey(7, path), node);
        Assert.Same(node, cache.TryGet(new TreeNodeKey(7, path)));
        Assert.Null(cache.TryGet(new TreeNodeKey(6, path)));
        Assert.Null(cache.TryGet(new TreeNodeKey(8, path)));
        if (depth > 0)
        {
            Assert.Null(cache.TryGet(new TreeNodeKey(7, other)));
            Assert.Null(cache.TryGet(new TreeNodeKey(7, path[1..])));
        }
    }

    [Fact]
    public void InTheUpperLevelsTheNewestNodeOfAPathStays()
    {
        NodeCache cache = new();
        TreeNode newest = Node(2);
        cache.Keep(new TreeNodeKey(7, [3, 4]), Node(1));
        cache.Keep(new TreeNodeKey(9, [3, 4]), newest);
        cache.Keep(new TreeNodeKey(8, [3, 4]), Node(3)); // a proof of an older height reads it
        Assert.Same(newest, cache.TryGet(new TreeNodeKey(9, [3, 4])));
        Assert.Null(cache.TryGet(new TreeNodeKey(8, [3, 4])));
    }

    [Fact]
    public void EveryPathOfTheUpperLevelsHasAPlaceOfItsOwn()
    {
        NodeCache cache = new();
        List<(TreeNodeKey Key, TreeNode Node)> kept = [];
        for (int depth = 0; depth <= 3; depth++)
        {
            for (int path = 0; path < 1 << (4 * depth); path++)
            {
                byte[] nibbles = [.. Enumerable.Range(0, depth).Select(i => (byte)((path >> (4 * (depth - 1 - i))) & 15))];
                kept.Add((new TreeNodeKey(5, nibbles), Node((byte)depth)));
                cache.Keep(kept[^1].Key, kept[^1].Node);
            }
        }

        Assert.Equal(1 + 16 + 256 + 4_096, kept.Count);
        Assert.All(kept, entry => Assert.Same(entry.Node, cache.TryGet(entry.Key)));
    }

    // Bitmap of the first two children, each a single key.
    private static TreeNode Node(byte value) => TreeNode.Decode(
        [3, 0, 1, .. new byte[32], .. new byte[31], value, 1, .. new byte[31], 1, .. new byte[31], value]);
}
