namespace Theseus.Consensus;

/// <summary>One step in the making: the inputs. The rules stand in the other parts of this class.</summary>
internal sealed partial class Turn(State s)
{
    private readonly List<Effect> _effects = [];

    public IReadOnlyList<Effect> Effects => _effects;

    private ValidatorSet Set => s.Set!;

    public void Take(Input input)
    {
        if (input is Input.StartHeight start)
        {
            StartHeight(start);
            return;
        }

        if (HeightOf(input) != s.Height || s.Set is null)
        {
            Report(ReportKind.OtherHeight, s.Round);
            return;
        }

        switch (input)
        {
            case Input.VoteIn vote:
                AddVote(vote.Vote.Item);
                break;
            case Input.ProposalIn proposal:
                AddProposal(new ProposalEntry(proposal.Proposal.Item, proposal.ReceivedAt));
                break;
            case Input.CommitIn commit:
                AddCommit(commit.Certificate.Item);
                break;
            case Input.PolkaIn polka:
                AddPolka(polka.Certificate.Item);
                break;
            case Input.RoundIn round:
                AddVotes(round.Certificate.Item.Votes);
                break;
            case Input.ValueReady ready:
                ValueReady(ready);
                break;
            case Input.Verdict verdict:
                Verdict(verdict);
                break;
            case Input.OwnVote vote:
                OwnVote(vote.Vote);
                break;
            case Input.OwnProposal proposal:
                OwnProposal(proposal.Proposal);
                break;
            case Input.TimeoutElapsed timeout:
                TimeoutElapsed(timeout);
                break;
            default:
                throw new ArgumentException("unknown input", nameof(input));
        }

        Evaluate();
    }

    private static ulong HeightOf(Input input) => input switch
    {
        Input.ProposalIn proposal => proposal.Proposal.Item.Message.Height,
        Input.VoteIn vote => vote.Vote.Item.Message.Height,
        Input.CommitIn commit => commit.Certificate.Item.Height,
        Input.PolkaIn polka => polka.Certificate.Item.Height,
        Input.RoundIn round => round.Certificate.Item.Height,
        Input.ValueReady ready => ready.Height,
        Input.Verdict verdict => verdict.Height,
        Input.OwnVote vote => vote.Vote.Message.Height,
        Input.OwnProposal proposal => proposal.Proposal.Message.Height,
        Input.TimeoutElapsed timeout => timeout.Height,
        _ => throw new ArgumentException("unknown input", nameof(input)),
    };

    private void StartHeight(Input.StartHeight start)
    {
        if (s.Set is not null && start.Height <= s.Height)
        {
            Report(ReportKind.HeightRegression, s.Round); // F17
            return;
        }

        if (s is { Step: Consensus.Step.Decided, Commit: not null })
        {
            _effects.Add(new Effect.Finalize(FullCommit(), [.. s.EvidenceList]));
        }

        s.Begin(start);
        EnterRound(0);
    }

    // C56: the certificate grows by the precommits that came after the decision
    private CommitCertificate FullCommit()
    {
        CommitCertificate commit = s.Commit!;
        if (s.FindTally(commit.Round) is not { } tally)
        {
            return commit;
        }

        SortedDictionary<ValidatorId, ByteString> merged = [];
        foreach (CertificateSignature signature in commit.Signatures)
        {
            merged[signature.Validator] = signature.Signature;
        }

        foreach (CertificateSignature late in RoundTally.Signatures(tally.Precommits, new TallyKey(commit.Value, Rounds.Nil)))
        {
            merged.TryAdd(late.Validator, late.Signature);
        }

        return commit with { Signatures = [.. merged.Select(static pair => new CertificateSignature(pair.Key, pair.Value))] };
    }

    private void ValueReady(Input.ValueReady ready)
    {
        ValueEntry value = Track(ready.Value);
        value.HasContent = true;
        if (ready.BuiltForRound < 0)
        {
            return;
        }

        value.Judgement = Judgement.Valid; // built here
        if (ready.BuiltForRound == s.Round && s.Step == Consensus.Step.Propose && s.AskedValueRound == s.Round)
        {
            s.AskedValueRound = Rounds.Nil;
            Propose(s.ValidValue is null ? ready.Value : s.ValidValue.Value);
        }
    }

    private void Verdict(Input.Verdict verdict)
    {
        if (verdict.Judgement == Judgement.None)
        {
            return;
        }

        if (verdict.FreshRound >= 0)
        {
            FreshVerdict(verdict);
            return;
        }

        if (s.FindValue(verdict.Value) is { } value)
        {
            Judge(value, verdict.Judgement, verdict.Reason);
        }
    }

    private void FreshVerdict(Input.Verdict verdict)
    {
        foreach (ProposalEntry proposal in s.FindTally(verdict.FreshRound)?.Proposals ?? [])
        {
            if (proposal.Message.Value != verdict.Value || proposal.Message.ValidRound != Rounds.Nil)
            {
                continue;
            }

            if (proposal.Fresh == Judgement.Valid && verdict.Judgement != Judgement.Valid)
            {
                Report(ReportKind.VerdictReversed, verdict.FreshRound);
                continue;
            }

            proposal.Fresh = verdict.Judgement;
            proposal.Reason = verdict.Reason;
        }

        // what is valid as a fresh proposal is valid as content; the contrary does not follow (its round may be wrong only)
        if (verdict.Judgement == Judgement.Valid && s.FindValue(verdict.Value) is { } value)
        {
            Judge(value, Judgement.Valid, NilReason.None);
        }
    }

    private void Judge(ValueEntry value, Judgement judgement, ushort reason)
    {
        if (value.Judgement == Judgement.Valid && judgement != Judgement.Valid)
        {
            Report(ReportKind.VerdictReversed, s.Round); // F27
            return;
        }

        value.Judgement = judgement;
        value.Reason = reason;
        value.HasContent |= judgement == Judgement.Valid;
    }

    private void OwnVote(Signed<Vote> signed)
    {
        Vote vote = signed.Message;
        if (vote.Validator != s.Self || s.SelfIndex < 0 || Contradicts(signed))
        {
            Report(ReportKind.OwnMismatch, vote.Round);
            return;
        }

        Step step = vote.Type == VoteType.Prevote ? Consensus.Step.Prevote : Consensus.Step.Precommit;
        Recover(vote.Round, step);
        if (vote.Type == VoteType.Prevote)
        {
            s.OwnPrevote = signed;
        }
        else
        {
            s.OwnPrecommit = signed;
            if (vote.Value is not null && vote.Round > s.LockedRound)
            {
                // consensus N14: an own precommit for a value is a lock, also when what led to it was lost
                s.LockedRound = vote.Round;
                s.LockedValue = vote.Value;
                Track(vote.Value.Value);
            }
        }

        AddVote(signed);
        Send(new ConsensusMessage.OfVote(signed, vote is { Type: VoteType.Prevote, Value: null } ? s.NilReasonOfPrevote : NilReason.None));
    }

    private void OwnProposal(Signed<Proposal> signed)
    {
        Proposal proposal = signed.Message;
        if (proposal.Validator != s.Self || s.SelfIndex < 0
            || (s.OwnProposal is { } own && own.Message.Round == proposal.Round && own.Message != proposal))
        {
            Report(ReportKind.OwnMismatch, proposal.Round);
            return;
        }

        Recover(proposal.Round, Consensus.Step.Propose);
        s.OwnProposal = signed;
        ProposalEntry entry = new(signed, 0);
        if (s.FindValue(proposal.Value) is { Judgement: Judgement.Valid })
        {
            entry.Asked = true;
            entry.Fresh = Judgement.Valid;
        }

        AddProposal(entry);
        Send(new ConsensusMessage.OfProposal(signed));
    }

    private bool Contradicts(Signed<Vote> signed) =>
        s.FindTally(signed.Message.Round)?.Votes(signed.Message.Type)[s.SelfIndex] is { } held && held.Message != signed.Message;

    // An own message that this state did not ask for: inputs behind the last sync were lost in a crash (consensus N14).
    private void Recover(int round, Step step)
    {
        if (s.Step is Consensus.Step.Decided or Consensus.Step.Halted)
        {
            return;
        }

        if (round > s.SignedRound || (round == s.SignedRound && step > s.SignedStep))
        {
            s.SignedRound = round;
            s.SignedStep = step;
        }

        if (round > s.Round)
        {
            EnterRound(round);
        }

        if (round == s.Round && step > s.Step)
        {
            s.Step = step;
        }
    }

    private void TimeoutElapsed(Input.TimeoutElapsed timeout)
    {
        if (timeout.Round != s.Round || s.Step is Consensus.Step.Decided or Consensus.Step.Halted)
        {
            return;
        }

        switch (timeout.Kind)
        {
            case TimeoutKind.Propose when s.Step == Consensus.Step.Propose: // line 57
                Prevote(null, Rounds.Nil, ReasonOfSilence());
                break;
            case TimeoutKind.Prevote when s.Step == Consensus.Step.Prevote: // line 61
                Precommit(null);
                break;
            case TimeoutKind.Precommit: // line 65
                EnterRound(s.Round + 1, CertificateFromPrecommits());
                break;
            case TimeoutKind.Rebroadcast:
                Rebroadcast();
                break;
            default:
                break;
        }
    }

    // consensus N12: the sender tells why its prevote is nil
    private ushort ReasonOfSilence()
    {
        if (s.FindTally(s.Round)?.Proposals is not [{ } proposal, ..])
        {
            return NilReason.NoProposal;
        }

        if (proposal.Message.ValidRound == Rounds.Nil)
        {
            return proposal.Fresh == Judgement.Unknown ? proposal.Reason : NilReason.NoVerdict;
        }

        if (!s.HasPolka(proposal.Message.ValidRound, proposal.Message.Value))
        {
            return NilReason.NoPolka;
        }

        return s.FindValue(proposal.Message.Value) is { Judgement: Judgement.Unknown } value ? value.Reason : NilReason.NoVerdict;
    }

    private void Send(ConsensusMessage message, ValidatorId? to = null) => _effects.Add(new Effect.Send(message, to));

    private void Report(ReportKind kind, int round, ValidatorId? validator = null, Evidence? evidence = null) =>
        _effects.Add(new Effect.Report(kind, s.Height, round, validator, evidence));

    private void Schedule(TimeoutKind kind) => _effects.Add(new Effect.Schedule(kind, s.Height, s.Round, s.Timeouts.Of(kind, s.Round)));
}
