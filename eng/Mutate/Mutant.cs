namespace Theseus.Mutate;

/// <summary>One small fault that is put into the code to see whether a test notices.</summary>
/// <param name="Number">Its number in this run.</param>
/// <param name="File">Path in the repository.</param>
/// <param name="Line">From 1.</param>
/// <param name="Code">The code as it is.</param>
/// <param name="Fault">The code as it is put instead.</param>
internal sealed record Mutant(int Number, string File, int Line, string Code, string Fault)
{
    /// <summary>What names it in eng/mutants.md, whatever line it moves to.</summary>
    public string Name => $"{File}: {Code} → {Fault}";
}

/// <summary>What became of a mutant.</summary>
internal enum Fate
{
    /// <summary>A test failed, or the run took far too long.</summary>
    Killed,

    /// <summary>Every test passed.</summary>
    Survived,

    /// <summary>Every test passed, and eng/mutants.md says why that is right.</summary>
    Explained,
}
