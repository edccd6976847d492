using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;

namespace Theseus.Cli.Tests.Localnet;

/// <summary>How a localnet begins and ends.</summary>
public class LifeTests
{
    private const int Interrupt = 2;
    private const int KillNow = 9;

    [Fact]
    public async Task AnInterruptStopsEverythingAndTheStateIsKept()
    {
        string folder = KvNetwork.NewFolder();
        KvNetwork first = await KvNetwork.StartAsync(folder);
        await first.PutAsync("n1", "kept", "yes");
        await first.SeesAsync("n2", "kept", "yes");
        int[] nodes = await NodesOfAsync(first);
        ulong height = await first.HeightAsync("n1");

        TheseusCommand.Signal(first.SupervisorId, Interrupt);
        Assert.Equal(0, await first.EndAsync());
        Assert.All(nodes, node => Assert.False(TheseusCommand.Lives(node)));
        Assert.Contains("state is kept", first.Chatter);

        await using KvNetwork second = await KvNetwork.StartAsync(folder);
        await second.SeesAsync("n4", "kept", "yes");
        await second.ReachesAsync("n3", height + 2);
        Assert.Contains("going on with the localnet", second.Chatter);
    }

    [Fact]
    public async Task NoNodeOutlivesAKilledSupervisorAndTheNextStartGoesOn()
    {
        string folder = KvNetwork.NewFolder();
        KvNetwork first = await KvNetwork.StartAsync(folder);
        await first.PutAsync("n1", "orphan", "none");
        await first.SeesAsync("n1", "orphan", "none");
        int[] nodes = await NodesOfAsync(first);
        Assert.All(nodes, node => Assert.True(TheseusCommand.Lives(node)));

        TheseusCommand.Signal(first.SupervisorId, KillNow);
        await first.EndAsync();
        await TheseusCommand.UntilAsync(() => Task.FromResult(!nodes.Any(TheseusCommand.Lives)), "the end of all nodes");

        await using KvNetwork second = await KvNetwork.StartAsync(folder);
        await second.SeesAsync("n2", "orphan", "none");
    }

    [Fact]
    public async Task InTheBackgroundItRunsUntilItIsStoppedAndResetRemovesItsData()
    {
        string folder = KvNetwork.NewFolder();
        JsonNode described = JsonNode.Parse(await TheseusCommand.DoAsync("localnet", "--application", "kv", "--dir", folder,
            "--base-port", "0", "--detach", "--json"))!;
        Assert.Equal(4, described["nodes"]!.AsArray().Count);
        JsonArray rows = JsonNode.Parse(await TheseusCommand.DoAsync("localnet", "status", "--dir", folder, "--json"))!.AsArray();
        int[] nodes = [.. rows.Select(row => row!["pid"]!.GetValue<int>())];
        Assert.All(nodes, node => Assert.True(TheseusCommand.Lives(node)));

        await TheseusCommand.DoAsync("localnet", "stop", "--dir", folder);
        Assert.All(nodes, node => Assert.False(TheseusCommand.Lives(node)));
        Ended stopped = await TheseusCommand.RunAsync("localnet", "status", "--dir", folder);
        Assert.Equal(1, stopped.Code);
        Assert.Contains("does not run", stopped.Errors);
        Assert.True(Directory.Exists(Path.Combine(folder, "n1", "consensus")));

        await File.WriteAllTextAsync(Path.Combine(folder, "mine.txt"), "not the localnet's");
        await TheseusCommand.DoAsync("localnet", "reset", "--dir", folder);
        Assert.False(Directory.Exists(Path.Combine(folder, "n1")));
        Assert.True(File.Exists(Path.Combine(folder, "mine.txt")));
        Assert.Equal(3, (await TheseusCommand.RunAsync("localnet", "status", "--dir", folder)).Code);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task AUsedPortIsOneClearLineAndLeavesNothingBehind()
    {
        using TcpListener taken = new(IPAddress.Loopback, 0);
        taken.Start();
        int port = ((IPEndPoint)taken.LocalEndpoint).Port;
        string folder = KvNetwork.NewFolder();
        // n1's consensus port
        Ended ended = await TheseusCommand.RunAsync("localnet", "--application", "kv", "--dir", folder, "--base-port", $"{port - 1}");
        Assert.Equal(3, ended.Code);
        string line = Assert.Single(ended.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains($"port {port} (for n1) is in use", line);
        Assert.Empty(ended.Output);
        Assert.False(File.Exists(Path.Combine(folder, "localnet.json"))); // the next attempt may choose other ports
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData("--validators", "0")]
    [InlineData("--validators", "17")]
    [InlineData("--application", "chess")]
    public async Task WrongOptionsAreUsageErrors(string option, string value)
    {
        string folder = KvNetwork.NewFolder();
        Ended ended = await TheseusCommand.RunAsync("localnet", "--dir", folder, option, value);
        Assert.Equal(2, ended.Code);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder));
        Directory.Delete(folder);
    }

    private static async Task<int[]> NodesOfAsync(KvNetwork network) =>
        [.. (await network.StatusAsync()).Select(row => row!["pid"]!.GetValue<int>())];
}
