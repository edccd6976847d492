using System.Globalization;
using Theseus.Consensus;

namespace Theseus.Cli.Replay;

/// <summary>
/// Replays the round machine: variables <c>state</c>, <c>input</c>, <c>output</c>. Its inputs are conclusions ("a proposal and a polka
/// for
/// it"), the core's are messages, so nine other validators are played who send what such a conclusion follows from. The core goes on from
/// step to step while both agree; where the model's next state is one that those messages do not lead to (it forgets what it refuses, and
/// its random inputs contradict each other), a new core is brought to that state by messages first.
/// </summary>
internal sealed class RoundMachineReplay
{
    private const int Others = 9;
    private const int Quorum = 7;
    private const int MoreThanAThird = 4;

    /// <summary>A core goes through all rounds below: models name a handful.</summary>
    private const int HighestRound = 1_000;

    private const string Self = "self";
    private readonly List<ReplayRow> _rows = [];
    private readonly HashSet<string> _started = []; // timers that this core has asked for
    private ReplayCore? _core;
    private int _entered = Rounds.Nil; // by the core, and not yet by the model
    private bool _stale; // the core knows more than the model
    private (int Round, string Value)? _decision;

    public static ReplayResult Replay(ItfTrace trace)
    {
        RoundMachineReplay replay = new();
        for (int i = 0; i < trace.States.Count; i++)
        {
            bool repeated = i > 0 && Same(trace, i);
            if (!repeated)
            {
                replay.Step(trace, i);
            }
        }

        return new ReplayResult("round machine", trace.Prefix, replay._rows);
    }

    // expectations in a test repeat the state
    private static bool Same(ItfTrace trace, int i) => trace.Of(i, "state").Raw == trace.Of(i - 1, "state").Raw
        && trace.Of(i, "input").Raw == trace.Of(i - 1, "input").Raw && trace.Of(i, "output").Raw == trace.Of(i - 1, "output").Raw;

    private static string Other(int place) => "o" + place.ToString(CultureInfo.InvariantCulture);

    private static IEnumerable<string> Voters(int from, int count) => Enumerable.Range(from, count).Select(Other);

    private void Step(ItfTrace trace, int index)
    {
        ItfValue input = trace.Of(index, "input");
        ModelState after = ModelState.Read(trace.Of(index, "state"));
        if (input.Tag == "NoConsensusInput")
        {
            (_core, _entered, _stale, _decision) = (null, Rounds.Nil, true, null);
            return; // the initial state of a height
        }

        if (index == 0)
        {
            throw input.Fault("a trace of the round machine begins with NoConsensusInput");
        }

        ModelState before = ModelState.Read(trace.Of(index - 1, "state"));
        RoundInput given = RoundInput.Read(input);
        ModelOutput output = ModelOutput.Read(trace.Of(index, "output"));
        if (int.Max(int.Max(before.Round, after.Round), given.Round) > HighestRound)
        {
            throw input.Fault($"rounds above {HighestRound} are not replayed");
        }

        List<Accepted> accepted = before.IsOfNoRound ? [Accepted.Unreachable] : [];
        string core;
        bool agrees;
        if (before.Round < 0 && before.Step != "Decided"
            && given.Kind is not ("NewRound" or "NewRoundProposer" or "RoundSkip" or "ProposalAndCommitAndValid"))
        {
            agrees = output.Words.Length == 0 && after.Standing == before.Standing;
            core = "not begun";
            accepted.Add(Accepted.NotBegun);
            _stale = true;
        }
        else
        {
            (agrees, core) = given.Kind is "NewRound" or "NewRoundProposer" ? Begin(before, after, given, output, accepted)
                : Take(before, after, given, output, accepted);
        }

        string model = output.Words.Length > 0 ? output.Words : output.Refused ? "refused" : "nothing";
        _rows.Add(new ReplayRow(index, before.Process, given.Words, model, core, agrees ? [] : accepted, agrees));
    }

    private (bool Agrees, string Core) Begin(ModelState before, ModelState after, RoundInput given, ModelOutput output,
        List<Accepted> accepted)
    {
        bool proposes = given.Kind == "NewRoundProposer";
        if (output.Refused)
        {
            // there is no such input to the core, and nothing that it could do wrong
            accepted.Add(Accepted.Enters);
            return (after.Standing == before.Standing, "enters by itself");
        }

        if (_core is null || _entered != given.Round || _core.Set.Proposer(_core.State.Height,
            given.Round).Id == _core.State.Self != proposes)
        {
            // with a set in which this validator proposes in that round, or does not
            Place(before with { Round = given.Round, Step = "Propose" }, given.Round, proposes);
        }

        ReplayCore core = _core!;
        _entered = Rounds.Nil;
        _decision = null;
        string[] said = [.. core.Timers().Where(timer => timer == ReplayCore.TimerWords("Propose", given.Round)), .. core.Proposals(),
            .. core.Effects.OfType<Effect.AskValue>().Where(ask => ask.Round == given.Round).Select(static ask => "GetValue@"
                + ask.Round)];
        string[] expected = output.Kind switch
        {
            "Timeout" => [ReplayCore.TimerWords("Propose", given.Round)],
            "GetValue" => [ReplayCore.TimerWords("Propose", given.Round), "GetValue@" + given.Round],
            "Proposal" => [ReplayCore.TimerWords("Propose", given.Round), output.Words],
            _ => [output.Words],
        };
        Standing standing = Standing.Of(core);
        core.Forget();
        if (said.SequenceEqual(expected) && standing == after.Standing)
        {
            return (true, string.Join(", ", said));
        }

        (string _, string differs) = Standing.Difference(after.Standing, standing);
        _stale = true;
        return (false, Joined(said, differs));
    }

    private (bool Agrees, string Core) Take(ModelState before, ModelState after, RoundInput given, ModelOutput output,
        List<Accepted> accepted)
    {
        bool unstarted = before.Step == "Unstarted";
        bool builds = given.Kind == "ProposeValue";
        if (_core is null || _stale || unstarted || Standing.Of(_core) != before.Standing
            || (builds && _core.Set.Proposer(_core.State.Height, before.Round).Id != _core.State.Self))
        {
            Place(before, before.Round, builds ? true : null);
        }

        ReplayCore core = _core!;
        Standing from = Standing.Of(core);
        if (from != before.Standing && !unstarted && before.Step != "NoStep")
        {
            // only what messages cannot lead to may begin otherwise
            bool unreachable = before.LockedRound > before.ValidRound || (before.Step is "Prevote" or "Propose"
                && before.ValidRound == before.Round);
            if (unreachable)
            {
                accepted.Add(Accepted.Unreachable);
            }
        }

        core.Forget();
        HashSet<string> timers = [.. _started];
        Feed(core, before, given);
        string[] begun = [.. core.Timers().Where(static timer => !timer.StartsWith("Propose", StringComparison.Ordinal))];
        _started.UnionWith(begun);
        string[] proposals = output.Kind == "Skip" ? []
            : [.. core.Proposals()]; // on a skip they are compared when the model starts the round
        string[] said = [.. core.Votes(), .. proposals, .. Decision(core), .. begun];
        Standing to = Standing.Of(core);
        string[] expected = output.Words.Length == 0 || output.Kind is "Skip" ? [] : [output.Words];
        Standing wanted = output.Kind == "Skip" ? before.Standing with { Round = output.Round, Step = "Propose" }
            : output.Refused || after.Standing == before.Standing ? from
            : unstarted || before.Step == "NoStep" ? after.Standing with { Round = from.Round } : after.Standing;
        bool agrees = said.SequenceEqual(expected) && Matches(to, wanted, output);
        _entered = output.Kind == "Skip" && agrees ? output.Round : Rounds.Nil;
        _decision = output.Kind == "Decided" ? (output.Round, output.Value!) : _decision;
        _stale = output.Refused || !agrees || unstarted || given.Kind == "RoundSkip";
        if (agrees && accepted.Count == 0)
        {
            return (true, said.Length > 0 ? string.Join(", ", said) : output.Kind == "Skip" ? $"enters {core.Round}" : "nothing");
        }

        if (!agrees && accepted.Count == 0)
        {
            Explain(before, given, output, (from, to, wanted), (said, expected, timers), accepted);
        }

        (string _, string differs) = Standing.Difference(wanted, to);
        return (agrees, Joined(said, differs));
    }

    private static bool Matches(Standing to, Standing wanted, ModelOutput output) =>
        output.Kind == "Decided" ? to.Step == "Decided" && to.LockedRound == wanted.LockedRound && to.ValidRound == wanted.ValidRound
        : to == wanted;

    private static IEnumerable<string> Decision(ReplayCore core) =>
        core.Effects.OfType<Effect.Decide>().Select(decide => ModelOutput.DecidedWords(decide.Certificate.Round,
            core.NameOf(decide.Certificate.Value)!));

    private static string Joined(IReadOnlyList<string> said, string differs) =>
        said.Count == 0 ? differs.Length == 0 ? "nothing" : differs : differs.Length == 0 ? string.Join(", ", said)
        : string.Join(", ", said) + "; " + differs;

    // A core that stands where the model does, by messages that lead there. The effects of entering the round stay.
    private void Place(ModelState at, int round, bool? proposes)
    {
        ReplayCore core = Create(at.Height, round, proposes);
        _core = core;
        _started.Clear();
        (_stale, _entered) = (false, Rounds.Nil);
        core.Start();
        for (int q = 0; q < round; q++)
        {
            Hold(core, at, q);
            core.Forget();
            core.Elapse(TimeoutKind.Precommit, q);
        }

        if (round < 0 || at.Step == "Propose")
        {
            Hold(core, at, round);
            Decide(core, at);
            return;
        }

        core.Elapse(TimeoutKind.Propose, round);
        if (at.Step != "Prevote" && at.LockedRound != round)
        {
            core.Elapse(TimeoutKind.Prevote, round);
            }

        Hold(core, at, round);
        Decide(core, at);
        core.Forget();
    }

    private void Decide(ReplayCore core, ModelState at)
    {
        if (at.Step == "Decided" && _decision is { } decision)
        {
            core.Content(decision.Value);
            core.HearCommit(decision.Round, decision.Value, Voters(1, Quorum));
        }
    }

    // an own precommit is a lock, also when what led to it was lost (consensus N14); a polka raises the valid value (N2)
    private static void Hold(ReplayCore core, ModelState at, int round)
    {
        if (round == at.LockedRound && round >= 0)
        {
            core.Own(core.Sign(VoteType.Precommit, Self, round, at.LockedValue));
        }

        if (round == at.ValidRound && round >= 0 && at.ValidValue is { } valid)
        {
            Polka(core, round, valid);
        }
    }

    private static ReplayCore Create(long height, int round, bool? proposes)
    {
        SortedDictionary<string, ValidatorId> ids = new(StringComparer.Ordinal) { { Self, ReplayCore.IdOf(0) } };
        foreach (string other in Voters(1, Others))
        {
            ids.Add(other, ReplayCore.IdOf(ids.Count));
        }

        ulong core = (ulong)height + 1;
        for (int attempt = 0; ; attempt++)
        {
            byte[] seed = new byte[ValueId.Length];
            BitConverter.TryWriteBytes(seed, attempt);
            ValidatorSet set = ValidatorSet.Create(
                ids.Values.Select(static (id, i) => new Validator(id, new ByteString([(byte)i, 7]), 1)), new ValueId(seed));
            if (proposes is null || set.Proposer(core, round).Id == ids[Self] == proposes)
            {
                return new ReplayCore(core, set, ids, Self); // one order of ten has this validator at a place
            }
        }
    }

    private static void Polka(ReplayCore core, int round, string value)
    {
        core.Content(value);
        core.Judge(value, Rounds.Nil, Judgement.Valid);
        core.HearPolka(round, value, Rounds.Nil, Voters(1, Quorum));
    }

    // The model counts no votes, so the core's own stay with the host: they would tip sums that the others' votes make.
    private static void Feed(ReplayCore core, ModelState before, RoundInput given)
    {
        int round = int.Max(before.Round, 0);
        switch (given.Kind)
        {
            case "ProposeValue":
                core.Content(given.Value!, round);
                break;
            case "Proposal":
                core.Hear(core.ProposerOf(round), round, given.Value!, Rounds.Nil);
                core.Content(given.Value!);
                core.Answer(static (_, _) => Judgement.Valid);
                break;
            case "ProposalInvalid":
                Invalid(core, round, "invalid", Rounds.Nil);
                break;
            case "ProposalAndPolkaAndInvalid":
                if (round > 0)
                {
                    core.HearPolka(round - 1, given.Value + " (invalid)", Rounds.Nil, Voters(1, Quorum));
                }

                Invalid(core, round, given.Value + " (invalid)", round - 1);
                break;
            case "ProposalAndPolkaPreviousAndValid":
                if (given.ValidRound >= 0 && given.ValidRound < round)
                {
                    Polka(core, given.ValidRound, given.Value!);
                }

                core.Hear(core.ProposerOf(round), round, given.Value!, given.ValidRound);
                core.Answer(static (_, _) => Judgement.Valid);
                break;
            case "PolkaNil":
                Votes(core, VoteType.Prevote, round, [.. Voters(1, 5), .. Voters(8, 2)]);
                break;
            case "PolkaAny":
                Mixed(core, VoteType.Prevote, round);
                break;
            case "PrecommitAny":
                Mixed(core, VoteType.Precommit, round);
                break;
            case "ProposalAndPolkaAndValid":
                Polka(core, round, given.Value!);
                break;
            case "ProposalAndCommitAndValid":
                core.Content(given.Value!);
                core.HearCommit(given.Round, given.Value!, Voters(1, Quorum));
                break;
            case "RoundSkip":
                Votes(core, VoteType.Prevote, given.Round, Voters(6, MoreThanAThird));
                break;
            default:
                core.Take(new Input.TimeoutElapsed(given.Timeout, (ulong)given.Height + 1, given.Round));
                break;
        }

    }

    private static void Invalid(ReplayCore core, int round, string value, int validRound)
    {
        core.Hear(core.ProposerOf(round), round, value, validRound);
        core.Answer(static (_, _) => Judgement.Invalid);
    }

    private static void Votes(ReplayCore core, VoteType type, int round, IEnumerable<string> voters)
    {
        foreach (string voter in voters)
        {
            core.Hear(core.Sign(type, voter, round, null));
        }
    }

    // more than 2/3 of votes, and no value among them has a quorum with those that are left
    private static void Mixed(ReplayCore core, VoteType type, int round)
    {
        Votes(core, type, round, Voters(1, 5));
        core.Hear(core.Sign(type, Other(6), round, "one value"));
        core.Hear(core.Sign(type, Other(7), round, "another value"));
    }

    // every part of a difference must be one that is wanted
    private static void Explain(ModelState before, RoundInput given, ModelOutput output, (Standing From, Standing To,
        Standing Wanted) standing,
        (string[] Said, string[] Expected, HashSet<string> Started) told, List<Accepted> accepted)
    {
        (Standing from, Standing to, Standing wanted) = standing;
        if (before.Step == "Decided")
        {
            if (to == from && told.Said.Length == 0)
            {
                accepted.Add(Accepted.Decided);
            }

            return;
        }

        if (given.Kind == "ProposalAndPolkaAndInvalid" && before.Step != "Propose" && to == from && told.Said.Length == 0)
        {
            accepted.Add(Accepted.LateInvalid);
            return;
        }

        bool explained = true;
        if (!told.Said.SequenceEqual(told.Expected))
        {
            bool escaped = output.Kind == "Vote" && given.Value == before.LockedValue && before.LockedRound > given.ValidRound
                && told.Said.SequenceEqual([ReplayCore.Words(VoteType.Prevote, before.Round, null)]);
            bool once = output.Kind == "Timeout" && told.Said.Length == 0 && told.Started.Contains(output.Words);
            bool built = given.Kind == "ProposeValue" && told.Said.SequenceEqual([before.ValidValue is { } valid
                ? ReplayCore.ProposalWords(before.Round, valid, before.ValidRound) : ReplayCore.ProposalWords(before.Round, given.Value!,
                    Rounds.Nil)]);
            Accepted? why = escaped ? Accepted.Strict : once ? Accepted.Once : built ? Accepted.Built : null;
            explained = why is not null;
            if (why is not null)
            {
                accepted.Add(why);
            }
        }

        Standing rest = to;
        if ((to.ValidRound, to.ValidValue) != (wanted.ValidRound, wanted.ValidValue))
        {
            int polka = given.Kind == "ProposalAndPolkaPreviousAndValid" ? given.ValidRound : before.Round;
            bool raised = given.Kind is "ProposalAndPolkaPreviousAndValid" or "ProposalAndPolkaAndValid" && to.ValidRound == polka
                && to.ValidValue == given.Value && polka > from.ValidRound && polka <= from.Round;
            bool two = given.Kind == "ProposalAndPolkaAndValid" && wanted.ValidRound == from.ValidRound
                && to.ValidRound == from.ValidRound
                && to.ValidValue == from.ValidValue;
            explained &= raised || two;
            accepted.AddRange(raised ? [Accepted.ValidValue] : two ? [Accepted.TwoPolkas] : []);
            rest = to with { ValidRound = wanted.ValidRound, ValidValue = wanted.ValidValue };
        }

        if (!explained || rest != wanted)
        {
            accepted.Clear();
        }
    }
}
