using System.Diagnostics;

namespace Theseus.Cli.Bench;

/// <summary>A height at a moment, and heights that were decided late.</summary>
internal readonly record struct BenchMark(ulong Height, long Late, long Ticks);

/// <summary>How the bench talks with a process it started: a line asks, a line answers; the end of input ends the process.</summary>
internal static class BenchLink
{
    /// <summary>The process's side.</summary>
    public static async Task ServeAsync(Func<(ulong Height, long Late)> where)
    {
        while (await Console.In.ReadLineAsync() is not null)
        {
            (ulong height, long late) = where();
            Console.Out.WriteLine($"{height} {late} {Stopwatch.GetTimestamp()}");
            await Console.Out.FlushAsync();
        }
    }

    /// <summary>The bench's side. The clock is the machine's, so that pipes do not count.</summary>
    public static async Task<BenchMark> AskAsync(Process process, CancellationToken cancellation)
    {
        await process.StandardInput.WriteLineAsync("where".AsMemory(), cancellation);
        await process.StandardInput.FlushAsync(cancellation);
        string line = await process.StandardOutput.ReadLineAsync(cancellation)
            ?? throw new CommandFailure("a process of the bench ended early");
        string[] parts = line.Split(' ');
        return new BenchMark(ulong.Parse(parts[0]), long.Parse(parts[1]), long.Parse(parts[2]));
    }
}
