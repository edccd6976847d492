using Theseus.Protocol;

namespace Theseus.Node.Tests.Chain;

/// <summary>A proposer asks of a block what it can do itself within the interval (fault 103, decision 0114).</summary>
public class BlockPaceTests
{
    // fault 103: a block of 1,000,000 gas, some 700 transfers, took a second on a machine that had little time
    [Fact]
    public void ASlowMachineProposesWhatItExecutesInAnInterval()
    {
        BlockPace pace = new();
        Assert.Equal(200_000ul, pace.GasOf(250));
        pace.Add(1_000_000, 1_000);
        Assert.Equal(250_000ul, pace.GasOf(250));
        Assert.Equal(1_000_000ul, pace.GasOf(1_000));
        pace.Add(1_000_000, 100_000); // a stall: 10 units a millisecond enter with a fifth
        Assert.Equal(200_500ul, pace.GasOf(250)); // 1,000 less a fifth of 990
    }

    [Fact]
    public void SmallBlocksSayNothingAndEveryBlockMayHoldSome()
    {
        BlockPace pace = new();
        pace.Add(9_999, 5_000);
        pace.Add(1_000_000, 1_000); // the first that tells
        Assert.Equal(250_000ul, pace.GasOf(250));
        BlockPace slow = new();
        slow.Add(10_000, 5_000);
        Assert.Equal(200_000ul, slow.GasOf(250));
    }

    [Fact]
    public void ThePoolSelectsNoMoreGasThanIsAskedFor()
    {
        LocalChain chain = new();
        Mempool pool = chain.Pool();
        for (int i = 0; i < 50; i++)
        {
            Assert.Null(pool.Submit(chain.Transfer(chain.Users[0], chain.Users[1].Address, 1), null).Refusal);
        }

        Assert.Equal(25, pool.Select(chain.Execution.Head, 50_000).Count); // 2,000 each while nothing is known
        Assert.Single(pool.Select(chain.Execution.Head, 1)); // never none
        Assert.Equal(50, pool.Select(chain.Execution.Head).Count);
    }
}
