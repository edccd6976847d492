namespace Theseus.Protocol.Tests;

public class GenesisTests
{
    [Fact]
    public void GenesisSurvivesItsEncodingAndNamesTheChain()
    {
        Genesis genesis = TestChain.GenesisOf();
        byte[] bytes = GenesisCodec.Encode(genesis);
        Genesis decoded = GenesisCodec.TryDecode(bytes, out string? fault)!;
        Assert.Null(fault);
        Assert.Equal(genesis.Hash(), decoded.Hash());
        Assert.Equal(Hashing.Tagged("THESEUS::Genesis|"u8, bytes), genesis.Hash());
        Assert.Equal(new ChainIdentity("test-1", genesis.Hash(), 4), genesis.Identity());
        Assert.NotEqual(genesis.Hash(), (genesis with { Time = genesis.Time + 1 }).Hash());
        Assert.Equal("11746865736575732d67656e657369732d31" + "06746573742d31" + "04" + "40420f0000000000",
            Convert.ToHexStringLower(bytes)[..68]);
    }

    // a count is held against the bytes that are left, and an account has 72 of them: far more accounts than bytes behind them
    [Fact]
    public void AGenesisOfManyAccountsSurvives()
    {
        Genesis genesis = TestChain.GenesisOf() with
        {
            Accounts = [.. Enumerable.Range(0, 20_000).Select(static i =>
                new GenesisAccount(Address.FromShort((ulong)i + 100), (ulong)i, Hashing.Sha3(BitConverter.GetBytes(i))))],
        };
        byte[] bytes = GenesisCodec.Encode(genesis);
        Genesis decoded = GenesisCodec.TryDecode(bytes, out string? fault)!;
        Assert.Null(fault);
        Assert.Equal(genesis.Accounts, decoded.Accounts);
        Assert.Equal(bytes, GenesisCodec.Encode(decoded));
    }

    [Fact]
    public void OtherBytesAreRefused()
    {
        byte[] bytes = GenesisCodec.Encode(TestChain.GenesisOf());
        for (int length = 0; length < bytes.Length; length += 3)
        {
            Assert.Null(GenesisCodec.TryDecode(bytes.AsSpan(0, length), out string? fault));
            Assert.NotNull(fault);
        }

        Assert.Null(GenesisCodec.TryDecode([.. bytes, 0], out _));
        Assert.Null(GenesisCodec.TryDecode([bytes[0], .. "T"u8, .. bytes[2..]], out _));
    }

    [Fact]
    public void RecordAndResultOfHeight0Follow()
    {
        Genesis genesis = TestChain.GenesisOf();
        GenesisBlock start = GenesisBlock.Of(genesis);
        ProtocolRecord record = start.Record;
        Assert.Equal(1U, record.Model);
        Assert.Equal(new CurrentVersion(new ComponentVersion(1), TestChain.Module(1), 0), record.Current(Components.Execution));
        Assert.Equal(4, record.SetNow.Validators.Count);
        Assert.Equal(record.SetNow.Id, record.SetNext.Id);
        Assert.Equal(1UL, record.Epoch);
        Assert.Equal(new FrameworkField(1, ExecutionRoots.OfCode(genesis.State)), record.Framework);
        Assert.Equal(record.Framework.CodeRoot, start.Result.CodeRoot);
        Assert.Equal(SparseMerkle.Root(genesis.State), start.Result.StateRoot);
        Assert.Equal((0UL, 1U, 0UL), (start.Result.Height, start.Result.TransactionCount, start.Result.FirstVersion));
        Assert.Equal(TestChain.Module(1), start.Result.StackId);
        Assert.Equal(SystemTransactions.Hash(SystemTransactionKind.Genesis, genesis.Hash(), 0), start.Output.Receipt.TransactionHash);
        Assert.Equal(ExecutionRoots.OfReceipts([start.Output.Receipt]), start.Result.ReceiptsRoot);

        // record(1) of a chain whose code did not change is record(0)
        ProtocolRecord first =
            RecordStep.Apply(RecordStep.Advance(record, 1), new RecordInputs(genesis.Time + 1, [], start.Result.CodeRoot, [], []));
        Assert.Equal(RecordModels.Known.Id(record), RecordModels.Known.Id(first));
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(3, true)]
    [InlineData(4, true)]
    public void ChainIdsOfTheFamilysNetworksAreRefused(byte id, bool accepted) =>
        Assert.Equal(accepted, (TestChain.GenesisOf() with { TxChainId = id }).Faults().Count == 0);

    [Fact]
    public void EveryFaultIsNamed()
    {
        Genesis good = TestChain.GenesisOf();
        Assert.Empty(good.Faults());
        AssertFault("chainName", good with { ChainName = "" });
        AssertFault("chainName", good with { ChainName = "a b" });
        AssertFault("chainName", good with { ChainName = new string('a', 65) });
        AssertFault("time", good with { Time = 0 });
        AssertFault("validators", good with { Validators = [] });
        AssertFault("validators", good with { Validators = [good.Validators[0], good.Validators[0]] });
        AssertFault("accounts", good with { Accounts = [good.Accounts[0], good.Accounts[0]] });
        AssertFault("components", good with { Components = [.. good.Components.Skip(1)] });
        AssertFault("components", good with { Components = [.. good.Components.Reverse()] });
        AssertFault("components: record",
            good with { Components =
                [.. good.Components.Select(c => c.Name == Components.Record ? c with { ModuleId = TestChain.Module(3) } : c)] });
        AssertFault("settings", good with { Settings = [KeyValuePair.Create("b", 1UL), KeyValuePair.Create("a", 1UL)] });
        AssertFault("state", good with { State = WriteSet.From([new StateWrite(good.State.Writes[0].Key, null)]) });
        Assert.Throws<ArgumentException>(() => GenesisBlock.Of(good with { Time = 0 }));

        static void AssertFault(string start, Genesis genesis) =>
            Assert.StartsWith(start, Assert.Single(genesis.Faults()), StringComparison.Ordinal);
    }
}
