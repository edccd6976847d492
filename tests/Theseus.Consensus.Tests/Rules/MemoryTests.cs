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
    [InlineData(true)]
    [InlineData(false)]
    public void ThePolkaOfTheLockOrTheValidValueOutlivesAnyNumberOfOthers(bool isLock)
    {
        (Participant node, Committee committee, int[] others) = Participant.NotProposing(0, 20);
        node.Start();
        Skip(node, committee, others, 20);
        node.Take(committee.Polka(0, A, -1, others));
        if (isLock)
        {
            node.Take(new Input.OwnVote(committee.Precommit(node.Self, 0, A)));
            Assert.Equal((A, 0), (node.State.LockedValue, node.State.LockedRound));
        }
        else
        {
            node.Judge(A, Judgement.Valid, -1);
            Assert.Equal((A, 0), (node.State.ValidValue, node.State.ValidRound));
        }

        for (int round = 1; round <= State.MaximumPolkas + 2; round++)
        {
            node.Take(committee.Polka(round, Committee.Filled((byte)round), -1, others));
        }

        Assert.True(node.State.HasPolka(0, A));
        Assert.NotNull(node.State.PolkaOf(0, A));
        int[] kept = [.. Enumerable.Range(1, State.MaximumPolkas + 2).Where(round => node.State.HasPolka(round, Committee.Filled((byte)round)))];
        Assert.Equal(Enumerable.Range(4, State.MaximumPolkas - 1), kept); // the newest, and one place is that of A
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
