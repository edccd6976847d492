using System.Diagnostics;

namespace Theseus.Cli.Localnet;

/// <summary>
/// A node as a child process. Its standard input is a pipe that this process holds: when the supervisor dies, however it
/// dies, the pipe closes and the node stops by itself, so there are no orphans.
/// </summary>
public sealed class NodeProcess(LocalnetNode node, IReadOnlyList<string> command, string logFile)
{
    private Process? _process;

    public LocalnetNode Node { get; } = node;

    /// <summary>Times that it was started again after the first time.</summary>
    public int Restarts { get; private set; }

    public int? ProcessId => _process is { HasExited: false } running ? running.Id : null;

    public bool IsRunning => _process is { HasExited: false };

    /// <summary>Exit code of the last run; null while it runs or before it ran.</summary>
    public int? LastExit => _process is { HasExited: true } ended ? ended.ExitCode : null;

    /// <summary>Starts the process; false when it runs already.</summary>
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
        }

        ProcessStartInfo start = new(command[0]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (string argument in command.Skip(1).Concat(extra))
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["THESEUS_SUPERVISED"] = "1";
        // Five processes share a machine: a small heap and few GC threads leave the processor to the network itself.
        start.Environment["DOTNET_gcConcurrent"] = "0";
        start.Environment["DOTNET_TieredPGO"] = "0";

        Process process = new() { StartInfo = start, EnableRaisingEvents = true };
        StreamWriter log = new(new FileStream(logFile, FileMode.Append, FileAccess.Write, FileShare.ReadWrite)) { AutoFlush = true };
        Lock gate = new();
        int open = 2;
        void Line(string? text)
        {
            lock (gate)
            {
                if (text is not null)
                {
                    log.WriteLine(text);
                }
                else if (--open == 0)
                {
                    log.Dispose();
                }
            }
        }

        process.OutputDataReceived += (_, e) => Line(e.Data);
        process.ErrorDataReceived += (_, e) => Line(e.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _process = process;
        return true;
    }

    /// <summary>kill -9.</summary>
    public bool Kill()
    {
        if (!IsRunning)
        {
            return false;
        }

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

        process.StandardInput.Close();
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
