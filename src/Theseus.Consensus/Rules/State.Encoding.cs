namespace Theseus.Consensus;

/// <summary>
/// The state's canonical bytes, version 1: version u16, then every field in the order of <see cref="Encode"/>. Votes stand by
/// their voter's place in the set (0 or 1 + signed vote). Sums of power are not written: they follow from the votes.
/// </summary>
public sealed partial class State
{
    /// <summary>The version of the encoding; another one is refused.</summary>
    public const ushort EncodingVersion = 1;

    /// <summary>Evidence of a height at most: three kinds a validator.</summary>
    private const int MaximumEvidence = ValidatorSet.MaximumSize * 3;

    /// <summary>Tallies at most: the current round, the past ones, those of lock and valid value.</summary>
    private const int MaximumTallies = PastRounds + 3;

    /// <summary>An independent copy.</summary>
    public State Clone() => Decode(Encode(), out _) ?? throw new InvalidOperationException("a state did not decode its own bytes");

    /// <summary>The canonical bytes: equal states have equal bytes.</summary>
    public byte[] Encode()
    {
        CanonicalWriter w = new(1024);
        w.U16(EncodingVersion).U64(Height).I32(Round).U8((byte)Step);
        w.Bool(Set is not null);
        if (Set is not null)
        {
            w.Write(Set);
        }

        w.Bool(Self is not null);
        if (Self is { } self)
        {
            w.Validator(self);
        }

        w.Write(Timeouts);
        w.OptionalValue(LockedValue).I32(LockedRound).OptionalValue(ValidValue).I32(ValidRound);
        Option(w, RoundCertificate, static (w, c) => w.Write(c));
        Option(w, Commit, static (w, c) => w.Write(c));
        Option(w, OwnProposal, static (w, p) => w.Write(p));
        Option(w, OwnPrevote, static (w, v) => w.Write(v));
        Option(w, OwnPrecommit, static (w, v) => w.Write(v));
        List(w, Tallies, WriteTally);
        foreach (VoterMark mark in Marks)
        {
            w.I32(mark.Round);
            Option(w, mark.Prevote, static (w, v) => w.Write(v));
            Option(w, mark.Precommit, static (w, v) => w.Write(v));
            Option(w, mark.Proposal, WriteProposal);
            Option(w, mark.LastValuePrecommit, static (w, v) => w.Write(v));
        }

        List(w, Polkas, static (w, polka) => w.Write(polka));
        w.I32(HighestPolka);
        List(w, Values, static (w, value) =>
            w.Value(value.Id).Bool(value.HasContent).Bool(value.Fetched).U8((byte)value.Judgement).U16(value.Reason).Bool(value.Asked));
        List(w, EvidenceList, static (w, evidence) => w.Write(evidence));
        w.I32(SignedRound).U8((byte)SignedStep).U16(NilReasonOfPrevote).I32(AskedValueRound).I32(AnsweredRound).Bool(ReportedInvalid);
        return w.ToArray();
    }

    /// <summary>
    /// Reads <see cref="Encode"/>'s bytes; null and the fault if they are not a state's. They are trusted as one's own:
    /// signatures are not checked.
    /// </summary>
    public static State? Decode(ReadOnlySpan<byte> bytes, out string? fault)
    {
        CanonicalReader r = new(bytes);
        State state = new();
        if (r.U16() != EncodingVersion)
        {
            r.Fail("unknown version of the state");
        }

        state.Height = r.U64();
        state.Round = r.I32();
        state.Step = (Step)r.U8();
        state.Set = r.Bool() ? r.ReadValidatorSet() : null;
        state.Self = r.Bool() ? r.Validator() : null;
        state.SelfIndex = state.Self is { } self ? state.Set?.IndexOf(self) ?? -1 : -1;
        state.Timeouts = r.ReadTimeouts();
        (state.LockedValue, state.LockedRound) = (r.OptionalValue(), r.I32());
        (state.ValidValue, state.ValidRound) = (r.OptionalValue(), r.I32());
        state.RoundCertificate = r.Bool() ? r.ReadRoundCertificate() : null;
        state.Commit = r.Bool() ? r.ReadCommit() : null;
        state.OwnProposal = r.Bool() ? r.ReadSignedProposal() : null;
        state.OwnPrevote = OptionalVote(ref r);
        state.OwnPrecommit = OptionalVote(ref r);
        int tallies = r.Count(MaximumTallies);
        for (int i = 0; i < tallies && !r.Failed; i++)
        {
            state.Tallies.Add(ReadTally(ref r, state.Set));
        }

        state.ReadMarks(ref r);
        int polkas = r.Count(MaximumPolkas);
        for (int i = 0; i < polkas && !r.Failed; i++)
        {
            state.Polkas.Add(r.ReadPolka());
        }

        state.HighestPolka = r.I32();
        int values = r.Count(MaximumValues);
        for (int i = 0; i < values && !r.Failed; i++)
        {
            state.Values.Add(new ValueEntry(r.Value())
            {
                HasContent = r.Bool(),
                Fetched = r.Bool(),
                Judgement = (Judgement)r.U8(),
                Reason = r.U16(),
                Asked = r.Bool(),
            });
        }

        int evidence = r.Count(MaximumEvidence);
        for (int i = 0; i < evidence && !r.Failed; i++)
        {
            state.EvidenceList.Add(r.ReadEvidence());
        }

        (state.SignedRound, state.SignedStep) = (r.I32(), (Step)r.U8());
        state.NilReasonOfPrevote = r.U16();
        state.AskedValueRound = r.I32();
        state.AnsweredRound = r.I32();
        state.ReportedInvalid = r.Bool();
        r.End();
        fault = r.Fault;
        return r.Failed ? null : state;
    }

    private void ReadMarks(ref CanonicalReader r)
    {
        Marks = new VoterMark[Set?.Count ?? 0];
        for (int i = 0; i < Marks.Length; i++)
        {
            Marks[i] = new VoterMark
            {
                Round = r.I32(),
                Prevote = OptionalVote(ref r),
                Precommit = OptionalVote(ref r),
                Proposal = r.Bool() ? ReadProposal(ref r) : null,
                LastValuePrecommit = OptionalVote(ref r),
            };
            PowerAhead += Marks[i].Round > Round ? Set!.Members[i].Power : 0;
        }
    }

    private static void WriteTally(CanonicalWriter w, RoundTally tally)
    {
        w.I32(tally.Round).Bool(tally.PrevoteTimer).Bool(tally.PrecommitTimer);
        foreach (Signed<Vote>? vote in tally.Prevotes)
        {
            Option(w, vote, static (w, v) => w.Write(v));
        }

        foreach (Signed<Vote>? vote in tally.Precommits)
        {
            Option(w, vote, static (w, v) => w.Write(v));
        }

        List(w, tally.Proposals, WriteProposal);
    }

    private static RoundTally ReadTally(ref CanonicalReader r, ValidatorSet? set)
    {
        RoundTally tally = new(r.I32(), set?.Count ?? 0) { PrevoteTimer = r.Bool(), PrecommitTimer = r.Bool() };
        ReadVotes(ref r, tally, VoteType.Prevote, set);
        ReadVotes(ref r, tally, VoteType.Precommit, set);
        int proposals = r.Count(RoundTally.MaximumProposals);
        for (int i = 0; i < proposals && !r.Failed; i++)
        {
            tally.Proposals.Add(ReadProposal(ref r));
        }

        return tally;
    }

    private static void ReadVotes(ref CanonicalReader r, RoundTally tally, VoteType type, ValidatorSet? set)
    {
        Signed<Vote>?[] votes = tally.Votes(type);
        for (int i = 0; i < votes.Length && !r.Failed; i++)
        {
            votes[i] = OptionalVote(ref r);
            if (votes[i] is { } vote)
            {
                tally.Tally(type).Add(new TallyKey(vote.Message.Value, vote.Message.ValidRound), set!.Members[i].Power, set.Quorum);
            }
        }
    }

    private static void WriteProposal(CanonicalWriter w, ProposalEntry proposal) =>
        w.Write(proposal.Signed).U64(proposal.ReceivedAt).Bool(proposal.Asked).U8((byte)proposal.Fresh).U16(proposal.Reason);

    private static ProposalEntry ReadProposal(ref CanonicalReader r) =>
        new(r.ReadSignedProposal(), r.U64()) { Asked = r.Bool(), Fresh = (Judgement)r.U8(), Reason = r.U16() };

    private static Signed<Vote>? OptionalVote(ref CanonicalReader r) => r.Bool() ? r.ReadSignedVote() : null;

    private static void Option<T>(CanonicalWriter w, T? item, Action<CanonicalWriter, T> write)
        where T : class
    {
        w.Bool(item is not null);
        if (item is not null)
        {
            write(w, item);
        }
    }

    private static void List<T>(CanonicalWriter w, List<T> items, Action<CanonicalWriter, T> write)
    {
        w.Uleb((uint)items.Count);
        foreach (T item in items)
        {
            write(w, item);
        }
    }
}
