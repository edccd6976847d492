using System.Diagnostics;
using Theseus.Consensus;
using Theseus.Execution;
using Theseus.Node;
using Theseus.Protocol;
using Theseus.Storage;

namespace Theseus.Cli.Bench;

/// <summary>
/// Transfers a second of one executor under the first execution stack: alone, and as a node does it, with decided blocks,
/// state tree and values made durable, on random keys over many rows. One signature a transfer is the bound.
/// </summary>
internal static class TransferCost
{
    private const int TransfersOfBlock = 2_000;

    /// <summary>Blocks that let code be compiled and caches fill.</summary>
    private const int WarmBlocks = 3;

    private const int Blocks = 8;

    /// <summary>Rows of one block while the store is filled: bounds memory.</summary>
    private const int RowsOfBlock = 50_000;

    public static IReadOnlyList<BenchRow> Measure(BenchOptions options, double verifications)
    {
        Terminal.Say("bench: compiling the framework");
        BenchLedger ledger = new(options.Rows);
        Terminal.Say($"bench: signing {(WarmBlocks + Blocks) * TransfersOfBlock} transfers");
        List<SignedTransaction[]> blocks = [.. ledger.Transfers((WarmBlocks + Blocks) * TransfersOfBlock).Chunk(TransfersOfBlock)];
        Terminal.Say("bench: transfers without a store");
        double alone = WithoutStore(ledger, blocks);
        (double stored, double filled) = WithStore(ledger, blocks, options);
        return
        [
            new("transfers", $"one executor without a store, signature checked, {TransfersOfBlock} a block", alone, "/s",
                alone / verifications, "verifications"),
            new("transfers", $"one executor with the store, durable, random over {ledger.Accounts * ledger.RowsOfAccount:#,0} rows",
                stored, "/s", stored / alone, "without a store"),
            new("transfers", "the same against the bound", stored, "/s", stored / verifications, "verifications"),
            new("transfers", "rows written durably while the store was filled, tree included", filled, "rows/s"),
        ];
    }

    private static double WithoutStore(BenchLedger ledger, List<SignedTransaction[]> blocks)
    {
        GenesisBlock genesis = GenesisBlock.Of(ledger.Genesis);
        StackTable stacks = StackTable.Of();
        Rules rules = RecordStep.Advance(genesis.Record, 1);
        IExecutionStack stack = stacks.Find(rules.Execution.ModuleId)!;
        LedgerState state = new(ledger);
        List<double> rates = [];
        for (int i = 0; i < blocks.Count; i++)
        {
            BlockContext context = new(
                (ulong)i + 1, (ledger.Genesis.Time + ((ulong)i * 250)) * 1_000, rules.Epoch, rules.Set.Validators[0].Address, [], [],
                rules.Set.Validators, ComponentFacts.Of(genesis.Record),
                genesis.Chain.GenesisHash, genesis.Chain.TxChainId);
            Stopwatch clock = Stopwatch.StartNew();
            BlockResult result = stack.Execute(new BlockInput(context, [.. blocks[i].Select(transaction => transaction.Bytes)], 0), state);
            state.Apply(result.Writes);
            rates.Add(blocks[i].Length / clock.Elapsed.TotalSeconds);
            RequireSuccess(result.Outputs, blocks[i].Length);
        }

        return Median(rates.Skip(WarmBlocks));
    }

    private static (double Stored, double Filled) WithStore(BenchLedger ledger, List<SignedTransaction[]> blocks, BenchOptions options)
    {
        RocksKeyValues tables = RocksKeyValues.Open(Path.Combine(options.Folder, "store"));
        using ChainStore store = new(tables, new Retention(null, 1_000, 1_000));
        Terminal.Say($"bench: filling the store with {ledger.Accounts * ledger.RowsOfAccount:#,0} rows");
        BenchChain chain = new(store, ledger.Genesis);
        double filled = Fill(chain, ledger);
        tables.WaitForRewrites(); // a chain of this age has done it long ago
        Terminal.Say($"bench: filled at {filled:#,0} rows/s; transfers with the store");
        ChainExecution execution = new(store, ledger.Genesis, StackTable.Of(), options.Folder, static _ => { });
        List<double> rates = [];
        foreach (SignedTransaction[] transactions in blocks)
        {
            ChainHead parent = execution.Head;
            BuiltBlock built = BenchChain.Build(execution.Chain, parent.Next, parent.BlockId, parent.Time, parent.Certificate,
                parent.Result, parent.ServiceEvents, transactions);
            CommitCertificate certificate = BenchChain.Certify(parent.Next, built.Id);
            Stopwatch clock = Stopwatch.StartNew();
            execution.Append(certificate, built.Block);
            execution.Execute(certificate, built.Block); // stores what the block before made, as a node does
            rates.Add(transactions.Length / clock.Elapsed.TotalSeconds);
            RequireSuccess(execution.Head.Outputs, transactions.Length);
        }

        return (Median(rates.Skip(WarmBlocks)), filled);
    }

    private static double Fill(BenchChain chain, BenchLedger ledger)
    {
        int accountsOfBlock = RowsOfBlock / ledger.RowsOfAccount;
        Stopwatch clock = Stopwatch.StartNew();
        Stopwatch line = Stopwatch.StartNew();
        for (int first = 0; first < ledger.Accounts; first += accountsOfBlock)
        {
            int count = int.Min(accountsOfBlock, ledger.Accounts - first);
            chain.Write(ledger.RowsOf(first, count));
            if (line.Elapsed > TimeSpan.FromSeconds(10))
            {
                Terminal.Say($"bench: {100.0 * (first + count) / ledger.Accounts:0} % of the rows");
                line.Restart();
            }
        }

        return (double)ledger.Accounts * ledger.RowsOfAccount / clock.Elapsed.TotalSeconds;
    }

    private static void RequireSuccess(IReadOnlyList<TransactionOutput> outputs, int transfers)
    {
        int good = outputs.Skip(1).Take(transfers).Count(output => output.Receipt.Status.Kind == StatusKind.Success);
        if (good != transfers)
        {
            TransactionOutput bad = outputs.Skip(1).First(output => output.Receipt.Status.Kind != StatusKind.Success);
            throw new CommandFailure(
                $"{transfers - good} of {transfers} transfers of the bench failed, e.g. {bad.Receipt.Status} {bad.FailurePlace}");
        }
    }

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }

    /// <summary>Genesis and what was written since; every other account is as it began, so nothing has to be filled in.</summary>
    private sealed class LedgerState : IStateReader
    {
        private readonly BenchLedger _ledger;
        private readonly Dictionary<StateKey, byte[]?> _values = [];

        public LedgerState(BenchLedger ledger)
        {
            _ledger = ledger;
            Apply(ledger.Genesis.State);
        }

        public byte[]? TryGet(StateKey key) => _values.TryGetValue(key, out byte[]? value) ? value : _ledger.Untouched(key);

        public void Apply(WriteSet writes)
        {
            foreach (StateWrite write in writes.Writes)
            {
                _values[write.Key] = write.Value;
            }
        }
    }
}
