using System.Diagnostics;
using Theseus.Cli.Replay;

namespace Theseus.Cli.Tests.Specification;

/// <summary>
/// The executable specification (docs/protocol/quint) holds, and the core does what it says: tests and simulations from fixed seeds,
/// their
/// traces replayed. Installs the pinned simulator with eng/quint and fails without it. Longer: <c>eng/quint --long</c>, THESEUS_LONG=1.
/// </summary>
public sealed class QuintTests : IDisposable
{
    private static readonly bool IsLong = Environment.GetEnvironmentVariable("THESEUS_LONG") == "1";
    private readonly string _folder = Directory.CreateTempSubdirectory("theseus-quint").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("network4Test", 7)]
    [InlineData("tooManyTest", 2)]
    public void ItsTestsPassAndTheCoreFollowsThem(string module, int tests)
    {
        string output = Quint("test", "network4Test.qnt", "--main", module, "--backend", "typescript", "--seed", "3", "--max-samples",
            IsLong ? "50" : "4", "--out-itf", Path.Combine(_folder, "{test}_{seq}.itf.json"));
        Assert.Contains($"{tests} passing", output, StringComparison.Ordinal);
        Replay(tests);
    }

    [Theory]
    [InlineData("one", "safe", 12)]
    [InlineData("two", "lasting", 12)]
    public void ItsInvariantsHoldInSimulationsAndTheCoreFollowsThem(string instance, string invariant, int traces)
    {
        int runs = IsLong ? traces * 20 : traces;
        string output = Quint("run", "network4.qnt", "--backend", "typescript", "--main", "network4", "--init", instance + "::init",
            "--step",
            instance + "::step_", "--invariant", $"{instance}::{invariant}", "--seed", "11", "--max-steps", "60", "--max-samples",
            $"{runs}", "--n-traces", $"{runs}", "--verbosity", "1", "--out-itf", Path.Combine(_folder, "run_{seq}.itf.json"),
            "--witnesses", instance + "::someDouble", instance + "::someAhead", instance + "::someDecision");
        Assert.Contains("No violation found", output, StringComparison.Ordinal);
        Assert.DoesNotContain("was witnessed in 0 trace(s)", output, StringComparison.Ordinal);
        Replay(runs);
    }

    /// <summary>Value sync lies outside the core: its model is simulated, and nothing of it is replayed.</summary>
    [Fact]
    public void ValueSyncBelievesOnlyCertificatesAndCatchesUp()
    {
        string samples = IsLong ? "1000" : "20";
        Assert.Contains("1 passing", Quint("test", "valuesync.qnt", "--main", "valuesyncTest", "--backend", "typescript", "--seed", "3",
            "--max-samples", samples), StringComparison.Ordinal);
        string output = Quint("run", "valuesync.qnt", "--main", "valuesync3", "--init", "three::init", "--step", "three::step_",
            "--backend",
            "typescript", "--invariants", "three::safe", "three::somebodyIsLeft", "--witnesses", "three::caughtUp", "three::someLie",
            "three::someHeld", "--seed", "3", "--max-steps", "80", "--max-samples", samples, "--verbosity", "1");
        Assert.Contains("No violation found", output, StringComparison.Ordinal);
        Assert.DoesNotContain("was witnessed in 0 trace(s)", output, StringComparison.Ordinal);
    }

    private void Replay(int atLeast)
    {
        string[] files = [.. Directory.GetFiles(_folder, "*.itf.json").Order(StringComparer.Ordinal)];
        Assert.True(files.Length >= atLeast, $"{files.Length} traces");
        int steps = 0;
        foreach (string file in files)
        {
            foreach (ReplayResult result in ReplayRun.Of(file))
            {
                Assert.Equal("docs/protocol/quint", result.Model);
                Assert.All(result.Rows, row => Assert.True(row.Agrees,
                    $"{Path.GetFileName(file)} step {row.Step}, {row.Node}: {row.Input}: "
                    + $"the specification: {row.Model}; the core: {row.Core}"));
                steps += result.Rows.Count;
            }
        }

        Assert.True(steps > 10, $"{steps} steps");
    }

    private static string Quint(params string[] arguments)
    {
        ProcessStartInfo start = new(Path.Combine(Repository.Root, "eng", "quint"), arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, output + errors.Result);
        return output;
    }
}
