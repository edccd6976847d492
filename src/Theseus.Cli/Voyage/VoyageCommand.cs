using System.Diagnostics;
using System.Text.Json;
using Theseus.Cli.Framework;
using Theseus.Cli.Localnet;
using Theseus.Client;

namespace Theseus.Cli.Voyage;

/// <summary>
/// theseus localnet --voyage: a network under load upgrades its framework by the whole ceremony and its execution stack
/// from 1 to 2, by the public commands, and counts what it cost.
/// </summary>
internal sealed class VoyageCommand(LocalnetLayout layout, Supervisor supervisor)
{
    /// <summary>Transfers a second that the median must reach.</summary>
    public const int PromisedRate = 200;

    /// <summary>Signed transfers sent a second: a little more than promised, since blocks fall unevenly into seconds.</summary>
    private const int Rate = 205;

    /// <summary>Load alone before, between and after the changes.</summary>
    private static readonly TimeSpan Calm = TimeSpan.FromSeconds(6);

    /// <summary>Blocks from resolving to the activation of the new stack; the least notice is 16 and 2 for recording.</summary>
    private const int StackNotice = 24;

    /// <summary>Lines of a command's answer that are shown: all of every command of a voyage.</summary>
    private const int ShownLines = 24;

    private static readonly TimeSpan StepPatience = TimeSpan.FromSeconds(60);

    private readonly LocalnetFile _file = supervisor.File;

    public async Task<VoyageReport> RunAsync(CancellationToken cancellation)
    {
        Stopwatch watch = Stopwatch.StartNew();
        using TheseusClient access = new(new Uri(_file.Nodes[^1].Url));
        using LoadDriver load = new(_file);
        await load.PrepareAsync(cancellation);
        await WarmUp.RunAsync(access, load, Rate, cancellation);
        StatusInfo begin = await access.StatusAsync(cancellation);
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Terminal.Say(
            $"voyage: {Rate} transfers per second from {LocalnetGenesis.LoadAccounts} senders over {_file.Nodes.Count} nodes, from block "
                + $"{begin.Height}");
        Task sending = load.SendAsync(Rate, stop.Token);
        Task following = load.FollowAsync(begin.Height, StepPatience, stop.Token);
        await Task.Delay(Calm, cancellation);

        FrameworkChange framework = await UpgradeFrameworkAsync(access, cancellation);
        await Task.Delay(Calm, cancellation);
        ExecutionChange execution = await UpgradeStackAsync(access, cancellation);
        await Task.Delay(Calm, cancellation);

        await stop.CancelAsync();
        await sending;
        await following;
        HistoricQuery historic = await AskHistoryAsync(access, execution, cancellation);
        Terminal.Say("voyage: collecting rows from all nodes");
        return await ReportAsync(load, begin.Height, framework, execution, historic, watch, cancellation);
    }

    private async Task<FrameworkChange> UpgradeFrameworkAsync(TheseusClient access, CancellationToken cancellation)
    {
        StatusInfo before = await access.StatusAsync(cancellation);
        string sources = MakeNextFramework();
        Terminal.Say($"voyage: copied the framework to {sources} and added now_milliseconds to timestamp.move");
        string scripts = Fresh("framework-upgrade");
        await CommandAsync(cancellation, "framework", "upgrade", "--framework-dir", sources, "--output-dir", scripts);
        ulong id = await CeremonyAsync(scripts, "the framework with 0x1::timestamp::now_milliseconds", cancellation);
        StatusInfo after = await UntilAsync(access, status => status.FrameworkUpgrades > before.FrameworkUpgrades, "the framework upgrade",
            cancellation);
        ViewInfo answer = await access.ViewAsync("0x1::timestamp::now_milliseconds", null, [], null, cancellation);
        Terminal.Say($"voyage: the new function answers {answer.Values[0].Text} at block {answer.Height}");
        ulong height = await PublishedAtAsync(access, before.Height, after.Height, cancellation);
        (ulong from, ulong to) = await RequestedEpochAsync(access, height, cancellation);
        return new FrameworkChange(before.FrameworkUpgrades + 1, after.FrameworkUpgrades + 1, id, height, from, to);
    }

    private async Task<ExecutionChange> UpgradeStackAsync(TheseusClient access, CancellationToken cancellation)
    {
        VersionInfo before = ExecutionOf(await access.StatusAsync(cancellation));
        string scripts = Fresh("stack-upgrade");
        await CommandAsync(
            cancellation, "upgrade", "script", "--component", "execution", "--to", (before.Version + 1).ToString(), "--at",
                $"+{StackNotice}",
            "--output-dir", scripts);
        await CeremonyAsync(scripts, "execution stack 2", cancellation);
        StatusInfo scheduled = await UntilAsync(
            access, status => ExecutionOf(status).ScheduledVersion is not null || ExecutionOf(status).Version > before.Version,
            "the schedule in the record", cancellation);
        if (ExecutionOf(scheduled).ActivationHeight is ulong height)
        {
            Terminal.Say(
                $"voyage: execution {ExecutionOf(scheduled).ScheduledVersion} activates at block {height}, now {scheduled.Height}");
        }

        StatusInfo after = await UntilAsync(access, status => ExecutionOf(status).Version > before.Version, "the activation", cancellation);
        VersionInfo now = ExecutionOf(after);
        return new ExecutionChange(before.Version, now.Version, now.Since);
    }

    /// <summary>Propose, vote and resolve by the public commands.</summary>
    private async Task<ulong> CeremonyAsync(string scripts, string what, CancellationToken cancellation)
    {
        string url = "https://example.org/" + Path.GetFileName(scripts);
        await CommandAsync(cancellation, "txs", "upgrade", "propose", "--script-dir", scripts, "--metadata-url", url, "--from", "alice");
        using TheseusClient access = new(new Uri(_file.Nodes[^1].Url));
        string hash = "0x" + ScriptPackage.ReadScript(scripts).Hash;
        ulong id = (await access.GetProposalsAsync(null, cancellation)).Last(proposal => proposal.ScriptHash == hash).Id;
        await CommandAsync(cancellation, "txs", "vote", "--proposal-id", id.ToString(), "--all");
        await CommandAsync(cancellation, "txs", "resolve", "--proposal-script-dir", scripts, "--from", "bob", "--wait");
        Terminal.Say($"voyage: resolved proposal {id}: {what}");
        return id;
    }

    /// <summary>Runs a public command as a user would, after showing it; its stdout comes back.</summary>
    private async Task<string> CommandAsync(CancellationToken cancellation, params IReadOnlyList<string> arguments)
    {
        Terminal.Say("$ ./theseus " + string.Join(' ', arguments));
        ProcessStartInfo start = new(Environment.ProcessPath!) { UseShellExecute = false, RedirectStandardOutput = true,
            RedirectStandardError = true };
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["THESEUS_LOCALNET"] = layout.Directory;
        using Process process = Process.Start(start)!;
        try
        {
            // A person's commands run on another machine than five nodes do; here they share its cores, and yield to them.
            process.PriorityClass = ProcessPriorityClass.BelowNormal;
        }
        catch (InvalidOperationException)
        {
            // it has ended already
        }

        Task<string> output = process.StandardOutput.ReadToEndAsync(cancellation);
        Task<string> errors = process.StandardError.ReadToEndAsync(cancellation);
        await process.WaitForExitAsync(cancellation);
        string text = await output;
        foreach (string line in (text + await errors).Split('\n', StringSplitOptions.RemoveEmptyEntries).Take(ShownLines))
        {
            Terminal.Say("  " + line);
        }

        return process.ExitCode == 0 ? text : throw new CommandFailure($"the command failed with exit code {process.ExitCode}");
    }

    /// <summary>A copy of the framework with one more public function: what a developer would have written.</summary>
    private string MakeNextFramework()
    {
        string target = Fresh("framework-next");
        string source = FrameworkRelease.DefaultFolder();
        IEnumerable<string> files = Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories);
        foreach (string file in files.Where(file => Path.GetExtension(file) is ".move" or ".toml"))
        {
            string copy = Path.Combine(target, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        string module = Path.Combine(target, "theseus-framework", "sources", "timestamp.move");
        string text = File.ReadAllText(module);
        int end = text.LastIndexOf('}');
        const string Added = "\n    #[view]\n    public fun now_milliseconds(): u64 { block_context::time_micros() / 1000 }\n}\n";
        File.WriteAllText(module, text[..end] + Added);
        return target;
    }

    private string Fresh(string name)
    {
        string folder = Path.Combine(layout.VoyageFolder, name);
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }

        Directory.CreateDirectory(folder);
        return LocalnetLayout.Short(folder);
    }

    private static async Task<StatusInfo> UntilAsync(TheseusClient client, Func<StatusInfo, bool> reached, string what,
        CancellationToken cancellation)
    {
        Stopwatch waited = Stopwatch.StartNew();
        while (waited.Elapsed < StepPatience)
        {
            StatusInfo status = await client.StatusAsync(cancellation);
            if (reached(status))
            {
                return status;
            }

            await Task.Delay(50, cancellation);
        }

        throw new CommandFailure($"{what} did not come within {StepPatience.TotalSeconds} s");
    }

    /// <summary>The block that changed the code: the record counts the upgrade one block later.</summary>
    private static async Task<ulong> PublishedAtAsync(TheseusClient client, ulong low, ulong high, CancellationToken cancellation)
    {
        RecordInfo last = await client.GetRecordAsync(At.AtHeight(high), cancellation);
        for (ulong height = high; height > low; height--)
        {
            RecordInfo record = await client.GetRecordAsync(At.AtHeight(height - 1), cancellation);
            if (record.FrameworkUpgrades < last.FrameworkUpgrades)
            {
                return height - 1;
            }
        }

        return high;
    }

    /// <summary>
    /// The epoch that the publishing script asked for: the one after the epoch of its own block. A timer may begin epochs before the script
    /// runs
    /// and after the asked one; neither is what the upgrade cost.
    /// </summary>
    private static async Task<(ulong Before, ulong After)> RequestedEpochAsync(TheseusClient client, ulong published,
        CancellationToken cancellation)
    {
        ViewInfo requested = await client.ViewAsync("0x1::reconfiguration::epoch_requested", null, [], At.AtHeight(published),
            cancellation);
        if (requested.Values[0].Text != "true")
        {
            throw new CommandFailure($"block {published} published the framework and asked for no epoch");
        }

        ulong before = (await client.GetRecordAsync(At.AtHeight(published), cancellation)).Epoch;
        await UntilAsync(client, status => status.Epoch > before, $"epoch {before + 1}", cancellation);
        return (before, before + 1);
    }

    private static async Task<HistoricQuery> AskHistoryAsync(TheseusClient access, ExecutionChange execution,
        CancellationToken cancellation)
    {
        ulong height = execution.ActivationHeight - 1;
        ViewInfo then = await access.ViewAsync("0x1::string::index_of", null, ["abc", "z"], At.AtHeight(height), cancellation);
        ViewInfo now = await access.ViewAsync("0x1::string::index_of", null, ["abc", "z"], null, cancellation);
        return new HistoricQuery(height, then.StackName ?? then.StackId, ulong.Parse(then.Values[0].Text), ulong.Parse(now.Values[0].Text));
    }

    private async Task<VoyageReport> ReportAsync(
        LoadDriver load, ulong from, FrameworkChange framework, ExecutionChange execution, HistoricQuery historic, Stopwatch watch,
            CancellationToken cancellation)
    {
        List<TheseusClient> clients = [.. _file.Nodes.Select(node => new TheseusClient(new Uri(node.Url)))];
        // every node has every block of the load: one that is a block behind now would leave that block's requests out
        ulong needed = load.Requests.Max(request => request.Height) ?? 0;
        ulong last = 0;
        while (last < needed)
        {
            ulong[] heights = await Task.WhenAll(clients.Select(async client => (await client.StatusAsync(cancellation)).Height));
            last = heights.Min();
            await Task.Delay(TimeSpan.FromMilliseconds(last < needed ? 50 : 0), cancellation);
        }


        List<VoyageBlock> blocks = [];
        for (ulong height = 1; height <= last; height++)
        {
            BlockInfo[] answers = await Task.WhenAll(clients.Select(client => client.GetBlockAsync(At.AtHeight(height), "header",
                cancellation)));
            SortedDictionary<string, string> roots = new(StringComparer.Ordinal);
            for (int i = 0; i < answers.Length; i++)
            {
                if (answers[i].Result is ResultInfo result)
                {
                    roots[_file.Nodes[i].Name] = result.StateRoot;
                }
            }

            blocks.Add(new VoyageBlock(height, answers[0].Header.Time, answers[^1].CommitRound, answers[0].Header.Proposer, roots));
        }

        clients.ForEach(client => client.Dispose());
        List<VoyageRequest> requests =
        [
            .. load.Requests.Select(request => new VoyageRequest(
                request.Hash, request.Node, request.Sent, request.Done, request.Outcome, request.Tries, request.Height)),
        ];
        VoyageBlock[] loaded = [.. blocks.Where(block => block.Height >= from)];
        double[] gaps = [.. loaded.Zip(loaded.Skip(1), (a, b) => (double)(b.Time - a.Time)).Order()];
        int[] perSecond =
        [
            .. requests.Where(request => request.Outcome == "success").GroupBy(request => request.Done / 1000).OrderBy(group => group.Key)
                .Select(group => group.Count()).Skip(1).SkipLast(1).Order(),
        ];
        VoyageFigures figures = new(
            _file.Nodes.Count(node => node.Role == "validator"), last, blocks.Count(block => block.Round > 0), requests.Count,
            requests.Count(request => request.Outcome != "success" || request.Tries != 1), Median(gaps), gaps.LastOrDefault(),
            supervisor.Processes.Values.Sum(process => process.Restarts), framework, execution, historic,
            Median([.. perSecond.Select(count => (double)count)]), watch.Elapsed.TotalSeconds, from);
        return new VoyageReport([.. _file.Nodes.Select(node => new VoyageNode(node.Name, node.Url))], figures, blocks, requests);
    }

    private static VersionInfo ExecutionOf(StatusInfo status) => status.Versions.Single(version => version.Component == "execution");

    private static double Median(double[] sorted) =>
        sorted.Length == 0 ? 0
        : sorted.Length % 2 == 1 ? sorted[sorted.Length / 2]
        : (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2;

    /// <summary>The table of what it cost.</summary>
    public static void Print(VoyageReport report)
    {
        VoyageFigures f = report.Figures;
        Terminal.Fields(
            ("validators", f.Validators.ToString()),
            ("blocks", $"{f.Blocks}, decided above round 0: {f.MissedBlocks}"),
            ("transfers", $"{f.Requests}, failed: {f.FailedRequests}, median {f.MedianTransfersPerSecond:0} per second"),
            ("gap between blocks", $"median {f.MedianGapMs:0} ms, longest {f.MaxGapMs:0} ms"),
            ("restarts", f.Restarts.ToString()),
            ("framework",
                $"{f.Framework.From} -> {f.Framework.To} by proposal {f.Framework.ProposalId} at block {f.Framework.Height}, "
                + $"epoch {f.Framework.EpochBefore} -> {f.Framework.EpochAfter}"),
            ("execution", $"{f.Execution.From} -> {f.Execution.To} at block {f.Execution.ActivationHeight}"),
            ("index_of(abc, z)",
                $"{f.HistoricQuery.Answer} at block {f.HistoricQuery.Height} under {f.HistoricQuery.Stack}, {f.HistoricQuery.AnswerNow} "
                    + $"now"),
            ("took", $"{f.Seconds:0} s"));
    }

    public static void Write(VoyageReport report, string path) => File.WriteAllBytes(path, JsonSerializer.SerializeToUtf8Bytes(report,
        VoyageJson));

    // plain numbers: the file is for scripts
    private static readonly JsonSerializerOptions VoyageJson = new(JsonSerializerDefaults.Web) { WriteIndented = true };
}
