using System.Diagnostics;
using Theseus.Cli.Tests.Localnet;

namespace Theseus.Cli.Tests.Usage;

/// <summary>A run of the program by itself, without a localnet around it.</summary>
internal sealed record Ran(int Code, string Output, string Errors)
{
    /// <summary>Lines on stderr.</summary>
    public string[] Said => Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Runs the program in a working folder.</summary>
    public static Task<Ran> CommandAsync(string folder, params IReadOnlyList<string> words) =>
        ProgramAsync(folder, TheseusCommand.Program, words);

    /// <summary>Runs a line of a shell in which $theseus is the program.</summary>
    public static Task<Ran> ShellAsync(string folder, string line) => ProgramAsync(folder, "bash", "-c", line);

    private static async Task<Ran> ProgramAsync(string folder, string program, params IReadOnlyList<string> words)
    {
        await TheseusCommand.BuildAsync();
        ProcessStartInfo start = new(program, words)
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false,
                WorkingDirectory = folder,
        };
        start.Environment["THESEUS_HOME"] = folder;
        start.Environment["theseus"] = TheseusCommand.Program;
        start.Environment["launcher"] = Repository.Folder("theseus");
        start.Environment["NO_COLOR"] = "1";
        foreach (string name in (string[])["THESEUS_LOCALNET", "THESEUS_URL", "COLUMNS"])
        {
            start.Environment.Remove(name);
        }

        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        using CancellationTokenSource late = new(TheseusCommand.Patience);
        try
        {
            await process.WaitForExitAsync(late.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            return new Ran(-1, await output, "did not end: " + await errors);
        }

        return new Ran(process.ExitCode, await output, await errors);
    }
}
