namespace Theseus.Move.Compiler.Tests.Conformance;

/// <summary>Run by eng/check-move-conformance, which names a checkout of the public repository; skipped without one.</summary>
public class ConformanceTests
{
    /// <summary>At least this share of the programs has the same multiset of code, line and column as its baseline.</summary>
    private const double ExactShare = 0.95;

    [Fact]
    public void DiagnosticsAreThoseOfThePublicBaselines()
    {
        string? folder = Environment.GetEnvironmentVariable("MOVE_CHECK");
        Assert.SkipWhen(string.IsNullOrEmpty(folder), "needs a checkout of move-language/move: eng/check-move-conformance DIR");
        string? library = Environment.GetEnvironmentVariable("MOVE_CHECK_LIBRARY");
        List<CheckedProgram> programs = MoveCheck.Run(folder!, string.IsNullOrEmpty(library) ? null : library);
        if (Environment.GetEnvironmentVariable("MOVE_CHECK_REPORT") is { Length: > 0 } report)
        {
            File.WriteAllText(report, MoveCheck.Report(programs));
        }

        double share = (double)programs.Count(p => p.IsExact) / programs.Count;
        Assert.True(share >= ExactShare, $"{share:P1} of {programs.Count} programs are exact");
    }
}
