namespace Theseus.Consensus;

/// <summary>Entering rounds, voting, proposing, sending again.</summary>
internal sealed partial class Turn
{
    /// <param name="round">The round.</param>
    /// <param name="why">What shows that it may be entered; null for the first one and where a certificate brought it.</param>
    private void EnterRound(int round, RoundCertificate? why = null)
    {
        if (round >= Rounds.Ceiling)
        {
            s.Step = Consensus.Step.Halted; // and nothing is kept for a round that there is not
            Report(ReportKind.RoundCeiling, round); // F22
            return;
        }

        s.RoundCertificate = why ?? s.RoundCertificate;
        s.Round = round;
        s.Step = Consensus.Step.Propose;
        s.AskedValueRound = Rounds.Nil;
        Prune();
        TakeVotesAhead();
        if (s.Commit is not null && s.HasContent(s.Commit.Value) && s.FindValue(s.Commit.Value)!.Judgement != Judgement.Invalid)
        {
            return; // C25: what was ahead decides the height; no round is begun
        }

        BeginRound();
    }

    private void BeginRound()
    {
        Report(ReportKind.EnteredRound, s.Round, Set.Proposer(s.Height, s.Round).Id);
        SendJustification();
        Schedule(TimeoutKind.Propose);
        Schedule(TimeoutKind.Rebroadcast);
        if (s.SelfIndex < 0 || Set.Proposer(s.Height, s.Round).Id != s.Self)
        {
            return;
        }

        if (s.ValidValue is { } valid)
        {
            Propose(valid); // line 16: the valid value again
        }
        else if (CanSign(s.Round, Consensus.Step.Propose))
        {
            s.AskedValueRound = s.Round;
            _effects.Add(new Effect.AskValue(s.Height, s.Round, s.Timeouts.Of(TimeoutKind.Propose, s.Round)));
        }
    }

    // consensus N9: why this round was entered, and the highest polka known
    private void SendJustification()
    {
        if (s.Round == 0)
        {
            return;
        }

        if (s.RoundCertificate is { } round)
        {
            Send(new ConsensusMessage.OfRound(round));
        }

        if (s.ValidValue is { } valid && s.PolkaOf(s.ValidRound, valid) is { } polka)
        {
            Send(new ConsensusMessage.OfPolka(polka));
        }
    }

    // consensus N8: full tallies for the last rounds and those of lock and valid value, older ones only as polka certificates
    private void Prune()
    {
        for (int i = s.Tallies.Count - 1; i >= 0; i--)
        {
            RoundTally tally = s.Tallies[i];
            if (tally.Round >= s.Round - State.PastRounds || tally.Round == s.LockedRound || tally.Round == s.ValidRound)
            {
                continue;
            }

            s.Tallies.RemoveAt(i);
            if (tally.PolkaCertificate(s.Height) is { } polka)
            {
                KeepPolka(polka);
            }
        }
    }

    private void TakeVotesAhead()
    {
        s.PowerAhead = 0;
        for (int i = 0; i < s.Marks.Length; i++)
        {
            VoterMark mark = s.Marks[i];
            if (mark.Round > s.Round)
            {
                s.PowerAhead += Set.Members[i].Power;
            }
            else
            {
                (Signed<Vote>? prevote, Signed<Vote>? precommit) = (mark.Prevote, mark.Precommit);
                mark.Prevote = null;
                mark.Precommit = null;
                if (prevote is not null)
                {
                    AddToTally(prevote, i);
                }

                if (precommit is not null)
                {
                    AddToTally(precommit, i);
                }
            }

            if (mark.Proposal is { } proposal && proposal.Message.Round <= s.Round)
            {
                mark.Proposal = null;
                AddProposal(proposal);
            }
        }
    }

    private RoundCertificate CertificateFromPrecommits()
    {
        List<Signed<Vote>> votes = [];
        foreach (Signed<Vote>? vote in s.FindTally(s.Round)?.Precommits ?? [])
        {
            if (vote is not null)
            {
                votes.Add(vote);
            }
        }

        return new RoundCertificate(s.Height, s.Round + 1, votes);
    }

    private void Propose(ValueId value)
    {
        if (!TrySign(s.Round, Consensus.Step.Propose))
        {
            return;
        }

        int validRound = value == s.ValidValue ? s.ValidRound : Rounds.Nil;
        _effects.Add(new Effect.SignProposal(new Proposal(s.Height, s.Round, value, validRound, s.Self!.Value)));
    }

    private void Prevote(ValueId? value, int validRound, ushort reason)
    {
        s.Step = Consensus.Step.Prevote;
        if (TrySign(s.Round, Consensus.Step.Prevote))
        {
            s.NilReasonOfPrevote = value is null ? reason : NilReason.None;
            _effects.Add(new Effect.SignVote(new Vote(VoteType.Prevote, s.Height, s.Round, value, validRound, s.Self!.Value)));
        }
    }

    private void Precommit(ValueId? value)
    {
        s.Step = Consensus.Step.Precommit;
        if (TrySign(s.Round, Consensus.Step.Precommit))
        {
            _effects.Add(new Effect.SignVote(new Vote(VoteType.Precommit, s.Height, s.Round, value, Rounds.Nil, s.Self!.Value)));
        }
    }

    // one message a (round, step), in rising order: the signer's mark would refuse anything else (N14, F28)
    private bool CanSign(int round, Step step) =>
        s.SelfIndex >= 0 && (round > s.SignedRound || (round == s.SignedRound && step > s.SignedStep));

    private bool TrySign(int round, Step step)
    {
        if (!CanSign(round, step))
        {
            return false;
        }

        s.SignedRound = round;
        s.SignedStep = step;
        return true;
    }

    // C31, consensus N9: the same bytes as before, never signed again
    private void Rebroadcast()
    {
        if (s.OwnProposal is { } proposal && proposal.Message.Round == s.Round)
        {
            Send(new ConsensusMessage.OfProposal(proposal));
        }

        if (s.OwnPrevote is { } prevote)
        {
            Send(new ConsensusMessage.OfVote(prevote, prevote.Message.Value is null ? s.NilReasonOfPrevote : NilReason.None));
        }

        if (s.OwnPrecommit is { } precommit)
        {
            Send(new ConsensusMessage.OfVote(precommit, NilReason.None));
        }

        SendJustification();
        Schedule(TimeoutKind.Rebroadcast);
    }
}
