using System.Diagnostics;
using Theseus.Consensus;
using Theseus.Engine;
using Theseus.Node;
using Theseus.Protocol;
using Theseus.Storage;

namespace Theseus.Cli.Fuzz.Conversation;

/// <summary>An honest node: engine, application, execution and pool of production over memory devices.</summary>
internal sealed class FuzzNode : IDisposable
{
    /// <summary>How long the application's answer may take on the wall clock; it has no reason to wait for anything.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly ChainStore _store = ChainStore.InMemory();
    private readonly CancellationTokenSource _stop = new();
    private readonly ApplicationLink _link = new();
    private readonly PumpContext _context;
    private readonly Task _application;

    /// <param name="name">For findings.</param>
    /// <param name="chain">The chain.</param>
    /// <param name="id">Its place in the network; a validator's own, or a stranger's.</param>
    /// <param name="key">Its key; null for a node that follows.</param>
    /// <param name="shared">What all nodes of the network share.</param>
    public FuzzNode(string name, FuzzChain chain, ValidatorId id, FuzzKey? key,
        (FuzzClock Clock, MemoryNetwork Wires, PumpContext Context, string Folder) shared)
    {
        Name = name;
        _context = shared.Context;
        string file = Path.Combine(shared.Folder, name + "-evidence.txt");
        File.Delete(file);
        Chain = new ChainExecution(_store, chain.Genesis, chain.Stacks, shared.Folder, static _ => { });
        Pool = new Mempool(() => Chain.Head, Chain.Chain, chain.Stacks, shared.Clock, signatures: Chain.Signatures);
        EvidencePool evidence = new(
            file, item => Chain.Head.Next.EvidenceVerifier(Chain.Chain, Ed25519Check.Instance, item.Height)?.Verify(
                item, out _) is not null);
        ChainApplication application = new(_link, Chain, Pool, evidence, key?.Address, shared.Clock, static _ => { });
        MemoryDisk disk = new();
        LocalSigner? signer = key is null ? null : new LocalSigner(new NodeKey(key.Seed), disk);
        Loop = new EngineLoop(new EngineDevices(
            disk, signer, key?.Id, shared.Wires.Join(id), shared.Clock, Ed25519Check.Instance, new InlineVerification(),
                ChainApplication.IsContent, _link, Heard));
        _application = application.RunAsync(_stop.Token);
    }

    public string Name { get; }

    public ChainExecution Chain { get; }

    public Mempool Pool { get; }

    public EngineLoop Loop { get; }

    public ChainHead Head => Chain.Head;

    private string? Halt { get; set; }

    /// <summary>Does what there is to do; whether there was anything.</summary>
    /// <exception cref="FuzzFault">Something of the node has ended.</exception>
    public bool Pump()
    {
        bool any = Loop.Pump();
        any |= _context.Pump();
        long began = Stopwatch.GetTimestamp();
        while (_link.Requests.Count > 0 && !_application.IsCompleted)
        {
            Thread.Yield(); // the wake of the reader takes a detour over the thread pool
            any |= _context.Pump();
            if (Stopwatch.GetElapsedTime(began) > Patience)
            {
                throw new FuzzFault("conversation", [], $"{Name}: the application does not answer");
            }
        }

        Judge();
        return any;
    }

    public void Dispose()
    {
        _stop.Cancel();
        _context.Pump();
        _stop.Dispose();
        _store.Dispose();
    }

    private void Heard(EngineEvent happened)
    {
        if (happened is EngineEvent.Halted or EngineEvent.Abstains)
        {
            Halt ??= happened.ToString();
        }
    }

    private void Judge()
    {
        if (_application.IsCompleted)
        {
            Exception? cause = _application.Exception?.InnerException;
            throw new FuzzFault("conversation", [], $"{Name}: the application has ended: {cause?.Message}", cause);
        }

        if (Loop.Failure is not null || Loop.IsHalted || Halt is not null)
        {
            throw new FuzzFault("conversation", [], $"{Name}: the engine has stopped: {Halt} {Loop.Failure?.Message}", Loop.Failure);
        }
    }
}
