using Theseus.Consensus;
using Theseus.Execution;
using Theseus.Protocol;
using Theseus.Storage;

namespace Theseus.Node;

/// <summary>The network agreed on a result that differs from this node's own (exit code 6).</summary>
public sealed class DivergenceException(ulong height, BlockResultSummary mine, Hash32 agreed, string bundle) : Exception(
    $"result of block {height} is {ResultCodec.IdOf(mine)} here and {agreed} by agreement; "
    + $"state root here {mine.StateRoot}; kept in {bundle}")
{
    /// <summary>The height whose result differs.</summary>
    public ulong Height { get; } = height;
}

/// <summary>
/// Decided blocks into state: stores the decision, seals the block before, executes under the stack that the block's own
/// rules name. One caller at a time; readers take <see cref="Head"/>.
/// </summary>
public sealed class ChainExecution
{
    private readonly IChainStore _store;
    private readonly StackTable _stacks;
    private readonly string _divergenceFolder;
    private Unsealed? _unsealed;
    private volatile ChainHead _head;

    /// <summary>Opens the chain and executes again what was decided and not finished.</summary>
    public ChainExecution(IChainStore store, Genesis genesis, StackTable stacks, string divergenceFolder, Action<string> alarm)
    {
        _store = store;
        _stacks = stacks;
        _divergenceFolder = divergenceFolder;
        Alarm = alarm;
        GenesisBlock first = store.Initialise(genesis);
        Chain = first.Chain;
        GenesisTime = first.Time;
        StoreWindow window = store.Window;
        _head = HeadAt(window.Executed, first);
        for (ulong height = window.Executed + 1; height <= window.Decided && CanExecute(height); height++)
        {
            ExecuteDecided(store.Block(height)!, store.Certificate(height)!, store.Record(height)!);
        }
    }

    /// <summary>What names the chain.</summary>
    public ChainIdentity Chain { get; }

    /// <summary>Time of height 0 in milliseconds.</summary>
    public ulong GenesisTime { get; }

    /// <summary>The execution stacks of this software, as configured.</summary>
    public StackTable Stacks => _stacks;

    /// <summary>Where the chain is kept.</summary>
    public IChainStore Store => _store;

    /// <summary>Signatures that this node has checked.</summary>
    public CheckedSignatures Signatures { get; } = new();

    /// <summary>Told what operators must see.</summary>
    public Action<string> Alarm { get; }

    /// <summary>The newest executed block; readers from any thread take it once and use it as a whole.</summary>
    public ChainHead Head => _head;

    /// <summary>The newest height whose result is agreed: its values are stored.</summary>
    public ulong SealedHeight => _store.Window.Executed;

    /// <summary>
    /// Modules that rules(height) demand and this software lacks (record, a node that cannot run what comes next).
    /// Empty when all are here.
    /// </summary>
    public IReadOnlyList<(string Component, Hash32 ModuleId)> MissingFor(Rules rules) =>
        [.. rules.Record.Components
            .Where(pair => pair.Value.Gates.HasFlag(ComponentGates.Validator))
            .Select(pair => (pair.Key, pair.Value.Current.ModuleId))
            .Where(pair => !Supports(pair.ModuleId))];

    /// <summary>Whether this node has a module, of whatever component.</summary>
    public bool Supports(Hash32 moduleId) => _stacks.Has(moduleId) || ProtocolModules.Supported.Contains(moduleId);

    /// <summary>The modules that this node has.</summary>
    public IReadOnlyList<Hash32> SupportedModules => [.. ProtocolModules.Supported, .. _stacks.Entries.Select(entry => entry.ModuleId)];

    /// <summary>Stores a decision (consensus N16). Idempotent. False when it is not the next one.</summary>
    public bool Append(CommitCertificate certificate, Block block)
    {
        ulong decided = _store.Window.Decided;
        if (certificate.Height != decided + 1)
        {
            return false;
        }

        ChainHead parent = _head;
        Hash32? claimed = block.Header.ParentResult;
        if (claimed != ResultCodec.IdOf(parent.Result))
        {
            throw new DivergenceException(parent.Height, parent.Result, claimed ?? Hash32.Zero, KeepBundle(parent, block));
        }

        ProtocolRecord record = RecordStep.Apply(parent.Next, BlockRules.RecordInputsOf(block, parent.Result, parent.ServiceEvents));
        _store.Append(new DecidedBlock(block, certificate, record));
        return true;
    }

    /// <summary>Seals the parent and executes a decided block.</summary>
    public ChainHead Execute(CommitCertificate certificate, Block block)
    {
        ExecuteDecided(block, certificate, _store.Record(block.Header.Height)!);
        return _head;
    }

    private bool CanExecute(ulong height) => _head.Height + 1 == height && _stacks.Has(_head.Next.Execution.ModuleId);

    private void ExecuteDecided(Block block, CommitCertificate certificate, ProtocolRecord record)
    {
        ulong height = block.Header.Height;
        ChainHead parent = _head;
        Rules rules = parent.Next;
        IExecutionStack stack = _stacks.Find(rules.Execution.ModuleId)
            ?? throw new InvalidOperationException($"height {height} needs a stack that this node lacks");

        // A decided block agrees on its parent's result: the parent is sealed and its values are written (record P5), while this block is
        // executed over them in memory.
        Task sealing = SealAsync();
        BlockContext context = BlockContexts.Of(Chain, block, rules, record, parent.Carried);
        BlockInput input = new(context, block.Body.Transactions, parent.Result.FirstVersion + parent.Result.TransactionCount)
        {
            IsKnownGood = Signatures.Contains,
        };
        BlockResult result;
        try
        {
            result = stack.Execute(input, new ExpectingReader(parent.State, _store));
        }
        finally
        {
            sealing.GetAwaiter().GetResult();
        }

        IStateReader before = _store.StateAt(height - 1);
        foreach (string alarm in result.Alarms)
        {
            Alarm(alarm);
        }

        PreparedState prepared = _store.Prepare(height, result.Writes);
        BlockResultSummary summary = ResultCodec.Summarise(height, result, prepared.Root);
        _unsealed = new Unsealed(new ExecutedBlock(summary, result.Outputs, result.Writes, result.ServiceEvents), prepared);
        _head = new ChainHead(
            height, BlockCodec.IdOf(block.Header), block.Header.Time, block, certificate, record, RecordStep.Advance(record, height + 1),
            summary, result.Outputs, result.ServiceEvents, new StateOverlay(before, result.Writes))
        {
            Carried = CarriedEvidence.After(context.Evidence, result.Outputs[0].Receipt),
        };
    }

    private Task SealAsync()
    {
        Unsealed? unsealed = _unsealed;
        _unsealed = null;
        return unsealed is null ? Task.CompletedTask : _store.CommitBesideAsync(unsealed.Executed, unsealed.Prepared);
    }

    private ChainHead HeadAt(ulong height, GenesisBlock first)
    {
        if (height == 0)
        {
            return new ChainHead(
                0, Chain.GenesisHash, first.Time, null, null, first.Record, RecordStep.Advance(first.Record, 1), first.Result,
                [first.Output], [], _store.StateAt(0));
        }

        Block block = _store.Block(height)!;
        ProtocolRecord record = _store.Record(height)!;
        return new ChainHead(
            height, BlockCodec.IdOf(block.Header), block.Header.Time, block, _store.Certificate(height), record,
            RecordStep.Advance(record, height + 1), _store.Result(height)!, [], _store.ServiceEvents(height)!, _store.StateAt(height))
        {
            Carried = CarriedAfter(height),
        };
    }

    // After a restart: the evidence of the last blocks whose begin hooks failed, newest first, as the hooks were given it.
    private IReadOnlyList<EvidenceFact> CarriedAfter(ulong height)
    {
        List<EvidenceFact> given = [];
        for (ulong h = height; h > 0 && given.Count < CarriedEvidence.Maximum; h--)
        {
            if (_store.Result(h) is not { } result || _store.Transaction(result.FirstVersion) is not { } begin
                || _store.Block(h) is not { } block)
            {
                break; // pruned, long after the evidence has expired
            }

            if (!CarriedEvidence.Carries(begin.Output.Receipt))
            {
                break;
            }

            given.AddRange(CarriedEvidence.Of(block.Body));
        }

        return [.. given.Take(CarriedEvidence.Maximum)];
    }

    /// <summary>Both sides of a divergence, for people: what this node made, and the block that says otherwise.</summary>
    private string KeepBundle(ChainHead mine, Block next)
    {
        string folder = Path.Combine(_divergenceFolder, $"divergence-{mine.Height}");
        Directory.CreateDirectory(folder);
        File.WriteAllBytes(Path.Combine(folder, "result.bcs"), ResultCodec.Encode(mine.Result));
        File.WriteAllBytes(Path.Combine(folder, "next-block.bcs"), BlockCodec.Encode(next));
        File.WriteAllLines(Path.Combine(folder, "outputs.txt"), mine.Outputs.Select(output => $"{output.Receipt} {output.FailurePlace}"));
        return folder;
    }

    /// <summary>
    /// Tells the store what is read, ahead of what will be written, and asks for it once: the sessions of a transaction read the same
    /// values.
    /// </summary>
    private sealed class ExpectingReader(IStateReader state, IChainStore store) : IStateReader
    {
        private readonly Dictionary<StateKey, byte[]?> _read = []; // one block's

        public byte[]? TryGet(StateKey key)
        {
            if (!_read.TryGetValue(key, out byte[]? value))
            {
                store.Expect(key);
                value = state.TryGet(key);
                _read.Add(key, value);
            }

            return value;
        }
    }

    private sealed record Unsealed(ExecutedBlock Executed, PreparedState Prepared);
}
