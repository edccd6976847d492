namespace Theseus.Consensus;

/// <summary>
/// What is kept of a validator apart from the rounds' tallies (consensus N8): the votes of its highest round above the current
/// one, its highest proposal there, and its last precommit for a value.
/// </summary>
internal sealed class VoterMark
{
    /// <summary>The highest round it voted in, -1 before the first vote.</summary>
    public int Round { get; set; } = Rounds.Nil;

    /// <summary>Its prevote of <see cref="Round"/> while that is ahead of the current round.</summary>
    public Signed<Vote>? Prevote { get; set; }

    public Signed<Vote>? Precommit { get; set; }

    public ProposalEntry? Proposal { get; set; }

    /// <summary>Its precommit for a value of the highest round, to prove amnesia when that round's tally is gone.</summary>
    public Signed<Vote>? LastValuePrecommit { get; set; }
}
