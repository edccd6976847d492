namespace Theseus.Mutate;

/// <summary>A room and its tests.</summary>
internal interface IRoom
{
    /// <summary>The mutants that are tried.</summary>
    IReadOnlyList<Mutant> Mutants { get; }

    /// <summary>Mutants that may be tried at the same time.</summary>
    int AtOnce { get; }

    /// <summary>Finds the mutants and runs the tests without one.</summary>
    /// <param name="every">Every how many-th mutant is taken.</param>
    /// <param name="seed">Which of them is the first.</param>
    /// <param name="within">Part of the path of the files that are looked at; empty for all of them.</param>
    /// <returns>The tests that do not pass as it is.</returns>
    Task<IReadOnlyList<string>> PrepareAsync(int every, int seed, string within);

    /// <summary>Whether a test fails with a mutant.</summary>
    Task<bool> IsNoticedAsync(int mutant);
}
