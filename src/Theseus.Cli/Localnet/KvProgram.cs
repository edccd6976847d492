using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;

namespace Theseus.Cli.Localnet;

/// <summary>The key-value example: a program of its own, built when it is asked for and its sources or this program have changed.</summary>
internal static class KvProgram
{
    /// <summary>The path of the program.</summary>
    /// <exception cref="CommandFailure">There is no checkout, or the example does not build.</exception>
    public static async Task<string> BuildAsync(CancellationToken cancellation)
    {
        string home = Environment.GetEnvironmentVariable("THESEUS_HOME") is { Length: > 0 } set ? set : Directory.GetCurrentDirectory();
        string project = Path.Combine(home, "examples", "kv");
        string output = Path.Combine(home, "artifacts", "kv");
        string program = Path.Combine(output, "kv");
        string stamp = Path.Combine(output, ".built-from");
        if (!Directory.Exists(project))
        {
            throw new CommandFailure($"no example in {project}; run the launcher of the checkout", ExitCode.Configuration);
        }

        string? sources = Sources(home, project);
        Directory.CreateDirectory(output);
        using FileStream held = await HoldAsync(Path.Combine(output, ".build-lock"), cancellation);
        bool built = sources is not null && File.Exists(program) && File.Exists(stamp);
        if (built && await File.ReadAllTextAsync(stamp, cancellation) == sources)
        {
            return program;
        }

        Stopwatch stage = Stopwatch.StartNew();
        string[] arguments = ["build", project, "-c", "Release", "-p:Analyze=false", "-o", output, "-v", "quiet", "--nologo"];
        ProcessStartInfo start = new("dotnet", arguments) { UseShellExecute = false, RedirectStandardOutput = true,
            RedirectStandardError = true };
        using Process build = Process.Start(start)!;
        Task<string> text = build.StandardOutput.ReadToEndAsync(cancellation);
        Task<string> errors = build.StandardError.ReadToEndAsync(cancellation);
        try
        {
            await build.WaitForExitAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            build.Kill(entireProcessTree: true); // interrupted: nothing that was started stays behind
            throw;
        }

        if (build.ExitCode != 0)
        {
            throw new CommandFailure($"the example does not build:\n{await text}{await errors}");
        }

        await File.WriteAllTextAsync(stamp, sources ?? "", cancellation);
        Terminal.Say($"built examples/kv in {stage.Elapsed.TotalSeconds:0.0} s");
        return program;
    }

    // What the launcher built this program from, and the example's own files. Null without the launcher's stamp: then it is always built.
    private static string? Sources(string home, string project)
    {
        string launcher = Path.Combine(home, "artifacts", "cli", ".built-from");
        if (!File.Exists(launcher))
        {
            return null;
        }

        IEnumerable<string> files = Directory.EnumerateFiles(project).Order(StringComparer.Ordinal)
            .Select(file => $"{Path.GetFileName(file)} {new FileInfo(file).Length} {File.GetLastWriteTimeUtc(file).Ticks}");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', files.Prepend(File.ReadAllText(
            launcher))))));
    }

    // Two localnets that start at once build one after the other.
    private static async Task<FileStream> HoldAsync(string file, CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException)
            {
                await Task.Delay(200, cancellation);
            }
        }
    }
}
