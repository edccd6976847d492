using static Theseus.Protocol.ServiceEvent;

namespace Theseus.Protocol.Tests.Record;

/// <summary>Ranges and relations of parameters, and the history of their changes (faults 3, 4, 90).</summary>
public sealed class ParameterTests
{
    private static readonly ParameterTable Table = V1.ParameterDefinitions.Table;

    /// <summary>Each is within every range. Numbers by hand from the sentence of the relation.</summary>
    public static TheoryData<string, (string, ulong)[]> Broken => new()
    {
        // fault 90: 10 ms, deltas 0, maximum 100, then 2 MiB blocks: nothing was decided past round 83
        { "proposeTimeout.maximumTimeout", [("proposeTimeout", 10_001)] },
        { "prevoteTimeout.maximumTimeout", [("prevoteTimeout", 10_001)] },
        { "precommitTimeout.maximumTimeout", [("precommitTimeout", 10_001)] },
        { "proposeTimeoutDelta.maximumTimeout", [("proposeTimeoutDelta", 89)] }, // 1,000 + 100 x 89 = 9,900 < 10,000
        { "prevoteTimeoutDelta.maximumTimeout", [("prevoteTimeoutDelta", 96)] }, // 300 + 9,600 = 9,900
        { "precommitTimeoutDelta.maximumTimeout", [("precommitTimeoutDelta", 96)] },
        { "maximumTimeout.fullBlock", [("maximumTimeout", 5_999)] }, // 4 MiB take 4 s, and 2 s of delay
        { "maximumTimeout.fullBlock", [("maximumBlockBytes", 16 * 1_048_576)] }, // 18 s > 10 s
        { "maximumTimeout.fullBlock", [("messageDelay", 6_001)] },
        { "precision.proposeTimeout", [("precision", 1_001)] },
        { "blockInterval.executionPatience", [("blockInterval", 30_001)] },
        { "safetyThreshold.notice", [("safetyThreshold", 17)] },
        { "safetyThreshold.readyTtl", [("safetyThreshold", 601), ("notice", 601)] }, // twice 601 > 1,200
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public void AChangeThatBreaksARelationIsRefusedByItsName(string relation, (string, ulong)[] changes)
    {
        TestChain chain = new();
        ProtocolRecord record = chain.Step(new ParametersChanged(changes));
        Assert.Equal(new RefusalEntry(1, relation, 0, RefusalCode.ParameterRelation), Assert.Single(record.Refusals));
        Assert.Equal(Table.Defaults.Values, record.Parameters.Values);
        Assert.Empty(record.History);
    }

    [Fact]
    public void RelationsAreJudgedOnTheOutcomeOfTheWholeChange()
    {
        ProtocolRecord record = new TestChain().Step(new ParametersChanged([("safetyThreshold", 17), ("notice", 17)]));
        Assert.Empty(record.Refusals);
        Assert.Equal(17UL, record.Parameters.SafetyThreshold);
    }

    [Fact]
    public void TheEndsOfARelationBelongToIt()
    {
        Assert.Equal(6_000UL, Table.Defaults.With(("maximumTimeout", 6_000)).Find("maximumTimeout"));
        Assert.Equal(90UL, Table.Defaults.With(("proposeTimeoutDelta", 90)).Find("proposeTimeoutDelta"));
    }

    [Fact]
    public void EveryChangeOfAParameterStandsInTheHistory()
    {
        // faults 3, 4: a valid change appears, whoever keeps the value
        ProtocolRecord record = new TestChain().Step(new ParametersChanged([("blockInterval", 300), ("votingBlocks", 50)]));
        Assert.Equal(
            [
                new HistoryEntry(1, "blockInterval", 300, RefusalCode.ParameterChanged),
                new HistoryEntry(1, "votingBlocks", 50, RefusalCode.ParameterChanged),
            ],
            record.History);
        Assert.Null(record.Parameters.Find("votingBlocks")); // the framework's
    }

    [Fact]
    public void AFrameworkUpgradeStandsInTheHistoryWithTheCounter()
    {
        // fault 4: one history for every layer, one way of counting
        TestChain chain = new();
        Hash32 root = Hash32.FromHex(new string('a', 64));
        chain.Result = chain.Result with { CodeRoot = root };
        ProtocolRecord record = chain.Step();
        Assert.Equal(new FrameworkField(2, root), record.Framework);
        Assert.Equal(new HistoryEntry(1, Components.Framework, 2, RefusalCode.Published), Assert.Single(record.History));
        Assert.Single(chain.Step().History); // the same root is no change
    }

    [Theory]
    [InlineData("weather", 1, RefusalCode.UnknownParameter)]
    [InlineData("coinSupply", 1, RefusalCode.UnknownParameter)] // a fact cannot be set
    [InlineData("votingBlocks", 9, RefusalCode.ParameterOutOfRange)]
    [InlineData("epochMicros", ulong.MaxValue, RefusalCode.ParameterOutOfRange)]
    [InlineData("safetyThreshold", 3, RefusalCode.ParameterOutOfRange)]
    public void ABadValueIsRefusedWhoeverKeepsIt(string name, ulong value, RefusalCode reason)
    {
        ProtocolRecord record = new TestChain().Step(new ParametersChanged([(name, value)]));
        Assert.Equal(new RefusalEntry(1, name, 0, reason), Assert.Single(record.Refusals));
    }

    [Fact]
    public void WhateverBreaksByOtherCausesStopsNoOtherChange()
    {
        ParameterTable table = new(
            [new(1, "a", 1, 0, 9, "", ""), new(2, "b", 1, 0, 9, "", ""), new(3, "c", 1, 0, 9, "", "")],
            [new(4, "a.b", [new(1, "a")], [new(1, "b")], "")]);
        Assert.Equal("a.b", table.FirstBroken(name => name == "a" ? 2UL : 1UL)!.Name);
        Assert.Null(table.FirstBroken(name => name == "a" ? 2UL : 1UL, ["c"]));
        Assert.NotNull(table.FirstBroken(name => name == "a" ? 2UL : 1UL, ["b"]));
        Assert.Null(table.FirstBroken(name => name == "a" ? 2UL : null)); // b is not known here
    }

    [Fact]
    public void TermsMultiplyAndAdd()
    {
        // 2 x a x b + 3 <= 5 x c, at a = 4, b = 3: 27 <= 5 x c, so c >= 5.4
        ParameterTable table = new(
            [new(1, "a", 1, 0, 9, "", ""), new(2, "b", 1, 0, 9, "", ""), new(3, "c", 1, 0, 9, "", "")],
            [new(4, "c.ab", [new(2, "a", "b"), new(3)], [new(5, "c")], "")]);
        Assert.NotNull(table.FirstBroken(name => name switch { "a" => 4UL, "b" => 3UL, _ => 5UL }));
        Assert.Null(table.FirstBroken(name => name switch { "a" => 4UL, "b" => 3UL, _ => 6UL }));
    }

    [Fact]
    public void ATableWithAFaultIsNone()
    {
        ParameterDefinition a = new(1, "a", 1, 0, 9, "", "");
        Assert.Throws<ArgumentException>(() => new ParameterTable([a, a with { Name = "b" }])); // one code twice
        Assert.Throws<ArgumentException>(() => new ParameterTable([a, a with { Code = 2 }])); // one name twice
        Assert.Throws<ArgumentException>(() => new ParameterTable([a with { Default = 10 }]));
        Assert.Throws<ArgumentException>(() => new ParameterTable([a with { Code = 0 }]));
        Assert.Throws<ArgumentException>(() => new ParameterTable([a], [new(1, "a.1", [new(1, "a")], [new(1)], "")])); // the code is a's
        Assert.Throws<ArgumentException>(() => new ParameterTable([a], [new(2, "a.0", [new(2)], [new(1, "a")], "")])); // the default
        Assert.Throws<ArgumentException>(() => new ParameterTable([a], [new(2, "a.x", [new(1, "x")], [new(1, "a")], "")]));
        ParameterDefinition wide = a with { Maximum = ulong.MaxValue };
        Assert.Throws<OverflowException>(() => new ParameterTable([wide], [new(2, "a.a", [new(2)], [new(ulong.MaxValue, "a", "a")], "")]));
    }

    [Fact]
    public void AGenesisKeepsTheRelationsToo()
    {
        // unbonding of 2 epochs of 60 s, evidence of 60 minutes (fault 90)
        Genesis genesis = TestChain.GenesisOf() with { Settings = [new("epochMicros", 60_000_000), new("unbondingEpochs", 2)] };
        Assert.StartsWith("settings: evidenceAgeTime.unbondingEpochs", Assert.Single(genesis.Faults()), StringComparison.Ordinal);
        Genesis endless = genesis with { Settings = [new("epochMicros", ulong.MaxValue)] };
        Assert.Contains(endless.Faults(), fault => fault.StartsWith("settings: epochMicros is 184467", StringComparison.Ordinal));
        Assert.Empty((genesis with { Settings = [new("epochMicros", 3_600_000_000), new("unbondingEpochs", 2)] }).Faults());
    }

    [Fact]
    public void ExtremeNumbersInServiceEventsAreRefusedOrRecordedAndNeverThrown()
    {
        // fault 97, for what a framework may emit: every number at the ends of its type
        ulong[] extremes = [0, 1, long.MaxValue, ulong.MaxValue - 1, ulong.MaxValue];
        foreach (ulong a in extremes)
        {
            foreach (ulong b in extremes)
            {
                TestChain chain = new();
                chain.Step(
                    new VersionScheduled(Components.Execution, a, TestChain.Module(2), null, b, a, [(Components.Consensus, b)]),
                    new VersionScheduled(Components.Execution, 2, TestChain.Module(2), null, b, a, []),
                    new VersionCancelled(Components.Execution, a),
                    new EpochSetup(a, [TestChain.EntryOf(1, b), TestChain.EntryOf(2, a)]),
                    new EpochSetup(2, [TestChain.EntryOf(1, b), TestChain.EntryOf(2, a)]),
                    new ParametersChanged([("blockInterval", a), ("epochMicros", b)]));
                chain.StepTo(30);
                ProtocolRecord read = RecordModels.Known.Decode(RecordModels.Known.Encode(chain.Record));
                Assert.Equal(RecordModels.Known.Id(chain.Record), RecordModels.Known.Id(read));
            }
        }
    }

    [Fact]
    public void TheProtocolPageHasTheTable()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "docs/protocol/record.md")))
        {
            folder = folder.Parent;
        }

        string page = File.ReadAllText(Path.Combine(folder.FullName, "docs/protocol/record.md"));
        foreach (ParameterDefinition item in Table.All.Where(item => item.Home != ParameterHome.Chain))
        {
            string row = string.Create(
                System.Globalization.CultureInfo.InvariantCulture,
                $"| `{item.Name}` | {item.Code} | {item.Default:N0} | {item.Minimum:N0} to {item.Maximum:N0} | {item.Unit} | ");
            Assert.Contains(row + item.Meaning + " |", page, StringComparison.Ordinal);
        }

        Assert.All(Table.Relations, relation => Assert.Contains($"| {relation.Code} | `{relation.Name}` |", page));
    }
}
