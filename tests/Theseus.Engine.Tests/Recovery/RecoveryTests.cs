using Theseus.Consensus;

namespace Theseus.Engine.Tests;

public class RecoveryTests
{
    private const int Victim = 1;

    /// <summary>
    /// C39: one node's disk breaks at every operation of a height, in turn; it loses what was not synced, or keeps torn pieces,
    /// and starts again. The chain goes on and the node never contradicts itself.
    /// </summary>
    [Theory]
    [InlineData(0, false)]
    [InlineData(0, true)]
    [InlineData(500, false)]
    [InlineData(1000, true)]
    public void C39ACrashAtAnyWriteOfAHeightLeavesTheNodeCorrect(int keepThousandths, bool markFirst)
    {
        (int first, int last) = OperationsOfAHeight();
        Assert.True(last - first >= 8, "a height writes and syncs several times");
        for (int operation = first; operation <= last; operation++)
        {
            TestNetwork network = TestNetwork.Started(4);
            TestNode victim = network.Nodes[Victim];
            victim.Disk.SyncBackwards = markFirst;
            victim.Disk.FailAt = operation;
            network.RunUntil(() => victim.Loop!.IsHalted);
            Assert.Contains(victim.Events, e => e is EngineEvent.Halted { Reason: HaltReason.DiskFailed });
            int sentWhenBroken = network.Sent.Count(s => s.From.Node == victim.Id);

            network.RunFor(1000);
            Assert.Equal(sentWhenBroken, network.Sent.Count(s => s.From.Node == victim.Id)); // F6: a broken log sends nothing more

            victim.Crash(_ => keepThousandths);
            victim.Start();
            ulong tip = network.Nodes[0].Store.Tip;
            network.RunUntil(() => network.AllAt(tip + 4));
            network.AssertAgreement();
            network.AssertNoOffence();
            Assert.DoesNotContain(victim.Events, e =>
                e is EngineEvent.Abstains { Reason: AbstainReason.ReplayDiffers or AbstainReason.OwnMismatch });
            // it votes again
            Assert.Contains(network.Sent, s =>
                s.From.Node == victim.Id && s.Message is ConsensusMessage.OfVote { Vote.Message.Value: not null }
                && s.Message.Height > tip + 1);
        }
    }

    // fault 110: what stood in the mark and not in the log is logged once, so the next restart finds nothing amiss
    [Theory]
    [InlineData(0)]
    [InlineData(300)]
    [InlineData(600)]
    [InlineData(900)]
    public void AMessageThatOnlyTheMarkHadIsLoggedOnce(int keepThousandths)
    {
        (int first, int last) = OperationsOfAHeight();
        int recovered = 0;
        for (int operation = first; operation <= last; operation++)
        {
            TestNetwork network = TestNetwork.Started(4);
            TestNode victim = network.Nodes[Victim];
            victim.Disk.SyncBackwards = true;
            victim.Disk.FailAt = operation;
            network.RunUntil(() => victim.Loop!.IsHalted);
            victim.Crash(_ => keepThousandths);
            network.Wires.Filter = (from, to, _) => from.Node != victim.Id && to.Node != victim.Id; // the height stays open
            for (int restart = 0; restart < 3; restart++)
            {
                victim.Start();
                while (victim.Pump())
                {
                    // only this node
                }

                victim.Crash(static _ => 1000);
            }

            LogEntry[] entries = [.. ChainedLog.Open(victim.Disk, null).LastHeight];
            recovered += entries.Count(static entry => entry.Kind == EntryKind.Recovered);
            string[] own = [.. entries.Where(static entry => entry.Kind is EntryKind.Input or EntryKind.Recovered)
                .Where(static entry => InputEncoding.TryReadMessage(entry.Body.Span, out bool isOwn) is not null && isOwn)
                .Select(static entry => Convert.ToHexString(entry.Body.Span))];
            Assert.Equal(own.Distinct(), own);
            Assert.DoesNotContain(
                victim.Events, static happened => happened is EngineEvent.Abstains { Reason: AbstainReason.ReplayDiffers });
        }

        Assert.InRange(recovered, 2, int.MaxValue);
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(400, true)]
    public void N16AllNodesCrashingInOneUndecidedHeightStillDecideIt(int keepThousandths, bool markFirst)
    {
        for (int step = 0; step < 12; step++)
        {
            TestNetwork network = TestNetwork.Started(4);
            network.RunUntil(() => network.AllAt(3));
            int wanted = network.Sent.Count + (step * 5);
            network.RunUntil(() => network.Sent.Count >= wanted);
            foreach (TestNode node in network.Nodes)
            {
                node.Disk.SyncBackwards = markFirst;
                node.Crash(_ => keepThousandths);
            }

            foreach (TestNode node in network.Nodes)
            {
                node.Start();
            }

            network.RunUntil(() => network.AllAt(8));
            network.AssertAgreement();
            network.AssertNoOffence();
        }
    }

    [Fact]
    public void C36AProposerThatCrashedAfterProposingSendsTheSameProposalAgain()
    {
        TestNetwork network = TestNetwork.Started(4);
        network.RunUntil(() => network.AllAt(3));
        ulong height = network.Nodes[0].Store.Tip + 1;
        TestNode proposer = network.Nodes.Single(n => n.Id == network.Set.Proposer(height, 0).Id);
        network.Wires.Filter = (from, _, _) => from.Node != proposer.Id; // nobody hears it
        network.RunUntil(() => OwnProposals(network, proposer, height).Length > 0);
        proposer.Crash();
        network.Wires.Filter = static (_, _, _) => true;
        int signatures = proposer.Key.Signatures;
        proposer.Start();
        network.RunUntil(() => proposer.Loop!.Core.Height == height);
        network.RunUntil(() => OwnProposals(network, proposer, height).Length >= 6);
        Assert.Single(OwnProposals(network, proposer, height).Select(Convert.ToHexString).Distinct());
        Assert.Equal(signatures, proposer.Key.Signatures);
        network.RunUntil(() => network.AllAt(height));
        Assert.Equal(0, network.Nodes[0].Store.Heights[(int)height - 1].Certificate.Round); // its content came from its log
        network.AssertNoOffence();
    }

    [Fact]
    public void C37AVoterThatCrashedAfterVotingSendsTheSameBytesAgain()
    {
        TestNetwork network = TestNetwork.Started(4);
        network.RunUntil(() => network.AllAt(3));
        ulong height = network.Nodes[0].Store.Tip + 1;
        TestNode voter = network.Nodes.First(n => n.Id != network.Set.Proposer(height, 0).Id);
        // no precommit reaches anyone: the height stays open
        network.Wires.Filter = (_, _, frame) => frame.Kind != FrameKind.Consensus
            || Canonical.TryDecodeMessage(frame.Bytes.Span,
                out _) is not ConsensusMessage.OfVote { Vote.Message: { Type: VoteType.Precommit } vote } || vote.Height != height;
        network.RunUntil(() => OwnVotes(network, voter, height).Any(v => v.Type == VoteType.Precommit));
        string[] before = Bytes(network, voter, height);
        int sent = network.Sent.Count;
        int signatures = voter.Key.Signatures;
        voter.Crash();
        voter.Start();
        network.RunUntil(() => voter.Loop!.Core.Height == height && voter.Loop.Core.Step == Step.Precommit);
        Assert.Equal(signatures, voter.Key.Signatures); // nothing was signed again
        Assert.NotNull(voter.Loop!.Core.LockedValue);
        string[] after = [.. network.Sent.Skip(sent).Where(s => s.From.Node == voter.Id && s.Message is ConsensusMessage.OfVote)
            .Select(s => Convert.ToHexString(s.Bytes)).Distinct()];
        Assert.Equal(2, after.Length);
        Assert.Subset(before.ToHashSet(), after.ToHashSet());
        network.Wires.Filter = static (_, _, _) => true;
        network.RunUntil(() => network.AllAt(height + 2));
        network.AssertNoOffence();
    }

    [Fact]
    public void C38ARestartAfterSeveralRoundsResumesInTheRightRound()
    {
        TestNetwork network = TestNetwork.Started(4);
        network.RunUntil(() => network.AllAt(2));
        network.Wires.Filter = static (_, _, frame) => frame.Kind != FrameKind.StreamFin; // no proposal arrives: nil rounds
        TestNode node = network.Nodes[2];
        network.RunUntil(() => node.Loop!.Core.OwnPrevote is { Message.Round: >= 3 }); // durable, with all that led to it
        (ulong height, int round) = (node.Loop!.Core.Height, node.Loop.Core.Round);
        node.Crash();
        node.Start();
        while (node.Pump())
        {
            // alone: nothing but its own log
        }

        Assert.Equal((height, round), (node.Loop!.Core.Height, node.Loop.Core.Round));
        network.Wires.Filter = static (_, _, _) => true;
        network.RunUntil(() => network.AllAt(height + 2));
        network.AssertNoOffence();
    }

    [Fact]
    public void AReplayOfTheWholeLogGivesTheVeryState()
    {
        TestNetwork network = TestNetwork.Started(4);
        network.RunUntil(() => network.AllAt(2));
        TestNode node = network.Nodes[2];
        network.Wires.Filter = (_, to, frame) => to.Node != node.Id || frame.Height < 4 || frame.Kind == FrameKind.Status;
        // alone in the height: nil by its timeout, durable
        network.RunUntil(() => node.Loop!.Core is { Height: 4, OwnPrevote.Message.Round: 0 });
        byte[] before = node.Loop!.Core.Encode();
        node.Crash();
        node.Start();
        node.Loop!.Pump();
        node.App!.Pump();
        network.Wires.Leave(node.Id);
        node.Loop.Pump();
        Assert.Equal(before, node.Loop.Core.Encode());
    }

    [Fact]
    public void F7ARottenLogMakesTheNodeAbstainForThatHeightOnly()
    {
        TestNetwork network = TestNetwork.Started(4);
        network.RunUntil(() => network.AllAt(3));
        TestNode node = network.Nodes[Victim];
        ulong height = node.Store.Tip + 1;
        network.Wires.Filter = (from, _, _) => from.Node == node.Id; // the height stays open
        network.RunUntil(() => OwnVotes(network, node, height).Length >= 1);
        network.Wires.Filter = static (_, _, _) => true;
        node.Crash();
        node.Disk.Rot("log-0000000000000000", 200); // an early byte: the chain breaks there
        int sent = network.Sent.Count;
        node.Start();
        network.RunUntil(() => network.AllAt(height + 3));
        Assert.Contains(node.Events, e => e is EngineEvent.Abstains { Reason: AbstainReason.LogLost } a && a.Height >= height);
        Assert.DoesNotContain(network.Sent.Skip(sent), s =>
            s.From.Node == node.Id && s.Message is ConsensusMessage.OfVote v && v.Height <= height);
        Assert.Contains(network.Sent, s => s.From.Node == node.Id && s.Message is ConsensusMessage.OfVote v && v.Height > height);
        network.AssertNoOffence();
    }

    [Fact]
    public void F8ALostLogMakesTheNodeAbstainThroughTheMarksHeight()
    {
        TestNetwork network = TestNetwork.Started(4);
        network.RunUntil(() => network.AllAt(3));
        TestNode node = network.Nodes[Victim];
        ulong height = node.Store.Tip + 1;
        network.Wires.Filter = (from, _, _) => from.Node == node.Id; // the height stays open
        network.RunUntil(() => OwnVotes(network, node, height).Length >= 1);
        network.Wires.Filter = static (_, _, _) => true;
        node.Crash();
        node.Disk.Delete("log-0000000000000000");
        node.Start();
        network.RunUntil(() => network.AllAt(height + 3));
        Assert.Contains(node.Events, e => e is EngineEvent.Abstains { Reason: AbstainReason.LogLost });
        network.AssertNoOffence();
    }

    [Fact]
    public void C58F8AnApplicationFromAnOldBackupWaitsPastTheHeightsItVotedIn()
    {
        TestNetwork network = TestNetwork.Started(4);
        network.RunUntil(() => network.AllAt(10));
        TestNode node = network.Nodes[Victim];
        node.Crash();
        ulong voted = OwnVotes(network, node, 0).Max(v => v.Height);
        node.Store.Heights.RemoveRange(4, node.Store.Heights.Count - 4);
        int sent = network.Sent.Count;
        node.Start();
        network.RunUntil(() => network.AllAt(voted + 4));
        Assert.Contains(node.Events, e => e is EngineEvent.Abstains { Reason: AbstainReason.ApplicationBehind });
        Assert.DoesNotContain(network.Sent.Skip(sent), s =>
            s.From.Node == node.Id && s.Message is ConsensusMessage.OfVote or ConsensusMessage.OfProposal && s.From.Node == node.Id
            && s.Message.Height < voted);
        network.AssertAgreement();
        network.AssertNoOffence();
    }

    [Fact]
    public void N15AHeightIsNotResumedUnderOtherModules()
    {
        TestNetwork network = TestNetwork.Started(4);
        network.RunUntil(() => network.AllAt(3));
        TestNode node = network.Nodes[Victim];
        ulong height = node.Store.Tip + 1;
        network.RunUntil(() => OwnVotes(network, node, height).Length >= 1);
        Assert.Equal(height - 1, node.Store.Tip);
        node.Crash();
        node.Start();
        node.App!.ModulesOf = static _ => [new ValueId(Enumerable.Repeat((byte)2, 32).ToArray())];
        int signatures = node.Key.Signatures;
        network.RunUntil(() => node.Loop!.IsHalted);
        Assert.Contains(node.Events, e => e is EngineEvent.Halted { Reason: HaltReason.MissingModule });
        Assert.Equal(signatures, node.Key.Signatures);
    }

    [Fact]
    public void F5ACrashBetweenDecisionAndTheApplicationsDiskAsksAgainWithoutAVote()
    {
        TestNetwork network = TestNetwork.Started(4);
        network.RunUntil(() => network.AllAt(3));
        TestNode node = network.Nodes[Victim];
        node.App!.DropsDecisions = true;
        ulong height = node.Store.Tip + 1;
        network.RunUntil(() => node.Loop!.Core is { Step: Step.Decided } core && core.Height == height);
        Assert.Equal(height - 1, node.Store.Tip);
        foreach (TestNode other in network.Nodes.Where(n => n != node))
        {
            other.Stop();
        }

        int signatures = node.Key.Signatures;
        node.Crash(_ => 1000); // the process dies, the page cache lives
        node.Start();
        network.RunUntil(() => node.Store.Tip == height); // certificate and content were in its own log
        Assert.Equal(signatures, node.Key.Signatures);
    }

    [Fact]
    public void F28AnUnavailableSignerIsAskedAgainAndCostsNoMoreThanTime()
    {
        TestNetwork network = new(4);
        TestNode node = network.Nodes[Victim];
        FlakySigner signer = new(new LocalSigner(node.Key, node.Disk));
        node.Signer = signer;
        foreach (TestNode n in network.Nodes)
        {
            n.Start();
        }

        network.RunUntil(() => network.AllAt(10));
        Assert.True(signer.Refused > 5);
        Assert.True(OwnVotes(network, node, 0).Count(v => v.Value is not null) >= 10);
        network.AssertNoOffence();
    }

    private static (int First, int Last) OperationsOfAHeight()
    {
        TestNetwork network = TestNetwork.Started(4);
        TestNode victim = network.Nodes[Victim];
        network.RunUntil(() => victim.Loop!.Core.Height == 3);
        int first = victim.Disk.Operations;
        network.RunUntil(() => victim.Loop!.Core.Height == 4);
        return (first, victim.Disk.Operations);
    }

    private static Vote[] OwnVotes(TestNetwork network, TestNode node, ulong height) =>
        [.. network.Sent.Where(s => s.From.Node == node.Id).Select(s => s.Message).OfType<ConsensusMessage.OfVote>()
            .Select(v => v.Vote.Message).Where(v => height == 0 || v.Height == height).Distinct()];

    private static byte[][] OwnProposals(TestNetwork network, TestNode node, ulong height) =>
        [.. network.Sent.Where(s => s.From.Node == node.Id && s.Message is ConsensusMessage.OfProposal && s.Message.Height == height)
            .Select(s => s.Bytes)];

    private static string[] Bytes(TestNetwork network, TestNode node, ulong height) =>
        [.. network.Sent.Where(s => s.From.Node == node.Id && s.Message is ConsensusMessage.OfVote && s.Message.Height == height)
            .Select(s => Convert.ToHexString(s.Bytes)).Distinct()];

    private sealed class FlakySigner(LocalSigner inner) : ISigner
    {
        private int _asked;

        public int Refused { get; private set; }

        public Mark? Mark => inner.Mark;

        public IDiskFile? MarkFile => inner.MarkFile;

        public SignOutcome Sign(SignRequest request)
        {
            if (_asked++ % 2 == 0)
            {
                Refused++;
                return new SignOutcome.Unavailable();
            }

            return inner.Sign(request);
        }

        public ByteString? SignUnmarked(SignKind kind, ReadOnlySpan<byte> signBytes) => inner.SignUnmarked(kind, signBytes);
    }
}
