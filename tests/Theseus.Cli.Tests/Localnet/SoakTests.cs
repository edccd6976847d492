using Theseus.Consensus;

namespace Theseus.Cli.Tests.Localnet;

/// <summary>Minutes of crashes and catching up under load; run by ./test --long.</summary>
public class SoakTests
{
    [Fact]
    public async Task TwentyTimesAllFourAreKilledUnderLoadAndNoDecidedBlockIsLost()
    {
        LongTests.Only();
        const int Rounds = 20;
        Random random = new(20);
        await using KvNetwork network = await KvNetwork.StartAsync();
        await using Load load = PutLoad(network);
        for (int round = 0; round < Rounds; round++)
        {
            ulong height = await network.HeightAsync(network.Names[random.Next(4)]);
            await network.ReachesAsync("n1", height + (ulong)random.Next(1, 6));
            string[] order = [.. network.Names];
            random.Shuffle(order);
            await network.KillAtOnceAsync(order);
            ValueId[][] decided = [.. network.Names.Select(Values)];
            random.Shuffle(order);
            foreach (string node in order)
            {
                await network.VerbAsync("restart", node);
            }

            // They go on from the highest decided block, and every decided block of every node is still the same one everywhere.
            ValueId[] longest = decided.MaxBy(values => values.Length)!;
            foreach (string node in network.Names)
            {
                await network.ReachesAsync(node, (ulong)longest.Length + 1);
                Assert.Equal(longest, Values(node).Take(longest.Length));
            }

            Assert.All(decided, values => Assert.Equal(values, longest.Take(values.Length)));
            await TheseusCommand.DoAsync(["db", "audit-votes", .. network.Names.Select(network.HomeOf)]);
        }

        Assert.True(load.Accepted > 0);

        ValueId[] Values(string node) => [.. network.Decisions(node).Select(decision => decision.Certificate.Value)];
    }

    [Fact]
    public async Task ANodeFiveHundredHeightsBehindCatchesUpUnderLoadAndVotesAgain()
    {
        LongTests.Only();
        await using KvNetwork network = await KvNetwork.StartAsync();
        await using Load load = PutLoad(network);
        await network.VerbAsync("kill", "n2");
        ulong killed = await network.HeightAsync("n1");
        await TheseusCommand.UntilAsync(async () => await network.HeightAsync("n1") >= killed + 500, "500 heights without n2",
            TimeSpan.FromMinutes(15));
        await network.VerbAsync("restart", "n2");
        ulong back = await network.HeightAsync("n1");
        await network.ReachesAsync("n2", back);
        ValidatorId n2 = network.IdOf("n2");
        ulong signed = 0;
        await TheseusCommand.UntilAsync(
            () =>
            {
                signed = network.Decisions("n1").Concat(network.Decisions("n3")).Select(decision => decision.Certificate)
                    .Where(certificate => certificate.Height > back && certificate.Signatures.Any(signature => signature.Validator == n2))
                    .Select(certificate => certificate.Height).DefaultIfEmpty().Min();
                return Task.FromResult(signed > 0);
            },
            "a certificate with n2's precommit");
        ulong lastSynced = network.LastFollowed("n2", signed);
        Assert.True(lastSynced >= killed + 500, $"followed up to {lastSynced} after {killed}");
        Assert.InRange(signed, lastSynced + 1, lastSynced + 20);
        Assert.True(load.Accepted > 500);
    }

    /// <summary>Puts of changing keys on all nodes in turn, one after another; refused ones are tried no more.</summary>
    private static Load PutLoad(KvNetwork network) => new(1, async (_, number) =>
    {
        try
        {
            await network.PutAsync(network.Names[number % 4], $"load{number % 5000}", new string('x', 200));
            return true;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return false; // dead just now
        }
    });
}
