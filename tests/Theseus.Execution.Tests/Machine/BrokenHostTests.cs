namespace Theseus.Execution.Tests;

/// <summary>
/// A host that fails at any one of its calls: the exception leaves the stack as it is. It never becomes a status, and nothing of the
/// failed attempt is left for the next one. // fault 87
/// </summary>
public sealed class BrokenHostTests
{
    private sealed class BrokenException : Exception;

    /// <summary>Fails at one read.</summary>
    private sealed class Breaking(IStateReader state, int at) : IStateReader
    {
        public int Reads { get; private set; }

        public byte[]? TryGet(StateKey key) => Reads++ == at ? throw new BrokenException() : state.TryGet(key);
    }

    public static TheoryData<string> Blocks => ["transfer", "ceremony", "publish"];

    [Theory]
    [MemberData(nameof(Blocks))]
    public void AFailingReadEscapesAndLeavesNothing(string kind)
    {
        (Chain chain, byte[][] transactions) = Block(kind);
        BlockInput input = new(chain.Context(chain.Height + 1), transactions, 1);
        StackTable table = StackTable.Of(); // caches of its own: whatever a failure leaves there must not show
        IExecutionStack stack = table.Find(chain.Stack.StackId)!;
        Breaking counting = new(chain.State, -1);
        string expected = Text(stack.Execute(input, counting));
        int warm = counting.Reads;
        IExecutionStack cold = StackTable.Of().Find(chain.Stack.StackId)!;
        counting = new Breaking(chain.State, -1);
        Assert.Equal(expected, Text(cold.Execute(input, counting)));
        Assert.True(counting.Reads >= warm, "a cold stack reads less than a warm one");
        foreach ((bool fresh, int reads) in new[] { (true, counting.Reads), (false, warm) })
        {
            int step = int.Max(1, reads / (fresh ? 12 : 60)); // a cold stack is dear
            for (int at = 0; at < reads; at += step)
            {
                IExecutionStack broken = fresh ? StackTable.Of().Find(chain.Stack.StackId)! : stack;
                int fails = at;
                Breaking state = new(chain.State, fails);
                try
                {
                    string result = Text(broken.Execute(input, state));
                    Assert.True(state.Reads <= fails, $"{kind}: the exception at read {at} of {reads} was swallowed");
                    Assert.Equal(expected, result);
                }
                catch (BrokenException)
                {
                    Assert.Equal(expected, Text(broken.Execute(input, chain.State)));
                }
            }
        }
    }

    private static (Chain Chain, byte[][] Transactions) Block(string kind)
    {
        Chain chain = new();
        switch (kind)
        {
            case "transfer":
                return (chain, [chain.Sign(chain.Alice, Chain.Transfer(chain.Bob.Address, 5)),
                    chain.Sign(chain.Bob, Chain.Transfer(new Address(Enumerable.Repeat((byte)0xCC, 32).ToArray()), 5))]);
            case "ceremony":
                chain.Run(chain.Bob, Chain.Call("governance", "propose", Chain.Bytes(new byte[32]), [0])).Success();
                return (chain, [.. chain.Validators.Select(voter =>
                    chain.Sign(voter, Chain.Call("governance", "vote", Chain.U64(1), [1])))]);
            default:
                byte[] script = Upgrade.By(("lab.move", "public entry fun nothing() {}",
                    "public entry fun nothing() {} public entry fun brand_new() {}")).Script();
                chain.Approve(script);
                return (chain, [chain.Sign(chain.Alice, new TransactionPayload.Script(script, [], []), 50_000_000),
                    chain.Sign(chain.Bob, Chain.Call("lab", "brand_new"))]);
        }
    }

    private static string Text(BlockResult result) => string.Join('\n', result.Outputs.Select(output => output.Receipt.ToString()))
        + $"\n{ExecutionRoots.OfWrites(result.Writes)} {result.CodeRoot} {result.GasUsed} {string.Join(';', result.Alarms)}";
}
