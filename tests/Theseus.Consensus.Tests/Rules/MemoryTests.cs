namespace Theseus.Consensus.Tests;

/// <summary>What a height keeps when there is more than it may keep, and what it knows of rounds ahead (consensus N8, N9).</summary>
public class MemoryTests
{
    private static ValueId A => Committee.A;

    private static ValueId B => Committee.B;

    [Theory]
    [InlineData("proposal")]
    [InlineData("polka")]
    [InlineData("certificate of an old polka")]
    [InlineData("commit")]
    [InlineData("own precommit")]
    public void AValueThatSomethingNamesOutlivesAnyNumberOfContents(string named)
    {
        (Participant node, Committee committee, int[] others) = Participant.NotProposing(0, 20);
        node.Start();
        switch (named)
        {
            case "proposal":
                node.Take(committee.Proposal(0, A));
                break;
            case "polka":
                node.Take([.. others.Select(i => committee.Prevote(i, 0, A))]);
                break;
            case "certificate of an old polka":
                Skip(node, committee, others, 20);
                node.Take(committee.Polka(0, A, -1, others));
                break;
            case "commit":
                node.Take(committee.Commit(0, A, others));
                break;
            default:
                node.Take(new Input.OwnVote(committee.Precommit(node.Self, 0, A)));
                break;
        }

        Assert.True(node.State.Tracks(A));
        for (byte i = 0; i < State.MaximumValues + 5; i++)
        {
            node.Content(Committee.Filled(i));
        }

        Assert.True(node.State.Tracks(A));
        Assert.Equal(State.MaximumValues, Enumerable.Range(0, 256).Count(i => node.State.Tracks(Committee.Filled((byte)i))));
        Assert.False(node.State.Tracks(Committee.Filled(0))); // the oldest went
        Assert.True(node.State.Tracks(Committee.Filled(State.MaximumValues + 4)));
    }

    [Theory]
    [InlineData("lock")]
    [InlineData("valid value")]
    [InlineData("neither")]
    public void ThePolkaOfTheLockOrTheValidValueOutlivesAnyNumberOfOthers(string of)
    {
        (Participant node, Committee committee, int[] others) = Participant.NotProposing(0, 20);
        node.Start();
        Skip(node, committee, others, 20);
        node.Take(committee.Polka(0, A, -1, others));
        if (of == "lock")
        {
            node.Take(new Input.OwnVote(committee.Precommit(node.Self, 0, A)));
            Assert.Equal((A, 0), (node.State.LockedValue, node.State.LockedRound));
        }
        else if (of == "valid value")
        {
            node.Judge(A, Judgement.Valid, -1);
            Assert.Equal((A, 0), (node.State.ValidValue, node.State.ValidRound));
        }

        for (int round = 1; round <= State.MaximumPolkas + 2; round++)
        {
            node.Take(committee.Polka(round, Committee.Filled((byte)round), -1, others));
        }

        Assert.Equal(of != "neither", node.State.HasPolka(0, A));
        Assert.Equal(of != "neither", node.State.PolkaOf(0, A) is not null);
        int[] kept = [.. Enumerable.Range(1, State.MaximumPolkas + 2)
            .Where(round => node.State.HasPolka(round, Committee.Filled((byte)round)))];
        Assert.Equal(of == "neither" ? [3, 4, 5, 6, 7, 8, 9, 10] : [4, 5, 6, 7, 8, 9, 10], kept); // the newest of 8, with A or without
    }

    [Fact]
    public void APolkaBelowTheValidRoundMakesItsValueTracked()
    {
        (Participant node, Committee committee, int[] others) = Participant.NotProposing(0, 20);
        node.Start();
        Skip(node, committee, others, 20);
        node.Take(committee.Polka(3, A, -1, others));
        node.Judge(A, Judgement.Valid, -1);
        Assert.Equal(3, node.State.ValidRound);
        node.Take(committee.Polka(1, B, -1, others));
        Assert.True(node.State.Tracks(B)); // its content may come from a stranger now
    }

    [Fact]
    public void TheVotesOfARoundCertificateCount()
    {
        (Participant node, Committee committee, int[] others) = Participant.NotProposing(0, 3);
        node.Start();
        Skip(node, committee, others, 3);
        Assert.Equal(3, node.State.Round);
        Assert.True(node.State.IsRedundant(committee.Prevote(others[0], 3, null).Message));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void EveryMemberOfTheSetProposesInItsRound(int self)
    {
        Committee committee = Committee.Of(4);
        Participant node = new(committee, self);
        int round = Enumerable.Range(1, 100).First(round => committee.ProposerOf(round) == self);
        node.Start();
        IReadOnlyList<Effect> effects = Skip(node, committee, [.. Enumerable.Range(0, 4).Where(i => i != self)], round);
        Assert.Equal(round, Assert.Single(effects.OfType<Effect.AskValue>()).Round);
    }

    [Fact]
    public void TheOwnProposalIsSentAgainInItsRoundOnly()
    {
        Committee committee = Committee.Of(4);
        int self = Enumerable.Range(0, 4).First(i => committee.ProposerOf(0) == i && committee.ProposerOf(3) != i);
        Participant node = new(committee, self);
        int[] others = [.. Enumerable.Range(0, 4).Where(i => i != self)];
        node.Start();
        node.Content(A, builtFor: 0);
        Assert.Equal(A, Assert.Single(node.Elapse(TimeoutKind.Rebroadcast).Sent<ConsensusMessage.OfProposal>()).Proposal.Message.Value);
        Skip(node, committee, others, 3);
        Assert.Empty(node.Elapse(TimeoutKind.Rebroadcast).Sent<ConsensusMessage.OfProposal>());
    }

    // a value that was asked for in an earlier round is not the one of this round
    [Fact]
    public void AValueBuiltForAnEarlierRoundIsNotProposed()
    {
        Committee committee = Committee.Of(4);
        int self = committee.ProposerOf(0);
        int round = Enumerable.Range(1, 100).First(round => committee.ProposerOf(round) == self);
        Participant node = new(committee, self);
        node.Start();
        Skip(node, committee, [.. Enumerable.Range(0, 4).Where(i => i != self)], round);
        Assert.Empty(node.Content(A, builtFor: 0).OfType<Effect.SignProposal>());
        Proposal proposal = Assert.Single(node.Content(B, builtFor: round).OfType<Effect.SignProposal>()).Proposal;
        Assert.Equal((round, B), (proposal.Round, proposal.Value));
    }

    // consensus N14: what a lost state signed beyond this point is not signed again
    [Fact]
    public void AnOwnVoteThatWasNotAskedForLeavesNothingToProposeInItsRound()
    {
        Committee committee = Committee.Of(4);
        int self = committee.ProposerOf(2);
        Participant node = new(committee, self);
        node.Start();
        IReadOnlyList<Effect> effects = node.Take(new Input.OwnVote(committee.Prevote(self, 2, null)));
        Assert.Equal((2, Step.Prevote), (node.State.Round, node.State.Step));
        Assert.DoesNotContain(effects, static effect => effect is Effect.AskValue or Effect.SignProposal);
    }

    [Fact]
    public void ASecondOwnProposalOfARoundIsReported()
    {
        Committee committee = Committee.Of(4);
        int self = committee.ProposerOf(0);
        Participant node = new(committee, self) { AutoSign = false };
        node.Start();
        Input first = new Input.OwnProposal(committee.Proposal(0, A));
        Assert.Single(node.Take(first).Sent<ConsensusMessage.OfProposal>());
        Assert.Single(node.Take(first).Sent<ConsensusMessage.OfProposal>());
        IReadOnlyList<Effect> effects = node.Take(new Input.OwnProposal(committee.Proposal(0, B)));
        Assert.Equal(ReportKind.OwnMismatch, Assert.IsType<Effect.Report>(Assert.Single(effects)).Kind);
    }

    // N10: what is proposed again is shown to the application with the polka that it names
    [Fact]
    public void AProposalAgainBelowTheValidRoundAsksForAVerdict()
    {
        (Participant node, Committee committee, int[] others) = Participant.NotProposing(0, 20);
        node.Start();
        Skip(node, committee, others, 20);
        node.Take(committee.Polka(3, A, -1, others));
        node.Judge(A, Judgement.Valid, -1);
        node.Content(B);
        Assert.Empty(node.Take(committee.Polka(1, B, -1, others)).OfType<Effect.AskVerdict>());
        Effect.AskVerdict ask = Assert.Single(node.Take(committee.Proposal(20, B, 1)).OfType<Effect.AskVerdict>());
        Assert.Equal((B, -1, 1), (ask.Value, ask.FreshRound, ask.Polka!.Round));
        Vote vote = node.Judge(B, Judgement.Valid, -1).OfType<Effect.SignVote>().First().Vote;
        Assert.Equal((VoteType.Prevote, 20, B, 1), (vote.Type, vote.Round, vote.Value, vote.ValidRound));
    }

    [Fact]
    public void ADecisionOfARoundAheadEntersNoRound()
    {
        (Participant node, Committee committee, int[] others) = Participant.NotProposing(0);
        node.Start();
        node.Content(A);
        IReadOnlyList<Effect> effects = node.Take(committee.Commit(7, A, others));
        Assert.Equal(7, effects.Decision().Round);
        Assert.Equal((Step.Decided, 0), (node.State.Step, node.State.Round));
        Assert.Empty(effects.Timers());
    }

    [Fact]
    public void TwoProposalsAheadAreEvidenceAndOnlyTheHighestRoundIsKept()
    {
        (Participant node, Committee committee, _) = Participant.NotProposing(0);
        int[] rounds = [.. Enumerable.Range(1, 100).Where(round => committee.ProposerOf(round) == committee.ProposerOf(1)).Take(3)];
        node.Start();
        Assert.Empty(node.Take(committee.Proposal(rounds[1], A)));
        Assert.True(node.State.IsRedundant(committee.Proposal(rounds[1], A).Message));
        Assert.True(node.State.IsRedundant(committee.Proposal(rounds[0], A).Message));
        Assert.False(node.State.IsRedundant(committee.Proposal(rounds[1], B).Message));
        Assert.False(node.State.IsRedundant(committee.Proposal(rounds[2], B).Message));
        Assert.Empty(node.Take(committee.Proposal(rounds[1], A)));
        Evidence evidence = Assert.Single(node.Take(committee.Proposal(rounds[1], B)).Evidence());
        Assert.Equal(EvidenceKind.DoubleProposal, evidence.Kind);
        Assert.NotNull(committee.Verifier.Verify(evidence, out _));
        Assert.True(node.State.IsRedundant(committee.Proposal(rounds[1], Committee.C).Message)); // the offence is known
        Assert.False(node.State.IsRedundant(committee.Proposal(rounds[2], Committee.C).Message));
        Assert.Empty(node.Take(committee.Proposal(rounds[2], B)));
        Assert.True(node.State.IsRedundant(committee.Proposal(rounds[1], A).Message)); // its highest round moved on
    }

    // consensus N8: a certificate of the votes that reached a round pulls there
    private static IReadOnlyList<Effect> Skip(Participant node, Committee committee, int[] others, int round) =>
        node.Take(new RoundCertificate(Committee.Height, round, [.. others.Order().Select(i => committee.Prevote(i, round, null))]));
}
