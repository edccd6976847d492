namespace Theseus.Consensus;

/// <summary>What comes from validators: votes, proposals, certificates, and the offences found among them.</summary>
internal sealed partial class Turn
{
    private void AddVotes(IReadOnlyList<Signed<Vote>> votes)
    {
        foreach (Signed<Vote> vote in votes)
        {
            AddVote(vote);
        }
    }

    private void AddVote(Signed<Vote> vote)
    {
        int index = Set.IndexOf(vote.Message.Validator);
        if (index < 0)
        {
            return; // a verified vote is of the set; an own one was checked
        }

        VoterMark mark = s.Marks[index];
        FindAmnesia(vote, index, mark);
        if (vote.Message.Round > s.Round)
        {
            AddAhead(vote, index, mark);
        }
        else
        {
            AddToTally(vote, index);
            mark.Round = int.Max(mark.Round, vote.Message.Round);
        }

        if (vote.Message is { Type: VoteType.Precommit, Value: not null }
            && vote.Message.Round > (mark.LastValuePrecommit?.Message.Round ?? Rounds.Nil))
        {
            mark.LastValuePrecommit = vote;
        }
    }

    // consensus N8: of a validator ahead of us, only the votes of its highest round
    private void AddAhead(Signed<Vote> vote, int index, VoterMark mark)
    {
        if (vote.Message.Round < mark.Round)
        {
            return;
        }

        if (vote.Message.Round > mark.Round)
        {
            if (mark.Round <= s.Round)
            {
                s.PowerAhead += Set.Members[index].Power;
            }

            mark.Round = vote.Message.Round;
            mark.Prevote = null;
            mark.Precommit = null;
        }

        Signed<Vote>? held = vote.Message.Type == VoteType.Prevote ? mark.Prevote : mark.Precommit;
        if (held is not null)
        {
            FindDoubleVote(held, vote); // C26: the first one stays
        }
        else if (vote.Message.Type == VoteType.Prevote)
        {
            mark.Prevote = vote;
        }
        else
        {
            mark.Precommit = vote;
        }
    }

    private void AddToTally(Signed<Vote> vote, int index)
    {
        if (s.TallyOf(vote.Message.Round) is not { } tally)
        {
            return; // older than the rounds kept (N8): such votes come back as certificates
        }

        Signed<Vote>?[] votes = tally.Votes(vote.Message.Type);
        if (votes[index] is { } held)
        {
            FindDoubleVote(held, vote);
            return;
        }

        votes[index] = vote;
        TallyKey key = new(vote.Message.Value, vote.Message.ValidRound);
        if (!tally.Tally(vote.Message.Type).Add(key, Set.Members[index].Power, Set.Quorum) || key.Value is null)
        {
            return;
        }

        if (vote.Message.Type == VoteType.Prevote)
        {
            s.HighestPolka = int.Max(s.HighestPolka, tally.Round);
        }
        else
        {
            KnowCommit(tally.CommitCertificate(s.Height)!);
        }
    }

    private void AddProposal(ProposalEntry proposal)
    {
        int round = proposal.Message.Round;
        int index = Set.IndexOf(proposal.Message.Validator);
        if (index < 0)
        {
            return;
        }

        if (round > s.Round)
        {
            // one proposal ahead for each validator: that of the highest round in which it proposes
            VoterMark mark = s.Marks[index];
            if (mark.Proposal is null || mark.Proposal.Message.Round < round)
            {
                mark.Proposal = proposal;
            }
            else if (mark.Proposal.Message.Round == round && Offences.Between(mark.Proposal.Signed, proposal.Signed) is { } evidence)
            {
                AddEvidence(evidence);
            }

            return;
        }

        if (s.TallyOf(round) is not { } tally)
        {
            return;
        }

        foreach (ProposalEntry held in tally.Proposals)
        {
            if (held.Message == proposal.Message)
            {
                return;
            }
        }

        if (tally.Proposals is [{ } first, ..] && Offences.Between(first.Signed, proposal.Signed) is { } doubled)
        {
            AddEvidence(doubled);
        }

        if (tally.Proposals.Count < RoundTally.MaximumProposals)
        {
            tally.Proposals.Add(proposal);
            Track(proposal.Message.Value);
        }
    }

    private void AddPolka(PolkaCertificate polka)
    {
        // its votes count one by one as well: they move marks and show double votes
        foreach (CertificateSignature signature in polka.Signatures)
        {
            Vote vote = new(VoteType.Prevote, polka.Height, polka.Round, polka.Value, polka.ValidRound, signature.Validator);
            AddVote(new Signed<Vote>(vote, signature.Signature));
        }

        // and whole, so that votes of equivocators in it still count (C29)
        KeepPolka(polka);
    }

    private void KeepPolka(PolkaCertificate polka)
    {
        if (s.HasPolka(polka.Round, polka.Value))
        {
            return;
        }

        if (s.Polkas.Count >= State.MaximumPolkas)
        {
            int oldest = -1;
            for (int i = 0; i < s.Polkas.Count; i++)
            {
                int round = s.Polkas[i].Round;
                if (round != s.ValidRound && round != s.LockedRound && (oldest < 0 || round < s.Polkas[oldest].Round))
                {
                    oldest = i;
                }
            }

            if (oldest < 0)
            {
                return; // several polkas in the rounds of lock and valid value: more than 1/3 is faulty, and these are enough to prove it
            }

            s.Polkas.RemoveAt(oldest);
        }

        s.Polkas.Add(polka);
        s.HighestPolka = int.Max(s.HighestPolka, polka.Round);
        Track(polka.Value);
    }

    private void AddCommit(CommitCertificate commit)
    {
        foreach (CertificateSignature signature in commit.Signatures)
        {
            Vote vote = new(VoteType.Precommit, commit.Height, commit.Round, commit.Value, Rounds.Nil, signature.Validator);
            AddVote(new Signed<Vote>(vote, signature.Signature));
        }

        KnowCommit(commit);
    }

    private void KnowCommit(CommitCertificate commit)
    {
        if (s.Commit is null)
        {
            s.Commit = commit;
            Track(commit.Value);
        }
        else if (s.Commit.Value != commit.Value)
        {
            // F29: agreement is broken; both certificates are kept durably, the host stops finalising
            _effects.Add(new Effect.Persist(new ConsensusMessage.OfCommit(s.Commit)));
            _effects.Add(new Effect.Persist(new ConsensusMessage.OfCommit(commit)));
            Report(ReportKind.ConflictingCommits, commit.Round);
        }
    }

    private void FindDoubleVote(Signed<Vote> held, Signed<Vote> vote)
    {
        if (held.Message != vote.Message && Offences.Between(held, vote) is { } evidence)
        {
            AddEvidence(evidence);
        }
    }

    // consensus N3: against the rounds kept, the votes ahead and the last precommit for a value
    private void FindAmnesia(Signed<Vote> vote, int index, VoterMark mark)
    {
        if (vote.Message.Value is null)
        {
            return;
        }

        bool isPrevote = vote.Message.Type == VoteType.Prevote;
        if (isPrevote && vote.Message.Round == 0)
        {
            return; // nothing can precede it
        }

        foreach (RoundTally tally in s.Tallies)
        {
            Signed<Vote>? other = isPrevote ? tally.Precommits[index] : tally.Prevotes[index];
            if (other is not null)
            {
                FindAmnesia(vote, other);
            }
        }

        if (isPrevote && mark.LastValuePrecommit is { } precommit)
        {
            FindAmnesia(vote, precommit);
        }

        Signed<Vote>? ahead = isPrevote ? mark.Precommit : mark.Prevote;
        if (ahead is not null)
        {
            FindAmnesia(vote, ahead);
        }
    }

    private void FindAmnesia(Signed<Vote> vote, Signed<Vote> other)
    {
        if (vote.Message.Round != other.Message.Round && Offences.Between(vote, other) is { } evidence)
        {
            AddEvidence(evidence);
        }
    }

    private void AddEvidence(Evidence evidence)
    {
        if (s.HasEvidence(evidence.Validator, evidence.Kind))
        {
            return; // F25, C27
        }

        s.EvidenceList.Add(evidence);
        _effects.Add(new Effect.Persist(new ConsensusMessage.OfEvidence(evidence)));
        Report(ReportKind.EvidenceFound, s.Round, evidence.Validator, evidence);
    }

    private ValueEntry Track(ValueId id)
    {
        if (s.FindValue(id) is { } known)
        {
            return known;
        }

        if (s.Values.Count >= State.MaximumValues)
        {
            s.Values.RemoveAt(int.Max(0, s.Values.FindIndex(value => !IsNamed(value.Id))));
        }

        ValueEntry entry = new(id);
        s.Values.Add(entry);
        return entry;
    }

    // by the lock, the valid value, the commit, a polka, or a proposal of a round that is kept
    private bool IsNamed(ValueId id)
    {
        if (id == s.LockedValue || id == s.ValidValue || id == s.Commit?.Value)
        {
            return true;
        }

        foreach (PolkaCertificate polka in s.Polkas)
        {
            if (polka.Value == id)
            {
                return true;
            }
        }

        foreach (RoundTally tally in s.Tallies)
        {
            if (tally.Polka == id || tally.Proposals.Exists(proposal => proposal.Message.Value == id))
            {
                return true;
            }
        }

        return false;
    }
}
