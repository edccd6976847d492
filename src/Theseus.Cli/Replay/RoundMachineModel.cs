using System.Globalization;
using Theseus.Consensus;

namespace Theseus.Cli.Replay;

/// <summary>Words that the public models have in common.</summary>
internal static class ModelWords
{
    public static string? ValueOf(ItfValue value) => value.Tag switch
    {
        "Nil" => null,
        "Val" => value.Carried.Text,
        string other => throw value.Fault($"'{other}' is no value; known are Nil and Val"),
    };

    public static string StepOf(ItfValue step) => step.Tag switch
    {
        "NoStep" => "NoStep",
        "UnstartedStep" => "Unstarted",
        "ProposeStep" => nameof(Step.Propose),
        "PrevoteStep" => nameof(Step.Prevote),
        "PrecommitStep" => nameof(Step.Precommit),
        "CommitStep" => nameof(Step.Decided),
        string other => throw step.Fault(
            $"'{other}' is no step; known are NoStep, UnstartedStep, ProposeStep, PrevoteStep, PrecommitStep and CommitStep"),
    };

    public static TimeoutKind TimeoutOf(ItfValue timeout) => timeout.Tag switch
    {
        "ProposeTimeout" => TimeoutKind.Propose,
        "PrevoteTimeout" => TimeoutKind.Prevote,
        "PrecommitTimeout" => TimeoutKind.Precommit,
        string other => throw timeout.Fault($"'{other}' is no timeout; known are ProposeTimeout, PrevoteTimeout and PrecommitTimeout"),
    };

    public static VoteType VoteTypeOf(ItfValue type) => type.Tag switch
    {
        "Prevote" => VoteType.Prevote,
        "Precommit" => VoteType.Precommit,
        string other => throw type.Fault($"'{other}' is no kind of vote; known are Prevote and Precommit"),
    };

    public static int Round(ItfValue round) => round.Small;
}

/// <summary>A state of the round machine.</summary>
internal sealed record ModelState(
    string Process, long Height, int Round, string Step, int LockedRound, string? LockedValue, int ValidRound, string? ValidValue)
{
    public Standing Standing => new(Round, Step, LockedRound, LockedValue, ValidRound, ValidValue);

    /// <summary>A lock or a valid value of round -1: what the model comes to when it votes before the first round.</summary>
    public bool IsOfNoRound => (LockedRound < 0 && LockedValue is not null) || (ValidRound < 0 && ValidValue is not null);

    public static ModelState Read(ItfValue state)
    {
        long height = state["height"].Number;
        return height is < 0 or > int.MaxValue ? throw state["height"].Fault("a height below 0 or above 2^31")
            : new ModelState(state["p"].Text, height, state["round"].Small, ModelWords.StepOf(state["step"]), state["lockedRound"].Small,
                ModelWords.ValueOf(state["lockedValue"]), state["validRound"].Small, ModelWords.ValueOf(state["validValue"]));
    }
}

/// <summary>An input of the round machine.</summary>
internal sealed record RoundInput(string Kind, int Round, string? Value, int ValidRound, long Height, TimeoutKind Timeout)
{
    public string Words => Kind + Kind switch
    {
        "ProposalAndPolkaPreviousAndValid" => $"({Value}, {ValidRound})",
        "ProposalAndCommitAndValid" or "Proposal" => $"({Round}, {Value})",
        "PolkaNil" or "PolkaAny" or "PrecommitAny" or "ProposalInvalid" => "",
        "NewRound" or "NewRoundProposer" or "RoundSkip" or "TimeoutPropose" or "TimeoutPrevote" or "TimeoutPrecommit" => $"({Round})",
        _ => $"({Value})",
    };

    public static RoundInput Read(ItfValue input)
    {
        const string Suffix = "CInput";
        string kind = input.Tag.EndsWith(Suffix, StringComparison.Ordinal) ? input.Tag[..^Suffix.Length] : input.Tag;
        ItfValue carried = input.TryField("value") ?? input;
        RoundInput none = new(kind, Rounds.Nil, null, Rounds.Nil, 0, default);
        switch (kind)
        {
            case "NewRound" or "NewRoundProposer" or "RoundSkip":
                return none with { Round = Legal(carried) };
            case "ProposeValue":
                return none with { Value = carried.Text };
            case "Proposal":
                return none with { Round = carried.Tuple(2)[0].Small, Value = NotNil(carried.Tuple(2)[1]) };
            case "ProposalAndPolkaPreviousAndValid":
                return none with { Value = NotNil(carried.Tuple(2)[0]), ValidRound = carried.Tuple(2)[1].Small };
            case "ProposalInvalid" or "PolkaNil" or "PolkaAny" or "PrecommitAny":
                return none;
            case "ProposalAndPolkaAndValid":
                return none with { Value = NotNil(carried) };
            case "ProposalAndPolkaAndInvalid":
                return none with { Value = carried.TryField("tag") is null ? "value" : ModelWords.ValueOf(carried) ?? "nil" };
            case "ProposalAndCommitAndValid":
                return none with { Round = Legal(carried.Tuple(2)[0]), Value = carried.Tuple(2)[1].Text };
            case "TimeoutPropose" or "TimeoutPrevote" or "TimeoutPrecommit":
                TimeoutKind timeout = Enum.Parse<TimeoutKind>(kind["Timeout".Length..]);
                return none with { Timeout = timeout, Height = carried.Tuple(2)[0].Number, Round = carried.Tuple(2)[1].Small };
            default:
                throw input.Fault($"'{input.Tag}' is no input of the round machine that this program knows (from NewRoundCInput to "
                    + "TimeoutPrecommitCInput): the trace is of another variant of the model");
        }
    }

    private static int Legal(ItfValue round) => round.Small >= 0 ? round.Small : throw round.Fault("a round below 0");

    private static string NotNil(ItfValue value) => ModelWords.ValueOf(value) ?? throw value.Fault("expected a value, not Nil");
}

/// <summary>An output of the round machine.</summary>
internal sealed record ModelOutput(string Kind, string Words, int Round, string? Value)
{
    /// <summary>The model does not take the input in this state.</summary>
    public bool Refused => Kind == "Error";

    public static ModelOutput Read(ItfValue output)
    {
        ItfValue carried = output.TryField("value") ?? output;
        switch (output.Tag)
        {
            case "NoConsensusOutput":
                return new ModelOutput("None", "", Rounds.Nil, null);
            case "ErrorOutput":
                return new ModelOutput("Error", "", Rounds.Nil, null);
            case "VoteOutput":
                string? value = ModelWords.ValueOf(carried["valueId"]);
                return new ModelOutput("Vote", ReplayCore.Words(ModelWords.VoteTypeOf(carried["voteType"]), carried["round"].Small,
                    value),
                    carried["round"].Small, value);
            case "ProposalOutput":
                return new ModelOutput("Proposal", ReplayCore.ProposalWords(carried["round"].Small, carried["proposal"].Text,
                    carried["validRound"].Small), carried["round"].Small, carried["proposal"].Text);
            case "TimeoutOutput":
                int round = carried.Tuple(2)[0].Small;
                return new ModelOutput("Timeout", ReplayCore.TimerWords(ModelWords.TimeoutOf(carried.Tuple(2)[1]).ToString(), round),
                    round, null);
            case "GetValueAndScheduleTimeoutOutput":
                return new ModelOutput("GetValue", string.Create(CultureInfo.InvariantCulture, $"GetValue@{carried.Tuple(3)[1].Small}"),
                    carried.Tuple(3)[1].Small, null);
            case "DecidedOutput":
                return new ModelOutput("Decided", DecidedWords(carried.Tuple(2)[0].Small, carried.Tuple(2)[1].Text),
                    carried.Tuple(2)[0].Small,
                    carried.Tuple(2)[1].Text);
            case "SkipRoundOutput":
                return new ModelOutput("Skip", string.Create(CultureInfo.InvariantCulture, $"enters {carried.Small}"), carried.Small,
                    null);
            default:
                throw output.Fault($"'{output.Tag}' is no output of the round machine that this program knows: the trace is of another "
                    + "variant of the model");
        }
    }

    public static string DecidedWords(int round, string value) => string.Create(CultureInfo.InvariantCulture, $"decides {value}@{round}");
}
