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
        TimeSpan accepted = default;
        List<byte[]> newcomers = [.. Enumerable.Range(0, Measured).Select(i =>
            chain.Transfer(chain.Users[i], chain.Users[0].Address, 1, sequence: Each, price: 1))];
        for (int round = 0; round < Each; round++)
        {
            List<byte[]> transactions = [.. chain.Users.Select(user => chain.Transfer(user, chain.Users[0].Address, 1, price: 2))];
            long began = Stopwatch.GetTimestamp();
            transactions.ForEach(transaction => Assert.Null(pool.Submit(transaction, null).Refusal));
            accepted = Stopwatch.GetElapsedTime(began); // the last round's: everything is warm and the pool is nearly full
        }

        long start = Stopwatch.GetTimestamp();
        newcomers.ForEach(transaction => Assert.Equal(RefusalReason.MempoolFull, pool.Submit(transaction, null).Refusal));
        TimeSpan refused = Stopwatch.GetElapsedTime(start);
        double ratio = refused / Measured / (accepted / Senders);
        output.WriteLine($"accepted {accepted.TotalMicroseconds / Senders:0.0} us, refused {refused.TotalMicroseconds / Measured:0.0} "
            + $"us: {ratio:0.00} times");
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
        LocalChain chain = new();
        Mempool pool = chain.Pool(new PoolLimits { LeastBacklog = 10, Backlog = TimeSpan.FromSeconds(1) });

        // Two transactions in each block of 250 ms: eight a second, so that ten are more than a second's work.
        for (int i = 0; i < 8; i++)
        {
            pool.Advance(chain.Decide(chain.Transfer(chain.Users[3], chain.Users[1].Address, 1),
                chain.Transfer(chain.Users[3], chain.Users[1].Address, 1)));
        }

        for (int i = 0; i < 15; i++)
        {
            Submission outcome = pool.Submit(chain.Transfer(chain.Users[0], chain.Users[1].Address, 1), null);
            if (outcome.Refusal is not null)
            {
                Assert.Equal(RefusalReason.MempoolFull, outcome.Refusal);
                Assert.InRange(outcome.RetryAfter!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30));
                Assert.Equal(10, i);
                // a peer's
                Assert.Null(pool.Submit(chain.Transfer(chain.Users[2], chain.Users[1].Address, 1, sequence: 0), new object()).Refusal);
                // one that pays more
                Assert.Null(pool.Submit(chain.Transfer(chain.Users[1], chain.Users[2].Address, 1, price: 2), null).Refusal);
                return;
            }
        }

        Assert.Fail("nothing was refused");
    }
}
