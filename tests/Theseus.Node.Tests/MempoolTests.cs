namespace Theseus.Node.Tests;

public class MempoolTests
{
    [Fact]
    public void AnAdmittedTransactionIsSelectedAndLeavesWithItsBlock()
    {
        LocalChain chain = new();
        Mempool pool = chain.Pool();
        byte[] transaction = chain.Transfer(chain.Users[0], chain.Users[1].Address, 5);
        Submission outcome = pool.Submit(transaction, null);
        Assert.Null(outcome.Refusal);
        Assert.True(outcome.IsNew);
        Assert.Equal([outcome.Hash], pool.Select(chain.Execution.Head).Select(item => item.Hash));
        Assert.True(chain.Execution.Signatures.Contains(outcome.Hash));
        ChainHead head = chain.Decide(transaction);
        pool.Advance(head);
        Assert.Equal(0, pool.Count);
        Assert.Equal(0, pool.Bytes);
        Assert.Null(pool.Find(outcome.Hash));
    }

    [Fact]
    public void TheSameTransactionAgainIsKnown()
    {
        LocalChain chain = new();
        Mempool pool = chain.Pool();
        byte[] transaction = chain.Transfer(chain.Users[0], chain.Users[1].Address, 5);
        Assert.True(pool.Submit(transaction, null).IsNew);
        Submission again = pool.Submit(transaction, null);
        Assert.Null(again.Refusal);
        Assert.False(again.IsNew);
        Assert.Equal(1, pool.Count);
    }

    [Fact]
    public void SequenceOrderHoldsForASenderAndFeeOrderBetweenSenders()
    {
        LocalChain chain = new();
        Mempool pool = chain.Pool();
        byte[] cheapFirst = chain.Transfer(chain.Users[0], chain.Users[1].Address, 1, sequence: 0, price: 1);
        byte[] dearSecond = chain.Transfer(chain.Users[0], chain.Users[1].Address, 2, sequence: 1, price: 50);
        byte[] middle = chain.Transfer(chain.Users[2], chain.Users[1].Address, 3, sequence: 0, price: 10);
        foreach (byte[] transaction in (byte[][])[dearSecond, cheapFirst, middle])
        {
            Assert.Null(pool.Submit(transaction, null).Refusal);
        }

        Assert.Equal([middle, cheapFirst, dearSecond], pool.Select(chain.Execution.Head).Select(item => item.Bytes));
    }

    [Fact]
    public void AGapWaitsForItsPredecessor()
    {
        LocalChain chain = new();
        Mempool pool = chain.Pool();
        byte[] second = chain.Transfer(chain.Users[0], chain.Users[1].Address, 2, sequence: 1);
        Assert.Null(pool.Submit(second, null).Refusal);
        Assert.Empty(pool.Select(chain.Execution.Head));
        byte[] first = chain.Transfer(chain.Users[0], chain.Users[1].Address, 1, sequence: 0);
        pool.Submit(first, null);
        Assert.Equal([first, second], pool.Select(chain.Execution.Head).Select(item => item.Bytes));
    }

    [Fact]
    public void AUsedSequenceNumberIsRefusedWithTheNextOne()
    {
        LocalChain chain = new();
        Mempool pool = chain.Pool();
        chain.Decide(chain.Transfer(chain.Users[0], chain.Users[1].Address, 1));
        Submission outcome = pool.Submit(chain.Transfer(chain.Users[0], chain.Users[1].Address, 2, sequence: 0), null);
        Assert.Equal(RefusalReason.SequenceNumberTooOld, outcome.Refusal);
        Assert.Contains("the next is 1", outcome.Message);
    }

    [Theory]
    [InlineData(10, "REPLACEMENT_UNDERPRICED")]
    [InlineData(11, null)]
    public void AReplacementPaysTenPercentMore(ulong price, string? refusal)
    {
        LocalChain chain = new();
        Mempool pool = chain.Pool();
        Submission standing = pool.Submit(chain.Transfer(chain.Users[0], chain.Users[1].Address, 1, sequence: 0, price: 10), null);
        byte[] replacement = chain.Transfer(chain.Users[0], chain.Users[1].Address, 2, sequence: 0, price: price);
        Assert.Equal(refusal, pool.Submit(replacement, null).Refusal?.Name());
        Assert.Equal(1, pool.Count);
        Assert.Equal(refusal is null, pool.Find(standing.Hash) is (PoolStatus.Evicted, "REPLACED"));
    }

    [Fact]
    public void ASenderHasABoundedShare()
    {
        LocalChain chain = new();
        Mempool pool = chain.Pool();
        for (ulong i = 0; i < Mempool.MaximumPerSender; i++)
        {
            Assert.Null(pool.Submit(chain.Transfer(chain.Users[0], chain.Users[1].Address, 1, sequence: i), null).Refusal);
        }

        Assert.Equal(RefusalReason.TooManyFromSender, pool.Submit(chain.Transfer(chain.Users[0], chain.Users[1].Address, 1,
            sequence: Mempool.MaximumPerSender), null).Refusal);
        Assert.Null(pool.Submit(chain.Transfer(chain.Users[2], chain.Users[1].Address, 1), null).Refusal);
    }

    [Fact]
    public void AnExpiredTransactionLeavesWithAReason()
    {
        LocalChain chain = new();
        Mempool pool = chain.Pool();
        // gap: it can never run; expires at genesis + 2 s, blocks are 250 ms
        Submission outcome = pool.Submit(chain.Transfer(chain.Users[0], chain.Users[1].Address, 1, sequence: 5, expiresIn: 2), null);
        Assert.Null(outcome.Refusal);
        for (int i = 0; i < 8; i++)
        {
            Assert.Equal(PoolStatus.Received, pool.Find(outcome.Hash)!.Value.Status);
            pool.Advance(chain.Decide());
        }

        Assert.Equal(new PoolView(PoolStatus.Expired, "TRANSACTION_EXPIRED"), pool.Find(outcome.Hash));
        Assert.Equal(0, pool.Count);
    }

    [Fact]
    public void TooFarAnExpirationIsRefused()
    {
        LocalChain chain = new();
        Assert.Equal(RefusalReason.ExpirationTooFar, chain.Pool().Submit(chain.Transfer(chain.Users[0], chain.Users[1].Address, 1,
            expiresIn: (24 * 3600) + 1), null).Refusal);
        Assert.Null(chain.Pool().Submit(chain.Transfer(chain.Users[0], chain.Users[1].Address, 1, sequence: 0, expiresIn: 24 * 3600),
            null).Refusal);
    }

    [Fact]
    public void AForgedSignatureIsRefused()
    {
        LocalChain chain = new();
        byte[] transaction = chain.Transfer(chain.Users[0], chain.Users[1].Address, 1);
        transaction[^1] ^= 1;
        Assert.Equal(RefusalReason.BadSignature, chain.Pool().Submit(transaction, null).Refusal);
    }

    [Fact]
    public void GossipIsToldOfNewTransactionsOnly()
    {
        LocalChain chain = new();
        Mempool pool = chain.Pool();
        List<object?> sources = [];
        pool.Added = (_, source) => sources.Add(source);
        byte[] transaction = chain.Transfer(chain.Users[0], chain.Users[1].Address, 1);
        object session = new();
        pool.Submit(transaction, session);
        pool.Submit(transaction, null);
        Assert.Equal([session], sources);
    }
}
