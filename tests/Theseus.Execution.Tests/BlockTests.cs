namespace Theseus.Execution.Tests;

public class BlockTests
{
    [Fact]
    public void GenesisGivesOutWhatItSays()
    {
        Chain chain = new();
        Assert.Equal(1_000 * Chain.Unit, chain.Balance(chain.Alice.Address));
        // 6 accounts of 1000 and 4 bonds of 1000 coins
        Assert.Equal((UInt128)10_000 * Chain.Unit, new BcsReader(chain.View("theseus_coin", "supply")[0]).U128());
    }

    [Fact]
    public void ATransferMovesCoinsAndPaysItsFee()
    {
        Chain chain = new();
        BlockResult block = chain.Block(chain.Sign(chain.Alice, Chain.Transfer(chain.Bob.Address, 7 * Chain.Unit)));
        TransactionOutput output = block.Outputs[1];
        Assert.True(output.Receipt.Status.Kind == StatusKind.Success, $"{output.Receipt.Status} {output.FailurePlace}");
        Assert.Equal(3, block.Outputs.Count);
        Assert.All(block.Outputs, item => Assert.Equal(StatusKind.Success, item.Receipt.Status.Kind));
        Assert.Equal((UInt128)output.Receipt.GasUsed, output.Receipt.Fee);
        Assert.Equal(1_007 * Chain.Unit, chain.Balance(chain.Bob.Address));
        Assert.Equal((993 * Chain.Unit) - output.Receipt.GasUsed, chain.Balance(chain.Alice.Address));
        // half of the fee is burned
        Assert.Equal(((UInt128)10_000 * Chain.Unit) - (output.Receipt.GasUsed / 2),
            new BcsReader(chain.View("theseus_coin", "supply")[0]).U128());
    }
}
