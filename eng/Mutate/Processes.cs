using System.Diagnostics;

namespace Theseus.Mutate;

/// <summary>Other programs, and what they said.</summary>
internal static class Processes
{
    /// <summary>Runs a program to its end.</summary>
    /// <param name="folder">Where it runs.</param>
    /// <param name="patience">After it the program is killed, and the code is -1.</param>
    /// <param name="mutant">The mutant that is switched on; 0 for none.</param>
    /// <param name="command">Program and arguments.</param>
    public static Task<(int Code, string Output)> RunAsync(string folder, TimeSpan patience, int mutant, params string[] command) =>
        RunAsync(folder, patience, mutant, reached: "", command);

    /// <summary>Runs a program to its end.</summary>
    /// <param name="folder">Where it runs.</param>
    /// <param name="patience">After it the program is killed, and the code is -1.</param>
    /// <param name="mutant">The mutant that is switched on; 0 for none.</param>
    /// <param name="reached">The file in which it writes the mutants that it comes to; empty for none.</param>
    /// <param name="command">Program and arguments.</param>
    public static async Task<(int Code, string Output)> RunAsync(
        string folder, TimeSpan patience, int mutant, string reached, string[] command)
    {
        ProcessStartInfo start = new(command[0], command[1..])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.Environment["THESEUS_MUTANT"] = mutant.ToString();
        start.Environment["THESEUS_MUTANTS_REACHED"] = reached;
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        using CancellationTokenSource limit = new(patience);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
            return (-1, "");
        }

        return (process.ExitCode, await output + await errors);
    }
}
