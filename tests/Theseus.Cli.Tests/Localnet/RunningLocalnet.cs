using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json.Nodes;
using Theseus.Consensus;

namespace Theseus.Cli.Tests.Localnet;

/// <summary>A localnet of real processes in a folder of its own, whatever application it runs.</summary>
internal abstract class RunningLocalnet : IAsyncDisposable
{
    private readonly Process _supervisor;
    private readonly ConcurrentQueue<string> _chatter;

    protected RunningLocalnet(Started started)
    {
        Folder = started.Folder;
        _supervisor = started.Supervisor;
        _chatter = started.Chatter;
    }

    public string Folder { get; }

    public int SupervisorId => _supervisor.Id;

    /// <summary>The validators.</summary>
    public IReadOnlyList<string> Names { get; } = ["n1", "n2", "n3", "n4"];

    public string Chatter => string.Join('\n', _chatter);

    protected JsonNode Description => JsonNode.Parse(File.ReadAllText(Path.Combine(Folder, "localnet.json")))!;

    public static string NewFolder() => Directory.CreateTempSubdirectory("theseus-net-").FullName;

    public string HomeOf(string node) => Path.Combine(Folder, node);

    public string UrlOf(string node) => DescriptionOf(node)["url"]!.GetValue<string>();

    public async Task<string> VerbAsync(string verb, params string[] rest)
    {
        // what comes after -- is the node's
        int end = Array.IndexOf(rest, "--") is int at and >= 0 ? at : rest.Length;
        return await TheseusCommand.DoAsync(["localnet", verb, .. rest[..end], "--dir", Folder, .. rest[end..]]);
    }

    public async Task<JsonArray> StatusAsync() => JsonNode.Parse(await VerbAsync("status", "--json"))!.AsArray();

    public async Task<int> ProcessIdAsync(string node) =>
        (await StatusAsync()).First(row => row!["name"]!.GetValue<string>() == node)!["pid"]!.GetValue<int>();

    /// <summary>kill -9 of several nodes in the given order, with nothing between; returns when all have ended.</summary>
    public async Task KillAtOnceAsync(params IReadOnlyList<string> nodes)
    {
        JsonArray rows = await StatusAsync();
        List<int> processes = [.. nodes.Select(node =>
            rows.First(row => row!["name"]!.GetValue<string>() == node)!["pid"]!.GetValue<int>())];
        processes.ForEach(process => TheseusCommand.Signal(process, 9));
        await TheseusCommand.UntilAsync(() => Task.FromResult(!processes.Any(TheseusCommand.Lives)), "the end of "
            + string.Join(", ", nodes));
    }

    /// <summary>The height that a node reports, 0 when it does not answer.</summary>
    public abstract Task<ulong> HeightAsync(string node);

    public Task ReachesAsync(string node, ulong height, TimeSpan? patience = null) =>
        TheseusCommand.UntilAsync(async () => await HeightAsync(node) >= height, $"height {height} on {node}", patience);

    /// <summary>Name of the validator in votes and certificates.</summary>
    public abstract ValidatorId IdOf(string node);

    /// <summary>Waits until the supervisor's process ends.</summary>
    public async Task<int> EndAsync()
    {
        using CancellationTokenSource limit = new(TheseusCommand.Patience);
        await _supervisor.WaitForExitAsync(limit.Token);
        return _supervisor.ExitCode;
    }

    /// <summary>Stops everything; the folder stays until disposal.</summary>
    public async Task StopAsync()
    {
        await VerbAsync("stop");
        Assert.Equal(0, await EndAsync());
    }

    /// <summary>Nothing of the network is left running.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_supervisor.HasExited)
        {
            await TheseusCommand.RunAsync("localnet", "stop", "--dir", Folder);
            await EndAsync();
        }

        _supervisor.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    /// <summary>The last height that a node only followed before <paramref name="below"/>: it began it and signed no
    /// precommit. 0 when there is none.</summary>
    public ulong LastFollowed(string node, ulong below)
    {
        (SortedSet<ulong> begun, SortedSet<ulong> precommitted) = OwnLog.Heights(HomeOf(node));
        return begun.Where(height => height < below && !precommitted.Contains(height)).DefaultIfEmpty().Max();
    }

    protected JsonNode DescriptionOf(string node) => Description["nodes"]!.AsArray()
        .First(row => row!["name"]!.GetValue<string>() == node)!;

    /// <summary>Starts in the foreground and waits until the first block is decided.</summary>
    protected static async Task<Started> StartAsync(string? folder, params string[] options)
    {
        await TheseusCommand.BuildAsync();
        string chosen = folder ?? NewFolder();
        ConcurrentQueue<string> chatter = new();
        Process process = Process.Start(TheseusCommand.Start(["localnet", "--dir", chosen, "--base-port", "0", .. options]))!;
        process.OutputDataReceived += (_, e) => chatter.Enqueue(e.Data ?? "");
        process.ErrorDataReceived += (_, e) => chatter.Enqueue(e.Data ?? "");
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            await TheseusCommand.UntilAsync(
                () => Task.FromResult(process.HasExited
                    || chatter.Any(line => line.Contains("Ctrl-C stops", StringComparison.Ordinal))), "the localnet's start: "
                    + string.Join('\n', chatter));
            Assert.False(process.HasExited, string.Join('\n', chatter));
        }
        catch
        {
            process.Kill(entireProcessTree: true); // nobody else knows of it
            throw;
        }

        return new Started(chosen, process, chatter);
    }

    protected sealed record Started(string Folder, Process Supervisor, ConcurrentQueue<string> Chatter);
}
