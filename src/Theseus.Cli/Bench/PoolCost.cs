using System.Diagnostics;
using Theseus.Execution;
using Theseus.Node;
using Theseus.Protocol;
using Theseus.Storage;

namespace Theseus.Cli.Bench;

/// <summary>
/// What a full mempool pays for a newcomer that it refuses, against one that it accepts: who is refused must cost no more.
/// </summary>
internal static class PoolCost
{
    private const int Senders = 1_100;

    private const int Each = 18;

    private const int Newcomers = 1_000;

    /// <summary>Measures.</summary>
    public static IReadOnlyList<BenchRow> Measure(BenchOptions options)
    {
        Terminal.Say("bench: filling a mempool");
        BenchLedger ledger = new(2 * Senders * 10);
        using ChainStore store = ChainStore.InMemory();
        new BenchChain(store, ledger.Genesis).Write(ledger.RowsOf(0, Senders));
        ChainExecution execution = new(store, ledger.Genesis, StackTable.Of(), options.Folder, static _ => { });
        StoppedClock clock = new(DateTimeOffset.FromUnixTimeMilliseconds((long)ledger.Genesis.Time));
        Mempool pool = new(() => execution.Head, execution.Chain, execution.Stacks, clock, new PoolLimits { Count = Senders * Each });
        double accepted = 0;
        for (int round = 0; round < Each; round++)
        {
            // the last round's: everything is warm and the pool is nearly full
            accepted = Time(pool, null,
                [.. Enumerable.Range(0, Senders).Select(sender => ledger.Transfer(sender, (ulong)round, price: 2))]);
        }

        double refused = Time(pool, RefusalReason.MempoolFull,
            [.. Enumerable.Range(0, Newcomers).Select(sender => ledger.Transfer(sender, Each, price: 1))]);
        return
        [
            new("pool", $"a transfer accepted by a pool of {Senders * Each:#,0} that is nearly full", accepted, "µs"),
            new("pool", "a newcomer refused by it when it is full", refused, "µs", refused / accepted, "an accepted one"),
        ];
    }

    // Microseconds for one of them.
    private static double Time(Mempool pool, RefusalReason? expected, byte[][] transactions)
    {
        long began = Stopwatch.GetTimestamp();
        foreach (byte[] transaction in transactions)
        {
            Submission outcome = pool.Submit(transaction, null);
            if (outcome.Refusal != expected)
            {
                throw new CommandFailure($"the bench's pool answers {outcome.Refusal?.ToString() ?? "yes"}: {outcome.Message}");
            }
        }

        return Stopwatch.GetElapsedTime(began).TotalMicroseconds / transactions.Length;
    }

    private sealed class StoppedClock(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
