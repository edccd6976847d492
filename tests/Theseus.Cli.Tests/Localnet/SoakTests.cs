using Theseus.Consensus;

namespace Theseus.Cli.Tests.Localnet;

/// <summary>Minutes of crashes and catching up under load; run by ./test --long.</summary>
[Collection("localnet")]
public class SoakTests
{
    private static bool IsLong => Environment.GetEnvironmentVariable("THESEUS_LONG") == "1";

    [Fact]
    public async Task TwentyTimesAllFourAreKilledUnderLoadAndNoDecidedBlockIsLost()
    {
        Assert.SkipUnless(IsLong, "a long test: ./test --long");
        const int Rounds = 20;
        Random random = new(20);
        await using KvNetwork network = await KvNetwork.StartAsync();
        await using Load load = new(network);
        for (int round = 0; round < Rounds; round++)
        {
            ulong height = await network.HeightAsync(network.Names[random.Next(4)]);
            await network.ReachesAsync("n1", height + (ulong)random.Next(1, 6));
            string[] order = [.. network.Names];
            random.Shuffle(order);
            List<int> processes = [];
            foreach (string node in order)
            {
                processes.Add(await network.ProcessIdAsync(node));
            }

            processes.ForEach(process => TheseusCommand.Signal(process, 9));
            await TheseusCommand.UntilAsync(() => Task.FromResult(!processes.Any(TheseusCommand.Lives)), "the end of all four");
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
        Assert.SkipUnless(IsLong, "a long test: ./test --long");
        await using KvNetwork network = await KvNetwork.StartAsync();
        await using Load load = new(network);
        await network.VerbAsync("kill", "n2");
        ulong killed = await network.HeightAsync("n1");
        await TheseusCommand.UntilAsync(async () => await network.HeightAsync("n1") >= killed + 500, "500 heights without n2", TimeSpan.FromMinutes(15));
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
        (SortedSet<ulong> begun, SortedSet<ulong> precommitted) = OwnLog.Heights(network.HomeOf("n2"));
        ulong lastSynced = begun.Where(height => height < signed && !precommitted.Contains(height)).Max();
        Assert.True(lastSynced >= killed + 500, $"followed up to {lastSynced} after {killed}");
        Assert.InRange(signed, lastSynced + 1, lastSynced + 20);
        Assert.True(load.Accepted > 500);
    }

    /// <summary>Puts of changing keys, all the time, on all nodes in turn; refused ones are tried no more.</summary>
    private sealed class Load : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _running;

        public Load(KvNetwork network) => _running = RunAsync(network);

        public int Accepted { get; private set; }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _running;
            _stop.Dispose();
        }

        private async Task RunAsync(KvNetwork network)
        {
            for (int i = 0; !_stop.IsCancellationRequested; i++)
            {
                try
                {
                    await network.PutAsync(network.Names[i % 4], $"load{i % 5000}", new string('x', 200));
                    Accepted++;
                }
                catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
                {
                    // dead just now
                }

                await Task.Delay(5);
            }
        }
    }
}
