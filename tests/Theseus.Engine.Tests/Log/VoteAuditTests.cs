using Theseus.Consensus;

namespace Theseus.Engine.Tests;

/// <summary>What the audit of logs finds beside double votes (fault 112).</summary>
public class VoteAuditTests
{
    private static readonly ValueId One = new(Enumerable.Repeat((byte)1, 32).ToArray());
    private static readonly ValueId Two = new(Enumerable.Repeat((byte)2, 32).ToArray());

    // consensus N3: precommit(h, r, v) and prevote(h, r', v', vr) with r' > r > vr, the values equal or not
    [Theory]
    [InlineData(1, 2, 0, true)]
    [InlineData(1, 2, -1, true)]
    [InlineData(1, 5, 0, true)]
    [InlineData(1, 2, 1, false)]
    [InlineData(1, 1, 0, false)]
    [InlineData(2, 1, 0, false)]
    public void AmnesiaIsFoundInEitherOrder(int precommitRound, int prevoteRound, int validRound, bool isAmnesia)
    {
        Vote precommit = new(VoteType.Precommit, 5, precommitRound, One, Rounds.Nil, Keys.IdOf(0));
        Vote prevote = new(VoteType.Prevote, 5, prevoteRound, Two, validRound, Keys.IdOf(0));
        foreach (Vote[] order in (Vote[][])[[precommit, prevote], [prevote, precommit]])
        {
            VoteAudit audit = new();
            audit.Add("a", Own(order[0]));
            audit.Add("b", Own(order[1]));
            Assert.Equal(isAmnesia ? [EvidenceKind.Amnesia] : [], audit.Offences.Select(found => found.Kind));
            Assert.All(audit.Offences, found => Assert.Equal(("a", "b"), (found.First.Source, found.Second.Source)));
        }
    }

    [Fact]
    public void ANilVoteAndAnotherValidatorsOrHeightsVoteProveNoAmnesia()
    {
        VoteAudit audit = new();
        audit.Add("a", Own(new Vote(VoteType.Precommit, 5, 1, One, Rounds.Nil, Keys.IdOf(0))));
        audit.Add("a", Own(new Vote(VoteType.Prevote, 5, 2, null, Rounds.Nil, Keys.IdOf(0))));
        audit.Add("a", Own(new Vote(VoteType.Prevote, 6, 2, Two, 0, Keys.IdOf(0))));
        audit.Add("a", Own(new Vote(VoteType.Prevote, 5, 2, Two, 0, Keys.IdOf(1))));
        Assert.Empty(audit.Offences);
        Assert.Equal(4, audit.Votes);
    }

    [Fact]
    public void TwoProposalsOfOneRoundAreFoundAndTheSameOneTwiceIsNot()
    {
        VoteAudit audit = new();
        audit.Add("a", Own(new Proposal(5, 1, One, Rounds.Nil, Keys.IdOf(0))));
        audit.Add("b", Own(new Proposal(5, 1, One, Rounds.Nil, Keys.IdOf(0))));
        audit.Add("b", Own(new Proposal(5, 2, Two, Rounds.Nil, Keys.IdOf(0))));
        Assert.Empty(audit.Offences);
        audit.Add("c", Own(new Proposal(5, 1, One, 0, Keys.IdOf(0)))); // another valid round is another proposal
        FoundOffence found = Assert.Single(audit.Offences);
        Assert.Equal((EvidenceKind.DoubleProposal, "a", "c", 1), (found.Kind, found.First.Source, found.Second.Source, found.First.Round));
    }

    // evidence that a node kept holds messages, too
    [Fact]
    public void KeptEvidenceCountsAsTheMessagesInIt()
    {
        Signed<Proposal> one = Sign(new Proposal(5, 1, One, Rounds.Nil, Keys.IdOf(0)));
        Signed<Proposal> two = Sign(new Proposal(5, 1, Two, Rounds.Nil, Keys.IdOf(0)));
        Evidence evidence = Offences.Between(one, two)!;
        VoteAudit audit = new();
        audit.Add("a", new LogEntry(EntryKind.Message, Canonical.Encode(new ConsensusMessage.OfEvidence(evidence))));
        Assert.Equal(EvidenceKind.DoubleProposal, Assert.Single(audit.Offences).Kind);
    }

    private static LogEntry Own(Vote vote) => new(EntryKind.Input, InputEncoding.Encode(new Input.OwnVote(Keys.Sign(0, vote))));

    private static LogEntry Own(Proposal proposal) => new(EntryKind.Input, InputEncoding.Encode(new Input.OwnProposal(Sign(proposal))));

    private static Signed<Proposal> Sign(Proposal proposal) => new(proposal, Keys.Sign(0, SignBytes.Of(Keys.Context, proposal)));
}
