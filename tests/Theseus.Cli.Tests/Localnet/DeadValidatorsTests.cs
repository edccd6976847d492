using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Theseus.Client;

namespace Theseus.Cli.Tests.Localnet;

/// <summary>A node whose validators are all dead says so in one way wherever it is asked. // fault 11</summary>
public sealed partial class DeadValidatorsTests
{
    /// <summary>The alarm comes ten seconds and two block intervals after the last block; the rest is for a busy machine.</summary>
    private static readonly TimeSpan InTime = TimeSpan.FromSeconds(25);

    // fault 11: all validators dead for 25 s
    [Fact]
    public async Task TheAccessNodeSaysEverywhereThatThereIsNoBlock()
    {
        await using ChainNetwork network = await ChainNetwork.StartAsync();
        using HttpClient http = new() { BaseAddress = new Uri(network.UrlOf(ChainNetwork.Access)), Timeout = TimeSpan.FromSeconds(10) };
        await TheseusCommand.UntilAsync(async () => (await http.GetAsync("/ready")).IsSuccessStatusCode, "a ready access node");
        Assert.Equal("1", await ReadyMetricAsync());

        await network.KillAtOnceAsync(network.Names);
        string said = "";
        await TheseusCommand.UntilAsync(
            async () =>
            {
                using HttpResponseMessage ready = await http.GetAsync("/ready");
                said = await ready.Content.ReadAsStringAsync();
                return ready.StatusCode == System.Net.HttpStatusCode.ServiceUnavailable;
            },
            "/ready of the access node says no",
            InTime);
        Assert.Matches(NoBlock(), said.Trim());

        // what the explorer and every client read
        StatusInfo status = await network.ClientOf(ChainNetwork.Access).StatusAsync();
        Assert.Equal((false, true, 0), (status.Ready, status.Syncing, status.Peers));
        Assert.Matches(NoBlock(), status.NotReadyReason);
        Assert.Null(status.Halted);
        Assert.Equal("0", await ReadyMetricAsync());
        using HttpResponseMessage live = await http.GetAsync("/live");
        Assert.True(live.IsSuccessStatusCode); // its process is well: nobody should start it again

        // what an operator reads
        JsonArray rows = await network.StatusAsync();
        Assert.Matches(NoBlock(), StateOf(ChainNetwork.Access));
        Assert.All(network.Names, name => Assert.StartsWith("stopped", StateOf(name), StringComparison.Ordinal));
        await TheseusCommand.UntilAsync(
            async () => (await network.VerbAsync("logs", ChainNetwork.Access)).Contains("no block for ", StringComparison.Ordinal),
            "the alarm in the log", InTime);

        async Task<string> ReadyMetricAsync() => ReadyMetric().Match(await http.GetStringAsync("/metrics")).Groups["value"].Value;

        string StateOf(string name) => rows.First(row => row!["name"]!.GetValue<string>() == name)!["state"]!.GetValue<string>();
    }

    [GeneratedRegex("^theseus_ready(\\{[^}]*\\})? (?<value>[0-9]+)", RegexOptions.Multiline)]
    private static partial Regex ReadyMetric();

    [GeneratedRegex("^no block for [0-9]+ s$")]
    private static partial Regex NoBlock();
}
