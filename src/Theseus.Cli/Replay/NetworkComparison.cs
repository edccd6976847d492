using Theseus.Consensus;

namespace Theseus.Cli.Replay;

/// <summary>A validator of the multi-node model beside its core, when nothing is pending.</summary>
internal sealed class NetworkComparison
{
    private readonly ModelNode _now;
    private readonly ReplayCore _core;
    private readonly Standing _last;
    private readonly HashSet<string> _started;

    public NetworkComparison(ModelNode now, ReplayCore core, Standing last, IReadOnlyList<string> model, IReadOnlyList<string> said,
        HashSet<string> started)
    {
        _now = now;
        _core = core;
        _last = last;
        _started = started;
        List<string> modelOnly = [.. model];
        List<string> coreOnly = [.. said.Where(word => !modelOnly.Remove(word))];
        Standing standing = Standing.Of(core);
        Standing wanted = now.State.Standing;
        bool decided = wanted.Step == standing.Step && standing.Step == nameof(Step.Decided) && now.Chain.Count > 0 && now.Chain[^1] == core.Decision;
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

        MustFollow = Reasons.Count > 0 && !decided && (standing with { ValidRound = wanted.ValidRound, ValidValue = wanted.ValidValue }) != wanted
            && wanted.Step != nameof(Step.Decided);
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
        if (_last.Step == nameof(Step.Decided))
        {
            return Accepted.Decided;
        }

        if (word.Contains(" timer@", StringComparison.Ordinal))
        {
            // started before, or no longer needed: the core has voted in that step, left that round, or decided
            return _started.Contains(word) ? Accepted.Once
                : standing.Round > round || standing.Step is nameof(Step.Decided)
                    || (word.StartsWith("Prevote", StringComparison.Ordinal) && standing.Step == nameof(Step.Precommit)) ? Accepted.NoTimer : null;
        }

        if (word.StartsWith("Prevote ", StringComparison.Ordinal) && !word.StartsWith("Prevote nil", StringComparison.Ordinal)
            && coreOnly.Remove(ReplayCore.Words(VoteType.Prevote, round, null)))
        {
            return standing.LockedValue is { } locked && word == ReplayCore.Words(VoteType.Prevote, round, locked) ? Accepted.Strict : null;
        }

        return null;
    }

    // what the core says and the model does not
    private Accepted? OfCore(string word, Standing standing)
    {
        int round = RoundOf(word);
        if (word.Contains(" timer@", StringComparison.Ordinal))
        {
            return Accepted.NoTimer;
        }

        if (word.StartsWith("Precommit ", StringComparison.Ordinal) && standing.LockedRound == round && standing.LockedValue is { } locked
            && word == ReplayCore.Words(VoteType.Precommit, round, locked) && !_now.HasProposal(round, locked))
        {
            return Accepted.Certificate;
        }

        if (word.StartsWith("decides ", StringComparison.Ordinal) && _core.State.Commit is { } commit
            && !_now.HasProposal(commit.Round, _core.Decision!))
        {
            return Accepted.Certificate;
        }

        return null;
    }

    private static Accepted? OfStanding(Standing wanted, Standing standing, List<Accepted> reasons)
    {
        bool validOnly = (standing with { ValidRound = wanted.ValidRound, ValidValue = wanted.ValidValue }) == wanted;
        if (validOnly)
        {
            return standing.ValidRound > wanted.ValidRound ? Accepted.ValidValue
                : standing.ValidRound == wanted.ValidRound ? Accepted.TwoPolkas : null;
        }

        return standing.Round > wanted.Round ? Accepted.SkipFurther : reasons.Contains(Accepted.Certificate) ? Accepted.Certificate
            : standing.Step == nameof(Step.Decided) ? Accepted.Decided : null;
    }

    private static int RoundOf(string word)
    {
        string rest = word[(word.IndexOf('@', StringComparison.Ordinal) + 1)..];
        int end = rest.IndexOf(' ', StringComparison.Ordinal);
        return int.TryParse(end < 0 ? rest : rest[..end], out int round) ? round : Rounds.Nil;
    }
}
