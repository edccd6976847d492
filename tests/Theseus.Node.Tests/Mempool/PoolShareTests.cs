using Theseus.Execution;

namespace Theseus.Node.Tests;

/// <summary>What cannot run now neither displaces nor blocks what can; validators in force always find room. // fault 80</summary>
public class PoolShareTests
{
    private const int LargeBytes = 59 * 1024;

    /// <summary>A pool in which a few transactions are many.</summary>
    private static readonly PoolLimits Small = new()
    {
        Count = 40, Bytes = 1024 * 1024, CountPerSender = 20, WaitingCount = 6, WaitingCountPerSender = 4,
    };

    // fault 80, by a client and by a peer
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void SixAccountsWith200LargeTransactionsThatCannotRunLeaveRoomForTransfersAndAVote(bool byPeer)
    {
        object? source = byPeer ? new object() : null;
        LocalChain chain = new(users: 8);
        Mempool pool = chain.Pool();
        for (int i = 0; i < 6; i++)
        {
            for (ulong sequence = 1000; sequence < 1200; sequence++)
            {
                pool.Submit(chain.Large(chain.Users[i], LargeBytes, sequence, price: 100_000), source);
            }
        }

        Assert.True(pool.Bytes <= PoolLimits.Default.WaitingBytes, $"{pool.Bytes} bytes");
        byte[] transfer = chain.Transfer(chain.Users[6], chain.Users[7].Address, 1);
        byte[] vote = chain.Vote(chain.Validators[0]);
        byte[] proposal = chain.Large(chain.Users[7], LargeBytes, 0);
        foreach (byte[] useful in (byte[][])[transfer, vote, proposal])
        {
            Assert.Null(pool.Submit(useful, source).Refusal);
        }

        Assert.Equal([vote, transfer, proposal], pool.Select(chain.Execution.Head).Select(item => item.Bytes));
    }

    // fault 80: many accounts, tiny transactions
    [Fact]
    public void ManyAccountsWithSmallGapsHaveASmallPartTogether()
    {
        LocalChain chain = new(users: 30);
        Mempool pool = chain.Pool(Small);
        List<Hash32> hashes = [.. chain.Users.Select(user => pool.Submit(chain.Transfer(user, user.Address, 1, sequence: 7,
            price: 1_000), null).Hash)];
        Assert.Equal(Small.WaitingCount, pool.WaitingCount);

        // Who has waited longest leaves: the newest six stay, and another's gap finds its place too.
        Assert.Equal(hashes[^Small.WaitingCount..], hashes.Where(pool.Contains));
        Assert.Equal((PoolStatus.Evicted, RefusalReason.TooManyWaiting.Name()),
            (pool.Find(hashes[0])!.Value.Status, pool.Find(hashes[0])!.Value.Reason));
    }

    // fault 80: what waits is evicted first whatever its price
    [Fact]
    public void AFullPoolTakesACheapOneThatCanRunForADearOneThatCannot()
    {
        LocalChain chain = new();
        Mempool pool = chain.Pool(Small);
        Hash32 gap = pool.Submit(chain.Transfer(chain.Users[0], chain.Users[1].Address, 1, sequence: 50, price: 100_000), null).Hash;
        Fill(chain, pool, Small.Count - 1);
        Assert.Equal(Small.Count, pool.Count);
        byte[] cheap = chain.Transfer(chain.Users[3], chain.Users[1].Address, 1, price: 1);
        Assert.Null(pool.Submit(cheap, null).Refusal);
        Assert.Equal(PoolStatus.Evicted, pool.Find(gap)!.Value.Status);
        Assert.Equal(RefusalReason.TooManyWaiting, pool.Submit(chain.Transfer(chain.Users[0], chain.Users[1].Address, 1, sequence: 51,
            price: 100_000), null).Refusal);
    }

    // fault 80: equal prices, and the price that a chain is worth
    [Fact]
    public void AFullPoolRefusesAnEqualPriceAndAHighPriceBehindALowOne()
    {
        LocalChain chain = new();
        Mempool pool = chain.Pool(Small);
        byte[][] shielded = [.. Enumerable.Range(0, 20).Select(i => chain.Transfer(chain.Users[0], chain.Users[1].Address, 1,
            price: i == 0 ? 5UL : 1_000))];
        foreach (byte[] transaction in shielded)
        {
            Assert.Null(pool.Submit(transaction, null).Refusal);
        }

        Fill(chain, pool, 20, price: 10);
        Assert.Equal(RefusalReason.MempoolFull, pool.Submit(chain.Transfer(chain.Users[3], chain.Users[1].Address, 1, sequence: 0,
            price: 5), null).Refusal);
        Assert.Null(pool.Submit(chain.Transfer(chain.Users[3], chain.Users[1].Address, 1, sequence: 0, price: 6), null).Refusal);
        Assert.Equal(19, shielded.Count(bytes => pool.Contains(HashOf(bytes)))); // the last of those that stand behind price 5
        Assert.Equal((PoolStatus.Evicted, RefusalReason.MempoolFull.Name()),
            (pool.Find(HashOf(shielded[^1]))!.Value.Status, pool.Find(HashOf(shielded[^1]))!.Value.Reason));
    }

    // fault 80: a newcomer that is refused after all changes nothing
    [Fact]
    public void NobodyLeavesForANewcomerThatIsRefused()
    {
        LocalChain chain = new(users: 4);
        PoolLimits limits = new() { Count = 1_000, Bytes = 300_000, LeastBacklog = int.MaxValue };
        Mempool pool = chain.Pool(limits);
        Hash32 cheap = pool.Submit(chain.Large(chain.Users[0], 20_000, price: 2), null).Hash;
        for (int i = 0; i < 4; i++)
        {
            Assert.Null(pool.Submit(chain.Large(chain.Users[1], LargeBytes, price: 10), null).Refusal);
        }

        // It pays more than the first victim, whose place is too small for it, and less than the next.
        Assert.Equal(RefusalReason.MempoolFull, pool.Submit(chain.Large(chain.Users[2], LargeBytes + 200, sequence: 0, price: 5), null)
            .Refusal);
        Assert.True(pool.Contains(cheap));
        Assert.Equal(5, pool.Count);
    }

    // fault 80: price replacement of gaps
    [Fact]
    public void ReplacingWhatWaitsBySomethingLargerKeepsToTheSendersShare()
    {
        LocalChain chain = new();
        Mempool pool = chain.Pool();
        for (ulong sequence = 10; sequence < 74; sequence++)
        {
            Assert.Null(pool.Submit(chain.Transfer(chain.Users[0], chain.Users[1].Address, 1, sequence: sequence), null).Refusal);
        }

        for (ulong sequence = 10; sequence < 74; sequence++)
        {
            pool.Submit(chain.Large(chain.Users[0], LargeBytes, sequence, price: 20), null);
        }

        Assert.True(pool.Bytes <= PoolLimits.Default.WaitingBytesPerSender, $"{pool.Bytes} bytes");
        Assert.Equal(pool.Count, pool.WaitingCount);
    }

    // fault 80: gaps filled later
    [Fact]
    public void AGapThatIsFilledMakesAllBehindItReadyAndTellsPeersInOrder()
    {
        LocalChain chain = new();
        Mempool pool = chain.Pool();
        List<byte[]> told = [];
        pool.Added = (bytes, _) => told.Add(bytes);
        byte[][] transactions = [.. Enumerable.Range(0, 5).Select(i => chain.Large(chain.Users[0], i == 0 ? 100 : 4_000))];
        foreach (byte[] waits in transactions[1..])
        {
            Submission outcome = pool.Submit(waits, null);
            Assert.Equal(((RefusalReason?)null, (ulong?)0), (outcome.Refusal, outcome.WaitsForSequence));
        }

        Assert.Equal(4, pool.WaitingCount);
        Assert.Empty(told); // what cannot run and is large, or far away, costs no other node anything
        Assert.Null(pool.Submit(chain.Transfer(chain.Users[1], chain.Users[0].Address, 1, sequence: 64), null).Refusal);
        Assert.Empty(told);
        byte[] near = chain.Transfer(chain.Users[1], chain.Users[0].Address, 1, sequence: 63);
        Assert.Null(pool.Submit(near, null).Refusal);
        Assert.Equal([near], told);
        told.Clear();
        Assert.Empty(pool.Waiting(100, long.MaxValue));
        Assert.Equal("waits for sequence number 0", pool.Find(HashOf(transactions[3]))!.Value.Reason); // fault 14
        Assert.Null(pool.Submit(transactions[0], null).Refusal);
        Assert.Equal(transactions, told);
        Assert.Equal(2, pool.WaitingCount); // the other sender's
        Assert.Equal(transactions, pool.Waiting(100, long.MaxValue));
    }

    // fault 80: the nearer to its turn, the better
    [Fact]
    public void ASenderWithAFullShareOfGapsCanStillSendWhatRuns()
    {
        LocalChain chain = new();
        Mempool pool = chain.Pool(new PoolLimits { CountPerSender = 10, WaitingCountPerSender = 10 });
        for (ulong sequence = 20; sequence < 30; sequence++)
        {
            Assert.Null(pool.Submit(chain.Transfer(chain.Users[0], chain.Users[1].Address, 1, sequence: sequence, price: 500), null)
                .Refusal);
        }

        for (ulong sequence = 0; sequence < 10; sequence++)
        {
            Assert.Null(pool.Submit(chain.Transfer(chain.Users[0], chain.Users[1].Address, 1, sequence: sequence), null).Refusal);
        }

        Assert.Equal((10, 0), (pool.Count, pool.WaitingCount));
        Assert.Equal(RefusalReason.TooManyFromSender, pool.Submit(chain.Transfer(chain.Users[0], chain.Users[1].Address, 1,
            sequence: 10), null).Refusal);
    }

    // fault 80: the reserve of validators
    [Fact]
    public void AValidatorsVoteFindsRoomInAPoolFullOfDearTransactionsAndComesFirst()
    {
        LocalChain chain = new();
        Mempool pool = chain.Pool(Small);
        Fill(chain, pool, Small.Count, price: 1_000);
        Assert.Equal(RefusalReason.MempoolFull, pool.Submit(chain.Transfer(chain.Users[3], chain.Users[1].Address, 1, sequence: 0),
            null).Refusal);
        byte[][] votes = [.. chain.Validators.Select(validator => chain.Vote(validator))];
        foreach (byte[] vote in votes)
        {
            Assert.Null(pool.Submit(vote, null).Refusal);
        }

        Assert.Equal(Small.Count + 4, pool.Count);
        Assert.Equal(votes.Select(HashOf).Order(), pool.Select(chain.Execution.Head).Take(4).Select(item => item.Hash).Order());

        // A validator's places are bounded too: beyond them it pays like anybody.
        int taken = Enumerable.Range(0, 100).Count(_ => pool.Submit(chain.Vote(chain.Validators[0]), null).Refusal is null);
        Assert.Equal(Small.ReservedCount - 1, taken);
    }

    private static void Fill(LocalChain chain, Mempool pool, int count, ulong price = 1)
    {
        for (int i = 0; i < count; i++)
        {
            Assert.Null(pool.Submit(chain.Transfer(chain.Users[1 + (i % 2)], chain.Users[0].Address, 1, price: price), null).Refusal);
        }
    }

    private static Hash32 HashOf(byte[] bytes) => TransactionDecoding.TryDecode(bytes, out SignedTransaction? decoded).IsNone
        ? decoded!.Hash : throw new ArgumentException("not a transaction");
}
