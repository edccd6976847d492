using System.Globalization;
using Theseus.Consensus;

namespace Theseus.Cli.Replay;

/// <summary>
/// Replays docs/protocol/quint: variables <c>nodes</c>, <c>last</c>, <c>forged</c>. That model has the core's own rules and inputs, so
/// every step must agree: where a validator stands, all that it has signed, its timers and whom it accuses. No difference is accepted.
/// </summary>
internal sealed class SpecificationReplay
{
    private const string Nil = "nil";
    private const string Bad = "bad";
    private const string Differing = "odd";
    private const int MostValidators = 100;
    private readonly ItfTrace _trace;
    private readonly SortedDictionary<string, ReplayCore> _cores = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, HashSet<string>> _contents = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, SortedSet<string>> _signed = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, SortedSet<string>> _timers = new(StringComparer.Ordinal);
    private readonly List<ReplayRow> _rows = [];
    private readonly HashSet<string> _odd = []; // for whom the value "odd" has another result, learned from the trace

    private SpecificationReplay(ItfTrace trace) => _trace = trace;

    public static ReplayResult Replay(ItfTrace trace)
    {
        SpecificationReplay replay = new(trace);
        replay.Begin();
        for (int i = 1; i < trace.States.Count && replay.Step(i); i++)
        {
            // until a step that is many at once
        }

        return new ReplayResult("docs/protocol/quint", trace.Prefix, replay._rows);
    }

    private static string NameOf(ItfValue validator) => validator.Number.ToString(CultureInfo.InvariantCulture);

    private static string? ValueOf(ItfValue value) => value.Text == Nil ? null : value.Text;

    private void Begin()
    {
        ItfValue nodes = _trace.Of(0, "nodes");
        IReadOnlyList<(ItfValue Key, ItfValue Value)> pairs = nodes.Pairs;
        // every validator has a mark, the faulty ones too
        int n = pairs.Count == 0 ? throw nodes.Fault("there is no correct validator") : pairs[0].Value["marks"].Pairs.Count;
        if (n is < 1 or > MostValidators)
        {
            throw nodes.Fault($"1 to {MostValidators} validators are replayed, not {n}");
        }

        (ValidatorSet set, SortedDictionary<string, ValidatorId> ids) = ReplayCore.Committee(1,
            [.. Enumerable.Range(0, n).Select(static place => (place.ToString(CultureInfo.InvariantCulture), 1UL))])!.Value;
        foreach ((ItfValue key, ItfValue _) in pairs)
        {
            string name = NameOf(key);
            ReplayCore core = ids.ContainsKey(name) ? new ReplayCore(1, set, ids, name) : throw key.Fault("no validator has this number");
            (_cores[name], _contents[name]) = (core, []);
            (_signed[name], _timers[name]) = (new(StringComparer.Ordinal), new(StringComparer.Ordinal));
            core.Start();
            Settle(name);
        }
    }

    private bool Step(int index)
    {
        ItfValue last = _trace.Of(index, "last");
        long number = last["node"].Number;
        if (number < 0)
        {
            return false; // calm: all validators at once
        }

        if (last.Raw == _trace.Of(index - 1, "last").Raw && _trace.Of(index, "nodes").Raw == _trace.Of(index - 1, "nodes").Raw)
        {
            return true; // an expectation of a test
        }

        string name = NameOf(last["node"]);
        if (!_cores.TryGetValue(name, out ReplayCore? core))
        {
            throw last["node"].Fault($"validator {name} is not among the nodes");
        }

        ItfValue model = Node(index, name);
        string words = Give(name, core, last["input"], model);
        Settle(name);
        string ours = Describe(name, core);
        string theirs = Describe(model);
        bool agrees = ours == theirs;
        (string one, string other) = agrees ? (Short(core), Short(core)) : Difference(theirs, ours);
        _rows.Add(new ReplayRow(index, name, words, one, other, [], agrees));
        return true;
    }

    private ItfValue Node(int index, string name)
    {
        foreach ((ItfValue key, ItfValue value) in _trace.Of(index, "nodes").Pairs)
        {
            if (NameOf(key) == name)
            {
                return value;
            }
        }

        throw _trace.Of(index, "nodes").Fault($"validator {name} is not among the nodes");
    }

    private string Give(string name, ReplayCore core, ItfValue input, ItfValue model)
    {
        ItfValue carried = input.TryField("value") ?? input;
        switch (input.Tag)
        {
            case "Start":
                return "Start";
            case "InVote":
                string? value = ValueOf(carried["value"]);
                VoteType type = ModelWords.VoteTypeOf(carried["kind"]);
                core.Hear(core.Sign(type, Known(core, carried["voter"]), carried["round"].Small, value, carried["vr"].Small));
                return $"{NameOf(carried["voter"])} {ReplayCore.Words(type, carried["round"].Small, value)} vr {carried["vr"].Small}";
            case "InProposal":
                Content(name, core, carried["value"].Text, model, isProposal: true);
                core.Hear(Known(core, carried["proposer"]), carried["round"].Small, carried["value"].Text, carried["vr"].Small);
                return ReplayCore.ProposalWords(carried["round"].Small, carried["value"].Text, carried["vr"].Small);
            case "InPolka":
                core.HearPolka(carried["round"].Small, carried["value"].Text, carried["vr"].Small, Signers(core, carried));
                return $"Polka {carried["value"].Text}@{carried["round"].Small}";
            case "InCommit":
                core.HearCommit(carried["round"].Small, carried["value"].Text, Signers(core, carried));
                return $"Commit {carried["value"].Text}@{carried["round"].Small}";
            case "InContent":
                Content(name, core, carried.Text, model, isProposal: false);
                return $"Content {carried.Text}";
            case "InBuilt":
                _contents[name].Add(carried.Text);
                core.Content(carried.Text, core.Round);
                return $"Built {carried.Text}";
            case "InTimeout":
                IReadOnlyList<ItfValue> timer = carried.Tuple(2);
                TimeoutKind kind = TimerOf(timer[0]);
                core.Elapse(kind, timer[1].Small);
                return $"{kind} timeout@{timer[1].Small}";
            default:
                throw input.Fault($"'{input.Tag}' is no input of docs/protocol/quint/machine.qnt");
        }
    }

    private static string Known(ReplayCore core, ItfValue validator) =>
        core.Knows(NameOf(validator)) ? NameOf(validator) : throw validator.Fault("no validator has this number");

    private static IEnumerable<string> Signers(ReplayCore core, ItfValue certificate) =>
        certificate["signers"].Items.Select(signer => Known(core, signer));

    private static TimeoutKind TimerOf(ItfValue timer) => timer.Tag switch
    {
        "ProposeTimer" => TimeoutKind.Propose,
        "PrevoteTimer" => TimeoutKind.Prevote,
        "PrecommitTimer" => TimeoutKind.Precommit,
        string other => throw timer.Fault($"'{other}' is no timer of docs/protocol/quint/machine.qnt"),
    };

    // The model says who computed another result: content that is here, neither bad nor judged, and no polka has settled it.
    private void Content(string name, ReplayCore core, string value, ItfValue model, bool isProposal)
    {
        if (value == Differing && !Texts(model["judged"]).Contains(Differing))
        {
            _odd.Add(name);
        }

        bool isNew = _contents[name].Add(value);
        if (isNew || !isProposal)
        {
            core.Content(value);
        }

        if (value == Bad || (value == Differing && _odd.Contains(name)))
        {
            core.Judge(value, Rounds.Nil, value == Bad ? Judgement.Invalid : Judgement.Unknown);
        }
        else
        {
            core.Judge(value, Rounds.Nil, Judgement.Valid);
        }
    }

    // verdicts and signatures come at once; a polka settles a differing result (consensus N10)
    private void Settle(string name)
    {
        ReplayCore core = _cores[name];
        for (int i = 0; i < core.Effects.Count; i++)
        {
            core.Answer((value, fresh) => value == Bad ? Judgement.Invalid
                : fresh >= 0 && value == Differing && _odd.Contains(name) ? Judgement.Unknown
                : _contents[name].Contains(value) ? Judgement.Valid : Judgement.None);
            switch (core.Effects[i])
            {
                case Effect.SignVote vote:
                    _signed[name].Add(ReplayCore.Words(vote.Vote.Type, vote.Vote.Round, core.NameOf(vote.Vote.Value))
                        + $" vr {vote.Vote.ValidRound}");
                    core.Own(vote.Vote);
                    break;
                case Effect.SignProposal proposal:
                    _signed[name].Add(ReplayCore.ProposalWords(proposal.Proposal.Round, core.NameOf(proposal.Proposal.Value)!,
                        proposal.Proposal.ValidRound));
                    core.Own(proposal.Proposal);
                    break;
                case Effect.Schedule { Kind: not TimeoutKind.Rebroadcast } timer:
                    _timers[name].Add(ReplayCore.TimerWords(timer.Kind.ToString(), timer.Round));
                    break;
                default:
                    break;
            }
        }

        core.Forget();
    }

    private static string Short(ReplayCore core) =>
        core.Decision is { } decision ? $"decided {decision}"
            : $"{core.State.Step} lock {core.LockedValue ?? "-"}@{core.State.LockedRound}";

    private string Describe(string name, ReplayCore core) => string.Join('\n',
    [
        Standing.Of(core).ToString(), $"decision {core.Decision ?? Nil}", .. _signed[name], .. _timers[name],
        .. core.State.Evidence.Select(evidence =>
            $"accuses {core.NameOf(evidence.Validator)} of {evidence.Kind}").Order(StringComparer.Ordinal),
    ]);

    private static string Describe(ItfValue node)
    {
        string phase = node["phase"].Tag switch
        {
            "Propose" or "Decided" => node["phase"].Tag,
            "PrevoteStep" => "Prevote",
            "PrecommitStep" => "Precommit",
            string other => throw node["phase"].Fault($"'{other}' is no phase of docs/protocol/quint/machine.qnt"),
        };
        Standing standing = new(node["round"].Small, phase, node["lockedRound"].Small, ValueOf(node["lockedValue"]),
            node["validRound"].Small,
            ValueOf(node["validValue"]));
        return string.Join('\n',
        [
            standing.ToString(), $"decision {node["decision"].Text}",
            .. node["sentVotes"].Items.Select(static vote => $"{ReplayCore.Words(ModelWords.VoteTypeOf(vote["kind"]), vote["round"].Small,
                ValueOf(vote["value"]))} vr {vote["vr"].Small}").Concat(node["sentProposals"].Items.Select(static proposal =>
                    ReplayCore.ProposalWords(proposal["round"].Small, proposal["value"].Text,
                        proposal["vr"].Small))).Order(StringComparer.Ordinal),
            .. node["timers"].Items.Select(static timer => ReplayCore.TimerWords(TimerOf(timer.Tuple(2)[0]).ToString(),
                timer.Tuple(2)[1].Small))
                .Order(StringComparer.Ordinal),
            .. node["accused"].Items.Select(static one =>
                $"accuses {NameOf(one.Tuple(2)[0])} of {one.Tuple(2)[1].Tag}").Order(StringComparer.Ordinal),
        ]);
    }

    private static HashSet<string> Texts(ItfValue set) => [.. set.Items.Select(static item => item.Text)];

    private static (string One, string Other) Difference(string theirs, string ours)
    {
        string[] left = theirs.Split('\n');
        string[] right = ours.Split('\n');
        return (string.Join("; ", left.Except(right)) is { Length: > 0 } one ? one : "nothing more",
            string.Join("; ", right.Except(left)) is { Length: > 0 } other ? other : "nothing more");
    }
}
