using System.Diagnostics;
using Theseus.Cli.Localnet;
using Theseus.Cli.Voyage;
using Theseus.Client;

namespace Theseus.Cli.Bench;

/// <summary>
/// Transfers a second that a localnet of five processes commits, driven over HTTP from the same machine: the highest rate of which nothing
/// is lost, as a part of what its processors could verify, and what becomes of three times that load.
/// </summary>
public static class NetworkCost
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
        using TheseusClient access = new(new Uri(file.Nodes[^1].Url));
        TimeSpan stage = TimeSpan.FromSeconds(int.Max(6, options.Seconds));
        double bound = verifications * Environment.ProcessorCount / file.Nodes.Count;

        Stage best = await BestAsync(nodes, file, access, stage, cancellation);
        int load = int.Max(1, (int)(best.Committed * Overload));
        Terminal.Say($"bench: {best.Committed:0} transfers/s without loss; now {load}/s");
        Stage over = await OverAsync(nodes, file, access, load, stage + stage, cancellation);
        return
        [
            new("network", $"committed by {file.Nodes.Count} processes without loss, driver beside them", best.Committed, "/s",
                best.Committed / bound, "verifications x cores / nodes"),
            new("network", "processor time of the nodes for one of them", best.CpuMicros, "µs",
                verification * file.Nodes.Count / best.CpuMicros, "one verification by each node"),
            new("network", $"committed at {Overload} times that load ({load}/s asked, {over.Sent:0}/s sent)", over.Committed, "/s",
                over.Committed / best.Committed, "without loss"),
            new("network", "refused meanwhile with a time to come back", over.Refused, "answers",
                over.Refused + over.Unanswered == 0 ? null : (double)over.Refused / (over.Refused + over.Unanswered),
                "refused and unanswered"),
            new("network", "until such an answer, 99 of 100", over.RefusedMs, "ms"),
            new("network", "until status answered meanwhile, at most", over.StatusMs, "ms"),
            new("network", "blocks decided in a round above 0, at both loads", best.Late + over.Late, "blocks"),
        ];
    }

    private static async Task<Stage> BestAsync(
        Nodes nodes, LocalnetFile file, TheseusClient access, TimeSpan stage, CancellationToken cancellation)
    {
        using LoadDriver driver = new(file);
        await driver.PrepareAsync(cancellation);
        Terminal.Say($"bench: warming up for {WarmUp.TotalSeconds:0} s");
        await DriveAsync(nodes, driver, access, 2 * FirstRate, WarmUp, cancellation);
        Stage? best = null;
        double rate = FirstRate;
        for (int failures = 0; failures < MostFailures;)
        {
            await driver.PrepareAsync(cancellation);
            Stage now = await DriveAsync(nodes, driver, access, (int)rate, stage, cancellation);
            bool isWhole = now.Lost == 0 && now.Committed >= Enough * rate;
            Terminal.Say($"bench: {rate:0}/s: {now.Committed:0}/s committed, {now.Lost} lost");
            best = isWhole && now.Committed > (best?.Committed ?? 0) ? now : best;
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
        Nodes nodes, LocalnetFile file, TheseusClient access, int rate, TimeSpan stage, CancellationToken cancellation)
    {
        using LoadDriver driver = new(file, tries: 1);
        await driver.PrepareAsync(cancellation);
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Task<double> probing = ProbeAsync(file, stop.Token);
        Stage over = await DriveAsync(nodes, driver, access, rate, stage, cancellation);
        await stop.CancelAsync();
        return over with { StatusMs = await probing };
    }

    private static async Task<Stage> DriveAsync(
        Nodes nodes, LoadDriver driver, TheseusClient access, int rate, TimeSpan stage, CancellationToken cancellation)
    {
        driver.Forget();
        TimeSpan cpu = nodes.Cpu;
        ulong from = (await access.StatusAsync(cancellation)).Height;
        long began = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        stop.CancelAfter(stage);
        await Task.WhenAll(driver.SendAsync(rate, stop.Token), driver.FollowAsync(from, Draining, stop.Token));
        cancellation.ThrowIfCancellationRequested();
        cpu = nodes.Cpu - cpu;
        ulong to = (await access.StatusAsync(cancellation)).Height;
        long first = began + (long)RunIn.TotalMilliseconds;
        long last = began + (long)stage.TotalMilliseconds;
        IReadOnlyCollection<LoadRequest> requests = driver.Requests;
        LoadRequest[] good = [.. requests.Where(request => request.Outcome == LoadRequest.Success)];
        LoadRequest[] refused = [.. requests.Where(request => request.TypedRefusals > 0)];
        double[] refusals = [.. refused.Select(request => request.RefusedAfterMs).Order()];
        return new Stage(
            good.Count(request => request.Done >= first && request.Done <= last) * 1_000.0 / (last - first),
            requests.Count / stage.TotalSeconds,
            requests.Count - good.Length,
            refused.Length,
            requests.Count(request => request.Outcome != LoadRequest.Success && request.TypedRefusals == 0),
            refusals.Length == 0 ? 0 : refusals[refusals.Length * 99 / 100],
            await LateAsync(access, from, to, cancellation),
            cpu.TotalMicroseconds / int.Max(1, good.Length));
    }

    private static async Task<int> LateAsync(TheseusClient access, ulong from, ulong to, CancellationToken cancellation)
    {
        int late = 0;
        for (ulong height = from + 1; height <= to; height++)
        {
            late += (await access.GetBlockAsync(At.AtHeight(height), "header", cancellation)).CommitRound > 0 ? 1 : 0;
        }

        return late;
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

    /// <param name="Committed">Transfers a second in blocks while load was sent.</param>
    /// <param name="Sent">Transfers a second that were sent.</param>
    /// <param name="Lost">Transfers that were not executed with success.</param>
    /// <param name="Refused">Of these, refused with a time to come back.</param>
    /// <param name="Unanswered">Of these, anything else.</param>
    /// <param name="RefusedMs">Until a refusal, 99 of 100.</param>
    /// <param name="Late">Blocks decided in a round above 0.</param>
    /// <param name="CpuMicros">Processor time of all nodes for each that was executed, empty blocks included.</param>
    private sealed record Stage(double Committed, double Sent, int Lost, int Refused, int Unanswered, double RefusedMs, int Late,
        double CpuMicros)
    {
        public double StatusMs { get; init; }
    }
}
