using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Theseus.Mutate;

/// <summary>The framework: one mutant of a Move source at a time, built and tested by the program of the checkout.</summary>
internal sealed partial class Framework(string root, string copy) : IRoom
{
    private static readonly (string From, string To)[] Swaps =
    [
        (" < ", " <= "), (" <= ", " < "), (" > ", " >= "), (" >= ", " > "), (" == ", " != "), (" != ", " == "), (" && ", " || "),
        (" || ", " && "), (" + ", " - "), (" - ", " + "), (" * ", " + "), (" / ", " * "), (" % ", " * "),
    ];

    private readonly List<(Mutant Mutant, string Text)> _texts = [];

    private TimeSpan _patience = TimeSpan.FromMinutes(20);

    /// <inheritdoc/>
    public IReadOnlyList<Mutant> Mutants => [.. _texts.Select(static one => one.Mutant)];

    /// <inheritdoc/>
    public int AtOnce => 1; // all in one folder

    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>> PrepareAsync(int every, int seed, string within)
    {
        Find(every, seed, within);
        Stopwatch clock = Stopwatch.StartNew();
        bool isRed = await IsNoticedAsync(0);
        _patience = (10 * clock.Elapsed) + TimeSpan.FromSeconds(30);
        return isRed ? ["the package's tests"] : [];
    }

    // Operators, and assertions that are left out.
    private void Find(int every, int seed, string within)
    {
        Sample sample = new(every, seed);
        foreach (string file in Directory.EnumerateFiles(Path.Combine(root, "framework/theseus-framework/sources"), "*.move")
            .Where(file => file.Contains(within, StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            string[] lines = File.ReadAllLines(file);
            for (int i = 0; i < lines.Length; i++)
            {
                foreach (string fault in Faults(lines[i]))
                {
                    Mutant mutant = new(_texts.Count + 1, Path.GetRelativePath(root, file), i + 1, lines[i].Trim(), fault.Trim());
                    if (sample.Takes(mutant))
                    {
                        _texts.Add((mutant, string.Join('\n', lines.Select((line, at) => at == i ? fault : line)) + "\n"));
                    }
                }
            }
        }
    }

    /// <summary>Whether a test of the package notices a mutant; 0 asks whether they pass at all. What does not compile is, too.</summary>
    public async Task<bool> IsNoticedAsync(int mutant)
    {
        string? changed = null;
        if (mutant > 0)
        {
            (Mutant own, string text) = _texts[mutant - 1];
            changed = Path.Combine(copy, own.File);
            File.WriteAllText(changed, text);
        }

        try
        {
            return (await Processes.RunAsync(copy, _patience, 0, Path.Combine(root, "theseus"), "move", "test", "--path",
                Path.Combine(copy, "framework/theseus-framework"))).Code != 0;
        }
        finally
        {
            if (changed is not null)
            {
                File.Copy(Path.Combine(root, Path.GetRelativePath(copy, changed)), changed, overwrite: true);
            }
        }
    }

    private static IEnumerable<string> Faults(string line)
    {
        string code = line.TrimStart();
        if (code.StartsWith("//", StringComparison.Ordinal) || code.StartsWith("use ", StringComparison.Ordinal)
            || code.StartsWith("const ", StringComparison.Ordinal))
        {
            yield break;
        }

        foreach ((string from, string to) in Swaps)
        {
            for (int at = line.IndexOf(from, StringComparison.Ordinal); at >= 0; at = line.IndexOf(from, at + 1, StringComparison.Ordinal))
            {
                yield return line[..at] + to + line[(at + from.Length)..];
            }
        }

        if (Assertion().IsMatch(code))
        {
            yield return "";
        }
    }

    [GeneratedRegex(@"^assert!\(.*\);$")]
    private static partial Regex Assertion();
}
