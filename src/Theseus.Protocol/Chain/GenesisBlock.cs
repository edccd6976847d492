namespace Theseus.Protocol;

/// <summary>What follows from a genesis (record P6): record(0), result(0) and the receipt of block 0's one system transaction.</summary>
/// <param name="Chain">Names the chain; its genesis hash is the parent of block 1.</param>
/// <param name="Time">Header time of height 0.</param>
/// <param name="Record">record(0).</param>
/// <param name="Result">result(0), whose id block 1 carries.</param>
/// <param name="Output">The genesis transaction as executed.</param>
public sealed record GenesisBlock(
    ChainIdentity Chain,
    ulong Time,
    ProtocolRecord Record,
    BlockResultSummary Result,
    TransactionOutput Output)
{
    /// <summary>Derives block 0 from a genesis.</summary>
    /// <exception cref="ArgumentException">The genesis has faults.</exception>
    public static GenesisBlock Of(Genesis genesis)
    {
        IReadOnlyList<string> faults = genesis.Faults();
        if (faults.Count > 0)
        {
            throw new ArgumentException(string.Join("; ", faults), nameof(genesis));
        }

        ChainIdentity chain = genesis.Identity();
        Hash32 codeRoot = ExecutionRoots.OfCode(genesis.State);
        ProtocolRecord record = RecordOf(genesis, codeRoot);
        Receipt receipt = new(
            SystemTransactions.Hash(SystemTransactionKind.Genesis, chain.GenesisHash, 0),
            TransactionStatus.Success,
            0,
            0,
            ExecutionRoots.OfWrites(genesis.State),
            Hash32.Zero,
            0);
        BlockResultSummary result = new(
            0,
            ResultStatus.Executed,
            record.Current(Components.Execution).ModuleId,
            SparseMerkle.Root(genesis.State),
            ExecutionRoots.OfReceipts([receipt]),
            Hash32.Zero,
            codeRoot,
            0,
            0,
            0,
            1);
        return new GenesisBlock(chain, genesis.Time, record, result, new TransactionOutput(receipt, genesis.State, [], null));
    }

    private static ProtocolRecord RecordOf(Genesis genesis, Hash32 codeRoot)
    {
        RecordedSet set = ValidatorSets.TryRecord(Genesis.FirstEpoch, genesis.Validators, out _)!;
        ComponentVersion first = new(1);
        return new ProtocolRecord
        {
            Model = 1,
            Components = [.. genesis.Components.Select(component => KeyValuePair.Create(
                component.Name,
                new UpdatableField(new CurrentVersion(first, component.ModuleId, 0), null, null, RefusalCode.None, component.Gates)))],
            Readiness = [],
            SetNow = set,
            SetNext = set,
            EvidenceSets = [new EvidenceSet(0, null, 0, set, first)],
            Parameters = genesis.Parameters,
            EmergencySequence = 0,
            Framework = new FrameworkField(1, codeRoot),
            History = [],
            Refusals = [],
            VoidedHeights = [],
        };
    }
}
