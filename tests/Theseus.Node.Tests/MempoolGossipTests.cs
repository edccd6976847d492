using System.Net;
using System.Security.Cryptography;
using Theseus.Network;
using Theseus.Protocol;

namespace Theseus.Node.Tests;

/// <summary>Gossip over real sockets between two pools of one chain.</summary>
public sealed class MempoolGossipTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly LocalChain _chain = new();
    private readonly Place _a;
    private readonly Place _b;
    private bool _isBehind;

    public MempoolGossipTests()
    {
        _a = new Place(1, _chain.Pool(), () => false);
        _b = new Place(2, _chain.Pool(), () => _isBehind);
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _a.DisposeAsync();
        await _b.DisposeAsync();
    }

    [Fact]
    public async Task AFreshSessionGetsWhatThePoolHolds()
    {
        Hash32[] hashes = [.. Enumerable.Range(0, 3).Select(i => _a.Pool.Submit(_chain.Transfer(_chain.Users[0], _chain.Users[1]
            .Address, 1 + (ulong)i), null).Hash)];
        Connect();
        await UntilAsync(() => hashes.All(_b.Pool.Contains));
        Assert.Equal(3, _b.Pool.Count);
    }

    [Fact]
    public async Task AGreetingOfSeveralMessagesArrivesWhole()
    {
        // 4 x 100 transactions: two messages of at most 256
        int expected = 0;
        foreach (TestUser user in _chain.Users)
        {
            for (int i = 0; i < 100; i++, expected++)
            {
                Assert.Null(_a.Pool.Submit(_chain.Transfer(user, _chain.Users[1].Address, 1), null).Refusal);
            }
        }

        Assert.True(expected > Envelopes.MaximumTransactions);
        Connect();
        await UntilAsync(() => _b.Pool.Count == expected);
    }

    // fault 80's kind: what a stranger may make others send is bounded, however often it comes
    [Fact]
    public async Task StrangersShareOneAllowanceForTheirGreetings()
    {
        byte[][] held = [.. Enumerable.Range(0, 3).Select(i => _chain.Transfer(_chain.Users[0], _chain.Users[1].Address, 1 + (ulong)i))];
        Mempool pool = _chain.Pool();
        object peer = new(); // from a peer: nobody repeats it
        Hash32[] hashes = [.. held.Select(bytes => pool.Submit(bytes, peer).Hash)]; // before there is gossip: it can only greet with them
        await using Place host = new(3, pool, () => false, new NoTime(), held.Sum(static bytes => bytes.Length));
        _a.Overlay.KeepConnected(host.EndPoint, host.Key);
        await UntilAsync(() => hashes.All(_a.Pool.Contains));

        _b.Overlay.KeepConnected(host.EndPoint, host.Key);
        await UntilAsync(() => host.Overlay.PeerCount == 2);
        await using Place known = new(4, _chain.Pool(), () => false);
        host.Overlay.KeepConnected(known.EndPoint, known.Key); // dialled: it has a place, and is greeted after the stranger's turn
        await UntilAsync(() => hashes.All(known.Pool.Contains));

        Hash32 next = host.Pool.Submit(_chain.Transfer(_chain.Users[2], _chain.Users[1].Address, 1), null).Hash;
        await UntilAsync(() => _b.Pool.Contains(next));
        Assert.Equal(1, _b.Pool.Count);
    }

    [Fact]
    public async Task APeerThatCameBackWithAnEmptyPoolGetsAllAgain()
    {
        Connect();
        await UntilAsync(() => _a.Overlay.PeerCount == 1 && _b.Overlay.PeerCount == 1);
        Hash32 hash = _a.Pool.Submit(_chain.Transfer(_chain.Users[0], _chain.Users[1].Address, 1), null).Hash;
        await UntilAsync(() => _b.Pool.Contains(hash));
        await using Place fresh = new(2, _chain.Pool(), () => false); // the same key, nothing else left
        await _b.Overlay.DisposeAsync();
        await UntilAsync(() => _a.Overlay.PeerCount == 0);
        fresh.Overlay.KeepConnected(_a.EndPoint, _a.Key);
        await UntilAsync(() => fresh.Pool.Contains(hash));
    }

    [Fact]
    public async Task ANodeThatIsBehindBlamesNobodyForAnAccountThatItDoesNotKnow()
    {
        _isBehind = true;
        TestUser stranger = new("stranger");
        Connect();
        await UntilAsync(() => _a.Overlay.PeerCount == 1 && _b.Overlay.PeerCount == 1);
        Send();
        Hash32 last = _a.Pool.Submit(_chain.Transfer(_chain.Users[0], _chain.Users[1].Address, 1), null).Hash;
        await UntilAsync(() => _b.Pool.Contains(last)); // gossip keeps the order of a session: the strangers' were judged before
        Assert.False(_b.Overlay.Scores.IsBanned(_a.Key));

        _isBehind = false;
        Send();
        await UntilAsync(() => _b.Overlay.Scores.IsBanned(_a.Key)); // 20 x 5 points

        void Send() => _a.Overlay.Broadcast(Envelopes.Transactions(Enumerable.Range(0, 20)
            .Select(i => _chain.Transfer(stranger, _chain.Users[1].Address, (ulong)i, sequence: 0))));
    }

    [Theory]
    [InlineData(3, long.MaxValue, 3)]
    [InlineData(100, 0, 0)]
    [InlineData(100, long.MaxValue, 6)]
    public void WaitingIsBoundedAndKeepsEachSendersOrder(int count, long bytes, int expected)
    {
        byte[][] cheap = [.. Enumerable.Range(0, 3).Select(i => _chain.Transfer(_chain.Users[0], _chain.Users[1].Address, 1,
            sequence: (ulong)i, price: 2))];
        byte[][] dear = [.. Enumerable.Range(0, 3).Select(i => _chain.Transfer(_chain.Users[2], _chain.Users[1].Address, 1,
            sequence: (ulong)i, price: 9))];
        foreach (byte[] transaction in (byte[][])[cheap[2], cheap[0], dear[1], cheap[1], dear[2], dear[0]])
        {
            Assert.Null(_a.Pool.Submit(transaction, null).Refusal);
        }

        Assert.Equal(((byte[][])[.. dear, .. cheap]).Take(expected), _a.Pool.Waiting(count, bytes));
    }

    [Fact]
    public void WaitingStopsAtItsBytes()
    {
        byte[] first = _chain.Transfer(_chain.Users[0], _chain.Users[1].Address, 1, sequence: 0);
        byte[] second = _chain.Transfer(_chain.Users[0], _chain.Users[1].Address, 1, sequence: 1);
        _a.Pool.Submit(first, null);
        _a.Pool.Submit(second, null);
        Assert.Equal([first], _a.Pool.Waiting(10, first.Length + second.Length - 1));
        Assert.Equal([first, second], _a.Pool.Waiting(10, first.Length + second.Length));
    }

    private void Connect() => _b.Overlay.KeepConnected(_a.EndPoint, _a.Key);

    private static async Task UntilAsync(Func<bool> condition)
    {
        using CancellationTokenSource limit = new(Patience);
        while (!condition())
        {
            await Task.Delay(5, limit.Token);
        }
    }

    /// <summary>A clock by which nothing ever takes time; its timers run.</summary>
    private sealed class NoTime : TimeProvider
    {
        public override long GetTimestamp() => 0;
    }

    private sealed class Place : IAsyncDisposable
    {
        private readonly SessionCertificate _certificate = SessionCertificate.Create();
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _running;

        public Place(int seed, Mempool pool, Func<bool> isBehind, TimeProvider? clock = null,
            long strangers = MempoolGossip.MaximumGreetingBytes)
        {
            byte[] secret = SHA256.HashData(BitConverter.GetBytes(seed));
            NodeIdentity identity = new(
                new Hash32(Ed25519.PublicKey(secret)), message => Ed25519.Sign(secret, message), static (key, message, signature) =>
                    Ed25519.Verify(key.ToArray(), message, signature),
                "test", new Hash32(new byte[32]), "test", []);
            Key = identity.PublicKey;
            Pool = pool;
            Overlay = new Overlay(OverlayKind.Mempool, identity, _certificate, TimeProvider.System);
            _running = new MempoolGossip(Overlay, pool, clock ?? TimeProvider.System, isBehind, strangers).RunAsync(_stop.Token);
            Overlay.Listen(new IPEndPoint(IPAddress.Loopback, 0));
        }

        public Hash32 Key { get; }

        public Mempool Pool { get; }

        public Overlay Overlay { get; }

        public IPEndPoint EndPoint => new(IPAddress.Loopback, Overlay.Port);

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await Overlay.DisposeAsync();
            try
            {
                await _running;
            }
            catch (OperationCanceledException)
            {
                // asked for
            }

            _stop.Dispose();
            _certificate.Dispose();
        }
    }
}
