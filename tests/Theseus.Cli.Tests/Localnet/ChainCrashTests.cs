using Theseus.Client;
using Theseus.Consensus;
using Theseus.Protocol;

namespace Theseus.Cli.Tests.Localnet;

/// <summary>The real chain through crashes of its processes (consensus N14 to N16, execution 6).</summary>
public class ChainCrashTests
{
    [Fact]
    public async Task AKilledValidatorCatchesUpAndItsPrecommitsStandInCertificatesAgain()
    {
        await using ChainNetwork network = await ChainNetwork.StartAsync();
        SignedTransaction first = network.Transfer("alice", "bob", 1, 0);
        await network.SubmitAsync("n2", first);
        await network.ExecutesAsync("n1", first);
        await network.KillAtOnceAsync("n2");
        ulong killed = await network.HeightAsync("n1");

        SignedTransaction[] more = [.. Enumerable.Range(1, 100).Select(i => network.Transfer("alice", "bob", (ulong)i, (ulong)i))];
        await network.SubmitAsync("n1", more);
        foreach (SignedTransaction transaction in more)
        {
            await network.ExecutesAsync("n3", transaction);
        }

        await network.ReachesAsync("n1", killed + 4);
        await network.VerbAsync("restart", "n2");
        ulong back = await network.HeightAsync("n1");
        ulong signed = await network.SignedHeightAsync("n1", network.IdOf("n2"), back);
        ulong followed = network.LastFollowed("n2", signed);
        Assert.True(followed > killed, $"n2 followed no height above {killed}: it was not behind");
        Assert.InRange(signed, followed + 1, followed + 20);
        await network.ExecutesAsync("n2", more[^1]);

        // 1,000,000 coins at genesis; 1 and 1 + 2 + … + 100 units from alice
        Assert.Equal((1_000_000ul * 100_000_000) + 1 + 5_050, await network.BalanceAsync("n2", "bob"));
        (_, string figures) = await network.AgreesAfterStopAsync();
        Say($"killed at {killed}, back at {back}, followed to {followed}, precommit in certificate {signed}; {figures}");
    }

    [Fact]
    public async Task AValidatorFiveHundredHeightsBehindCatchesUpUnderLoad()
    {
        LongTests.Only();
        await using ChainNetwork network = await ChainNetwork.StartAsync();
        await using (Load load = network.TransferLoad(8))
        {
            await network.KillAtOnceAsync("n2");
            ulong killed = await network.HeightAsync("n1");
            await network.ReachesAsync("n1", killed + 500, TimeSpan.FromMinutes(10));
            await network.VerbAsync("restart", "n2");
            ulong back = await network.HeightAsync("n1");
            ulong signed = await network.SignedHeightAsync("n1", network.IdOf("n2"), back);
            ulong followed = network.LastFollowed("n2", signed);
            Assert.True(followed >= killed + 500, $"followed to {followed} after {killed}");
            Assert.InRange(signed, followed + 1, followed + 20);
            Assert.True(load.Accepted > 100);
            Say($"killed at {killed}, back at {back}, followed to {followed}, precommit in certificate {signed}, "
                + $"{load.Accepted} transfers");
        }

        (_, string figures) = await network.AgreesAfterStopAsync();
        Say(figures);
    }

    [Fact]
    public Task TwiceAllFourAreKilledUnderLoadAndNothingIsLost() => KillAllAsync(2);

    [Fact]
    public Task TwentyTimesAllFourAreKilledUnderLoadAndNothingIsLost()
    {
        LongTests.Only();
        return KillAllAsync(20);
    }

    private static async Task KillAllAsync(int rounds)
    {
        Random random = new(rounds);
        await using ChainNetwork network = await ChainNetwork.StartAsync();
        ulong highest = 0;
        await using (Load load = network.TransferLoad(8))
        {
            for (int round = 0; round < rounds; round++)
            {
                ulong height = ulong.Max(highest, await network.HeightAsync(network.Names[random.Next(4)]));
                await network.ReachesAsync("n1", height + (ulong)random.Next(1, 8));
                string[] order = [.. network.Names];
                random.Shuffle(order);
                StatusInfo?[] told = await Task.WhenAll(network.Names.Select(node =>
                    ChainNetwork.AskAsync(() => network.ClientOf(node).StatusAsync())));
                await network.KillAtOnceAsync(order);

                // What a node told before its death it still holds, under the same hash.
                Durable[] before = [.. network.Names.Select(network.Read)];
                foreach ((StatusInfo? status, Durable kept) in told.Zip(before))
                {
                    Assert.True(kept.Decided.Count >= (int)status!.DecidedHeight,
                        $"{kept.Decided.Count} of {status.DecidedHeight} decided blocks are left");
                    Assert.Equal(status.BlockHash, "0x" + kept.Decided[(int)status.Height - 1]);
                }

                random.Shuffle(order);
                foreach (string node in order)
                {
                    await network.VerbAsync("restart", node);
                }

                // They go on from the highest decided block, and what each had decided is the same value everywhere.
                IReadOnlyList<ValueId> longest = before.MaxBy(node => node.Decided.Count)!.Decided;
                Assert.All(before, node => Assert.Equal(longest.Take(node.Decided.Count), node.Decided));
                highest = (ulong)longest.Count;
                foreach (string node in network.Names)
                {
                    await network.ReachesAsync(node, highest + 1);
                    for (ulong at = 1; at <= highest; at += ulong.Max(1, highest / 10))
                    {
                        await SameAsync(node, at);
                    }

                    await SameAsync(node, highest);
                }

                await TheseusCommand.DoAsync(["db", "audit-votes", .. network.Names.Select(network.HomeOf)]);

                async Task SameAsync(string node, ulong at) =>
                    Assert.Equal(longest[(int)at - 1], (await network.CertificateAsync(node, at))!.Value);
            }

            Assert.True(load.Accepted > 0);
            Say($"{rounds} rounds, {load.Accepted} transfers, {highest} heights decided before the last kill");
        }

        (ulong lowest, string figures) = await network.AgreesAfterStopAsync();
        Assert.True(lowest > highest, $"{lowest} after {highest}");
        Say(figures);
    }

    private static void Say(string figures) => TestContext.Current.SendDiagnosticMessage(figures);
}
