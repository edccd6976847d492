using Microsoft.Extensions.Logging;
using Theseus.Consensus;
using Theseus.Engine;
using Theseus.Execution;
using Theseus.Protocol;
using Theseus.Storage;
using DescriptorLimit = Theseus.Network.DescriptorLimit;
using OverlayHappening = Theseus.Network.OverlayHappening;

namespace Theseus.Node;

/// <summary>The whole node: store, execution, mempool, consensus and the overlays, wired in one place.</summary>
public sealed class ChainNode : IAsyncDisposable
{
    /// <summary>Version text for people.</summary>
    public const string Software = "theseus/0.1.0";

    /// <summary>How often the node looks whether blocks still come.</summary>
    private static readonly TimeSpan WatchInterval = TimeSpan.FromSeconds(1);

    /// <summary>How often it says so again while none come.</summary>
    private static readonly TimeSpan AlarmInterval = TimeSpan.FromSeconds(60);

    /// <summary>How long a stop waits for loops: longer than any block executes. One that hangs must not keep the process.</summary>
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(10);

    private readonly IChainStore _store;
    private readonly EngineHost _host;
    private readonly MempoolGossip _gossip;
    private readonly CancellationTokenSource _stop = new();
    private readonly ILogger _log;
    private readonly OverlayLog _overlayLog;
    private readonly EvidencePool _evidence;
    private readonly ChainApplication _application;
    private readonly TimeProvider _clock;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _outdated = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _ending = new();
    private Task _loops = Task.CompletedTask;
    private long _lastBlock;

    private ChainNode(NodeConfig config, string home, ILogger log, TimeProvider clock)
    {
        Config = config;
        _log = log;
        _overlayLog = new OverlayLog(clock, log);
        _clock = clock;
        _lastBlock = clock.GetTimestamp();
        string genesisFile = Path.GetFullPath(Path.Combine(home, config.Genesis));
        Genesis genesis = ReadGenesis(genesisFile);
        StackTable stacks;
        try
        {
            stacks = StackTable.Of(config.Stacks);
        }
        catch (ArgumentException e)
        {
            throw new ConfigurationException(e.Message);
        }

        NodeKey key = NodeKey.Load(Path.Combine(home, config.KeyFile));
        string data = Path.Combine(home, "data");
        Directory.CreateDirectory(data);
        Directory.CreateDirectory(Path.Combine(home, "consensus"));
        ulong? blocks = config.BlockRetention == 0 ? null : config.BlockRetention;
        ulong? states = config.Retention == 0 ? null : config.Retention;
        Retention retention = new(blocks, states, ulong.Min(states ?? ulong.MaxValue, 10_000));
        _store = ChainStore.InFolder(data, retention, new StoreOptions(OpenFiles: DescriptorLimit.OfStore(DescriptorLimit.Raise())));
        Chain = new ChainExecution(_store, genesis, stacks, home, log.ExecutionAlarm);
        Reader = new ChainReader(Chain);
        Pool = new Mempool(() => Chain.Head, Chain.Chain, stacks, clock, signatures: Chain.Signatures);
        Address? self = config.Validator is null ? null : Address.Parse(config.Validator);
        ApplicationLink link = new();
        _evidence = new EvidencePool(
            Path.Combine(home, "evidence.txt"),
            evidence => Chain.Head.Next.EvidenceVerifier(Chain.Chain, Ed25519Check.Instance, evidence.Height)
                ?.Verify(evidence, out _) is not null);
        _application = new ChainApplication(link, Chain, Pool, _evidence, self, clock, Executed);
        EngineApplication application = new(
            link,
            ChainApplication.IsContent,
            () => Chain.Head.Next.Validators,
            self is Address address ? ValidatorSets.ToId(address) : null,
            Heard,
            HasPlace);
        _host = new EngineHost(
            config, home, key, Chain.Chain.Name, Chain.Chain.GenesisHash, Chain.SupportedModules, Software, clock, application);
        _gossip = new MempoolGossip(_host.Mempool, Pool, clock, () => IsSyncing || !Health.IsCurrent);
        _host.Consensus.Observe(Observed);
        _host.Sync.Observe(Observed);
        _host.Mempool.Observe(Observed);
    }

    /// <summary>The configuration that it was opened with.</summary>
    public NodeConfig Config { get; }

    /// <summary>The chain: decided blocks into state.</summary>
    public ChainExecution Chain { get; }

    /// <summary>Reads for users, from any thread.</summary>
    public ChainReader Reader { get; }

    /// <summary>Transactions that no block holds yet.</summary>
    public Mempool Pool { get; }

    /// <summary>What peers did wrong since the start.</summary>
    public PeerMisbehaviour Misbehaviour { get; } = new();

    /// <summary>The round of the height in progress.</summary>
    public int Round { get; private set; }

    /// <summary>Blocks decided in a round above 0 since the start.</summary>
    public long LateRounds { get; private set; }

    /// <summary>Sessions of the consensus overlay.</summary>
    public int Peers => _host.Consensus.PeerCount;

    /// <summary>Connections that the API may take in by the process's descriptor limit.</summary>
    public int ClientConnections => _host.ClientConnections;

    /// <summary>Whether the engine has stopped for good; <see cref="Halted"/> says why.</summary>
    public bool IsHalted => _host.Engine.IsHalted;

    /// <summary>Why the node does not take part; null while it does.</summary>
    public string? Halted => _application.Halted ?? (_host.Engine.IsHalted ? HaltDetail ?? "the engine has halted; see the log" : null);

    /// <summary>What is scheduled and needs software that this node lacks; null when nothing is (record P10).</summary>
    public string? Warning
    {
        get
        {
            ChainHead head = Chain.Head;
            IReadOnlyList<MissingModule> missing = RecordSupport.Missing(head.Next.Record, head.Height, Chain.SupportedModules);
            string needed = string.Join("; ", missing.Select(Sentence));
            return missing.Count == 0
                ? null
                : $"{needed}; supported: {string.Join(", ", Chain.SupportedModules)}; get newer software";
        }
    }

    /// <summary>
    /// Why the node ended: nothing of it runs any more, and its process should end with the code of this. Null while it
    /// runs.
    /// </summary>
    public NodeEnd? End { get; private set; }

    /// <summary>How the node is now.</summary>
    public NodeHealth Health
    {
        get
        {
            ChainHead head = Chain.Head;
            TimeSpan headAge = TimeSpan.FromMilliseconds(_clock.GetUtcNow().ToUnixTimeMilliseconds() - Saturating.ToInt64(head.Time));
            TimeSpan blockInterval = TimeSpan.FromMilliseconds(Saturating.ToInt32(head.Next.Parameters.BlockInterval));
            return NodeHealth.Of(End, Halted, IsSyncing, _clock.GetElapsedTime(Interlocked.Read(ref _lastBlock)), headAge, blockInterval);
        }
    }

    /// <summary>Whether the node is far behind its peers.</summary>
    public bool IsSyncing => _host.Engine.Sync.KeptHeights > 0;

    /// <summary>
    /// Completes when the node has ended by itself; <see cref="End"/> says why. A node that halted goes on serving
    /// history.
    /// </summary>
    public Task Completion => _ended.Task;

    /// <summary>Completes when the chain needs newer software: the node no longer takes part but still serves history.</summary>
    public Task Outdated => _outdated.Task;

    private string? HaltDetail { get; set; }

    /// <summary>Opens the home folder.</summary>
    /// <exception cref="ConfigurationException">A file is missing or wrong.</exception>
    /// <exception cref="StoreException">The data folder is locked, of another schema, or of another chain.</exception>
    public static ChainNode Open(string home, NodeConfig config, ILogger log, TimeProvider clock) => new(config, home, log, clock);

    private static Genesis ReadGenesis(string file)
    {
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"cannot read the genesis file {file}: {e.Message}");
        }

        Genesis genesis = GenesisCodec.TryDecode(bytes, out string? fault)
            ?? throw new ConfigurationException($"{file} is not a genesis file: {fault}");
        IReadOnlyList<string> faults = genesis.Faults();
        return faults.Count == 0 ? genesis : throw new ConfigurationException($"{file}: {string.Join("; ", faults)}");
    }

    /// <summary>Opens the ports and runs.</summary>
    /// <exception cref="ConfigurationException">A port is in use.</exception>
    public void Start()
    {
        Interlocked.Exchange(ref _lastBlock, _clock.GetTimestamp());
        _log.ConnectionBounds(_host.Bounds);
        WarmUp();
        _host.Start();
        _loops = Task.WhenAll(
            LiveAsync("the application", _application.RunAsync(_stop.Token)),
            LiveAsync("the mempool's gossip", _gossip.RunAsync(_stop.Token)),
            LiveAsync("consensus", _host.Completion),
            LiveAsync("the watch", WatchAsync(_stop.Token)));
    }

    // The first publish would otherwise wait for the machine's verifier and the probe to be compiled, in the middle of a block.
    private void WarmUp()
    {
        ChainHead head = Chain.Head;
        if (Chain.Stacks.Find(head.Next.Execution.ModuleId) is { } stack)
        {
            stack.Warm(head.NextContext(Chain.Chain), head.State);
        }
    }

    /// <summary>Stops everything and closes the store.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _host.DisposeAsync();
        await Task.WhenAny(_loops, Task.Delay(StopPatience, _clock));
        if (_loops.IsCompleted)
        {
            _store.Dispose(); // a loop that hangs may still read it; the process ends with it open, as in a crash
        }

        _stop.Dispose();
    }

    // A node never goes on half alive: when one loop ends, all do, and the process with them. The first reason is the one that counts.
    private async Task LiveAsync(string name, Task loop)
    {
        Exception? fault = null;
        try
        {
            await loop;
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            return; // asked for
        }
        catch (Exception e)
        {
            fault = e;
        }

        if (fault is null && _stop.IsCancellationRequested)
        {
            return;
        }

        NodeEnd end = fault is null
            ? new NodeEnd(NodeEndKind.Failure, $"{name} ended by itself", "start again, and report this")
            : NodeEnd.Of(fault);
        await EndAsync(end with { Message = $"{name} failed: {end.Message}" }, fault);
    }

    private async Task EndAsync(NodeEnd end, Exception? fault)
    {
        lock (_ending)
        {
            if (End is not null)
            {
                return;
            }

            End = end;
        }

        _log.NodeEnds(end.Message, end.Advice);
        if (end.Kind == NodeEndKind.Failure && fault is not null)
        {
            _log.Fault(fault);
        }

        await _stop.CancelAsync();
        await _host.StopAsync();
        _ended.TrySetResult();
    }

    // An alarm when blocks stop coming, whatever the reason; health checks and metrics show the same.
    private async Task WatchAsync(CancellationToken cancellation)
    {
        long? told = null;
        while (true)
        {
            await Task.Delay(WatchInterval, _clock, cancellation);
            NodeHealth health = Health;
            if (health.IsStalled && (told is not { } last || _clock.GetElapsedTime(last) >= AlarmInterval))
            {
                told = _clock.GetTimestamp();
                _log.NoBlocks(health.SinceBlock.TotalSeconds, Chain.Head.Height + 1, Round, Peers);
            }
            else if (!health.IsStalled && told is not null)
            {
                told = null;
                _log.BlocksAgain(Chain.Head.Height);
            }
        }
    }

    private void Executed(BlockExecuted executed)
    {
        Interlocked.Exchange(ref _lastBlock, _clock.GetTimestamp());
        ChainHead head = executed.Head;
        Block block = head.Block!;
        LateRounds += executed.Round > 0 ? 1 : 0;
        _log.BlockExecuted(
            head.Height, executed.Round, block.Body.Transactions.Count, head.Result.GasUsed,
            head.Result.StateRoot.ToString()[..16], executed.Milliseconds);
        foreach (KeyValuePair<string, UpdatableField> pair in head.Next.Record.Components)
        {
            Hash32 before = head.Record.Find(pair.Key)?.Current.ModuleId ?? default;
            if (pair.Value.Current.ModuleId != before)
            {
                _log.ComponentChanges(pair.Key, pair.Value.Current.Version.ToString(), head.Height + 1);
                Pool.JudgeAgain(head);
            }
        }

        foreach (MissingModule missing in RecordSupport.Missing(head.Record, head.Height, Chain.SupportedModules))
        {
            _log.SoftwareTooOld(Sentence(missing));
        }

        if (head.Result.CodeRoot != _codeRoot && _codeRoot != default)
        {
            _log.FrameworkChanged(head.Height, head.Result.CodeRoot.ToString());
            Pool.JudgeAgain(head);
        }

        _codeRoot = head.Result.CodeRoot;
    }

    private static string Sentence(MissingModule missing) =>
        $"{missing.Component} version {missing.Version} is scheduled for block {missing.Height} ({missing.BlocksLeft} left) "
        + $"and needs module {missing.Required}";

    private Hash32 _codeRoot;

    private void Heard(EngineEvent happened)
    {
        switch (happened)
        {
            case EngineEvent.RoundEntered entered:
                Round = entered.Round;
                if (entered.Round > 0)
                {
                    _log.LateRound(entered.Height, entered.Round);
                }

                break;
            case EngineEvent.HeightStarted started:
                Round = 0;
                break;
            case EngineEvent.HeightDecided:
                break;
            case EngineEvent.CoreReport { Report.Kind: ReportKind.OtherHeight }:
                break;
            case EngineEvent.Halted halted:
                HaltDetail = $"{halted.Reason}: {halted.Detail}";
                _log.ConsensusStopped(halted.Reason.ToString(), halted.Detail);
                if (EndOf(halted) is { } end)
                {
                    _ = EndAsync(end, fault: null);
                }
                else if (halted.Reason == HaltReason.MissingModule)
                {
                    _outdated.TrySetResult();
                }

                break;
            default:
                _log.EngineHappened(happened.ToString()!);
                break;
        }
    }

    // A missing module leaves a node that serves history; what is broken comes as an exception of the engine's loop.
    // The rest ends the node.
    private static NodeEnd? EndOf(EngineEvent.Halted halted) => halted.Reason switch
    {
        HaltReason.AgreementBroken => new NodeEnd(
            NodeEndKind.Divergence, $"two blocks were decided at {halted.Detail}",
            "at least a third of the validators is faulty: agree with other operators before going on"),
        HaltReason.ApplicationHangs => new NodeEnd(
            NodeEndKind.Failure, $"the application does not answer: {halted.Detail}", "start again, and report this"),
        HaltReason.RoundCeiling => new NodeEnd(
            NodeEndKind.Failure, $"no decision in {Rounds.Ceiling} rounds at {halted.Detail}",
            "agree with other operators before going on"),
        _ => null,
    };

    // A validator of set(h) or set(h + 1) finds a place on every overlay, whoever else is there.
    private bool HasPlace(Hash32 key)
    {
        ProtocolRecord record = Chain.Head.Next.Record;
        return record.SetNow.Validators.Any(validator => validator.PublicKey == key)
            || record.SetNext.Validators.Any(validator => validator.PublicKey == key);
    }

    private void Observed(Theseus.Network.OverlayEvent happened)
    {
        Misbehaviour.Count(happened);
        _overlayLog.Write(happened);
        if (happened is { Overlay: Theseus.Network.OverlayKind.Consensus, What: OverlayHappening.Opened, Peer: Hash32 peer })
        {
            TellEvidence(peer);
        }
    }

    // consensus N3: gossiped, and again after a restart: a peer that was not connected when it was found hears of it when it connects
    private void TellEvidence(Hash32 peer)
    {
        foreach (Evidence evidence in _evidence.Pending)
        {
            _host.Consensus.Send(peer, Theseus.Network.Envelopes.Consensus(
                (ushort)FrameKind.Consensus, evidence.Height, Canonical.Encode(new ConsensusMessage.OfEvidence(evidence))));
        }
    }
}
