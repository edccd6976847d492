using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Theseus.Cli.Localnet;
using Theseus.Cli.Tests.Localnet;
using Theseus.Client;
using Theseus.Consensus;
using Theseus.Network;
using Theseus.Node;
using Theseus.Protocol;
using Frame = Theseus.Network.Frame;
using FrameKind = Theseus.Network.FrameKind;

namespace Theseus.Cli.Tests.Hostile;

/// <summary>Strangers on the three overlays of a running node: random bytes, half frames, wrong hellos, forged votes.
/// Each session ends by name, and so does the stranger.</summary>
[Collection("attacked")]
public sealed class HostileSessionTests(AttackedNetwork attacked, ITestOutputHelper output)
{
    private static readonly OverlayKind[] Overlays = [OverlayKind.Consensus, OverlayKind.Sync, OverlayKind.Mempool];

    [Fact]
    public async Task RandomBytesOnEveryPortBreakNothing()
    {
        const int Connections = 25;
        Random random = new(41);
        ulong failed = await FailedHandshakesAsync();
        foreach (int port in (int[])[attacked.Node.RpcPort, .. Overlays.Select(overlay => HostilePeer.Port(attacked.Node, overlay))])
        {
            for (int i = 0; i < Connections; i++)
            {
                byte[] bytes = new byte[i == 0 ? 1_000_000 : random.Next(1, 20_000)];
                random.NextBytes(bytes);
                await TalkAsync(port, bytes);
            }
        }

        await TheseusCommand.UntilAsync(async () => await FailedHandshakesAsync() == failed + ((ulong)Overlays.Length * Connections),
            "all failed handshakes in the metrics");
        await HoldsAsync();
    }

    [Theory]
    [InlineData(OverlayKind.Consensus)]
    [InlineData(OverlayKind.Sync)]
    [InlineData(OverlayKind.Mempool)]
    public async Task FramesThatAreNoneEndTheSessionByNameAndBanTheStranger(OverlayKind overlay)
    {
        ushort own = (ushort)KindOf(overlay);
        ushort other = (ushort)KindOf(overlay == OverlayKind.Sync ? OverlayKind.Mempool : OverlayKind.Sync);
        int limit = FrameLimits.Of(own, overlay);
        int stranger = 3000 + ((int)overlay * 100);
        string name = Handshake.Name(overlay);

        await EndsAsync(HostilePeer.Header(own, (uint)limit + 1), CloseReason.FrameTooLarge);
        await EndsAsync(HostilePeer.Header(own, uint.MaxValue), CloseReason.FrameTooLarge);
        await EndsAsync(HostilePeer.Header(0x4000, 4), CloseReason.UnknownFrame);
        await EndsAsync(HostilePeer.Header(other, 4), CloseReason.UnknownFrame);
        await EndsAsync(HostilePeer.Header((ushort)FrameKind.Ping, 9), CloseReason.FrameTooLarge);
        await EndsAsync([.. HostilePeer.Header((ushort)FrameKind.Close, 3), 0xff, 0xff, 0xff], CloseReason.Malformed);
        await EndsAsync([.. HostilePeer.Header((ushort)FrameKind.Hello, 1), 0], CloseReason.Malformed);

        // no protobuf: 50 points each
        byte[] garbage = [.. HostilePeer.Header(own, 3), 0xff, 0xff, 0xff];
        await EndsAsync([.. garbage, .. garbage], CloseReason.Banned);

        // A frame that stops is nobody's fault: a killed process ends so. No ban, and the largest announced one holds no memory.
        NodeKey unlucky = HostilePeer.Stranger(stranger + 99);
        for (int i = 0; i < 20; i++)
        {
            await using HostilePeer cut = await HostilePeer.OpenAsync(attacked.File, attacked.Node, overlay, unlucky);
            byte[] header = HostilePeer.Header(own, (uint)limit);
            await cut.SendRawAsync(i % 2 == 0 ? header[..(1 + (i % 13))] : [.. header, .. new byte[i * 100]]);
        }

        await using (HostilePeer back = await HostilePeer.OpenAsync(attacked.File, attacked.Node, overlay, unlucky))
        {
            Assert.False(back.IsEnded);
        }

        await attacked.Watch.HoldsAsync();

        async Task EndsAsync(byte[] bytes, CloseReason reason)
        {
            NodeKey key = HostilePeer.Stranger(stranger++);
            await using (HostilePeer peer = await HostilePeer.OpenAsync(attacked.File, attacked.Node, overlay, key))
            {
                await peer.SendRawAsync(bytes);
                Assert.Equal(reason, await peer.EndAsync());
            }

            // and it stays out
            ulong refused = await attacked.Watch.MisbehaviourAsync(name, "refused", "Banned");
            await using HostilePeer again = await HostilePeer.OpenAsync(attacked.File, attacked.Node, overlay, key);
            Assert.Equal(CloseReason.Banned, await again.EndAsync());
            Assert.Equal(refused + 1, await attacked.Watch.MisbehaviourAsync(name, "refused", "Banned"));
        }
    }

    [Fact]
    public async Task AHelloOfAnotherChainOrAnotherKeyIsRefusedByName()
    {
        NodeIdentity right = HostilePeer.Identity(attacked.File, HostilePeer.Stranger(4000));
        foreach (OverlayKind overlay in Overlays)
        {
            int port = HostilePeer.Port(attacked.Node, overlay);
            string name = Handshake.Name(overlay);
            ulong before = await attacked.Watch.MisbehaviourAsync(name, "refused", "WrongChain");
            Assert.Equal(CloseReason.WrongChain, await HostilePeer.RefusalAsync(port, right with { Chain = "another" }, overlay));
            Assert.Equal(CloseReason.WrongChain, await HostilePeer.RefusalAsync(port, right with { Chain = "" }, overlay));
            Assert.Equal(CloseReason.WrongChain,
                await HostilePeer.RefusalAsync(port, right with { GenesisHash = new Hash32(SHA256.HashData("another"u8)) }, overlay));
            Assert.Equal(before + 3, await attacked.Watch.MisbehaviourAsync(name, "refused", "WrongChain"));
            Assert.Equal(CloseReason.WrongOverlay,
                await HostilePeer.RefusalAsync(port, right, overlay == OverlayKind.Sync ? OverlayKind.Mempool : OverlayKind.Sync));
            Assert.Equal(CloseReason.BadProof,
                await HostilePeer.RefusalAsync(port, right with { Sign = static _ => new byte[64] }, overlay));
            // somebody else's name
            Assert.Equal(CloseReason.BadProof,
                await HostilePeer.RefusalAsync(port, right with { PublicKey = Hash32.FromHex(attacked.File.Nodes[1].NodeKey) }, overlay));
            Assert.Equal(CloseReason.Malformed,
                await HostilePeer.RefusalAsync(port, right with { Software = new string('x', 65) }, overlay));
        }

        await HoldsAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ForgedVotesAndProposalsBanTheStranger(bool proposals)
    {
        NodeKey key = HostilePeer.Stranger(proposals ? 5000 : 5001);
        ulong penalties = await attacked.Watch.MisbehaviourAsync("consensus", "penalised", "Refused");
        ulong bans = await attacked.Watch.MisbehaviourAsync("consensus", "banned", "Refused");
        int sent = 0;
        await using HostilePeer peer = await HostilePeer.OpenAsync(attacked.File, attacked.Node, OverlayKind.Consensus, key);
        await TheseusCommand.UntilAsync(
            async () =>
            {
                ulong decided = (await attacked.Network.ClientOf(AttackedNetwork.Target).StatusAsync()).DecidedHeight;
                for (ulong height = decided + 1; height <= decided + 2 && !peer.IsEnded; height++)
                {
                    foreach (LocalnetNode node in attacked.File.Nodes.Where(static node => node.Validator is not null))
                    {
                        ValidatorId author = ValidatorSets.ToId(Address.Parse(node.Validator!));
                        ConsensusMessage message = proposals
                            ? new ConsensusMessage.OfProposal(new Signed<Proposal>(new Proposal(height, 0,
                                EvidenceTests.Value((byte)++sent), Rounds.Nil, author), Forged()))
                            : new ConsensusMessage.OfVote(new Signed<Vote>(new Vote(VoteType.Prevote, height, 0,
                                EvidenceTests.Value((byte)++sent), Rounds.Nil, author), Forged()), 0);
                        await peer.TrySendAsync(EvidenceTests.Wrap(message));
                    }
                }

                return peer.IsEnded;
            },
            "the ban of a forger");
        Assert.Equal(CloseReason.Banned, await peer.EndAsync());
        // 5 points each, one heals a second
        Assert.True(await attacked.Watch.MisbehaviourAsync("consensus", "penalised", "Refused") >= penalties + 15);
        Assert.Equal(bans + 1, await attacked.Watch.MisbehaviourAsync("consensus", "banned", "Refused"));
        output.WriteLine($"banned after at most {sent} forged messages");
        await attacked.Watch.HoldsAsync();

        static Theseus.Consensus.ByteString Forged() => new(RandomNumberGenerator.GetBytes(64));
    }

    [Fact]
    public async Task MutantsOfConsensusAndSyncMessagesAreRefusedByName()
    {
        // one stranger sends until it is banned, then the next goes on
        int messages = LongTests.Run ? 20_000 : 2_000;
        Random random = new(47);
        ValidatorId author = ValidatorSets.ToId(Address.Parse(attacked.Node.Validator!));
        ulong height = (await attacked.Network.ClientOf(AttackedNetwork.Target).StatusAsync()).DecidedHeight + 1;
        byte[] vote = EvidenceTests.Wrap(
            new ConsensusMessage.OfVote(new Signed<Vote>(new Vote(VoteType.Precommit, height, 0, EvidenceTests.Value(1), Rounds.Nil,
            author), new Theseus.Consensus.ByteString(new byte[64])), 0)).Payload.ToArray();
        int sent = 0;
        SortedDictionary<string, int> ends = new(StringComparer.Ordinal);
        for (int stranger = 0; sent < messages; stranger++)
        {
            OverlayKind overlay = stranger % 2 == 0 ? OverlayKind.Consensus : OverlayKind.Sync;
            await using HostilePeer peer = await HostilePeer.OpenAsync(attacked.File, attacked.Node, overlay,
                HostilePeer.Stranger(6000 + stranger));
            for (int i = 0; i < 400 && sent < messages; i++, sent++)
            {
                byte[] payload = overlay == OverlayKind.Consensus ? Mutants.Of(vote, random)
                    : Envelopes.Sync((ushort)random.Next(1, 12), height, Random(random)).Payload.ToArray();
                if (!await peer.TrySendAsync(new Frame(KindOf(overlay), (ulong)((long)height + random.Next(-2, 50)), payload)))
                {
                    break;
                }
            }

            string end = await peer.EndAsync() is CloseReason reason ? $"{overlay} {reason}" : "";
            ends[end] = ends.GetValueOrDefault(end) + 1;
        }

        output.WriteLine($"{sent} messages: {string.Join(", ", ends.Select(static pair => $"{pair.Key} {pair.Value}"))}");
        Assert.Equal(["Consensus Banned", "Sync Banned"], ends.Keys);
        await attacked.Watch.HoldsAsync();
    }

    private static byte[] Random(Random random)
    {
        byte[] bytes = new byte[random.Next(300)];
        random.NextBytes(bytes);
        return bytes;
    }

    private static FrameKind KindOf(OverlayKind overlay) => overlay switch
    {
        OverlayKind.Consensus => FrameKind.Consensus,
        OverlayKind.Sync => FrameKind.Sync,
        _ => FrameKind.Transactions,
    };

    private async Task HoldsAsync()
    {
        await attacked.Watch.HoldsAsync();
        output.WriteLine($"RSS {attacked.Watch.Start / 1024} MiB at the start, at most {attacked.Watch.Peak / 1024} MiB");
    }

    private async Task<ulong> FailedHandshakesAsync()
    {
        ulong sum = 0;
        foreach (OverlayKind overlay in Overlays)
        {
            sum += await attacked.Watch.CountsAsync(
                $"theseus_peer_misbehaviour_total{{overlay=\"{Handshake.Name(overlay)}\",what=\"handshake failed\"").SumAsync();
        }

        return sum;
    }

    /// <summary>Sends bytes and the end, and reads what the node says until it ends too.</summary>
    private static async Task TalkAsync(int port, byte[] bytes)
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        using CancellationTokenSource late = new(HostilePeer.Patience);
        await socket.ConnectAsync(IPAddress.Loopback, port, late.Token);
        try
        {
            await socket.SendAsync(bytes, late.Token);
            socket.Shutdown(SocketShutdown.Send);
            byte[] answer = new byte[4096];
            while (await socket.ReceiveAsync(answer, late.Token) > 0)
            {
            }
        }
        catch (SocketException)
        {
            // reset: it had read enough
        }
    }
}
