using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Threading.Channels;
using Theseus.Consensus;

namespace Theseus.Engine.Tests;

/// <summary>
/// What peers without a key, or with only their own, can do to a height: nothing that outlasts them (faults 98, 106, 107).
/// </summary>
public class StrangerTests
{
    private const int Stranger = 9;
    private const string FirstSegment = "log-0000000000000000";

    // fault 98: 120 contents that hash to the value they name, proposed by nobody, while one of four is down; then all restart
    [Theory]
    [InlineData(1)]
    [InlineData(30)]
    public void ContentsThatNobodySignedForTakeNoPlaceAndAreNotWrittenDown(int strangers)
    {
        TestNetwork network = new(4);
        MemoryTransport[] sessions = [.. Enumerable.Range(0, strangers).Select(i => network.Wires.Join(Keys.IdOf(Stranger + i)))];
        foreach (TestNode node in network.Nodes.Take(3))
        {
            node.Start();
        }

        network.RunUntil(() => network.Nodes.Take(3).All(node => node.Loop!.Core is { Height: 1, Round: 0, Step: Step.Propose }));
        HashSet<ValueId> foreign = Flood(network, sessions, 120);
        network.RunUntil(() => network.AllAt(3), 30_000);
        foreign.UnionWith(Flood(network, sessions, 120));
        foreach (TestNode node in network.Nodes.Take(3))
        {
            Assert.DoesNotContain(WrittenContents(node), foreign.Contains);
            node.Crash(_ => 1000);
        }

        foreach (TestNode node in network.Nodes.Take(3))
        {
            node.Start();
        }

        network.RunUntil(() => network.AllAt(6), 60_000);
        network.AssertAgreement();
        network.AssertNoOffence();
    }

    // fault 106: a log with 100 contents of values that nobody signed for, as nodes wrote them once
    [Fact]
    public void ALogFullOfForeignContentsDoesNotFillTheStore()
    {
        TestNetwork network = new(4);
        network.Wires.Filter = static (_, _, frame) => frame.Kind != FrameKind.StreamFin; // nobody hears a proposal in height 1
        foreach (TestNode node in network.Nodes)
        {
            node.Start();
        }

        // so the height is on disk
        network.RunUntil(() => network.Nodes.All(node => node.Loop!.Core is { Height: 1, OwnPrevote: not null }));
        foreach (TestNode node in network.Nodes)
        {
            node.Stop();
            ChainedLog log = ChainedLog.Open(node.Disk, null);
            for (int i = 0; i < 100; i++)
            {
                byte[] content = Encoding.UTF8.GetBytes($"1 0 nobody\nforeign={i}\n");
                ValueId value = new(Sha3.Hash256(content));
                log.Append(EntryKind.Content, new ContentMessage(value, content).Encode());
                log.Append(EntryKind.Input, InputEncoding.Encode(new Input.ValueReady(1, value, Rounds.Nil)));
            }

            log.Flush();
            node.Disk.Sync([log.File]);
        }

        network.Wires.Filter = static (_, _, _) => true;
        foreach (TestNode node in network.Nodes)
        {
            node.Start();
        }

        network.RunUntil(() => network.AllAt(3), 30_000);
        Assert.All(network.Nodes, node => Assert.DoesNotContain(node.Events, e => e is EngineEvent.Abstains));
        network.AssertAgreement();
    }

    // fault 98: other sessions' streams do not take the places of proposers, so that contents need not be asked for
    [Fact]
    public void StreamsOfStrangersLeaveTheProposersTheirPlaces()
    {
        TestNetwork network = TestNetwork.Started(4);
        MemoryTransport[] strangers = [.. Enumerable.Range(0, 40).Select(i => network.Wires.Join(Keys.IdOf(Stranger + i)))];
        int requests = 0;
        network.Wires.Tap = (_, _, frame) => requests += frame.Kind == FrameKind.ContentRequest ? 1 : 0;
        for (ulong height = 1; height <= 5; height++)
        {
            foreach (TestNode node in network.Nodes)
            {
                foreach (MemoryTransport stranger in strangers)
                {
                    for (ulong next = height; next <= height + 1; next++)
                    {
                        for (int round = 0; round <= 1; round++)
                        {
                            stranger.Send(new PeerId(node.Id), new Frame(
                                FrameKind.StreamPart, next, new StreamPart(next, round, 0, new byte[100]).Encode()));
                        }
                    }
                }
            }

            network.RunUntil(() => network.AllAt(height), 20_000);
        }

        Assert.Equal(0, requests);
        Assert.DoesNotContain(network.Nodes.SelectMany(node => node.Events), e => e is EngineEvent.RoundEntered { Round: > 0 });
    }

    // fault 107: proposals for far rounds, all by one validator of four, and no streams, so that contents must be asked for
    [Fact]
    public void ProposalsForFarRoundsDoNotKeepAWantedContentFromBeingAskedFor()
    {
        TestNetwork network = new(4);
        PeerId victim = new(Keys.IdOf(0));
        HashSet<ValueId> asked = [];
        network.Wires.Tap = (from, _, frame) =>
        {
            if (from == victim && frame.Kind == FrameKind.ContentRequest)
            {
                asked.Add(ContentMessage.TryDecode(frame.Bytes.Span, 0)!.Value);
            }
        };
        network.Wires.Filter = (_, to, frame) => to != victim || frame.Kind is not (FrameKind.StreamPart or FrameKind.RangeReply);
        foreach (TestNode node in network.Nodes)
        {
            node.Start();
        }

        MemoryTransport liar = network.Wires.Join(Keys.IdOf(Stranger)); // passes on what validator 3 signed
        for (ulong height = 1; height <= 3; height++)
        {
            network.RunUntil(() => network.Nodes[0].Loop!.Core.Height == height, 20_000);
            foreach (int round in Enumerable.Range(2, 400).Where(round => network.Set.Proposer(height, round).Id == Keys.IdOf(3)))
            {
                Proposal far = new(height, round, new ValueId(Sha3.Hash256(BitConverter.GetBytes(round))), Rounds.Nil, Keys.IdOf(3));
                Signed<Proposal> signed = new(far, Keys.Sign(3, SignBytes.Of(Keys.Context, far)));
                liar.Send(victim, new Frame(FrameKind.Consensus, height, Canonical.Encode(new ConsensusMessage.OfProposal(signed))));
            }

            network.RunUntil(() => network.AllAt(height), 20_000);
        }

        Assert.All(
            network.Nodes[0].Store.Heights.Where(h => network.Set.Proposer(h.Certificate.Height, h.Certificate.Round).Id != Keys.IdOf(0)),
            h => Assert.Contains(h.Certificate.Value, asked));
    }

    // fault 107: one vote of one validator for the next height, told again and again
    [Fact]
    public void ARepeatedVoteForTheNextHeightTakesOnePlaceAndOneCheck()
    {
        TestNetwork network = new(4);
        CountingCheck counting = new();
        network.Nodes[0].Signatures = counting;
        foreach (TestNode node in network.Nodes)
        {
            node.Start();
        }

        // node 0 has opened height 2 and not begun it: it waits for the block interval
        network.RunUntil(() => network.AllAt(1));
        network.Settle();
        Assert.Equal(1ul, network.Nodes[0].Loop!.Core.Height);
        MemoryTransport liar = network.Wires.Join(Keys.IdOf(Stranger));
        Signed<Vote> vote = Keys.Sign(3, new Vote(VoteType.Prevote, 2, 7, null, Rounds.Nil, Keys.IdOf(3)));
        byte[] bytes = Canonical.Encode(new ConsensusMessage.OfVote(vote, NilReason.None));
        int before = counting.Checks;
        for (int i = 0; i < 1000; i++)
        {
            liar.Send(new PeerId(Keys.IdOf(0)), new Frame(FrameKind.Consensus, 2, bytes));
        }

        while (network.Nodes[0].Pump())
        {
            // only this node: the others stay where they are
        }

        Assert.Equal(before + 1, counting.Checks);
        network.RunUntil(() => network.AllAt(4), 20_000);
        Assert.DoesNotContain(network.Nodes.SelectMany(node => node.Events), e => e is EngineEvent.RoundEntered { Height: 2, Round: > 0 });
    }

    // fault 107: the same before the height is opened: copies that waited are recognised when their turn comes
    [Fact]
    public void CopiesOfAVoteThatWaitedForTheirHeightCostOneCheck()
    {
        TestNetwork network = new(4);
        CountingCheck counting = new();
        network.Nodes[0].Signatures = counting;
        foreach (TestNode node in network.Nodes)
        {
            node.Start();
        }

        network.RunUntil(() => network.AllAt(1));
        network.RunUntil(() => network.Nodes[0].Loop!.Core is { Height: 2, Step: not Step.Decided });
        Signed<Vote> vote = Keys.Sign(3, new Vote(VoteType.Prevote, 3, 7, null, Rounds.Nil, Keys.IdOf(3)));
        byte[] bytes = Canonical.Encode(new ConsensusMessage.OfVote(vote, NilReason.None));
        for (int peer = 0; peer < FutureBuffer.MaximumStrangers; peer++)
        {
            MemoryTransport stranger = network.Wires.Join(Keys.IdOf(Stranger + peer));
            for (int i = 0; i < 90; i++)
            {
                stranger.Send(new PeerId(Keys.IdOf(0)), new Frame(FrameKind.Consensus, 3, bytes));
            }
        }

        while (network.Nodes[0].Loop!.Core.Height < 3)
        {
            network.RunUntil(() => network.Nodes[0].Loop!.Core.Height == 3);
        }

        // two heights of four validators: far below the 1,440 copies
        Assert.InRange(counting.Checks, 1, 100);
        network.RunUntil(() => network.AllAt(4), 20_000);
        network.AssertAgreement();
    }

    // fault 107: what one queue holds does not keep the loop from the others, nor from its timers
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AFloodOfAnswersOrOfVerifiedMessagesLeavesTheRestOfAPumpItsTurn(bool verified)
    {
        TestNetwork network = new(4);
        TestNode node = network.Nodes[0];
        QueuedVerification verification = new();
        node.Verification = verification;
        foreach (TestNode each in network.Nodes)
        {
            each.Start();
        }

        network.RunUntil(() => network.AllAt(2));
        network.Settle();
        PeerId liar = new(Keys.IdOf(Stranger));
        Signed<Vote> vote = Keys.Sign(3, new Vote(VoteType.Prevote, node.Loop!.Core.Height, 0, null, Rounds.Nil, Keys.IdOf(3)));
        VerificationJob job = new(null!, new ConsensusMessage.OfVote(vote, NilReason.None), liar, 0);
        const int Flood = 4000;
        for (int i = 0; i < Flood; i++)
        {
            if (verified)
            {
                verification.Queue.Enqueue(new VerificationResult(job, null));
            }
            else
            {
                node.App!.Reply(new AppReply.FalseEvidence(liar));
            }
        }

        int told = 0;
        int answered = 0;
        network.Wires.Tap = (from, to, frame) =>
        {
            told += from.Node == node.Id && frame.Kind == FrameKind.Status ? 1 : 0;
            answered += to == liar && frame.Kind == FrameKind.RangeReply ? 1 : 0;
        };
        MemoryTransport other = network.Wires.Join(Keys.IdOf(Stranger));
        other.Send(new PeerId(node.Id), new Frame(FrameKind.RangeRequest, 1000, new RangeRequest(1, 1000, 1).Encode()));
        network.Time.Advance(1000); // the tick is due
        node.Loop.Pump();
        Assert.NotEqual(0, told);
        Assert.Equal(1, answered);
        Assert.InRange(network.Wires.Faults.Count(fault => fault.Peer == liar), 1, 200);
        network.Settle();
        Assert.Equal(Flood, network.Wires.Faults.Count(fault => fault.Peer == liar)); // nothing is lost
        network.RunUntil(() => network.AllAt(5));
    }

    // fault 10, review 3.4: copies of one valid Init, and of one proposal
    [Fact]
    public void CopiesOfWhatWasVerifiedCostNoFurtherCheck()
    {
        TestNetwork network = new(4);
        CountingCheck counting = new();
        network.Nodes[0].Signatures = counting;
        network.Wires.Filter = static (_, _, frame) =>
            frame.Kind is not (FrameKind.StreamInit or FrameKind.StreamPart or FrameKind.StreamFin);
        foreach (TestNode node in network.Nodes)
        {
            node.Start();
        }

        network.RunUntil(() => network.Nodes.All(node => node.Loop!.Core is { Height: 1, Step: Step.Propose }));
        int proposer = Enumerable.Range(0, 4).Single(i => Keys.IdOf(i) == network.Set.Proposer(1, 1).Id);
        StreamInit init = new(1, 1, Keys.IdOf(proposer), Keys.Sign(proposer, StreamInit.SignBytesOf(Keys.Context, 1, 1)));
        Proposal proposal = new(1, 1, default, Rounds.Nil, Keys.IdOf(proposer));
        StreamFin fin = new(new Signed<Proposal>(proposal, Keys.Sign(proposer, SignBytes.Of(Keys.Context, proposal))), 3, default);
        MemoryTransport[] strangers = [.. Enumerable.Range(0, 5).Select(i => network.Wires.Join(Keys.IdOf(Stranger + i)))];
        network.Wires.Filter = static (_, _, _) => true;
        int before = counting.Checks;
        for (int i = 0; i < 50; i++)
        {
            strangers[i % 5].Send(new PeerId(Keys.IdOf(0)), new Frame(FrameKind.StreamInit, 1, init.Encode()));
            strangers[i % 5].Send(new PeerId(Keys.IdOf(0)), new Frame(FrameKind.StreamFin, 1, fin.Encode()));
        }

        while (network.Nodes[0].Pump())
        {
            // only this node
        }

        Assert.Equal(before + 2, counting.Checks); // one Init, one proposal
        Assert.Empty(network.Wires.Faults);
    }

    // a small frame does not buy a large answer again and again
    [Fact]
    public void AContentIsGivenToOnePeerOnceInAWhile()
    {
        TestNetwork network = TestNetwork.Started(4);
        network.RunUntil(() => network.AllAt(2));
        ValueId value = network.Nodes[0].Store.Heights[^1].Certificate.Value;
        int replies = 0;
        PeerId stranger = new(Keys.IdOf(Stranger));
        MemoryTransport session = network.Wires.Join(Keys.IdOf(Stranger));
        network.Wires.Tap = (_, to, frame) => replies += to == stranger && frame.Kind == FrameKind.ContentReply ? 1 : 0;
        for (int i = 0; i < 100; i++)
        {
            session.Send(new PeerId(Keys.IdOf(0)), new Frame(FrameKind.ContentRequest, 2, new ContentMessage(value, default).Encode()));
        }

        while (network.Nodes[0].Pump())
        {
            // the clock stands
        }

        Assert.Equal(1, replies);
        network.Time.Advance(500);
        session.Send(new PeerId(Keys.IdOf(0)), new Frame(FrameKind.ContentRequest, 2, new ContentMessage(value, default).Encode()));
        while (network.Nodes[0].Pump())
        {
            // the clock stands
        }

        Assert.Equal(2, replies);
    }

    // fault 98: names cost a stranger nothing, so they buy no memory
    [Fact]
    public void FramesOfHeightsAheadAreKeptOfValidatorsAndFewStrangers()
    {
        FutureBuffer buffer = new();
        PeerId validator = new(Keys.IdOf(0));
        byte[] bytes = new byte[1000];
        buffer.Add(new Incoming(validator, new Frame(FrameKind.Consensus, 5, bytes)), peer => peer == validator);
        for (int i = 1; i < 200; i++)
        {
            buffer.Add(new Incoming(new PeerId(Keys.IdOf(i)), new Frame(FrameKind.Consensus, 5, bytes)), peer => peer == validator);
        }

        Assert.Equal(FutureBuffer.MaximumStrangers + 1, buffer.Peers);
        Assert.Contains(buffer.Take(5), incoming => incoming.From == validator);
        Assert.Equal(0, buffer.Peers);
    }

    // contents whose hash is the value that their Fin names, in the rounds that are near
    private static HashSet<ValueId> Flood(TestNetwork network, MemoryTransport[] strangers, int contents)
    {
        HashSet<ValueId> values = [];
        foreach (TestNode node in network.Nodes.Where(node => node.IsUp))
        {
            ulong height = node.Loop!.Core.Height;
            for (int i = 0; i < contents; i++)
            {
                byte[] content = Encoding.UTF8.GetBytes($"{height} 0 nobody\n{new string('x', 260)}={i}\n");
                ValueId value = new(Sha3.Hash256(content));
                int round = node.Loop.Core.Round + (i % 2);
                Proposal proposal = new(height, round, value, Rounds.Nil, network.Set.Proposer(height, round).Id);
                StreamFin fin = new(new Signed<Proposal>(proposal, new ByteString(new byte[64])), 1, new ValueId(Sha3.Hash256(content)));
                MemoryTransport session = strangers[i % strangers.Length];
                session.Send(
                    new PeerId(node.Id), new Frame(FrameKind.StreamPart, height, new StreamPart(height, round, 0, content).Encode()));
                session.Send(new PeerId(node.Id), new Frame(FrameKind.StreamFin, height, fin.Encode()));
                values.Add(value);
            }

            while (node.Pump())
            {
                // takes all of it before anything else comes
            }
        }

        return values;
    }

    /// <summary>Verifies as threads of a host do: results lie in a queue that the loop does not empty by itself.</summary>
    private sealed class QueuedVerification : ChannelReader<VerificationResult>, IVerification
    {
        public Queue<VerificationResult> Queue { get; } = new();

        public ChannelReader<VerificationResult> Results => this;

        public bool TrySubmit(VerificationJob job)
        {
            Queue.Enqueue(job.Run());
            return true;
        }

        public override bool TryRead([MaybeNullWhen(false)] out VerificationResult item) => Queue.TryDequeue(out item);

        public override ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken = default) => new(Queue.Count > 0);
    }

    private static List<ValueId> WrittenContents(TestNode node)
    {
        IDiskFile file = node.Disk.Open(FirstSegment);
        byte[] bytes = new byte[file.Length];
        file.Read(0, bytes);
        SegmentReader reader = new(bytes);
        List<ValueId> values = [];
        while (reader.TryRead(out LogEntry entry))
        {
            if (entry.Kind == EntryKind.Content)
            {
                values.Add(ContentMessage.TryDecode(entry.Body.Span, ChainedLog.MaximumEntry)!.Value);
            }
        }

        return values;
    }
}
