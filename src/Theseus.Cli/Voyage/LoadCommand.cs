using System.CommandLine;
using Theseus.Cli.Commands;
using Theseus.Cli.Localnet;
using Theseus.Client;

namespace Theseus.Cli.Voyage;

/// <summary>theseus localnet load: drives transfers and says what became of them.</summary>
internal static class LoadCommand
{
    private const int HighestRate = 10_000;

    /// <summary>A day.</summary>
    private const int LongestSeconds = 86_400;

    /// <summary>How long what was sent may take to be executed when sending has ended.</summary>
    private static readonly TimeSpan Draining = TimeSpan.FromSeconds(20);

    /// <summary>The command.</summary>
    public static Command Load()
    {
        Option<int> tps = Inputs.Whole("--tps", "Signed transfers per second", 1, HighestRate, 50);
        Option<int> seconds = Inputs.Whole("--seconds", "How long", 1, LongestSeconds, 20);
        Option<string?> dir = CommonOptions.Dir();
        Option<bool> json = CommonOptions.Json();
        Command command = new(
            "load", "Drive signed transfers from the load accounts over all nodes\n\nExample: theseus localnet load --tps 50 --seconds "
                + "20") { tps, seconds, dir, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            LocalnetFile file = LocalnetLayout.Of(parsed.GetValue(dir)).Read();
            LoadFigures figures = await DriveAsync(file, parsed.GetValue(tps), parsed.GetValue(seconds), cancellation);
            if (parsed.GetValue(json))
            {
                Terminal.Json(figures);
            }
            else
            {
                Show(figures);
            }

            return figures.Sent == figures.Succeeded ? ExitCode.Clean : ExitCode.Failure;
        });
        return command;
    }

    private static async Task<LoadFigures> DriveAsync(LocalnetFile file, int rate, int seconds, CancellationToken cancellation)
    {
        using LoadDriver load = new(file);
        await load.PrepareAsync(cancellation);
        using TheseusClient client = new(new Uri(file.Nodes[^1].Url));
        ulong from = (await client.StatusAsync(cancellation)).Height;
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        long began = Environment.TickCount64;
        stop.CancelAfter(TimeSpan.FromSeconds(seconds));
        await Task.WhenAll(load.SendAsync(rate, stop.Token), load.FollowAsync(from, Draining, stop.Token));
        return LoadFigures.Of(load.Requests, rate, double.Max(1, double.Min(seconds, (Environment.TickCount64 - began) / 1000.0)));
    }

    private static void Show(LoadFigures figures)
    {
        Terminal.Fields(
            ("sent", $"{figures.Sent}, of which {figures.Succeeded} succeeded"),
            ("per second",
                $"{figures.SentRate} sent of {figures.AskedRate} asked for, {figures.AcceptedRate} taken by nodes, {figures.ExecutedRate} "
                    + $"executed"),
            ("until taken", $"median {figures.MedianAnswerMs} ms"),
            ("until seen", $"median {figures.MedianMs} ms, longest {figures.MostMs} ms"),
            ("driver's lag", $"{figures.MostLagMs} ms at most"),
            ("sent again", figures.SentAgain.ToString()));
        foreach (LoadFailure failure in figures.Failures)
        {
            Terminal.Print($"{failure.Count} x {failure.Outcome}");
        }
    }
}
