namespace Theseus.Execution.Tests;

/// <summary>begin and end: what they do, and what their failure does not do (execution 4, hooks, epoch).</summary>
public class HookTests
{
    private static Hash32 SystemHash(Chain chain, SystemTransactionKind kind) =>
        // SHA3-256("THESEUS::SystemTransaction") ‖ kind ‖ genesis hash ‖ height (execution 1)
        Hashing.Sha3(Hashing.Sha3("THESEUS::SystemTransaction"u8).ToArray(), [(byte)kind],
            [.. Enumerable.Repeat((byte)0x77, 32), .. Chain.U64(chain.Height)]);

    [Theory]
    [InlineData("begin", "versions::follow();", "abort 123;", SystemTransactionKind.Begin)]
    [InlineData("end", "reconfiguration::end();", "abort 123;", SystemTransactionKind.End)]
    public void AHookThatAbortsWritesItsStatusAndNothingElse(string hook, string text, string edit, SystemTransactionKind kind)
    {
        Chain chain = new(Framework.Compile(("block.move", text, edit)));
        byte[] transfer = chain.Sign(chain.Alice, Chain.Transfer(chain.Bob.Address, 5));
        BlockResult block = chain.Block(transfer);
        TransactionOutput failed = kind == SystemTransactionKind.Begin ? block.Outputs[0] : block.Outputs[^1];
        Assert.Equal(
            new Receipt(SystemHash(chain, kind), TransactionStatus.SystemAborted(hook, 4016, 123), 0, 0,
                ExecutionRoots.OfWrites(failed.Writes), ExecutionRoots.OfEvents([]), 0),
            failed.Receipt);
        // the block's fees are burned
        Assert.All(failed.Writes.Writes, write => Assert.Equal(("end", "CoinInfo"), (hook, write.Key.ResourceType().Name)));
        Assert.Contains($"block::{hook}", Assert.Single(block.Alarms));
        block.Outputs[1].Success(); // the block stands
        Assert.Equal((1_000 * Chain.Unit) + 5, chain.Balance(chain.Bob.Address));
    }

    [Theory]
    [InlineData("reconfiguration::end();", "abort 123;")]
    [InlineData("let collected = coin::collect_fees<TheseusCoin>(fees);",
        "abort 124; let collected = coin::collect_fees<TheseusCoin>(fees);")]
    [InlineData("reconfiguration::end();", "while (true) {};")]
    public void FeesOfAnEndThatAbortsAreBurned(string text, string edit)
    {
        Chain chain = new(Framework.Compile(("block.move", text, edit)))
        {
            Other = new RuleStack(Chain.Oldest with { Blocks = Chain.Oldest.Blocks with { HookGas = 100_000 } }),
        };
        (UInt128 heldBefore, UInt128 supplyBefore) = SupplyTests.Count(chain.State);
        Assert.Equal(supplyBefore, heldBefore);
        MapState before = new(chain.State);
        BlockResult block = chain.Block(
            chain.Sign(chain.Alice, Chain.Transfer(chain.Bob.Address, 5), price: 3),
            chain.Sign(chain.Bob, Chain.Transfer(chain.Alice.Address, 5), price: 7));
        ulong fees = (block.Outputs[1].Receipt.GasUsed * 3) + (block.Outputs[2].Receipt.GasUsed * 7);
        Assert.Equal(StatusKind.SystemAborted, block.Outputs[^1].Receipt.Status.Kind);
        (UInt128 held, UInt128 supply) = SupplyTests.Count(chain.State);
        Assert.Equal(supply, held);
        Assert.Equal(supplyBefore - fees, supply);
        Assert.Equal(0ul, chain.Pool(chain.Proposer).Pending);
        StateWrite burn = Assert.Single(block.Outputs[^1].Writes.Writes);
        Assert.Equal("CoinInfo", burn.Key.ResourceType().Name);
        Assert.Equal(ExecutionRoots.OfWrites(block.Outputs[^1].Writes), block.Outputs[^1].Receipt.WriteSetRoot);
        MapState sum = new(before);
        foreach (TransactionOutput output in block.Outputs)
        {
            sum.Apply(output.Writes);
        }

        Assert.Equal(chain.State.Root(), sum.Root()); // the block's writes are those of its items
    }

    [Fact]
    public void AHookThatRunsOutOfGasIsOneThatAborts()
    {
        Chain chain = new(Framework.Compile(("block.move", "versions::follow();", "while (true) {};")));
        // a hook has 25 M units, 2.5 s of the reference machine; the test shortens it
        RuleStack stack = new(Chain.Oldest with { Blocks = Chain.Oldest.Blocks with { HookGas = 10_000 } });
        BlockResult block = stack.Execute(new BlockInput(chain.Context(1), [], 1), chain.State);
        Assert.Equal(TransactionStatus.SystemAborted("begin", 4002, 0), block.Outputs[0].Receipt.Status);
        Assert.Equal(StatusKind.Success, block.Outputs[^1].Receipt.Status.Kind);
    }

    [Fact]
    public void TheFirstAndLastItemsOfABlockAreItsHooks()
    {
        Chain chain = new();
        BlockResult block = chain.Block();
        Assert.Equal([SystemHash(chain, SystemTransactionKind.Begin), SystemHash(chain, SystemTransactionKind.End)],
            block.Outputs.Select(output => output.Receipt.TransactionHash));
        Assert.All(block.Outputs, output => Assert.Equal(TransactionStatus.Success, output.Receipt.Status));
        Assert.Empty(block.Alarms);
    }

    [Fact]
    public void AnEpochIsAnnouncedAndFollowedTwoBlocksLater()
    {
        Chain chain = new();
        chain.EpochMicros(750_000); // three blocks of 250 ms
        BlockResult announced = chain.Block();
        while (announced.ServiceEvents.Count == 0 && chain.Height < 20)
        {
            announced = chain.Block();
        }

        ServiceEvent.EpochSetup setup = Assert.IsType<ServiceEvent.EpochSetup>(Assert.Single(announced.ServiceEvents));
        Assert.Equal(2ul, setup.Epoch);
        Assert.Equal(chain.ValidatorSet, setup.Validators.OrderBy(entry => entry.Address));
        Assert.Empty(chain.Block().ServiceEvents); // one setup in flight
        chain.Run(chain.Alice, Chain.Transfer(chain.Bob.Address, 5)).Success(); // fees for the proposer
        ulong before = chain.Balance(chain.Proposer);
        ulong pending = chain.Pool(chain.Proposer).Pending;
        Assert.True(pending > 0);
        chain.Epoch = 2;
        BlockResult first = chain.Block();
        Assert.Equal(2ul, new BcsReader(chain.View("reconfiguration", "epoch")[0]).U64());
        Assert.Contains(first.Outputs[0].Events, item => item.Type.Struct!.Name == "EpochStarted");
        Assert.Equal(before + pending, chain.Balance(chain.Proposer));
        Assert.Equal(0ul, chain.Pool(chain.Proposer).Pending);
    }

    [Fact]
    public void EvidenceIsPunishedAndANewEpochRequested()
    {
        Chain chain = new();
        Address culprit = chain.ValidatorSet[2].Address;
        chain.Evidence = [new EvidenceFact(1, 1, culprit)];
        BlockResult block = chain.Block();
        chain.Evidence = [];
        // 50 thousandths of 1000 coins
        Assert.Equal(950 * Chain.Unit, chain.Pool(culprit).Bonded);
        Assert.Equal(950 * Chain.Unit, chain.Pool(culprit).Bonded);
        Assert.Equal(((UInt128)10_000 - 50) * Chain.Unit, new BcsReader(chain.View("theseus_coin", "supply")[0]).U128());
        ServiceEvent.EpochSetup setup = Assert.IsType<ServiceEvent.EpochSetup>(Assert.Single(block.ServiceEvents));
        Assert.Equal(chain.ValidatorSet.Select(entry => entry.Address).Where(address => address != culprit),
            setup.Validators.Select(entry => entry.Address).Order());
        Assert.All(setup.Validators, entry => Assert.Equal(1_000ul, entry.Power));
    }

    [Fact]
    public void MissedVotesAreCountedAndCostReward()
    {
        Chain chain = new();
        Address absent = chain.ValidatorSet[1].Address;
        chain.Proposer = absent;
        chain.Missed = [absent];
        chain.Block();
        chain.Block(chain.Sign(chain.Alice, Chain.Transfer(chain.Bob.Address, 5)));
        Assert.Equal(2ul, new BcsReader(chain.View("stake", "missed", absent.ToArray())[0]).U64());
        chain.Missed = [];
        chain.AdvanceTo(7);
        ulong pending = chain.Pool(absent).Pending, before = chain.Balance(absent);
        chain.Epoch = 2;
        chain.Block();
        // 2 of 8 votes missed: three quarters are paid, the rest is burned
        Assert.Equal(before + (pending * 6 / 8), chain.Balance(absent));
    }

    [Fact]
    public void TwoHundredValidatorsMakeAnEpoch()
    {
        Chain chain = new(validators: 200);
        chain.EpochMicros(250_000);
        BlockResult block = chain.Block();
        while (block.ServiceEvents.Count == 0 && chain.Height < 10)
        {
            block = chain.Block();
        }

        ServiceEvent.EpochSetup setup = Assert.IsType<ServiceEvent.EpochSetup>(Assert.Single(block.ServiceEvents));
        Assert.Equal(chain.ValidatorSet, setup.Validators.OrderBy(entry => entry.Address));
        // tag 1, epoch 8, count 2, 72 for each: beyond the 8 KiB of other service events, within the 16 KiB of this one
        Assert.Equal(11 + (200 * 72), ServiceEventCodec.Encode(setup).Length);
        Assert.Empty(block.Alarms);
    }

    [Fact]
    public void ASetTooLargeForItsEventFailsTheEndAndTheBlockStands()
    {
        // 227 entries are 11 + 227 x 72 = 16,355 bytes and fit 16 KiB; 228 do not
        Chain chain = new(Framework.Compile(("stake.move", "const MAX_CANDIDATES: u64 = 200;", "const MAX_CANDIDATES: u64 = 300;")),
            validators: 228);
        chain.EpochMicros(250_000);
        BlockResult block = chain.Block();
        while (block.Alarms.Count == 0 && chain.Height < 10)
        {
            block = chain.Block();
        }

        Assert.Equal(TransactionStatus.SystemAborted("end", FailedMajor.BadServiceEvent, 0), block.Outputs[^1].Receipt.Status);
        Assert.Empty(block.ServiceEvents);
        Assert.Contains("EpochSetup", Assert.Single(block.Alarms));
    }

    [Fact]
    public void AnEndThatFailsIsTriedAgainAfterOneTwoFourBlocks()
    {
        Chain chain = new(Framework.Compile(("reconfiguration.move", "configuration.announced_at = height;", "abort 5;")));
        chain.EpochMicros(1);
        List<ulong> failed = [];
        for (int i = 0; i < 40; i++)
        {
            if (chain.Block().Alarms.Count > 0)
            {
                failed.Add(chain.Height);
            }
        }

        Assert.Equal([1, 2, 4, 8, 16], failed.Zip(failed.Skip(1)).Select(pair => (int)(pair.Second - pair.First)).Take(5));
    }
}
