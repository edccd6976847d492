using static Theseus.Protocol.ServiceEvent;

namespace Theseus.Protocol.Tests;

/// <summary>record P7 (validator sets), P3 (parameters), consensus N3 (evidence window).</summary>
public class RecordSetTests
{
    [Fact]
    public void ASetAnnouncedInHIsNextInHPlus1AndInForceInHPlus2()
    {
        TestChain chain = new();
        Hash32 old = chain.Record.SetNow.Id;
        // events of result(0), recorded in 1
        ProtocolRecord record = chain.Step(new EpochSetup(2, [TestChain.EntryOf(5), TestChain.EntryOf(6)]));
        Assert.Equal(old, record.SetNow.Id);
        Assert.Equal(1UL, record.Epoch);
        Assert.Equal(2UL, record.SetNext.Epoch);

        Rules rules = chain.NextRules();
        Assert.Equal(record.SetNext.Id, rules.Set.Id);
        Assert.Equal(2, rules.Validators.Count);
        Assert.Equal(4, rules.ParentValidators.Count);
        Assert.Equal(2UL, rules.Epoch);
        record = chain.Step();
        Assert.Equal(record.SetNow.Id, record.SetNext.Id);
    }

    [Fact]
    public void ASetsIdBindsEpochMembersAndPowersButNotTheirOrder()
    {
        RecordedSet set = ValidatorSets.TryRecord(2, [TestChain.EntryOf(5), TestChain.EntryOf(6)], out _)!;
        Assert.Equal(set.Id, ValidatorSets.TryRecord(2, [TestChain.EntryOf(6), TestChain.EntryOf(5)], out _)!.Id);
        Assert.NotEqual(set.Id, ValidatorSets.TryRecord(3, [TestChain.EntryOf(5), TestChain.EntryOf(6)], out _)!.Id);
        Assert.NotEqual(set.Id, ValidatorSets.TryRecord(2, [TestChain.EntryOf(5), TestChain.EntryOf(6, 2)], out _)!.Id);
    }

    [Fact]
    public void BadSetsAreRefusedWithTheirReasonAndTheOldOneStays()
    {
        ValidatorEntry one = TestChain.EntryOf(5);
        ValidatorEntry two = TestChain.EntryOf(6);
        Assert.Equal(RefusalCode.EmptySet, Refusal(2));
        Assert.Equal(RefusalCode.ZeroPower, Refusal(2, one with { Power = 0 }));
        Assert.Equal(RefusalCode.PowerOverflow, Refusal(2, one with { Power = ulong.MaxValue }, two));
        Assert.Equal(RefusalCode.DuplicateKey, Refusal(2, one, two with { PublicKey = one.PublicKey }));
        Assert.Equal(RefusalCode.DuplicateAddress, Refusal(2, one, two with { Address = one.Address }));
        Assert.Equal(RefusalCode.SetTooLarge,
            Refusal(2, [.. Enumerable.Range(0, 1025)
                .Select(i => new ValidatorEntry(Address.FromShort((ulong)i), Hashing.Sha3(BitConverter.GetBytes(i)), 1))]));
        Assert.Equal(RefusalCode.WrongEpoch, Refusal(1, one));
        Assert.Equal(RefusalCode.WrongEpoch, Refusal(3, one));

        static RefusalCode Refusal(ulong epoch, params ValidatorEntry[] validators)
        {
            TestChain chain = new();
            ProtocolRecord record = chain.Step(new EpochSetup(epoch, validators));
            Assert.Equal(record.SetNow.Id, record.SetNext.Id);
            return Assert.Single(record.Refusals).Reason;
        }
    }

    [Fact]
    public void ASecondSetInOneBlockIsRefusedAndEpochsDoNotSkip()
    {
        TestChain chain = new();
        ProtocolRecord record = chain.Step(new EpochSetup(2, [TestChain.EntryOf(5)]), new EpochSetup(2, [TestChain.EntryOf(6)]));
        Assert.Equal(RefusalCode.SetPending, Assert.Single(record.Refusals).Reason);
        Assert.Equal(TestChain.EntryOf(5).Address, Assert.Single(record.SetNext.Validators).Address);

        // the block in which it enters force may already announce the one after
        record = chain.Step(new EpochSetup(3, [TestChain.EntryOf(7)]));
        Assert.Equal(2UL, record.SetNow.Epoch);
        Assert.Equal(3UL, record.SetNext.Epoch);
    }

    [Fact]
    public void DepartedValidatorsAreReadyForNothing()
    {
        TestChain chain = new();
        ReadinessEntry stays = new(TestChain.EntryOf(0).Address, 1, 1, []);
        ReadinessEntry leaves = new(TestChain.EntryOf(1).Address, 1, 1, []);
        ProtocolRecord record = chain.Step(new EpochSetup(2, [TestChain.EntryOf(0)])) with { Readiness = [stays, leaves] };
        Assert.Equal([stays], RecordStep.Advance(record, 2).Record.Readiness);
    }

    [Fact]
    public void AParameterGovernsTheBlockAfterTheOneThatRecordsIt()
    {
        TestChain chain = new();
        Rules recording = chain.NextRules();
        ProtocolRecord record =
            chain.Step(new ParametersChanged([(ParameterNames.BlockInterval, 500), (ParameterNames.ProposeTimeout, 2_000)]));
        Assert.Equal(250UL, recording.Parameters.BlockInterval);
        Assert.Equal(500UL, record.Parameters.BlockInterval);
        Assert.Equal(500UL, chain.NextRules().Parameters.BlockInterval);
        Assert.Equal(2_000, chain.NextRules().Timeouts.Propose.Base);
    }

    [Fact]
    public void AChangeOfParametersIsWholeOrNotAtAll()
    {
        TestChain chain = new();
        ProtocolRecord record =
            chain.Step(new ParametersChanged([(ParameterNames.BlockInterval, 500), (ParameterNames.SafetyThreshold, 3)]));
        Assert.Equal(250UL, record.Parameters.BlockInterval);
        Assert.Equal(new RefusalEntry(1, ParameterNames.SafetyThreshold, 0, RefusalCode.ParameterOutOfRange),
            Assert.Single(record.Refusals));
        Assert.Equal(RefusalCode.Malformed, new TestChain().Step(new ParametersChanged([])).Refusals[0].Reason);
    }

    [Fact]
    public void LocalnetDefaultsAreThoseOfTheDesign()
    {
        ProtocolParameters parameters = V1.ParameterDefinitions.Table.Defaults;
        Assert.Equal(Consensus.Timeouts.Localnet, parameters.Timeouts);
        Assert.Equal(250UL, parameters.BlockInterval);
        Assert.Equal(8UL, parameters.SafetyThreshold);
        Assert.Equal(16UL, parameters.Notice);
        Assert.Equal(40UL, parameters.Probation);
        Assert.Equal(40UL, parameters.ReadinessThreshold);
        Assert.Equal(30_000UL, parameters.ExecutionPatience);
        ParameterDefinition blockBytes = parameters.Table.Definitions[parameters.Table.IndexOf(ParameterNames.MaximumBlockBytes)];
        Assert.Equal(2UL * 1024 * 1024, blockBytes.Minimum);
        ParameterDefinition threshold = parameters.Table.Definitions[parameters.Table.IndexOf(ParameterNames.SafetyThreshold)];
        Assert.Equal(4UL, threshold.Minimum);
    }

    [Fact]
    public void TheEvidenceWindowNamesTheSetOfEveryHeightInIt()
    {
        TestChain chain = new();
        chain.StepTo(4);
        chain.Step(new EpochSetup(2, [TestChain.EntryOf(5), TestChain.EntryOf(6)])); // recorded in 5, in force from 6
        chain.StepTo(9);
        Rules rules = chain.NextRules();
        Assert.Equal(1UL, rules.EvidenceSetOf(5)!.Set.Epoch);
        Assert.Equal(2UL, rules.EvidenceSetOf(6)!.Set.Epoch);
        Assert.Equal(2UL, rules.EvidenceSetOf(9)!.Set.Epoch);
        Assert.Null(rules.EvidenceSetOf(10));
    }

    [Fact]
    public void AChangeOfConsensusVersionOpensAnIntervalToo()
    {
        TestChain chain = new();
        chain.Step(new VersionScheduled(Components.Consensus, 2, TestChain.Module(9), null, 30, 0, []));
        chain.StepTo(31);
        Rules rules = chain.NextRules();
        Assert.Equal(new ComponentVersion(1), rules.EvidenceSetOf(29)!.ConsensusVersion);
        Assert.Equal(new ComponentVersion(2), rules.EvidenceSetOf(30)!.ConsensusVersion);
        Assert.Equal(2U, rules.SignContext(chain.Chain).ConsensusVersion);
    }

    [Fact]
    public void AClosedIntervalGoesWhenBothAgeLimitsAreExceeded()
    {
        // steps are 1,000 ms: 10 blocks pass long before 20 s do
        TestChain chain = new(parameters: p => p.With((ParameterNames.EvidenceAgeBlocks, 10), (ParameterNames.EvidenceAgeTime, 20_000)));
        chain.StepTo(4);
        chain.Step(new EpochSetup(2, [TestChain.EntryOf(5)])); // closes at 5, seen in 6
        Assert.Equal(2, chain.StepTo(26).EvidenceSets.Count);
        Assert.Single(chain.StepTo(27).EvidenceSets);
        Assert.Null(chain.NextRules().EvidenceSetOf(5));

        TestChain blocks = new(parameters: p => p.With((ParameterNames.EvidenceAgeBlocks, 10), (ParameterNames.EvidenceAgeTime, 1_000)));
        blocks.StepTo(4);
        blocks.Step(new EpochSetup(2, [TestChain.EntryOf(5)]));
        Assert.Equal(2, blocks.StepTo(15).EvidenceSets.Count);
        Assert.Single(blocks.StepTo(16).EvidenceSets);
    }
}
