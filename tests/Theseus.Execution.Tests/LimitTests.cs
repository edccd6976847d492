namespace Theseus.Execution.Tests;

/// <summary>Limits that no encoder enforces: the executor does, at exactly the numbers of execution 3 and record P6.</summary>
public class LimitTests
{
    private const ulong StorageWriteLimitReached = 4027;
    private const ulong MaxTypeDepthReached = 4024;

    // without a price for bytes, so that gas is not what ends it
    private static Chain Roomy() => new(Framework.Compile(("fee_parameters.move", "storage_byte_price: 1,", "storage_byte_price: 0,")));

    private static void AssertEdge(string function, ulong largest, ulong status)
    {
        Chain chain = Roomy();
        chain.Run(chain.Alice, Chain.Call("lab", function, Chain.U64(largest))).Success();
        TransactionOutput above = chain.Run(chain.Bob, Chain.Call("lab", function, Chain.U64(largest + 1)));
        Assert.Equal((StatusKind.Failed, status), (above.Receipt.Status.Kind, above.Receipt.Status.Major));
        Assert.Equal(2, above.Writes.Writes.Count); // fee and sequence number
        Assert.Empty(above.Events);
    }

    [Fact]
    // Blob {data}: three bytes of length
    public void AStoredValueHasAMebibyte() => AssertEdge("keep", (1 << 20) - 3, StorageWriteLimitReached);

    [Fact]
    public void EventsHaveAMebibyte() => AssertEdge("noise", (1 << 20) - 3, StorageWriteLimitReached);

    [Fact]
    // 02, handle 32, two lengths of two bytes
    public void AStateKeyHasAKibibyte() => AssertEdge("name", 1_024 - 37, StorageWriteLimitReached);

    [Fact]
    public void TheWritesOfATransactionHaveFourMebibytes()
    {
        Chain chain = Roomy();
        StackRules rules = Chain.Oldest;
        chain.Other = new RuleStack(rules with { Transactions = rules.Transactions with { MaximumGas = 20_000_000 } });
        // an item: key 02, handle 32, length 1, u64 8; value: length 3, data
        const ulong Item = 42 + 3;
        StateKey shelf = StateKey.Resource(chain.Alice.Address, new StructTag(Address.One, "lab", "Shelf", [TypeTag.U64]));
        ulong fixedPart = (4 * (Item + 1_000_000)) + Item + (ulong)shelf.Bytes.Length + 32 + 8; // Shelf {Table {handle, length}}
        ulong last = (4ul << 20) - fixedPart;
        TransactionOutput exact = chain.Run(chain.Alice, Chain.Call("lab", "fill", Chain.U64(4), Chain.U64(last)), 20_000_000).Success();
        Assert.Equal(4 << 20,
            exact.Writes.Writes.Where(write => write.Key.Kind == StateKeyKind.TableItem || write.Key.Equals(shelf))
            .Sum(write => write.Key.Bytes.Length + write.Value!.Length));
        TransactionOutput above = chain.Run(chain.Bob, Chain.Call("lab", "fill", Chain.U64(4), Chain.U64(last + 1)), 20_000_000);
        Assert.Equal((StatusKind.Failed, StorageWriteLimitReached), (above.Receipt.Status.Kind, above.Receipt.Status.Major));
    }

    [Fact]
    public void ATypeInStateIsOneThatClientsCanName()
    {
        Chain chain = Roomy();
        // Deep<vector^6<u8>> is eight levels, one more is nine; a tag of nine cannot be sent at all
        TypeTag type = TypeTag.U8;
        for (int i = 0; i < 6; i++)
        {
            type = TypeTag.Vector(type);
        }

        TransactionPayload Deep(TypeTag argument) =>
            new TransactionPayload.EntryFunction(new ModuleId(Address.One, "lab"), "deep", [argument], []);
        chain.Run(chain.Alice, Deep(type)).Success();
        TransactionOutput above = chain.Run(chain.Bob, Deep(TypeTag.Vector(type)));
        Assert.Equal((StatusKind.Failed, MaxTypeDepthReached), (above.Receipt.Status.Kind, above.Receipt.Status.Major));
    }

    [Theory]
    [InlineData(64, true)]
    [InlineData(65, false)]
    public void ABlockHasSixtyFourServiceEvents(int count, bool fits)
    {
        Chain chain = new();
        byte[] script = Framework.Script($$"""
            script {
                use std::string;
                use theseus_framework::consensus_config;
                use theseus_framework::governance;
                fun main() {
                    let fw = governance::resolve();
                    let i = 0;
                    while (i < {{count}}) {
                        consensus_config::set(&fw, vector[string::utf8(b"blockInterval")], vector[250 + i]);
                        i = i + 1;
                    }
                }
            }
            """);
        chain.Approve(script);
        BlockResult block = chain.Block(chain.Sign(chain.Alice, new TransactionPayload.Script(script, [], []), 50_000_000));
        TransactionOutput output = block.Outputs[1];
        if (fits)
        {
            output.Success();
            Assert.Equal(Enumerable.Range(0, 64).Select(i => 250 + (ulong)i),
                block.ServiceEvents.Cast<ServiceEvent.ParametersChanged>().Select(item => item.Values.Single().Value));
        }
        else
        {
            // the whole transaction fails: no governance action vanishes behind a green receipt (record P6)
            Assert.Equal(TransactionStatus.Failed(FailedMajor.BadServiceEvent, null, null), output.Receipt.Status);
            Assert.Empty(block.ServiceEvents);
            Assert.Contains("service events", output.FailurePlace?.ToString());
        }
    }

    [Fact]
    public void TheServiceEventsOfABlockAreCountedOverItsTransactions()
    {
        Chain chain = new();
        string Source(int count, int tag) => $$"""
            script {
                use std::string;
                use theseus_framework::consensus_config;
                use theseus_framework::governance;
                fun main() {
                    let fw = governance::resolve();
                    let i = 0;
                    while (i < {{count}}) {
                        consensus_config::set(&fw, vector[string::utf8(b"blockInterval")], vector[{{tag}}]);
                        i = i + 1;
                    }
                }
            }
            """;
        byte[] first = Framework.Script(Source(40, 251)), second = Framework.Script(Source(25, 252)),
            third = Framework.Script(Source(24, 253));
        foreach (byte[] script in new[] { first, second, third })
        {
            chain.Approve(script);
        }

        BlockResult block = chain.Block(
            [.. new[] { first, second, third }.Select(code =>
                chain.Sign(chain.Alice, new TransactionPayload.Script(code, [], []), 50_000_000))]);
        Assert.Equal([StatusKind.Success, StatusKind.Failed, StatusKind.Success],
            block.Outputs.Skip(1).Take(3).Select(output => output.Receipt.Status.Kind));
        Assert.Equal(64, block.ServiceEvents.Count);
    }

    [Fact]
    public void AServiceEventThatCannotBeConvertedFailsItsTransaction()
    {
        // the real framework refuses such a name itself
        IReadOnlyList<byte[]> modules = Framework.Compile((
            "consensus_config.move", "public fun power_unit(): u64 { POWER_UNIT }",
            "public fun power_unit(): u64 { POWER_UNIT }\n"
            + "    public fun shout(names: vector<String>, values: vector<u64>) { event::emit(Changed { names, values }); }"));
        Chain chain = new(modules);
        string name = new('a', 65); // a name has 64 bytes at most
        byte[] script = Framework.Script($$"""
            script {
                use std::string;
                use theseus_framework::consensus_config;
                use theseus_framework::governance;
                fun main() { governance::resolve(); consensus_config::shout(vector[string::utf8(b"{{name}}")], vector[1]); }
            }
            """, modules);
        chain.Approve(script);
        BlockResult block = chain.Block(chain.Sign(chain.Alice, new TransactionPayload.Script(script, [], []), 50_000_000));
        Assert.Equal(TransactionStatus.Failed(FailedMajor.BadServiceEvent, null, null), block.Outputs[1].Receipt.Status);
        Assert.Empty(block.ServiceEvents);
        Assert.Equal(1, chain.StatusOf(1)); // APPROVED still: it can be tried again
    }

    [Fact]
    public void FeeParametersAreClampedByTheStack()
    {
        FeeBounds bounds = new(50_000_000, 10_000_000_000, 1_000);
        Assert.Equal(new FeeParameters(50_000_000, 0), bounds.Clamp(default));
        Assert.Equal(new FeeParameters(10_000_000_000, 1_000), bounds.Clamp(new FeeParameters(ulong.MaxValue, ulong.MaxValue)));
        Assert.Equal(new FeeParameters(60_000_000, 7), bounds.Clamp(new FeeParameters(60_000_000, 7)));
        // a framework that sets an impossible price does not turn charges into gifts
        Chain chain = new(Framework.Compile((
            "fee_parameters.move", "let storage_byte_price = consensus_config::setting(b\"storageBytePrice\");",
            "let storage_byte_price = 18446744073709551615;")));
        Assert.Equal((TransactionStatus.OutOfGas, 2_000_000ul),
            chain.Run(chain.Alice, Chain.Call("lab", "keep", Chain.U64(60_000))).Receipt is { } receipt
            ? (receipt.Status, receipt.GasUsed) : default);
    }

    [Fact]
    public void FiftyTransfersAndAFrameworkUpgradeFitABlockOfGenesis()
    {
        Chain chain = new();
        byte[] script = Upgrade.By(
            ("lab.move", "public entry fun nothing() {}", "public entry fun nothing() {} public entry fun more() {}")).Script();
        chain.Approve(script);
        // every transfer asks for the 2 M that wallets ask for, and the script for all that an approved one may
        List<byte[]> block = [.. Enumerable.Range(0, 50).Select(_ => chain.Sign(chain.Alice, Chain.Transfer(chain.Bob.Address, 1)))];
        block.Add(chain.Sign(chain.Bob, new TransactionPayload.Script(script, [], []), 50_000_000));
        BlockResult result = chain.Block(block);
        Assert.All(result.Outputs, output => Assert.Equal(TransactionStatus.Success, output.Receipt.Status));
        Assert.Equal(1_250_000ul, FrameworkState.TryReadFees(chain.State)!.Value.BlockGas);
    }

    [Fact]
    public void TheStacksHaveTheRangesOfTheTable()
    {
        // faults 83, 90: the relations count with an approved script and two hooks beside the block's gas
        ParameterTable table = RecordModels.Known.Find(1)!.Parameters;
        ParameterRelation patience = table.Relations.Single(relation => relation.Name == "blockGas.executionPatience");
        foreach (StackRules rules in StackTable.BuiltIn().Select(entry => ((RuleStack)entry.Create()).Rules))
        {
            FeeBounds bounds = rules.Transactions.FeeBounds;
            ParameterDefinition gas = table.Find(ParameterNames.BlockGas)!;
            Assert.Equal((gas.Minimum, gas.Maximum), (bounds.LeastBlockGas, bounds.MostBlockGas));
            Assert.Equal(table.Find(ParameterNames.StorageBytePrice)!.Maximum, bounds.MostStorageBytePrice);
            ulong beside = rules.Transactions.ApprovedMaximumGas + (2 * rules.Blocks.HookGas);
            Assert.Equal(100 * beside, patience.Lesser.Single(term => term.First is null).Factor);
        }
    }

    [Fact]
    public void ABlockOfNothingButSpinningEndsInTime()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("THESEUS_LONG") == "1", "a long test: ./test --long");
        Chain chain = new();
        List<byte[]> block = [.. Enumerable.Range(0, 60).Select(_ => chain.Sign(chain.Alice, Chain.Call("lab", "spin")))];
        System.Diagnostics.Stopwatch watch = System.Diagnostics.Stopwatch.StartNew();
        BlockResult result = chain.Block(block);
        TestContext.Current.SendDiagnosticMessage($"a block of 100 M gas units took {watch.ElapsedMilliseconds} ms");
        Assert.Equal(50, result.Outputs.Count(output => output.Receipt.Status.Kind == StatusKind.OutOfGas));
        Assert.Equal(10, result.Outputs.Count(output => output.Receipt.Status is { Kind: StatusKind.Skipped, Retry: true }));
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(30), $"{watch.Elapsed}");
    }
}
