using System.Globalization;

namespace Theseus.Cli.Replay;

/// <summary>How replays are shown: a table of at most 80 columns, or JSON.</summary>
internal static class ReplayOutput
{
    private const int Width = 80;
    private const int StepWidth = 5;
    private const int NodeWidth = 6;
    private const int VerdictWidth = 8;
    private const int AnswerWidth = 26;
    private const int InputWidth = Width - StepWidth - NodeWidth - VerdictWidth - AnswerWidth - 4;
    private const int Indent = StepWidth + NodeWidth + 2;

    /// <summary>The rows of a trace. What agrees takes a line; what differs says how, and why that is wanted.</summary>
    /// <param name="file">The file.</param>
    /// <param name="result">The trace.</param>
    /// <param name="brief">Leaves out what agrees and what is accepted.</param>
    public static void Table(string file, ReplayResult result, bool brief)
    {
        string name = result.Instance.Length == 0 ? result.Model : $"{result.Model} {result.Instance.TrimEnd(':')}";
        Terminal.Print($"{Path.GetFileName(file)}: {name}");
        IEnumerable<ReplayRow> rows = brief ? result.Rows.Where(static row => !row.Holds) : result.Rows;
        bool first = true;
        foreach (ReplayRow row in rows)
        {
            if (first)
            {
                Line("step", "node", "input", "answer", "verdict");
                first = false;
            }

            Line(row.Step.ToString(CultureInfo.InvariantCulture), row.Node, row.Input, row.Model,
                row.Agrees ? "agree" : row.Holds ? "accepted" : "DIFFERS");
            if (!row.Agrees)
            {
                Detail("model", row.Model);
                Detail("core", row.Core);
                if (row.Holds)
                {
                    Detail("why", row.Verdict);
                }
            }
        }

        Terminal.Print($"{result.Rows.Count} steps: {result.Agreed} agree, "
            + $"{result.Rows.Count - result.Agreed - result.Different} differ as accepted, "
            + $"{result.Different} differ");
    }

    /// <summary>Every accepted difference that occurred, with its reason.</summary>
    public static void Reasons(IReadOnlyList<ReplayResult> results)
    {
        (Accepted Why, int Steps)[] reasons = [.. Count(results)];
        if (reasons.Length == 0)
        {
            return;
        }

        Terminal.Print("");
        Terminal.Print("accepted differences:");
        foreach ((Accepted why, int steps) in reasons)
        {
            Terminal.Print($"{why.Code} ({steps} steps)");
            foreach (string line in Shortened.Wrap(why.Reason, Width - 4))
            {
                Terminal.Print("    " + line);
            }
        }
    }

    public static IEnumerable<(Accepted Why, int Steps)> Count(IReadOnlyList<ReplayResult> results) => results
        .SelectMany(static result => result.Rows).SelectMany(static row => row.Accepted.Distinct()).GroupBy(static why => why)
        .Select(static group => (group.Key, group.Count())).OrderBy(static pair => pair.Key.Code, StringComparer.Ordinal);

    private static void Line(string step, string node, string input, string answer, string verdict) => Terminal.Print(string.Join(' ',
        Shortened.Fit(step, StepWidth).PadLeft(StepWidth), Shortened.Fit(node, NodeWidth).PadRight(NodeWidth),
        Shortened.Fit(input, InputWidth).PadRight(InputWidth), Shortened.Fit(answer, AnswerWidth).PadRight(AnswerWidth), verdict));

    private static void Detail(string name, string text)
    {
        const int Name = 6;
        string label = name.PadRight(Name);
        foreach (string line in Shortened.Wrap(text.Replace(",", ", ", StringComparison.Ordinal).Replace(",  ", ", ",
            StringComparison.Ordinal), Width - Indent - Name))
        {
            Terminal.Print(new string(' ', Indent) + label + Shortened.Fit(line, Width - Indent - Name));
            label = new string(' ', Name);
        }
    }
}
