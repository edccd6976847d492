using System.Diagnostics;

namespace Theseus.Execution.Tests;

/// <summary>What a transfer costs; run by name with -explicit only (figures depend on the machine).</summary>
public class TransferCost
{
    [Theory(Explicit = true)]
    [InlineData(50)]
    [InlineData(1_000)]
    public void MicrosecondsForATransfer(int size)
    {
        Chain chain = new(Framework.Modules);
        TestAccount[] senders = [.. Enumerable.Range(0, size).Select(i => new TestAccount("load" + i))];
        foreach (TestAccount[] chunk in senders.Chunk(500))
        {
            chain.Block([.. chunk.Select(sender => chain.Sign(chain.Alice, Chain.Transfer(sender.Address, Chain.Unit / 10)))]);
        }

        IExecutionStack stack = chain.Stack;
        List<double> execute = [], admit = [];
        byte[][] transactions =
            [.. senders.Select((sender, i) => chain.Sign(sender, Chain.Transfer(senders[(i + 1) % size].Address, 5), sequence: 0))];
        int rounds = 6_000 / size;
        for (int round = 0; round < rounds; round++)
        {
            long start = Stopwatch.GetTimestamp();
            BlockResult result = stack.Execute(new BlockInput(chain.Context(3), transactions, 1), chain.State);
            execute.Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds / size);
            Assert.Equal(StatusKind.Success, result.Outputs[^2].Receipt.Status.Kind);
            start = Stopwatch.GetTimestamp();
            foreach (byte[] transaction in transactions)
            {
                stack.Admit(transaction, chain.Context(3), chain.State);
            }

            admit.Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds / size);
        }

        TransactionDecoding.TryDecode(transactions[0], out SignedTransaction? one);
        long signature = Stopwatch.GetTimestamp();
        for (int i = 0; i < 2_000; i++)
        {
            one!.HasValidSignature();
        }

        double verify = Stopwatch.GetElapsedTime(signature).TotalMicroseconds / 2_000;
        long empty = Stopwatch.GetTimestamp();
        for (int i = 0; i < 200; i++)
        {
            stack.Execute(new BlockInput(chain.Context(3), [], 1), chain.State);
        }

        Console.WriteLine($"{size} transfers: execute {execute.Order().ElementAt(rounds / 2):F0} us (best {execute.Min():F0}), admit {admit.Order().ElementAt(rounds / 2):F0} us (best {admit.Min():F0}), of these the signature {verify:F0} us; an empty block {Stopwatch.GetElapsedTime(empty).TotalMicroseconds / 200:F0} us");
    }
}
