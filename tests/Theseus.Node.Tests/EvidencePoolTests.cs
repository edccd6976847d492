using Theseus.Consensus;
using Theseus.Protocol;

namespace Theseus.Node.Tests;

/// <summary>What a proposer takes from its pool is what every other node accepts (consensus N3): a piece that is refused costs the block, and a pool that keeps it costs every block.</summary>
public sealed class EvidencePoolTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("theseus-pool-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Evidence_of_the_height_in_progress_waits_for_the_next_block()
    {
        LocalChain chain = new();
        chain.Decide();
        EvidencePool pool = Pool();
        Evidence evidence = DoubleVote(chain, height: 2);
        Assert.True(pool.Add(evidence)); // found in round 0 of height 2, whose round 1 is proposed now
        Assert.Equal(BlockReason.EvidenceOutsideWindow, Propose(chain, [evidence]).Reason);
        Assert.Empty(Usable(chain, pool));
        Assert.Equal(BlockReason.None, Propose(chain, Usable(chain, pool)).Reason);
        pool.Settle(Circumstances(chain)); // height 1 is settled late
        Assert.Equal([evidence], pool.Pending);

        chain.Decide();
        pool.Settle(Circumstances(chain));
        Assert.Equal([evidence], Usable(chain, pool));
        Assert.Equal(BlockReason.None, Propose(chain, [evidence]).Reason);
    }

    [Fact]
    public void Evidence_that_became_too_old_is_left_out_and_forgotten_and_so_are_forgeries()
    {
        // 10 blocks and 2,500 ms; blocks come every 250 ms
        LocalChain chain = new(parameters: defaults => defaults.With((ParameterNames.EvidenceAgeBlocks, 10), (ParameterNames.EvidenceAgeTime, 2_500)));
        for (int i = 0; i < 11; i++)
        {
            chain.Decide();
        }

        Evidence old = DoubleVote(chain, height: 1);
        Evidence young = DoubleVote(chain, height: 2);
        Evidence forged = DoubleVote(chain, height: 3, signer: 1);
        EvidencePool pool = Pool();
        Assert.True(pool.Add(old) && pool.Add(young) && pool.Add(forged));

        // block 12, 11 blocks and 2,750 ms after block 1, 10 blocks after block 2
        Assert.Equal(BlockReason.EvidenceExpired, Propose(chain, [old]).Reason);
        Assert.Equal(BlockReason.EvidenceRefused, Propose(chain, [forged]).Reason);
        Assert.Equal([young], Usable(chain, pool));
        Assert.Equal(BlockReason.None, Propose(chain, Usable(chain, pool)).Reason);

        chain.Decide();
        pool.Settle(Circumstances(chain));
        Assert.DoesNotContain(old, pool.Pending);
        Assert.DoesNotContain(old, Pool().Pending); // nor does the file bring it back
    }

    private EvidencePool Pool() => new(Path.Combine(_folder, "evidence.txt"));

    private static IReadOnlyList<Evidence> Usable(LocalChain chain, EvidencePool pool) => pool.Usable(Circumstances(chain), chain.Execution.Head.Time + 250);

    private static BlockCircumstances Circumstances(LocalChain chain)
    {
        ChainHead head = chain.Execution.Head;
        return new BlockCircumstances(
            chain.Execution.Chain, head.Next, head.BlockId, head.Time, head.Result, head.ServiceEvents, null, Ed25519Check.Instance, height => chain.Store.Header(height)?.Time, chain.Store.IsCommitted);
    }

    /// <summary>How the other nodes judge a block with this evidence.</summary>
    private static BlockVerdict Propose(LocalChain chain, IReadOnlyList<Evidence> evidence)
    {
        ChainHead head = chain.Execution.Head;
        Validator proposer = head.Next.Validators.Proposer(head.Height + 1, 0);
        BuiltBlock built = BlockBuilder.Build(new BlockPlan(
            chain.Execution.Chain, head.Next, head.BlockId, head.Time, head.Certificate, head.Result, head.ServiceEvents, 0, head.Time + 250, ValidatorSets.ToAddress(proposer.Id), evidence, []));
        return BlockRules.Check(Circumstances(chain), built.Block);
    }

    private static Evidence DoubleVote(LocalChain chain, ulong height, int signer = 0)
    {
        SignContext context = chain.Execution.Head.Next.SignContext(chain.Execution.Chain);
        Signed<Vote>[] votes = [.. ((byte[])[1, 2]).Select(value =>
        {
            byte[] bytes = new byte[32];
            bytes[0] = value;
            Vote vote = new(VoteType.Prevote, height, 0, new ValueId(bytes), Rounds.Nil, ValidatorSets.ToId(chain.Validators[0].Address));
            return new Signed<Vote>(vote, new ByteString(Ed25519.Sign(chain.Validators[signer].Seed, SignBytes.Of(context, vote))));
        })];
        return Offences.Between(votes[0], votes[1])!;
    }
}
