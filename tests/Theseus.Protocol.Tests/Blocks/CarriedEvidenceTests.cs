using Theseus.Consensus;

namespace Theseus.Protocol.Tests;

/// <summary>consensus N3: evidence whose begin hook failed is given to the next block's hook, the newest facts first.</summary>
public class CarriedEvidenceTests
{
    public static TheoryData<TransactionStatus, bool> Statuses => new()
    {
        { TransactionStatus.SystemAborted("begin", 2, 3), true },
        { TransactionStatus.Aborted(null, 7), false },
        { TransactionStatus.Failed(9, 8, null), false },
        { TransactionStatus.Skipped(2, true), false },
    };

    [Theory]
    [MemberData(nameof(Statuses))]
    public void OnlyABlockWhoseBeginHookFailedLeavesItsEvidence(TransactionStatus status, bool carries)
    {
        Receipt begin = new(Hash32.Zero, status, 0, 0, Hash32.Zero, Hash32.Zero, 0);
        EvidenceFact[] given = [Fact(1), Fact(2)];
        Assert.Equal(carries, CarriedEvidence.Carries(begin));
        Assert.Equal(carries ? given : [], CarriedEvidence.After(given, begin));
    }

    [Fact]
    public void AsManyFactsAsSixteenFullBlocksHoldAreCarried()
    {
        Receipt begin = new(Hash32.Zero, TransactionStatus.SystemAborted("begin", 2, 3), 0, 0, Hash32.Zero, Hash32.Zero, 0);
        EvidenceFact[] given = [.. Enumerable.Range(0, (16 * BlockCodec.MaximumEvidence) + 1).Select(static i => Fact((ulong)i))];
        Assert.Equal(given[..^1], CarriedEvidence.After(given, begin)); // its own stand first, the oldest last
        Assert.Equal(given[..^1], CarriedEvidence.After(given[..^1], begin));
    }

    [Fact]
    public void AFactSaysKindHeightAndWho()
    {
        TestChain chain = new();
        ValidatorId offender = ValidatorSets.ToId(TestChain.EntryOf(1).Address);
        Rules rules = chain.NextRules();
        Vote vote = new(VoteType.Prevote, 1, 0, ValidatorSets.ToValue(TestChain.Module(1)), -1, offender);
        Evidence evidence = Offences.Between(
            chain.Sign(1, rules, vote), chain.Sign(1, rules, vote with { Value = ValidatorSets.ToValue(TestChain.Module(2)) }))!;
        BlockBody body = BlockBuilder.Build(chain.Plan()).Block.Body with { Evidence = [evidence] };
        Assert.Equal([new EvidenceFact((byte)EvidenceKind.DoubleVote, 1, TestChain.EntryOf(1).Address)], CarriedEvidence.Of(body));
    }

    private static EvidenceFact Fact(ulong height) => new(1, height, Address.One);
}
