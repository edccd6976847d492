namespace Theseus.Execution.Tests;

/// <summary>The same blocks give the same bytes, whatever a node has loaded (record P13).</summary>
public class DeterminismTests
{
    private static readonly Edit More =
        ("lab.move", "public entry fun nothing() {}", "public entry fun nothing() {} public entry fun more() {}");

    /// <summary>A history with transfers, failures, a publish and calls of the new code.</summary>
    private static (Chain Chain, List<(BlockInput Input, MapState Before, byte[] Result)> Blocks) History(string stack)
    {
        Chain chain = new(stack: stack);
        List<(BlockInput, MapState, byte[])> blocks = [];
        byte[] script = Upgrade.By(More).Script();
        chain.Approve(script);
        byte[][][] all =
        [
            [chain.Sign(chain.Alice, Chain.Transfer(chain.Bob.Address, 5)), chain.Sign(chain.Bob, Chain.Call("lab", "fail", Chain.U64(3)))],
            [chain.Sign(chain.Alice, new TransactionPayload.Script(script, [], []), 50_000_000),
                chain.Sign(chain.Bob, Chain.Call("lab", "more")), chain.Sign(chain.Bob, Chain.Call("lab", "keep", Chain.U64(9)))],
            [chain.Sign(chain.Bob, Chain.Call("lab", "more")), chain.Sign(chain.Bob, Chain.Call("lab", "spin"), 9_000),
                chain.Sign(chain.Bob, Chain.Call("lab", "nothing"), 1_000, sequence: 99)],
            [chain.Sign(chain.Alice, Chain.Transfer(new TestAccount("new").Address, 5)),
                chain.Sign(chain.Alice, Chain.Call("lab", "name", Chain.U64(300)))],
        ];
        foreach (byte[][] transactions in all)
        {
            MapState before = new(chain.State);
            BlockResult result = chain.Block(transactions);
            blocks.Add((new BlockInput(chain.Context(chain.Height), transactions, chain.Height * 1_000), before, Results.Bytes(result)));
        }

        return (chain, blocks);
    }

    [Theory]
    [MemberData(nameof(Chain.StackNames), MemberType = typeof(Chain))]
    public void ColdCachesAndOtherOrdersGiveTheSameBytes(string name)
    {
        (Chain chain, List<(BlockInput Input, MapState Before, byte[] Result)> blocks) = History(name);
        Hash32 id = chain.Stack.StackId;
        foreach ((BlockInput input, MapState before, byte[] result) in blocks)
        {
            Assert.Equal(result, Results.Bytes(StackTable.Of().Find(id)!.Execute(input, before))); // nothing loaded
        }

        IExecutionStack stack = StackTable.Of().Find(id)!;
        foreach (int i in new[] { 3, 1, 0, 2, 1, 3, 0 }) // newest code first, then back
        {
            Assert.Equal(blocks[i].Result, Results.Bytes(stack.Execute(blocks[i].Input, blocks[i].Before)));
        }
    }

    [Fact]
    public void EvictionFromTheCacheDoesNotShow()
    {
        (Chain chain, List<(BlockInput Input, MapState Before, byte[] Result)> blocks) = History(Chain.Oldest.Name);
        IExecutionStack stack = StackTable.Of().Find(chain.Stack.StackId)!;
        stack.Execute(blocks[0].Input, blocks[0].Before);
        for (int i = 0; i <= CodeCache.Capacity; i++) // as many other frameworks as fit, and one more
        {
            Chain other = new(Framework.Compile(("novel.move", "", $"module theseus_framework::novel {{ public entry fun f{i}() {{}} }}")));
            stack.Execute(new BlockInput(other.Context(1), [other.Sign(other.Alice, Chain.Call("novel", "f" + i))], 1),
                other.State).Outputs[1].Success();
        }

        foreach ((BlockInput input, MapState before, byte[] result) in blocks)
        {
            Assert.Equal(result, Results.Bytes(stack.Execute(input, before)));
        }
    }

    [Fact]
    public void ViewsSimulationsAndAdmissionsBetweenBlocksDoNotShow()
    {
        (Chain chain, List<(BlockInput Input, MapState Before, byte[] Result)> blocks) = History(Chain.Oldest.Name);
        IExecutionStack stack = StackTable.Of().Find(chain.Stack.StackId)!;
        byte[] script = Framework.Script("script { fun main() { let i = 0; while (i < 9) { i = i + 1; } } }");
        foreach ((BlockInput input, MapState before, byte[] result) in blocks)
        {
            Hash32 root = before.Root();
            stack.Simulate(chain.Sign(chain.Alice, new TransactionPayload.Script(script, [], []), sequence: 0), input.Context, before);
            stack.View(new ViewCall(new ModuleId(Address.One, "lab"), "endless", [], []), input.Context, before);
            stack.Admit(input.Transactions[0], input.Context, before);
            stack.Simulate(input.Transactions[0], input.Context, before);
            Assert.Equal(root, before.Root());
            Assert.Equal(result, Results.Bytes(stack.Execute(input, before)));
        }
    }

    [Fact]
    public void ABlocksWritesAreTheNetOfItsTransactions()
    {
        (_, List<(BlockInput Input, MapState Before, byte[] Result)> blocks) = History(Chain.Oldest.Name);
        IExecutionStack stack = StackTable.Of().Find(Chain.Oldest.Manifest().Id)!;
        foreach ((BlockInput input, MapState before, _) in blocks)
        {
            BlockResult result = stack.Execute(input, before);
            MapState byBlock = new(before), byTransaction = new(before);
            byBlock.Apply(result.Writes);
            foreach (TransactionOutput output in result.Outputs)
            {
                foreach (StateWrite write in output.Writes.Writes) // only what changed (execution 3)
                {
                    Assert.False(byTransaction.TryGet(write.Key) is byte[] old ? write.Value is not null
                        && old.AsSpan().SequenceEqual(write.Value) : write.Value is null);
                }

                byTransaction.Apply(output.Writes);
            }

            Assert.Equal(byTransaction.Root(), byBlock.Root());
            Assert.All(result.Writes.Writes, write =>
                Assert.False(before.TryGet(write.Key) is byte[] old ? write.Value is not null && old.AsSpan().SequenceEqual(write.Value)
                    : write.Value is null));
        }
    }
}
