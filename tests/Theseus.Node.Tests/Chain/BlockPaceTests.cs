using Theseus.Protocol;

namespace Theseus.Node.Tests.Chain;

/// <summary>A proposer asks of a block what it can do itself within the interval (fault 103, decision 0114).</summary>
public class BlockPaceTests
{
    // fault 103: 697 transfers of 1,435 gas took 2,500 ms on a machine that had no time; in 250 ms it does a tenth
    [Fact]
    public void ASlowMachineProposesWhatItExecutesInAnInterval()
    {
        BlockPace pace = new();
        Assert.Equal(200_000ul, pace.GasOf(250));
        pace.Add(1_000_000, 2_500);
        Assert.Equal(100_000ul, pace.GasOf(250));
        Assert.Equal(400_000ul, pace.GasOf(1_000));
        pace.Add(1_000_000, 100_000); // a stall: 10 units a millisecond enter with a fifth
        Assert.Equal(80_500ul, pace.GasOf(250));
    }

    [Fact]
    public void SmallBlocksSayNothingAndEveryBlockMayHoldSome()
    {
        BlockPace pace = new();
        pace.Add(9_999, 5_000);
        Assert.Equal(200_000ul, pace.GasOf(250));
        pace.Add(10_000, 5_000);
        Assert.Equal(50_000ul, pace.GasOf(250));
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
