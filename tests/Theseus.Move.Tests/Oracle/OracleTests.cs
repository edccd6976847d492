using System.Diagnostics;
using Theseus.Move.Format;
using Theseus.Move.Tests.Kit;

namespace Theseus.Move.Tests.Oracle;

/// <summary>
/// Compares our reader with the reference's own deserialiser and bounds checker, compiled to WebAssembly. Runs through eng/oracle, which
/// installs the package and names its folder in THESEUS_ORACLE; skipped otherwise.
/// </summary>
public sealed class OracleTests
{
    [Fact]
    public void TwentyThousandMutantsAreAcceptedAndRefusedAlike()
    {
        string? folder = Environment.GetEnvironmentVariable("THESEUS_ORACLE");
        Assert.SkipWhen(string.IsNullOrEmpty(folder), "run eng/oracle");
        List<byte[]> mutants = [.. Mutants()];
        List<string> answers = Ask(folder!, mutants);
        Assert.Equal(mutants.Count, answers.Count);
        List<string> disagreements = [];
        int accepted = 0, sameStatus = 0, refused = 0;
        for (int i = 0; i < mutants.Count; i++)
        {
            DecodeResult<CompiledModule> ours = ModuleReader.ReadModule(mutants[i]);
            bool theirs = answers[i] == "ok";
            accepted += theirs ? 1 : 0;
            if (ours.Status == StatusCode.TrailingBytes)
            {
                continue; // ours differs, because trailing bytes would give one program many hashes (move 2.1)
            }

            if (ours.IsOk != theirs)
            {
                disagreements.Add($"ours {ours.Status} {ours.Message}, theirs {answers[i]}: {Convert.ToHexString(mutants[i])}");
            }
            else if (!theirs)
            {
                refused++;
                sameStatus += answers[i].Replace("_", "", StringComparison.Ordinal)
                    .Equals(ours.Status.ToString(), StringComparison.OrdinalIgnoreCase) ? 1 : 0;
            }
        }

        Assert.True(disagreements.Count == 0,
            $"{disagreements.Count} of {mutants.Count}, e.g.\n{string.Join('\n', disagreements.Take(10))}");
        Assert.True(accepted > mutants.Count / 20, $"only {accepted} accepted");
        Assert.True(sameStatus > refused * 9 / 10, $"only {sameStatus} of {refused} refusals have the same status");
    }

    private static IEnumerable<byte[]> Mutants()
    {
        byte[] original = ModuleWriter.Write(Samples.Rich());
        yield return original;
        Random random = new(20260404);
        for (int i = 0; i < 20_000; i++)
        {
            byte[] mutant = [.. original];
            int at = random.Next(mutant.Length);
            if (at is >= 4 and < 8)
            {
                continue; // the oracle accepts version 5 and reads a flavour from the last version byte; ours is version 6 only
            }

            mutant[at] = random.Next(2) == 0 ? (byte)random.Next(256) : (byte)(mutant[at] ^ (1 << random.Next(8)));
            yield return mutant;
        }
    }

    private static List<string> Ask(string folder, List<byte[]> mutants)
    {
        string script = Path.Combine(AppContext.BaseDirectory, "Oracle", "oracle.mjs");
        ProcessStartInfo start =
            new("node", [script, folder]) { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        foreach (byte[] mutant in mutants)
        {
            process.StandardInput.WriteLine(Convert.ToHexString(mutant));
        }

        process.StandardInput.Close();
        string text = output.GetAwaiter().GetResult();
        process.WaitForExit();
        return [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries)];
    }
}
