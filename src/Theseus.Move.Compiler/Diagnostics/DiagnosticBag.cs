namespace Theseus.Move.Compiler;

/// <summary>
/// Stages after which errors stop the pipeline; an error of a later stage is not shown while an earlier one has blocking errors.
/// </summary>
internal enum Stage
{
    Parse,
    Names,
    Types,
    Flow,
    Emit,
}

/// <summary>
/// Collects diagnostics, at most <see cref="MaximumErrors"/> errors and as many warnings: a broken file of megabytes must not
/// build an answer of gigabytes. The two are bounded apart, so that no number of warnings hides an error.
/// </summary>
internal sealed class DiagnosticBag(List<SourceFile> files)
{
    /// <summary>More errors than a person reads; the bound keeps hostile input cheap.</summary>
    public const int MaximumErrors = 1_000;

    /// <summary>Likewise for warnings.</summary>
    public const int MaximumWarnings = 1_000;

    private sealed record Entry(Stage Stage, Span Span, Diagnostic Diagnostic);

    private readonly List<Entry> _entries = [];
    private readonly HashSet<(string, Span, string, Span)> _seen = [];
    private Stage? _blocked; // the earliest stage with a blocking error
    private int _errors;
    private int _warnings;

    public Stage Stage { get; set; }

    /// <summary>Whether any error was reported, also one that the list has no room for.</summary>
    public bool HasErrors { get; private set; }

    public bool HasBlockingErrorsUpTo(Stage stage) => _blocked <= stage;

    public void Report(string code, Span span, string message, params ReadOnlySpan<(Span Span, string Message)> notes) =>
        ReportAt(code.AsSpan(1, 2) is "03" && Stage > Stage.Names ? Stage.Names : Stage, code, span, message, notes);

    public void ReportAt(Stage stage, string code, Span span, string message, params ReadOnlySpan<(Span Span, string Message)> notes)
    {
        bool isError = code[0] == 'E';
        HasErrors |= isError;
        if (isError && Codes.IsBlocking(code) && (_blocked is null || stage < _blocked))
        {
            _blocked = stage;
        }

        if ((isError ? _errors >= MaximumErrors : _warnings >= MaximumWarnings)
            || !_seen.Add((code, span, message, notes.Length > 0 ? notes[0].Span : Span.None)))
        {
            return;
        }

        _errors += isError ? 1 : 0;
        _warnings += isError ? 0 : 1;

        List<DiagnosticLabel> secondary = [];
        foreach ((Span Span, string Message) note in notes)
        {
            if (note.Span.File >= 0)
            {
                secondary.Add(Label(note.Span, note.Message));
            }
        }

        _entries.Add(new Entry(stage, span, new Diagnostic(code, isError ? Severity.Error : Severity.Warning, Codes.Title(code),
            Label(span, message), secondary)));
    }

    /// <summary>Line and column of a place's start, both from 1.</summary>
    public (int Line, int Column) Position(Span span) => span.File >= 0 && span.File < files.Count ? files[span.File]
        .Position(span.Start) : (1, 1);

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
        Stage last = _blocked ?? Stage.Emit;

        // names and types are judged together: an unknown name takes part in no type error
        last = last == Stage.Names ? Stage.Types : last;
        return [.. _entries.Where(e => e.Stage <= last)
            .OrderBy(e => e.Span.File).ThenBy(e => e.Span.Start).ThenBy(e => e.Diagnostic.Code, StringComparer.Ordinal)
            .Select(e => e.Diagnostic)];
    }
}
