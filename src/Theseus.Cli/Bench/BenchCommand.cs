using System.CommandLine;
using Theseus.Cli.Commands;

namespace Theseus.Cli.Bench;

/// <summary>A line of the bench's table.</summary>
/// <param name="Part">The part of the bench, as --only names it.</param>
/// <param name="What">What was measured.</param>
/// <param name="Value">The figure.</param>
/// <param name="Unit">Its unit.</param>
/// <param name="Ratio">The figure against its bound or reference of the same run; null where it is one itself.</param>
/// <param name="Against">What the ratio is against.</param>
internal sealed record BenchRow(string Part, string What, double Value, string Unit, double? Ratio = null, string? Against = null);

/// <summary>How much to do.</summary>
/// <param name="Seconds">Measured seconds of each process round.</param>
/// <param name="Rows">State rows below the transfers.</param>
/// <param name="Folder">Where data is written: the disk that is measured.</param>
internal sealed record BenchOptions(int Seconds, int Rows, string Folder);

/// <summary>theseus bench: everything in one run, as ratios. Absolute times belong to a machine and are no pass mark.</summary>
internal static class BenchCommand
{
    /// <summary>Enough that keys are spread over more pages than a block touches, few enough to be filled in about a minute.</summary>
    private const int UsualRows = 2_000_000;

    private const int FullRows = 10_000_000;

    private static readonly string[] Parts = ["signatures", "core", "processes", "transfers", "pool", "network"];

    public static IEnumerable<Command> Commands() => [Bench(), BenchNode.Command(), ReferenceNode.Command()];

    private static Command Bench()
    {
        Option<string[]> only = new("--only")
        {
            Description = $"Only these parts: {string.Join(", ", Parts)}; may be repeated", AllowMultipleArgumentsPerToken = true,
        };
        Option<int?> rows = new("--rows") { Description = $"State rows below the transfers, {UsualRows} when left out" };
        Option<bool> full = new("--full") { Description = $"{FullRows} rows and longer rounds" };
        Option<int> seconds = new("--seconds") { Description = "Measured seconds of a round of processes", DefaultValueFactory = _ => 4 };
        Option<string?> folder = new("--data")
        {
            Description = "Folder to write to: the disk that is measured; a temporary one beside the launcher when left out",
        };
        Option<bool> json = CommonOptions.Json();
        Command command = new("bench",
            "Measure: consensus core, processes against a bare loop, transfers, signatures, a full mempool, a whole network\n\n"
            + "Examples:\n  theseus bench\n  theseus bench --only transfers --full --json") { only, rows, full, seconds, folder, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            string[] chosen = parsed.GetValue(only) is { Length: > 0 } given ? given : Parts;
            if (chosen.FirstOrDefault(part => !Parts.Contains(part)) is string unknown)
            {
                throw new CommandFailure($"no part {unknown}: {string.Join(", ", Parts)}", ExitCode.Usage);
            }

            if (parsed.GetValue(rows) is < 1_000 || parsed.GetValue(seconds) < 1)
            {
                throw new CommandFailure("--rows is at least 1000, --seconds at least 1", ExitCode.Usage);
            }

            string home = Environment.GetEnvironmentVariable("THESEUS_HOME") is { Length: > 0 } set ? set : Directory.GetCurrentDirectory();
            string data = Path.Combine(parsed.GetValue(folder) ?? Path.Combine(home, ".theseus"), $"bench-{Environment.ProcessId}");
            bool isFull = parsed.GetValue(full);
            int measured = isFull ? int.Max(10, parsed.GetValue(seconds)) : parsed.GetValue(seconds);
            BenchOptions options = new(measured, parsed.GetValue(rows) ?? (isFull ? FullRows : UsualRows), data);
            Directory.CreateDirectory(data);
            try
            {
                List<BenchRow> table = await RunAsync(chosen, options, cancellation);
                Show(table, parsed.GetValue(json));
            }
            finally
            {
                Directory.Delete(data, recursive: true);
            }

            return ExitCode.Clean;
        });
        return command;
    }

    private static async Task<List<BenchRow>> RunAsync(string[] chosen, BenchOptions options, CancellationToken cancellation)
    {
        List<BenchRow> table = [];
        double verifications = 0;
        if (chosen.Contains("signatures") || chosen.Contains("transfers") || chosen.Contains("network"))
        {
            Terminal.Say("bench: signature verifications");
            table.AddRange(SignatureCost.Measure());
            verifications = table[0].Value;
        }

        if (chosen.Contains("core"))
        {
            Terminal.Say("bench: core cost of a vote");
            table.AddRange(CoreCost.Measure());
        }

        if (chosen.Contains("processes"))
        {
            table.AddRange(await FourProcesses.MeasureAsync(options, cancellation));
        }

        if (chosen.Contains("transfers"))
        {
            table.AddRange(TransferCost.Measure(options, verifications));
        }

        if (chosen.Contains("pool"))
        {
            table.AddRange(PoolCost.Measure(options));
        }

        if (chosen.Contains("network"))
        {
            table.AddRange(await NetworkCost.MeasureAsync(options, verifications, cancellation));
        }

        return table;
    }

    private static void Show(List<BenchRow> table, bool json)
    {
        if (json)
        {
            Terminal.Json(table);
            return;
        }

        Terminal.Table(["part", "measured", "figure", "unit", "ratio", "against"], table.Select(row => new[]
        {
            row.Part, row.What, row.Value >= 100 ? $"{row.Value:#,0}" : $"{row.Value:0.##}", row.Unit,
            row.Ratio is double ratio ? $"{ratio:0.00}" : "", row.Against ?? "",
        }));
    }
}
