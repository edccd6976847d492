namespace Theseus.Move.Compiler;

/// <summary>Stages after which errors stop the pipeline; an error of a later stage is not shown while an earlier one has blocking errors.</summary>
internal enum Stage
{
    Parse,
    Names,
    Types,
    Flow,
    Emit,
}

/// <summary>Collects diagnostics, at most <see cref="MaximumErrors"/> of them: a broken file of megabytes must not build an answer of gigabytes.</summary>
internal sealed class DiagnosticBag(List<SourceFile> files)
{
    /// <summary>More errors than a person reads; the bound keeps hostile input cheap.</summary>
    public const int MaximumErrors = 1_000;

    private sealed record Entry(Stage Stage, Span Span, Diagnostic Diagnostic);

    private readonly List<Entry> _entries = [];
    private readonly HashSet<(string, Span, string)> _seen = [];

    public Stage Stage { get; set; }

    public bool HasErrors { get; private set; }

    public bool HasErrorsUpTo(Stage stage) => _entries.Exists(e => e.Stage <= stage && e.Diagnostic.Severity == Severity.Error);

    public bool HasBlockingErrorsUpTo(Stage stage) =>
        _entries.Exists(e => e.Stage <= stage && e.Diagnostic.Severity == Severity.Error && Codes.IsBlocking(e.Diagnostic.Code));

    public void Report(string code, Span span, string message, params ReadOnlySpan<(Span Span, string Message)> notes) =>
        ReportAt(code.AsSpan(1, 2) is "03" && Stage > Stage.Names ? Stage.Names : Stage, code, span, message, notes);

    public void ReportAt(Stage stage, string code, Span span, string message, params ReadOnlySpan<(Span Span, string Message)> notes)
    {
        bool isError = code[0] == 'E';
        if (_entries.Count >= MaximumErrors || !_seen.Add((code, span, message)))
        {
            HasErrors |= isError;
            return;
        }

        List<DiagnosticLabel> secondary = [];
        foreach ((Span Span, string Message) note in notes)
        {
            if (note.Span.File >= 0)
            {
                secondary.Add(Label(note.Span, note.Message));
            }
        }

        HasErrors |= isError;
        _entries.Add(new Entry(stage, span, new Diagnostic(code, isError ? Severity.Error : Severity.Warning, Codes.Title(code), Label(span, message), secondary)));
    }

    private DiagnosticLabel Label(Span span, string message)
    {
        if (span.File < 0 || span.File >= files.Count)
        {
            return new DiagnosticLabel("", 1, 1, 1, "", message);
        }

        SourceFile file = files[span.File];
        (int line, int column) = file.Position(span.Start);
        string text = file.Line(line);
        const int widest = 400; // a source line of megabytes is not repeated
        text = text.Length > widest ? text[..widest] : text;
        return new DiagnosticLabel(file.Path, line, column, Math.Max(1, span.End - span.Start), text, message);
    }

    /// <summary>Ordered by file, place and code; errors of stages after the first blocked one are left out.</summary>
    public IReadOnlyList<Diagnostic> Finish()
    {
        Stage last = Stage.Emit;
        foreach (Entry entry in _entries)
        {
            if (entry.Diagnostic.Severity == Severity.Error && Codes.IsBlocking(entry.Diagnostic.Code) && entry.Stage < last)
            {
                last = entry.Stage;
            }
        }

        // names and types are judged together: an unknown name takes part in no type error
        last = last == Stage.Names ? Stage.Types : last;
        return [.. _entries.Where(e => e.Stage <= last)
            .OrderBy(e => e.Span.File).ThenBy(e => e.Span.Start).ThenBy(e => e.Diagnostic.Code, StringComparer.Ordinal)
            .Select(e => e.Diagnostic)];
    }
}
