using System.Diagnostics;
using System.Text;
using Theseus.Move.Compiler.Tests.Support;

namespace Theseus.Move.Compiler.Tests.Limits;

/// <summary>Large programs: each kind of size costs in proportion, and ends in a result or in a limit that names its number.</summary>
public class SizeTests
{
    private static string Program(string kind, int size)
    {
        StringBuilder text = new();
        switch (kind)
        {
            case "statements":
                text.Append("module 0x42::m { public fun f(): u64 { let x = 0;\n");
                Repeat(text, size, static _ => "x = x + 1;\n");
                return text.Append("x } }").ToString();
            case "calls":
                text.Append("module 0x42::m { fun g(x: &mut u64) { *x = *x + 1; } public fun f(): u64 { let x = 0;\n");
                Repeat(text, size, static _ => "g(&mut x);\n");
                return text.Append("x } }").ToString();
            case "branches":
                text.Append("module 0x42::m { public fun f(y: u64): u64 { let x = 0;\n");
                Repeat(text, size, static i => $"if (y == {i}) {{ x = {i}; }};\n");
                return text.Append("x } }").ToString();
            case "functions":
                text.Append("module 0x42::m {\n");
                Repeat(text, size, static i => $"public fun f{i}() {{}}\n");
                return text.Append('}').ToString();
            case "structs":
                text.Append("module 0x42::m {\n");
                Repeat(text, size, static i => $"struct S{i} {{}}\n");
                return text.Append('}').ToString();
            case "constants":
                text.Append("module 0x42::m {\n");
                Repeat(text, size, static i => $"const C{i}: u64 = {i};\n");
                return text.Append('}').ToString();
            case "modules":
                Repeat(text, size, static i =>
                    $"module 0x42::m{i:D6} {{ public fun f() {{ {(i == 0 ? "" : $"0x42::m{i - 1:D6}::f()")} }} }}\n");
                return text.ToString();
            case "friends":
                Repeat(text, size, i => $"module 0x42::m{i:D6} {{ {(i + 1 < size ? $"friend 0x42::m{i + 1:D6};" : "")} }}\n");
                return text.ToString();
            case "comments":
                text.Append("module 0x42::m {\n");
                Repeat(text, size, static _ => "// a line that says nothing at all about anything\n");
                return text.Append('}').ToString();
            case "locals":
                text.Append("module 0x42::m { public fun f() {\n");
                Repeat(text, size, static i => $"let _x{i} = {i};\n");
                return text.Append("} }").ToString();
            case "asserts":
                text.Append("module 0x42::m { public fun f(x: u64) {\n");
                Repeat(text, size, static i => $"assert!(x != {i}, {i});\n");
                return text.Append("} }").ToString();
            case "aliases":
                text.Append("module 0x42::n { public fun f() {} } module 0x42::m {\n");
                Repeat(text, size, static i => $"use 0x42::n::f as f{i};\n");
                return text.Append('}').ToString();
            case "errors":
                text.Append("module 0x42::m {\n");
                Repeat(text, size, static i => $"fun f{i}(): u8 {{ true }}\n");
                return text.Append('}').ToString();
            case "generics":
                text.Append("module 0x42::m {\n");
                Repeat(text, size, i => $"public fun f{i}<T>() {{ {(i + 1 < size ? $"f{i + 1}<T>()" : "")} }}\n");
                return text.Append('}').ToString();
            default:
                text.Append("module 0x42::m { public fun f(): vector<u64> { vector[\n");
                Repeat(text, size, static i => $"{i},");
                return text.Append("] } }").ToString();
        }
    }

    private static void Repeat(StringBuilder text, int count, Func<int, string> line)
    {
        for (int i = 0; i < count; i++)
        {
            text.Append(line(i));
        }
    }

    private static double Seconds(string text)
    {
        GC.Collect();
        long start = Stopwatch.GetTimestamp();
        Sources.Compile(text, new CompilerOptions { Verifier = LanguageRules.Verifier });
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    // fault 69: six times the size costs about six times as much; work that grows with the square costs 36 times as much
    [Theory]
    [InlineData("statements", 1_500)]
    [InlineData("calls", 1_500)]
    [InlineData("branches", 800)]
    [InlineData("functions", 1_500)]
    [InlineData("structs", 1_500)]
    [InlineData("constants", 2_000)]
    [InlineData("modules", 800)]
    [InlineData("friends", 800)]
    [InlineData("locals", 2_000)]
    [InlineData("asserts", 1_000)]
    [InlineData("aliases", 2_000)]
    [InlineData("errors", 2_000)]
    [InlineData("generics", 1_000)]
    [InlineData("items", 1_300)]
    public void WorkGrowsWithTheSize(string kind, int size)
    {
        const int factor = 6;
        Seconds(Program(kind, size)); // compiles the compiler
        double small = Math.Max(0.1, Math.Min(Seconds(Program(kind, size)), Seconds(Program(kind, size))));
        double large = Seconds(Program(kind, size * factor));
        large = large > small * factor ? Math.Min(large, Seconds(Program(kind, size * factor))) : large;
        Assert.True(large < small * factor * 3, $"{kind}: {size} take {small:0.000} s, {size * factor} take {large:0.000} s");
    }

    // fault 69
    [Theory]
    [InlineData("statements", 15_000)]
    [InlineData("modules", 10_000)]
    [InlineData("friends", 10_000)]
    [InlineData("comments", 80_000)]
    public void LargeProgramsCompile(string kind, int size) =>
        Assert.True(Sources.Compile(Program(kind, size), new CompilerOptions { Verifier = LanguageRules.Verifier }).Success);

    // fault 69: 30,000 sums are 120,000 instructions
    [Fact]
    public void AFunctionThatTheFormatCannotHoldIsALimitWithItsNumber()
    {
        Diagnostic error = Assert.Single(Sources.Compile(Program("statements", 30_000)).Diagnostics);
        Assert.Equal("E99002", error.Code);
        Assert.Contains("65535", error.Message, StringComparison.Ordinal);
    }

    // fault 64: a limit of the format is told at the expression that exceeds it
    [Fact]
    public void AConstantThatTheFormatCannotHoldIsNamedAtItsPlace()
    {
        string text = "module 0x42::m {\n    public fun f(): vector<u64> {\n        vector[" + string.Join(',',
            Enumerable.Range(0, 9_000)) + "]\n    }\n}";
        Assert.Equal(["E99002 3:9"], Sources.Places(Sources.Compile(text)));
    }
}
