using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Theseus.Cli.Tests.Localnet;

/// <summary>How a command ended.</summary>
internal sealed record Ended(int Code, string Output, string Errors)
{
    public override string ToString() => $"exit {Code}\n{Output}\n{Errors}";
}

/// <summary>Runs the real program through the launcher, as a user does.</summary>
internal static partial class TheseusCommand
{
    /// <summary>Above the bound of a localnet's own start (120 s), so that a start that fails says why.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(180);

    private static readonly Lazy<Task> Built = new(async () =>
    {
        Ended build = await RunAsync(Start(build: true, "--version"), TimeSpan.FromMinutes(10));
        Assert.True(build.Code == 0, build.ToString());
    });

    /// <summary>The program that the launcher has built, without the launcher before it. It is compiled ahead of time, unlike
    /// the one beside the tests, and starts a localnet in half the time.</summary>
    public static string Program => Path.Combine(Repository.Root, "artifacts", "cli", "theseus");

    /// <summary>Builds what is not up to date; once a run.</summary>
    public static Task BuildAsync() => Built.Value;

    public static ProcessStartInfo Start(params string[] arguments) => Start(build: false, arguments);

    public static async Task<Ended> RunAsync(params string[] arguments)
    {
        await BuildAsync();
        return await RunAsync(Start(arguments), Patience);
    }

    /// <summary>Runs and expects exit code 0.</summary>
    public static async Task<string> DoAsync(params string[] arguments)
    {
        Ended ended = await RunAsync(arguments);
        Assert.True(ended.Code == 0, $"theseus {string.Join(' ', arguments)}: {ended}");
        return ended.Output;
    }

    public static void Signal(int process, int signal) => Assert.Equal(0, Kill(process, signal));

    /// <summary>
    /// Whether a process lives; one that ended and waits to be collected by its parent does not. While threads of it
    /// are left, its files are open and its locks held.
    /// </summary>
    public static bool Lives(int process)
    {
        try
        {
            string stat = File.ReadAllText($"/proc/{process}/stat");
            return stat[stat.LastIndexOf(')') + 2] is not ('Z' or 'X') || Directory.EnumerateDirectories($"/proc/{process}/task")
                .Skip(1).Any();
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Waits for what other processes bring about; the bound is generous because test machines are busy.</summary>
    public static async Task UntilAsync(Func<Task<bool>> condition, string what, TimeSpan? patience = null)
    {
        Stopwatch waited = Stopwatch.StartNew();
        while (!await condition())
        {
            Assert.True(waited.Elapsed < (patience ?? Patience), "never happened: " + what);
            await Task.Delay(25);
        }
    }

    private static ProcessStartInfo Start(bool build, params string[] arguments)
    {
        ProcessStartInfo start = new(Repository.Folder("theseus")) { RedirectStandardInput = true, RedirectStandardOutput = true,
            RedirectStandardError = true, UseShellExecute = false };
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["THESEUS_HOME"] = Repository.Root;
        start.Environment["NO_COLOR"] = "1";
        start.Environment.Remove("THESEUS_LOCALNET");
        start.Environment.Remove("THESEUS_URL");
        if (!build)
        {
            start.Environment["THESEUS_NO_BUILD"] = "1";
        }

        return start;
    }

    private static async Task<Ended> RunAsync(ProcessStartInfo start, TimeSpan patience)
    {
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
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
            Assert.Fail($"theseus {string.Join(' ', start.ArgumentList)} did not end within {patience.TotalSeconds:0} s: "
                + $"{await output}{await errors}");
        }

        return new Ended(process.ExitCode, await output, await errors);
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
