using System.Text.Json.Nodes;
using Theseus.Client;

namespace Theseus.Cli.Tests.Localnet;

/// <summary>A validator that lacks the next execution stack (record P10).</summary>
public class ChainUpgradeCrashTests
{
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(5) };

    [Fact]
    public async Task ANodeWithoutTheScheduledStackWarnsStopsBeforeItServesHistoryAndResumesWithIt()
    {
        LongTests.Only();
        await using ChainNetwork network = await ChainNetwork.StartAsync();
        await network.KillAtOnceAsync("n2");
        await network.VerbAsync("restart", "n2", "--", "--stacks", "1");
        await network.ReachesAsync("n2", await network.HeightAsync("n1"));
        await TheseusCommand.UntilAsync(async () => await ReadyAsync() == (System.Net.HttpStatusCode.OK, "ready\n"),
            "n2 ready without a warning");

        ulong activation = await ScheduleAsync(network);
        System.Net.HttpStatusCode code = default;
        string text = "";
        await TheseusCommand.UntilAsync(
            async () =>
            {
                (code, text) = await ReadyAsync();
                return text.Contains("warning", StringComparison.Ordinal);
            },
            "the warning on /ready");
        VersionInfo scheduled = (await network.ClientOf("n2").StatusAsync()).Versions.Single(version => version.Component == "execution");
        Assert.Equal((2ul, activation, false), (scheduled.ScheduledVersion, scheduled.ActivationHeight, scheduled.Supported));
        Assert.True((await network.ClientOf("n1").StatusAsync()).Versions.Single(version => version.Component == "execution").Supported);
        Assert.Equal(System.Net.HttpStatusCode.OK, code); // it still runs everything that comes before
        Assert.Contains($"execution version 2 is scheduled for block {activation}", text);
        Assert.Contains(scheduled.ScheduledModuleId!.Replace("0x", "", StringComparison.Ordinal), text);
        Assert.Contains("supported: ", text);
        Assert.Contains(scheduled.ModuleId.Replace("0x", "", StringComparison.Ordinal),
            text[text.IndexOf("supported: ", StringComparison.Ordinal)..]);

        // The others go on; n2 ends at the last block that it can run, says why, and answers about what it has.
        await network.ReachesAsync("n1", activation + 8);
        await TheseusCommand.UntilAsync(async () => await ReadyAsync() is (System.Net.HttpStatusCode.ServiceUnavailable, string why)
            && why.Contains("needs", StringComparison.Ordinal), "n2's stop");
        StatusInfo stopped = await network.ClientOf("n2").StatusAsync();
        Assert.Equal(activation - 1, stopped.Height);
        foreach (string said in (string[])[stopped.Halted!, (await ReadyAsync()).Text])
        {
            Assert.Contains($"height {activation} needs execution module", said);
            Assert.Contains(scheduled.ScheduledModuleId!.Replace("0x", "", StringComparison.Ordinal), said);
            Assert.Contains("supported: ", said);
        }

        Assert.Equal("1", (await network.ClientOf("n2")
            .ViewAsync("0x1::string::index_of", null, ["abc", "b"], At.AtHeight(activation - 1))).Values[0].Text);
        Assert.Equal((await network.ClientOf("n1").GetBlockAsync(At.AtHeight(activation - 2))).Result!.StateRoot,
            (await network.ClientOf("n2").GetBlockAsync(At.AtHeight(activation - 2))).Result!.StateRoot);
        JsonNode row = (await network.StatusAsync()).First(node => node!["name"]!.GetValue<string>() == "n2")!;
        Assert.True(row["running"]!.GetValue<bool>());
        Assert.Equal("halted: needs execution 2, which its software lacks", row["state"]!.GetValue<string>()); // fault 37
        Assert.Contains("warning: execution version 2 is scheduled", await network.VerbAsync("logs", "n2"));

        // Restarted with both stacks it goes on from there: the first height of its new log is the one it could not begin.
        await network.KillAtOnceAsync("n2");
        int kept = network.Read("n2").Decided.Count;
        Assert.InRange((ulong)kept, activation - 1, activation);
        await network.VerbAsync("restart", "n2");
        await network.ReachesAsync("n2", await network.HeightAsync("n1"));
        ulong signed = await network.SignedHeightAsync("n1", network.IdOf("n2"), await network.HeightAsync("n1"));
        (_, string figures) = await network.AgreesAfterStopAsync();
        TestContext.Current.SendDiagnosticMessage(
            $"activation {activation}, n2 stopped at {stopped.Height}, precommit in certificate {signed}; {figures}");

        async Task<(System.Net.HttpStatusCode Code, string Text)> ReadyAsync()
        {
            using HttpResponseMessage response = await Http.GetAsync(network.UrlOf("n2") + "/ready");
            return (response.StatusCode, await response.Content.ReadAsStringAsync());
        }
    }

    /// <summary>Schedules execution 2 by the public commands and returns its height.</summary>
    private static async Task<ulong> ScheduleAsync(ChainNetwork network)
    {
        string scripts = Path.Combine(network.Folder, "stack-upgrade");
        await TheseusCommand.DoAsync("upgrade", "script", "--component", "execution", "--to", "2", "--at", "+40", "--output-dir", scripts);
        JsonNode proposed = JsonNode.Parse(await network.DoAsync("txs", "upgrade", "propose", "--script-dir", scripts,
            "--metadata-url", "https://example.org/2", "--from", "alice", "--json"))!;
        string id = proposed["proposalId"]!.ToString();
        await network.DoAsync("txs", "vote", "--proposal-id", id, "--all");
        await TheseusCommand.UntilAsync(async () =>
            (await network.ClientOf("n1").GetProposalAsync(ulong.Parse(id))).Status == "APPROVED", "the approval");
        await network.DoAsync("txs", "resolve", "--proposal-script-dir", scripts, "--from", "bob");
        ulong? height = null;
        await TheseusCommand.UntilAsync(
            async () => (height = (await network.ClientOf("n1")
                .StatusAsync()).Versions.Single(version => version.Component == "execution").ActivationHeight) is not null, "the schedule");
        return height!.Value;
    }
}
