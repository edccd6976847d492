using Theseus.Move.Format;
using Theseus.Protocol;

namespace Theseus.Move.Compiler;

/// <summary>Sources that a program builds on: only their interfaces count, their bodies are not compiled.</summary>
public sealed record SourceDependency(SourceTree Tree, IReadOnlyDictionary<string, Address> Addresses);

/// <summary>What a compilation depends on besides its sources.</summary>
public sealed record CompilerOptions
{
    /// <summary>Values of the named addresses.</summary>
    public IReadOnlyDictionary<string, Address> Addresses { get; init; } = new SortedDictionary<string, Address>(StringComparer.Ordinal);

    /// <summary>Keeps #[test] and #[test_only] items.</summary>
    public bool TestMode { get; init; }

    /// <summary>Sources of other packages, in any order.</summary>
    public IReadOnlyList<SourceDependency> Dependencies { get; init; } = [];

    /// <summary>Modules known only as bytecode; a source of the same name goes first.</summary>
    public IReadOnlyList<CompiledModule> Libraries { get; init; } = [];

    /// <summary>
    /// Disarms the assert! with this index (source order, from 0) of this module: its condition is evaluated and ignored. For
    /// mutation tests.
    /// </summary>
    internal (ModuleId Module, int Index)? DropAssert { get; init; }

    /// <summary>Writes the key theseus::metadata_v1 into every module (execution 2, ABI source).</summary>
    public bool EmitMetadata { get; init; } = true;

    /// <summary>
    /// What the verifier that judges the output accepts: the limits and rules of the chain's first stack, or those of
    /// <see cref="LanguageRules"/>.
    /// </summary>
    public Rules.VerifierLimits Verifier { get; init; } = new();

    /// <summary>No addresses, no dependencies, the rules of the chain.</summary>
    public static CompilerOptions Default { get; } = new();
}
