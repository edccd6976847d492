using Theseus.Move.Compiler.Testing;
using Theseus.Move.Natives;

namespace Theseus.Move.Compiler.Tests.Support;

internal static class MoveTests
{
    /// <summary>Natives with a stand-in for signatures: these tests are about the language.</summary>
    public static readonly NativeTable Natives = StandardNatives.All((_, _, _) => true, _ => true).With(TestNatives.All());

    public static TestReport Run(string text, bool coverage = false, ulong gas = 10_000_000)
    {
        Compilation compilation = Sources.CompileTests(text);
        Assert.True(compilation.Success, DiagnosticRenderer.Render(compilation.Diagnostics));
        return TestRunner.Run(compilation, [], new TestOptions { Natives = Natives, Coverage = coverage, GasLimit = gas });
    }

    /// <summary>Every #[test] in the text passes.</summary>
    public static void Pass(string text, int count)
    {
        TestReport report = Run(text);
        Assert.Empty(report.Results.Where(r => !r.Passed).Select(r => $"{r.Name}: {r.Message} at {r.Location}"));
        Assert.Equal(count, report.Passed);
    }
}
