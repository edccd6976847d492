using System.Globalization;
using System.Text;
using System.Text.Json;
using Spectre.Console;
using Theseus.Client;

namespace Theseus.Cli;

/// <summary>
/// Results on stdout, chatter on stderr; colour off with NO_COLOR or a pipe; --json prints one JSON document. All text passes
/// <see cref="Printable"/>, whoever wrote it.
/// </summary>
internal static class Terminal
{
    /// <summary>Columns of a terminal that does not say how many it has.</summary>
    private const int UsualWidth = 80;

    /// <summary>A file or a pipe has no width: nothing is shortened there.</summary>
    private const int Unbounded = 10_000;

    /// <summary>Border and padding of a table: what a column takes beside its text, and once more for the last border.</summary>
    private const int ColumnFrame = 3;

    /// <summary>Values narrower than this are not worth wrapping beside a name.</summary>
    private const int LeastValue = 24;

    private static readonly Lazy<IAnsiConsole> Results = new(() => AnsiConsole.Create(new AnsiConsoleSettings
    {
        Out = new AnsiConsoleOutput(Console.Out),
        Ansi = Console.IsOutputRedirected ? AnsiSupport.No : AnsiSupport.Detect,
    }));

    /// <summary>Columns to write in: COLUMNS when it is set, else those of the terminal; a file or a pipe has no bound.</summary>
    public static int Width =>
        int.TryParse(Environment.GetEnvironmentVariable("COLUMNS"), NumberStyles.None, CultureInfo.InvariantCulture, out int set)
            && set > 0 ? set
        : Console.IsOutputRedirected ? Unbounded
        : Console.WindowWidth > 0 ? Console.WindowWidth : UsualWidth;

    /// <summary>
    /// Sees to it that a reader of stdout who has gone is noticed: the console's own writer says nothing, and a command that follows a log
    /// would write into nothing for ever.
    /// </summary>
    public static void Open()
    {
        if (Console.IsOutputRedirected)
        {
            Console.SetOut(TextWriter.Synchronized(new StreamWriter(new StandardOutput(), new UTF8Encoding(false)) { AutoFlush = true }));
        }
    }

    /// <summary>A line for people on stderr. Where stderr itself cannot be written there is nobody left to tell.</summary>
    public static void Say(string text)
    {
        try
        {
            Console.Error.WriteLine(Printable.Lines(text));
        }
        catch (Exception)
        {
            // A closed stream fails in many ways. This is the last resort: it must not end a supervisor whose log is on a full disk.
        }
    }

    /// <summary>A line of result on stdout.</summary>
    public static void Print(string text) => Result(() => Console.Out.WriteLine(Printable.Lines(text)));

    /// <summary>One JSON document on stdout.</summary>
    public static void Json<T>(T value) => Result(() => Console.Out.WriteLine(JsonSerializer.Serialize(value, ApiJson.Indented)));

    /// <summary>A table for comparing. On a narrow terminal long texts are shortened with an ellipsis; --json has them whole.</summary>
    public static void Table(IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string>> rows)
    {
        List<string[]> cells = [.. rows.Select(row => row.Select(static cell => Printable.Text(cell, int.MaxValue)).ToArray())];
        int[] natural = [.. columns.Select((column, i) => cells.Select(row => row[i].Length).Append(column.Length).Max())];
        int width = Width;
        int[] widths = Shortened.Widths(natural, width - (columns.Count * ColumnFrame) - 1);
        Table table = new() { Border = Console.IsOutputRedirected ? TableBorder.Ascii2 : TableBorder.Rounded };
        for (int i = 0; i < columns.Count; i++)
        {
            table.AddColumn(new TableColumn(Markup.Escape(Shortened.Fit(columns[i], widths[i]))).NoWrap());
        }

        foreach (string[] row in cells)
        {
            table.AddRow([.. row.Select((cell, i) => new Text(Shortened.Fit(cell, widths[i])))]);
        }

        Result(() =>
        {
            Results.Value.Profile.Width = int.Max(width, widths.Sum() + (columns.Count * ColumnFrame) + 1);
            Results.Value.Write(table);
        });
    }

    /// <summary>Name and value, one per line, aligned; what does not fit goes on below, and a long word stands whole on a line of its
    /// own.</summary>
    public static void Fields(params IReadOnlyList<(string Name, string Value)> fields)
    {
        int names = fields.Max(field => field.Name.Length);
        int room = Width - names - 2;
        foreach ((string name, string value) in fields)
        {
            string text = Printable.Text(value, int.MaxValue);
            string label = Printable.Text(name, int.MaxValue).PadRight(names);
            if (text.Length <= room || room < LeastValue)
            {
                Print($"{label}  {text}");
            }
            else if (!text.Contains(' ', StringComparison.Ordinal))
            {
                Print(label.TrimEnd());
                Print("  " + text);
            }
            else
            {
                string[] lines = [.. Shortened.Wrap(text, room)];
                Print($"{label}  {lines[0]}");
                foreach (string line in lines.Skip(1))
                {
                    Print(new string(' ', names + 2) + line);
                }
            }
        }
    }

    private static void Result(Action write)
    {
        try
        {
            write();
        }
        catch (IOException e) when (Ending.Of(e).Message is not null)
        {
            throw new CommandFailure($"the result cannot be written to standard output: {e.Message}", ExitCode.DataFolder);
        }
    }
}
