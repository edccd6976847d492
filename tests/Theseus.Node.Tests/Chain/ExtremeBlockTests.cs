using Theseus.Consensus;
using Theseus.Engine;

namespace Theseus.Node.Tests;

/// <summary>
/// What a proposer or a peer puts into a header, a request or evidence: a verdict, never a fault of this node (fault 97).
/// </summary>
public sealed class ExtremeBlockTests : IAsyncDisposable
{
    private static readonly ulong[] Numbers =
    [
        0, 1, int.MaxValue, 1UL << 31, uint.MaxValue, 1UL << 32, 1UL << 53, 1_000_000_000_000_000_000, long.MaxValue, 1UL << 63,
        ulong.MaxValue - 1, ulong.MaxValue,
        BlockTime.Latest - 1, BlockTime.Latest, BlockTime.Latest + 1, LocalChain.GenesisTime, LocalChain.GenesisTime + 1,
    ];

    private static readonly int[] RoundNumbers = [int.MinValue, -1, 0, 1, Rounds.Ceiling - 1, Rounds.Ceiling, int.MaxValue];

    private readonly string _folder = Directory.CreateTempSubdirectory("theseus-extreme-").FullName;
    private readonly CancellationTokenSource _stop = new();
    private readonly LocalChain _chain = new();
    private readonly ApplicationLink _link = new();
    private readonly Task _running;

    public ExtremeBlockTests()
    {
        _chain.Decide();
        ChainApplication application = new(
            _link, _chain.Execution, _chain.Pool(), new EvidencePool(Path.Combine(_folder, "evidence.txt"), static _ => true), null,
            _chain.Clock, static _ => { });
        _running = application.RunAsync(_stop.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAny(_running);
        _stop.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task NoNumberOfAHeaderIsMoreThanARefusal()
    {
        (Block good, _) = _chain.Next();
        Assert.Equal(Judgement.Valid, (await JudgeAsync(good, 0)).Judgement);
        foreach (ulong number in Numbers)
        {
            foreach (int round in RoundNumbers)
            {
                BlockHeader header = good.Header with { Time = number, Round = round };
                Assert.NotEqual(Judgement.Valid, (await JudgeAsync(good with { Header = header }, 0)).Judgement);
                Assert.NotEqual(Judgement.Valid,
                    (await JudgeAsync(good with { Header = header with { Height = number } }, round)).Judgement);
            }
        }

        Assert.Equal(Judgement.Valid, (await JudgeAsync(good, 0)).Judgement);
        Assert.False(_running.IsCompleted);
    }

    // 10^18 ms is the time that stopped a chain
    [Theory]
    [InlineData(1_000_000_000_000_000_000)]
    [InlineData(253_402_300_800_000)]
    [InlineData(ulong.MaxValue)]
    public void AHeaderBeyondTheYear9999HasNoCanonicalForm(ulong time)
    {
        (Block good, _) = _chain.Next();
        Block far = good with { Header = good.Header with { Time = time } };
        Assert.False(ChainApplication.IsContent(ValidatorSets.ToValue(BlockCodec.IdOf(far.Header)), BlockCodec.Encode(far)));
        Assert.Null(BlockCodec.TryDecode(BlockCodec.Encode(far), out string? fault));
        Assert.Contains("time", fault, StringComparison.Ordinal);
        Block last = good with { Header = good.Header with { Time = 253_402_300_799_999 } };
        Assert.True(ChainApplication.IsContent(ValidatorSets.ToValue(BlockCodec.IdOf(last.Header)), BlockCodec.Encode(last)));
    }

    // consensus N5: what is a little early is judged again when its time has come; fault 108: what is far too early waits nowhere
    [Fact]
    public async Task AProposalFromTheNearFutureIsJudgedAgainAndOneFromTheFarFutureIsLetGo()
    {
        (Block good, _) = _chain.Next();
        ulong now = good.Header.Time;
        _chain.Clock.Now = DateTimeOffset.FromUnixTimeMilliseconds((long)now);
        ulong precision = _chain.Execution.Head.Next.Parameters.Precision;
        Block far = good with { Header = good.Header with { Time = now + 3_600_000 } };
        Assert.Equal((Judgement.Unknown, (ushort)BlockReason.FromTheFuture), Of(await JudgeAsync(far, 0)));

        Block near = good with { Header = good.Header with { Time = now + precision + 20 } };
        Assert.Equal((Judgement.Unknown, (ushort)BlockReason.FromTheFuture), Of(await JudgeAsync(near, 0)));
        _chain.Clock.Now = _chain.Clock.Now.AddMilliseconds(20);
        AppReply.Verdict again = Assert.IsType<AppReply.Verdict>(await ReplyAsync());
        Assert.Equal((ValidatorSets.ToValue(BlockCodec.IdOf(near.Header)), Judgement.Valid), (again.Value, again.Judgement));

        // an hour later the far one is not judged again: the next answer is to the next question
        _chain.Clock.Now = _chain.Clock.Now.AddHours(2);
        Assert.Equal(BlockCodec.IdOf(good.Header), ValidatorSets.ToHash((await JudgeAsync(good, 0)).Value));
        Assert.False(_link.ReplyReader.TryRead(out _));
    }

    [Fact]
    public async Task NoRangeThatAPeerAsksForIsMoreThanAnEmptyAnswer()
    {
        PeerId peer = new(new ValidatorId(new byte[32]));
        foreach (ulong from in Numbers)
        {
            foreach (int count in RoundNumbers)
            {
                await AskAsync(new AppRequest.GetDecided(peer, 1, from, count, int.MaxValue));
                AppReply.DecidedRange range = Assert.IsType<AppReply.DecidedRange>(await ReplyAsync());
                Assert.Equal(from == 1 && count > 0 ? 1 : 0, range.Heights.Count);
            }
        }
    }

    [Fact]
    public async Task NoNumberOfEvidenceIsMoreThanARefusal()
    {
        ValidatorId culprit = ValidatorSets.ToId(_chain.Validators[0].Address);
        PeerId peer = new(culprit);
        foreach (ulong height in Numbers)
        {
            foreach (int round in RoundNumbers)
            {
                Signed<Vote> one = new(new Vote(VoteType.Prevote, height, round, default(ValueId), round, culprit),
                    new ByteString(new byte[64]));
                Signed<Vote> two = new(new Vote(VoteType.Prevote, height, round, null, Rounds.Nil, culprit), new ByteString(new byte[64]));
                await AskAsync(new AppRequest.EvidenceFound(new Evidence(EvidenceKind.DoubleVote, height, culprit, two, one, null, null),
                    peer));
            }
        }

        (Block good, _) = _chain.Next();
        await AskAsync(Question(good, 0));
        for (AppReply reply = await ReplyAsync(); reply is not AppReply.Verdict { Judgement: Judgement.Valid }; reply = await ReplyAsync())
        {
            Assert.IsType<AppReply.FalseEvidence>(reply); // of a height whose validators are known
        }
    }

    private static (Judgement Judgement, ushort Reason) Of(AppReply.Verdict verdict) => (verdict.Judgement, verdict.Reason);

    private async Task<AppReply.Verdict> JudgeAsync(Block block, int freshRound)
    {
        await AskAsync(Question(block, freshRound));
        return Assert.IsType<AppReply.Verdict>(await ReplyAsync());
    }

    // received when the clock says
    private AppRequest.Validate Question(Block block, int freshRound) => new(
        _chain.Execution.Head.Height + 1, ValidatorSets.ToValue(BlockCodec.IdOf(block.Header)), freshRound,
        ValidatorSets.ToId(block.Header.Proposer),
        ulong.Max(LocalChain.GenesisTime + 500, (ulong)_chain.Clock.GetUtcNow().ToUnixTimeMilliseconds()), BlockCodec.Encode(block), null);

    private ValueTask AskAsync(AppRequest request) => _link.RequestWriter.WriteAsync(request, TestContext.Current.CancellationToken);

    private async Task<AppReply> ReplyAsync()
    {
        Task<AppReply> reply = _link.ReplyReader.ReadAsync(TestContext.Current.CancellationToken).AsTask();
        Assert.Same(reply, await Task.WhenAny(reply, _running).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        return await reply;
    }
}
