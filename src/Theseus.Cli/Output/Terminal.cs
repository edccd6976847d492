using System.Text.Json;
using Spectre.Console;
using Theseus.Client;

namespace Theseus.Cli;

/// <summary>Results on stdout, chatter on stderr; colour off with NO_COLOR or a pipe; --json prints one JSON document.</summary>
public static class Terminal
{
    private static readonly IAnsiConsole Results = AnsiConsole.Create(new AnsiConsoleSettings
    {
        Out = new AnsiConsoleOutput(Console.Out),
        Ansi = Console.IsOutputRedirected ? AnsiSupport.No : AnsiSupport.Detect,
    });

    /// <summary>A line for people on stderr.</summary>
    public static void Say(string text) => Console.Error.WriteLine(text);

    /// <summary>A line of result on stdout.</summary>
    public static void Print(string text) => Console.Out.WriteLine(text);

    public static void Json<T>(T value) => Console.Out.WriteLine(JsonSerializer.Serialize(value, ApiJson.Indented));

    /// <summary>A table for comparing.</summary>
    public static void Table(IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string>> rows)
    {
        Table table = new() { Border = TableBorder.Rounded };
        if (Console.IsOutputRedirected)
        {
            table.Border = TableBorder.Ascii2;
            Results.Profile.Width = 200; // a pipe has no width: do not wrap hashes
        }

        foreach (string column in columns)
        {
            table.AddColumn(new TableColumn(Markup.Escape(column)).NoWrap());
        }

        foreach (IReadOnlyList<string> row in rows)
        {
            table.AddRow([.. row.Select(cell => new Text(cell))]);
        }

        Results.Write(table);
    }

    /// <summary>Name and value, one a line, aligned.</summary>
    public static void Fields(params IReadOnlyList<(string Name, string Value)> fields)
    {
        int width = fields.Max(field => field.Name.Length);
        foreach ((string name, string value) in fields)
        {
            Print($"{name.PadRight(width)}  {value}");
        }
    }
}
