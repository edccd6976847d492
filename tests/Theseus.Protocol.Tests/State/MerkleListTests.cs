using System.Security.Cryptography;
using System.Text;

namespace Theseus.Protocol.Tests;

public class MerkleListTests
{
    [Fact]
    public void TheListVector() =>
        Assert.Equal("36642e73c2540ab121e3a6bf9545b0a24982cd830eb13d3cd19de3ce6c021ec1",
            MerkleList.Root(["a"u8.ToArray(), "b"u8.ToArray(), "c"u8.ToArray()]).ToString());

    [Fact]
    public void AnEmptyListIs32Zeros() => Assert.Equal(Hash32.Zero, MerkleList.Root([]));

    [Fact]
    public void OneItemIsItsLeaf() =>
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData([0, 1, 2])), MerkleList.Root([[1, 2]]).ToString());

    [Fact]
    public void EveryItemOfEverySmallListIsProvenAndNothingElse()
    {
        for (int count = 1; count <= 33; count++)
        {
            byte[][] items = [.. Enumerable.Range(0, count).Select(i => Encoding.ASCII.GetBytes($"item {i}"))];
            Hash32 root = MerkleList.Root(items);
            for (int index = 0; index < count; index++)
            {
                IReadOnlyList<Hash32> proof = MerkleList.Prove(items, index);
                Assert.True(MerkleList.Verify(root, items[index], index, count, proof));
                Assert.False(MerkleList.Verify(root, "other"u8, index, count, proof));
                Assert.False(MerkleList.Verify(root, items[index], index, count + 1, [.. proof, Hash32.Zero]));
                Assert.False(MerkleList.Verify(root, items[index], count, count, proof));
                Assert.False(MerkleList.Verify(root, items[index], -1, count, proof));
                if (count > 1)
                {
                    Assert.False(MerkleList.Verify(root, items[index], (index + 1) % count, count, proof));
                    Assert.False(MerkleList.Verify(root, items[index], index, count, [.. proof.Skip(1)]));
                }
            }
        }
    }

    [Fact]
    public void AnInnerNodeIsNoItem()
    {
        // second preimage: the concatenation of two leaves must not pass as an item
        byte[][] items = [[1], [2]];
        byte[] forged = [.. MerkleList.Leaf(items[0]).ToArray(), .. MerkleList.Leaf(items[1]).ToArray()];
        Assert.NotEqual(MerkleList.Root(items), MerkleList.Root([forged]));
    }
}
