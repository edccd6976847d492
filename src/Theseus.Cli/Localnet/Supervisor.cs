using System.Diagnostics;
using System.Net.Http.Json;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Theseus.Client;

namespace Theseus.Cli.Localnet;

/// <summary>Runs the nodes of a localnet, answers the verbs, and stops everything when it is stopped.</summary>
public sealed class Supervisor(LocalnetLayout layout, LocalnetFile file, Func<LocalnetNode, IReadOnlyList<string>> command) : IAsyncDisposable
{
    /// <summary>How long a node may take to stop by itself.</summary>
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(5);

    private readonly Dictionary<string, NodeProcess> _processes = file.Nodes.ToDictionary(node => node.Name, node => new NodeProcess(node, command(node), layout.LogOf(node.Name)));
    private readonly TaskCompletionSource _stopAsked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private FileStream? _lock;
    private ControlSocket? _control;

    public LocalnetFile File => file;

    public IReadOnlyDictionary<string, NodeProcess> Processes => _processes;

    /// <summary>Completes when a verb or a signal asks to stop.</summary>
    public Task StopAsked => _stopAsked.Task;

    /// <summary>Takes the folder, or says who has it.</summary>
    public static FileStream Lock(LocalnetLayout layout)
    {
        Directory.CreateDirectory(layout.Directory);
        try
        {
            return new FileStream(layout.LockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            LocalnetFile? running = layout.TryRead();
            throw new CommandFailure($"already running in {layout.Directory}{(running is null ? "" : $", explorer at {running.Explorer}")}; see: theseus localnet status", ExitCode.DataFolder);
        }
    }

    public void Start(FileStream held)
    {
        _lock = held;
        foreach (NodeProcess process in _processes.Values)
        {
            process.Start();
        }

        _control = ControlSocket.Open(layout.ControlSocket, AnswerAsync);
    }

    /// <summary>Waits until a node answers with a height of at least <paramref name="height"/>.</summary>
    /// <exception cref="CommandFailure">A node died, or it took too long.</exception>
    public async Task WaitForHeightAsync(ulong height, TimeSpan patience, CancellationToken cancellation)
    {
        using HttpClient http = new() { Timeout = TimeSpan.FromSeconds(2) };
        Stopwatch waited = Stopwatch.StartNew();
        while (waited.Elapsed < patience)
        {
            if (_processes.Values.FirstOrDefault(process => !process.IsRunning) is NodeProcess dead)
            {
                throw new CommandFailure($"{dead.Node.Name} stopped with exit code {dead.LastExit}; the end of its log:\n{Tail(layout.LogOf(dead.Node.Name), 12)}");
            }

            if (await HeightAsync(http, file.Nodes[^1], file.Application, cancellation) >= height)
            {
                return;
            }

            await Task.Delay(50, cancellation);
        }

        throw new CommandFailure($"no block {height} within {patience.TotalSeconds:0} s; logs are in {layout.Directory}");
    }

    public async ValueTask DisposeAsync()
    {
        if (_control is not null)
        {
            await _control.DisposeAsync();
        }

        await Task.WhenAll(_processes.Values.Select(process => process.StopAsync(StopPatience)));
        _lock?.Dispose();
    }

    /// <summary>Height that a node reports, null when it does not answer.</summary>
    public static async Task<ulong?> HeightAsync(HttpClient http, LocalnetNode node, string application, CancellationToken cancellation)
    {
        try
        {
            if (application == "kv")
            {
                JsonNode? status = await http.GetFromJsonAsync<JsonNode>(node.Url + "/status", cancellation);
                return status?["height"]?.GetValue<ulong>();
            }

            using TheseusClient client = new(new Uri(node.Url), TimeSpan.FromSeconds(2));
            return (await client.StatusAsync(cancellation)).Height;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException or JsonException or RpcException && !cancellation.IsCancellationRequested)
        {
            return null;
        }
    }

    public static string Tail(string path, int lines) =>
        System.IO.File.Exists(path) ? string.Join('\n', System.IO.File.ReadLines(path).TakeLast(lines)) : "(no log)";

    private Task<string> AnswerAsync(string request)
    {
        string[] words = request.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        object answer = words switch
        {
            ["stop"] => Stop(),
            ["status"] => new { ok = true, nodes = _processes.Values.Select(process => new { process.Node.Name, running = process.IsRunning, pid = process.ProcessId, exit = process.LastExit, restarts = process.Restarts }) },
            ["kill", string name] => With(name, process => process.Kill() ? null : $"{name} does not run"),
            ["restart", string name, .. string[] extra] => With(name, process => process.Start(extra) ? null : $"{name} runs already"),
            _ => new { ok = false, error = $"unknown request: {request}" },
        };
        return Task.FromResult(JsonSerializer.Serialize(answer, ApiJson.Options));
    }

    private object Stop()
    {
        _stopAsked.TrySetResult();
        return new { ok = true };
    }

    private object With(string name, Func<NodeProcess, string?> act) =>
        !_processes.TryGetValue(name, out NodeProcess? process) ? Refuse($"no node {name}; there are {string.Join(", ", _processes.Keys)}")
        : act(process) is string error ? Refuse(error)
        : new { ok = true };

    private static object Refuse(string error) => new { ok = false, error };

    /// <summary>Asks to stop on Ctrl-C and on termination.</summary>
    public IDisposable StopOnSignals()
    {
        PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle);
        PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle);
        return new Registrations(interrupt, terminate);

        void Handle(PosixSignalContext signal)
        {
            signal.Cancel = true;
            _stopAsked.TrySetResult();
        }
    }

    private sealed class Registrations(IDisposable first, IDisposable second) : IDisposable
    {
        public void Dispose()
        {
            first.Dispose();
            second.Dispose();
        }
    }
}
