using System.Diagnostics;

namespace Theseus.Cli.Localnet;

/// <summary>
/// A node as a child process. Its standard input is a pipe that this process holds: when the supervisor dies, however it
/// dies, the pipe closes and the node stops by itself, so there are no orphans.
/// </summary>
/// <param name="node">What runs.</param>
/// <param name="command">Program and arguments.</param>
/// <param name="logFile">Where its output goes.</param>
/// <param name="ended">Hears that it ended without being asked to.</param>
internal sealed class NodeProcess(LocalnetNode node, IReadOnlyList<string> command, string logFile, Action<NodeProcess>? ended = null)
{
    private Process? _process;
    private volatile bool _asked;

    /// <summary>What runs.</summary>
    public LocalnetNode Node { get; } = node;

    /// <summary>Times that it was started again after the first time.</summary>
    public int Restarts { get; private set; }

    /// <summary>Null while it does not run.</summary>
    public int? ProcessId => _process is { HasExited: false } running ? running.Id : null;

    /// <summary>Whether the process lives.</summary>
    public bool IsRunning => _process is { HasExited: false };

    /// <summary>Exit code of the last run; null while it runs or before it ran.</summary>
    public int? LastExit => _process is { HasExited: true } over ? over.ExitCode : null;

    /// <summary>Starts the process; false when it runs already.</summary>
    /// <exception cref="System.ComponentModel.Win32Exception">The machine has no room for another process.</exception>
    public bool Start(params IReadOnlyList<string> extra)
    {
        if (IsRunning)
        {
            return false;
        }

        if (_process is not null)
        {
            Restarts++;
            _process.Dispose();
            _process = null;
        }

        ProcessStartInfo start = new(command[0])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false,
        };
        foreach (string argument in command.Skip(1).Concat(extra))
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["THESEUS_SUPERVISED"] = "1";
        // Five processes share a machine: a small heap and few GC threads leave the processor to the network itself.
        start.Environment["DOTNET_gcConcurrent"] = "0";
        start.Environment["DOTNET_TieredPGO"] = "0";

        Process process = new() { StartInfo = start, EnableRaisingEvents = true };
        RotatingLog log = new(logFile);
        int open = 2;
        void Line(string? text)
        {
            if (text is not null)
            {
                log.Write(text);
            }
            else if (Interlocked.Decrement(ref open) == 0)
            {
                log.Dispose();
            }
        }

        process.OutputDataReceived += (_, e) => Line(e.Data);
        process.ErrorDataReceived += (_, e) => Line(e.Data);
        process.Exited += (_, _) =>
        {
            if (!_asked)
            {
                ended?.Invoke(this);
            }
        };
        _asked = false;
        _process = process;
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return true;
    }

    /// <summary>kill -9; false when it does not run.</summary>
    public bool Kill()
    {
        if (!IsRunning)
        {
            return false;
        }

        _asked = true;
        _process!.Kill();
        _process.WaitForExit();
        return true;
    }

    /// <summary>Asks the node to stop by closing its input, and kills it when it has not after <paramref name="patience"/>.</summary>
    public async Task StopAsync(TimeSpan patience)
    {
        if (_process is not { HasExited: false } process)
        {
            return;
        }

        _asked = true;
        try
        {
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // its end of the pipe is gone: it is ending
        }

        using CancellationTokenSource limit = new(patience);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
        }
    }
}
