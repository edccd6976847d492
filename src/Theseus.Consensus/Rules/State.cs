namespace Theseus.Consensus;

/// <summary>Where a round stands.</summary>
public enum Step : byte
{
    /// <summary>No height begun.</summary>
    Idle = 0,
    /// <summary>Waiting for the proposal and its verdict.</summary>
    Propose = 1,
    /// <summary>Prevoted; waiting for a polka.</summary>
    Prevote = 2,
    /// <summary>Precommitted; waiting for a quorum.</summary>
    Precommit = 3,

    /// <summary>Decided; late precommits are still collected.</summary>
    Decided = 4,

    /// <summary>The round ceiling was reached (F22).</summary>
    Halted = 5,
}

/// <summary>
/// The core's whole state, owned by the caller and changed in place by <see cref="Core.Step"/>; equal states and inputs
/// give equal states and effects. <see cref="Encode"/> writes its canonical, versioned bytes, <see cref="Clone"/> copies it.
/// Bounded by O(validators) whatever peers send (consensus N8).
/// </summary>
public sealed partial class State
{
    /// <summary>Past rounds with full tallies (consensus N8).</summary>
    public const int PastRounds = 4;

    /// <summary>
    /// Polka certificates kept apart from tallies: those of lock and valid value and a few that arrive before their round.
    /// </summary>
    public const int MaximumPolkas = 8;

    /// <summary>
    /// Values tracked at most. Every one is signed for: two proposals and a polka in each of seven rounds with tallies, eight polkas
    /// kept apart, lock, valid value, commit. The oldest value that none of them names makes room for a new one.
    /// </summary>
    public const int MaximumValues = 40;

    /// <summary>The height in progress, or decided last; 0 before the first one.</summary>
    public ulong Height { get; internal set; }

    /// <summary>The round in progress; -1 before the first height.</summary>
    public int Round { get; internal set; } = Rounds.Nil;

    /// <summary>Where the round stands.</summary>
    public Step Step { get; internal set; }

    /// <summary>The height's validators; null before the first height.</summary>
    public ValidatorSet? Set { get; internal set; }

    /// <summary>This node, if it votes.</summary>
    public ValidatorId? Self { get; internal set; }

    /// <summary>The height's timeouts.</summary>
    public Timeouts Timeouts { get; internal set; } = Timeouts.Localnet;

    /// <summary>The value that this node is locked on; null without a lock.</summary>
    public ValueId? LockedValue { get; internal set; }

    /// <summary>The round of the lock; -1 without one.</summary>
    public int LockedRound { get; internal set; } = Rounds.Nil;

    /// <summary>The value of the latest polka known that is valid here; null if there is none.</summary>
    public ValueId? ValidValue { get; internal set; }

    /// <summary>The round of that polka; -1 if there is none.</summary>
    public int ValidRound { get; internal set; } = Rounds.Nil;

    /// <summary>What justified entering the current round; null in round 0 (C30).</summary>
    public RoundCertificate? RoundCertificate { get; internal set; }

    /// <summary>The height's commit certificate, once seen.</summary>
    public CommitCertificate? Commit { get; internal set; }

    /// <summary>Evidence of this height: at most one for each (validator, kind).</summary>
    public IReadOnlyList<Evidence> Evidence => EvidenceList;

    /// <summary>The last own messages, for sending again (consensus N9).</summary>
    public Signed<Proposal>? OwnProposal { get; internal set; }

    /// <summary>The last own prevote of this height.</summary>
    public Signed<Vote>? OwnPrevote { get; internal set; }

    /// <summary>The last own precommit of this height.</summary>
    public Signed<Vote>? OwnPrecommit { get; internal set; }

    internal int SelfIndex { get; set; } = -1;

    /// <summary>Sorted by round.</summary>
    internal List<RoundTally> Tallies { get; } = [];

    internal VoterMark[] Marks { get; set; } = [];

    /// <summary>Power of the validators whose mark is above the current round.</summary>
    internal ulong PowerAhead { get; set; }

    internal List<PolkaCertificate> Polkas { get; } = [];

    /// <summary>The highest round with a known polka for a value: rules look no further while it is not above the valid round.</summary>
    internal int HighestPolka { get; set; } = Rounds.Nil;

    internal List<ValueEntry> Values { get; } = [];

    internal List<Evidence> EvidenceList { get; } = [];

    /// <summary>The last (round, step) for which a signature was asked or seen: none is asked at or below it.</summary>
    internal int SignedRound { get; set; } = Rounds.Nil;

    internal Step SignedStep { get; set; }

    /// <summary>The reason of the last nil prevote asked for.</summary>
    internal ushort NilReasonOfPrevote { get; set; }

    /// <summary>The round in which a value was asked for, not yet given.</summary>
    internal int AskedValueRound { get; set; } = Rounds.Nil;

    /// <summary>The round in which a proposer was answered with this node's lock (consensus N9).</summary>
    internal int AnsweredRound { get; set; } = Rounds.Nil;

    internal bool ReportedInvalid { get; set; }

    /// <summary>
    /// Whether the core already holds this very vote, by (validator, round, type, value, vr) and never by bytes (consensus
    /// N12), or has no use for it: hosts ask before they verify a signature (F20, F25).
    /// </summary>
    public bool IsRedundant(Vote vote)
    {
        if (Set is null || vote.Height != Height)
        {
            return false;
        }

        int index = Set.IndexOf(vote.Validator);
        if (index < 0)
        {
            return true;
        }

        if (vote.Round > Round)
        {
            VoterMark mark = Marks[index];
            Signed<Vote>? slot = vote.Type == VoteType.Prevote ? mark.Prevote : mark.Precommit;
            return vote.Round < mark.Round || (vote.Round == mark.Round && slot is not null && IsSettled(slot.Message, vote));
        }

        RoundTally? tally = FindTally(vote.Round);
        return tally is null
            ? vote.Round < Round - PastRounds
            : tally.Votes(vote.Type)[index] is { } held && IsSettled(held.Message, vote);
    }

    /// <summary>
    /// Whether the core has no use for a proposal: it holds it already, or the two of its round that it keeps, or the round is too old.
    /// Hosts ask before they verify a signature (F20, F25).
    /// </summary>
    public bool IsRedundant(Proposal proposal)
    {
        if (Set is null || proposal.Height != Height)
        {
            return false;
        }

        int index = Set.IndexOf(proposal.Validator);
        if (index < 0)
        {
            return true;
        }

        if (proposal.Round > Round)
        {
            return Marks[index].Proposal is { } ahead
                && (proposal.Round < ahead.Message.Round || ahead.Message == proposal
                    || (proposal.Round == ahead.Message.Round && HasEvidence(proposal.Validator, EvidenceKind.DoubleProposal)));
        }

        if (FindTally(proposal.Round) is not { } tally)
        {
            return proposal.Round < Round - PastRounds;
        }

        return tally.Proposals.Count >= RoundTally.MaximumProposals || tally.Proposals.Exists(held => held.Message == proposal);
    }

    /// <summary>
    /// Whether a value may still matter: a validator of the set proposed it in a round reached, a polka or a commit names it, or a host
    /// reported its content. Hosts that take contents from strangers report only those of values that are tracked: it is the signatures
    /// that make a content worth its memory (consensus N9).
    /// </summary>
    public bool Tracks(ValueId value) => FindValue(value) is not null;

    /// <summary>The proposal of the current round that is voted on, if it has arrived.</summary>
    public Proposal? CurrentProposal => FindTally(Round)?.Proposals is [{ } first, ..] ? first.Message : null;

    /// <summary>Whether evidence of that kind is already held against a validator.</summary>
    public bool HasEvidence(ValidatorId validator, EvidenceKind kind)
    {
        foreach (Evidence evidence in EvidenceList)
        {
            if (evidence.Validator == validator && evidence.Kind == kind)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The certificate of a polka for a value in a round, if this node has one.</summary>
    public PolkaCertificate? PolkaOf(int round, ValueId value)
    {
        foreach (PolkaCertificate polka in Polkas)
        {
            if (polka.Round == round && polka.Value == value)
            {
                return polka;
            }
        }

        RoundTally? tally = FindTally(round);
        return tally?.Polka == value ? tally?.PolkaCertificate(Height) : null;
    }

    /// <summary>Whether the content of a value was reported as present.</summary>
    public bool HasContent(ValueId value) => FindValue(value) is { HasContent: true };

    /// <summary>Whether this node knows of a polka for a value in a round. Cheaper than <see cref="PolkaOf"/>.</summary>
    public bool HasPolka(int round, ValueId value)
    {
        foreach (PolkaCertificate polka in Polkas)
        {
            if (polka.Round == round && polka.Value == value)
            {
                return true;
            }
        }

        return FindTally(round)?.Polka == value;
    }

    internal RoundTally? FindTally(int round)
    {
        for (int i = Tallies.Count - 1; i >= 0; i--)
        {
            if (Tallies[i].Round == round)
            {
                return Tallies[i];
            }
        }

        return null;
    }

    /// <summary>The tally of a round at or below the current one, made if the round is recent enough; null for older ones.</summary>
    internal RoundTally? TallyOf(int round)
    {
        RoundTally? tally = FindTally(round);
        if (tally is not null || round < Round - PastRounds)
        {
            return tally;
        }

        int place = Tallies.Count;
        while (place > 0 && Tallies[place - 1].Round > round)
        {
            place--;
        }

        tally = new RoundTally(round, Set!.Count);
        Tallies.Insert(place, tally);
        return tally;
    }

    internal ValueEntry? FindValue(ValueId id)
    {
        foreach (ValueEntry entry in Values)
        {
            if (entry.Id == id)
            {
                return entry;
            }
        }

        return null;
    }

    // the same vote again, or one more conflict after evidence is held
    private bool IsSettled(Vote held, Vote vote) =>
        (held.Value == vote.Value && held.ValidRound == vote.ValidRound) || HasEvidence(vote.Validator, EvidenceKind.DoubleVote);
}
