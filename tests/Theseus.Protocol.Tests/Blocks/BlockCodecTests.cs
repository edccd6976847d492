using System.Security.Cryptography;
using System.Text;
using Theseus.Consensus;

namespace Theseus.Protocol.Tests;

public class BlockCodecTests
{
    [Fact]
    public void AHeaderHasTheBytesThatItsTableSays()
    {
        BlockHeader header = new("ab", 3, 1, 5, Fill(1), Fill(2), Fill(3), Fill(4), Fill(5), Fill(6), Fill(7),
            new Address(Fill(8).ToArray()));
        string expected = "026162" + "0300000000000000" + "01000000" + "0500000000000000" + Hex(1) + "01" + Hex(2)
            + Hex(3) + Hex(4) + Hex(5) + Hex(6) + Hex(7) + Hex(8);
        byte[] bytes = BlockCodec.Encode(header);
        Assert.Equal(expected, Convert.ToHexStringLower(bytes));
        Assert.Equal(Sha256("THESEUS::BlockHeader|", bytes), BlockCodec.IdOf(header).ToString());
        Assert.Equal(header, BlockCodec.TryDecodeHeader(bytes, out _));
        BlockHeader sos = header with { ParentResult = null };
        Assert.Equal(sos, BlockCodec.TryDecodeHeader(BlockCodec.Encode(sos), out _));
    }

    [Fact]
    public void TheBodyRootCoversKindAndListsButNotTheLastCommit()
    {
        BlockBody body = new(BlockKind.Normal, null, [], [[1]], [[2]], [[3], [4]]);
        string zeros = new('0', 64);
        byte[] content = Convert.FromHexString("00" + zeros + Leaf(1) + Leaf(2)
            + Convert.ToHexStringLower(SHA256.HashData(Convert.FromHexString("01" + Leaf(3) + Leaf(4)))));
        Assert.Equal(Sha256("THESEUS::BlockBody|", content), BlockCodec.BodyRootOf(body).ToString());

        TestChain chain = new();
        CommitCertificate certificate = chain.Certify(chain.NextRules(), default, [0, 1, 2]);
        Assert.Equal(BlockCodec.BodyRootOf(body), BlockCodec.BodyRootOf(body with { LastCommit = certificate }));
        Assert.NotEqual(BlockCodec.BodyRootOf(body), BlockCodec.BodyRootOf(body with { Kind = BlockKind.Sos }));
        Assert.Equal(Sha256("THESEUS::CommitCertificate|", Canonical.Encode(certificate)), BlockCodec.HashOf(certificate).ToString());
        Assert.Equal(Hash32.Zero, BlockCodec.HashOf(null));

        static string Leaf(byte item) => Convert.ToHexStringLower(SHA256.HashData([0, item]));
    }

    [Fact]
    public void AWholeBlockSurvivesAndNoOtherBytesDo()
    {
        TestChain chain = new();
        chain.Decide(BlockBuilder.Build(chain.Plan()));
        Rules rules = chain.NextRules();
        ValidatorId id = ValidatorSets.ToId(TestChain.EntryOf(1).Address);
        Vote vote = new(VoteType.Prevote, 1, 0, null, -1, id);
        Evidence evidence = Offences.Between(chain.Sign(1, rules, vote), chain.Sign(1, rules, vote with { Value = default(ValueId) }))!;
        Block block = BlockBuilder.Build(
            chain.Plan(0, SignedTransaction.Sign(TransactionVectors.Transfer(), TransactionVectors.Seed)) with { Evidence =
                [evidence] }).Block;
        block = block with { Body = block.Body with { Declarations = [[1, 2]], Directives = [[3]], Kind = BlockKind.Sos } };
        byte[] bytes = BlockCodec.Encode(block);
        Assert.Equal(bytes, BlockCodec.Encode(BlockCodec.TryDecode(bytes, out _)!));
        Assert.Equal(bytes, (byte[])[.. BlockCodec.Encode(block.Header), .. BlockCodec.Encode(block.Body)]);
        Assert.Equal(BlockCodec.Encode(block.Body), BlockCodec.Encode(BlockCodec.TryDecodeBody(BlockCodec.Encode(block.Body), out _)!));

        for (int length = 0; length < bytes.Length; length++)
        {
            Assert.Null(BlockCodec.TryDecode(bytes.AsSpan(0, length), out string? fault));
            Assert.NotNull(fault);
        }

        Assert.Null(BlockCodec.TryDecode([.. bytes, 0], out _));

        // one form for one value: whatever decodes encodes to the same bytes
        Random random = new(7);
        for (int i = 0; i < 3_000; i++)
        {
            byte[] mutant = [.. bytes];
            mutant[random.Next(mutant.Length)] ^= (byte)(1 << random.Next(8));
            if (BlockCodec.TryDecode(mutant, out _) is { } decoded)
            {
                Assert.Equal(mutant, BlockCodec.Encode(decoded));
            }
        }
    }

    [Fact]
    public void ResultsHaveTheBytesOfExecution3()
    {
        BlockResultSummary result = new(9, ResultStatus.Executed, Fill(1), Fill(2), Fill(3), Fill(4), Fill(5), 6, 7, 8, 9);
        string rest = Hex(1) + Hex(2) + Hex(3) + Hex(4) + Hex(5) + "0600000000000000" + "07000000000000000000000000000000"
            + "0800000000000000" + "09000000";
        byte[] bytes = ResultCodec.Encode(result);
        Assert.Equal("0900000000000000" + "00" + rest, Convert.ToHexStringLower(bytes));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(bytes)), ResultCodec.IdOf(result).ToString());
        Assert.Equal(result, ResultCodec.Decode(bytes));

        BlockResultSummary voided = result with { Status = ResultStatus.Voided, BrokenInvariant = "supply" };
        Assert.Equal("0900000000000000" + "02" + "06" + Convert.ToHexStringLower("supply"u8) + rest,
            Convert.ToHexStringLower(ResultCodec.Encode(voided)));
        Assert.Equal(voided, ResultCodec.Decode(ResultCodec.Encode(voided)));
        Assert.Throws<BcsException>(() => ResultCodec.Decode(Convert.FromHexString("0900000000000000" + "03" + rest)));
    }

    [Fact]
    public void ReceiptsHaveTheBytesOfExecution3()
    {
        Receipt receipt = new(Fill(1), TransactionStatus.Aborted(new ModuleId(Address.One, "coin"), 7), 5, 6, Fill(2), Fill(3), 4);
        Assert.Equal(
            Hex(1) + "01" + "01" + new string('0', 63) + "1" + "04636f696e" + "0700000000000000" + "0500000000000000"
            + "06000000000000000000000000000000" + Hex(2) + Hex(3) + "04000000",
            Convert.ToHexStringLower(ReceiptCodec.Encode(receipt)));
        Assert.Equal(receipt, ReceiptCodec.DecodeReceipt(ReceiptCodec.Encode(receipt)));
    }

    public static TheoryData<string> Statuses =>
        ["00", "01000700000000000000", "02", "03090000000000000000" + "00", "030900000000000000010800000000000000" + "00", "04020001",
            "0505626567696e" + "0200000000000000" + "0300000000000000"];

    [Theory]
    [MemberData(nameof(Statuses))]
    public void StatusesHaveOneForm(string hex)
    {
        byte[] bytes = Convert.FromHexString(hex);
        BcsReader reader = new(bytes);
        TransactionStatus status = ReceiptCodec.ReadStatus(ref reader);
        reader.End();
        BcsWriter writer = new();
        ReceiptCodec.Write(writer, status);
        Assert.Equal(hex, Convert.ToHexStringLower(writer.ToArray()));
    }

    [Fact]
    public void StatusesSayWhatTheirBytesSay()
    {
        Assert.Equal(TransactionStatus.Aborted(null, 7), Read("01000700000000000000"));
        Assert.Equal(TransactionStatus.Failed(9, 8, null), Read("030900000000000000010800000000000000" + "00"));
        Assert.Equal(TransactionStatus.Skipped(2, true), Read("04020001"));
        Assert.Equal(TransactionStatus.SystemAborted("begin", 2, 3), Read("0505626567696e" + "0200000000000000" + "0300000000000000"));
        Assert.Throws<BcsException>(() => Read("06"));

        static TransactionStatus Read(string hex)
        {
            BcsReader reader = new(Convert.FromHexString(hex));
            return ReceiptCodec.ReadStatus(ref reader);
        }
    }

    [Fact]
    public void WriteSetsAndEventsHaveTheRootsOfExecution3()
    {
        StateKey key = StateKey.TableItem(Fill(0x11), [5]);
        StateWrite set = new(key, [1]);
        StateWrite delete = new(StateKey.TableItem(Fill(0x12), [5]), null);
        string item = "23" + "02" + Hex(0x11) + "0105" + "01" + "01" + "01";
        Assert.Equal(item, Convert.ToHexStringLower(ReceiptCodec.Encode(set)));
        string gone = "23" + "02" + Hex(0x12) + "0105" + "00";
        Assert.Equal(
            Convert.ToHexStringLower(
                SHA256.HashData([1, .. SHA256.HashData(Convert.FromHexString("00" + item)),
                    .. SHA256.HashData(Convert.FromHexString("00" + gone))])),
            ExecutionRoots.OfWrites(WriteSet.From([delete, set])).ToString());
        Assert.Equal(Hash32.Zero, ExecutionRoots.OfWrites(WriteSet.Empty));

        ContractEvent happened = new(TypeTag.Vector(TypeTag.U8), [9, 9]);
        Assert.Equal("0601" + "020909", Convert.ToHexStringLower(ReceiptCodec.Encode(happened)));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(Convert.FromHexString("000601020909"))),
            ExecutionRoots.OfEvents([happened]).ToString());
        Assert.Equal(happened.Data, ReceiptCodec.DecodeEvent(ReceiptCodec.Encode(happened)).Data);

        BcsWriter writer = new();
        ReceiptCodec.Write(writer, WriteSet.From([set, delete]));
        BcsReader reader = new(writer.ToArray());
        Assert.Equal([set.Key, delete.Key], ReceiptCodec.ReadWriteSet(ref reader).Writes.Select(write => write.Key));
        byte[] swapped = Convert.FromHexString("02" + gone + item);
        Assert.Throws<BcsException>(() =>
        {
            BcsReader unordered = new(swapped);
            ReceiptCodec.ReadWriteSet(ref unordered);
        });
    }

    [Fact]
    public void ServiceEventsHaveOneFormEach()
    {
        ServiceEvent[] events =
        [
            new ServiceEvent.VersionScheduled("execution", 2, Fill(1), Fill(2), 3, 4, [("consensus", 5)]),
            new ServiceEvent.VersionScheduled("execution", 2, Fill(1), null, 3, 4, []),
            new ServiceEvent.VersionCancelled("execution", 2),
            new ServiceEvent.VersionRolledBack("execution"),
            new ServiceEvent.ParametersChanged([("notice", 20)]),
            new ServiceEvent.EpochSetup(7, [TestChain.EntryOf(1, 9)]),
        ];
        Assert.Equal("0109657865637574696f6e0200000000000000", Convert.ToHexStringLower(ServiceEventCodec.Encode(events[2])));
        foreach (ServiceEvent item in events)
        {
            byte[] bytes = ServiceEventCodec.Encode(item);
            Assert.Equal(bytes, ServiceEventCodec.Encode(ServiceEventCodec.Decode(bytes)));
            Assert.Equal(item.GetType(), ServiceEventCodec.Decode(bytes).GetType());
            Assert.Throws<BcsException>(() => ServiceEventCodec.Decode([.. bytes, 0]));
        }

        Assert.Throws<BcsException>(() => ServiceEventCodec.Decode([5]));
    }

    [Fact]
    public void ASummaryCommitsToReceiptsAndServiceEvents()
    {
        Receipt one = new(Fill(1), TransactionStatus.Success, 5, 6, Fill(2), Fill(3), 4);
        TransactionOutput output = new(one, WriteSet.Empty, [], null);
        ServiceEvent happened = new ServiceEvent.VersionRolledBack("x");
        BlockResult result = new(Fill(9), [output, output], WriteSet.Empty, [happened], Fill(8), 10, 11, 12, []);
        BlockResultSummary summary = ResultCodec.Summarise(3, result, Fill(7));
        byte[] leaf = SHA256.HashData([0, .. ReceiptCodec.Encode(one)]);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData([1, .. leaf, .. leaf])), summary.ReceiptsRoot.ToString());
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData([0, .. ServiceEventCodec.Encode(happened)])),
            summary.ServiceEventsRoot.ToString());
        Assert.Equal(new BlockResultSummary(3, ResultStatus.Executed, Fill(9), Fill(7), summary.ReceiptsRoot, summary.ServiceEventsRoot,
            Fill(8), 10, 11, 12, 2), summary);
    }

    private static Hash32 Fill(byte value) => new([.. Enumerable.Repeat(value, 32)]);

    private static string Hex(byte value) => Fill(value).ToString();

    private static string Sha256(string domain, byte[] bytes) =>
        Convert.ToHexStringLower(SHA256.HashData([.. Encoding.ASCII.GetBytes(domain), .. bytes]));
}
