using System.Diagnostics;
using Theseus.Move.Format;
using Theseus.Move.Rules;
using Theseus.Move.Verify;

namespace Theseus.Execution.Tests;

/// <summary>Mutants of every module of the framework through deserializer and verifier: each ends in a status or is a module, in a time of its size.</summary>
public class FrameworkMutantTests(ITestOutputHelper output)
{
    private const int Mutants = 20_000;

    /// <summary>Of one module: the whole verifier's budget takes well below a second, and test machines are busy.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    [Fact]
    public void MutantsOfFrameworkModulesAreRefusedByStatusOrVerified()
    {
        Random random = new(20261121);
        VerifierLimits limits = new();
        IReadOnlyList<byte[]> modules = Framework.Modules;
        Assert.All(modules, module => Assert.Null(Verifier.Check(ModuleReader.ReadModule(module).Value!, limits))); // else there would be nothing to mutate
        SortedDictionary<StatusCode, int> read = [];
        SortedDictionary<StatusCode, int> verified = [];
        int accepted = 0;
        TimeSpan slowest = default;
        for (int i = 0; i < Mutants; i++)
        {
            byte[] mutant = Mutate(random, modules[i % modules.Count]);
            Stopwatch watch = Stopwatch.StartNew();
            DecodeResult<CompiledModule> decoded = ModuleReader.ReadModule(mutant);
            VerifyError? error = decoded.Value is { } module ? Verifier.Check(module, limits) : null;
            slowest = watch.Elapsed > slowest ? watch.Elapsed : slowest;
            if (!decoded.IsOk)
            {
                Assert.InRange(decoded.Offset, 0, mutant.Length);
                Assert.NotEmpty(decoded.Message);
                read[decoded.Status] = read.GetValueOrDefault(decoded.Status) + 1;
            }
            else if (error is null)
            {
                accepted++;
                Assert.Equal(mutant, ModuleWriter.Write(decoded.Value!)); // one form of a module only
            }
            else
            {
                Assert.NotEqual(StatusCode.VerifierInvariantViolation, error.Status);
                verified[error.Status] = verified.GetValueOrDefault(error.Status) + 1;
            }
        }

        output.WriteLine($"{modules.Count} modules, {Mutants} mutants; refused on reading: {Text(read)}; by the verifier: {Text(verified)}; accepted {accepted}; slowest {slowest.TotalMilliseconds:0} ms");
        Assert.Equal(Mutants, read.Values.Sum() + verified.Values.Sum() + accepted);
        Assert.True(read.Count > 5 && verified.Count > 5, "the mutants do not reach the rules");
        Assert.True(slowest < Longest, $"one took {slowest}");
    }

    private static byte[] Mutate(Random random, byte[] original)
    {
        byte[] mutant = [.. original];
        for (int changes = random.Next(1, 4); changes > 0; changes--)
        {
            int at = random.Next(mutant.Length);
            switch (random.Next(8))
            {
                case 0: mutant = mutant[..int.Max(1, at)]; break;
                case 1: mutant = [.. mutant[..at], (byte)random.Next(256), .. mutant[at..]]; break;
                case 2: mutant[at] = (byte)random.Next(256); break;
                case 3: mutant[at] ^= (byte)(1 << random.Next(8)); break;
                case 4: mutant[at] = 0xff; break;
                default: mutant[at] = (byte)(mutant[at] + random.Next(-2, 3)); break;
            }
        }

        return mutant.AsSpan().SequenceEqual(original) ? Mutate(random, original) : mutant;
    }

    private static string Text(SortedDictionary<StatusCode, int> counts) => string.Join(", ", counts.OrderByDescending(static pair => pair.Value).Select(static pair => $"{pair.Key} {pair.Value}"));
}
