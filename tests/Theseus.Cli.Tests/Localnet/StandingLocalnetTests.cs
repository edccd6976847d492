using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;

namespace Theseus.Cli.Tests.Localnet;

/// <summary>A localnet that was made, ran and was stopped. The tests leave it as it is.</summary>
public sealed class StandingLocalnet : IAsyncLifetime
{
    /// <summary>Its folder.</summary>
    public string Folder { get; } = RunningLocalnet.NewFolder();

    public async ValueTask InitializeAsync()
    {
        KvNetwork standing = await KvNetwork.StartAsync(Folder);
        await standing.StopAsync();
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(Folder, recursive: true);
        return ValueTask.CompletedTask;
    }
}

/// <summary>What keeps a localnet that stands already from starting.</summary>
public class StandingLocalnetTests(StandingLocalnet standing) : IClassFixture<StandingLocalnet>
{
    [Theory] // fault 35
    [InlineData("--base-port", "29990")]
    [InlineData("--epoch-seconds", "31")]
    [InlineData("--validators", "5")]
    [InlineData("--application", "theseus")]
    public async Task AnOptionThatContradictsAStandingLocalnetIsRefused(string option, string value)
    {
        Ended refused = await TheseusCommand.RunAsync("localnet", "--dir", standing.Folder, option, value);
        Assert.Equal(2, refused.Code);
        Assert.Contains(option, refused.Errors);
        Assert.Contains("--fresh", refused.Errors);
    }

    [Fact] // fault 96: a port that is taken after it was chosen is another node's bad luck, not a network's
    public async Task APortThatANodeCannotHaveIsSaidWithItsCode()
    {
        JsonNode file = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(standing.Folder, "localnet.json")))!;
        int port = int.Parse(file["nodes"]![2]!["consensusPort"]!.ToString());
        using TcpListener taken = new(IPAddress.Loopback, port);
        taken.Start();
        Ended ended = await TheseusCommand.RunAsync("localnet", "--dir", standing.Folder);
        Assert.Equal(3, ended.Code);
        Assert.Contains($"port {port} (for n3) is in use", Assert.Single(ended.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries)));
    }
}
