using System.Net;
using System.Net.Sockets;
using Theseus.Consensus;
using Theseus.Engine;
using Theseus.Network;
using Theseus.Protocol;

namespace Theseus.Node;

/// <summary>The node's Ed25519 key: signs votes under the mark and hellos.</summary>
public sealed class NodeKey : ISigningKey
{
    private readonly byte[] _seed;

    /// <summary>A key from its seed.</summary>
    /// <param name="seed">32 bytes, kept and not to be changed.</param>
    public NodeKey(byte[] seed)
    {
        _seed = seed;
        PublicKey = new Hash32(Ed25519.PublicKey(seed));
    }

    /// <summary>32 bytes.</summary>
    public Hash32 PublicKey { get; }

    /// <summary>Reads a key file: 64 hexadecimal digits, the seed.</summary>
    /// <exception cref="ConfigurationException">The file is missing, unreadable, or holds something else.</exception>
    public static NodeKey Load(string file)
    {
        try
        {
            string text = File.ReadAllText(file).Trim();
            return text.Length == 64 && text.All(char.IsAsciiHexDigit)
                ? new NodeKey(Convert.FromHexString(text))
                : throw new ConfigurationException($"{file} should hold 64 hexadecimal digits");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"cannot read the key file {file}: {e.Message}");
        }
    }

    /// <inheritdoc/>
    public ByteString Sign(ReadOnlySpan<byte> message) => new(Ed25519.Sign(_seed, message));

    /// <summary>An Ed25519 signature of 64 bytes, for hellos of sessions.</summary>
    public byte[] SignBytes(byte[] message) => Ed25519.Sign(_seed, message);
}

/// <summary>What an application hands to the host that runs consensus for it.</summary>
/// <param name="Link">Its two channels.</param>
/// <param name="Content">Whether bytes are the content of a value.</param>
/// <param name="Validators">The validators of the height in progress; their public keys are their nodes' keys.</param>
/// <param name="Self">This node's validator id, null when it only follows.</param>
/// <param name="Events">Hears the engine.</param>
/// <param name="HasPlace">
/// Whether a node key is one of the validators' of this height or the next, for which every overlay keeps a place; null when only
/// configured peers have one.
/// </param>
public sealed record EngineApplication(
    ApplicationLink Link,
    ContentCheck Content,
    Func<ValidatorSet> Validators,
    ValidatorId? Self,
    Action<EngineEvent> Events,
    Func<Hash32, bool>? HasPlace = null);

/// <summary>
/// Consensus for any application over real sockets and a real disk: the consensus and sync overlays, the log, the
/// signer and the engine. The application is whatever answers on the link.
/// </summary>
public sealed class EngineHost : IAsyncDisposable
{
    private readonly NodeConfig _config;
    private readonly Hash32 _self;
    private readonly EngineApplication _application;
    private readonly TimeProvider _clock;
    private readonly SessionCertificate _certificate = SessionCertificate.Create();
    private readonly CancellationTokenSource _stop = new();
    private readonly NetworkTransport _transport;
    private readonly FileDisk _disk;
    private Task _running = Task.CompletedTask;
    private Task _dialing = Task.CompletedTask;

    /// <summary>
    /// Opens the home folder's log and mark; nothing runs and no port is open before <see cref="Start"/>.
    /// </summary>
    /// <param name="config">Ports, peers and role.</param>
    /// <param name="home">The home folder.</param>
    /// <param name="key">The node's key; a validator's consensus key.</param>
    /// <param name="chain">The chain's name, in every hello and signature.</param>
    /// <param name="genesis">The chain's genesis hash, likewise.</param>
    /// <param name="modules">The modules that this node tells peers it has.</param>
    /// <param name="software">Name and version, for peers' logs.</param>
    /// <param name="clock">For every timer.</param>
    /// <param name="application">Whose values are decided.</param>
    /// <exception cref="IOException">The consensus folder cannot be read or written.</exception>
    /// <exception cref="SigningRefusedException">
    /// The mark cannot rule out a second, contradicting signature.
    /// </exception>
    public EngineHost(
        NodeConfig config,
        string home,
        NodeKey key,
        string chain,
        Hash32 genesis,
        IReadOnlyList<Hash32> modules,
        string software,
        TimeProvider clock,
        EngineApplication application)
    {
        (_config, _clock, _application, _self) = (config, clock, application, key.PublicKey);
        NodeIdentity identity = new(
            key.PublicKey,
            key.SignBytes,
            static (publicKey, message, signature) => Ed25519.Verify(publicKey.ToArray(), message, signature),
            chain,
            genesis,
            software,
            modules);
        int descriptors = DescriptorLimit.Raise();
        int used = DescriptorLimit.Used();
        int each = DescriptorLimit.OfOverlay(descriptors, used, config.Peers.Count);
        Overlay Open(OverlayKind kind) =>
            new(kind, identity, _certificate, clock, OverlayLimits.Of(kind).Within(each), application.HasPlace);
        Consensus = Open(OverlayKind.Consensus);
        Sync = Open(OverlayKind.Sync);
        Mempool = Open(OverlayKind.Mempool);
        int overlays = Consensus.Limits.Descriptors + Sync.Limits.Descriptors + Mempool.Limits.Descriptors;
        ClientConnections = DescriptorLimit.OfClients(descriptors, used, config.Peers.Count, overlays);
        string[] bounds = [Consensus.Limits.Say("consensus"), Sync.Limits.Say("sync"), Mempool.Limits.Say("mempool")];
        int needed = DescriptorLimit.Needed(used, config.Peers.Count);
        string few = descriptors < needed ? $"warning: too few file descriptors, raise the limit (ulimit -n) to {needed} at least; " : "";
        Bounds = $"{few}{descriptors} file descriptors, {used} in use: {string.Join("; ", bounds)}; "
            + $"{ClientConnections} at most are the API's";
        _transport = new NetworkTransport(
            Consensus, Sync, validator => application.Validators().Find(validator) is { } member ? KeyOf(member) : null);
        _disk = new FileDisk(Path.Combine(home, "consensus"), clock);
        LocalSigner? signer = application.Self is null ? null : new LocalSigner(key, _disk);
        if (signer?.Fault is { } fault)
        {
            throw new SigningRefusedException($"{fault}: a signature could contradict an earlier one");
        }

        // what cannot be written is found before anything is signed
        foreach (string segment in _disk.List().Where(static name => name.StartsWith(ChainedLog.Prefix, StringComparison.Ordinal)))
        {
            _disk.Open(segment).Dispose();
        }

        Engine = new EngineLoop(new EngineDevices(
            _disk,
            signer,
            application.Self,
            _transport,
            clock,
            Ed25519Check.Instance,
            new InlineVerification(),
            application.Content,
            application.Link,
            application.Events));
    }

    /// <summary>Votes, proposals and evidence.</summary>
    public Overlay Consensus { get; }

    /// <summary>Decided values, for nodes that catch up.</summary>
    public Overlay Sync { get; }

    /// <summary>Transactions.</summary>
    public Overlay Mempool { get; }

    /// <summary>The engine itself.</summary>
    public EngineLoop Engine { get; }

    /// <summary>Connections that the API may take in by the descriptor limit; it may have bounds of its own below.</summary>
    public int ClientConnections { get; }

    /// <summary>The connections that this node takes in, and the descriptor limit that they follow from; one line for the log.</summary>
    public string Bounds { get; }

    /// <summary>
    /// Completes when the engine was stopped, and fails with what broke it. An engine that halted otherwise goes on serving history.
    /// </summary>
    public Task Completion => _running;

    /// <summary>Opens the ports, dials the peers and runs.</summary>
    /// <exception cref="ConfigurationException">A port is in use.</exception>
    public void Start()
    {
        IPAddress bind = IPAddress.Parse(_config.Bind);
        Listen(Consensus, new IPEndPoint(bind, _config.Ports.Consensus));
        Listen(Sync, new IPEndPoint(bind, _config.Ports.Sync));
        Listen(Mempool, new IPEndPoint(bind, _config.Ports.Mempool));
        _dialing = Task.WhenAll(_config.Peers.Select(DialAsync));
        _running = RunEngineAsync();
    }

    private async Task DialAsync(PeerAddress peer)
    {
        IPAddress host;
        try
        {
            host = await PeerNames.ResolveAsync(peer.Host, _clock, _stop.Token);
        }
        catch (OperationCanceledException)
        {
            return; // the node stops
        }

        Hash32 key = Hash32.FromHex(peer.Key);
        Consensus.KeepConnected(new IPEndPoint(host, peer.ConsensusPort), key);
        Sync.KeepConnected(new IPEndPoint(host, peer.SyncPort), key);
        Mempool.KeepConnected(new IPEndPoint(host, peer.MempoolPort), key);
    }

    private async Task RunEngineAsync()
    {
        StartPatience patience = new();
        Consensus.WhenOpened(_ => patience.Hears(HearsQuorum(), HearsAll()));
        patience.Hears(HearsQuorum(), HearsAll());
        await patience.WaitAsync(_clock, _stop.Token);
        await Engine.RunAsync(_stop.Token);
    }

    // strangers do not count
    private bool HearsAll() => _config.Peers.All(peer => Hears(Hash32.FromHex(peer.Key)));

    // who only follows costs no round, however few it hears
    private bool HearsQuorum()
    {
        ValidatorSet set = _application.Validators();
        UInt128 heard = 0;
        foreach (Validator member in set.Members)
        {
            Hash32 key = KeyOf(member);
            heard += key == _self || Hears(key) ? member.Power : 0;
        }

        return _application.Self is null || heard >= set.Quorum;
    }

    private bool Hears(Hash32 key) => Consensus.Find(key) is not null;

    private static Hash32 KeyOf(Validator member) => new(member.PublicKey.Span);

    /// <summary>Ends the engine: nothing more is signed or sent by it. Its sessions stay until <see cref="DisposeAsync"/>.</summary>
    public Task StopAsync() => _stop.CancelAsync();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _dialing;
        await Task.WhenAny(_running); // how it ended is Completion's to tell
        await Consensus.DisposeAsync();
        await Sync.DisposeAsync();
        await Mempool.DisposeAsync();
        _disk.Dispose();
        _certificate.Dispose();
        _stop.Dispose();
    }

    private static void Listen(Overlay overlay, IPEndPoint endpoint)
    {
        try
        {
            overlay.Listen(endpoint);
        }
        catch (SocketException e)
        {
            throw new ConfigurationException(
                $"cannot listen on {endpoint}: {e.Message}; stop what uses it, or choose another port in node.json");
        }
    }
}
