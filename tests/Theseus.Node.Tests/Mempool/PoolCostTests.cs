using System.Diagnostics;

namespace Theseus.Node.Tests;

/// <summary>What strangers and upgrades may cost the pool.</summary>
public class PoolCostTests(ITestOutputHelper output)
{
    // fault 13
    [Fact]
    public void ANewcomerThatAFullPoolRefusesCostsNoMoreThanAnAcceptedOne()
    {
        const int Senders = 1_100;
        const int Each = 18;
        const int Measured = 200;
        LocalChain chain = new(users: Senders);
        Mempool pool = chain.Pool(new PoolLimits { Count = Senders * Each });
        double accepted = 0;
        List<byte[]> newcomers = [.. Enumerable.Range(0, Measured).Select(i =>
            chain.Transfer(chain.Users[i], chain.Users[0].Address, 1, sequence: Each, price: 1))];
        for (int round = 0; round < Each; round++)
        {
            List<byte[]> transactions = [.. chain.Users.Select(user => chain.Transfer(user, chain.Users[0].Address, 1, price: 2))];
            // the last round counts: everything is warm and the pool is nearly full
            accepted = Median(transactions, transaction => Assert.Null(pool.Submit(transaction, null).Refusal));
        }

        double refused = Median(newcomers, transaction => Assert.Equal(RefusalReason.MempoolFull, pool.Submit(transaction, null).Refusal));
        double ratio = refused / accepted;
        output.WriteLine($"accepted {accepted:0.0} us, refused {refused:0.0} us: {ratio:0.00} times");
        Assert.True(ratio <= 1, $"{ratio:0.00} times");
    }

    // fault 13: a large newcomer that pays more than many small ones, whose places together do not suffice for it
    [Fact]
    public void ALargeNewcomerThatIsRefusedAfterAllCostsNoMoreThanAnAcceptedOne()
    {
        const int Small = 150;
        const int Measured = 20;
        LocalChain chain = new(users: 24);
        Mempool pool = chain.Pool(new PoolLimits { Bytes = 1_200_000 });
        foreach (TestUser user in chain.Users.Take(2))
        {
            for (int i = 0; i < Small; i++)
            {
                Assert.Null(pool.Submit(chain.Transfer(user, chain.Users[0].Address, 1, price: 1), null).Refusal);
            }
        }

        // the rest is full of large ones that pay more: how long an accepted one takes
        List<byte[]> large = [.. Enumerable.Range(2, 17).Select(i => chain.Large(chain.Users[i], 65_000, price: 10))];
        double accepted = Median(large, transaction => Assert.Null(pool.Submit(transaction, null).Refusal));
        while (pool.Submit(chain.Large(chain.Users[19], 1_000, price: 10), null).Refusal is null)
        {
            // up to the last kilobyte; the small ones hold some 60 KB
        }

        long held = pool.Bytes;
        List<byte[]> newcomers = [.. Enumerable.Range(0, Measured).Select(i =>
            chain.Large(chain.Users[20], 65_300, sequence: 0, price: 5 + (ulong)(i % 2)))];
        double refused = Median(newcomers, bytes => Assert.Equal(RefusalReason.MempoolFull, pool.Submit(bytes, new object()).Refusal));
        Assert.Equal(held, pool.Bytes);
        double ratio = refused / accepted;
        output.WriteLine($"accepted {accepted:0.0} us, refused {refused:0.0} us: {ratio:0.00} times");
        Assert.True(ratio <= 1, $"{ratio:0.00} times");
    }

    // fault 13: the cheap refusal comes before the signature
    [Fact]
    public void AFullPoolRefusesBeforeItChecksASignature()
    {
        LocalChain chain = new();
        Mempool pool = chain.Pool(new PoolLimits { Count = 2 });
        Assert.Null(pool.Submit(chain.Transfer(chain.Users[0], chain.Users[1].Address, 1, price: 5), null).Refusal);
        Assert.Null(pool.Submit(chain.Transfer(chain.Users[0], chain.Users[1].Address, 1, price: 5), null).Refusal);
        byte[] forged = chain.Transfer(chain.Users[2], chain.Users[1].Address, 1, sequence: 0, price: 5);
        forged[^1] ^= 1;
        Assert.Equal(RefusalReason.MempoolFull, pool.Submit(forged, null).Refusal);
        byte[] dear = chain.Transfer(chain.Users[2], chain.Users[1].Address, 1, sequence: 0, price: 6);
        dear[^1] ^= 1;
        Assert.Equal(RefusalReason.BadSignature, pool.Submit(dear, null).Refusal);
        Assert.Equal(2, pool.Count);
    }

    // fault 13: a chain's own past is free to send again, by whoever has never been here before
    [Fact]
    public void APeersOldTransactionIsRefusedBeforeItsSignatureIsChecked()
    {
        LocalChain chain = new();
        chain.Decide(chain.Transfer(chain.Users[0], chain.Users[1].Address, 1));
        Mempool pool = chain.Pool();
        byte[] forged = chain.Transfer(chain.Users[0], chain.Users[1].Address, 1, sequence: 0, price: 5);
        forged[^1] ^= 1;
        Assert.Equal(RefusalReason.SequenceNumberTooOld, pool.Submit(forged, new object()).Refusal);
        Assert.Equal(RefusalReason.BadSignature, pool.Submit(forged, null).Refusal); // a client is told all that is wrong
    }

    // fault 7
    [Fact]
    public void NewRulesAreJudgedInSlicesHighestFeeFirstAndWhatTheyRefuseLeaves()
    {
        LocalChain chain = new();
        Mempool pool = chain.Pool();
        int told = 0;
        pool.RulesChanged = () => told++;
        Hash32[] hashes = [.. Enumerable.Range(0, 4).Select(i =>
            pool.Submit(chain.Transfer(chain.Users[i], chain.Users[1].Address, 1, price: 10 + (ulong)i, expiresIn: i == 3 ? 1UL : 60),
                null).Hash)];

        // Time stands in for a changed rule: what was admitted has become inadmissible, and the pool was not told of the blocks.
        while (chain.Execution.Head.Time < LocalChain.GenesisTime + 1_000)
        {
            chain.Decide();
        }

        pool.JudgeAgain(chain.Execution.Head);
        Assert.Equal((1, 4), (told, pool.ToJudge));
        Assert.Equal(4, pool.Count); // nothing is judged by the caller
        Assert.True(pool.JudgeSlice(1));
        Assert.Equal((3, 3), (pool.ToJudge, pool.Count)); // the highest fee was the first
        Assert.Equal(PoolStatus.Evicted, pool.Find(hashes[3])!.Value.Status);
        Assert.StartsWith("rules changed:", pool.Find(hashes[3])!.Value.Reason);
        Assert.True(pool.JudgeSlice(2));
        Assert.False(pool.JudgeSlice(2));
        Assert.False(pool.JudgeSlice(2));
        Assert.Equal(3, pool.Count);
    }

    // fault 103: a pool that blocks cannot empty in time says so with the time to come back
    [Fact]
    public void WorkForLongerThanTheBacklogIsRefusedToClientsWithTheTimeToTryAgain()
    {
        (LocalChain chain, Mempool pool) = Backlog();
        for (int i = 0; i < Most; i++)
        {
            Assert.Null(pool.Submit(chain.Transfer(chain.Users[0], chain.Users[1].Address, 1), null).Refusal);
        }

        Submission outcome = pool.Submit(chain.Transfer(chain.Users[0], chain.Users[1].Address, 1), null);
        Assert.Equal(RefusalReason.MempoolFull, outcome.Refusal);
        Assert.InRange(outcome.RetryAfter!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30));
        // a peer's
        Assert.Null(pool.Submit(chain.Transfer(chain.Users[2], chain.Users[1].Address, 1, sequence: 0), new object()).Refusal);
        // one that pays more
        Assert.Null(pool.Submit(chain.Transfer(chain.Users[1], chain.Users[2].Address, 1, price: 2), null).Refusal);
    }

    // fault 103: numbers behind one that was refused, and will be again, would stand in the pool and never run
    [Fact]
    public void WhatCannotRunYetIsRefusedToClientsFromHalfTheBacklogOn()
    {
        (LocalChain chain, Mempool pool) = Backlog();
        byte[] Ahead(int user, ulong sequence, ulong price = 1) =>
            chain.Transfer(chain.Users[user], chain.Users[1].Address, 1, sequence: sequence, price: price);
        for (ulong i = 0; i < Most / 2; i++)
        {
            Assert.Null(pool.Submit(Ahead(1, i + 2), null).Refusal); // all wait for their first two, and are no work yet
        }

        for (ulong i = 0; i < Most / 2; i++)
        {
            Assert.Null(pool.Submit(Ahead(0, i), null).Refusal);
        }

        // of a sender that the pool does not know, and of one that it does
        foreach ((int user, ulong sequence, ulong missing) in ((int, ulong, ulong)[])[(2, 1, 0), (0, (Most / 2) + 1, Most / 2)])
        {
            Submission outcome = pool.Submit(Ahead(user, sequence), null);
            Assert.Equal((RefusalReason.TooManyWaiting, missing), (outcome.Refusal!.Value, outcome.WaitsForSequence!.Value));
            Assert.NotNull(outcome.RetryAfter);
            Assert.Null(pool.Submit(Ahead(user, sequence), new object()).Refusal); // a peer's
        }

        Assert.Null(pool.Submit(Ahead(2, 2, price: 2), null).Refusal); // one that pays more
        Assert.Null(pool.Submit(Ahead(2, 0), null).Refusal); // the one that was missing
    }

    // fault 103: what was let in when there was room is refused as cheaply when its turn comes too late
    [Fact]
    public void ThePlaceMayBeGoneWhenTheTurnComes()
    {
        (LocalChain chain, Mempool pool) = Backlog();
        byte[] forged = chain.Transfer(chain.Users[2], chain.Users[1].Address, 1, sequence: 0);
        forged[^1] ^= 1;
        Arrival arrival = pool.Receive(forged, null);
        Assert.Null(arrival.Answer);
        for (int i = 0; i < Most; i++)
        {
            Assert.Null(pool.Submit(chain.Transfer(chain.Users[0], chain.Users[1].Address, 1), null).Refusal);
        }

        Assert.Equal(RefusalReason.MempoolFull, pool.Admit(arrival).Refusal); // not its signature
        Assert.Equal(RefusalReason.MempoolFull, pool.Receive(forged, null).Answer!.Value.Refusal);
    }

    private const int Most = 10;

    /// <summary>Two transactions in each block of 250 ms, eight a second: ten are more than a second's work.</summary>
    private static (LocalChain Chain, Mempool Pool) Backlog()
    {
        LocalChain chain = new();
        Mempool pool = chain.Pool(new PoolLimits { LeastBacklog = Most, Backlog = TimeSpan.FromSeconds(1) });
        for (int i = 0; i < 8; i++)
        {
            pool.Advance(chain.Decide(chain.Transfer(chain.Users[3], chain.Users[1].Address, 1),
                chain.Transfer(chain.Users[3], chain.Users[1].Address, 1)));
        }

        return (chain, pool);
    }

    /// <summary>Microseconds that one takes; the median, since other processes take their share of single ones.</summary>
    private static double Median(IReadOnlyList<byte[]> transactions, Action<byte[]> submit)
    {
        List<double> times = [];
        foreach (byte[] transaction in transactions)
        {
            long began = Stopwatch.GetTimestamp();
            submit(transaction);
            times.Add(Stopwatch.GetElapsedTime(began).TotalMicroseconds);
        }

        return times.Order().ElementAt(times.Count / 2);
    }
}
