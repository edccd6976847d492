using System.Text.Json.Nodes;
using Theseus.Client;
using Theseus.Protocol;

namespace Theseus.Cli.Tests.Localnet;

/// <summary>One chain for all the tests here; each leaves it with all nodes running.</summary>
public sealed class AvailabilityNetwork : IAsyncLifetime
{
    internal ChainNetwork Network { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Network = await ChainNetwork.StartAsync();

    public async ValueTask DisposeAsync() => await Network.DisposeAsync();
}

/// <summary>What the chain does while some of its nodes are dead, and what it holds back until a record is durable.</summary>
public class ChainAvailabilityTests(AvailabilityNetwork fixture) : IClassFixture<AvailabilityNetwork>
{
    /// <summary>Round 0 of the localnet's chain takes at most 1.6 s (propose 1,000, prevote and precommit 300 ms each):
    /// almost four times that.</summary>
    private static readonly TimeSpan SeveralRounds = TimeSpan.FromSeconds(6);

    private const int Interrupt = 2;
    private const int Termination = 15;

    [Fact]
    public async Task WithTwoOfFourKilledTheChainStopsUntilOneIsBack()
    {
        ChainNetwork network = fixture.Network;
        await network.KillAtOnceAsync("n3", "n4");
        ulong stopped = await network.HeightAsync("n1");
        SignedTransaction late = network.Transfer("alice", "bob", 1, await network.SequenceAsync("n1", "alice"));
        await network.SubmitAsync("n1", late);

        // A decision may have been under way, and the block before it not yet executed. After that, nothing.
        ulong highest = stopped + 2;
        System.Diagnostics.Stopwatch looked = System.Diagnostics.Stopwatch.StartNew();
        while (looked.Elapsed < SeveralRounds)
        {
            foreach (string node in (string[])["n1", "n2", ChainNetwork.Access])
            {
                StatusInfo status = await network.ClientOf(node).StatusAsync();
                Assert.InRange(status.DecidedHeight, stopped - 1, highest);
            }

            await Task.Delay(100);
        }

        Assert.Null(await network.ReceiptAsync("n1", late));
        await network.VerbAsync("restart", "n3");
        await network.ExecutesAsync("n1", late);
        await network.ExecutesAsync("n3", late);
        await network.VerbAsync("restart", "n4");
        await network.ReachesAsync("n4", await network.HeightAsync("n1") + 2);
    }

    [Fact]
    public async Task WhatOnlyTheAccessNodeHasIsCommittedWhileValidatorsRestart()
    {
        ChainNetwork network = fixture.Network;
        ulong next = await network.SequenceAsync(ChainNetwork.Access, "carol");
        SignedTransaction[] transactions = [.. Enumerable.Range(0, 4).Select(i => network.Transfer("carol", "bob", 1, next + (ulong)i))];
        for (int i = 0; i < 2; i++)
        {
            string node = network.Names[i];
            await network.KillAtOnceAsync(node);
            await network.SubmitAsync(ChainNetwork.Access, transactions[i]);
            await network.VerbAsync("restart", node);
            await network.ExecutesAsync(node, transactions[i]);
        }

        // With no validator alive nobody but the access node can keep them: they come back with nothing in their pools.
        await network.KillAtOnceAsync(network.Names);
        await network.SubmitAsync(ChainNetwork.Access, transactions[2..]);
        foreach (string node in network.Names)
        {
            await network.VerbAsync("restart", node);
        }

        foreach (string node in network.All)
        {
            await network.ExecutesAsync(node, transactions[^1]);
        }
    }

    [Fact] // fault 26: without the mend a supervised node hears no signal at all
    public async Task ASignalEndsANodeUnderTheSupervisorCleanly()
    {
        ChainNetwork network = fixture.Network;
        foreach ((string name, int signal) in ((string, int)[])[("n3", Termination), (ChainNetwork.Access, Interrupt)])
        {
            int node = await network.ProcessIdAsync(name);
            TheseusCommand.Signal(node, signal);
            await TheseusCommand.UntilAsync(() => Task.FromResult(!TheseusCommand.Lives(node)), $"the end of {name}");
            JsonNode row = (await network.StatusAsync()).Single(row => (string)row!["name"]! == name)!;
            Assert.Equal("stopped (ended cleanly)", (string)row["state"]!);
            Assert.Contains($"{name} ended by itself", network.Chatter);
            await network.VerbAsync("restart", name);
            await network.ReachesAsync(name, await network.HeightAsync("n1"));
        }
    }

    [Fact]
    public Task NoVoteLeavesAValidatorOfTheChainBeforeItsRecordIsSynced() => VoteOrderTests.CheckAsync(fixture.Network);

    [Fact]
    public async Task ARunningNodesCoinsCannotBeCountedAndTheErrorSaysWhy()
    {
        Ended running = await TheseusCommand.RunAsync("db", "supply", "--dir", fixture.Network.HomeOf("n1"));
        Assert.Equal(4, running.Code);
        Assert.Empty(running.Output);
        Assert.Contains("in use by another node; stop it first", running.Errors);

        Ended nothing = await TheseusCommand.RunAsync("db", "supply", "--dir", fixture.Network.Folder);
        Assert.Equal(4, nothing.Code);
        Assert.Contains("no chain data in", nothing.Errors);
        Assert.False(File.Exists(Path.Combine(fixture.Network.Folder, "data.mdb")));
    }
}
