using Theseus.Consensus;

namespace Theseus.Cli.Replay;

/// <summary>Rounds in which a core knows other things than its model.</summary>
/// <param name="Thinned">Votes ahead made room for later ones (consensus N8).</param>
/// <param name="Invalid">An invalid proposal was heard.</param>
/// <param name="Again">The invalid proposal names a valid round.</param>
internal sealed record Rarities(HashSet<int> Thinned, HashSet<int> Invalid, HashSet<int> Again);

/// <summary>A validator of the multi-node model beside its core, when nothing is pending.</summary>
internal sealed class NetworkComparison
{
    private readonly ModelNode _now;
    private readonly ReplayCore _core;
    private readonly Standing _last;
    private readonly HashSet<string> _started;
    private readonly HashSet<int> _proposed;
    private readonly Rarities _rounds;
    private readonly bool _expired; // a timer was among the inputs
    private readonly bool _wasEarly; // the core had said something that the model might still say
    private readonly Dictionary<(VoteType Type, int Round), Vote> _asked; // looked up only

    public NetworkComparison(ModelNode now, ReplayCore core, Standing last, IReadOnlyList<string> model, IReadOnlyList<string> said,
        HashSet<string> started, HashSet<int> proposed,
        Dictionary<(VoteType Type, int Round), Vote> asked, int chain, Rarities rounds, bool expired, bool wasEarly)
    {
        _now = now;
        _proposed = proposed;
        _asked = asked;
        _rounds = rounds;
        (_expired, _wasEarly) = (expired, wasEarly);
        _core = core;
        _last = last;
        _started = started;
        List<string> modelOnly = [.. model];
        List<string> coreOnly = [.. said.Where(word => !modelOnly.Remove(word))];
        Standing standing = Standing.Of(core);
        Standing wanted = now.State.Standing;
        // the models go on after a decision; what is decided has to be the same
        bool decided = core.Decision is { } decision && now.Chain.Skip(chain).Contains(decision);
        bool same = decided || standing == wanted;
        // a GetValue comes with the propose timer; the models start that with a proposal too
        coreOnly.RemoveAll(static word => word.StartsWith("Propose timer", StringComparison.Ordinal));
        Agrees = same && modelOnly.Count == 0 && coreOnly.Count == 0;
        ModelWords = Words(model, Standing.Difference(wanted, standing).One, decided);
        CoreWords = Words(said, Standing.Difference(wanted, standing).Other, decided);
        if (!Agrees)
        {
            Explain(modelOnly, coreOnly, same, wanted, standing);
        }

        // a core that is ahead is waited for; one that stands elsewhere, by an accepted difference, is brought back
        MustFollow = Reasons.Count > 0 && core.Decision is null && wanted.Step != nameof(Step.Decided) && standing.Round <= wanted.Round
            && !Early.Any(word => RoundOf(word) == wanted.Round)
            && (standing with { ValidRound = wanted.ValidRound, ValidValue = wanted.ValidValue }) != wanted;
    }

    public bool Agrees { get; }

    public string ModelWords { get; }

    public string CoreWords { get; }

    public List<Accepted> Reasons { get; } = [];

    /// <summary>What the core has said and the model may still say.</summary>
    public List<string> Early { get; } = [];

    /// <summary>Whether the core stands elsewhere, by an accepted difference.</summary>
    public bool MustFollow { get; }

    private static string Words(IReadOnlyList<string> said, string differs, bool decided) =>
        said.Count == 0 ? differs.Length == 0 || decided ? "nothing" : differs
        : differs.Length == 0 || decided ? string.Join(", ", said) : $"{string.Join(", ", said)}; {differs}";

    private void Explain(List<string> modelOnly, List<string> coreOnly, bool same, Standing wanted, Standing standing)
    {
        List<Accepted> reasons = [];
        bool explained = true;
        foreach (string word in modelOnly)
        {
            explained &= Add(reasons, OfModel(word, coreOnly, standing));
        }

        foreach (string word in coreOnly)
        {
            explained &= Add(reasons, OfCore(word, standing));
        }

        if (!same)
        {
            explained &= Add(reasons, OfStanding(wanted, standing, reasons));
        }

        if (explained)
        {
            Reasons.AddRange(reasons.Distinct());
        }
    }

    private static bool Add(List<Accepted> reasons, Accepted? reason)
    {
        if (reason is not null)
        {
            reasons.Add(reason);
        }

        return reason is not null;
    }

    // what the model says and the core does not
    private Accepted? OfModel(string word, List<string> coreOnly, Standing standing)
    {
        int round = RoundOf(word);
        if (_last.Step == nameof(Step.Decided) || (_core.Decision is not null && round > standing.Round))
        {
            return Accepted.Decided;
        }

        bool timer = word.Contains(" timer@", StringComparison.Ordinal);
        if (_rounds.Thinned.Contains(round) && (timer || !word.StartsWith("Prevote ", StringComparison.Ordinal)))
        {
            return Accepted.Ahead;
        }

        if (standing.Round > round && (_last.Round > round || standing.Round > _now.State.Round))
        {
            return Accepted.SkipFurther;
        }

        if (timer)
        {
            // started before, or no longer needed: the core has voted in that step, left that round, or decided
            return _started.Contains(word) ? Accepted.Once
                : standing.Round > round || standing.Step is nameof(Step.Decided)
                    || (word.StartsWith("Prevote", StringComparison.Ordinal) && standing.Step == nameof(Step.Precommit))
                        ? Accepted.NoTimer : null;
        }

        if (word.StartsWith("GetValue@", StringComparison.Ordinal) || word.StartsWith("Proposal ", StringComparison.Ordinal))
        {
            return OfProposal(round, coreOnly, standing);
        }

        if (word.StartsWith("Prevote ", StringComparison.Ordinal) && !word.StartsWith("Prevote nil", StringComparison.Ordinal)
            && coreOnly.Remove(ReplayCore.Words(VoteType.Prevote, round, null)))
        {
            return standing.LockedValue is { } locked && word == ReplayCore.Words(VoteType.Prevote, round, locked) ? Accepted.Strict
                : null;
        }

        if (word == ReplayCore.Words(VoteType.Precommit, round, null) && (_expired || _wasEarly) && standing.LockedRound == round
            && standing.LockedValue is { } value_
            && _now.HasProposal(round, value_) && coreOnly.Remove(ReplayCore.Words(VoteType.Precommit, round, value_)))
        {
            return Accepted.Order; // the polka was there; a timer came first in the model
        }

        if (word == ReplayCore.Words(VoteType.Prevote, round, null) && _rounds.Again.Contains(round)
            && standing.Step == nameof(Step.Propose) && standing.Round == round)
        {
            return Accepted.InvalidAgain;
        }

        if (word.StartsWith("Prevote ", StringComparison.Ordinal) && _now.Proposals.Count(proposal => proposal.Round == round) > 1)
        {
            coreOnly.RemoveAll(said => said.StartsWith("Prevote ", StringComparison.Ordinal) && !said.Contains(" timer@",
                StringComparison.Ordinal)
                && RoundOf(said) == round);
            return Accepted.DoubleProposal;
        }

        if (word == ReplayCore.Words(VoteType.Prevote, round, null) && (_expired || _wasEarly) && PrevotedAhead(round) is { } value)
        {
            coreOnly.Remove(ReplayCore.Words(VoteType.Prevote, round, value)); // the proposal was there; a timer came first in the model
            return Accepted.Order;
        }

        return null;
    }

    // the value that the core has prevoted in a round on a proposal that the model holds too
    private string? PrevotedAhead(int round) =>
        _asked.TryGetValue((VoteType.Prevote, round), out Vote? vote) && _core.NameOf(vote.Value) is { } value && _now.HasProposal(round,
            value)
            ? value : null;

    // a proposal, or the wish for a value, that the core has not
    private Accepted? OfProposal(int round, List<string> coreOnly, Standing standing)
    {
        if (_core.ProposerOf(round) != _now.Name)
        {
            return Accepted.WrongProposer;
        }

        string valid = ReplayCore.ProposalWords(round, standing.ValidValue ?? "", standing.ValidRound);
        if (coreOnly.Remove(valid) || _proposed.Contains(round))
        {
            return Accepted.ValidValue; // it is known here, and is what is proposed
        }

        int built = coreOnly.FindIndex(word => word.StartsWith("Proposal ", StringComparison.Ordinal) && RoundOf(word) == round);
        if (built >= 0)
        {
            coreOnly.RemoveAt(built);
            return Accepted.Built;
        }

        return standing.Round == round && standing.Step != nameof(Step.Propose) ? Accepted.LateValue : null;
    }

    // what the core says and the model does not
    private Accepted? OfCore(string word, Standing standing)
    {
        int round = RoundOf(word);
        if (_rounds.Thinned.Contains(round) && word.StartsWith("Precommit ", StringComparison.Ordinal))
        {
            return Accepted.Ahead; // of a double voter the model counts the vote that was dropped here, the core the other one
        }

        if (standing.Round > _now.State.Round && round > _now.State.Round)
        {
            Early.Add(word);
            return Accepted.SkipFurther;
        }

        if (word.Contains(" timer@", StringComparison.Ordinal))
        {
            return Accepted.NoTimer;
        }

        if (word.StartsWith("Precommit ", StringComparison.Ordinal) && standing.LockedRound == round && standing.LockedValue is { } locked
            && word == ReplayCore.Words(VoteType.Precommit, round, locked) && !_now.HasProposal(round, locked))
        {
            return Accepted.Certificate;
        }

        if (word.StartsWith("Prevote ", StringComparison.Ordinal) && PrevotedAhead(round) is { } value
            && word == ReplayCore.Words(VoteType.Prevote, round, value) && _now.State.Round == round
                && _now.State.Step == nameof(Step.Propose))
        {
            Early.Add(word);
            return Accepted.Order;
        }

        if (word == ReplayCore.Words(VoteType.Prevote, round, null) && standing.LockedRound != Rounds.Nil && _now.State.Round == round
            && _now.State.Step == nameof(Step.Propose) && _now.Proposals.Any(proposal => proposal.Round == round))
        {
            Early.Add(word); // locked, and the proposal was ahead
            return Accepted.Order;
        }

        if (word == ReplayCore.Words(VoteType.Prevote, round, null) && _rounds.Invalid.Contains(round) && _now.State.Round == round
            && _now.State.Step == nameof(Step.Propose))
        {
            Early.Add(word);
            return Accepted.Dropped;
        }

        if (word.StartsWith("Precommit ", StringComparison.Ordinal) && standing.LockedRound == round && standing.LockedValue is { } here
            && word == ReplayCore.Words(VoteType.Precommit, round, here) && _now.HasProposal(round, here) && _now.State.Round == round
            && _now.State.Step == nameof(Step.Prevote))
        {
            Early.Add(word);
            return Accepted.Order;
        }

        bool jumped = _last.Round + 1 < round && _core.ProposerOf(round) == _now.Name;
        if (jumped && (word.StartsWith("GetValue@", StringComparison.Ordinal) || word.StartsWith("Proposal ", StringComparison.Ordinal)))
        {
            return Accepted.WrongProposer;
        }

        if (round < _now.State.Round && !word.StartsWith("decides ", StringComparison.Ordinal))
        {
            return Accepted.SkipFurther; // said early, in a round that the model has left without it
        }

        if (word.StartsWith("decides ", StringComparison.Ordinal) && _core.State.Commit is { } commit
            && !_now.HasProposal(commit.Round, _core.Decision!))
        {
            return Accepted.Certificate;
        }

        return null;
    }

    private Accepted? OfStanding(Standing wanted, Standing standing, List<Accepted> reasons)
    {
        bool validOnly = (standing with { ValidRound = wanted.ValidRound, ValidValue = wanted.ValidValue }) == wanted;
        if (validOnly)
        {
            return standing.ValidRound > wanted.ValidRound ? Accepted.ValidValue
                : standing.ValidRound == wanted.ValidRound ? Accepted.TwoPolkas : null;
        }

        bool ahead = wanted.Step == nameof(Step.Propose) && standing.Round == wanted.Round && PrevotedAhead(wanted.Round) is not null;
        bool doubled = _now.Proposals.Count(proposal => proposal.Round == wanted.Round) > 1
            && standing with { Step = wanted.Step } == wanted;
        bool ordered = reasons.Contains(Accepted.Order) && standing.Round == wanted.Round;
        bool dropped = reasons.Contains(Accepted.Dropped) && standing with { Step = wanted.Step } == wanted;
        bool again = reasons.Contains(Accepted.InvalidAgain) && standing with { Step = wanted.Step } == wanted;
        return again ? Accepted.InvalidAgain : dropped ? Accepted.Dropped : reasons.Contains(Accepted.Ahead) ? Accepted.Ahead : doubled
            ? Accepted.DoubleProposal
            : ordered ? Accepted.Order : ahead && standing with { Step = wanted.Step } == wanted ? Accepted.Order
            : standing.Round > wanted.Round ? Accepted.SkipFurther : reasons.Contains(Accepted.Certificate) ? Accepted.Certificate
            : standing.Step == nameof(Step.Decided) ? Accepted.Decided : null;
    }

    private static int RoundOf(string word)
    {
        string rest = word[(word.IndexOf('@', StringComparison.Ordinal) + 1)..];
        int end = rest.IndexOf(' ', StringComparison.Ordinal);
        return int.TryParse(end < 0 ? rest : rest[..end], out int round) ? round : Rounds.Nil;
    }
}
