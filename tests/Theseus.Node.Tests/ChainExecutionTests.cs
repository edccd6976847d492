using Theseus.Execution;
using Theseus.Storage;
using Theseus.Consensus;

namespace Theseus.Node.Tests;

public class ChainExecutionTests
{
    [Fact]
    public void ABlockIsSealedByTheNextOne()
    {
        LocalChain chain = new();
        chain.Decide();
        Assert.Equal(0UL, chain.Execution.SealedHeight);
        ChainHead second = chain.Decide();
        Assert.Equal(1UL, chain.Execution.SealedHeight);
        Assert.Equal(ResultCodec.IdOf(chain.Store.Result(1)!), second.Block!.Header.ParentResult);
    }

    [Fact]
    public void ReadersSeeTheUnsealedBlockAndHistory()
    {
        LocalChain chain = new();
        ChainReader reader = new(chain.Execution);
        ulong before = Balance(reader, 0, chain.Users[1].Address);
        chain.Decide(chain.Transfer(chain.Users[0], chain.Users[1].Address, 7));
        Assert.Equal(before + 7, Balance(reader, 1, chain.Users[1].Address));
        chain.Decide(chain.Transfer(chain.Users[0], chain.Users[1].Address, 9));
        chain.Decide();
        Assert.Equal(before, Balance(reader, 0, chain.Users[1].Address));
        Assert.Equal(before + 7, Balance(reader, 1, chain.Users[1].Address));
        Assert.Equal(before + 16, Balance(reader, 2, chain.Users[1].Address));
        Assert.Equal(before + 16, Balance(reader, 3, chain.Users[1].Address));
        Assert.Equal(ReadFault.Ahead, Assert.Throws<ReadException>(() => reader.StateAt(4)).Fault);
    }

    [Fact]
    public void ADecidedBlockWithoutItsMarkerIsExecutedAgain()
    {
        LocalChain chain = new();
        chain.Decide(chain.Transfer(chain.Users[0], chain.Users[1].Address, 7));
        ChainHead head = chain.Decide(chain.Transfer(chain.Users[0], chain.Users[1].Address, 8));
        // a restart: block 2 is decided, its values were never written
        ChainExecution again = chain.Open();
        Assert.Equal(2UL, again.Head.Height);
        Assert.Equal(ResultCodec.IdOf(head.Result), ResultCodec.IdOf(again.Head.Result));
        Assert.Equal(head.BlockId, again.Head.BlockId);
        ChainHead third = chain.Decide();
        Assert.Equal(ResultCodec.IdOf(head.Result), third.Block!.Header.ParentResult);
    }

    [Fact]
    public void ADecisionThatWasStoredAndNotExecutedIsExecutedAtStart()
    {
        LocalChain chain = new();
        chain.Decide();
        (Block block, CommitCertificate certificate) = chain.Next(chain.Transfer(chain.Users[0], chain.Users[1].Address, 7));
        Assert.True(chain.Execution.Append(certificate, block)); // and then the process died
        ChainExecution again = chain.Open();
        Assert.Equal(2UL, again.Head.Height);
        Assert.Equal(StatusKind.Success, again.Head.Outputs[1].Receipt.Status.Kind);
    }

    [Fact]
    public void AppendingTwiceChangesNothing()
    {
        LocalChain chain = new();
        (Block block, CommitCertificate certificate) = chain.Next();
        Assert.True(chain.Execution.Append(certificate, block));
        chain.Execution.Execute(certificate, block);
        Assert.False(chain.Execution.Append(certificate, block));
    }

    [Fact]
    public void AnotherAgreedResultStopsTheNodeAndKeepsBothSides()
    {
        LocalChain chain = new();
        chain.Decide();
        (Block block, CommitCertificate certificate) = chain.Next();
        Block other = block with { Header = block.Header with { ParentResult = new Hash32(Enumerable.Repeat((byte)9, 32).ToArray()) } };
        DivergenceException divergence = Assert.Throws<DivergenceException>(() => chain.Execution.Append(certificate, other));
        Assert.Equal(1UL, divergence.Height);
        string bundle = divergence.Message[(divergence.Message.IndexOf("kept in ", StringComparison.Ordinal) + 8)..];
        Assert.True(File.Exists(Path.Combine(bundle, "result.bcs")));
        Assert.Equal(1UL, chain.Store.Window.Decided);
    }

    [Fact]
    public void ANodeWithoutTheStackSaysWhatItLacksAndExecutesNothing()
    {
        LocalChain chain = new();
        chain.Decide();
        LocalChain lacking = new(stacks: StackTable.Of(["v2"]));
        (string component, Hash32 module) = Assert.Single(lacking.Execution.MissingFor(lacking.Execution.Head.Next));
        Assert.Equal("execution", component);
        Assert.Equal(StackTable.BuiltIn().Single(entry => entry.Name == "v1").ModuleId, module);
    }

    [Fact]
    public void AProofOfASealedBlockLeadsToTheNextHeader()
    {
        LocalChain chain = new();
        chain.Decide(chain.Transfer(chain.Users[0], chain.Users[1].Address, 7));
        chain.Decide();
        ChainReader reader = new(chain.Execution);
        StateKey key = StateKey.Resource(chain.Users[1].Address, new StructTag(Address.One, "account", "Account", []));
        (StateProof proof, byte[]? value, BlockResultSummary result, BlockHeader next, CommitCertificate certificate) =
            reader.Prove(1, key);
        Assert.NotNull(value);
        Assert.True(SparseMerkle.Verify(result.StateRoot, key, value, proof));
        Assert.Equal(ResultCodec.IdOf(result), next.ParentResult);
        Assert.Equal(ValidatorSets.ToValue(BlockCodec.IdOf(next)), certificate.Value);
        Assert.Equal(ReadFault.Ahead, Assert.Throws<ReadException>(() => reader.Prove(2, key)).Fault);
    }

    [Fact]
    public void TransactionsAreFoundBeforeAndAfterSealing()
    {
        LocalChain chain = new();
        byte[] bytes = chain.Transfer(chain.Users[0], chain.Users[1].Address, 7);
        TransactionDecoding.TryDecode(bytes, out SignedTransaction? transaction);
        ChainReader reader = new(chain.Execution);
        Assert.Null(reader.Transaction(transaction!.Hash));
        chain.Decide(bytes);
        ReadTransaction fresh = reader.Transaction(transaction.Hash)!;
        Assert.False(fresh.IsSealed);
        // version 0 is genesis, 1 begins block 1
        Assert.Equal(2UL, fresh.Version);
        chain.Decide();
        ReadTransaction settled = reader.Transaction(transaction.Hash)!;
        Assert.True(settled.IsSealed);
        Assert.Equal((fresh.Version, fresh.Height), (settled.Version, settled.Height));
        Assert.Equal(bytes, settled.Bytes);
        Assert.Equal(3, reader.Transactions(1).Count);
    }

    private static ulong Balance(ChainReader reader, ulong height, Address owner)
    {
        ViewResult result = reader.View(height, new ViewCall(new ModuleId(Address.One, "theseus_coin"), "balance", [], [owner.ToArray()]));
        Assert.True(result.Status.Kind == StatusKind.Success, result.FailurePlace?.ToString());
        return new BcsReader(result.Values[0].Value).U64();
    }
}
