using System.Text;
using Theseus.Move.Compiler.Tests.Support;

namespace Theseus.Move.Compiler.Tests.Diagnostics;

public class DiagnosticBagTests
{
    private static string Warnings(int count) => string.Concat(Enumerable.Range(0, count)
        .Select(i => $"    fun f{i}(x: u64, y: u64) {{}}\n"));

    // fault 62
    [Theory]
    [InlineData("fun bad(): u8 { true }", "E04007")]
    [InlineData("fun bad() { y }", "E03009")]
    [InlineData("struct R {} fun bad(r: R) {}", "E06001")]
    [InlineData("const C: u8 = 255 + 1;", "E08001")]
    public void ErrorsStandBesideAnyNumberOfWarnings(string bad, string code)
    {
        Compilation compilation = Sources.Compile("module 0x42::m {\n" + Warnings(2_000) + bad + "\n}");
        Assert.False(compilation.Success);
        Assert.Empty(compilation.Units);
        Assert.Contains(compilation.Diagnostics, d => d.Code == code);
    }

    // fault 62: 500 functions of two unused parameters fill the list of warnings, whatever stands behind them
    [Fact]
    public void AnErrorBehind500FunctionsOfUnusedParametersFails()
    {
        string functions = string.Concat(Enumerable.Range(0, 500).Select(i => $"fun f{i}(x: u64, y: u64) {{}}\n"));
        Compilation bad = Sources.CompileTests("module 0x42::m {\n" + functions + "fun bad(): u8 { true }\n#[test] fun t() { abort 1 }\n}");
        Assert.False(bad.Success);
        Assert.Equal(["E04007 502:17"], Sources.Places(bad).Where(p => p[0] == 'E'));

        Testing.TestReport report = MoveTests.Run("module 0x42::m {\n" + functions + "#[test] fun t() { abort 1 }\n}");
        Assert.Equal((0, 1), (report.Passed, report.Failed));
    }

    // fault 62: the failing test is still run
    [Fact]
    public void TestsAreFoundBehindAnyNumberOfWarnings()
    {
        Compilation compilation = Sources.CompileTests("module 0x42::m {\n" + Warnings(700) + "#[test] fun t() { abort 1 }\n}");
        Assert.True(compilation.Success);
        Assert.Single(compilation.Tests);
        Assert.Equal(1_000, compilation.Diagnostics.Count(d => d.Severity == Severity.Warning));
    }

    // fault 62: more errors than the list holds, then none of them blocks or hides the verdict
    [Fact]
    public void WarningsAreKeptBesideAnyNumberOfErrors()
    {
        StringBuilder text = new("module 0x42::m {\n    struct Unused<T> {}\n");
        for (int i = 0; i < 1_500; i++)
        {
            text.Append($"    fun g{i}(): u8 {{ true }}\n");
        }

        Compilation compilation = Sources.Compile(text.Append('}').ToString());
        Assert.False(compilation.Success);
        Assert.Equal(1_000, compilation.Diagnostics.Count(d => d.Severity == Severity.Error));
        Assert.Contains(compilation.Diagnostics, d => d.Code == "W09006");
    }
}
