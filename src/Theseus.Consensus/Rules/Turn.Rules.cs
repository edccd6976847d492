namespace Theseus.Consensus;

/// <summary>The rules, evaluated in a fixed order until none fires. Each fires a bounded number of times a round.</summary>
internal sealed partial class Turn
{
    private ProposalEntry? CurrentProposal => s.FindTally(s.Round)?.Proposals is [{ } first, ..] ? first : null;

    private void Evaluate()
    {
        while (s.Step is not (Consensus.Step.Idle or Consensus.Step.Decided or Consensus.Step.Halted)
            && (DecideRule() || SkipRule() || PolkaRule() || NilPolkaRule() || PrevoteRule() || TimerRules()))
        {
            // the rule that fired may have made an earlier one ready
        }
    }

    // line 49: a commit certificate and the content; no local verdict is needed (N10)
    private bool DecideRule()
    {
        if (s.Commit is null)
        {
            return false;
        }

        ValueEntry value = Track(s.Commit.Value);
        if (value.Judgement == Judgement.Invalid)
        {
            if (!s.ReportedInvalid)
            {
                s.ReportedInvalid = true;
                Report(ReportKind.DecidedInvalid, s.Commit.Round); // F27: this node's application is wrong
            }

            return false;
        }

        if (!value.HasContent)
        {
            Fetch(value, s.Commit.Signatures);
            return false;
        }

        s.Step = Consensus.Step.Decided;
        _effects.Add(new Effect.Persist(new ConsensusMessage.OfCommit(s.Commit))); // consensus N16
        _effects.Add(new Effect.Decide(s.Commit));
        return true;
    }

    // line 55 with N8: to the largest round that more than 1/3 have reached or passed
    private bool SkipRule()
    {
        if (s.PowerAhead < Set.Honest)
        {
            return false;
        }

        List<int> ahead = [];
        for (int i = 0; i < s.Marks.Length; i++)
        {
            if (s.Marks[i].Round > s.Round)
            {
                ahead.Add(i);
            }
        }

        ahead.Sort((a, b) => s.Marks[a].Round != s.Marks[b].Round ? s.Marks[b].Round.CompareTo(s.Marks[a].Round) : a.CompareTo(b));
        ulong power = 0;
        int target = s.Round;
        foreach (int index in ahead)
        {
            power += Set.Members[index].Power;
            if (power >= Set.Honest)
            {
                target = s.Marks[index].Round;
                break;
            }
        }

        List<Signed<Vote>> votes = [];
        foreach (VoterMark mark in s.Marks)
        {
            if (mark.Round >= target)
            {
                votes.Add((mark.Precommit ?? mark.Prevote)!);
            }
        }

        EnterRound(target, new RoundCertificate(s.Height, target, votes));
        return true;
    }

    // line 36 and the valid value of N2, also on a certificate and content without a signed proposal (N2)
    private bool PolkaRule()
    {
        if (s.HighestPolka <= s.ValidRound && !(s.Step == Consensus.Step.Prevote && s.HighestPolka == s.Round))
        {
            return false;
        }

        // the current round first, then the highest past one
        for (int i = s.Tallies.Count - 1; i >= 0; i--)
        {
            RoundTally tally = s.Tallies[i];
            if (tally.Polka is { } value && UsePolka(tally.Round, value))
            {
                return true;
            }
        }

        foreach (PolkaCertificate polka in s.Polkas)
        {
            if (UsePolka(polka.Round, polka.Value))
            {
                return true;
            }
        }

        return false;
    }

    private bool UsePolka(int round, ValueId id)
    {
        bool locks = round == s.Round && s.Step == Consensus.Step.Prevote;
        if (round > s.Round || (round <= s.ValidRound && !locks))
        {
            return false;
        }

        ValueEntry value = Track(id);
        if (value.Judgement != Judgement.Valid)
        {
            Settle(value, round);
            return false;
        }

        if (round > s.ValidRound)
        {
            s.ValidValue = id;
            s.ValidRound = round;
        }

        if (!locks)
        {
            return true;
        }

        s.LockedValue = id;
        s.LockedRound = round;
        if (round > 0 && s.PolkaOf(round, id) is { } certificate)
        {
            Send(new ConsensusMessage.OfPolka(certificate)); // consensus N9: against hidden locks, from the first round above 0
        }

        Precommit(id);
        return true;
    }

    // A polka's value must be judged, and fetched if it is not here; the polka settles a differing result (N10).
    private void Settle(ValueEntry value, int round)
    {
        bool isSettled = value.Asked && (value.HasContent || value.Fetched);
        if (isSettled || s.PolkaOf(round, value.Id) is not { } polka)
        {
            return; // making the certificate costs O(n): once, not with every vote
        }

        if (!value.HasContent)
        {
            Fetch(value, polka.Signatures);
        }

        AskContent(value, polka);
    }

    private void AskContent(ValueEntry value, PolkaCertificate polka)
    {
        if (value.Asked)
        {
            return;
        }

        value.Asked = true;
        _effects.Add(new Effect.AskVerdict(s.Height, value.Id, Rounds.Nil, default, 0, polka));
    }

    private void Fetch(ValueEntry value, IReadOnlyList<CertificateSignature> holders)
    {
        if (value.Fetched)
        {
            return;
        }

        value.Fetched = true;
        _effects.Add(new Effect.Fetch(
            s.Height, value.Id, [.. holders.Where(holder => holder.Validator != s.Self).Select(static holder => holder.Validator)]));
    }

    // line 44
    private bool NilPolkaRule()
    {
        if (s.Step != Consensus.Step.Prevote || s.FindTally(s.Round)?.PrevoteTally.Quorum is not { Value: null })
        {
            return false;
        }

        Precommit(null);
        return true;
    }

    // lines 22 and 28, strict (N2)
    private bool PrevoteRule()
    {
        if (CurrentProposal is not { } proposal)
        {
            return false;
        }

        AnswerWithLock(proposal.Message);
        if (s.Step != Consensus.Step.Propose)
        {
            return false;
        }

        return proposal.Message.ValidRound == Rounds.Nil ? PrevoteFresh(proposal) : PrevoteAgain(proposal.Message);
    }

    private bool PrevoteFresh(ProposalEntry proposal)
    {
        if (s.LockedRound != Rounds.Nil)
        {
            Prevote(null, Rounds.Nil, NilReason.Locked);
            return true;
        }

        Proposal message = proposal.Message;
        switch (proposal.Fresh)
        {
            case Judgement.Valid:
                Prevote(message.Value, Rounds.Nil, NilReason.None);
                return true;
            case Judgement.Invalid:
                Prevote(null, Rounds.Nil, proposal.Reason);
                return true;
            default:
                if (!proposal.Asked)
                {
                    proposal.Asked = true;
                    _effects.Add(
                        new Effect.AskVerdict(s.Height, message.Value, message.Round, message.Validator, proposal.ReceivedAt, null));
                }

                return false; // None and Unknown hold the prevote until the propose timeout (N10)
        }
    }

    private bool PrevoteAgain(Proposal proposal)
    {
        if (!s.HasPolka(proposal.ValidRound, proposal.Value))
        {
            return false;
        }

        if (s.LockedRound > proposal.ValidRound)
        {
            Prevote(null, Rounds.Nil, NilReason.Locked);
            return true;
        }

        ValueEntry value = Track(proposal.Value);
        switch (value.Judgement)
        {
            case Judgement.Valid:
                Prevote(proposal.Value, proposal.ValidRound, NilReason.None);
                return true;
            case Judgement.Invalid:
                Prevote(null, Rounds.Nil, value.Reason);
                return true;
            default:
                if (!value.Asked && s.PolkaOf(proposal.ValidRound, proposal.Value) is { } polka)
                {
                    AskContent(value, polka);
                }

                return false;
        }
    }

    // consensus N9: once a round, a proposer that does not know of a higher lock is told
    private void AnswerWithLock(Proposal proposal)
    {
        if (s.LockedRound <= proposal.ValidRound || s.LockedRound >= s.Round || s.AnsweredRound == s.Round || proposal.Validator == s.Self
            || s.LockedValue is not { } locked)
        {
            return;
        }

        s.AnsweredRound = s.Round;
        if (s.PolkaOf(s.LockedRound, locked) is { } certificate)
        {
            Send(new ConsensusMessage.OfPolka(certificate), proposal.Validator);
        }
    }

    // lines 34 and 47, each once a round (C12, C17, C24)
    private bool TimerRules()
    {
        if (s.FindTally(s.Round) is not { } tally)
        {
            return false;
        }

        if (s.Step == Consensus.Step.Prevote && !tally.PrevoteTimer && tally.PrevoteTally.Power >= Set.Quorum)
        {
            tally.PrevoteTimer = true;
            Schedule(TimeoutKind.Prevote);
            return true;
        }

        if (!tally.PrecommitTimer && tally.PrecommitTally.Power >= Set.Quorum)
        {
            tally.PrecommitTimer = true;
            Schedule(TimeoutKind.Precommit);
            return true;
        }

        return false;
    }
}
