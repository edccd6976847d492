using Theseus.Protocol;

namespace Theseus.Move.Compiler;

/// <summary>A place in a source file by path, line and column from 1.</summary>
public readonly record struct SourceLocation(string File, int Line, int Column)
{
    /// <summary>"path:line:column", as terminals and editors read it.</summary>
    public override string ToString() => $"{File}:{Line}:{Column}";
}

/// <summary>Where a function's instructions come from and what its locals are called.</summary>
public sealed class FunctionSourceMap
{
    internal FunctionSourceMap(string name, Span definition, IReadOnlyList<Span> instructions, IReadOnlyList<string> locals,
        IReadOnlyList<SourceFile> files)
    {
        Name = name;
        _definition = definition;
        _instructions = instructions;
        LocalNames = locals;
        _files = files;
    }

    private readonly Span _definition;
    private readonly IReadOnlyList<Span> _instructions;
    private readonly IReadOnlyList<SourceFile> _files;

    /// <summary>As written; functions have one name per module.</summary>
    public string Name { get; }

    /// <summary>
    /// Places of the uses that move only because no later use follows: where they meet a living reference, copy and move both
    /// have a meaning and the source has to choose.
    /// </summary>
    internal IReadOnlySet<Span> InferredMoves { get; init; } = new HashSet<Span>();

    /// <summary>Parameters first, then locals; temporaries have names that start with %.</summary>
    public IReadOnlyList<string> LocalNames { get; }

    /// <summary>Where the function is declared; without file when it is not from source.</summary>
    public SourceLocation Definition => Locate(_definition);

    /// <summary>The place of an instruction; the definition's when there is none.</summary>
    public SourceLocation At(int pc) => Locate(SpanAt(pc));

    internal Span SpanAt(int pc) => pc >= 0 && pc < _instructions.Count && _instructions[pc].File >= 0 ? _instructions[pc] : _definition;

    private SourceLocation Locate(Span span)
    {
        if (span.File < 0 || span.File >= _files.Count)
        {
            return new SourceLocation("", 0, 0);
        }

        (int line, int column) = _files[span.File].Position(span.Start);
        return new SourceLocation(_files[span.File].Path, line, column);
    }
}

/// <summary>The source map of a unit: one entry a function definition, by index.</summary>
public sealed class SourceMap
{
    internal SourceMap(ModuleId module, Span definition, IReadOnlyList<FunctionSourceMap> functions)
    {
        Module = module;
        DefinitionSpan = definition;
        Functions = functions;
    }

    /// <summary>The module; for a script the zero address and the name of its function.</summary>
    public ModuleId Module { get; }

    internal Span DefinitionSpan { get; }

    /// <summary>By index of the function definition; a script has one.</summary>
    public IReadOnlyList<FunctionSourceMap> Functions { get; }

    /// <summary>The place of an instruction, as a failed transaction names it.</summary>
    /// <param name="function">Index of the function definition; outside of the unit gives null.</param>
    /// <param name="pc">Index of the instruction; outside of the function gives the place of its definition.</param>
    public SourceLocation? At(int function, int pc) => function >= 0 && function < Functions.Count ? Functions[function].At(pc) : null;
}
