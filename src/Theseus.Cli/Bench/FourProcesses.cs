using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Theseus.Node;

namespace Theseus.Cli.Bench;

/// <summary>
/// Heights a second of four real processes: the engine with a null application, and the bare loop, in turns on the same
/// machine and disk, so that what else happens there hits both.
/// </summary>
internal static class FourProcesses
{
    private const int Validators = 4;

    /// <summary>Turns of each; the median counts.</summary>
    private const int Turns = 3;

    /// <summary>The time that just-in-time compilation takes to settle: at six seconds it still had a fifth of the processor.</summary>
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static async Task<IReadOnlyList<BenchRow>> MeasureAsync(BenchOptions options, CancellationToken cancellation)
    {
        List<Turn> bare = [];
        List<Turn> engine = [];
        for (int turn = 1; turn <= Turns; turn++)
        {
            Terminal.Say($"bench: four processes, turn {turn} of {Turns}: bare loop");
            bare.Add(await RunAsync(ReferenceNode.Name, Path.Combine(options.Folder, $"reference{turn}"), options.Seconds, cancellation));
            Terminal.Say($"bench: four processes, turn {turn} of {Turns}: engine with a null application "
                + $"({bare[^1].Rate:0} heights/s by the bare loop)");
            engine.Add(await RunAsync(BenchNode.Name, Path.Combine(options.Folder, $"engine{turn}"), options.Seconds, cancellation));
            Terminal.Say($"bench: {engine[^1].Rate:0} heights/s by the engine, {engine[^1].Late} in a round above 0");
        }

        // each turn against the one before it: what disturbs a machine lasts longer than a turn
        double reference = Median(bare.Select(turn => turn.Rate));
        double rate = Median(engine.Select(turn => turn.Rate));
        double ratio = Median(engine.Zip(bare, (ours, theirs) => ours.Rate / theirs.Rate));
        double cpuRatio = Median(engine.Zip(bare, (ours, theirs) => ours.CpuMicros / theirs.CpuMicros));
        return
        [
            new("processes", "bare loop: TLS mesh, Ed25519, one synced append a vote", reference, "heights/s"),
            new("processes", "engine with a null application", rate, "heights/s", ratio, "bare loop, median of turns"),
            new("processes", "heights of the engine decided in a round above 0", engine.Sum(turn => turn.Late), "heights"),
            new("processes", "processor time of the bare loop a height, all four", Median(bare.Select(turn => turn.CpuMicros)), "µs"),
            new("processes", "processor time of the engine a height, all four", Median(engine.Select(turn => turn.CpuMicros)), "µs",
                cpuRatio, "bare loop, median of turns"),
        ];
    }

    private static async Task<Turn> RunAsync(string verb, string folder, int seconds, CancellationToken cancellation)
    {
        List<string> homes = MakeHomes(folder);
        List<Process> processes = [];
        try
        {
            processes.AddRange(homes.Select(home => Start(verb, home)));
            Stopwatch waited = Stopwatch.StartNew();
            while ((await BenchLink.AskAsync(processes[0], cancellation)).Height == 0)
            {
                if (waited.Elapsed > Patience)
                {
                    throw new CommandFailure($"{verb} decided nothing within {Patience.TotalSeconds} s");
                }

                await Task.Delay(50, cancellation);
            }

            await Task.Delay(WarmUp, cancellation);
            BenchMark first = await BenchLink.AskAsync(processes[0], cancellation);
            TimeSpan before = Cpu(processes);
            await Task.Delay(TimeSpan.FromSeconds(seconds), cancellation);
            BenchMark last = await BenchLink.AskAsync(processes[0], cancellation);
            TimeSpan after = Cpu(processes);
            double heights = last.Height - first.Height;
            return new Turn(heights / Stopwatch.GetElapsedTime(first.Ticks, last.Ticks).TotalSeconds, last.Late - first.Late,
                heights == 0 ? 0 : (after - before).TotalMicroseconds / heights);
        }
        finally
        {
            foreach (Process process in processes)
            {
                await StopAsync(process);
            }
        }
    }

    private static Process Start(string verb, string home)
    {
        ProcessStartInfo start =
            new(Environment.ProcessPath!) { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false };
        start.ArgumentList.Add(verb);
        start.ArgumentList.Add("--home");
        start.ArgumentList.Add(home);
        start.Environment["DOTNET_gcConcurrent"] = "0";
        start.Environment["DOTNET_TieredPGO"] = "0";
        return Process.Start(start)!;
    }

    private static async Task StopAsync(Process process)
    {
        using (process)
        {
            process.StandardInput.Close();
            using CancellationTokenSource limit = new(TimeSpan.FromSeconds(3));
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

    private static TimeSpan Cpu(IEnumerable<Process> processes)
    {
        TimeSpan sum = TimeSpan.Zero;
        foreach (Process process in processes)
        {
            process.Refresh();
            sum += process.TotalProcessorTime;
        }

        return sum;
    }

    private static List<string> MakeHomes(string folder)
    {
        List<TcpListener> held = [.. Enumerable.Range(0, Validators * 3).Select(_ => new TcpListener(IPAddress.Loopback, 0))];
        held.ForEach(listener => listener.Start());
        int[] ports = [.. held.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        held.ForEach(listener => listener.Stop());
        byte[][] seeds = [.. Enumerable.Range(0, Validators).Select(i => SHA256.HashData(Encoding.UTF8.GetBytes($"theseus bench {i}")))];
        PeerAddress[] nodes =
            [.. seeds.Select((seed, i) =>
                new PeerAddress($"b{i}", new NodeKey(seed).PublicKey.ToString(), "127.0.0.1", ports[i * 3], ports[(i * 3) + 1],
                    ports[(i * 3) + 2]))];
        List<string> homes = [];
        for (int i = 0; i < Validators; i++)
        {
            string home = Path.Combine(folder, nodes[i].Name);
            Directory.CreateDirectory(home);
            File.WriteAllText(Path.Combine(home, "node.key"), Convert.ToHexStringLower(seeds[i]));
            new NodeConfig(
                nodes[i].Name, NodeRole.Validator, "127.0.0.1",
                new NodePorts(0, nodes[i].ConsensusPort, nodes[i].SyncPort, nodes[i].MempoolPort, 0), "genesis.json", "node.key", null,
                [.. nodes.Where(node => node != nodes[i])]).Save(home);
            homes.Add(home);
        }

        return homes;
    }

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }

    private sealed record Turn(double Rate, long Late, double CpuMicros);
}
