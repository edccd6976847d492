using Theseus.Consensus;

namespace Theseus.Engine.Tests;

/// <summary>Messages of the next height: places of each validator, and its power counted once.</summary>
public class EarlyInputsTests
{
    private static readonly ValidatorSet Set = Keys.SetOf(4);

    private static readonly Verifier Verifier = new(Keys.Check, Keys.Context, Set, 1);

    // two votes of each of the four highest rounds
    [Fact]
    public void EightVotesOfAValidatorAreKeptAndTheLowestRoundMakesRoom()
    {
        EarlyInputs early = new();
        for (int round = 1; round <= 4; round++)
        {
            early.Add(VoteIn(0, round, VoteType.Prevote), Set);
            early.Add(VoteIn(0, round, VoteType.Precommit), Set);
        }

        Assert.True(early.IsRedundant(Message(VoteIn(0, 4, VoteType.Prevote)))); // here already
        Assert.True(early.IsRedundant(Message(VoteIn(0, 0, VoteType.Prevote)))); // the places are full of higher ones
        Assert.False(early.IsRedundant(Message(VoteIn(0, 5, VoteType.Prevote))));
        Assert.False(early.IsRedundant(Message(VoteIn(1, 0, VoteType.Prevote)))); // another's places are its own
        early.Add(VoteIn(0, 5, VoteType.Prevote), Set);
        int[] rounds = [.. early.Take().Cast<Input.VoteIn>().Select(static input => input.Vote.Item.Message.Round)];
        Assert.Equal([1, 2, 2, 3, 3, 4, 4, 5], rounds);
    }

    [Fact]
    public void ALowRoundHasAPlaceWhileOneIsFree()
    {
        EarlyInputs early = new();
        for (int i = 0; i < 7; i++)
        {
            early.Add(VoteIn(0, 1 + (i / 2), i % 2 == 0 ? VoteType.Prevote : VoteType.Precommit), Set);
        }

        Assert.False(early.IsRedundant(Message(VoteIn(0, 0, VoteType.Prevote))));
        early.Add(VoteIn(0, 0, VoteType.Prevote), Set);
        Assert.Equal(8, early.Take().Count);
    }

    [Fact]
    public void FourProposalsOfAValidatorAreKept()
    {
        EarlyInputs early = new();
        int[] rounds = [.. Enumerable.Range(0, 100).Where(static round => Set.Proposer(1, round).Id == Keys.IdOf(0)).Take(5)];
        foreach (int round in rounds)
        {
            early.Add(ProposalIn(0, round), Set);
        }

        Assert.Equal(rounds[1..], early.Take().Cast<Input.ProposalIn>().Select(static input => input.Proposal.Item.Message.Round));
    }

    // consensus N6: more than 1/3 of the power, of whoever has sent anything
    [Fact]
    public void ThePowerOfAValidatorCountsOnceWhateverItSends()
    {
        EarlyInputs early = new();
        Assert.Equal(0UL, early.Power);
        early.Add(VoteIn(0, 0, VoteType.Prevote), Set);
        Assert.Equal(1UL, early.Power);
        early.Add(VoteIn(0, 1, VoteType.Precommit), Set);
        int own = Enumerable.Range(0, 100).First(static round => Set.Proposer(1, round).Id == Keys.IdOf(0));
        early.Add(ProposalIn(0, own), Set);
        Assert.Equal(1UL, early.Power);
        int other = Enumerable.Range(0, 100).First(static round => Set.Proposer(1, round).Id == Keys.IdOf(1));
        early.Add(ProposalIn(1, other), Set);
        Assert.Equal(2UL, early.Power);
        early.Add(VoteIn(1, 0, VoteType.Prevote), Set);
        Assert.Equal(2UL, early.Power);
        early.Take();
        Assert.Equal(0UL, early.Power);
        Assert.Empty(early.Take());
    }

    private static Input.VoteIn VoteIn(int voter, int round, VoteType type) =>
        new(Verifier.Verify(Keys.Sign(voter, new Vote(type, 1, round, null, Rounds.Nil, Keys.IdOf(voter))), out _)!);

    private static Input.ProposalIn ProposalIn(int proposer, int round)
    {
        Proposal proposal = new(1, round, default, Rounds.Nil, Keys.IdOf(proposer));
        Signed<Proposal> signed = new(proposal, Keys.Sign(proposer, SignBytes.Of(Keys.Context, proposal)));
        return new Input.ProposalIn(Verifier.Verify(signed, out _)!, 0);
    }

    private static ConsensusMessage.OfVote Message(Input.VoteIn input) => new(input.Vote.Item, NilReason.None);
}
