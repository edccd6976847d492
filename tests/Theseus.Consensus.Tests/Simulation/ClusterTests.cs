namespace Theseus.Consensus.Tests;

public class ClusterTests
{
    [Theory]
    [InlineData(4, 0, 150)]
    [InlineData(4, 1, 400)]
    [InlineData(7, 2, 200)]
    public void CorrectNodesAgreeProgressAndAreNeverAccused(int validators, int byzantine, int seeds)
    {
        for (int seed = 0; seed < seeds; seed++)
        {
            Cluster cluster = new(validators, byzantine, seed);
            cluster.Run();
            CommitCertificate[] decisions = [.. cluster.Correct.Select(i => cluster.Decisions[i]!)];
            Assert.True(decisions.All(d => d is not null), $"seed {seed}: no decision");
            Assert.True(decisions.Select(d => d.Value).Distinct().Count() == 1, $"seed {seed}: disagreement");
            Assert.All(decisions, d => Assert.NotNull(cluster.Committee.Verifier.Verify(d, out _)));
            HashSet<ValidatorId> correct = [.. cluster.Correct.Select(i => cluster.Committee.Set.Members[i].Id)];
            Assert.True(cluster.Evidence.All(e => !correct.Contains(e.Validator)), $"seed {seed}: a correct validator is accused");
            Assert.All(cluster.Evidence, e => Assert.NotNull(cluster.Committee.Verifier.Verify(e, out _)));
            Assert.InRange(cluster.MostTallies, 1, State.PastRounds + 3);
        }
    }

    [Fact]
    public void TheSameSeedGivesTheSameRun()
    {
        string[] runs = [.. Enumerable.Range(0, 2).Select(_ =>
        {
            Cluster cluster = new(4, 1, 42);
            cluster.Run();
            return string.Join('\n', cluster.Log.OfType<Effect.SignVote>().Select(v => v.Vote)) + cluster.Log.Count;
        })];
        Assert.Equal(runs[0], runs[1]);
    }

    [Fact]
    public void AdversariesAreSeenAtWork()
    {
        // without these the runs above would prove little
        HashSet<EvidenceKind> kinds = [];
        int highestRound = 0;
        for (int seed = 0; seed < 100; seed++)
        {
            Cluster cluster = new(7, 2, seed);
            cluster.Run();
            kinds.UnionWith(cluster.Evidence.Select(e => e.Kind));
            highestRound = int.Max(highestRound, cluster.Decisions.Max(d => d?.Round ?? 0));
        }

        Assert.Equal(3, kinds.Count);
        Assert.True(highestRound >= 2);
    }

    [Fact]
    public void C53TwoOfFourCanBreakAgreementAndAreThenBothNamed()
    {
        Committee committee = Committee.Of(4);
        int proposer = committee.ProposerOf(0);
        int other = (proposer + 1) % 4;
        int[] correct = [.. Enumerable.Range(0, 4).Where(i => i != proposer && i != other)];
        ValueId[] told = [Committee.A, Committee.B];
        Participant[] nodes = [.. correct.Select(i => new Participant(committee, i))];
        CommitCertificate[] decisions = [.. nodes.Select((node, k) =>
        {
            node.Start();
            node.Offer(0, told[k]);
            node.Take(committee.Prevote(proposer, 0, told[k]), committee.Prevote(other, 0, told[k]));
            return node.Take(committee.Precommit(proposer, 0, told[k]), committee.Precommit(other, 0, told[k])).Decision();
        })];
        Assert.NotEqual(decisions[0].Value, decisions[1].Value);

        IReadOnlyList<Effect> effects = nodes[0].Take(decisions[1]);
        Assert.Equal(
            new[] { proposer, other }.Order().Select(i => committee.Set.Members[i].Id),
            effects.Evidence().Where(e => e.Kind == EvidenceKind.DoubleVote).Select(e => e.Validator).Order());
    }
}
