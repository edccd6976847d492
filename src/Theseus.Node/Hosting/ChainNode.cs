using Theseus.Consensus;
using Theseus.Engine;
using Theseus.Execution;
using Theseus.Protocol;
using Theseus.Storage;

namespace Theseus.Node;

/// <summary>The whole node: store, execution, mempool, consensus and the overlays, wired in one place.</summary>
public sealed class ChainNode : IAsyncDisposable
{
    /// <summary>Version text for people.</summary>
    public const string Software = "theseus/0.1.0";

    /// <summary>A newest block as old as this, many block times, says that this node has just started or hears nothing: its state judges nobody.</summary>
    private static readonly TimeSpan OldHead = TimeSpan.FromSeconds(10);

    private readonly IChainStore _store;
    private readonly EngineHost _host;
    private readonly MempoolGossip _gossip;
    private readonly CancellationTokenSource _stop = new();
    private readonly Action<string> _log;
    private readonly EvidencePool _evidence;
    private Task _answering = Task.CompletedTask;
    private Task _gossiping = Task.CompletedTask;

    private ChainNode(NodeConfig config, string home, Action<string> log, TimeProvider clock)
    {
        Config = config;
        _log = log;
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
        Retention retention = config.Retention == 0 ? Retention.Archive : new Retention(null, config.Retention, ulong.Min(config.Retention, 10_000));
        _store = ChainStore.InFolder(data, retention);
        Chain = new ChainExecution(_store, genesis, stacks, home, text => log("warning: " + text));
        Reader = new ChainReader(Chain);
        Pool = new Mempool(() => Chain.Head, Chain.Chain, stacks, clock);
        Address? self = config.Validator is null ? null : Address.Parse(config.Validator);
        ApplicationLink link = new();
        _evidence = new EvidencePool(
            Path.Combine(home, "evidence.txt"), evidence => Chain.Head.Next.EvidenceVerifier(Chain.Chain, Ed25519Check.Instance, evidence.Height)?.Verify(evidence, out _) is not null);
        Application = new ChainApplication(link, Chain, Pool, _evidence, self, clock, Executed);
        _host = new EngineHost(config, home, key, Chain.Chain.Name, Chain.Chain.GenesisHash, Chain.SupportedModules, Software, clock, new EngineApplication(
            link,
            ChainApplication.IsContent,
            validator => Chain.Head.Next.Validators.Find(validator) is Validator member ? new Hash32(member.PublicKey.Span) : null,
            self is Address address ? ValidatorSets.ToId(address) : null,
            Heard));
        _gossip = new MempoolGossip(_host.Mempool, Pool, clock, () => IsSyncing || clock.GetUtcNow().ToUnixTimeMilliseconds() > (long)Chain.Head.Time + (long)OldHead.TotalMilliseconds);
        _host.Consensus.Observer = Observed;
        _host.Sync.Observer = Observed;
        _host.Mempool.Observer = Observed;
    }

    public NodeConfig Config { get; }

    public ChainExecution Chain { get; }

    public ChainReader Reader { get; }

    public Mempool Pool { get; }

    public ChainApplication Application { get; }

    /// <summary>What peers did wrong since the start.</summary>
    public PeerMisbehaviour Misbehaviour { get; } = new();

    /// <summary>The round of the height in progress.</summary>
    public int Round { get; private set; }

    /// <summary>Blocks decided in a round above 0 since the start.</summary>
    public long LateRounds { get; private set; }

    public int Peers => _host.Consensus.PeerCount;

    public bool IsHalted => _host.Engine.IsHalted;

    /// <summary>Why the node takes no part, null while it does.</summary>
    public string? Halted => Application.Halted ?? (_host.Engine.IsHalted ? HaltDetail ?? "the engine has halted; see the log" : null);

    /// <summary>What is scheduled and needs software that this node lacks; null when nothing is (record P10).</summary>
    public string? Warning
    {
        get
        {
            ChainHead head = Chain.Head;
            IReadOnlyList<MissingModule> missing = RecordSupport.Missing(head.Next.Record, head.Height, Chain.SupportedModules);
            return missing.Count == 0 ? null : string.Join("; ", missing.Select(Sentence)) + $"; supported: {string.Join(", ", Chain.SupportedModules)}; get newer software";
        }
    }

    /// <summary>A fault that ended the node: divergence or a bug. Null while it runs.</summary>
    public Exception? Fault { get; private set; }

    /// <summary>Whether the node is far behind its peers.</summary>
    public bool IsSyncing => _host.Engine.Sync.KeptHeights > 0;

    /// <summary>Completes when the node can do nothing more: a fault, or the engine's end.</summary>
    public Task Completion { get; private set; } = Task.CompletedTask;

    private string? HaltDetail { get; set; }

    /// <summary>Opens the home folder.</summary>
    /// <exception cref="ConfigurationException">A file is missing or wrong.</exception>
    /// <exception cref="StoreException">The data folder is locked, of another schema, or of another chain.</exception>
    public static ChainNode Open(string home, NodeConfig config, Action<string> log, TimeProvider clock) => new(config, home, log, clock);

    public static Genesis ReadGenesis(string file)
    {
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(file);
        }
        catch (IOException e)
        {
            throw new ConfigurationException($"{file}: {e.Message}");
        }

        Genesis genesis = GenesisCodec.TryDecode(bytes, out string? fault) ?? throw new ConfigurationException($"{file} is no genesis: {fault}");
        IReadOnlyList<string> faults = genesis.Faults();
        return faults.Count == 0 ? genesis : throw new ConfigurationException($"{file}: {string.Join("; ", faults)}");
    }

    public void Start()
    {
        _host.Start();
        _answering = LiveAsync(Application.RunAsync);
        _gossiping = LiveAsync(_gossip.RunAsync);
        Completion = Task.WhenAny(_answering, _gossiping, _host.Completion);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _host.DisposeAsync();
        try
        {
            await Task.WhenAll(_answering, _gossiping);
        }
        catch (OperationCanceledException)
        {
            // asked for
        }

        _store.Dispose();
        _stop.Dispose();
    }

    // A bug, a broken device or a divergence: a node must not go on half alive, nor take no more transactions from its peers without saying so.
    private async Task LiveAsync(Func<CancellationToken, Task> run)
    {
        try
        {
            await run(_stop.Token);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // asked for
        }
        catch (Exception e)
        {
            Fault = e;
            _log("fatal: " + e);
        }
    }

    private void Executed(BlockExecuted executed)
    {
        ChainHead head = executed.Head;
        Block block = head.Block!;
        LateRounds += executed.Round > 0 ? 1 : 0;
        _log($"block {head.Height} round {executed.Round} txs {block.Body.Transactions.Count} gas {head.Result.GasUsed} root {head.Result.StateRoot.ToString()[..16]} {executed.Milliseconds:0.0} ms");
        ProtocolRecord parent = head.Next.Parent;
        foreach (KeyValuePair<string, UpdatableField> pair in head.Next.Record.Components)
        {
            Hash32 before = head.Record.Find(pair.Key)?.Current.ModuleId ?? default;
            if (pair.Value.Current.ModuleId != before)
            {
                _log($"warning: {pair.Key} changes to version {pair.Value.Current.Version} at block {head.Height + 1}");
                Pool.JudgeAgain(head);
            }
        }

        foreach (MissingModule missing in RecordSupport.Missing(head.Record, head.Height, Chain.SupportedModules))
        {
            _log($"warning: {Sentence(missing)}, which this software lacks: get newer software");
        }

        if (head.Result.CodeRoot != _codeRoot && _codeRoot != default)
        {
            _log($"warning: the framework changed at block {head.Height}, code root {head.Result.CodeRoot}");
            Pool.JudgeAgain(head);
        }

        _codeRoot = head.Result.CodeRoot;
    }

    private static string Sentence(MissingModule missing) =>
        $"{missing.Component} version {missing.Version} is scheduled for block {missing.Height} ({missing.BlocksLeft} left) and needs module {missing.Required}";

    private Hash32 _codeRoot;

    private void Heard(EngineEvent happened)
    {
        switch (happened)
        {
            case EngineEvent.RoundEntered entered:
                Round = entered.Round;
                if (entered.Round > 0)
                {
                    _log($"warning: height {entered.Height} enters round {entered.Round}");
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
                _log($"warning: consensus stopped: {HaltDetail}");
                break;
            default:
                _log(happened.ToString()!);
                break;
        }
    }

    private void Observed(Theseus.Network.OverlayEvent happened)
    {
        Misbehaviour.Count(happened);
        if (happened.What is "banned" or "refused")
        {
            _log($"warning: {happened.Overlay} {happened.What} {happened.Peer} {happened.Reason} {happened.Detail}");
        }
        else if (happened.What is "failed" or "accept failed")
        {
            _log($"error: {happened.Overlay} {happened.What}: {happened.Detail}");
        }
        else if (happened.What is "opened" or "closed")
        {
            _log($"{happened.Overlay} {happened.What} {happened.Peer?[..8]} {happened.Reason} {happened.Detail}");
        }

        if (happened is { Overlay: Theseus.Network.OverlayKind.Consensus, What: "opened", Peer: string peer })
        {
            TellEvidence(Hash32.FromHex(peer));
        }
    }

    // consensus N3: gossiped, and again after a restart: who was not there when it was found hears of it on meeting
    private void TellEvidence(Hash32 peer)
    {
        foreach (Evidence evidence in _evidence.Pending)
        {
            _host.Consensus.Send(peer, Theseus.Network.Envelopes.Consensus(
                (ushort)FrameKind.Consensus, evidence.Height, Canonical.Encode(new ConsensusMessage.OfEvidence(evidence))));
        }
    }
}
