using System.Diagnostics;
using Theseus.Client;

namespace Theseus.Cli.Voyage;

/// <summary>
/// Brings a network that has just started to its working temperature: code is compiled when it runs for the first time, in each process.
/// The
/// load proper begins when blocks come evenly under load.
/// </summary>
internal static class WarmUp
{
    /// <summary>Blocks in a row that must be even.</summary>
    private const int Window = 12;

    /// <summary>What is even: no gap above this many medians and <see cref="SpareMilliseconds"/>, half of what a voyage allows.</summary>
    private const double MostMedians = 1.5;

    private const double SpareMilliseconds = 100;

    /// <summary>A machine that is busy with other work never becomes even: the voyage begins anyway.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Drives <paramref name="rate"/> transfers per second until blocks come evenly, and waits until all of them are
    /// settled.</summary>
    public static async Task RunAsync(TheseusClient access, LoadDriver load, int rate, CancellationToken cancellation)
    {
        Stopwatch watch = Stopwatch.StartNew();
        ulong from = (await access.StatusAsync(cancellation)).Height;
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Task driving = Task.WhenAll(load.SendAsync(rate, stop.Token), load.FollowAsync(from, Patience, stop.Token));
        bool even = false;
        while (!even && watch.Elapsed < Patience)
        {
            await Task.Delay(100, cancellation);
            ulong height = (await access.StatusAsync(cancellation)).Height;
            even = height > from + Window + 1 && await IsEvenAsync(access, height, cancellation);
        }

        await stop.CancelAsync();
        await driving;
        load.Forget();
        Terminal.Say(even
            ? $"voyage: the network is warm after {watch.Elapsed.TotalSeconds:0} s of load"
            : $"voyage: blocks do not come evenly after {watch.Elapsed.TotalSeconds:0} s: this machine is busy");
    }

    private static async Task<bool> IsEvenAsync(TheseusClient access, ulong height, CancellationToken cancellation)
    {
        List<ulong> times = [];
        for (ulong at = height - Window; at <= height; at++)
        {
            BlockInfo block = await access.GetBlockAsync(At.AtHeight(at), "header", cancellation);
            if (block.CommitRound > 0)
            {
                return false;
            }

            times.Add(block.Header.Time);
        }

        double[] gaps = [.. times.Zip(times.Skip(1), (before, after) => (double)(after - before)).Order()];
        return gaps[^1] <= (MostMedians * gaps[gaps.Length / 2]) + SpareMilliseconds;
    }
}
