namespace Theseus.Consensus.Tests;

/// <summary>
/// The rules run in a fixed order until none fires: a prevote that comes after the round's quorum of prevotes is followed by the
/// precommit within the same input, and the prevote timer, which is for rounds without a quorum for one value, is not started.
/// </summary>
public class RuleOrderTests
{
    private static ValueId A => Committee.A;

    private static ValueId B => Committee.B;

    [Fact]
    public void AFreshProposalThatAlreadyHasItsPolka()
    {
        (Participant node, Committee committee, int[] others) = Participant.NotProposing(0);
        node.Start();
        node.Take(committee.Proposal(0, A));
        node.Content(A);
        node.Take([.. others.Select(i => committee.Prevote(i, 0, A))]).NoVote();
        Precommits(node.Judge(A, Judgement.Valid, 0), prevote: A, precommit: A);
    }

    [Fact]
    public void AnInvalidProposalInARoundThatHasPrevotedNil()
    {
        (Participant node, Committee committee, int[] others) = Participant.NotProposing(0);
        node.Start();
        node.Take(committee.Proposal(0, A));
        node.Take([.. others.Select(i => committee.Prevote(i, 0, null))]).NoVote();
        Precommits(node.Judge(A, Judgement.Invalid, 0), prevote: null, precommit: null);
    }

    [Fact]
    public void AFreshProposalUnderALockInARoundThatHasPrevotedNil()
    {
        (Participant node, Committee committee, int[] others) = LockedInRoundOne();
        node.Take([.. others.Select(i => committee.Prevote(i, 2, null))]).NoVote();
        Precommits(node.Take(committee.Proposal(2, B)), prevote: null, precommit: null);
    }

    [Fact]
    public void AProposalAgainWithAValidRoundBelowTheLockInARoundThatHasPrevotedNil()
    {
        (Participant node, Committee committee, int[] others) = LockedInRoundOne();
        node.Take(committee.Polka(0, B, -1, others));
        node.Take([.. others.Select(i => committee.Prevote(i, 2, null))]).NoVote();
        Precommits(node.Take(committee.Proposal(2, B, 0)), prevote: null, precommit: null);
    }

    [Fact]
    public void AProposalAgainThatAlreadyHasItsPolka()
    {
        (Participant node, Committee committee, int[] others) = ProposedAgain();
        node.Take([.. others.Select(i => committee.Prevote(i, 1, A, 0))]).NoVote();
        Precommits(node.Judge(A, Judgement.Valid, -1), prevote: A, precommit: A);
    }

    [Fact]
    public void AnInvalidProposalAgainInARoundThatHasPrevotedNil()
    {
        (Participant node, Committee committee, int[] others) = ProposedAgain();
        node.Take([.. others.Select(i => committee.Prevote(i, 1, null))]).NoVote();
        Precommits(node.Judge(A, Judgement.Invalid, -1), prevote: null, precommit: null);
    }

    private static void Precommits(IReadOnlyList<Effect> effects, ValueId? prevote, ValueId? precommit)
    {
        Assert.Equal(
            [(VoteType.Prevote, prevote), (VoteType.Precommit, precommit)],
            effects.OfType<Effect.SignVote>().Select(static effect => (effect.Vote.Type, effect.Vote.Value)));
        Assert.DoesNotContain(effects.Timers(), static timer => timer.Kind == TimeoutKind.Prevote);
    }

    /// <summary>In round 1 A is proposed again with its polka of round 0; this node has its content and no verdict.</summary>
    private static (Participant Node, Committee Committee, int[] Others) ProposedAgain()
    {
        (Participant node, Committee committee, int[] others) = Participant.NotProposing(0, 1);
        node.Start();
        Next(node, committee, others);
        node.Content(A);
        node.Take(committee.Polka(0, A, -1, others));
        node.Take(committee.Proposal(1, A, 0)).NoVote();
        return (node, committee, others);
    }

    /// <summary>In round 2, locked on A since round 1.</summary>
    private static (Participant Node, Committee Committee, int[] Others) LockedInRoundOne()
    {
        (Participant node, Committee committee, int[] others) = Participant.NotProposing(0, 1, 2);
        node.Start();
        Next(node, committee, others);
        node.Offer(1, A);
        node.Take(committee.Prevote(others[0], 1, A), committee.Prevote(others[1], 1, A));
        Assert.Equal((A, 1), (node.State.LockedValue, node.State.LockedRound));
        Next(node, committee, others);
        return (node, committee, others);
    }

    private static void Next(Participant node, Committee committee, int[] others)
    {
        int round = node.State.Round;
        node.Take([.. others.Select(i => committee.Precommit(i, round, null))]);
        node.Elapse(TimeoutKind.Precommit, round);
        Assert.Equal(round + 1, node.State.Round);
    }
}
