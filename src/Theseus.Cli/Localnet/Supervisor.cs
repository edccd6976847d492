using System.ComponentModel;
using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Theseus.Client;

namespace Theseus.Cli.Localnet;

/// <summary>A node that ended while the localnet was starting.</summary>
internal sealed class NodeEndedException(NodeProcess process, string message) : Exception(message)
{
    /// <summary>Which.</summary>
    public NodeProcess Process { get; } = process;
}

/// <summary>
/// Runs the nodes of a localnet, answers the verbs, and stops everything when it is stopped. A node that ends by itself stays down, with
/// its exit
/// code in the status, until it is restarted: the others go on.
/// </summary>
internal sealed class Supervisor : IAsyncDisposable
{
    /// <summary>How long a node may take to stop by itself.</summary>
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan AnswerPatience = TimeSpan.FromSeconds(2);

    /// <summary>Lines of a log that explain an end.</summary>
    private const int ShownLines = 12;

    private readonly LocalnetLayout _layout;
    private readonly Dictionary<string, NodeProcess> _processes;
    private readonly TaskCompletionSource _stopAsked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<bool> _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly FreeSpace _space;
    private FileStream? _lock;
    private ControlSocket? _control;

    /// <param name="layout">Its folder.</param>
    /// <param name="file">What stands there.</param>
    /// <param name="command">Program and arguments of a node.</param>
    public Supervisor(LocalnetLayout layout, LocalnetFile file, Func<LocalnetNode, IReadOnlyList<string>> command)
    {
        _layout = layout;
        File = file;
        _processes = file.Nodes.ToDictionary(node => node.Name, node => new NodeProcess(node, command(node), layout.LogOf(node.Name),
            Ended));
        _space = new FreeSpace(layout.Directory, Terminal.Say);
    }

    /// <summary>What stands in the folder.</summary>
    public LocalnetFile File { get; }

    /// <summary>The nodes by name.</summary>
    public IReadOnlyDictionary<string, NodeProcess> Processes => _processes;

    /// <summary>Completes when a verb asks to stop.</summary>
    public Task StopAsked => _stopAsked.Task;

    /// <summary>Takes the folder, or says who has it.</summary>
    /// <exception cref="CommandFailure">A supervisor runs there (exit code 4).</exception>
    public static FileStream Lock(LocalnetLayout layout)
    {
        Directory.CreateDirectory(layout.Directory);
        try
        {
            return new FileStream(layout.LockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException) when (IsHeld(layout))
        {
            throw Running(layout);
        }
    }

    /// <summary>Whether a supervisor runs in the folder.</summary>
    public static bool IsHeld(LocalnetLayout layout)
    {
        if (!System.IO.File.Exists(layout.LockFile))
        {
            return false;
        }

        try
        {
            using FileStream probe = new(layout.LockFile, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    /// <summary>"already running".</summary>
    public static CommandFailure Running(LocalnetLayout layout)
    {
        LocalnetFile? running = layout.TryRead();
        string explorer = running is null ? "" : $", explorer at {running.Explorer}";
        return new CommandFailure($"already running in {layout.Directory}{explorer}; see: theseus localnet status{layout.Hint}",
            ExitCode.DataFolder);
    }

    /// <summary>Opens the control socket and starts all nodes.</summary>
    /// <exception cref="CommandFailure">A process cannot be started.</exception>
    public void Start()
    {
        _control = ControlSocket.Open(_layout.ControlSocket, AnswerAsync);
        foreach (NodeProcess process in _processes.Values)
        {
            if (TryStart(process) is string error)
            {
                throw new CommandFailure(error, ExitCode.DataFolder);
            }
        }
    }

    /// <summary>The localnet is up: who waits for that is told, and the folder's lock is released with this object.</summary>
    public void Adopt(FileStream held)
    {
        _lock = held;
        _started.TrySetResult(true);
    }

    /// <summary>Waits until the last node answers with a height of at least <paramref name="height"/>.</summary>
    /// <exception cref="NodeEndedException">A node ended meanwhile.</exception>
    /// <exception cref="CommandFailure">It took too long; the message says how far each node is.</exception>
    public async Task WaitForHeightAsync(ulong height, TimeSpan patience, CancellationToken cancellation)
    {
        using HttpClient http = new() { Timeout = AnswerPatience };
        Stopwatch waited = Stopwatch.StartNew();
        while (waited.Elapsed < patience)
        {
            if (_processes.Values.FirstOrDefault(process => !process.IsRunning) is NodeProcess dead)
            {
                throw new NodeEndedException(
                    dead, $"{dead.Node.Name} stopped ({ExitCode.Describe(dead.LastExit)}); the end of its "
                        + $"log:\n{Tail(_layout.LogOf(dead.Node.Name), ShownLines)}");
            }

            if (await HeightAsync(http, File.Nodes[^1], File.Application, cancellation) >= height)
            {
                return;
            }

            await Task.Delay(50, cancellation);
        }

        List<string> states = [];
        foreach (LocalnetNode node in File.Nodes)
        {
            ulong? reached = await HeightAsync(http, node, File.Application, cancellation);
            states.Add($"{node.Name} {(reached is ulong at ? $"is at height {at}" : "does not answer")}");
        }

        throw new CommandFailure(
            $"no block {height} within {patience.TotalSeconds:0} s: {string.Join(", ", states)}; logs are in {_layout.Directory}");
    }

    /// <summary>Stops all nodes and closes the socket.</summary>
    public async ValueTask DisposeAsync()
    {
        _started.TrySetResult(false);
        _space.Dispose();
        if (_control is not null)
        {
            await _control.DisposeAsync();
        }

        await Task.WhenAll(_processes.Values.Select(process => process.StopAsync(StopPatience)));
        if (_lock is not null)
        {
            await _lock.DisposeAsync();
        }
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

            using TheseusClient client = new(new Uri(node.Url), AnswerPatience);
            return (await client.StatusAsync(cancellation)).Height;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException or JsonException or RpcException
            && !cancellation.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <summary>The last lines of a log.</summary>
    public static string Tail(string path, int lines)
    {
        try
        {
            return System.IO.File.Exists(path) ? string.Join('\n', System.IO.File.ReadLines(path).TakeLast(lines)) : "(no log)";
        }
        catch (IOException e)
        {
            return $"({e.Message})";
        }
    }

    private async Task<string> AnswerAsync(string request)
    {
        string[] words = request.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        object answer = words switch
        {
            ["stop"] => Stop(),
            ["started"] => new { ok = await _started.Task },
            ["status"] => new { ok = true, freeBytes = FreeSpace.Of(_layout.Directory), nodes = _processes.Values.Select(Row) },
            ["kill", string name] => With(name, process => process.Kill() ? null : $"{name} does not run"),
            ["restart", string name, .. string[] extra] => With(name, process => TryStart(process, extra)),
            _ => Refuse($"unknown request: {request}"),
        };
        return JsonSerializer.Serialize(answer, ApiJson.Options);
    }

    private static object Row(NodeProcess process) => new
    {
        process.Node.Name, running = process.IsRunning, pid = process.ProcessId, exit = process.LastExit, restarts = process.Restarts,
    };

    private static string? TryStart(NodeProcess process, params IReadOnlyList<string> extra)
    {
        try
        {
            return process.Start(extra) ? null
                : $"{process.Node.Name} runs already; stop it first with: theseus localnet kill {process.Node.Name}";
        }
        catch (Exception e) when (e is Win32Exception or IOException)
        {
            return $"{process.Node.Name} cannot be started: {e.Message}";
        }
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

    private static void Ended(NodeProcess process) => Terminal.Say(
        $"theseus: {process.Node.Name} ended by itself ({ExitCode.Describe(process.LastExit)}); see: theseus localnet logs "
            + $"{process.Node.Name}");
}
