using static Theseus.Protocol.Tests.TransactionVectors;

namespace Theseus.Protocol.Tests;

public class StateTreeTests
{
    private static readonly StateKey A = StateKey.Resource(Address.Parse(Address1), new StructTag(Address.One, "account", "Account", []));
    private static readonly StateKey B = StateKey.Module(new ModuleId(Address.One, "coin"));
    private static readonly StateKey C = StateKey.TableItem(new Hash32([.. Enumerable.Repeat((byte)0x11, 32)]), [5]);

    private static readonly StateWrite[] Vector =
    [
        new(A, BitConverter.GetBytes(7UL)),
        new(B, [0xa1, 0x1c, 0xeb, 0x0b]),
        new(C, [1]),
    ];

    [Fact]
    public void KeysOfTheVectors()
    {
        Assert.Equal("02" + string.Concat(Enumerable.Repeat("11", 32)) + "0105", C.ToString());
        Assert.Equal("1cdb99cf5ec53f5ea9a2cb86cc281c52ea29db788b2feff6244538810c572c89", A.TreeKey().ToString());
        Assert.Equal("ceaa59bfa9e616791f59e1ac536c313279429cf51e3559563f2363b056bf980b", B.TreeKey().ToString());
        Assert.Equal("8a8d1edb30a29ff4f61da2d8037b8b1c73fa4171766a003393e6c81895bfd9ad", C.TreeKey().ToString());
    }

    [Theory]
    [InlineData(1, "c935678824e61fb9ff47be790bb2f50029d00351626cbe3bd9b55d212e857a59")]
    [InlineData(2, "f518f9ff445c091e1fd525767dd72aef9f1fae9d2bb01c1a43d5e8b08233cf93")]
    [InlineData(3, "d186542f253eab08899ae7e2e7c0d0f1e295ffa7c2ae92ab9bd38de99caf2f64")]
    public void RootsOfTheVectorsByBothTrees(int count, string root)
    {
        WriteSet writes = WriteSet.From(Vector[..count]);
        Assert.Equal(root, SparseMerkle.Root(writes).ToString());

        MemoryNodes nodes = new();
        Assert.Equal(root, nodes.Update(Subtree.Empty, 1, StateTree.Changes(writes)).Hash.ToString());
    }

    [Fact]
    public void TheEmptyTreeIs32ZerosAndProvesAbsence()
    {
        Assert.Equal(Hash32.Zero, SparseMerkle.Root([]));
        Assert.True(SparseMerkle.Verify(Hash32.Zero, A, null, SparseMerkle.Prove([], A.TreeKey())));
        Assert.False(SparseMerkle.Verify(Hash32.Zero, A, [1], SparseMerkle.Prove([], A.TreeKey())));
    }

    [Fact]
    public void TheCodeRootVector() =>
        Assert.Equal("4c3881b4229890a143338a6c6c533fd920cb00b7d16abbe1b9e84eddd54f0416",
            ExecutionRoots.OfCode([("coin", [0xa1, 0x1c, 0xeb, 0x0b]), ("account", [0xa1, 0x1c, 0xeb, 0x0b, 0x01])]).ToString());

    [Fact]
    public void TheCodeRootOfAStateIsOverTheModulesAt0x1Only()
    {
        WriteSet state = WriteSet.From([
            .. Vector,
            new StateWrite(StateKey.Module(new ModuleId(Address.One, "account")), [0xa1, 0x1c, 0xeb, 0x0b, 0x01]),
            new StateWrite(StateKey.Module(new ModuleId(Address.FromShort(2), "other")), [9]),
        ]);
        Assert.Equal("4c3881b4229890a143338a6c6c533fd920cb00b7d16abbe1b9e84eddd54f0416", ExecutionRoots.OfCode(state).ToString());
    }

    /// <summary>A tree grown and pruned over many heights equals the naive one at every height, proofs included.</summary>
    [Theory]
    [InlineData(1, 40, 12)]
    [InlineData(2, 60, 40)]
    [InlineData(3, 25, 200)]
    [InlineData(4, 120, 3)]
    public void TheStoredTreeEqualsTheNaiveOneAtEveryHeight(int seed, int heights, int perHeight)
    {
        Random random = new(seed);
        MemoryNodes nodes = new();
        SortedDictionary<Hash32, Hash32> truth = [];
        List<(Subtree Root, TreeLeaf[] Leaves)> history = [];
        Subtree root = Subtree.Empty;
        Hash32[] pool = [.. Enumerable.Range(0, perHeight * 3).Select(_ => Key(random))];

        for (ulong height = 1; height <= (ulong)heights; height++)
        {
            Dictionary<Hash32, Hash32?> changes = [];
            for (int i = random.Next(perHeight); i >= 0; i--)
            {
                changes[pool[random.Next(pool.Length)]] = random.Next(3) == 0 ? null : Key(random);
            }

            root = nodes.Update(root, height, changes.Select(change => new TreeChange(change.Key, change.Value)));
            foreach ((Hash32 key, Hash32? value) in changes)
            {
                if (value is { } present)
                {
                    truth[key] = present;
                }
                else
                {
                    truth.Remove(key);
                }
            }

            history.Add((root, [.. truth.Select(pair => new TreeLeaf(pair.Key, pair.Value))]));
        }

        // all at the end: later heights must not have disturbed earlier ones
        foreach ((Subtree past, TreeLeaf[] leaves) in history)
        {
            Assert.Equal(SparseMerkle.Root(leaves), past.Hash);
            Assert.Equal(leaves, StateTree.Leaves(nodes, past));
            foreach (Hash32 key in pool.Take(8).Append(Key(random)))
            {
                StateProof proof = StateTree.Prove(nodes, past, key);
                StateProof naive = SparseMerkle.Prove(leaves, key);
                Assert.Equal(naive.Leaf, proof.Leaf);
                Assert.Equal(naive.Siblings, proof.Siblings);
                Hash32? value = leaves.Where(leaf => leaf.Key == key).Select(leaf => (Hash32?)leaf.Value).SingleOrDefault();
                Assert.True(SparseMerkle.Verify(past.Hash, key, value, proof));
                Assert.False(SparseMerkle.Verify(past.Hash, key, Key(random), proof));
                if (value is not null)
                {
                    Assert.False(SparseMerkle.Verify(past.Hash, key, null, proof));
                }
            }
        }
    }

    [Fact]
    public void PruningStaleNodesLeavesExactlyWhatAFreshTreeWouldHold()
    {
        Random random = new(99);
        MemoryNodes nodes = new();
        Subtree root = Subtree.Empty;
        List<TreeNodeKey> stale = [];
        Hash32[] pool = [.. Enumerable.Range(0, 100).Select(_ => Key(random))];
        for (ulong height = 1; height <= 50; height++)
        {
            TreeUpdate update = StateTree.Update(nodes, root, height,
                [.. pool.OrderBy(_ => random.Next()).Take(10)
                    .Select(key => new TreeChange(key, random.Next(3) == 0 ? null : Key(random)))]);
            nodes.Store(update);
            stale.AddRange(update.Stale);
            root = update.Root;
        }

        TreeLeaf[] leaves = [.. StateTree.Leaves(nodes, root)];
        foreach (TreeNodeKey key in stale)
        {
            Assert.True(nodes.Remove(key), "a node goes stale once");
        }

        MemoryNodes fresh = new();
        Subtree rebuilt = fresh.Update(Subtree.Empty, 51, leaves.Select(leaf => new TreeChange(leaf.Key, leaf.Value)));
        Assert.Equal(root.Hash, rebuilt.Hash);
        Assert.Equal(leaves, StateTree.Leaves(nodes, root));
        Assert.Equal(fresh.Count, nodes.Count);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(400)]
    public void SideBySideTheUpdateIsTheSame(int count)
    {
        Random random = new(count);
        MemoryNodes nodes = new();
        Hash32[] pool = [.. Enumerable.Range(0, 500).Select(_ => Key(random)).Distinct()];
        Subtree root = nodes.Update(Subtree.Empty, 1, pool.Take(300).Select(key => new TreeChange(key, Key(random))));
        TreeChange[] changes = [.. pool.OrderBy(_ => random.Next()).Take(count)
            .Select(key => new TreeChange(key, random.Next(3) == 0 ? null : Key(random)))];
        TreeUpdate expected = StateTree.Update(nodes, root, 2, changes);
        TreeUpdate update = StateTree.Update(nodes, root, 2, changes, static (n, action) => Parallel.For(0, n, action));
        Assert.Equal(expected.Root, update.Root);
        Assert.Equal(expected.Written.Select(static node => (node.Key, Convert.ToHexString(node.Node.Bytes))),
            update.Written.Select(static node => (node.Key, Convert.ToHexString(node.Node.Bytes))));
        Assert.Equal(expected.Stale.Order(), update.Stale.Order());
    }

    [Fact]
    public void AVisitAsksForTheNodesThatAProofNeeds()
    {
        Random random = new(5);
        MemoryNodes nodes = new();
        Hash32[] pool = [.. Enumerable.Range(0, 300).Select(_ => Key(random)).Distinct()];
        Subtree root = nodes.Update(Subtree.Empty, 1, pool.Take(200).Select(key => new TreeChange(key, Key(random))));
        foreach (Hash32 key in pool) // the last hundred are absent
        {
            AskedNodes proof = new(nodes);
            StateTree.Prove(proof, root, key);
            AskedNodes visit = new(nodes);
            StateTree.Visit(visit, root, key);
            Assert.NotEmpty(visit.Asked);
            Assert.Equal(proof.Asked, visit.Asked);
        }

        AskedNodes none = new(nodes);
        StateTree.Visit(none, Subtree.Empty, pool[0]);
        Assert.Empty(none.Asked);
    }

    private sealed class AskedNodes(ITreeNodes nodes) : ITreeNodes
    {
        public List<TreeNodeKey> Asked { get; } = [];

        public TreeNode? TryGet(TreeNodeKey key)
        {
            Asked.Add(key);
            return nodes.TryGet(key);
        }
    }

    [Fact]
    public void WritingWhatStandsAndDeletingWhatIsAbsentChangeNothing()
    {
        MemoryNodes nodes = new();
        Subtree root = nodes.Update(Subtree.Empty, 1, StateTree.Changes(WriteSet.From(Vector)));
        TreeUpdate update = StateTree.Update(nodes, root, 2,
            [new TreeChange(A.TreeKey(), Hashing.Sha256(BitConverter.GetBytes(7UL))), new TreeChange(Hash32.Zero, null)]);
        Assert.Equal(root, update.Root);
        Assert.Empty(update.Written);
        Assert.Empty(update.Stale);
    }

    [Fact]
    public void KeysThatShareAllButTheLastBitLiveSideBySide()
    {
        byte[] one = new byte[32];
        byte[] two = new byte[32];
        two[31] = 1;
        TreeLeaf left = new(new Hash32(one), Hash32.FromHex(Hash1));
        TreeLeaf right = new(new Hash32(two), Hash32.FromHex(Hash2));
        MemoryNodes nodes = new();
        Subtree root = nodes.Update(Subtree.Empty, 1, [new TreeChange(right.Key, right.Value), new TreeChange(left.Key, left.Value)]);

        Hash32 expected = MerkleList.Inner(left.Hash(), right.Hash());
        for (int i = 0; i < 255; i++)
        {
            expected = MerkleList.Inner(expected, Hash32.Zero);
        }

        Assert.Equal(expected, root.Hash);
        Assert.Equal(256, StateTree.Prove(nodes, root, right.Key).Siblings.Count);
        Assert.Equal(left.Hash(), nodes.Update(root, 2, [new TreeChange(right.Key, null)]).Hash);
    }

    [Fact]
    public void AForgedProofIsRefused()
    {
        TreeLeaf[] leaves = [.. Vector.Select(write => TreeLeaf.Of(write.Key, write.Value))];
        Hash32 root = SparseMerkle.Root(leaves);
        StateProof proof = SparseMerkle.Prove(leaves, C.TreeKey());

        Assert.True(SparseMerkle.Verify(root, C, [1], proof));
        Assert.False(SparseMerkle.Verify(root, A, BitConverter.GetBytes(7UL), proof));
        Assert.False(SparseMerkle.Verify(root, C, [1], proof with { Siblings = [.. proof.Siblings.Skip(1)] }));
        Assert.False(SparseMerkle.Verify(root, C, [1], proof with { Siblings = [.. Enumerable.Repeat(Hash32.Zero, 257)] }));

        // B's leaf, genuine at its own place, must not prove that C is absent
        StateProof ofB = SparseMerkle.Prove(leaves, B.TreeKey());
        Assert.False(SparseMerkle.Verify(root, C.TreeKey(), null, ofB));
        Assert.False(SparseMerkle.Verify(root, C.TreeKey(), null, proof with { Leaf = null }));
    }

    [Fact]
    public void ProofsAndReferencesSurviveTheirEncoding()
    {
        TreeLeaf[] leaves = [.. Vector.Select(write => TreeLeaf.Of(write.Key, write.Value))];
        StateProof proof = SparseMerkle.Prove(leaves, C.TreeKey());
        StateProof decoded = StateProof.Decode(proof.Encode());
        Assert.Equal(proof.Leaf, decoded.Leaf);
        Assert.Equal(proof.Siblings, decoded.Siblings);

        MemoryNodes nodes = new();
        Subtree root = nodes.Update(Subtree.Empty, 1, StateTree.Changes(WriteSet.From(Vector)));
        Assert.Equal(root, Subtree.Decode(root.Encode()));
        Subtree single = nodes.Update(Subtree.Empty, 1, StateTree.Changes(WriteSet.From(Vector[..1])));
        Assert.Equal(single, Subtree.Decode(single.Encode()));
        Assert.Equal(Subtree.Empty, Subtree.Decode(Subtree.Empty.Encode()));
    }

    [Fact]
    public void AMissingNodeIsAnErrorOfItsOwn()
    {
        MemoryNodes nodes = new();
        Subtree root = nodes.Update(Subtree.Empty, 1, StateTree.Changes(WriteSet.From(Vector)));
        Assert.Throws<TreeNodeMissingException>(() => StateTree.Prove(new MemoryNodes(), root, A.TreeKey()));
    }

    [Fact]
    public void NodesOfLaterHeightsSortAfterEarlierOnes()
    {
        TreeNodeKey deep = new(1, [15, 15, 15, 15]);
        TreeNodeKey later = new(2, []);
        Assert.True(deep.CompareTo(later) < 0);
        Assert.Equal("0000000000000001" + "0f0f0f0f", deep.ToString());
    }

    [Fact]
    public void StateKeysDecodeAndRefuseOtherBytes()
    {
        foreach (StateKey key in (StateKey[])[A, B, C])
        {
            Assert.Equal(key, StateKey.Decode(key.Bytes));
        }

        Assert.Equal("coin", B.ModuleName());
        Assert.Equal("0x1::account::Account", A.ResourceType().ToString());
        Assert.Throws<BcsException>(() => StateKey.Decode([3, .. new byte[32], 0]));
        Assert.Throws<BcsException>(() => StateKey.Decode([.. C.Bytes, 0]));
    }

    [Fact]
    public void BytesThatAreNoNodeAreRefused()
    {
        byte[] leaf = [1, .. new byte[64]];
        byte[] inner = [2, .. new byte[40]];
        Assert.Equal([0x81, 0, .. leaf, .. inner], TreeNode.Decode([0x81, 0, .. leaf, .. inner]).Bytes.ToArray()); // children 0 and 7
        Assert.Throws<BcsException>(() => TreeNode.Decode([]));
        Assert.Throws<BcsException>(() => TreeNode.Decode([0x81, 0, .. leaf]));
        Assert.Throws<BcsException>(() => TreeNode.Decode([0x81, 0, .. leaf, .. inner[..^1]]));
        Assert.Throws<BcsException>(() => TreeNode.Decode([0x81, 0, .. leaf, .. inner, 0]));
        Assert.Throws<BcsException>(() => TreeNode.Decode([1, 0, 0])); // an empty child is not listed
        Assert.Throws<BcsException>(() => TreeNode.Decode([1, 0, 3, .. new byte[64]]));
    }

    /// <summary>The hashes inside a node that are taken over from the one before equal those made anew.</summary>
    [Fact]
    public void WhatIsTakenOverFromTheNodeBeforeEqualsWhatIsMadeAnew()
    {
        Random random = new(11);
        MemoryNodes kept = new();
        Dictionary<Hash32, Hash32> truth = [];
        Hash32[] pool = [.. Enumerable.Range(0, 120).Select(_ => Key(random)).Distinct()];
        Subtree root = Subtree.Empty;
        for (ulong height = 1; height <= 200; height++)
        {
            TreeChange[] changes = [.. pool.OrderBy(_ => random.Next()).Take(1 + random.Next(3))
                .Select(key => new TreeChange(key, random.Next(3) == 0 ? null : Key(random)))];
            root = kept.Update(root, height, changes);
            foreach (TreeChange change in changes)
            {
                truth.Remove(change.Key);
                if (change.Value is { } value)
                {
                    truth.Add(change.Key, value);
                }
            }

            TreeLeaf[] leaves = [.. truth.Select(static pair => new TreeLeaf(pair.Key, pair.Value))];
            Assert.Equal(SparseMerkle.Root(leaves), root.Hash);
            Hash32 asked = pool[random.Next(pool.Length)];
            Assert.Equal(SparseMerkle.Prove(leaves, asked).Encode(), StateTree.Prove(kept, root, asked).Encode());
        }
    }

    // some keys share long prefixes, so that chains and collapses occur
    private static Hash32 Key(Random random)
    {
        byte[] bytes = new byte[32];
        random.NextBytes(bytes);
        int shared = random.Next(4) switch { 0 => 31, 1 => 3, _ => 0 };
        bytes.AsSpan(0, shared).Fill(0xab);
        return new Hash32(bytes);
    }

    internal sealed class MemoryNodes : ITreeNodes
    {
        private readonly Dictionary<TreeNodeKey, TreeNode> _nodes = [];

        public int Count => _nodes.Count;

        public TreeNode? TryGet(TreeNodeKey key) => _nodes.GetValueOrDefault(key);

        public bool Remove(TreeNodeKey key) => _nodes.Remove(key);

        public void Store(TreeUpdate update)
        {
            foreach ((TreeNodeKey key, TreeNode node) in update.Written)
            {
                // some as they are in memory, with the hashes inside, and some as a store gives them back
                _nodes.Add(key, _nodes.Count % 3 == 0 ? TreeNode.Decode(node.Bytes.ToArray()) : node);
            }
        }

        public Subtree Update(Subtree root, ulong height, IEnumerable<TreeChange> changes)
        {
            TreeUpdate update = StateTree.Update(this, root, height, changes);
            Store(update);
            return update.Root;
        }
    }
}
