using Theseus.Cli.Replay;

namespace Theseus.Cli.Tests.Specification;

/// <summary>Traces as the public models write them, made by hand from the models' rules, and files that are none.</summary>
public sealed class ReplayTests : IDisposable
{
    private const string Nil = """{"tag":"Nil","value":{"#tup":[]}}""";
    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Fact]
    public void ARoundThatLocksAndDecidesAgrees()
    {
        ReplayResult result = Machine(
            (State(-1, "NoStep"), Input("NoConsensusInput"), Output("NoConsensusOutput")),
            (State(0, "ProposeStep"), Input("NewRoundCInput", "0"), Timeout(0, "ProposeTimeout")),
            (State(0, "PrevoteStep"), Input("ProposalCInput", $$"""{"#tup":[0,{{Val("a")}}]}"""), Vote("Prevote", 0, Val("a"))),
            (State(0, "PrecommitStep", "a", 0, "a", 0), Input("ProposalAndPolkaAndValidCInput", Val("a")), Vote("Precommit", 0,
                Val("a"))),
            (State(0, "CommitStep", "a", 0, "a", 0), Input("ProposalAndCommitAndValidCInput", """{"#tup":[0,"a"]}"""),
                Output("DecidedOutput", """{"#tup":[0,"a"]}""")));
        Assert.Equal(4, result.Agreed);
        Assert.Equal(4, result.Rows.Count);
    }

    [Fact]
    public void TheStrictRuleIsTheOnlyDifferenceOfALockedValidator()
    {
        // the paper's line 23 lets the locked value through as a fresh proposal; N2 does not
        ReplayResult result = Machine(
            (State(-1, "NoStep"), Input("NoConsensusInput"), Output("NoConsensusOutput")),
            (State(0, "ProposeStep"), Input("NewRoundCInput", "0"), Timeout(0, "ProposeTimeout")),
            (State(0, "PrevoteStep"), Input("ProposalCInput", $$"""{"#tup":[0,{{Val("a")}}]}"""), Vote("Prevote", 0, Val("a"))),
            (State(0, "PrecommitStep", "a", 0, "a", 0), Input("ProposalAndPolkaAndValidCInput", Val("a")), Vote("Precommit", 0,
                Val("a"))),
            (State(0, "UnstartedStep", "a", 0, "a", 0), Input("TimeoutPrecommitCInput", """{"#tup":[1,0]}"""),
                Output("SkipRoundOutput", "1")),
            (State(1, "ProposeStep", "a", 0, "a", 0), Input("NewRoundCInput", "1"), Timeout(1, "ProposeTimeout")),
            (State(1, "PrevoteStep", "a", 0, "a", 0), Input("ProposalCInput", $$"""{"#tup":[1,{{Val("a")}}]}"""),
                Vote("Prevote", 1, Val("a"))));
        ReplayRow last = result.Rows[^1];
        Assert.Equal("strict", last.Verdict);
        Assert.Equal("Prevote nil@1", last.Core);
        Assert.Equal(0, result.Different);
        Assert.Equal(5, result.Agreed);
    }

    [Theory]
    [InlineData("Precommit", "a")] // another kind of vote
    [InlineData("Prevote", "b")] // another value
    public void AModelThatVotesOtherwiseIsADifference(string type, string value)
    {
        ReplayResult result = Machine(
            (State(-1, "NoStep"), Input("NoConsensusInput"), Output("NoConsensusOutput")),
            (State(0, "ProposeStep"), Input("NewRoundCInput", "0"), Timeout(0, "ProposeTimeout")),
            (State(0, "PrevoteStep"), Input("ProposalCInput", $$"""{"#tup":[0,{{Val("a")}}]}"""), Vote(type, 0, Val(value))));
        Assert.Equal(1, result.Different);
        Assert.Equal("DIFFERS", result.Rows[^1].Verdict);
    }

    [Theory]
    [InlineData("PolkaValueVKOutput", """{"#tup":[0,"a"]}""", 0)] // 60 + 10 of 100 are more than 2/3
    [InlineData("PolkaAnyVKOutput", "0", 1)]
    [InlineData("NoVKOutput", """{"#tup":[]}""", 1)]
    public void ThePolkaOfTheVoteKeeperIsTheCores(string tag, string value, int different)
    {
        const string Set = """{"#map":[["alice",60],["bob",30],["john",10]]}""";
        const string Keeper = $$$"""{"height":1,"validatorSet":{{{Set}}},"evidence":{"#set":[]}}""";
        string first = $$$"""{"tag":"WV","value":{"#tup":[{{{Message("Prevote", "alice", 0, Val("a"))}}},60,0]}}""";
        string second = $$$"""{"tag":"WV","value":{"#tup":[{{{Message("Prevote", "john", 0, Val("a"))}}},10,0]}}""";
        ReplayResult result = Read($$$$"""
            {"vars":[],"states":[
            {"bookkeeper":{{{{Keeper}}}},"weightedVote":{"tag":"NoWeightedVote","value":{"#tup":[]}},
            "lastEmitted":{"tag":"NoVKOutput","value":{"#tup":[]}}},
            {"bookkeeper":{{{{Keeper}}}},"weightedVote":{{{{first}}}},"lastEmitted":{"tag":"NoVKOutput","value":{"#tup":[]}}},
            {"bookkeeper":{{{{Keeper}}}},"weightedVote":{{{{second}}}},"lastEmitted":{"tag":"{{{{tag}}}}","value":{{{{value}}}} } }]}
            """);
        Assert.Equal(2, result.Rows.Count);
        Assert.Equal(different, result.Different);
    }

    [Theory]
    [InlineData("", "not JSON")]
    [InlineData("{}", "no list 'states'")]
    [InlineData("""{"states":[]}""", "'states' is empty")]
    [InlineData("""{"states":[3]}""", "state 0: expected a record")]
    [InlineData("""{"states":[{"queue":1}]}""", "not a trace of a model that is known")]
    [InlineData("""{"states":[{"state":1,"input":{"tag":"PolkaAnyCInput"},"output":2}]}""", "state 0: state: there is no field 'height'")]
    [InlineData("""{"states":[{"system":1,"_hist":2}]}""", "state 0: system: expected a map, not 1")]
    [InlineData("""{"states":[{"nodes":{"#map":[]},"last":1,"forged":1}]}""", "there is no correct validator")]
    [InlineData("""{"states":[{"bookkeeper":1,"weightedVote":{"tag":"Vote"},"lastEmitted":1}]}""", "'Vote' is no weighted vote")]
    public void WhatIsNoTraceIsSaidToBeNone(string text, string said)
    {
        File.WriteAllText(_file, text);
        Assert.Contains(said, Assert.Throws<TraceFault>(() => ReplayRun.Of(_file)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AnUnknownInputNamesItselfAndItsState()
    {
        TraceFault fault = Assert.Throws<TraceFault>(() => Machine(
            (State(-1, "NoStep"), Input("NoConsensusInput"), Output("NoConsensusOutput")),
            (State(0, "ProposeStep"), Input("VoteExtensionCInput", "0"), Timeout(0, "ProposeTimeout"))));
        Assert.StartsWith("state 1: input: 'VoteExtensionCInput' is no input of the round machine", fault.Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1000000000000")]
    [InlineData("""{"#bigint":"99999999999999999999999"}""")]
    [InlineData("5000")] // each round is gone through
    public void ARoundBeyondAllBoundsIsRefused(string round) => Assert.Throws<TraceFault>(() => Machine(
        (State(-1, "NoStep"), Input("NoConsensusInput"), Output("NoConsensusOutput")),
        (State(0, "ProposeStep"), Input("NewRoundCInput", round), Timeout(0, "ProposeTimeout"))));

    [Fact]
    public void ATestWithoutStateHasNothingToReplay()
    {
        File.WriteAllText(_file, """{"vars":[],"states":[{"#meta":{"index":0}}]}""");
        Assert.Empty(ReplayRun.Of(_file));
    }

    private static string Val(string value) => $$"""{"tag":"Val","value":"{{value}}"}""";

    private static string Input(string tag, string value = """{"#tup":[]}""") => $$"""{"tag":"{{tag}}","value":{{value}} }""";

    private static string Output(string tag, string value = """{"#tup":[]}""") => Input(tag, value);

    private static string Timeout(int round, string kind) =>
        Output("TimeoutOutput", $$$"""{"#tup":[{"#bigint":"{{{round}}}"},{"tag":"{{{kind}}}","value":{"#tup":[]}}]}""");

    private static string Vote(string type, int round, string value) => Output("VoteOutput", Message(type, "v1", round, value));

    private static string Message(string type, string voter, int round, string value) =>
        $$$"""
        {"voteType":{"tag":"{{{type}}}","value":{"#tup":[]}},"srcAddress":"{{{voter}}}",
        "height":1,"round":{{{round}}},"valueId":{{{value}}}}
        """;

    private static string State(int round, string step, string? locked = null, int lockedRound = -1, string? valid = null,
        int validRound = -1) =>
        $$$"""
        {"p":"v1","height":1,"round":{"#bigint":"{{{round}}}"},"step":{"tag":"{{{step}}}","value":{"#tup":[]}},
        "lockedRound":{{{lockedRound}}},
        "lockedValue":{{{(locked is null ? Nil : Val(locked))}}},"validRound":{{{validRound}}},"validValue":{{{(valid is null ? Nil
            : Val(valid))}}} }
        """;

    private ReplayResult Machine(params (string State, string Input, string Output)[] states) => Read(
        $$"""{"vars":["state","input","output"],"states":[{{string.Join(",", states.Select(static one =>
            $$"""{"state":{{one.State}},"input":{{one.Input}},"output":{{one.Output}} }"""))}}]}""");

    private ReplayResult Read(string text)
    {
        File.WriteAllText(_file, text);
        return Assert.Single(ReplayRun.Of(_file));
    }
}
