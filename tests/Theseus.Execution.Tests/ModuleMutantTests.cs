using Theseus.Move.Format;
using Theseus.Move.Rules;
using Theseus.Move.Verify;

namespace Theseus.Execution.Tests;

/// <summary>
/// Mutants of the framework's own modules, which are what a publisher could bring: the reader and the verifier judge each, and throw for
/// none.
/// </summary>
public class ModuleMutantTests
{
    [Fact]
    public void TwentyThousandMutantsOfFrameworkModulesAreRefusedByReasonOrVerify()
    {
        int mutants = Environment.GetEnvironmentVariable("THESEUS_LONG") == "1" ? 500_000 : 20_000;
        Random random = new(20261121);
        IReadOnlyList<byte[]> modules = Framework.Modules;
        VerifierLimits limits = new();
        SortedDictionary<string, int> judged = new(StringComparer.Ordinal);
        for (int i = 0; i < mutants; i++)
        {
            byte[] mutant = Mutate(random, modules[random.Next(modules.Count)]);
            DecodeResult<CompiledModule> decoded = ModuleReader.ReadModule(mutant);
            string verdict;
            if (decoded.Value is not { } module)
            {
                Assert.True(Enum.IsDefined(decoded.Status) && decoded.Status != default);
                verdict = "reader: " + decoded.Status;
            }
            else
            {
                VerifyError? error = Verifier.Check(module, limits);
                verdict = error is null ? "verifies" : "verifier: " + error.Status;
            }

            judged[verdict] = judged.GetValueOrDefault(verdict) + 1;
        }

        TestContext.Current.TestOutputHelper!.WriteLine(string.Join('\n', judged.Select(pair => $"{pair.Key} {pair.Value}")));
        Assert.Equal(mutants, judged.Values.Sum());
        Assert.True(judged.Where(pair => pair.Key.StartsWith("verifier: ", StringComparison.Ordinal))
            .Sum(pair => pair.Value) > mutants / 50, "the verifier is hardly reached");
        Assert.True(judged.Count > 15, "few reasons");
    }

    // bits, bytes, numbers beside the right ones, pieces doubled and cut
    private static byte[] Mutate(Random random, byte[] module)
    {
        List<byte> mutant = [.. module];
        for (int change = random.Next(1, 4); change > 0 && mutant.Count > 0; change--)
        {
            // most hit the code and the definitions behind the pools
            int at = random.Next(3) == 0 ? random.Next(mutant.Count) : mutant.Count - 1 - random.Next((mutant.Count / 2) + 1);
            switch (random.Next(8))
            {
                case 0: mutant[at] = (byte)random.Next(256); break;
                case 1: mutant[at] ^= (byte)(1 << random.Next(8)); break;
                case 2: mutant.RemoveAt(at); break;
                case 3: mutant.InsertRange(at, mutant.GetRange(at, int.Min(random.Next(1, 20), mutant.Count - at))); break;
                default: mutant[at] = (byte)(mutant[at] + random.Next(-3, 4)); break;
            }
        }

        return [.. mutant];
    }
}
