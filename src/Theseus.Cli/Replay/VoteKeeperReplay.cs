using Theseus.Consensus;

namespace Theseus.Cli.Replay;

/// <summary>
/// Replays the vote keeper: variables <c>bookkeeper</c>, <c>weightedVote</c>, <c>lastEmitted</c>. The core keeps votes to act on them, so
/// what it does tells what it counted: a timer, a nil precommit, a polka or commit certificate, a new round, evidence. It has no content
/// of any value and so neither locks nor decides. Its own weight is too small to tip a sum. A step names the round that the keeper is in;
/// there is one core for each such round, which is told the earlier votes of a round when the first of them is for it.
/// </summary>
internal sealed class VoteKeeperReplay
{
    private const string Self = "(self)";

    /// <summary>The factor by which weights are raised, so that this node's own weight of 1 tips no sum.</summary>
    private const ulong Scale = 1_000;

    private const int HighestRound = 1_000;
    private const long HighestWeight = 1L << 40;

    private readonly List<ReplayRow> _rows = [];
    private readonly Dictionary<int, Keeper> _keepers = []; // looked up by the current round
    private readonly Dictionary<int, List<ModelVote>> _history = [];

    public static ReplayResult Replay(ItfTrace trace)
    {
        VoteKeeperReplay replay = new();
        for (int i = 0; i < trace.States.Count; i++)
        {
            ItfValue given = trace.Of(i, "weightedVote");
            if (given.Tag == "NoWeightedVote")
            {
                replay._keepers.Clear(); // the initial state
                replay._history.Clear();
            }
            else if (given.Tag != "WV")
            {
                throw given.Fault($"'{given.Tag}' is no weighted vote; known are NoWeightedVote and WV");
            }
            else if (i == 0)
            {
                throw given.Fault("a trace of the vote keeper begins with NoWeightedVote");
            }
            else if (trace.Of(i - 1, "weightedVote").Raw != given.Raw || trace.Of(i - 1, "bookkeeper").Raw != trace.Of(i,
                "bookkeeper").Raw
                || trace.Of(i - 1, "lastEmitted").Raw != trace.Of(i, "lastEmitted").Raw)
            {
                replay.Step(trace, i, given.Carried);
            }
        }

        return new ReplayResult("vote keeper", trace.Prefix, replay._rows);
    }

    private void Step(ItfTrace trace, int index, ItfValue given)
    {
        IReadOnlyList<ItfValue> parts = given.Tuple(3);
        ModelVote vote = ModelVote.Read(parts[0]);
        int current = parts[2].Small;
        if (current is < 0 or > HighestRound || vote.Round > HighestRound)
        {
            throw given.Fault($"rounds from 0 to {HighestRound} are replayed");
        }

        if (!_keepers.TryGetValue(current, out Keeper? keeper))
        {
            keeper = new Keeper(Create(trace.Of(index, "bookkeeper")), current);
            _keepers.Add(current, keeper);
        }

        if (!_history.TryGetValue(vote.Round, out List<ModelVote>? history))
        {
            history = [];
            _history.Add(vote.Round, history);
        }

        keeper.CatchUp(vote.Round, history);
        history.Add(vote);
        Told told = keeper.Take(vote);
        ItfValue emitted = trace.Of(index, "lastEmitted");
        string model = ModelOutputOf(emitted);
        List<Accepted> accepted = [];
        bool agrees = Compare(emitted, model, vote, keeper, told, accepted);
        string doubled = Doubled(trace, index, vote, keeper.Core);
        if (doubled.Length > 0)
        {
            (agrees, accepted) = (false, []);
        }

        _rows.Add(new ReplayRow(index, vote.Voter, $"{vote.Words} in round {current}", model.Length == 0 ? "nothing" : model,
            string.Join(", ", told.Words) + doubled, agrees ? [] : accepted, agrees));
        if (keeper.Core.Round != current)
        {
            _keepers.Remove(current); // it has skipped; the model's keeper stays
        }
    }

    private static ReplayCore Create(ItfValue bookkeeper)
    {
        long height = bookkeeper["height"].Number;
        if (height is < 0 or > int.MaxValue)
        {
            throw bookkeeper["height"].Fault("a height below 0 or above 2^31");
        }

        List<(string Name, ulong Power)> members = [(Self, 1)];
        foreach ((ItfValue name, ItfValue weight) in bookkeeper["validatorSet"].Pairs)
        {
            if (weight.Number is < 0 or > HighestWeight)
            {
                throw weight.Fault("a weight below 0 or above 2^40");
            }

            if (weight.Number > 0)
            {
                members.Add((name.Text, (ulong)weight.Number * Scale));
            }
        }

        // who proposes does not matter here: ids in the order of names
        SortedDictionary<string, ValidatorId> ids = new(StringComparer.Ordinal);
        foreach ((string name, ulong _) in members)
        {
            if (!ids.TryAdd(name, ReplayCore.IdOf(ids.Count)))
            {
                throw bookkeeper["validatorSet"].Fault($"'{name}' stands twice");
            }
        }

        if (ValidatorSet.TryCreate(members.Select(member => new Validator(ids[member.Name], new ByteString(ids[member.Name].ToArray()),
            member.Power)), default, out ValidatorSetFault fault) is not { } set)
        {
            throw bookkeeper["validatorSet"].Fault($"not a set of validators: {fault}");
        }

        return new ReplayCore((ulong)height + 1, set, ids, Self);
    }

    private static string ModelOutputOf(ItfValue emitted)
    {
        ItfValue carried = emitted.TryField("value") ?? emitted;
        return emitted.Tag switch
        {
            "NoVKOutput" => "",
            "PolkaAnyVKOutput" or "PolkaNilVKOutput" or "PrecommitAnyVKOutput" or "SkipVKOutput" =>
                $"{emitted.Tag[..^"VKOutput".Length]}@{carried.Small}",
            "PolkaValueVKOutput" or "PrecommitValueVKOutput" =>
                $"{emitted.Tag[..^"ValueVKOutput".Length]} {carried.Tuple(2)[1].Text}@{carried.Tuple(2)[0].Small}",
            string other => throw emitted.Fault($"'{other}' is no output of the vote keeper that this program knows: the trace is of "
                + "another variant of the model"),
        };
    }

    private static bool Compare(ItfValue emitted, string model, ModelVote vote, Keeper keeper, Told told, List<Accepted> accepted)
    {
        string kind = emitted.Tag;
        string any = $"PolkaAny@{vote.Round}";
        // what a threshold brings with it: a polka and a commit are more than 2/3 of any votes too
        HashSet<string> news = [.. told.News];
        bool value = kind is "PolkaValueVKOutput" or "PrecommitValueVKOutput";
        if (value)
        {
            news.Remove(kind == "PolkaValueVKOutput" ? any : $"PrecommitAny@{vote.Round}");
        }

        if (model.Length == 0 ? news.Count == 0 : news.Count == 1 && news.Contains(model))
        {
            return true;
        }

        bool past = vote.Round < keeper.Core.Round;
        if (kind == "SkipVKOutput" && news.Count == 0 && keeper.Core.Round >= vote.Round)
        {
            accepted.Add(Accepted.SkipOnce);
        }
        else if (kind is "PolkaAnyVKOutput" or "PolkaNilVKOutput" or "PrecommitAnyVKOutput" && news.Count == 0 && past)
        {
            accepted.Add(Accepted.PastRound);
        }
        else if (kind is "PolkaAnyVKOutput" or "PrecommitAnyVKOutput" && news.Count == 0 && keeper.Has(vote.Type, vote.Round))
        {
            accepted.Add(Accepted.Stronger);
        }

        return false;
    }

    // whom the model has evidence of double votes against, the core has too
    private static string Doubled(ItfTrace trace, int index, ModelVote vote, ReplayCore core)
    {
        bool model = trace.Of(index, "bookkeeper")["evidence"].Items.Any(pair =>
            pair.Items.Any(one => one["srcAddress"].Text == vote.Voter && one["round"].Small == vote.Round
                && ModelWords.VoteTypeOf(one["voteType"]) == vote.Type));
        bool found = core.Knows(vote.Voter) && core.HasDoubleVote(vote.Voter);
        return model && !found ? "; no evidence of the double vote" : "";
    }

    private sealed record Told(IReadOnlyList<string> News)
    {
        public IReadOnlyList<string> Words => News.Count == 0 ? ["nothing"] : News;
    }

    /// <summary>A core in a round, in step prevote.</summary>
    private sealed class Keeper
    {
        private readonly Dictionary<int, int> _heard = []; // votes of each round, by the history's count
        private readonly HashSet<string> _told = [];

        public Keeper(ReplayCore core, int round)
        {
            Core = core;
            core.Start();
            for (int q = 0; q < round; q++)
            {
                core.Elapse(TimeoutKind.Precommit, q);
            }

            core.Elapse(TimeoutKind.Propose, round); // its own nil prevote stays with the host
            core.Forget();
        }

        public ReplayCore Core { get; }

        /// <summary>Whether any threshold of that kind was told in that round.</summary>
        public bool Has(VoteType type, int round)
        {
            string kind = type == VoteType.Prevote ? "Polka" : "Precommit";
            return _told.Any(word => word.StartsWith(kind, StringComparison.Ordinal) && word.EndsWith($"@{round}",
                StringComparison.Ordinal));
        }

        public void CatchUp(int round, List<ModelVote> history)
        {
            int from = _heard.GetValueOrDefault(round);
            for (int i = from; i < history.Count; i++)
            {
                Hear(history[i]);
            }

            _heard[round] = history.Count + 1; // and the vote that follows
        }

        public Told Take(ModelVote vote) => new(Hear(vote));

        private List<string> Hear(ModelVote vote)
        {
            int round = Core.Round;
            bool polka = vote.Value is not null && Core.State.HasPolka(vote.Round, Core.Id(vote.Value)!.Value);
            bool commit = Core.State.Commit is not null;
            Core.Forget();
            if (Core.Knows(vote.Voter))
            {
                Core.Hear(Core.Sign(vote.Type, vote.Voter, vote.Round, vote.Value));
            }

            List<string> news = [];
            if (Core.Round != round)
            {
                news.Add($"Skip@{Core.Round}");
                _told.UnionWith(news);
                return news; // what the votes lead to in the new round is told when the model's keeper is there
            }

            if (vote.Value is not null && !polka && Core.State.HasPolka(vote.Round, Core.Id(vote.Value)!.Value))
            {
                news.Add($"Polka {vote.Value}@{vote.Round}");
            }

            if (!commit && Core.State.Commit is { } certificate)
            {
                news.Add($"Precommit {Core.NameOf(certificate.Value)}@{certificate.Round}");
            }

            foreach (Effect effect in Core.Effects)
            {
                switch (effect)
                {
                    case Effect.Report { Kind: ReportKind.ConflictingCommits } conflict:
                        news.Add($"Precommit {vote.Value}@{conflict.Round}");
                        break;
                    case Effect.SignVote { Vote: { Type: VoteType.Precommit, Value: null } nil }:
                        news.Add($"PolkaNil@{nil.Round}");
                        break;
                    case Effect.Schedule { Kind: TimeoutKind.Prevote } timer:
                        news.Add($"PolkaAny@{timer.Round}");
                        break;
                    case Effect.Schedule { Kind: TimeoutKind.Precommit } timer:
                        news.Add($"PrecommitAny@{timer.Round}");
                        break;
                    default:
                        break;
                }
            }

            _told.UnionWith(news);
            return news;
        }
    }
}

/// <summary>A vote of the public models.</summary>
internal sealed record ModelVote(VoteType Type, string Voter, long Height, int Round, string? Value)
{
    public string Words => $"{Type} {Value ?? "nil"}@{Round}";

    public static ModelVote Read(ItfValue vote) => new(ModelWords.VoteTypeOf(vote["voteType"]), vote["srcAddress"].Text,
        vote["height"].Number,
        vote["round"].Small >= 0 ? vote["round"].Small : throw vote["round"].Fault("a round below 0"),
            ModelWords.ValueOf(vote["valueId"]));
}
