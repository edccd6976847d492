using Theseus.Move.Format;
using Theseus.Protocol;

namespace Theseus.Move.Compiler;

/// <summary>A compiled unit with its source map. Exactly one of <see cref="Module"/> and <see cref="Script"/> is there.</summary>
/// <param name="Id">The module; for a script the zero address and the name of its function.</param>
/// <param name="Module">The module, or null.</param>
/// <param name="Script">The script, or null.</param>
/// <param name="Map">Places of its instructions.</param>
/// <param name="File">Path of its source.</param>
public sealed record CompiledSource(ModuleId Id, CompiledModule? Module, CompiledScript? Script, SourceMap Map, string File)
{
    /// <summary>Indices of function definitions that exist only in test mode.</summary>
    public IReadOnlySet<int> TestFunctions { get; init; } = new SortedSet<int>();

    /// <summary>The one of the two that is there.</summary>
    public CompiledUnit Unit => (CompiledUnit?)Module ?? Script!;
}

/// <summary>A #[test] function with its attributes' meaning.</summary>
/// <param name="Module">Where it stands.</param>
/// <param name="Function">Its name.</param>
/// <param name="Arguments">The addresses of its signer and address parameters, in order of the parameters; other arguments are not
/// supported.</param>
/// <param name="Failure">Null when the test has to end without failure.</param>
/// <param name="Location">Where the function is declared.</param>
public sealed record TestCase(ModuleId Module, string Function, IReadOnlyList<Address> Arguments, ExpectedFailure? Failure,
    SourceLocation Location);

/// <summary>What #[expected_failure] expects; null parts expect nothing in particular.</summary>
/// <param name="Code">The abort code.</param>
/// <param name="Status">The name of the status for failures that are no aborts: arithmetic_error, out_of_gas, vector_error,
/// major_status.</param>
/// <param name="Location">The module in which the failure has to happen.</param>
/// <param name="MajorStatus">The number of the status, with the name major_status.</param>
/// <param name="MinorStatus">The number that goes with the status.</param>
public sealed record ExpectedFailure(ulong? Code, ModuleId? Location, string? Status, ulong? MajorStatus = null, ulong? MinorStatus = null);

/// <summary>An assert! of a module.</summary>
/// <param name="Module">The module.</param>
/// <param name="Index">Its number in the module's source, for <see cref="CompilerOptions.DropAssert"/>.</param>
/// <param name="IsTest">It stands in a #[test] or #[test_only] function.</param>
/// <param name="Function">The function in which it stands.</param>
/// <param name="Location">The place of the call.</param>
public sealed record AssertSite(ModuleId Module, int Index, string Function, SourceLocation Location, bool IsTest);

/// <summary>The result of a compilation. With errors there are no units.</summary>
/// <param name="Units">Modules in order of dependency (dependencies first, ties by id), then scripts in source order.</param>
/// <param name="Diagnostics">In order of file and place; at most a thousand errors and a thousand warnings.</param>
/// <param name="Tests">In source order; empty outside of test mode.</param>
public sealed record Compilation(IReadOnlyList<CompiledSource> Units, IReadOnlyList<Diagnostic> Diagnostics, IReadOnlyList<TestCase> Tests)
{
    /// <summary>
    /// Whether the program is correct. Judged while compiling, not read from <see cref="Diagnostics"/>, which is bounded.
    /// </summary>
    public required bool Success { get; init; }

    /// <summary>The modules among the units, in their order.</summary>
    public IEnumerable<CompiledModule> Modules => Units.Where(static u => u.Module is not null).Select(static u => u.Module!);

    /// <summary>The assert! calls of the compiled modules by module and index, for mutation tests.</summary>
    public IReadOnlyList<AssertSite> Asserts { get; init; } = [];
}
