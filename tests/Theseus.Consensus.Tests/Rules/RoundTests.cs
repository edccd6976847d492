namespace Theseus.Consensus.Tests;

/// <summary>Proposing, prevoting, locking, precommitting in one round and across rounds.</summary>
public class RoundTests
{
    private static ValueId A => Committee.A;

    private static ValueId B => Committee.B;

    [Fact]
    public void C1ANonProposerSchedulesTheProposeTimerAndWaits()
    {
        (Participant node, _, _) = Participant.NotProposing(0);
        IReadOnlyList<Effect> effects = node.Start();
        Assert.Contains((TimeoutKind.Propose, 0), effects.Timers());
        Assert.Empty(effects.OfType<Effect.AskValue>());
        Assert.Equal((Step.Propose, 0), (node.State.Step, node.State.Round));
    }

    [Fact]
    public void C2AProposerWithoutAValidValueAsksForOneAndSchedulesTheTimer()
    {
        Committee committee = Committee.Of(4);
        Participant node = new(committee, committee.ProposerOf(0));
        IReadOnlyList<Effect> effects = node.Start();
        Assert.Equal(new Effect.AskValue(Committee.Height, 0, 1000), Assert.Single(effects.OfType<Effect.AskValue>()));
        Assert.Contains((TimeoutKind.Propose, 0), effects.Timers());

        IReadOnlyList<Effect> built = node.Content(A, builtFor: 0);
        Proposal proposal = Assert.Single(built.OfType<Effect.SignProposal>()).Proposal;
        Assert.Equal((0, A, -1), (proposal.Round, proposal.Value, proposal.ValidRound));
        Assert.Single(built.Sent<ConsensusMessage.OfProposal>());
        Assert.Equal((VoteType.Prevote, 0, A, -1), built.Vote()); // its own proposal needs no verdict
    }

    [Fact]
    public void C3AProposerWhoseApplicationIsLatePrevotesNilAndProposesNoMore()
    {
        Committee committee = Committee.Of(4);
        Participant node = new(committee, committee.ProposerOf(0));
        node.Start();
        Assert.Equal((VoteType.Prevote, 0, null, -1), node.Elapse(TimeoutKind.Propose).Vote());
        Assert.Empty(node.Content(A, builtFor: 0).OfType<Effect.SignProposal>());
    }

    [Fact]
    public void C4AProposerWithAValidValueProposesItAgainWithItsValidRound()
    {
        Committee committee = Committee.Of(4);
        int self = Enumerable.Range(0, 4).First(i => committee.ProposerOf(0) != i && committee.ProposerOf(1) == i);
        Participant node = new(committee, self);
        int[] others = [.. Enumerable.Range(0, 4).Where(i => i != self)];
        node.Start();
        node.Offer(0, A);
        node.Take([.. others.Select(i => committee.Prevote(i, 0, A))]);
        node.Take([.. others.Select(i => committee.Precommit(i, 0, null))]);
        IReadOnlyList<Effect> effects = node.Elapse(TimeoutKind.Precommit);
        Proposal proposal = Assert.Single(effects.OfType<Effect.SignProposal>()).Proposal;
        Assert.Equal((1, A, 0), (proposal.Round, proposal.Value, proposal.ValidRound));
        Assert.Empty(effects.OfType<Effect.AskValue>());
        Assert.Contains(effects.Sent<ConsensusMessage.OfPolka>(), m => m.Certificate is { Round: 0 } p && p.Value == A);
        Assert.Equal((VoteType.Prevote, 1, A, 0), effects.Vote()); // line 28 on its own proposal
    }

    [Fact]
    public void C5AFreshValidProposalIsPrevotedWithoutALock()
    {
        (Participant node, Committee committee, _) = Participant.NotProposing(0);
        node.Start();
        IReadOnlyList<Effect> asked = node.Take(committee.Proposal(0, A), receivedAt: 77);
        Effect.AskVerdict ask = Assert.Single(asked.OfType<Effect.AskVerdict>());
        Assert.Equal((A, 0, 77UL), (ask.Value, ask.FreshRound, ask.ReceivedAt));
        asked.NoVote();
        node.Content(A);
        Assert.Equal((VoteType.Prevote, 0, A, -1), node.Judge(A, Judgement.Valid, 0).Vote());
    }

    [Fact]
    public void C6AnInvalidProposalIsPrevotedNilWithTheApplicationsReason()
    {
        (Participant node, Committee committee, _) = Participant.NotProposing(0);
        node.Start();
        node.Take(committee.Proposal(0, A));
        IReadOnlyList<Effect> effects = node.Judge(A, Judgement.Invalid, 0, reason: 301);
        Assert.Equal((VoteType.Prevote, 0, null, -1), effects.Vote());
        Assert.Equal(301, Assert.Single(effects.Sent<ConsensusMessage.OfVote>()).NilReason);
    }

    [Fact]
    public void C7AFreshProposalOfAnotherValueIsPrevotedNilUnderALock()
    {
        (Participant node, Committee committee) = LockedOn(A, notProposing: [1]);
        IReadOnlyList<Effect> effects = node.Take(committee.Proposal(1, B));
        Assert.Equal((VoteType.Prevote, 1, null, -1), effects.Vote());
        Assert.Equal(NilReason.Locked, Assert.Single(effects.Sent<ConsensusMessage.OfVote>()).NilReason);
    }

    [Fact]
    public void N2AFreshProposalOfTheLockedValueIsPrevotedNilToo()
    {
        // the paper would prevote it; here that would read as amnesia against vr = -1
        (Participant node, Committee committee) = LockedOn(A, notProposing: [1]);
        Assert.Equal((VoteType.Prevote, 1, null, -1), node.Take(committee.Proposal(1, A)).Vote());
    }

    [Fact]
    public void N9ALockAboveTheProposalsValidRoundIsShownToTheProposerOnceARound()
    {
        (Participant node, Committee committee) = LockedOn(A, notProposing: [1]);
        IReadOnlyList<Effect> effects = node.Take(committee.Proposal(1, B));
        Effect.Send answer = Assert.Single(effects.OfType<Effect.Send>(), send => send.To is not null);
        Assert.Equal(committee.Set.Proposer(Committee.Height, 1).Id, answer.To);
        Assert.Equal((0, A), answer.Message is ConsensusMessage.OfPolka p ? (p.Certificate.Round, p.Certificate.Value) : default);
        Assert.DoesNotContain(node.Take(committee.Proposal(1, B, 0)).OfType<Effect.Send>(), send => send.To is not null);
    }

    [Fact]
    public void C8AReProposalWithAPolkaAtOrAboveTheLockIsPrevoted()
    {
        (Participant node, Committee committee) = LockedOn(A, notProposing: [1, 2]);
        int[] others = Others(node);
        node.Take([.. others.Select(i => committee.Prevote(i, 1, B))]); // polka for B in round 1: above the lock of round 0
        node.Elapse(TimeoutKind.Propose);
        NextRound(node, committee, 1);
        node.Take(committee.Proposal(2, B, 1));
        node.Content(B);
        IReadOnlyList<Effect> effects = node.Judge(B, Judgement.Valid, -1);
        Assert.Equal((VoteType.Prevote, 2, B, 1), effects.Vote());
    }

    [Fact]
    public void C9AReProposalWithAValidRoundBelowTheLockIsPrevotedNil()
    {
        // polka for B at 0 seen by others only; this node locked A at 1
        (Participant node, Committee committee, int[] others) = Participant.NotProposing(0, 1, 2);
        node.Start();
        node.Elapse(TimeoutKind.Propose);
        NextRound(node, committee, 0);
        node.Offer(1, A);
        node.Take([.. others.Select(i => committee.Prevote(i, 1, A))]);
        Assert.Equal((A, 1), (node.State.LockedValue, node.State.LockedRound));
        NextRound(node, committee, 1);
        node.Take(committee.Polka(0, B, -1, others));
        node.Content(B);
        node.Judge(B, Judgement.Valid, -1);
        Assert.Equal((VoteType.Prevote, 2, null, -1), node.Take(committee.Proposal(2, B, 0)).Vote());
    }

    [Fact]
    public void C10AReProposalWithoutItsPolkaWaitsForIt()
    {
        (Participant node, Committee committee, int[] others) = Participant.NotProposing(0, 1);
        node.Start();
        node.Elapse(TimeoutKind.Propose);
        NextRound(node, committee, 0);
        node.Take(committee.Proposal(1, A, 0)).NoVote();
        node.Content(A);
        node.Take(committee.Prevote(others[0], 0, A)).NoVote();
        node.Take(committee.Prevote(others[1], 0, A)).NoVote();
        node.Take(committee.Prevote(others[2], 0, A)).NoVote();
        Assert.Equal((VoteType.Prevote, 1, A, 0), node.Judge(A, Judgement.Valid, -1).Vote());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void C11APolkaForAnotherValueCausesNoPrevote(bool asCertificate)
    {
        (Participant node, Committee committee, int[] others) = Participant.NotProposing(0, 1);
        node.Start();
        node.Elapse(TimeoutKind.Propose);
        NextRound(node, committee, 0);
        node.Take(committee.Proposal(1, A, 0)).NoVote();
        node.Content(A);
        node.Judge(A, Judgement.Valid, -1).NoVote();
        if (asCertificate)
        {
            node.Take(committee.Polka(0, B, -1, others)).NoVote();
        }
        else
        {
            node.Take([.. others.Select(i => committee.Prevote(i, 0, B))]).NoVote();
        }

        Assert.Equal((VoteType.Prevote, 1, A, 0), node.Take(committee.Polka(0, A, -1, others)).Vote()); // and the right one does
    }

    [Fact]
    public void C12TwoThirdsOfPrevotesForAnythingStartThePrevoteTimerOnce()
    {
        (Participant node, Committee committee, int[] others) = Participant.NotProposing(0);
        node.Start();
        node.Elapse(TimeoutKind.Propose);
        Assert.DoesNotContain((TimeoutKind.Prevote, 0), node.Take(committee.Prevote(others[0], 0, A)).Timers());
        Assert.Contains((TimeoutKind.Prevote, 0), node.Take(committee.Prevote(others[1], 0, B)).Timers());
        Assert.DoesNotContain((TimeoutKind.Prevote, 0), node.Take(committee.Prevote(others[2], 0, null)).Timers());
        Assert.Equal((VoteType.Precommit, 0, null, -1), node.Elapse(TimeoutKind.Prevote).Vote());
    }

    [Fact]
    public void C13TwoThirdsOfNilPrevotesCauseANilPrecommit()
    {
        (Participant node, Committee committee, int[] others) = Participant.NotProposing(0);
        node.Start();
        node.Elapse(TimeoutKind.Propose); // own nil
        node.Take(committee.Prevote(others[0], 0, null)).NoVote();
        Assert.Equal((VoteType.Precommit, 0, null, -1), node.Take(committee.Prevote(others[1], 0, null)).Vote());
    }

    [Fact]
    public void C14APolkaInPrevoteLocksSetsValidAndPrecommits()
    {
        (Participant node, Committee committee, int[] others) = Participant.NotProposing(0);
        node.Start();
        node.Offer(0, A);
        node.Take(committee.Prevote(others[0], 0, A)).NoVote();
        Assert.Equal((VoteType.Precommit, 0, A, -1), node.Take(committee.Prevote(others[1], 0, A)).Vote());
        Assert.Equal((A, 0, A, 0), (node.State.LockedValue, node.State.LockedRound, node.State.ValidValue, node.State.ValidRound));
    }

    [Fact]
    public void N2APolkaNeedsEqualValueAndEqualValidRound()
    {
        (Participant node, Committee committee, int[] others) = Participant.NotProposing(0, 1, 2);
        node.Start();
        node.Elapse(TimeoutKind.Propose);
        NextRound(node, committee, 0);
        NextRound(node, committee, 1);
        node.Content(A);
        node.Take(committee.Polka(0, A, -1, others));
        node.Judge(A, Judgement.Valid, -1);
        node.Elapse(TimeoutKind.Propose); // own nil in round 2
        node.Take(committee.Prevote(others[0], 2, A, 0)).NoVote();
        node.Take(committee.Prevote(others[1], 2, A, 1)).NoVote();
        node.Take(committee.Prevote(others[2], 2, A, 0)).NoVote();
        Assert.Equal(0, node.State.ValidRound);
    }

    [Fact]
    public void N2ACertificateWithContentLocksWithoutASignedProposal()
    {
        (Participant node, Committee committee, int[] others) = Participant.NotProposing(0);
        node.Start();
        node.Elapse(TimeoutKind.Propose);
        IReadOnlyList<Effect> effects = node.Take(committee.Polka(0, A, -1, others));
        Assert.Equal([A], effects.OfType<Effect.Fetch>().Select(f => f.Value)); // content from the signers
        Assert.Equal(others.Order().Select(i => committee.Set.Members[i].Id), Assert.Single(effects.OfType<Effect.Fetch>()).Holders);
        Assert.NotNull(Assert.Single(effects.OfType<Effect.AskVerdict>()).Polka);
        node.Content(A).NoVote();
        Assert.Equal((VoteType.Precommit, 0, A, -1), node.Judge(A, Judgement.Valid, -1).Vote());
    }

    [Fact]
    public void C15APolkaAfterThePrecommitOnlyUpdatesTheValidValue()
    {
        (Participant node, Committee committee, int[] others) = Participant.NotProposing(0);
        node.Start();
        node.Take(committee.Proposal(0, A));
        node.Elapse(TimeoutKind.Propose);
        node.Take(committee.Prevote(others[0], 0, A), committee.Prevote(others[1], 0, null));
        Assert.Equal((VoteType.Precommit, 0, null, -1), node.Elapse(TimeoutKind.Prevote).Vote());
        node.Take(committee.Prevote(others[2], 0, A)).NoVote();
        node.Content(A);
        node.Take(committee.Polka(0, A, -1, others)); // one of them voted nil to us and A to others
        node.Judge(A, Judgement.Valid, -1).NoVote();
        Assert.Equal((null, -1, A, 0), (node.State.LockedValue, node.State.LockedRound, node.State.ValidValue, node.State.ValidRound));
    }

    [Fact]
    public void C16APolkaForAValueThatIsNotHereNeitherPrecommitsNorUpdates()
    {
        (Participant node, Committee committee, int[] others) = Participant.NotProposing(0);
        node.Start();
        node.Offer(0, B);
        node.Take([.. others.Select(i => committee.Prevote(i, 0, A))]).NoVote();
        Assert.Equal((null, null), (node.State.LockedValue, node.State.ValidValue));
    }

    [Fact]
    public void C17TwoThirdsOfPrecommitsForAnythingStartThePrecommitTimerOnceAndItEndsTheRound()
    {
        (Participant node, Committee committee, int[] others) = Participant.NotProposing(0);
        node.Start();
        node.Take(committee.Precommit(others[0], 0, A), committee.Precommit(others[1], 0, B));
        IReadOnlyList<Effect> third = node.Take(committee.Precommit(others[2], 0, null));
        Assert.Contains((TimeoutKind.Precommit, 0), third.Timers());
        Assert.DoesNotContain((TimeoutKind.Precommit, 0), node.Elapse(TimeoutKind.Propose).Timers());
        node.Elapse(TimeoutKind.Precommit);
        Assert.Equal((1, Step.Propose), (node.State.Round, node.State.Step));
        Assert.Equal((1, 3), (node.State.RoundCertificate!.Round, node.State.RoundCertificate.Votes.Count)); // C30
    }

    [Fact]
    public void N10UnknownHoldsThePrevoteUntilTheProposeTimeoutAndGivesItsReason()
    {
        (Participant node, Committee committee, _) = Participant.NotProposing(0);
        node.Start();
        node.Take(committee.Proposal(0, A));
        node.Judge(A, Judgement.Unknown, 0, reason: 333).NoVote();
        IReadOnlyList<Effect> effects = node.Elapse(TimeoutKind.Propose);
        Assert.Equal((VoteType.Prevote, 0, null, -1), effects.Vote());
        Assert.Equal(333, Assert.Single(effects.Sent<ConsensusMessage.OfVote>()).NilReason);
    }

    [Fact]
    public void N10ALateVerdictRunsAllRulesAgain()
    {
        (Participant node, Committee committee, int[] others) = Participant.NotProposing(0);
        node.Start();
        node.Take(committee.Proposal(0, A));
        node.Judge(A, Judgement.Unknown, 0);
        node.Take([.. others.Select(i => committee.Prevote(i, 0, A))]).NoVote();
        node.Elapse(TimeoutKind.Propose);
        node.Content(A);
        Assert.Equal((VoteType.Precommit, 0, A, -1), node.Judge(A, Judgement.Valid, 0).Vote());
        Assert.Equal(A, node.State.LockedValue);
    }

    [Fact]
    public void N10APolkaForAValueOfUnknownVerdictIsShownToTheApplication()
    {
        (Participant node, Committee committee, int[] others) = Participant.NotProposing(0);
        node.Start();
        node.Take(committee.Proposal(0, A));
        node.Content(A);
        node.Judge(A, Judgement.Unknown, 0);
        IReadOnlyList<Effect> effects = node.Take([.. others.Select(i => committee.Prevote(i, 0, A))]);
        Effect.AskVerdict ask = Assert.Single(effects.OfType<Effect.AskVerdict>());
        Assert.Equal((A, -1, 0), (ask.Value, ask.FreshRound, ask.Polka!.Round));
    }

    [Fact]
    public void F27AValidVerdictIsNotTakenBack()
    {
        (Participant node, _, _) = Participant.NotProposing(0);
        node.Start();
        node.Offer(0, A);
        Assert.Contains(node.Judge(A, Judgement.Invalid, 0).OfType<Effect.Report>(), r => r.Kind == ReportKind.VerdictReversed);
        Assert.Contains(node.Judge(A, Judgement.Invalid, -1).OfType<Effect.Report>(), r => r.Kind == ReportKind.VerdictReversed);
    }

    [Fact]
    public void N7TimeoutsGrowWithTheRoundUpToTheMaximum()
    {
        Timeouts t = Timeouts.Localnet;
        Assert.Equal((1000, 1500, 10_000), (t.Of(TimeoutKind.Propose, 0), t.Of(TimeoutKind.Propose, 1), t.Of(TimeoutKind.Propose, 18)));
        Assert.Equal((300, 450, 10_000),
            (t.Of(TimeoutKind.Prevote, 0), t.Of(TimeoutKind.Precommit, 1), t.Of(TimeoutKind.Precommit, 999_999)));
        Assert.Equal(1600, t.Of(TimeoutKind.Rebroadcast, 0));
    }

    private static int[] Others(Participant node) => [.. Enumerable.Range(0, 4).Where(i => i != node.Self)];

    private static void NextRound(Participant node, Committee committee, int round)
    {
        node.Take([.. Others(node).Select(i => committee.Precommit(i, round, null))]);
        node.Elapse(TimeoutKind.Precommit, round);
        Assert.Equal(round + 1, node.State.Round);
    }

    private static (Participant Node, Committee Committee) LockedOn(ValueId value, int[] notProposing)
    {
        (Participant node, Committee committee, int[] others) = Participant.NotProposing([0, .. notProposing]);
        node.Start();
        node.Offer(0, value);
        node.Take(committee.Prevote(others[0], 0, value), committee.Prevote(others[1], 0, value));
        Assert.Equal(value, node.State.LockedValue);
        NextRound(node, committee, 0);
        return (node, committee);
    }
}
