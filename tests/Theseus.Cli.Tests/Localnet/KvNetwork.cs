using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Theseus.Consensus;

namespace Theseus.Cli.Tests.Localnet;

/// <summary>A localnet of four real processes with the key-value application, in a folder of its own.</summary>
internal sealed class KvNetwork : IAsyncDisposable
{
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(5) };

    private readonly Process _supervisor;
    private readonly ConcurrentQueue<string> _chatter = new();

    private KvNetwork(string folder, Process supervisor)
    {
        Folder = folder;
        _supervisor = supervisor;
    }

    public string Folder { get; }

    public int SupervisorId => _supervisor.Id;

    public IReadOnlyList<string> Names { get; } = ["n1", "n2", "n3", "n4"];

    public string Chatter => string.Join('\n', _chatter);

    public static string NewFolder() => Directory.CreateTempSubdirectory("theseus-kv-").FullName;

    /// <summary>Starts in the foreground and waits until the first block is decided.</summary>
    public static async Task<KvNetwork> StartAsync(string? folder = null)
    {
        await TheseusCommand.BuildAsync();
        string chosen = folder ?? NewFolder();
        Process process = Process.Start(TheseusCommand.Start("localnet", "--application", "kv", "--dir", chosen, "--base-port", "0"))!;
        KvNetwork network = new(chosen, process);
        process.OutputDataReceived += (_, e) => network._chatter.Enqueue(e.Data ?? "");
        process.ErrorDataReceived += (_, e) => network._chatter.Enqueue(e.Data ?? "");
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            await TheseusCommand.UntilAsync(
                () => Task.FromResult(process.HasExited || network.Chatter.Contains("Ctrl-C stops", StringComparison.Ordinal)), "the localnet's start: " + network.Chatter);
            Assert.False(process.HasExited, network.Chatter);
            return network;
        }
        catch
        {
            await network.DisposeAsync(); // nobody else knows of it
            throw;
        }
    }

    public string HomeOf(string node) => Path.Combine(Folder, node);

    public async Task<string> VerbAsync(string verb, params string[] rest) => await TheseusCommand.DoAsync(["localnet", verb, .. rest, "--dir", Folder]);

    public async Task<JsonArray> StatusAsync() => JsonNode.Parse(await VerbAsync("status", "--json"))!.AsArray();

    public async Task<int> ProcessIdAsync(string node) =>
        (await StatusAsync()).First(row => row!["name"]!.GetValue<string>() == node)!["pid"]!.GetValue<int>();

    /// <summary>The height that a node reports, 0 when it does not answer.</summary>
    public async Task<ulong> HeightAsync(string node)
    {
        try
        {
            return (await Http.GetFromJsonAsync<JsonNode>(Url(node) + "/status"))!["height"]!.GetValue<ulong>();
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return 0;
        }
    }

    public async Task PutAsync(string node, string key, string value)
    {
        using HttpResponseMessage response = await Http.PutAsync($"{Url(node)}/kv/{key}", new StringContent(value));
        response.EnsureSuccessStatusCode();
    }

    public async Task<string?> GetAsync(string node, string key)
    {
        try
        {
            using HttpResponseMessage response = await Http.GetAsync($"{Url(node)}/kv/{key}");
            return response.IsSuccessStatusCode ? await response.Content.ReadAsStringAsync() : null;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return null;
        }
    }

    public Task SeesAsync(string node, string key, string value) =>
        TheseusCommand.UntilAsync(async () => await GetAsync(node, key) == value, $"{key}={value} on {node}");

    public Task ReachesAsync(string node, ulong height) =>
        TheseusCommand.UntilAsync(async () => await HeightAsync(node) >= height, $"height {height} on {node}");

    /// <summary>The certificates and contents that a node holds durably, in order (layout: KvStore).</summary>
    public IReadOnlyList<(CommitCertificate Certificate, byte[] Content)> Decisions(string node)
    {
        using FileStream file = new(Path.Combine(HomeOf(node), "decided.log"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        byte[] bytes = new byte[file.Length];
        int length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        List<(CommitCertificate, byte[])> decisions = [];
        int at = 0;
        while (TryPiece(out byte[] certificate) && TryPiece(out byte[] content))
        {
            decisions.Add((Canonical.TryDecodeCommit(certificate, out string? fault) ?? throw new InvalidDataException(fault), content));
        }

        return decisions;

        bool TryPiece(out byte[] piece)
        {
            piece = [];
            if (at + 4 > length || at + 4 + BitConverter.ToInt32(bytes, at) > length)
            {
                return false; // a running node is just writing it
            }

            piece = bytes.AsSpan(at + 4, BitConverter.ToInt32(bytes, at)).ToArray();
            at += 4 + piece.Length;
            return true;
        }
    }

    /// <summary>The validator id of a node: in this example its key.</summary>
    public ValidatorId IdOf(string node) => ValidatorId.FromHex(Description["nodes"]!.AsArray().First(row => row!["name"]!.GetValue<string>() == node)!["nodeKey"]!.GetValue<string>());

    /// <summary>Waits until the supervisor's process ends.</summary>
    public async Task<int> EndAsync()
    {
        using CancellationTokenSource limit = new(TheseusCommand.Patience);
        await _supervisor.WaitForExitAsync(limit.Token);
        return _supervisor.ExitCode;
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

    private JsonNode Description => JsonNode.Parse(File.ReadAllText(Path.Combine(Folder, "localnet.json")))!;

    private string Url(string node) => Description["nodes"]!.AsArray().First(row => row!["name"]!.GetValue<string>() == node)!["url"]!.GetValue<string>();
}
