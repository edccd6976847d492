namespace Theseus.Consensus.Tests;

/// <summary>What a host need not verify, and what it must: a fresh message that is called redundant is a message lost.</summary>
public class RedundancyTests
{
    private static readonly ValueId A = Committee.A;

    [Fact]
    public void WhatNobodyHasSentIsNotRedundant()
    {
        Committee committee = Committee.Of(4);
        Participant node = new(committee, 3);
        node.Start();
        foreach (int i in Enumerable.Range(0, 3))
        {
            Vote vote = committee.Prevote(i, 0, A).Message;
            Assert.False(node.State.IsRedundant(vote), $"validator {i}");
            Assert.False(node.State.IsRedundant(vote with { Type = VoteType.Precommit, Round = 7 }), $"validator {i}");
        }
    }

    [Fact]
    public void OfAnotherHeightNothingIsKnownWhoeverSendsIt()
    {
        (Participant node, Committee committee, int[] others) = Participant.NotProposing(0);
        node.Start();
        ValidatorId outsider = default;
        Vote vote = committee.Prevote(others[0], 0, A).Message;
        Proposal proposal = committee.Proposal(0, A).Message;
        Assert.True(node.State.IsRedundant(vote with { Validator = outsider }));
        Assert.True(node.State.IsRedundant(proposal with { Validator = outsider }));
        Assert.False(node.State.IsRedundant(vote with { Validator = outsider, Height = Committee.Height + 1 }));
        Assert.False(node.State.IsRedundant(proposal with { Validator = outsider, Height = Committee.Height + 1 }));
    }

    // consensus N8: of a validator ahead of us, the votes of its highest round: both of them
    [Fact]
    public void BothVotesOfAValidatorAheadAreKept()
    {
        (Participant node, Committee committee, int[] others) = Participant.NotProposing(0);
        node.Start();
        node.Take(committee.Prevote(others[0], 5, A), committee.Precommit(others[0], 5, A));
        Assert.True(node.State.IsRedundant(committee.Prevote(others[0], 5, A).Message));
        Assert.True(node.State.IsRedundant(committee.Precommit(others[0], 5, A).Message));
    }

    // consensus N9: a lock needs its certificate shown from the first round above 0
    [Fact]
    public void ALockInRoundZeroIsSentWithoutACertificate()
    {
        (Participant node, Committee committee, int[] others) = Participant.NotProposing(0);
        node.Start();
        node.Offer(0, A);
        IReadOnlyList<Effect> effects = node.Take([.. others.Select(i => committee.Prevote(i, 0, A))]);
        Assert.Equal((VoteType.Precommit, 0, A, -1), effects.Vote());
        Assert.Empty(effects.Sent<ConsensusMessage.OfPolka>());
    }
}
