using static Theseus.Protocol.ServiceEvent;

namespace Theseus.Protocol.Tests;

/// <summary>Flow behaviours R7..R10, R15..R20, R26: models, ids, migration.</summary>
public class RecordModelTests
{
    private static readonly RecordModels Two = new([new V1.RecordModel1(), new TestModel2()]);

    [Fact]
    public void R7AnInternalErrorInOneMachineFailsTheStepAndNoMachineBuilds()
    {
        FailingModel model = new();
        TestChain chain = new(models: new RecordModels([model]));
        Assert.Throws<NotSupportedException>(() => chain.Step());
        Assert.Equal(["evolve"], model.Calls);
    }

    [Fact]
    public void R10ABlockWithoutInputsHasItsParentsRecord()
    {
        TestChain chain = new();
        Hash32 first = RecordModels.Known.Id(chain.Step());
        Assert.Equal(RecordModels.Known.Id(chain.Start.Record), first);
        Assert.Equal(first, RecordModels.Known.Id(chain.StepTo(20)));
    }

    [Fact]
    public void R15EqualContentsUnderTwoModelsHaveTwoIds()
    {
        ProtocolRecord one = new TestChain().Record;
        ProtocolRecord two = one with { Model = 2 };
        Assert.Equal(Two.Encode(one)[4..], Two.Encode(two)[4..]);
        Assert.NotEqual(Two.Id(one), Two.Id(two));
        Assert.Equal(Two.Id(one), Two.Id(Two.Decode(Two.Encode(one))));
    }

    [Fact]
    public void R11R17TheRecordModelMigratesAtItsDateAndKeepsWhatWasScheduled()
    {
        TestChain chain = new(models: Two);
        Hash32 second = Two.Find(2)!.Manifest.Id;
        chain.Step(
            new VersionScheduled(Components.Record, 2, second, null, 30, 0, []),
            new VersionScheduled(Components.Execution, 2, TestChain.Module(2), null, 50, 0, []));
        Assert.Equal(1U, chain.StepTo(29).Model);

        Rules rules = chain.NextRules();
        Assert.Equal(2U, rules.Model.Number);
        ProtocolRecord record = chain.Step();
        Assert.Equal(2U, record.Model);
        Assert.Equal(50UL, record.Find(Components.Execution)!.Scheduled!.ActivationHeight);
        Assert.Equal(2U, chain.StepTo(31).Model);
        Assert.Equal(2UL, chain.StepTo(50).Find(Components.Execution)!.Current.Version.Value);
        Assert.Equal(chain.Record.Parameters.Values, Two.Decode(Two.Encode(chain.Record)).Parameters.Values);
    }

    [Fact]
    public void R16R21SoftwareWithoutTheModelStepsUpToTheDateAndNoFurther()
    {
        Hash32 second = Two.Find(2)!.Manifest.Id;
        TestChain chain = new();
        chain.Step(new VersionScheduled(Components.Record, 2, second, null, 30, 0, []));
        chain.StepTo(29);
        UnsupportedRecordException thrown = Assert.Throws<UnsupportedRecordException>(() => chain.NextRules());
        Assert.Equal(second, thrown.Module);
        Assert.Equal(1U, thrown.Supported);
    }

    [Fact]
    public void R23CapableSoftwareResumesAtTheFirstUnprocessedBlock()
    {
        ServiceEvent schedule = new VersionScheduled(Components.Record, 2, Two.Find(2)!.Manifest.Id, null, 30, 0, []);
        TestChain old = new();
        old.Step(schedule);
        byte[] stored = RecordModels.Known.Encode(old.StepTo(29)); // all that the old software could do, and what it leaves

        TestChain always = new(models: Two);
        always.Step(schedule);
        ProtocolRecord resumed =
            RecordStep.Apply(RecordStep.Advance(Two.Decode(stored), 30, Two),
                new RecordInputs(TestChain.StartTime + 30_000, [], old.Result.CodeRoot, [], []));
        Assert.Equal(Two.Id(always.StepTo(30)), Two.Id(resumed));
        Assert.Equal(2U, resumed.Model);
    }

    [Fact]
    public void R16AModelThatIsNotTheNextOneIsRefused()
    {
        RecordModels three = new([new V1.RecordModel1(), new TestModel2(), new TestModel3()]);
        TestChain chain = new(models: three);
        chain.Step(new VersionScheduled(Components.Record, 2, three.Find(3)!.Manifest.Id, null, 30, 0, []));
        chain.StepTo(29);
        Assert.Throws<UnsupportedRecordException>(() => chain.NextRules());
        Assert.Throws<InvalidOperationException>(() => new V1.RecordModel1().Migrate(chain.Record));
    }

    [Fact]
    public void R18AParameterThatTheModelLacksIsAbsentNeverZero()
    {
        ProtocolParameters parameters = new TestChain().Record.Parameters;
        Assert.Null(parameters.Find("newerThanThis"));
        Assert.Equal(8UL, parameters.Find(ParameterNames.SafetyThreshold));
    }

    [Fact]
    public void R19AnUnknownModelAndCorruptBytesAreDifferentErrors()
    {
        byte[] bytes = RecordModels.Known.Encode(new TestChain().Record);
        byte[] newer = [9, .. bytes[1..]];
        Assert.Equal(9U, Assert.Throws<UnsupportedRecordException>(() => RecordModels.Known.Decode(newer)).Required);
        Assert.Throws<BcsException>(() => RecordModels.Known.Decode(bytes.AsSpan(0, bytes.Length - 1)));
        Assert.Throws<BcsException>(() => RecordModels.Known.Decode([.. bytes, 0]));
        Assert.Throws<UnsupportedRecordException>(() => RecordModels.Known.Decode([0, 0, 0, 0]));
    }

    /// <summary>Every model is a full entry: it decodes what it encodes, and migrates from its predecessor.</summary>
    [Fact]
    public void R26EveryModelDecodesWhatItEncodesAndMigratesFromTheOneBefore()
    {
        TestChain chain = new();
        chain.Step(new VersionScheduled(Components.Execution, 2, TestChain.Module(2), TestChain.Module(5), 40, 7,
            [(Components.Consensus, 1)]), new VersionCancelled("x", 1));
        chain.Step(new EpochSetup(2, [TestChain.EntryOf(1, 5), TestChain.EntryOf(9, 3)]));
        ProtocolRecord record = chain.StepTo(5) with
        {
            Readiness = [new ReadinessEntry(TestChain.EntryOf(1).Address, 3, 4, [(Components.Execution, TestChain.Module(2))])],
            EmergencySequence = 6,
            VoidedHeights = [3, 4],
        };
        record = record with { Components =
            [.. record.Components.Select(pair =>
                KeyValuePair.Create(pair.Key, pair.Value with { Fallback = new FallbackVersion(TestChain.Module(8), 77) }))] };
        foreach (IRecordModel model in RecordModels.Known.All)
        {
            record = model.Number == 1 ? record : model.Migrate(record);
            byte[] bytes = RecordModels.Known.Encode(record);
            ProtocolRecord decoded = RecordModels.Known.Decode(bytes);
            Assert.Equal(bytes, RecordModels.Known.Encode(decoded));
            Assert.Equal(record.Find(Components.Execution)!.Scheduled!.Requires, decoded.Find(Components.Execution)!.Scheduled!.Requires);
            Assert.Equal(record.SetNow.Validators, decoded.SetNow.Validators);
            Assert.Equal(record.History, decoded.History);
            Assert.Equal(record.Refusals, decoded.Refusals);
            Assert.Equal(2, decoded.EvidenceSets.Count);
            Assert.Equal([3UL, 4UL], decoded.VoidedHeights);
            Assert.Equal(6UL, decoded.EmergencySequence);
            Assert.Equal(3UL, Assert.Single(decoded.Readiness).Sequence);
        }
    }

    [Fact]
    public void EveryTruncationOfARecordIsRefused()
    {
        byte[] bytes = RecordModels.Known.Encode(new TestChain().Record);
        for (int length = 4; length < bytes.Length; length++)
        {
            Assert.Throws<BcsException>(() => RecordModels.Known.Decode(bytes.AsSpan(0, length)));
        }
    }

    [Fact]
    public void RingsKeepTheNewest64Entries()
    {
        TestChain chain = new();
        for (int i = 0; i < 70; i++)
        {
            chain.Step(new VersionCancelled(Components.Execution, 2));
        }

        Assert.Equal(64, chain.Record.Refusals.Count);
        Assert.Equal(7UL, chain.Record.Refusals[0].Height);
        Assert.Equal(70UL, chain.Record.Refusals[^1].Height);
    }

    [Fact]
    public void ModuleIdsAreTheSha3OfCanonicalManifests()
    {
        // by Python: sha3_256(06 "record" 08 "record-1" 01000000 00 | 64 zeros)
        Assert.Equal("bfe95fd73a84b8f294507310bf3a0810fa8f1eff1e58df88232ea0fcaa26ad54",
            RecordModels.Known.Find(1)!.Manifest.Id.ToString());
        ModuleManifest manifest = new(Components.Execution, "stack-1", 1, ["0x1::a", "0x1::b"], TestChain.Module(1), TestChain.Module(2));
        ModuleManifest decoded = ManifestCodec.Decode(ManifestCodec.Encode(manifest));
        Assert.Equal(manifest.Id, decoded.Id);
        Assert.Equal(manifest.Natives, decoded.Natives);
        Assert.Throws<BcsException>(() => ManifestCodec.Decode(ManifestCodec.Encode(manifest with { Natives = ["b", "a"] })));
    }

    private class TestModel2 : IRecordModel
    {
        private readonly V1.RecordModel1 _first = new();

        public virtual uint Number => 2;

        public ModuleManifest Manifest => new(Components.Record, $"record-{Number}", 1, [], Hash32.Zero, Hash32.Zero);

        public ParameterTable Parameters => _first.Parameters;

        public void Encode(BcsWriter writer, ProtocolRecord record) => _first.Encode(writer, record);

        public ProtocolRecord Decode(ref BcsReader reader) => _first.Decode(ref reader) with { Model = Number };

        public ProtocolRecord Migrate(ProtocolRecord previous) => previous with { Model = Number };

        public ProtocolRecord Advance(ProtocolRecord parent, ulong height) => _first.Advance(parent, height);

        public IReadOnlyList<IRecordMachine> Machines(Rules rules) => _first.Machines(rules);
    }

    private sealed class TestModel3 : TestModel2
    {
        public override uint Number => 3;
    }

    private sealed class FailingModel : IRecordModel
    {
        private readonly V1.RecordModel1 _first = new();

        public List<string> Calls { get; } = [];

        public uint Number => 1;

        public ModuleManifest Manifest => _first.Manifest;

        public ParameterTable Parameters => _first.Parameters;

        public void Encode(BcsWriter writer, ProtocolRecord record) => _first.Encode(writer, record);

        public ProtocolRecord Decode(ref BcsReader reader) => _first.Decode(ref reader);

        public ProtocolRecord Migrate(ProtocolRecord previous) => previous;

        public ProtocolRecord Advance(ProtocolRecord parent, ulong height) => _first.Advance(parent, height);

        public IReadOnlyList<IRecordMachine> Machines(Rules rules) => [new Watcher(Calls, false), new Watcher(Calls, true)];
    }

    private sealed class Watcher(List<string> calls, bool fails) : IRecordMachine
    {
        public IReadOnlyList<(int Input, RefusalEntry Refusal)> Refusals => [];

        public void Evolve(RecordInputs inputs)
        {
            if (fails)
            {
                throw new NotSupportedException();
            }

            calls.Add("evolve");
        }

        public void Build(RecordDraft draft) => calls.Add("build");
    }
}
