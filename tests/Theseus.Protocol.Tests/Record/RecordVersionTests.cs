using static Theseus.Protocol.ServiceEvent;

namespace Theseus.Protocol.Tests;

/// <summary>Flow behaviours R1..R14 and record P8 on a linear chain; threshold 8, notice 16.</summary>
public class RecordVersionTests
{
    private const string Execution = Components.Execution;
    private static readonly Hash32 Second = TestChain.Module(2);

    [Fact]
    public void R1AnUpgradeOneBlockBeyondTheNoticeIsStoredAndTheVersionStays()
    {
        TestChain chain = new();
        UpdatableField field = chain.Step(Schedule(2, Second, 1 + 16 + 1)).Find(Execution)!;
        Assert.Equal(1UL, field.Current.Version.Value);
        Assert.Equal(new ComponentVersion(2), field.Scheduled!.Version);
        Assert.Equal(18UL, field.Scheduled.ActivationHeight);
        Assert.False(field.Scheduled.Armed);
        Assert.Equal(new HistoryEntry(1, Execution, 2, RefusalCode.Scheduled), Assert.Single(chain.Record.History));
        Assert.Empty(chain.Record.Refusals);
    }

    [Fact]
    public void R2OneBlockTooNearIsRefusedAndReadableAndTheBlockStands()
    {
        TestChain chain = new();
        ProtocolRecord record = chain.Step(Schedule(2, Second, 1 + 16));
        Assert.Null(record.Find(Execution)!.Scheduled);
        Assert.Equal(new RefusalEntry(1, Execution, 2, RefusalCode.TooSoon), Assert.Single(record.Refusals));
        Assert.Empty(record.History);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(ulong.MaxValue)]
    public void R3AnyVersionButTheNextIsRefused(ulong version)
    {
        TestChain chain = new();
        ProtocolRecord record = chain.Step(Schedule(version, Second, 100));
        Assert.Null(record.Find(Execution)!.Scheduled);
        Assert.Equal(RefusalCode.WrongVersion, Assert.Single(record.Refusals).Reason);
    }

    [Fact]
    public void R4TheSameChangeMovesEarlierLaterOrNowhereAndAnIllegalDateLeavesTheOldOne()
    {
        TestChain chain = new();
        chain.Step(Schedule(2, Second, 100));
        Assert.Equal(60UL, chain.Step(Schedule(2, Second, 60)).Find(Execution)!.Scheduled!.ActivationHeight);
        Assert.Equal(80UL, chain.Step(Schedule(2, Second, 70), Schedule(2, Second, 80)).Find(Execution)!.Scheduled!.ActivationHeight);
        Assert.Equal(80UL, chain.Step(Schedule(2, Second, 80)).Find(Execution)!.Scheduled!.ActivationHeight);
        Assert.Equal(80UL, chain.Step(Schedule(2, Second, 5)).Find(Execution)!.Scheduled!.ActivationHeight);
        Assert.Equal(RefusalCode.TooSoon, Assert.Single(chain.Record.Refusals).Reason);
        Assert.Equal([RefusalCode.Scheduled, RefusalCode.Moved, RefusalCode.Moved, RefusalCode.Moved, RefusalCode.Moved],
            chain.Record.History.Select(entry => entry.Outcome));
    }

    [Fact]
    public void R5OfInvalidAndValidEventsInOneBlockTheValidOneTakesEffect()
    {
        TestChain chain = new();
        ProtocolRecord record = chain.Step(Schedule(7, Second, 100), Schedule(2, Second, 50), new ParametersChanged([("nonsense", 1)]));
        Assert.Equal(50UL, record.Find(Execution)!.Scheduled!.ActivationHeight);
        Assert.Equal([RefusalCode.WrongVersion, RefusalCode.UnknownParameter], record.Refusals.Select(refusal => refusal.Reason));
    }

    [Fact]
    public void R6ARefusedValidatorSetDoesNotKeepTheVersionsMachineFromItsWork()
    {
        TestChain chain = new();
        ProtocolRecord record = chain.Step(new EpochSetup(2, []), Schedule(2, Second, 50));
        Assert.NotNull(record.Find(Execution)!.Scheduled);
        Assert.Equal(new RefusalEntry(1, "validators", 2, RefusalCode.EmptySet), Assert.Single(record.Refusals));
        Assert.Equal(record.SetNow.Id, record.SetNext.Id);
    }

    [Fact]
    public void AnotherModuleWhileOneIsPendingConflictsUntilItIsCancelled()
    {
        TestChain chain = new();
        chain.Step(Schedule(2, Second, 50));
        ProtocolRecord record = chain.Step(Schedule(2, TestChain.Module(3), 60));
        Assert.Equal(RefusalCode.ConflictingPending, Assert.Single(record.Refusals).Reason);
        Assert.Equal(Second, record.Find(Execution)!.Scheduled!.ModuleId);

        record = chain.Step(new VersionCancelled(Execution, 2), Schedule(2, TestChain.Module(3), 60));
        Assert.Equal(TestChain.Module(3), record.Find(Execution)!.Scheduled!.ModuleId);
        Assert.Equal(RefusalCode.Cancelled, record.History[^2].Outcome);
    }

    [Fact]
    public void ACancelCountsUpToTheBlockBeforeActivationAndDoesNotConsumeTheNumber()
    {
        TestChain cancelled = new();
        cancelled.Step(Schedule(2, Second, 30));
        cancelled.StepTo(28);
        cancelled.Step(new VersionCancelled(Execution, 2)); // recorded by 29 = A - 1
        Assert.Equal(RefusalCode.Cancelled, cancelled.Record.Find(Execution)!.LastResult);
        Assert.Equal(1UL, cancelled.StepTo(35).Find(Execution)!.Current.Version.Value);
        cancelled.Step(Schedule(2, Second, 60));
        Assert.Equal(2UL, cancelled.StepTo(60).Find(Execution)!.Current.Version.Value);

        TestChain late = new();
        late.Step(Schedule(2, Second, 30));
        late.StepTo(29);
        ProtocolRecord record = late.Step(new VersionCancelled(Execution, 2));
        Assert.Equal(2UL, record.Find(Execution)!.Current.Version.Value);
        Assert.Equal(RefusalCode.NothingPending, Assert.Single(record.Refusals).Reason);
    }

    [Fact]
    public void R11ActivationIsAtTheNamedHeightNotOneBefore()
    {
        TestChain chain = new();
        chain.Step(Schedule(2, Second, 30));
        chain.StepTo(29);
        Assert.Equal(1UL, chain.Record.Find(Execution)!.Current.Version.Value);
        Assert.Equal(1UL, RecordStep.Advance(chain.Record, 29).Execution.Version.Value);

        Rules rules = chain.NextRules();
        Assert.Equal(new CurrentVersion(new ComponentVersion(2), Second, 30), rules.Execution);
        ProtocolRecord record = chain.Step();
        Assert.Equal(rules.Execution, record.Current(Execution));
        Assert.Equal(RefusalCode.Activated, record.Find(Execution)!.LastResult);
        Assert.Equal(new HistoryEntry(30, Execution, 2, RefusalCode.Activated), record.History[^1]);
    }

    [Fact]
    public void R11WhenHeightsJumpTheFirstAtOrAfterTheDateActivates()
    {
        TestChain chain = new();
        ProtocolRecord record = chain.Step(Schedule(2, Second, 30));
        Assert.Equal(34UL, RecordStep.Advance(record, 34).Execution.Since);
    }

    [Fact]
    public void R12AChangeIsAppliedOnce()
    {
        TestChain chain = new();
        chain.Step(Schedule(2, Second, 30));
        ProtocolRecord record = chain.StepTo(50);
        Assert.Equal(new CurrentVersion(new ComponentVersion(2), Second, 30), record.Current(Execution));
        Assert.Null(record.Find(Execution)!.Scheduled);
        Assert.Single(record.History, entry => entry.Outcome == RefusalCode.Activated);
    }

    [Fact]
    public void R13OfTwoForksOnlyTheOneThatRecordedTheChangeSwitches()
    {
        TestChain with = new();
        TestChain without = new();
        with.Step(Schedule(2, Second, 30));
        without.Step();
        Assert.Equal(2UL, with.StepTo(30).Find(Execution)!.Current.Version.Value);
        Assert.Equal(1UL, without.StepTo(30).Find(Execution)!.Current.Version.Value);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void R14InTheBlockThatActivatesNeitherThisNorTheFollowingVersionCanBeScheduled(ulong version)
    {
        TestChain chain = new();
        chain.Step(Schedule(2, Second, 30));
        chain.StepTo(29);
        ProtocolRecord record = chain.Step(Schedule(version, TestChain.Module(3), 100));
        Assert.Equal(RefusalCode.WrongVersion, Assert.Single(record.Refusals).Reason);

        record = chain.Step(Schedule(3, TestChain.Module(3), 100));
        Assert.Equal(new ComponentVersion(3), record.Find(Execution)!.Scheduled!.Version);
    }

    [Fact]
    public void AChangeIsArmedOneSafetyThresholdBeforeItsDateAndDisarmedWhenItMoves()
    {
        TestChain chain = new();
        chain.Step(Schedule(2, Second, 40));
        Assert.False(chain.StepTo(31).Find(Execution)!.Scheduled!.Armed);
        Assert.True(chain.StepTo(32).Find(Execution)!.Scheduled!.Armed);
        Assert.False(chain.Step(Schedule(2, Second, 60)).Find(Execution)!.Scheduled!.Armed);
        Assert.True(chain.StepTo(52).Find(Execution)!.Scheduled!.Armed);
    }

    [Fact]
    public void RefusalsNameTheFirstRuleThatFails()
    {
        Assert.Equal(RefusalCode.UnknownComponent, Refusal(new VersionScheduled("nothing", 9, Hash32.Zero, null, 0, 0, [])));
        Assert.Equal(RefusalCode.NeverScheduled, Refusal(new VersionScheduled("framework", 2, Second, null, 100, 0, [])));
        Assert.Equal(RefusalCode.WrongVersion, Refusal(Schedule(9, Hash32.Zero, 0)));
        Assert.Equal(RefusalCode.TooSoon, Refusal(Schedule(2, Hash32.Zero, 0)));
        Assert.Equal(RefusalCode.MalformedModule, Refusal(Schedule(2, Hash32.Zero, 100)));
        Assert.Equal(RefusalCode.Malformed, Refusal(new VersionScheduled(new string('x', 65), 2, Second, null, 100, 0, [])));
        Assert.Equal(RefusalCode.Malformed, Refusal(new VersionScheduled("", 2, Second, null, 100, 0, [])));
        Assert.Equal(RefusalCode.RequirementMissing, Refusal(Schedule(2, Second, 100) with { Requires = [("nothing", 1)] }));
        Assert.Equal(RefusalCode.NothingPending, Refusal(new VersionCancelled(Execution, 2)));
        Assert.Equal(RefusalCode.UnknownComponent, Refusal(new VersionCancelled("nothing", 2)));
        Assert.Equal(RefusalCode.NotOnProbation, Refusal(new VersionRolledBack(Execution)));

        static RefusalCode Refusal(ServiceEvent request) => Assert.Single(new TestChain().Step(request).Refusals).Reason;
    }

    [Fact]
    public void AChangeGivesTheNoticeOfTheParameters()
    {
        TestChain chain = new(parameters: p => p.With((ParameterNames.SafetyThreshold, 50), (ParameterNames.Notice, 50)));
        Assert.Equal(RefusalCode.TooSoon, Assert.Single(chain.Step(Schedule(2, Second, 51)).Refusals).Reason);
        Assert.NotNull(chain.Step(Schedule(2, Second, 53)).Find(Execution)!.Scheduled);
    }

    [Fact]
    public void AChangeThatRequiresAnotherActivatesWithItOrLapses()
    {
        VersionScheduled needsConsensus2 = Schedule(2, Second, 30) with { Requires = [(Components.Consensus, 2)] };
        VersionScheduled consensus2 = Schedule(2, TestChain.Module(9), 30) with { Component = Components.Consensus };

        TestChain both = new();
        both.Step(needsConsensus2, consensus2);
        Assert.Equal(2UL, both.StepTo(30).Find(Execution)!.Current.Version.Value);
        Assert.Equal(2UL, both.Record.Find(Components.Consensus)!.Current.Version.Value);

        TestChain alone = new();
        alone.Step(needsConsensus2);
        UpdatableField field = alone.StepTo(30).Find(Execution)!;
        Assert.Equal(1UL, field.Current.Version.Value);
        Assert.Null(field.Scheduled);
        Assert.Equal(RefusalCode.RequirementMissing, field.LastResult);

        // a lapse does not consume the number, and falls through chains of requirements
        TestChain chained = new();
        chained.Step(needsConsensus2, consensus2 with { Requires = [(Components.Network, 2)] });
        Assert.Equal(1UL, chained.StepTo(30).Find(Execution)!.Current.Version.Value);
        Assert.Equal(1UL, chained.Record.Find(Components.Consensus)!.Current.Version.Value);
    }

    // a record that another model left may name a component that is not there
    [Fact]
    public void AChangeThatRequiresAComponentThatIsNotThereLapses()
    {
        TestChain chain = new();
        ProtocolRecord record = chain.Step(Schedule(2, Second, 30));
        ProtocolRecord needy = record with
        {
            Components = [.. record.Components.Select(static pair => pair.Value.Scheduled is { } next
                ? KeyValuePair.Create(pair.Key, pair.Value with { Scheduled = next with { Requires = [("nothing", 1)] } })
                : pair)],
        };
        UpdatableField field = RecordStep.Advance(needy, 30).Record.Find(Execution)!;
        Assert.Equal((1UL, RefusalCode.RequirementMissing), (field.Current.Version.Value, field.LastResult));
        Assert.Null(field.Scheduled);
    }

    [Fact]
    public void ARefusalStandsInTheRingWithNameAndVersion()
    {
        Assert.Equal(
            new RefusalEntry(1, Execution, 0, RefusalCode.NotOnProbation),
            Assert.Single(new TestChain().Step(new VersionRolledBack(Execution)).Refusals));
        Assert.Equal(
            new RefusalEntry(1, Execution, 7, RefusalCode.WrongVersion),
            Assert.Single(new TestChain().Step(Schedule(7, Second, 100)).Refusals));
        Assert.Equal(
            new RefusalEntry(1, Execution, 3, RefusalCode.NothingPending),
            Assert.Single(new TestChain().Step(new VersionCancelled(Execution, 3)).Refusals));
        TestChain pending = new();
        pending.Step(Schedule(2, Second, 100));
        Assert.Equal(
            new RefusalEntry(2, Execution, 3, RefusalCode.NothingPending),
            Assert.Single(pending.Step(new VersionCancelled(Execution, 3)).Refusals));
        Assert.NotNull(pending.Record.Find(Execution)!.Scheduled);
    }

    // 1 to 64 letters, digits, dots, dashes and underscores
    [Theory]
    [InlineData("", false)]
    [InlineData("a", true)]
    [InlineData("aZ09.-_", true)]
    [InlineData("a b", false)]
    [InlineData("a/b", false)]
    [InlineData("\u00e4", false)]
    public void AComponentsNameIsOfTheseCharacters(string name, bool isValid)
    {
        RefusalEntry refusal = Assert.Single(new TestChain().Step(new VersionScheduled(name, 2, Second, null, 100, 0, [])).Refusals);
        Assert.Equal(
            isValid ? (name, RefusalCode.UnknownComponent) : ("", RefusalCode.Malformed), (refusal.Subject, refusal.Reason));
        RefusalCode required = Assert.Single(
            new TestChain().Step(Schedule(2, Second, 100) with { Requires = [(name, 1)] }).Refusals).Reason;
        Assert.Equal(isValid ? RefusalCode.RequirementMissing : RefusalCode.Malformed, required);
    }

    [Theory]
    [InlineData(64, RefusalCode.UnknownComponent)]
    [InlineData(65, RefusalCode.Malformed)]
    public void AComponentsNameHas64CharactersAtMost(int length, RefusalCode reason) => Assert.Equal(
        reason,
        Assert.Single(new TestChain().Step(new VersionScheduled(new string('x', length), 2, Second, null, 100, 0, [])).Refusals).Reason);

    [Fact]
    public void R22ANodeWithoutTheModuleIsToldFromTheMomentOfSchedulingAndMayGoOnUntilTheDate()
    {
        Hash32[] supported = [TestChain.Module(1), .. ProtocolModules.Supported];
        TestChain chain = new();
        Assert.Empty(RecordSupport.Missing(chain.Record, 0, supported));

        chain.Step(Schedule(2, Second, 30));
        MissingModule missing = Assert.Single(RecordSupport.Missing(chain.Record, chain.Height, supported));
        Assert.Equal(new MissingModule(Execution, new ComponentVersion(2), Second, 30, 28, ComponentGates.All), missing);

        chain.StepTo(29);
        Assert.Equal(0UL, Assert.Single(RecordSupport.Missing(chain.Record, 29, supported)).BlocksLeft);
        chain.Step();
        Assert.Equal(new MissingModule(Execution, new ComponentVersion(2), Second, 31, 0, ComponentGates.All),
            Assert.Single(RecordSupport.Missing(chain.Record, 30, supported)));
        Assert.Empty(RecordSupport.Missing(chain.Record, 30, [.. supported, Second]));
    }

    [Fact]
    public void R25ARecordAloneCarriesTheScheduledChange()
    {
        TestChain chain = new();
        ProtocolRecord snapshot = RecordModels.Known.Decode(RecordModels.Known.Encode(chain.Step(Schedule(2, Second, 30))));
        for (ulong height = 2; height <= 30; height++)
        {
            snapshot = RecordStep.Apply(RecordStep.Advance(snapshot, height),
                new RecordInputs(TestChain.StartTime + (height * 1000), [], chain.Result.CodeRoot, [], []));
        }

        Assert.Equal(RecordModels.Known.Id(chain.StepTo(30)), RecordModels.Known.Id(snapshot));
        Assert.Equal(2UL, snapshot.Find(Execution)!.Current.Version.Value);
    }

    [Fact]
    public void UnknownComponentsAreCarriedAndGateOnlyTheRolesThatNeedThem()
    {
        Genesis genesis = TestChain.GenesisOf();
        genesis = genesis with { Components =
            [.. genesis.Components, new GenesisComponent("sequencing", TestChain.Module(7), ComponentGates.Validator)] };
        ProtocolRecord record = GenesisBlock.Of(genesis).Record;
        record = RecordStep.Apply(RecordStep.Advance(record, 1),
            new RecordInputs(2, [Schedule(2, TestChain.Module(8), 40) with { Component = "sequencing" }], record.Framework.CodeRoot, [],
                []));
        Assert.NotNull(record.Find("sequencing")!.Scheduled);

        Hash32[] supported = [TestChain.Module(1), .. ProtocolModules.Supported];
        Assert.Empty(RecordSupport.Missing(record, 1, supported, ComponentGates.Access));
        Assert.Equal([0UL, 38UL],
            RecordSupport.Missing(record, 1, supported, ComponentGates.Validator).Select(missing => missing.BlocksLeft));
    }

    [Fact]
    public void TheFrameworkCounterRisesInTheBlockAfterCodeChanged()
    {
        TestChain chain = new();
        Assert.Equal(new FrameworkField(1, chain.Result.CodeRoot), chain.Step().Framework);
        Rules rules = chain.NextRules();
        Hash32 root = TestChain.Module(42);
        ProtocolRecord record = RecordStep.Apply(rules, new RecordInputs(5, [], root, [], []));
        Assert.Equal(new FrameworkField(2, root), record.Framework);
        record = RecordStep.Apply(RecordStep.Advance(record, 3), new RecordInputs(6, [], root, [], []));
        Assert.Equal(new FrameworkField(2, root), record.Framework);
    }

    private static VersionScheduled Schedule(ulong version, Hash32 module, ulong height) =>
        new(Execution, version, module, null, height, 40, []);
}
