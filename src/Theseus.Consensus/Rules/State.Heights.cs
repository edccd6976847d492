namespace Theseus.Consensus;

/// <summary>Beginning a height: everything of the last one is forgotten (F19: a joiner starts without a lock).</summary>
public sealed partial class State
{
    internal void Begin(Input.StartHeight start)
    {
        Height = start.Height;
        Set = start.Set;
        Timeouts = start.Timeouts;
        SelfIndex = start.Self is { } self ? start.Set.IndexOf(self) : -1;
        Self = SelfIndex < 0 ? null : start.Self;
        Round = Rounds.Nil;
        Step = Step.Idle;
        (LockedValue, LockedRound) = (null, Rounds.Nil);
        (ValidValue, ValidRound) = (null, Rounds.Nil);
        RoundCertificate = null;
        Commit = null;
        OwnProposal = null;
        OwnPrevote = null;
        OwnPrecommit = null;
        Tallies.Clear();
        Polkas.Clear();
        Values.Clear();
        EvidenceList.Clear();
        PowerAhead = 0;
        HighestPolka = Rounds.Nil;
        (SignedRound, SignedStep) = (Rounds.Nil, Step.Idle);
        NilReasonOfPrevote = NilReason.None;
        AskedValueRound = Rounds.Nil;
        AnsweredRound = Rounds.Nil;
        ReportedInvalid = false;
        Marks = new VoterMark[start.Set.Count];
        for (int i = 0; i < Marks.Length; i++)
        {
            Marks[i] = new VoterMark();
        }
    }
}
