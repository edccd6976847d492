using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

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

/// <summary>
/// A sample of mutants that stays the same when other lines change: each is taken by a hash of its name, not by its place.
/// </summary>
/// <param name="every">Every how many-th is taken.</param>
/// <param name="seed">Which sample of that size.</param>
internal sealed class Sample(int every, int seed)
{
    private readonly Dictionary<string, int> _seen = [];

    /// <summary>Whether a mutant is taken; the second of the same name in a file counts as another.</summary>
    public bool Takes(Mutant mutant)
    {
        int before = _seen.GetValueOrDefault(mutant.Name);
        _seen[mutant.Name] = before + 1;
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{mutant.Name} {before}"));
        return BinaryPrimitives.ReadUInt64LittleEndian(hash) % (ulong)every == (ulong)(seed % every);
    }
}
