using System.Globalization;
using Theseus.Cli.Localnet;

namespace Theseus.Cli.Fuzz.Sockets;

/// <summary>A localnet of real processes; its first node is the one attacked and watched.</summary>
internal sealed class AttackedNode : IDisposable
{
    /// <summary>Resident KiB that the node may hold above its size before the attack; as the suite of hostile strangers has it.</summary>
    private const long MostGrowth = 256L * 1024;

    /// <summary>A localnet decides some blocks a second; under attack on a busy machine one must come in this time.</summary>
    private static readonly TimeSpan HeightPatience = TimeSpan.FromSeconds(60);

    /// <summary>Blocks after which what a node loads once is loaded.</summary>
    private const ulong WarmHeight = 8;

    /// <summary>Lines of the log that a finding shows, and that are looked through each time.</summary>
    private const int ShownLines = 12;

    private const int ReadLines = 200;

    private readonly Supervisor _supervisor;
    private readonly string _folder;
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(20) };
    private readonly int _process;
    private readonly long _start;
    private ulong _height;
    private long _heightAt = Environment.TickCount64;

    public AttackedNode(int basePort)
    {
        _folder = Directory.CreateTempSubdirectory("theseus-fuzz-localnet-").FullName;
        LocalnetLayout layout = new(Path.Combine(_folder, "net"));
        LocalnetRequest request = new(new LocalnetOptions(4, basePort, "127.0.0.1", "theseus"),
            new SortedSet<string>(StringComparer.Ordinal), Fresh: true);
        _supervisor = LocalnetStart.RunAsync(layout, request, CancellationToken.None).GetAwaiter().GetResult();
        Net = _supervisor.File;
        _supervisor.WaitForHeightAsync(WarmHeight, HeightPatience, CancellationToken.None).GetAwaiter().GetResult();
        _process = Process.ProcessId ?? throw new CommandFailure("the node to attack does not run");
        File.WriteAllText($"/proc/{_process}/clear_refs", "5"); // its peak counts from here
        _start = Kilobytes("VmRSS");
    }

    public LocalnetFile Net { get; }

    public LocalnetNode Node => Net.Nodes[0];

    private string Log => new LocalnetLayout(Path.Combine(_folder, "net")).LogOf(Node.Name);

    private NodeProcess Process => _supervisor.Processes[Node.Name];

    /// <summary>The same process lives within its bound, says so, and its head moves.</summary>
    /// <exception cref="FuzzFault">One of these is not so.</exception>
    public void Judge()
    {
        if (Process.ProcessId != _process)
        {
            throw Fault($"the process has ended ({ExitCode.Describe(Process.LastExit)}):\n{Supervisor.Tail(Log, ShownLines)}");
        }

        long peak = Kilobytes("VmHWM");
        if (peak > _start + MostGrowth)
        {
            throw Fault($"{peak >> 10} MiB resident, {_start >> 10} before the attack; {MostGrowth >> 10} more are allowed");
        }

        using (HttpResponseMessage live = _http.GetAsync(Node.Url + "/live").GetAwaiter().GetResult())
        {
            if (!live.IsSuccessStatusCode)
            {
                throw Fault($"/live answers {(int)live.StatusCode}");
            }
        }

        ulong height = Supervisor.HeightAsync(_http, Node, Net.Application, CancellationToken.None).GetAwaiter().GetResult() ?? 0;
        if (height > _height)
        {
            (_height, _heightAt) = (height, Environment.TickCount64);
        }
        else if (Environment.TickCount64 - _heightAt > HeightPatience.TotalMilliseconds)
        {
            throw Fault($"the head stands at {_height} for {HeightPatience.TotalSeconds:0} s");
        }

        if (Supervisor.Tail(Log, ReadLines).Split('\n').FirstOrDefault(
            static line => line.Contains("error: ", StringComparison.Ordinal)
                || line.Contains("fatal: ", StringComparison.Ordinal)) is { } said)
        {
            throw Fault($"an exception escaped: {said}");
        }
    }

    /// <summary>Peak and start, for people.</summary>
    public override string ToString() => Process.ProcessId != _process ? $"height {_height}; the process has ended"
        : string.Create(CultureInfo.InvariantCulture, $"height {_height}, peak {Kilobytes("VmHWM") >> 10} MiB, {_start >> 10} MiB before");

    public void Dispose()
    {
        _http.Dispose();
        _supervisor.DisposeAsync().AsTask().GetAwaiter().GetResult();
        Directory.Delete(_folder, recursive: true);
    }

    private static FuzzFault Fault(string message) => new("node", [], message);

    private long Kilobytes(string field)
    {
        // a process that has ended has no sizes: the watch says so elsewhere
        string? line = File.ReadLines($"/proc/{_process}/status")
            .FirstOrDefault(one => one.StartsWith(field + ":", StringComparison.Ordinal));
        return line is null ? 0 : long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }
}
