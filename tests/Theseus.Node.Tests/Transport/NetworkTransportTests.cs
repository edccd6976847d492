using System.Net;
using System.Security.Cryptography;
using Theseus.Consensus;
using Theseus.Engine;
using Theseus.Network;
using Theseus.Protocol;
using EngineFrame = Theseus.Engine.Frame;
using EngineKind = Theseus.Engine.FrameKind;

namespace Theseus.Node.Tests.Transport;

/// <summary>The engine's transport over real sockets.</summary>
public sealed class NetworkTransportTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Place _a = new(1);
    private readonly Place _b = new(2);

    public async ValueTask InitializeAsync()
    {
        _a.Consensus.KeepConnected(_b.At(_b.Consensus), _b.Key);
        _a.Sync.KeepConnected(_b.At(_b.Sync), _b.Key);
        await UntilAsync(() => ((Overlay[])[_a.Consensus, _a.Sync, _b.Consensus, _b.Sync]).All(overlay => overlay.PeerCount == 1));
    }

    public async ValueTask DisposeAsync()
    {
        await _a.DisposeAsync();
        await _b.DisposeAsync();
    }

    [Fact]
    public async Task AContentOfTheLargestBlockAndAReplyWithItPassWhole()
    {
        // the largest block (16 MiB), with a certificate of the largest set (1,024 signers, longest signatures)
        byte[] content = RandomNumberGenerator.GetBytes(BlockCodec.MaximumSize);
        CertificateSignature[] signatures =
            [.. Enumerable.Range(0, ValidatorSet.MaximumSize)
                .Select(i => new CertificateSignature(IdOf(i), new ByteString(new byte[Canonical.MaximumSignature])))];
        Array.Sort(signatures, static (x, y) => x.Validator.CompareTo(y.Validator));
        CommitCertificate certificate = new(9, 0, default, signatures);
        byte[] reply = new RangeReply(1, 9, [new DecidedHeight(certificate, content)]).Encode();
        _a.Transport.Send(_b.Peer, new EngineFrame(EngineKind.ContentReply, 9, new ContentMessage(default, content).Encode()));
        Incoming whole = await NextAsync(_b);
        Assert.Equal((EngineKind.ContentReply, 9ul, _a.Peer), (whole.Frame.Kind, whole.Frame.Height, whole.From));
        Assert.True(Same(content, ContentMessage.TryDecode(whole.Frame.Bytes.Span, BlockCodec.MaximumSize)!.Content));

        _b.Transport.Send(_a.Peer, new EngineFrame(EngineKind.RangeReply, 9, reply));
        Assert.True(Same(reply, (await NextAsync(_a)).Frame.Bytes));
    }

    [Fact]
    public async Task TheLargestConsensusMessagesPass()
    {
        Signed<Vote>[] votes = [.. Enumerable.Range(0, ValidatorSet.MaximumSize).Select(i => IdOf(i)).Order()
            .Select(id => new Signed<Vote>(new Vote(VoteType.Precommit, 5, 3, default(ValueId), Rounds.Nil, id),
                new ByteString(new byte[Canonical.MaximumSignature])))];
        byte[] round = Canonical.Encode(new ConsensusMessage.OfRound(new RoundCertificate(5, 4, votes)));
        byte[] part = new StreamPart(5, 0, 1, new byte[StreamPart.MaximumSize]).Encode();
        _a.Transport.Broadcast(new EngineFrame(EngineKind.Consensus, 5, round));
        _a.Transport.Broadcast(new EngineFrame(EngineKind.StreamPart, 5, part));
        Assert.Equal(round, (await NextAsync(_b)).Frame.Bytes.ToArray());
        Assert.Equal(part, (await NextAsync(_b)).Frame.Bytes.ToArray());
    }

    [Theory]
    [InlineData(EngineKind.Consensus, false)]
    [InlineData(EngineKind.StreamInit, false)]
    [InlineData(EngineKind.StreamPart, false)]
    [InlineData(EngineKind.StreamFin, false)]
    [InlineData(EngineKind.ContentRequest, true)]
    [InlineData(EngineKind.ContentReply, true)]
    [InlineData(EngineKind.Status, true)]
    [InlineData(EngineKind.RangeRequest, true)]
    [InlineData(EngineKind.RangeReply, true)]
    public async Task VotesAndStreamsTravelOnConsensusWhatMayBeLargeOnSync(EngineKind kind, bool onSync)
    {
        _a.Transport.Send(_b.Peer, new EngineFrame(kind, 3, new byte[] { 1 }));
        Assert.Equal(kind, (await NextAsync(_b)).Frame.Kind);
        Assert.Equal(onSync, _b.Sync.Sessions.Single().BytesIn > _b.Consensus.Sessions.Single().BytesIn);
    }

    [Fact]
    public async Task AValidatorIsFoundByItsKeyWhileItsSessionStands()
    {
        Assert.Equal(_b.Peer, _a.Transport.Find(_b.Peer.Node));
        Assert.Null(_a.Transport.Find(IdOf(77)));
        await _b.Consensus.DisposeAsync();
        await UntilAsync(() => _a.Transport.Find(_b.Peer.Node) is null);
    }

    [Fact]
    public async Task AMessageThatMustBeUnderstoodIsDroppedAndCountedWithoutBlame()
    {
        for (int i = 0; i < 10; i++)
        {
            // must_understand = 1, kind = 1
            _a.Consensus.Send(_b.Key,
                new Theseus.Network.Frame(Theseus.Network.FrameKind.Consensus, 1, new byte[] { 0x08, 0x01, 0x18, 0x01 }));
        }

        _a.Transport.Broadcast(new EngineFrame(EngineKind.Consensus, 2, new byte[] { 5 }));
        Assert.Equal([5], (await NextAsync(_b)).Frame.Bytes.ToArray());
        Assert.Equal(10, _b.Transport.NotUnderstood);
        Assert.False(_b.Consensus.Scores.IsBanned(_a.Key));
    }

    [Theory]
    [InlineData(new byte[] { 0xff, 0xff })] // no protobuf
    [InlineData(new byte[] { 0x18, 0x07 })] // a status, which has no place on this overlay
    public async Task TwoMalformedEnvelopesBan(byte[] envelope)
    {
        for (int i = 0; i < 2; i++)
        {
            _a.Consensus.Send(_b.Key, new Theseus.Network.Frame(Theseus.Network.FrameKind.Consensus, 1, envelope));
        }

        Task<Incoming> reading = NextAsync(_b); // opening them is what finds the fault
        await UntilAsync(() => _b.Consensus.Scores.IsBanned(_a.Key));
        _a.Sync.Send(_b.Key, Envelopes.Sync((ushort)EngineKind.Status, 1, new byte[] { 1 }));
        Assert.Equal(EngineKind.Status, (await reading).Frame.Kind);
    }

    [Theory]
    [InlineData(PeerFault.Malformed, 2)]
    [InlineData(PeerFault.WrongContent, 4)]
    [InlineData(PeerFault.WrongRange, 10)]
    [InlineData(PeerFault.Refused, 20)]
    public void FaultsThatTheEngineReportsAddUpToABan(PeerFault fault, int times)
    {
        for (int i = 0; i < times; i++)
        {
            Assert.False(_a.Consensus.Scores.IsBanned(_b.Key));
            _a.Transport.Penalise(_b.Peer, fault);
        }

        Assert.True(_a.Consensus.Scores.IsBanned(_b.Key));
    }

    private static bool Same(byte[] expected, ReadOnlyMemory<byte> got) => expected.AsSpan().SequenceEqual(got.Span);

    private static ValidatorId IdOf(int i) => new(SHA256.HashData(BitConverter.GetBytes(i)));

    private static async Task<Incoming> NextAsync(Place place)
    {
        using CancellationTokenSource limit = new(Patience);
        return await place.Transport.Inbox.ReadAsync(limit.Token);
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        using CancellationTokenSource limit = new(Patience);
        while (!condition())
        {
            await Task.Delay(5, limit.Token);
        }
    }

    private sealed class Place : IAsyncDisposable
    {
        private readonly SessionCertificate _certificate = SessionCertificate.Create();

        public Place(int seed)
        {
            byte[] secret = SHA256.HashData(BitConverter.GetBytes(seed));
            NodeIdentity identity = new(
                new Hash32(Ed25519.PublicKey(secret)), message => Ed25519.Sign(secret, message), static (key, message, signature) =>
                Ed25519.Verify(key.ToArray(), message, signature),
                "test", new Hash32(new byte[32]), "test", []);
            Key = identity.PublicKey;
            FixedCalendar clock = new(); // points do not heal during a test
            Consensus = new Overlay(OverlayKind.Consensus, identity, _certificate, clock);
            Sync = new Overlay(OverlayKind.Sync, identity, _certificate, clock);
            Consensus.Listen(new IPEndPoint(IPAddress.Loopback, 0));
            Sync.Listen(new IPEndPoint(IPAddress.Loopback, 0));
            Transport = new NetworkTransport(Consensus, Sync, static id => new Hash32(id.ToArray()));
        }

        public Hash32 Key { get; }

        public PeerId Peer => new(new ValidatorId(Key.ToArray()));

        public Overlay Consensus { get; }

        public Overlay Sync { get; }

        public NetworkTransport Transport { get; }

        public IPEndPoint At(Overlay overlay) => new(IPAddress.Loopback, overlay.Port);

        public async ValueTask DisposeAsync()
        {
            await Consensus.DisposeAsync();
            await Sync.DisposeAsync();
            _certificate.Dispose();
        }
    }

    private sealed class FixedCalendar : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);
    }
}
