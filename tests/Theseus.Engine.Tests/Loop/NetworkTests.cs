using Theseus.Consensus;

namespace Theseus.Engine.Tests;

public class NetworkTests
{
    [Fact]
    public void FourNodesDecideAndAgree()
    {
        TestNetwork network = TestNetwork.Started(4);
        network.RunUntil(() => network.AllAt(20));
        network.AssertAgreement();
        network.AssertNoOffence();
        Assert.All(network.Nodes, node =>
            Assert.True(int.Parse(node.Store.State["height"], System.Globalization.CultureInfo.InvariantCulture) >= 20));
        Assert.All(network.Nodes[0].Store.Heights, h => Assert.Equal(0, h.Certificate.Round));
        Assert.Empty(network.Wires.Faults);
    }

    [Fact]
    public void N6HeightsStartABlockIntervalApart()
    {
        TestNetwork network = TestNetwork.Started(4, blockInterval: 400);
        network.RunUntil(() => network.AllAt(1));
        long start = network.Time.Milliseconds;
        network.RunUntil(() => network.AllAt(11));
        Assert.InRange(network.Time.Milliseconds - start, 10 * 400, (10 * 400) + 50);
    }

    [Fact]
    public void N6ANodeWithoutItsOwnResultStartsWhenAThirdHas()
    {
        TestNetwork network = TestNetwork.Started(4);
        network.RunUntil(() => network.AllAt(3));
        network.Nodes[2].App!.Executes = false;
        network.RunUntil(() => network.AllAt(12), 20_000);
        network.AssertAgreement();
    }

    [Fact]
    public void N6WithoutAnyResultTheNextHeightWaitsForThePatience()
    {
        TestNetwork network = TestNetwork.Started(4);
        network.RunUntil(() => network.AllAt(2));
        foreach (TestNode node in network.Nodes)
        {
            node.App!.Executes = false;
        }

        network.RunUntil(() => network.AllAt(3));
        long decided = network.Time.Milliseconds;
        network.RunUntil(() => network.AllAt(4));
        Assert.InRange(network.Time.Milliseconds - decided, 30_000, 31_000);
    }

    [Fact]
    public void TwoOfFourDownStopTheChainAndItGoesOnWhenOneIsBack()
    {
        TestNetwork network = TestNetwork.Started(4);
        network.RunUntil(() => network.AllAt(5));
        network.Nodes[2].Crash();
        network.Nodes[3].Crash();
        ulong tip = network.Nodes[0].Store.Tip;
        network.RunFor(30_000);
        Assert.InRange(network.Nodes[0].Store.Tip, tip, tip + 1);
        network.Nodes[3].Start();
        network.RunUntil(() => network.AllAt(tip + 5));
        network.Nodes[2].Start();
        network.RunUntil(() => network.AllAt(tip + 10));
        network.AssertAgreement();
        network.AssertNoOffence();
    }

    [Fact]
    public void C52OneSilentNodeOfFourDoesNotStopTheChain()
    {
        TestNetwork network = TestNetwork.Started(4);
        network.Nodes[1].Stop();
        network.RunUntil(() => network.AllAt(12));
        network.AssertAgreement();
    }

    [Fact]
    public void F14APartitionDecidesNothingAndHeals()
    {
        TestNetwork network = TestNetwork.Started(4);
        network.RunUntil(() => network.AllAt(3));
        bool IsLeft(PeerId peer) => peer.Node.CompareTo(Keys.IdOf(2)) < 0;
        network.Wires.Filter = (from, to, _) => IsLeft(from) == IsLeft(to);
        ulong tip = network.Nodes.Max(node => node.Store.Tip);
        network.RunFor(60_000);
        Assert.InRange(network.Nodes.Max(node => node.Store.Tip), tip, tip + 1);
        network.Wires.Filter = static (_, _, _) => true;
        network.RunUntil(() => network.AllAt(tip + 5));
        network.AssertAgreement();
        network.AssertNoOffence();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void LostFramesDelayAndDoNotStop(int seed)
    {
        Random random = new(seed);
        TestNetwork network = TestNetwork.Started(4);
        network.Wires.Filter = (_, _, _) => random.Next(100) >= 20;
        network.RunUntil(() => network.AllAt(15), 600_000);
        network.AssertAgreement();
        network.AssertNoOffence();
        Assert.Empty(network.Wires.Faults);
    }

    [Fact]
    public void F26AHungApplicationCostsItsNodeAndNotTheChain()
    {
        TestNetwork network = TestNetwork.Started(4);
        network.RunUntil(() => network.AllAt(3));
        network.Nodes[0].App!.IsHung = true;
        network.RunUntil(() => network.Nodes.Skip(1).All(node => node.Store.Tip >= 12));
        network.Nodes[0].App!.IsHung = false;
        network.RunUntil(() => network.AllAt(20));
        network.AssertAgreement();
        network.AssertNoOffence();
    }

    [Fact]
    public void C57AnObserverFollowsAndSendsNoVote()
    {
        TestNetwork network = TestNetwork.Started(4, observers: 1);
        network.RunUntil(() => network.AllAt(10));
        PeerId observer = new(network.Nodes[4].Id);
        Assert.DoesNotContain(network.Sent, s =>
            s.From == observer && s.Message is ConsensusMessage.OfVote or ConsensusMessage.OfProposal && s.From == observer);
        network.AssertAgreement();
    }

    [Fact]
    public void MalformedAndForgedFramesAreThePeersFaultAndChangeNothing()
    {
        TestNetwork network = TestNetwork.Started(4, observers: 1);
        network.RunUntil(() => network.AllAt(2));
        ITransport rogue = network.Wires.Join(Keys.IdOf(9));
        ulong height = network.Nodes[0].Loop!.Core.Height;
        Signed<Vote> forged = Keys.Sign(1, new Vote(VoteType.Prevote, height, 0, null, -1, Keys.IdOf(0)));
        PeerId victim = new(network.Nodes[0].Id);
        rogue.Send(victim, new Frame(FrameKind.Consensus, height, new byte[] { 1, 2, 3 }));
        rogue.Send(victim, new Frame(FrameKind.Consensus, height,
            Canonical.Encode(new ConsensusMessage.OfVote(forged with { Message = forged.Message with { Round = 1 } }, 0))));
        rogue.Send(victim, new Frame((FrameKind)99, height, default));
        rogue.Send(victim, new Frame(FrameKind.StreamPart, height, new byte[] { 0xff }));
        rogue.Send(victim, new Frame(FrameKind.RangeReply, 1, new RangeReply(77, 1, []).Encode()));
        network.RunUntil(() => network.AllAt(6));
        Assert.Equal(
            [PeerFault.Malformed, PeerFault.Refused, PeerFault.Malformed, PeerFault.Malformed, PeerFault.WrongRange],
            network.Wires.Faults.Where(f => f.Peer.Node == Keys.IdOf(9)).Select(f => f.Fault));
        network.AssertNoOffence();
    }

    [Fact]
    public void N3EvidenceReachesEveryApplication()
    {
        TestNetwork network = TestNetwork.Started(4);
        network.RunUntil(() => network.AllAt(2));
        ulong height = network.Nodes[0].Loop!.Core.Height;
        ITransport twin = network.Wires.Join(Keys.IdOf(9));
        foreach (ValueId? value in new ValueId?[] { null, new ValueId(Enumerable.Repeat((byte)3, 32).ToArray()) })
        {
            Vote vote = new(VoteType.Precommit, height, 5, value, -1, Keys.IdOf(3));
            twin.Send(new PeerId(network.Nodes[0].Id),
                new Frame(FrameKind.Consensus, height, Canonical.Encode(new ConsensusMessage.OfVote(Keys.Sign(3, vote), 0))));
        }

        network.RunUntil(() => network.Nodes.All(node => node.App!.Evidence.Count > 0));
        Assert.All(network.Nodes, node =>
            Assert.Equal((EvidenceKind.DoubleVote, Keys.IdOf(3)), (node.App!.Evidence[0].Kind, node.App.Evidence[0].Validator)));
    }

    [Fact]
    public void N3EvidenceOfAHeightLongDecidedReachesTheApplication()
    {
        TestNetwork network = TestNetwork.Started(4);
        network.RunUntil(() => network.AllAt(5));
        ITransport twin = network.Wires.Join(Keys.IdOf(9));
        TestNode node = network.Nodes[0];
        twin.Send(new PeerId(node.Id), EvidenceFrame(2));
        network.RunUntil(() => node.App!.Evidence.Count > 0);
        Assert.Equal((EvidenceKind.DoubleVote, 2UL, Keys.IdOf(3)),
            (node.App!.Evidence[0].Kind, node.App.Evidence[0].Height, node.App.Evidence[0].Validator));
        Assert.DoesNotContain(network.Wires.Faults, fault => fault.Peer.Node == Keys.IdOf(9));

        // the application knows who told it, and says when it was made up
        AppRequest.EvidenceFound found = Assert.Single(node.App.Seen.OfType<AppRequest.EvidenceFound>());
        Assert.Equal(Keys.IdOf(9), found.From!.Value.Node);
        node.App.Reply(new AppReply.FalseEvidence(found.From.Value));
        network.RunUntil(() => network.Wires.Faults.Any(fault => fault.Peer.Node == Keys.IdOf(9)));
        Assert.Equal([PeerFault.Refused],
            network.Wires.Faults.Where(fault => fault.Peer.Node == Keys.IdOf(9)).Select(fault => fault.Fault));
    }

    [Fact]
    public void N3TwoMessagesThatContradictNothingAreNoEvidenceAndCostTheirSender()
    {
        TestNetwork network = TestNetwork.Started(4);
        network.RunUntil(() => network.AllAt(5));
        ITransport twin = network.Wires.Join(Keys.IdOf(9));
        TestNode node = network.Nodes[0];
        Vote vote = new(VoteType.Precommit, 2, 5, null, -1, Keys.IdOf(3));
        Evidence nothing = new(EvidenceKind.DoubleVote, 2, Keys.IdOf(3), Keys.Sign(3, vote), Keys.Sign(3, vote with { Round = 6 }), null,
            null);
        twin.Send(new PeerId(node.Id), new Frame(FrameKind.Consensus, 2, Canonical.Encode(new ConsensusMessage.OfEvidence(nothing))));
        network.RunUntil(() => network.Wires.Faults.Any(fault => fault.Peer.Node == Keys.IdOf(9)));
        Assert.Equal([PeerFault.Refused],
            network.Wires.Faults.Where(fault => fault.Peer.Node == Keys.IdOf(9)).Select(fault => fault.Fault));
        network.RunUntil(() => network.AllAt(7));
        Assert.Empty(node.App!.Evidence);
    }

    [Fact]
    public void TheSameNetworkRunsTwiceAlike()
    {
        string[] runs = [.. Enumerable.Range(0, 2).Select(_ =>
        {
            TestNetwork network = TestNetwork.Started(4);
            Random random = new(5);
            network.Wires.Filter = (_, _, _) => random.Next(100) >= 10;
            network.RunUntil(() => network.AllAt(8), 600_000);
            return string.Join(' ', network.Sent.Select(s => Convert.ToHexStringLower(Sha3.Hash256(s.Bytes).AsSpan(0, 4))));
        })];
        Assert.Equal(runs[0], runs[1]);
    }

    [Fact]
    public void C50F18ANewSetTakesEffectExactlyAtItsHeight()
    {
        // four validators, from height 8 on five; the fifth node is there from the start and signs only then
        TestNetwork network = new(5);
        ValidatorSet four = Keys.SetOf(4);
        ValidatorSet five = Keys.SetOf(5);
        network.SetAt = height => height < 8 ? four : five;
        foreach (TestNode node in network.Nodes)
        {
            node.Start();
        }

        network.RunUntil(() => network.AllAt(15));
        network.AssertAgreement();
        network.AssertNoOffence();
        ulong first = network.Sent.Where(s => s.From.Node == Keys.IdOf(4) && s.Message is ConsensusMessage.OfVote)
            .Min(s => s.Message.Height);
        Assert.Equal(8UL, first);
        foreach (DecidedHeight height in network.Nodes[0].Store.Heights)
        {
            ValidatorSet set = network.SetAt(height.Certificate.Height);
            Assert.NotNull(new Verifier(Keys.Check, Keys.Context, set, height.Certificate.Height).Verify(height.Certificate, out _));
        }

        Assert.Empty(network.Wires.Faults);
    }

    [Fact]
    public void F6ANodeWhoseDiskBrokeSignsNothingAndStillServesHeights()
    {
        TestNetwork network = TestNetwork.Started(4);
        TestNode broken = network.Nodes[0];
        network.RunUntil(() => network.AllAt(10));
        broken.Disk.FailAt = broken.Disk.Operations;
        network.RunUntil(() => broken.Loop!.IsHalted);
        int signatures = broken.Key.Signatures;
        MemoryTransport asker = network.Wires.Join(Keys.IdOf(9));
        asker.Send(new PeerId(broken.Id), new Frame(FrameKind.RangeRequest, 3, new RangeRequest(1, 3, 5).Encode()));
        network.RunFor(2000);
        RangeReply? reply = null;
        while (asker.Inbox.TryRead(out Incoming incoming))
        {
            reply = incoming.Frame.Kind == FrameKind.RangeReply ? RangeReply.TryDecode(incoming.Frame.Bytes.Span, 1 << 20) : reply;
        }

        Assert.Equal([3UL, 4UL, 5UL, 6UL, 7UL], reply!.Heights.Select(h => h.Certificate.Height));
        Assert.Equal(signatures, broken.Key.Signatures);
    }

    // a halted node's pump is bounded as that of a node that works: 64 frames, so that its caller gets the thread back
    [Fact]
    public void AFloodOfRequestsMakesNoPumpOfAHaltedNodeLonger()
    {
        const int FramesAPump = 64;
        TestNetwork network = TestNetwork.Started(4);
        TestNode broken = network.Nodes[0];
        network.RunUntil(() => network.AllAt(2));
        broken.Disk.FailAt = broken.Disk.Operations;
        network.RunUntil(() => broken.Loop!.IsHalted);
        while (broken.Loop!.Pump())
        {
        }

        MemoryTransport asker = network.Wires.Join(Keys.IdOf(9));
        for (uint i = 0; i < (3 * FramesAPump) + 1; i++)
        {
            asker.Send(new PeerId(broken.Id), new Frame(FrameKind.RangeRequest, 1, new RangeRequest(i, ulong.MaxValue, 1).Encode()));
        }

        foreach (int answers in (int[])[FramesAPump, FramesAPump, FramesAPump, 1])
        {
            Assert.True(broken.Loop.Pump());
            Assert.Equal(answers, asker.Inbox.Count); // each is answered at once: nothing is there
            while (asker.Inbox.TryRead(out _))
            {
            }
        }

        Assert.False(broken.Loop.Pump());
    }

    [Theory]
    [InlineData(1500, 2)] // KiB each: two fit into 4 MiB
    [InlineData(100, 32)] // the most heights of a reply
    [InlineData(5000, 1)] // one goes whatever its size
    public void AReplyOfHeightsStaysWithinFourMebibytesOrHoldsOneHeight(int kibibytes, int expected)
    {
        TestNetwork network = TestNetwork.Started(4);
        network.RunUntil(() => network.AllAt(1));
        TestNode server = network.Nodes[0];
        MemoryTransport asker = network.Wires.Join(Keys.IdOf(9));
        server.App!.Reply(new AppReply.DecidedRange(new PeerId(Keys.IdOf(9)), 7, 1, [.. Enumerable.Range(1, 40).Select(height =>
            new DecidedHeight(new CommitCertificate((ulong)height, 0, default, [new(Keys.IdOf(1), new ByteString(new byte[64]))]),
                new byte[kibibytes * 1024]))]));
        RangeReply? reply = null;
        network.RunUntil(() =>
        {
            while (reply is null && asker.Inbox.TryRead(out Incoming incoming))
            {
                reply = incoming.Frame.Kind == FrameKind.RangeReply ? RangeReply.TryDecode(incoming.Frame.Bytes.Span, 8 << 20) : null;
            }

            return reply is not null;
        });
        Assert.Equal(Enumerable.Range(1, expected).Select(height => (ulong)height), reply!.Heights.Select(h => h.Certificate.Height));
    }

    [Fact]
    public void AFloodOfEvidenceAndRequestsHaltsNobodyEvenWhileTheApplicationHangs()
    {
        TestNetwork network = TestNetwork.Started(4);
        network.RunUntil(() => network.AllAt(3));
        TestNode victim = network.Nodes[0];
        victim.App!.IsHung = true;
        ITransport rogue = network.Wires.Join(Keys.IdOf(9));
        for (int i = 0; i < ApplicationLink.Capacity * 2; i++)
        {
            rogue.Send(new PeerId(victim.Id), EvidenceFrame(victim.Loop!.Core.Height));
            rogue.Send(new PeerId(victim.Id), new Frame(FrameKind.RangeRequest, 1, new RangeRequest((uint)i, 1, 5).Encode()));
            victim.Pump();
        }

        Assert.False(victim.Loop!.IsHalted);
        victim.App.IsHung = false;
        ulong tip = network.Nodes[1].Store.Tip;
        network.RunUntil(() => network.AllAt(tip + 3));
    }

    // a double vote of the fourth validator
    private static Frame EvidenceFrame(ulong height)
    {
        Vote vote = new(VoteType.Precommit, height, 5, null, -1, Keys.IdOf(3));
        Evidence evidence = Offences.Between(Keys.Sign(3, vote), Keys.Sign(3, vote with { Value = new ValueId(new byte[32]) }))!;
        return new Frame(FrameKind.Consensus, height, Canonical.Encode(new ConsensusMessage.OfEvidence(evidence)));
    }
}
