using Theseus.Consensus;

namespace Theseus.Protocol.Tests;

/// <summary>consensus N10 (verdicts), N3 (evidence), N5 (time), N13 (last commit).</summary>
public class BlockRulesTests
{
    [Fact]
    public void ABuiltBlockIsValidAndCarriesItsRecord()
    {
        TestChain chain = new();
        for (int i = 0; i < 5; i++)
        {
            BuiltBlock built = BlockBuilder.Build(chain.Plan(0, Transfer((ulong)i)));
            BlockVerdict verdict = BlockRules.Check(chain.Circumstances(), built.Block);
            Assert.Equal((VerdictKind.Valid, BlockReason.None, ""), (verdict.Kind, verdict.Reason, verdict.Detail));
            Assert.Equal(built.Block.Header.RecordId, RecordModels.Known.Id(verdict.Record!));
            Assert.Equal(BlockCodec.IdOf(built.Block.Header), built.Id);
            chain.Decide(built);
        }
    }

    [Fact]
    public void R20EveryWrongFieldOfAHeaderHasItsReason()
    {
        TestChain chain = Started();
        Block good = BlockBuilder.Build(chain.Plan()).Block;
        Address another = TestChain.EntryOf(0).Address == good.Header.Proposer ? TestChain.EntryOf(1).Address
            : TestChain.EntryOf(0).Address;
        AssertInvalid(BlockReason.WrongChain, header => header with { ChainId = "other" });
        AssertInvalid(BlockReason.WrongHeight, header => header with { Height = header.Height + 1 });
        AssertInvalid(BlockReason.WrongRound, header => header with { Round = 1 });
        AssertInvalid(BlockReason.WrongProposer, header => header with { Proposer = another });
        AssertInvalid(BlockReason.WrongParent, header => header with { Parent = Hash32.Zero });
        AssertInvalid(BlockReason.TimeNotAfterParent, header => header with { Time = chain.ParentTime });
        AssertInvalid(BlockReason.WrongSet, header => header with { SetId = Hash32.Zero });
        AssertInvalid(BlockReason.WrongNextSet, header => header with { NextSetId = Hash32.Zero });
        AssertInvalid(BlockReason.WrongRecord, header => header with { RecordId = Hash32.Zero });
        AssertInvalid(BlockReason.WrongBodyRoot, header => header with { BodyRoot = Hash32.Zero });
        AssertInvalid(BlockReason.LastCommitHash, header => header with { LastCommit = Hash32.Zero });
        AssertInvalid(BlockReason.ResultMissing, header => header with { ParentResult = null });
        Assert.Equal(VerdictKind.Valid, BlockRules.Check(chain.Circumstances(), good).Kind);

        void AssertInvalid(BlockReason reason, Func<BlockHeader, BlockHeader> change)
        {
            BlockVerdict verdict = BlockRules.Check(chain.Circumstances(), good with { Header = change(good.Header) });
            Assert.Equal((VerdictKind.Invalid, reason), (verdict.Kind, verdict.Reason));
            Assert.Null(verdict.Record);
        }
    }

    [Fact]
    public void ABlockOfAnEarlierRoundIsValidWhenItIsNotFresh()
    {
        TestChain chain = Started();
        Block block = BlockBuilder.Build(chain.Plan(round: 2)).Block;
        Assert.Equal(VerdictKind.Valid, BlockRules.Check(chain.Circumstances(freshRound: null), block).Kind);
        Assert.Equal(VerdictKind.Valid, BlockRules.Check(chain.Circumstances(freshRound: 2), block).Kind);
        Assert.Equal(BlockReason.WrongRound, BlockRules.Check(chain.Circumstances(freshRound: 3), block).Reason);
    }

    [Fact]
    public void WithoutOnesOwnResultOrWithAnotherOneTheVerdictIsUnknown()
    {
        TestChain chain = Started();
        Block block = BlockBuilder.Build(chain.Plan()).Block;
        BlockVerdict missing = BlockRules.Check(chain.Circumstances() with { ParentResult = null }, block);
        Assert.Equal((VerdictKind.Unknown, BlockReason.NotExecuted), (missing.Kind, missing.Reason));
        BlockVerdict differs = BlockRules.Check(chain.Circumstances() with { ParentResult = chain.Result with { GasUsed = 1 } }, block);
        Assert.Equal((VerdictKind.Unknown, BlockReason.ResultDiffers), (differs.Kind, differs.Reason));
    }

    [Fact]
    public void TheLastCommitMustBeForTheParentByAQuorumOfItsSet()
    {
        TestChain chain = Started();
        Rules parentRules = RecordStep.Advance(chain.Start.Record, chain.Height);
        CommitCertificate good = chain.LastCommit!;

        Assert.Equal(BlockReason.LastCommitMissing, With(null));
        Assert.Equal(BlockReason.LastCommitWrongBlock, With(chain.Certify(parentRules, ValidatorSets.ToValue(Hash32.Zero), [0, 1, 2, 3])));
        Assert.Equal(BlockReason.LastCommitRefused, With(chain.Certify(parentRules, good.Value, [0, 1])));
        Assert.Equal(BlockReason.LastCommitRefused,
            With(good with { Signatures =
                [.. good.Signatures.Select(signature => signature with { Signature = new ByteString(new byte[64]) })] }));
        Assert.Equal(BlockReason.LastCommitRefused, With(good with { Height = good.Height + 1 }));
        Assert.Equal(BlockReason.None, With(chain.Certify(parentRules, good.Value, [0, 2, 3]))); // any quorum serves

        BlockReason With(CommitCertificate? certificate) =>
            BlockRules.Check(chain.Circumstances(), BlockBuilder.Build(chain.Plan() with { LastCommit = certificate }).Block).Reason;
    }

    [Fact]
    public void TheFirstBlockHasNoLastCommit()
    {
        TestChain chain = new();
        Assert.Equal(VerdictKind.Valid, BlockRules.Check(chain.Circumstances(), BlockBuilder.Build(chain.Plan()).Block).Kind);
        CommitCertificate some = chain.Certify(chain.NextRules(), ValidatorSets.ToValue(Hash32.Zero), [0, 1, 2, 3]);
        Assert.Equal(BlockReason.LastCommitUnexpected,
            BlockRules.Check(chain.Circumstances(), BlockBuilder.Build(chain.Plan() with { LastCommit = some }).Block).Reason);
    }

    [Fact]
    public void TheLastCommitIsJudgedByTheSetOfItsOwnHeight()
    {
        TestChain chain = new();
        chain.Decide(BlockBuilder.Build(chain.Plan()), [0, 1, 2, 3],
            new ServiceEvent.EpochSetup(2, [TestChain.EntryOf(5), TestChain.EntryOf(6)]));
        chain.Decide(BlockBuilder.Build(chain.Plan())); // 2 records the set
        BuiltBlock third = BlockBuilder.Build(chain.Plan()); // 3 is governed by it, its last commit is by the old one
        Assert.Contains(third.Block.Header.Proposer, (Address[])[TestChain.EntryOf(5).Address, TestChain.EntryOf(6).Address]);
        Assert.Equal(VerdictKind.Valid, BlockRules.Check(chain.Circumstances(), third.Block).Kind);
        Assert.Equal(4, third.Block.Body.LastCommit!.Signatures.Count);
        chain.Decide(third);
        BuiltBlock fourth = BlockBuilder.Build(chain.Plan());
        Assert.Equal(VerdictKind.Valid, BlockRules.Check(chain.Circumstances(), fourth.Block).Kind);
        Assert.Equal(2, fourth.Block.Body.LastCommit!.Signatures.Count);
    }

    [Fact]
    public void TransactionsMustDecodeBeSignedFitTheChainLiveAndStandOnce()
    {
        TestChain chain = Started();
        SignedTransaction good = Transfer(1);
        Assert.Equal(BlockReason.None, With(good.Bytes));
        Assert.Equal(BlockReason.TransactionMalformed, With([.. good.Bytes, 0]));
        Assert.Equal(BlockReason.TransactionRepeated, With(good.Bytes, good.Bytes));
        Assert.Equal(BlockReason.TransactionWrongChain,
            With(SignedTransaction.Sign(good.Raw with { ChainId = 5 }, TransactionVectors.Seed).Bytes));
        Assert.Equal(BlockReason.TransactionExpired,
            With(SignedTransaction.Sign(good.Raw with { ExpirationSeconds = (chain.ParentTime + 1000) / 1000 },
                TransactionVectors.Seed).Bytes));
        Assert.Equal(BlockReason.TransactionSignature,
            With(SignedTransaction.Of(good.Raw, good.Authenticator with { Signature = new byte[64] }).Bytes));

        // a transaction known to be good is not verified again
        byte[] forged = SignedTransaction.Of(good.Raw, good.Authenticator with { Signature = new byte[64] }).Bytes;
        TransactionDecoding.TryDecode(forged, out SignedTransaction? decoded);
        Assert.Equal(BlockReason.None, Judge([forged], facts => facts with { IsKnownGood = hash => hash == decoded!.Hash }));

        BlockReason With(params byte[][] transactions) => Judge(transactions, facts => facts);

        BlockReason Judge(byte[][] transactions, Func<BlockCircumstances, BlockCircumstances> change)
        {
            Block block = BlockBuilder.Build(chain.Plan()).Block;
            return BlockRules.Check(change(chain.Circumstances()), Rebuilt(block, block.Body with { Transactions = transactions })).Reason;
        }
    }

    [Fact]
    public void LimitsAreTheRecords()
    {
        TestChain chain = Started(parameters => parameters.With((ParameterNames.MaximumTransactions, 2)));
        Block block = BlockBuilder.Build(chain.Plan(0, Transfer(1), Transfer(2), Transfer(3))).Block;
        Assert.Equal(2, block.Body.Transactions.Count);
        Block three = Rebuilt(block, block.Body with { Transactions = [Transfer(1).Bytes, Transfer(2).Bytes, Transfer(3).Bytes] });
        Assert.Equal(BlockReason.TooManyTransactions, BlockRules.Check(chain.Circumstances(), three).Reason);

        TestChain small = Started(parameters => parameters.With((ParameterNames.MaximumBlockBytes, 2 * 1_048_576)));
        Block two = BlockBuilder.Build(small.Plan()).Block;
        Block large = Rebuilt(two, two.Body with { Transactions = [new byte[1_048_576], new byte[1_048_570]] });
        Assert.Equal(BlockReason.TooManyBytes, BlockRules.Check(small.Circumstances(), large).Reason);
    }

    [Fact]
    public void OneOversizeTransactionABlock()
    {
        TestChain chain = Started();
        SignedTransaction first = Oversize(1);
        SignedTransaction other = SignedTransaction.Sign(Transfer(3).Raw with { Sender = Address.One }, TransactionVectors.Seed);
        Block block = BlockBuilder.Build(chain.Plan(0, first, Oversize(2), Transfer(3), other)).Block;

        // what follows a sender's gap would be skipped (fault 84)
        Assert.Equal([first.Bytes, other.Bytes], block.Body.Transactions);
        Assert.Equal(VerdictKind.Valid, BlockRules.Check(chain.Circumstances(), block).Kind);
        Block both = Rebuilt(block, block.Body with { Transactions = [first.Bytes, Oversize(2).Bytes] });
        Assert.Equal(BlockReason.TooManyOversize, BlockRules.Check(chain.Circumstances(), both).Reason);
    }

    [Fact]
    public void TheBuilderPassesOverWhatDoesNotBelong()
    {
        TestChain chain = Started();
        RawTransaction terms = Transfer(9).Raw with { Sender = Address.One, ExpirationSeconds = 1 };
        SignedTransaction expired = SignedTransaction.Sign(terms, TransactionVectors.Seed);
        Block block = BlockBuilder.Build(chain.Plan(0, expired, Transfer(1), Transfer(2), Transfer(1))).Block;
        Assert.Equal([Transfer(1).Bytes, Transfer(2).Bytes], block.Body.Transactions);
        Assert.Equal(VerdictKind.Valid, BlockRules.Check(chain.Circumstances(), block).Kind);
    }

    [Fact]
    public void HeaderTimeFollowsTheClockButAlwaysRises()
    {
        TestChain chain = Started();
        Assert.Equal(chain.ParentTime + 1, BlockBuilder.Build(chain.Plan() with { Now = 5 }).Block.Header.Time);
        Assert.Equal(chain.ParentTime + 77, BlockBuilder.Build(chain.Plan() with { Now = chain.ParentTime + 77 }).Block.Header.Time);
    }

    [Fact]
    public void FreshProposalsAreTimedByPrecisionAndDelay()
    {
        ProtocolParameters parameters = V1.ParameterDefinitions.Table.Defaults; // precision 500, delay 2,000
        Assert.Null(BlockRules.CheckTime(10_500, 10_000, 0, parameters));
        Assert.Equal((VerdictKind.Unknown, BlockReason.FromTheFuture), Timed(10_501, 0));
        Assert.Null(BlockRules.CheckTime(7_500, 10_000, 0, parameters));
        Assert.Equal((VerdictKind.Invalid, BlockReason.Untimely), Timed(7_499, 0));
        Assert.Null(BlockRules.CheckTime(5_500, 10_000, 1, parameters));

        (VerdictKind, BlockReason) Timed(ulong time, int round)
        {
            BlockVerdict verdict = BlockRules.CheckTime(time, 10_000, round, parameters)!;
            return (verdict.Kind, verdict.Reason);
        }
    }

    [Theory] // fault 97: nothing that a peer may write into a header overflows
    [InlineData(0UL)]
    [InlineData(1UL)]
    [InlineData(253_402_300_799_999UL)]
    [InlineData(1_000_000_000_000_000_000UL)]
    [InlineData(9_223_372_036_854_775_807UL)]
    [InlineData(ulong.MaxValue)]
    public void ExtremeTimesAndHeightsGetAVerdict(ulong extreme)
    {
        TestChain chain = Started();
        Block good = BlockBuilder.Build(chain.Plan()).Block;
        Block late = good with { Header = good.Header with { Time = extreme } };
        BlockVerdict verdict = BlockRules.Check(chain.Circumstances(), late);
        Assert.Equal(
            extreme > 253_402_300_799_999UL ? BlockReason.TimeOutOfRange
            : extreme <= chain.ParentTime ? BlockReason.TimeNotAfterParent
            : BlockReason.None,
            verdict.Reason);
        Assert.Equal(extreme <= 253_402_300_799_999UL, BlockCodec.TryDecode(BlockCodec.Encode(late), out _) is not null);
        Block elsewhere = good with { Header = good.Header with { Height = extreme } };
        Assert.Equal(BlockReason.WrongHeight, BlockRules.Check(chain.Circumstances(), elsewhere).Reason);

        ProtocolParameters parameters = V1.ParameterDefinitions.Table.Defaults;
        foreach (ulong receipt in (ulong[])[0, 10_000, 253_402_300_799_999, ulong.MaxValue])
        {
            foreach (int round in (int[])[0, Consensus.Rounds.Ceiling - 1])
            {
                BlockVerdict? timed = BlockRules.CheckTime(extreme, receipt, round, parameters);
                Int128 ahead = (Int128)extreme - receipt;
                Int128 travel = 500 + (2_000 * ((Int128)round + 1));
                Assert.Equal(
                    ahead > 500 ? BlockReason.FromTheFuture : -ahead > travel ? BlockReason.Untimely : BlockReason.None,
                    timed?.Reason ?? BlockReason.None);
            }
        }

        BlockReason age = BlockRules.EvidenceAge(chain.NextRules(), extreme, _ => ulong.MaxValue, extreme);
        Assert.True(age is BlockReason.None or BlockReason.EvidenceOutsideWindow);
    }

    [Fact]
    public void TheSizeOfABlockIsThatOfItsBytes()
    {
        TestChain chain = Started();
        Block block = BlockBuilder.Build(chain.Plan(0, Transfer(1), Transfer(2))).Block;
        Assert.Equal(BlockCodec.Encode(block).Length, BlockCodec.SizeOf(block));
        foreach (int count in (int[])[0, 1, 127, 128, 300])
        {
            // lengths around the steps of a ULEB
            byte[][] transactions = [.. Enumerable.Range(0, count).Select(i => new byte[new[] { 0, 1, 127, 128, 16_383, 16_384 }[i % 6]])];
            Block filled = block with { Body = block.Body with { Transactions = transactions } };
            Assert.Equal(BlockCodec.Encode(filled).Length, BlockCodec.SizeOf(filled));
        }
    }

    [Fact]
    public void SosDeclarationsAndDirectivesAreRefusedUntilTheirRulesExist()
    {
        TestChain chain = Started();
        Block block = BlockBuilder.Build(chain.Plan()).Block;
        Assert.Equal(BlockReason.SosWithoutGrounds, Reason(block.Body with { Kind = BlockKind.Sos }));
        Assert.Equal(BlockReason.DeclarationRefused, Reason(block.Body with { Declarations = [[1]] }));
        Assert.Equal(BlockReason.DirectiveRefused, Reason(block.Body with { Directives = [[1]] }));

        BlockReason Reason(BlockBody body) => BlockRules.Check(chain.Circumstances(), Rebuilt(block, body)).Reason;
    }

    [Fact]
    public void EvidenceIsJudgedByItsHeightOnceAndWhileItIsYoung()
    {
        TestChain chain = new(parameters: p => p.With((ParameterNames.EvidenceAgeBlocks, 10), (ParameterNames.EvidenceAgeTime, 12_000)));
        Run(chain, 3);
        Evidence evidence = DoubleVote(chain, 1, height: 2);
        Assert.Equal(BlockReason.None, With(chain, evidence));
        Assert.Equal(BlockReason.EvidenceRepeated, With(chain, evidence, evidence));
        Assert.Equal(BlockReason.EvidenceRefused, With(chain, DoubleVote(chain, 1, height: 2, signer: 2)));
        Assert.Equal(BlockReason.EvidenceOutsideWindow, With(chain, DoubleVote(chain, 1, height: 4)));
        Assert.Equal(BlockReason.EvidenceRefused, With(chain, DoubleVote(chain, 9, height: 2)));

        Block block = BlockBuilder.Build(chain.Plan() with { Evidence = [evidence] }).Block;
        BlockCircumstances facts = chain.Circumstances() with { IsCommitted = key => key == EvidenceKey.Of(evidence) };
        Assert.Equal(BlockReason.EvidenceRepeated, BlockRules.Check(facts, block).Reason);

        // 11 blocks later it is too old in blocks (limit 10) but not in time (11 s of 12); two more and both are exceeded
        Run(chain, 9);
        Assert.Equal(BlockReason.None, With(chain, evidence));
        Run(chain, 2);
        Assert.Equal(BlockReason.EvidenceExpired, With(chain, evidence));
        chain.Times.Remove(2);
        BlockVerdict unknown = BlockRules.Check(chain.Circumstances(), Holding(chain, evidence));
        Assert.Equal((VerdictKind.Unknown, BlockReason.EvidenceTimeUnknown), (unknown.Kind, unknown.Reason));
    }

    [Fact]
    public void AProposerLeavesOutEvidenceThatWouldSpoilItsBlock()
    {
        TestChain chain = new(parameters: p => p.With((ParameterNames.EvidenceAgeBlocks, 10), (ParameterNames.EvidenceAgeTime, 12_000)));
        Run(chain, 3);
        Evidence early = DoubleVote(chain, 1, height: 2);
        Evidence now = DoubleVote(chain, 2, height: 4); // of the height that is being decided: a double vote seen before round 1 of it
        Assert.Equal([early], Built(now, early, early));

        // as above: at height 13 it is young enough in time; at height 15 it is not, and one height younger still is
        Run(chain, 9);
        Assert.Equal([early], Built(early));
        Run(chain, 2);
        Assert.Empty(Built(early));
        Assert.Equal([now], Built(now));
        chain.Times.Clear();
        Assert.Empty(Built(now));

        IReadOnlyList<Evidence> Built(params Evidence[] pending)
        {
            BlockPlan plan = chain.Plan() with { Evidence = pending, TimeOf = height =>
                chain.Times.TryGetValue(height, out ulong time) ? time : null };
            Block block = BlockBuilder.Build(plan).Block;
            Assert.Equal(VerdictKind.Valid, BlockRules.Check(chain.Circumstances(), block).Kind);
            return block.Body.Evidence;
        }
    }

    [Fact]
    public void ExecutionLearnsWhoMissedAndWhoMisbehaved()
    {
        TestChain chain = new();
        chain.Decide(BlockBuilder.Build(chain.Plan()), [0, 1, 3]);
        Run(chain, 1, [0, 1, 2, 3]);
        Evidence evidence = DoubleVote(chain, 1, height: 1);
        BuiltBlock built = BlockBuilder.Build(chain.Plan() with { Evidence = [evidence] });
        Rules rules = chain.NextRules();
        EvidenceFact carried = new(2, 1, TestChain.EntryOf(3).Address);
        BlockContext context = BlockContexts.Of(chain.Chain, built.Block, rules, built.Record, [carried]);
        Assert.Empty(context.Missed);
        Assert.Equal([new EvidenceFact(1, 1, TestChain.EntryOf(1).Address), carried], context.Evidence);
        Assert.Equal(built.Block.Header.Time * 1000, context.TimeMicros);
        Assert.Equal(["consensus", "execution", "network", "record"], context.Components.Select(fact => fact.Name));
        Assert.Equal(16UL, context.Components[0].Notice);
        Assert.Equal(1UL, context.Epoch);

        TestChain second = new();
        second.Decide(BlockBuilder.Build(second.Plan()), [0, 1, 3]);
        Assert.Equal([TestChain.EntryOf(2).Address], BlockContexts.Missed(BlockBuilder.Build(second.Plan()).Block, second.NextRules()));
    }

    private static TestChain Started(Func<ProtocolParameters, ProtocolParameters>? parameters = null)
    {
        TestChain chain = new(parameters: parameters);
        Run(chain, 1);
        return chain;
    }

    private static void Run(TestChain chain, int blocks, int[]? signers = null)
    {
        for (int i = 0; i < blocks; i++)
        {
            chain.Decide(BlockBuilder.Build(chain.Plan()), signers);
        }
    }

    private static BlockReason With(TestChain chain, params Evidence[] evidence) =>
        BlockRules.Check(chain.Circumstances(), Holding(chain, evidence)).Reason;

    // a proposer that does not look at what it puts in
    private static Block Holding(TestChain chain, params Evidence[] evidence)
    {
        Block block = BlockBuilder.Build(chain.Plan()).Block;
        return Rebuilt(block, block.Body with { Evidence = evidence });
    }

    private static Evidence DoubleVote(TestChain chain, int accused, ulong height, int? signer = null)
    {
        Rules rules = RecordStep.Advance(chain.Record, height);
        ValidatorId id = ValidatorSets.ToId(TestChain.EntryOf(accused).Address);
        Vote one = new(VoteType.Precommit, height, 0, ValidatorSets.ToValue(TestChain.Module(1)), -1, id);
        Vote two = one with { Value = ValidatorSets.ToValue(TestChain.Module(2)) };
        return Offences.Between(chain.Sign(signer ?? accused, rules, one), chain.Sign(signer ?? accused, rules, two))!;
    }

    private static SignedTransaction Transfer(ulong sequence) =>
        SignedTransaction.Sign(TransactionVectors.Transfer() with { SequenceNumber = sequence }, TransactionVectors.Seed);

    private static SignedTransaction Oversize(ulong sequence) =>
        SignedTransaction.Sign(
            TransactionVectors.Transfer() with { SequenceNumber = sequence,
                Payload = new TransactionPayload.Script(new byte[70_000], [], []) }, TransactionVectors.Seed);

    private static Block Rebuilt(Block block, BlockBody body) =>
        new(block.Header with { BodyRoot = BlockCodec.BodyRootOf(body), LastCommit = BlockCodec.HashOf(body.LastCommit) }, body);
}
