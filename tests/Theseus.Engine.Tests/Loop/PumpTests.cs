using Theseus.Consensus;

namespace Theseus.Engine.Tests;

/// <summary>What one pump does, without a clock that moves and without another input that would do it later.</summary>
public class PumpTests
{
    private const int Victim = 3;

    // whichever of a content's messages comes last, it is here then; the signed proposal may have come on its own before, and the first
    // message is for those that pass parts on early
    [Theory]
    [InlineData("Init Part Fin")]
    [InlineData("Init Fin Part")]
    [InlineData("Fin Init Part")]
    [InlineData("Part Fin")]
    [InlineData("Fin Part")]
    [InlineData("Proposal Part Fin")]
    [InlineData("Proposal Fin Part")]
    [InlineData("Part Proposal Fin")]
    [InlineData("Part Init Proposal Fin")]
    public void AContentIsTakenWithTheLastOfItsMessages(string order)
    {
        (TestNode node, MemoryTransport peer, Dictionary<string, List<Frame>> frames, _) = Starved();
        ValueId value = StreamFin.TryDecode(frames["Fin"][0].Bytes.Span)!.Proposal.Message.Value;
        foreach (string name in order.Split(' '))
        {
            Assert.False(node.Loop!.Core.HasContent(value));
            frames[name].ForEach(frame => peer.Send(new PeerId(node.Id), frame));
            Assert.True(node.Loop.Pump());
        }

        Assert.True(node.Loop!.Core.HasContent(value));
    }

    // consensus N11: parts that came before their Init go to the application with it, once
    [Theory]
    [InlineData("Init Part Part")]
    [InlineData("Part Init Init")]
    public void PartsAreCheckedWhileTheyArriveOnceTheirStreamIsOpened(string order)
    {
        (TestNode node, MemoryTransport peer, Dictionary<string, List<Frame>> frames, _) = Starved();
        foreach (string name in order.Split(' '))
        {
            frames[name].ForEach(frame => peer.Send(new PeerId(node.Id), frame));
        }

        while (node.Pump())
        {
            // only this node
        }

        int[] seen = [.. node.App!.Seen.OfType<AppRequest.Part>().Select(static part => part.Index)];
        Assert.NotEmpty(seen);
        Assert.Equal(Enumerable.Range(0, seen.Length), seen);
    }

    // a Fin may pass on the proposer's signed proposal with a commitment of its sender's own
    [Fact]
    public void AStreamWhoseWholeIsNotItsValuesContentIsItsSendersFault()
    {
        (TestNode node, MemoryTransport peer, Dictionary<string, List<Frame>> frames, MemoryNetwork wires) = Starved();
        Signed<Proposal> proposal = StreamFin.TryDecode(frames["Fin"][0].Bytes.Span)!.Proposal;
        byte[] content = [1, 2, 3];
        Frame[] sent =
        [
            frames["Init"][0],
            new(FrameKind.StreamPart, 1, new StreamPart(1, 0, 0, content).Encode()),
            new(FrameKind.StreamFin, 1, new StreamFin(proposal, 1, new ValueId(Sha3.Hash256(content))).Encode()),
        ];
        List<PeerFault> faults = Faults(wires, node, peer, sent);
        Assert.Equal([PeerFault.WrongContent], faults);
        Assert.True(node.Loop!.Core.Tracks(proposal.Message.Value)); // the proposal itself was good
        Assert.False(node.Loop.Core.HasContent(proposal.Message.Value));
    }

    // consensus N11: only streams of this round and the next have a place; what is farther costs no check, and nobody is blamed for it
    [Theory]
    [InlineData(0, true)]
    [InlineData(1, true)]
    [InlineData(2, false)]
    [InlineData(1000, false)]
    public void StreamsOfFarRoundsAreNotLookedAt(int round, bool isNear)
    {
        (TestNode node, MemoryTransport peer, _, MemoryNetwork wires) = Starved();
        Assert.Equal(0, node.Loop!.Core.Round);
        StreamInit forged = new(1, round, Keys.SetOf(4).Proposer(1, round).Id, new ByteString([1]));
        PeerFault[] expected = isNear ? [PeerFault.Refused] : [];
        Assert.Equal(expected, Faults(wires, node, peer, new Frame(FrameKind.StreamInit, 1, forged.Encode())));
    }

    [Fact]
    public void ARequestForAContentHoldsNone()
    {
        (TestNode node, MemoryTransport peer, _, MemoryNetwork wires) = Starved();
        Assert.Empty(Faults(wires, node, peer, new Frame(FrameKind.ContentRequest, 1, new ContentMessage(default, default).Encode())));
        Frame full = new(FrameKind.ContentRequest, 1, new ContentMessage(default, new byte[1]).Encode());
        Assert.Equal([PeerFault.Malformed], Faults(wires, node, peer, full));
    }

    [Fact]
    public void AnAnswerOfTheApplicationIsWork()
    {
        TestNetwork network = TestNetwork.Started(4);
        network.RunUntil(() => network.AllAt(1));
        network.Settle();
        TestNode node = network.Nodes[0];
        Assert.False(node.Loop!.Pump());
        node.App!.Reply(new AppReply.DecidedRange(new PeerId(Keys.IdOf(1)), 7, 1, []));
        Assert.True(node.Loop.Pump());
        Assert.False(node.Loop.Pump());
    }

    // F28: with one validator every step waits for its signature, so each is asked for until it is given, in round 0
    [Fact]
    public void WhatTheSignerRefusedIsAskedForAgainInTheSameRound()
    {
        TestNetwork network = new(1);
        TestNode node = network.Nodes[0];
        ReluctantSigner signer = new(new LocalSigner(node.Key, node.Disk));
        node.Signer = signer;
        node.Start();
        network.RunUntil(() => node.Store.Tip >= 5);
        Assert.All(node.Store.Heights, static height => Assert.Equal(0, height.Certificate.Round));
        Assert.Equal([SignKind.Proposal, SignKind.Prevote, SignKind.Precommit], signer.Refused.Distinct().Order());
    }

    // 4 MiB of contents and certificates, a signature counting 32 + 2 + 128 bytes
    [Theory]
    [InlineData(0, 2)]
    [InlineData(1, 1)]
    public void AReplyMayHoldFourMebibytesAndNotAByteMore(int more, int expected)
    {
        const int Limit = 4 * 1024 * 1024;
        const int Signature = 32 + 2 + 128;
        TestNetwork network = TestNetwork.Started(4);
        network.RunUntil(() => network.AllAt(1));
        network.Settle();
        TestNode server = network.Nodes[0];
        MemoryTransport asker = network.Wires.Join(Keys.IdOf(9));
        server.App!.Reply(new AppReply.DecidedRange(new PeerId(Keys.IdOf(9)), 7, 1,
            [Height(1, 1000), Height(2, Limit - 1000 - (2 * Signature) + more)]));
        server.Loop!.Pump();
        RangeReply? reply = null;
        while (asker.Inbox.TryRead(out Incoming incoming))
        {
            reply = incoming.Frame.Kind == FrameKind.RangeReply ? RangeReply.TryDecode(incoming.Frame.Bytes.Span, 8 << 20) : reply;
        }

        Assert.Equal(expected, reply!.Heights.Count);

        static DecidedHeight Height(ulong height, int bytes) =>
            new(new CommitCertificate(height, 0, default, [new(Keys.IdOf(1), new ByteString(new byte[64]))]), new byte[bytes]);
    }

    /// <summary>A node that heard nothing of height 1, a peer of its, and the messages of that height's proposal.</summary>
    private static (TestNode Node, MemoryTransport Peer, Dictionary<string, List<Frame>> Frames, MemoryNetwork Wires) Starved()
    {
        TestNetwork network = new(4);
        TestNode node = network.Nodes[Victim];
        Assert.NotEqual(node.Id, network.Set.Proposer(1, 0).Id);
        Dictionary<string, List<Frame>> frames = [];
        network.Wires.Filter = (_, to, frame) =>
        {
            if (frame.Height == 1 && to == new PeerId(node.Id))
            {
                string? name = frame.Kind switch
                {
                    FrameKind.StreamInit => "Init",
                    FrameKind.StreamPart => "Part",
                    FrameKind.StreamFin => "Fin",
                    _ => null,
                };
                if (name is not null)
                {
                    (frames.TryGetValue(name, out List<Frame>? some) ? some : frames[name] = []).Add(frame);
                }
            }

            return to != new PeerId(node.Id);
        };
        foreach (TestNode one in network.Nodes)
        {
            one.Start();
        }

        network.RunUntil(() => network.Nodes[0].Store.Tip >= 1);
        foreach (TestNode other in network.Nodes.Where(other => other != node))
        {
            other.Stop();
        }

        Assert.Equal(1UL, node.Loop!.Core.Height);
        Proposal proposal = StreamFin.TryDecode(frames["Fin"][0].Bytes.Span)!.Proposal.Message;
        Assert.Equal((1UL, 0), (proposal.Height, proposal.Round));
        frames["Proposal"] = [new Frame(FrameKind.Consensus, 1, Canonical.Encode(
            new ConsensusMessage.OfProposal(StreamFin.TryDecode(frames["Fin"][0].Bytes.Span)!.Proposal)))];
        network.Wires.Filter = static (_, _, _) => true;
        MemoryTransport peer = network.Wires.Join(Keys.IdOf(9));
        network.Settle();
        return (node, peer, frames, network.Wires);
    }

    /// <summary>What a peer is blamed for when it sends these.</summary>
    private static List<PeerFault> Faults(MemoryNetwork wires, TestNode node, MemoryTransport peer, params Frame[] sent)
    {
        wires.Faults.Clear();
        Assert.All(sent, frame => peer.Send(new PeerId(node.Id), frame));
        while (node.Pump())
        {
            // only this node
        }

        return [.. wires.Faults.Where(fault => fault.Peer == new PeerId(Keys.IdOf(9))).Select(static fault => fault.Fault)];
    }

    /// <summary>Refuses each message once.</summary>
    private sealed class ReluctantSigner(LocalSigner inner) : ISigner
    {
        private readonly HashSet<string> _seen = [];

        public List<SignKind> Refused { get; } = [];

        public Mark? Mark => inner.Mark;

        public IDiskFile? MarkFile => inner.MarkFile;

        public SignOutcome Sign(SignRequest request)
        {
            if (_seen.Add($"{request.Kind} {request.Height} {request.Round}"))
            {
                Refused.Add(request.Kind);
                return new SignOutcome.Unavailable();
            }

            return inner.Sign(request);
        }

        public ByteString? SignUnmarked(SignKind kind, ReadOnlySpan<byte> signBytes) => inner.SignUnmarked(kind, signBytes);
    }
}
