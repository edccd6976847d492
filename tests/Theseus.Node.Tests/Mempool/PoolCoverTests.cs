namespace Theseus.Node.Tests;

/// <summary>What a sender has in blocks is covered by its balance, as far as that is known. // fault 84</summary>
public class PoolCoverTests
{
    private const ulong Coins = 1_000 * LocalChain.Unit;

    // fault 84
    [Fact]
    public void FollowersOfATransferThatEmptiesTheAccountWaitOutsideTheBlock()
    {
        LocalChain chain = new();
        Mempool pool = chain.Pool();
        byte[] first = chain.Transfer(chain.Users[0], chain.Users[1].Address, Coins - 20_000);
        Assert.Null(pool.Submit(first, null).Refusal);
        int accepted = Enumerable.Range(0, 199).Count(_ => pool.Submit(chain.Large(chain.Users[0], 20_000), null).Refusal is null);
        Assert.InRange(accepted, 1, PoolLimits.Default.WaitingCountPerSender);
        Assert.Equal([first], pool.Select(chain.Execution.Head).Select(item => item.Bytes));
        ChainHead head = chain.Decide([.. pool.Select(chain.Execution.Head).Select(item => item.Bytes)]);
        pool.Advance(head);
        Assert.DoesNotContain(head.Outputs, output => output.Receipt.Status.Kind == StatusKind.Skipped);
        Assert.Empty(pool.Select(head));
    }

    // fault 84: the first one's effect is not known
    [Fact]
    public void FewSmallOnesFollowWhatMayEmptyTheAccount()
    {
        LocalChain chain = new();
        Mempool pool = chain.Pool();
        for (int i = 0; i < 100; i++)
        {
            Assert.Null(pool.Submit(i == 0 ? chain.Vote(chain.Users[0]) : chain.Transfer(chain.Users[0], chain.Users[1].Address, 1),
                null).Refusal);
        }

        Assert.Null(pool.Submit(chain.Vote(chain.Users[2]), null).Refusal);
        Assert.Null(pool.Submit(chain.Large(chain.Users[2], 20_000), null).Refusal);
        IReadOnlyList<SignedTransaction> selected = pool.Select(chain.Execution.Head);
        Assert.Equal(1 + 4, selected.Count(item => item.Raw.Sender == chain.Users[0].Address));
        Assert.Equal(1, selected.Count(item => item.Raw.Sender == chain.Users[2].Address));
    }

    // fault 84: sum of maximum fees
    [Fact]
    public void MaximumFeesBeyondTheBalanceWaitUntilCoinsArrive()
    {
        LocalChain chain = new();
        Mempool pool = chain.Pool();

        // 20,000 gas at 2,000,000 is 4 * 10^10 of 10^11: two are covered, a third is not
        byte[][] dear = [.. Enumerable.Range(0, 3).Select(_ => chain.Transfer(chain.Users[0], chain.Users[1].Address, 0,
            price: 2_000_000))];
        foreach (byte[] transaction in dear)
        {
            Assert.Null(pool.Submit(transaction, null).Refusal);
        }

        Assert.Equal(dear[..2], pool.Select(chain.Execution.Head).Select(item => item.Bytes));
        Assert.Equal(1, pool.WaitingCount);
        Submission third = pool.Submit(dear[2], null);
        Assert.Equal((PoolStatus.Received, null), (pool.Find(third.Hash)!.Value.Status, pool.Find(third.Hash)!.Value.WaitsForSequence));
        Assert.Contains("balance", pool.Find(third.Hash)!.Value.Reason);

        ChainHead head = chain.Decide(chain.Transfer(chain.Users[2], chain.Users[0].Address, 300 * LocalChain.Unit));
        pool.Advance(head); // somebody else's transaction, which this pool never held
        Assert.Equal(dear, pool.Select(head).Select(item => item.Bytes));
    }

    // fault 84: the sender spent elsewhere
    [Fact]
    public void WhatTheBalanceNoLongerCoversIsNotSelectedAfterTheBlockThatSpentIt()
    {
        LocalChain chain = new();
        Mempool pool = chain.Pool();
        byte[] elsewhere = chain.Transfer(chain.Users[0], chain.Users[1].Address, Coins - 20_000, sequence: 0, price: 1);
        byte[] here = chain.Transfer(chain.Users[0], chain.Users[1].Address, 1, sequence: 0, price: 3);
        Hash32 first = pool.Submit(here, null).Hash;
        Assert.Null(pool.Submit(chain.Transfer(chain.Users[0], chain.Users[1].Address, 1, sequence: 1, price: 100), null).Refusal);
        ChainHead head = chain.Decide(elsewhere);
        pool.Advance(head);
        Assert.Equal(RefusalReason.SequenceNumberTooOld.Name(), pool.Find(first)!.Value.Reason);
        Assert.Empty(pool.Select(head));
        Assert.Equal(1, pool.WaitingCount);
    }

    // fault 84: a block has no gap in a sender's numbers
    [Fact]
    public void NothingFollowsInABlockWhatDoesNotFitIntoIt()
    {
        LocalChain chain = new(parameters: defaults => defaults);
        Mempool pool = chain.Pool();
        for (int i = 0; i < 3; i++)
        {
            Assert.Null(pool.Submit(chain.Transfer(chain.Users[0], chain.Users[1].Address, 1, expiresIn: i == 1 ? 1UL : 60), null).Refusal);
        }

        ChainHead head = chain.Decide();
        while (head.Time < LocalChain.GenesisTime + 1_000)
        {
            head = chain.Decide();
        }

        // The second has expired in this block: the third would only be skipped. The pool has not been told of the block yet.
        Assert.Single(pool.Select(head));
    }

    // fault 84: the builder passes over what does not fit, and with it what follows
    [Fact]
    public void ABlockThatMayNotHoldATransactionDoesNotHoldItsFollowers()
    {
        LocalChain chain = new();
        byte[][] candidates =
        [
            chain.Transfer(chain.Users[0], chain.Users[1].Address, 1),
            chain.Transfer(chain.Users[0], chain.Users[1].Address, 1, expiresIn: 0),
            chain.Transfer(chain.Users[0], chain.Users[1].Address, 1),
            chain.Transfer(chain.Users[1], chain.Users[0].Address, 1),
        ];
        Assert.Equal([candidates[0], candidates[3]], chain.Next(candidates).Block.Body.Transactions);
    }
}
