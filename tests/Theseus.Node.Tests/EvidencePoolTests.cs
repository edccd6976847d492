using Theseus.Consensus;
using Theseus.Protocol;

namespace Theseus.Node.Tests;

/// <summary>
/// What a proposer takes from its pool is what every other node accepts (consensus N3): a piece that is refused costs the block, and a pool
/// that keeps it costs every block.
/// </summary>
public sealed class EvidencePoolTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("theseus-pool-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void EvidenceOfTheHeightInProgressWaitsInThePoolForTheNextBlock()
    {
        LocalChain chain = new();
        chain.Decide();
        EvidencePool pool = Pool(chain);
        Evidence evidence = DoubleVote(chain, height: 2);
        Assert.True(pool.Add(evidence)); // found in round 0 of height 2, whose round 1 is proposed now
        Block proposed = Propose(chain, pool);
        Assert.Empty(proposed.Body.Evidence);
        Assert.Equal(BlockReason.None, BlockRules.Check(Circumstances(chain), proposed).Reason);

        Settle(chain, pool, chain.Decide());
        proposed = Propose(chain, pool);
        Assert.Equal([evidence], proposed.Body.Evidence);
        Assert.Equal(BlockReason.None, BlockRules.Check(Circumstances(chain), proposed).Reason);
    }

    [Fact]
    public void EvidenceThatBecameTooOldIsLeftOutAndItsFileDoesNotBringItBack()
    {
        // 10 blocks and 2,500 ms; blocks come every 250 ms
        LocalChain chain = new(parameters: defaults =>
            defaults.With((ParameterNames.EvidenceAgeBlocks, 10), (ParameterNames.EvidenceAgeTime, 2_500)));
        for (int i = 0; i < 11; i++)
        {
            chain.Decide();
        }

        Evidence old = DoubleVote(chain, height: 1);
        Evidence young = DoubleVote(chain, height: 2);
        EvidencePool pool = Pool(chain);
        Assert.True(pool.Add(old) && pool.Add(young));

        // block 12, 11 blocks and 2,750 ms after block 1, 10 blocks after block 2
        Block proposed = Propose(chain, pool);
        Assert.Equal([young], proposed.Body.Evidence);
        Assert.Equal(BlockReason.None, BlockRules.Check(Circumstances(chain), proposed).Reason);

        // in block 13 the other is 11 blocks and 2,750 ms old
        Assert.Equal([old, young], Pool(chain).Pending);
        Settle(chain, pool, chain.Decide());
        Assert.DoesNotContain(old, pool.Pending);
        Assert.DoesNotContain(old, Pool(chain).Pending);
        Assert.Empty(Propose(chain, pool).Body.Evidence);
    }

    [Fact]
    public void ADamagedFileBringsBackOnlyWhatIsProven()
    {
        LocalChain chain = new();
        chain.Decide();
        chain.Decide();
        Evidence sound = DoubleVote(chain, height: 1);
        Evidence damaged = DoubleVote(chain, height: 2);
        EvidencePool pool = Pool(chain);
        Assert.True(pool.Add(sound) && pool.Add(damaged));
        Assert.Equal([sound, damaged], Pool(chain).Pending);

        // the last byte of a line belongs to a signature
        string file = Path.Combine(_folder, "evidence.txt");
        string[] lines = File.ReadAllLines(file);
        int broken = Array.IndexOf(lines, Convert.ToHexStringLower(Canonical.Encode(damaged)));
        lines[broken] = lines[broken][..^2] + (lines[broken].EndsWith("00", StringComparison.Ordinal) ? "01" : "00");
        File.WriteAllLines(file, [.. lines, "no hexadecimal", ""]);
        Assert.Equal([sound], Pool(chain).Pending);
    }

    // fault 106: no table is first come, first kept
    [Fact]
    public void OneOffenderHasItsShareOfThePoolAndNoMore()
    {
        EvidencePool pool = new(Path.Combine(_folder, "evidence.txt"), static _ => true);
        ValidatorId greedy = new([1, .. new byte[31]]);
        ValidatorId other = new([2, .. new byte[31]]);
        Assert.Equal(EvidencePool.PerValidator, Enumerable.Range(1, 50).Count(height => pool.Add(Offence(greedy, (ulong)height))));
        Assert.True(pool.Add(Offence(other, 1)));
        Assert.Equal(EvidencePool.PerValidator + 1, pool.Pending.Count);
        Assert.Equal(pool.Pending, new EvidencePool(Path.Combine(_folder, "evidence.txt"), static _ => true).Pending);
    }

    private static Evidence Offence(ValidatorId validator, ulong height)
    {
        Vote vote = new(VoteType.Prevote, height, 0, null, Rounds.Nil, validator);
        ByteString signature = new(new byte[64]);
        return Offences.Between(new Signed<Vote>(vote, signature), new Signed<Vote>(vote with { Value = default(ValueId) }, signature))!;
    }

    private EvidencePool Pool(LocalChain chain) => new(
        Path.Combine(_folder, "evidence.txt"), evidence =>
        chain.Execution.Head.Next.EvidenceVerifier(chain.Execution.Chain, Ed25519Check.Instance, evidence.Height)?.Verify(evidence,
            out _) is not null);

    private static BlockCircumstances Circumstances(LocalChain chain)
    {
        ChainHead head = chain.Execution.Head;
        return new BlockCircumstances(
            chain.Execution.Chain, head.Next, head.BlockId, head.Time, head.Result, head.ServiceEvents, null, Ed25519Check.Instance,
            TimeOf(chain), chain.Store.IsCommitted);
    }

    private static Block Propose(LocalChain chain, EvidencePool pool)
    {
        ChainHead head = chain.Execution.Head;
        Validator proposer = head.Next.Validators.Proposer(head.Height + 1, 0);
        return BlockBuilder.Build(new BlockPlan(
            chain.Execution.Chain, head.Next, head.BlockId, head.Time, head.Certificate, head.Result, head.ServiceEvents, 0, head.Time
            + 250, ValidatorSets.ToAddress(proposer.Id), pool.Pending, [], TimeOf(chain))).Block;
    }

    private static void Settle(LocalChain chain, EvidencePool pool, ChainHead head) =>
        pool.Settle(head.Block!, evidence =>
            BlockRules.EvidenceAge(head.Next, head.Time, TimeOf(chain), evidence.Height) == BlockReason.None
            && !chain.Store.IsCommitted(EvidenceKey.Of(evidence)));

    private static Func<ulong, ulong?> TimeOf(LocalChain chain) => height => chain.Store.Header(height)?.Time;

    private static Evidence DoubleVote(LocalChain chain, ulong height)
    {
        SignContext context = chain.Execution.Head.Next.SignContext(chain.Execution.Chain);
        Signed<Vote>[] votes = [.. ((byte[])[1, 2]).Select(value =>
        {
            byte[] bytes = new byte[32];
            bytes[0] = value;
            Vote vote = new(VoteType.Prevote, height, 0, new ValueId(bytes), Rounds.Nil, ValidatorSets.ToId(chain.Validators[0].Address));
            return new Signed<Vote>(vote, new ByteString(Ed25519.Sign(chain.Validators[0].Seed, SignBytes.Of(context, vote))));
        })];
        return Offences.Between(votes[0], votes[1])!;
    }
}
