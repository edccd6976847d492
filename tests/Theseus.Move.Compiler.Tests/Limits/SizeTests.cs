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
                Repeat(text, size, static i => $"module 0x42::m{i:D6} {{ public fun f() {{ {(i == 0 ? "" : $"0x42::m{i - 1:D6}::f()")} }} }}\n");
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

    private static (Compilation Compilation, double Seconds) Timed(string text)
    {
        long start = Stopwatch.GetTimestamp();
        Compilation compilation = Sources.Compile(text, new CompilerOptions { Verifier = LanguageRules.Verifier });
        return (compilation, Stopwatch.GetElapsedTime(start).TotalSeconds);
    }

    [Theory]
    [InlineData("statements", 1500)]
    [InlineData("calls", 1500)]
    [InlineData("branches", 400)]
    [InlineData("functions", 3000)]
    [InlineData("structs", 2000)]
    [InlineData("constants", 2000)]
    [InlineData("modules", 500)]
    [InlineData("friends", 500)]
    [InlineData("comments", 4000)]
    [InlineData("locals", 1500)]
    [InlineData("asserts", 600)]
    [InlineData("aliases", 1500)]
    [InlineData("errors", 1500)]
    [InlineData("generics", 1500)]
    [InlineData("items", 1500)]
    public void Measure(string kind, int size)
    {
        Timed(Program(kind, 50));
        (Compilation half, double small) = Timed(Program(kind, size / 2));
        (Compilation whole, double large) = Timed(Program(kind, size));
        long t = Stopwatch.GetTimestamp();
        foreach (Format.CompiledModule m in whole.Modules) { Verify.Verifier.Check(m, LanguageRules.Verifier); }
        double verify = Stopwatch.GetElapsedTime(t).TotalSeconds;
        t = Stopwatch.GetTimestamp();
        foreach (Format.CompiledModule m in whole.Modules) { Format.ModuleWriter.Write(m); }
        double write = Stopwatch.GetElapsedTime(t).TotalSeconds;
        Assert.Fail($"{kind} V{verify:0.00} W{write:0.00} {small:0.00} {large:0.00} {half.Success} {whole.Success} {string.Join(';', whole.Diagnostics.Where(d => d.Severity == Severity.Error).Take(2))}");
    }
}
