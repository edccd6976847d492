using System.Globalization;

namespace Theseus.Consensus.Tests.Specification;

/// <summary>
/// What the strict rule costs when a lock is hidden, against the paper's (decision 0118). With THESEUS_LONG=1 up to 100 validators;
/// THESEUS_REPORT names a file for the table (eng/hidden-locks).
/// </summary>
public sealed class HiddenLockTests
{
    private static readonly bool IsLong = Environment.GetEnvironmentVariable("THESEUS_LONG") == "1";

    private static (int Validators, int Seeds)[] Sizes =>
        IsLong ? [(4, 400), (7, 200), (10, 100), (25, 40), (50, 16), (100, 8)] : [(4, 60), (7, 20), (25, 3)];

    [Theory]
    [InlineData(true, 0)]
    [InlineData(true, 150)]
    [InlineData(false, 0)]
    [InlineData(false, 150)]
    public void AHiddenLockIsDecidedWithinTwoCorrectProposers(bool sameValue, int buildTime)
    {
        List<string> lines = [];
        foreach ((int validators, int seeds) in Sizes)
        {
            Figures strict = Measure(validators, seeds, paper: false, sameValue, buildTime);
            Figures paper = Measure(validators, seeds, paper: true, sameValue, buildTime);
            lines.Add(string.Create(CultureInfo.InvariantCulture,
                $"| {validators} | {(sameValue ? "the same" : "its own")} | {buildTime} | {strict.Rounds:F2} | {paper.Rounds:F2} ")
                + string.Create(CultureInfo.InvariantCulture,
                    $"| {strict.Most} | {paper.Most} | {strict.Milliseconds} | {paper.Milliseconds} |"));
        }

        if (Environment.GetEnvironmentVariable("THESEUS_REPORT") is { Length: > 0 } report)
        {
            File.AppendAllLines(report, lines);
        }
    }

    /// <summary>The strict rule rests on certificates: if none arrived, those who are locked and those who are not would never
    /// agree.</summary>
    [Fact]
    public void WithoutCertificatesAHiddenLockStalls()
    {
        HiddenLock height = new(4, 1, paper: false, sameValue: false, buildTime: 0, certificates: false);
        height.Run();
        Assert.Contains(height.Correct, i => height.Decisions[i] is null);
    }

    private static Figures Measure(int validators, int seeds, bool paper, bool sameValue, int buildTime)
    {
        double rounds = 0;
        int most = 0;
        long time = 0;
        for (int seed = 0; seed < seeds; seed++)
        {
            HiddenLock height = new(validators, seed, paper, sameValue, buildTime);
            height.Run();
            CommitCertificate[] decisions = [.. height.Correct.Select(i => height.Decisions[i]!)];
            Assert.True(decisions.All(static decision => decision is not null), $"{validators} validators, seed {seed}: no decision");
            Assert.Single(decisions.Select(static decision => decision.Value).Distinct());
            Assert.True(height.Last > 0, $"{validators} validators, seed {seed}: the lock was not hidden");
            // F11: at most two rounds of correct proposers, however many silent ones stand between them
            Assert.InRange(height.Last, 1, height.SecondCorrectRound);
            rounds += height.CorrectRounds;
            most = int.Max(most, height.CorrectRounds);
            time += height.Milliseconds;
        }

        return new Figures(rounds / seeds, most, time / seeds);
    }

    private sealed record Figures(double Rounds, int Most, long Milliseconds);
}
