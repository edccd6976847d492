using System.Collections.Concurrent;

namespace Theseus.Cli.Tests.Usage;

/// <summary>No wrong command line ends in a stack trace, leaves something behind, or says more than a line.</summary>
public sealed class WrongUsageTests
{
    private const int AtOnce = 4;

    /// <summary>Groups of commands answer with their help; these have more than a line to say.</summary>
    private static readonly HashSet<string> Helps = ["txs", "query", "move", "framework", "upgrade", "keys", "db", "txs upgrade",
        "txs validator"];

    /// <summary>Of sentences that are the runtime's own: they say neither what the path was for nor what to do.</summary>
    private static readonly string[] Foreign =
    [
        "Could not find", "Access to the path", "(Parameter '", "cannot be an empty string", "' already exists.", "this should not happen",
        "System.", "Exception",
    ];

    [Fact] // fault 28
    public async Task EveryWrongUsageIsOneLineWithCode2To4AndWritesNothing()
    {
        using TemporaryFolder temporary = new();
        string folder = temporary.Sub("given");
        Directory.CreateDirectory(folder);
        WrongUsage.Prepare(folder);
        string[] before = Tree(folder);
        Assert.True(WrongUsage.Lines.Distinct().Count() >= 143, $"{WrongUsage.Lines.Distinct().Count()} lines");

        ConcurrentBag<string> faults = [];
        await Parallel.ForEachAsync(WrongUsage.Lines, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (line, _) =>
        {
            string words = string.Format(System.Globalization.CultureInfo.InvariantCulture, line, folder, "http://127.0.0.1:9",
                Repository.Folder("framework"));
            Ran ran = await Ran.CommandAsync(folder, words.Split(' '));
            if (ran.Code is not (2 or 3 or 4) || ran.Output.Length > 0 || (!Helps.Contains(line) && ran.Said is not [not "" and var said]))
            {
                faults.Add($"theseus {line}: exit {ran.Code}: {ran.Output}{ran.Errors}");
            }
            else if (Foreign.FirstOrDefault(words => ran.Errors.Contains(words, StringComparison.Ordinal)) is string foreign)
            {
                faults.Add($"theseus {line}: says \"{foreign}\", which is the runtime's: {ran.Errors}");
            }
            else if (!Helps.Contains(line) && (!ran.Errors.StartsWith("theseus: ", StringComparison.Ordinal) || ran.Errors.Contains(
                "   at ", StringComparison.Ordinal)))
            {
                faults.Add($"theseus {line}: {ran.Errors}");
            }
        });

        Assert.True(faults.IsEmpty, string.Join('\n', faults.Order()));
        Assert.Equal(before, Tree(folder));
    }

    private static string[] Tree(string folder) => [.. Directory.EnumerateFileSystemEntries(folder, "*",
        SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
}
