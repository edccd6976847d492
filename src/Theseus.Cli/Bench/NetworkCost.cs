using System.Diagnostics;
using Theseus.Cli.Localnet;
using Theseus.Client;

namespace Theseus.Cli.Bench;

/// <summary>
/// Transfers a second that a localnet of five processes commits, driven over HTTP from the same machine: the highest rate of which nothing
/// is lost, as a part of what its processors could verify, and what becomes of three times that load.
/// </summary>
internal static class NetworkCost
{
    /// <summary>The first rate that is tried, in transfers per second: far below what any machine does.</summary>
    private const int FirstRate = 100;

    /// <summary>Below this it is another program that is measured.</summary>
    private const int LeastRate = 10;

    /// <summary>From one rate to the next.</summary>
    private const double Step = 1.4;

    /// <summary>The part of a rate that must be committed while it is sent: what is under way at the end is not lost.</summary>
    private const double Enough = 0.9;

    /// <summary>How many times the best rate is too much.</summary>
    private const int Overload = 3;

    /// <summary>A second failure in a row is no accident.</summary>
    private const int MostFailures = 2;

    /// <summary>Where code is compiled and blocks come evenly: load of the first rates until then.</summary>
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(25);

    /// <summary>From the beginning of a load until its transfers come out at the other end.</summary>
    private static readonly TimeSpan RunIn = TimeSpan.FromSeconds(2);

    /// <summary>What was sent is executed within this time after the last one, or counts as lost.</summary>
    private static readonly TimeSpan Draining = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan ProbePause = TimeSpan.FromMilliseconds(200);

    /// <summary>Starts the localnet, measures, and stops it.</summary>
    /// <param name="options">Seconds of a stage, and where the nodes' folders stand.</param>
    /// <param name="verifications">Signatures that one core verifies in a second.</param>
    /// <param name="cancellation">Stops it.</param>
    public static async Task<IReadOnlyList<BenchRow>> MeasureAsync(
        BenchOptions options, double verifications, CancellationToken cancellation)
    {
        double verification = SignatureCost.CpuMicroseconds();
        Terminal.Say("bench: a localnet of five processes");
        LocalnetLayout layout = new(Path.GetFullPath(Path.Combine(options.Folder, "network")));
        LocalnetOptions network = new(Validators: 4, BasePort: 0, Bind: "127.0.0.1", Application: "theseus");
        await using Supervisor supervisor = await LocalnetStart.RunAsync(
            layout, new LocalnetRequest(network, new HashSet<string>(), Fresh: true), cancellation);
        LocalnetFile file = supervisor.File;
        Nodes nodes = new(supervisor);
        TimeSpan stage = TimeSpan.FromSeconds(int.Max(6, options.Seconds));
        double bound = verifications * Environment.ProcessorCount / file.Nodes.Count;

        using NetworkLoad driver = new(file);
        Stage best = await BestAsync(nodes, driver, stage, cancellation);
        int load = int.Max(1, (int)(best.Seen.Committed * Overload));
        Terminal.Say($"bench: {best.Seen.Committed:0} transfers/s without loss; now {load}/s");
        Stage over = await OverAsync(nodes, file, driver, load, stage + stage, cancellation);
        NetworkLoad.Outcome seen = over.Seen;
        return
        [
            new("network", $"committed by {file.Nodes.Count} processes without loss, driver beside them", best.Seen.Committed, "/s",
                best.Seen.Committed / bound, "verifications x cores / nodes"),
            new("network", "processor time of the nodes for one of them", best.CpuMicros, "µs",
                verification * file.Nodes.Count / best.CpuMicros, "one verification by each node"),
            new("network", $"sent at {Overload} times that load ({load}/s asked)", seen.Offered, "/s",
                seen.Offered / best.Seen.Committed, "committed without loss"),
            new("network", "committed meanwhile", seen.Committed, "/s", seen.Committed / best.Seen.Committed, "without loss"),
            new("network", "taken meanwhile and lost", seen.Lost, "transfers"),
            new("network", "refused meanwhile with a time to come back", seen.Refused, "answers",
                seen.Refused + seen.Unanswered == 0 ? null : (double)seen.Refused / (seen.Refused + seen.Unanswered),
                "refused and unanswered"),
            new("network", "until such an answer, 99 of 100", seen.RefusedMs, "ms"),
            new("network", "until status answered meanwhile, at most", over.StatusMs, "ms"),
            new("network", "blocks decided in a round above 0, at both loads", best.Seen.Late + seen.Late, "blocks"),
        ];
    }

    private static async Task<Stage> BestAsync(Nodes nodes, NetworkLoad load, TimeSpan stage, CancellationToken cancellation)
    {
        Terminal.Say($"bench: warming up for {WarmUp.TotalSeconds:0} s");
        await load.SignAsync((int)(2 * FirstRate * WarmUp.TotalSeconds), cancellation);
        await DriveAsync(nodes, load, 2 * FirstRate, WarmUp, cancellation);
        Stage? best = null;
        double rate = FirstRate;
        for (int failures = 0; failures < MostFailures;)
        {
            await load.SignAsync((int)(rate * stage.TotalSeconds), cancellation);
            Stage now = await DriveAsync(nodes, load, (int)rate, stage, cancellation);
            NetworkLoad.Outcome seen = now.Seen;
            int lost = seen.Lost + seen.Refused + seen.Unanswered;
            bool isWhole = lost == 0 && seen.Committed >= Enough * rate;
            Terminal.Say($"bench: {rate:0}/s: {seen.Offered:0}/s sent, {seen.Committed:0}/s committed, {lost} lost or refused");
            best = isWhole && seen.Committed > (best?.Seen.Committed ?? 0) ? now : best;
            failures += isWhole || best is null ? 0 : 1;
            rate *= isWhole ? Step : best is null ? 0.5 : Math.Sqrt(1 / Step); // half a step back, once
            if (rate < LeastRate)
            {
                throw new CommandFailure($"the localnet loses transfers even at {2 * rate:0} a second: is this machine busy?");
            }
        }

        return best!;
    }

    private static async Task<Stage> OverAsync(
        Nodes nodes, LocalnetFile file, NetworkLoad load, int rate, TimeSpan stage, CancellationToken cancellation)
    {
        await load.SignAsync((int)(rate * stage.TotalSeconds), cancellation); // on all cores, the one of the probes too
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Task<double> probing = ProbeAsync(file, stop.Token);
        Stage over = await DriveAsync(nodes, load, rate, stage, cancellation);
        await stop.CancelAsync();
        return over with { StatusMs = await probing };
    }

    private static async Task<Stage> DriveAsync(Nodes nodes, NetworkLoad load, int rate, TimeSpan stage, CancellationToken cancellation)
    {
        TimeSpan cpu = nodes.Cpu;
        NetworkLoad.Outcome seen = await load.DriveAsync(rate, stage, RunIn, Draining, cancellation);
        return new Stage(seen, (nodes.Cpu - cpu).TotalMicroseconds / int.Max(1, seen.Executed));
    }

    /// <summary>The longest that any node took to say how it is.</summary>
    private static async Task<double> ProbeAsync(LocalnetFile file, CancellationToken stop)
    {
        TheseusClient[] clients = [.. file.Nodes.Select(node => new TheseusClient(new Uri(node.Url)))];
        double longest = 0;
        while (!stop.IsCancellationRequested)
        {
            foreach (TheseusClient client in clients)
            {
                long asked = Stopwatch.GetTimestamp();
                await client.StatusAsync(CancellationToken.None);
                longest = double.Max(longest, Stopwatch.GetElapsedTime(asked).TotalMilliseconds);
            }

            await Task.WhenAny(Task.Delay(ProbePause, stop));
        }

        foreach (TheseusClient client in clients)
        {
            client.Dispose();
        }

        return longest;
    }

    /// <summary>The nodes' processes.</summary>
    private sealed class Nodes(Supervisor supervisor)
    {
        /// <summary>Processor time of all of them since they began.</summary>
        public TimeSpan Cpu
        {
            get
            {
                TimeSpan sum = TimeSpan.Zero;
                foreach (NodeProcess node in supervisor.Processes.Values)
                {
                    using Process process = Process.GetProcessById(node.ProcessId
                        ?? throw new CommandFailure($"{node.Node.Name} has ended; its log says why"));
                    sum += process.TotalProcessorTime;
                }

                return sum;
            }
        }
    }

    /// <param name="Seen">What became of the transfers.</param>
    /// <param name="CpuMicros">Processor time of all nodes for each that was executed, empty blocks included.</param>
    private sealed record Stage(NetworkLoad.Outcome Seen, double CpuMicros)
    {
        public double StatusMs { get; init; }
    }
}
