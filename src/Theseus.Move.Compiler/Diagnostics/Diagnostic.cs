using System.Text;

namespace Theseus.Move.Compiler;

/// <summary>Whether a program can be used as it is.</summary>
public enum Severity
{
    /// <summary>The program compiles; something in it is probably not meant.</summary>
    Warning,
    /// <summary>The program does not compile.</summary>
    Error,
}

/// <summary>A place with a note, by path and 1-based line and column.</summary>
public sealed record DiagnosticLabel(string File, int Line, int Column, int Length, string SourceLine, string Message);

/// <summary>
/// What the compiler has to say about a program: a stable code, the title of its family, the primary place and further places.
/// </summary>
/// <param name="Code">E or W, two digits of the family (01 syntax, 02 declarations, 03 names, 04 types, 05 abilities, 06 moves, 07
/// references, 08 constants, 09 unused, 10 attributes, 11 tests, 12 packages, 13 derivation, 99 limits and internal faults) and
/// three digits.</param>
/// <param name="Severity">By the letter of the code.</param>
/// <param name="Title">The family in a few words, in lower case.</param>
/// <param name="Primary">Where the reader has to change something, and what is wrong.</param>
/// <param name="Secondary">Places that explain it, such as an earlier declaration; may be empty.</param>
public sealed record Diagnostic(string Code, Severity Severity, string Title, DiagnosticLabel Primary,
    IReadOnlyList<DiagnosticLabel> Secondary)
{
    /// <summary>Path of the primary place; empty when it is in no file.</summary>
    public string File => Primary.File;

    /// <summary>Line of the primary place, from 1.</summary>
    public int Line => Primary.Line;

    /// <summary>Column of the primary place in UTF-16 units, from 1.</summary>
    public int Column => Primary.Column;

    /// <summary>What is wrong and, where it is known, what to write instead.</summary>
    public string Message => Primary.Message;

    /// <summary>One line: "path:line:column: code message".</summary>
    public override string ToString() => $"{File}:{Line}:{Column}: {Code} {Message}";
}

/// <summary>Renders diagnostics for a terminal without colours.</summary>
public static class DiagnosticRenderer
{
    /// <summary>
    /// Each diagnostic with its source lines, carets under the primary place and dashes under the others; line feeds only.
    /// </summary>
    public static string Render(IEnumerable<Diagnostic> diagnostics)
    {
        StringBuilder text = new();
        foreach (Diagnostic diagnostic in diagnostics)
        {
            text.Append(diagnostic.Severity == Severity.Error ? "error" : "warning")
                .Append('[').Append(diagnostic.Code).Append("]: ").Append(diagnostic.Title).Append('\n');
            Label(text, diagnostic.Primary, '^');
            foreach (DiagnosticLabel label in diagnostic.Secondary)
            {
                Label(text, label, '-');
            }

            text.Append('\n');
        }

        return text.ToString();
    }

    private static void Label(StringBuilder text, DiagnosticLabel label, char mark)
    {
        string number = label.Line.ToString(System.Globalization.NumberFormatInfo.InvariantInfo);
        string margin = new(' ', number.Length);
        text.Append(margin).Append("--> ").Append(label.File).Append(':').Append(number).Append(':').Append(label.Column).Append('\n');
        string line = label.SourceLine;
        text.Append(number).Append(" | ").Append(line.Replace('\t', ' ')).Append('\n');
        int start = Math.Min(label.Column - 1, line.Length);
        int length = Math.Clamp(label.Length, 1, Math.Max(1, line.Length - start));
        text.Append(margin).Append(" | ").Append(' ', start).Append(mark, length).Append(' ').Append(label.Message).Append('\n');
    }
}
