using Theseus.Move.Compiler.Packages;
using Theseus.Move.Compiler.Tests.Support;

namespace Theseus.Move.Compiler.Tests.Flow;

/// <summary>Where references end: correct programs whose borrows end at branches, and what the code then does.</summary>
public class ReferenceLifetimeTests
{
    // fault 60: the reference ends in the block that leaves the loop and must not be ended again behind it
    [Theory]
    [InlineData("fun f(v: &u64, n: u64): u64 { let i = 0; while (i < n) { if (*v == i) { n = 7; break }; i = i + 1; }; i }")]
    [InlineData("fun f(v: &mut u64, n: u64): u64 { let i = 0; while (i < n) { if (*v == i) { break }; *v = i; i = i + 1; }; i }")]
    [InlineData("fun f(v: &u64, n: u64): u64 { let i = 0; loop { if (i > n) { if (*v == i) { break }; break }; if (*v == i) { i = 3; "
        + "break }; i = i + 1; }; i }")]
    [InlineData("fun f(v: &u64, w: &u64, c: bool): u64 { if (c) { if (*v == 1) { return *w } else { return 2 } }; 3 }")]
    [InlineData("fun f(v: &u64, c: bool): u64 { let r = v; if (c) { if (*r > 1) { r = v; if (*r > 2) { return 1 } } }; 4 }")]
    [InlineData("fun f(v: &mut u64, c: bool) { let r = v; while (c) { if (*r == 0) { continue }; if (*r == 1) { break }; *r = 2; c = "
        + "false; } }")]
    [InlineData("fun f(v: &vector<u64>, c: u64): u64 { let a = v; let b = v; while (c > 0) { if (c == 5) { a = b; break }; c = c - 1; "
        + "}; if (c == 1) { 0x1::vector::length(a) } else { 7 } }")]
    public void ReferencesThatEndOnSeveralWaysCompile(string function)
    {
        Compilation compilation = Sources.Compile($"module 0x1::vector {{ native public fun length<T>(v: &vector<T>): u64; }} module "
            + $"0x42::m {{ public {function} }}");
        Assert.DoesNotContain(compilation.Diagnostics, d => d.Severity == Severity.Error);
    }

    // fault 60
    [Fact]
    public void ASearchThatLeavesItsLoopEarlyFindsThePlace() => MoveTests.Pass(
        """
        module 0x42::m {
            fun find(v: &u64, n: u64): u64 { let i = 0; while (i < n) { if (*v == i) { n = 7; break }; i = i + 1; }; i + n }
            #[test] fun found() { let x = 3; assert!(find(&x, 10) == 10, 1); }
            #[test] fun missing() { let x = 30; assert!(find(&x, 10) == 20, 1); }
        }
        """,
        2);

    // fault 60: every nest of two conditions and a loop around up to two references
    [Fact]
    public void GeneratedLoopsOverReferencesCompile()
    {
        string[] steps =
        [
            "if (*a == i) { break };", "if (*b == i) { i = i + 2; break };", "if (i == 3) { a = b; };", "if (i == 4) { continue };",
            "if (*a > 2) { if (*b > 3) { break } else { b = a; } };", "while (*b < i) { if (i == 9) { break }; i = i + 1; };",
        ];
        for (int first = 0; first < steps.Length; first++)
        {
            for (int second = 0; second < steps.Length; second++)
            {
                for (int third = 0; third < steps.Length; third++)
                {
                    string text = "module 0x42::m { public fun f(a: &u64, b: &u64, n: u64): u64 { let i = 0; while (i < n) { i = i + 1; "
                        + steps[first] + " " + steps[second] + " " + steps[third] + " }; i } }";
                    Compilation compilation = Sources.Compile(text);
                    Assert.True(compilation.Success, text + DiagnosticRenderer.Render(compilation.Diagnostics));
                }
            }
        }
    }

    // fault 61
    [Theory]
    [InlineData("struct C has copy { x: u64 }", "public fun f(): C { let c = C { x: 1 }; let r = &mut c; r.x = 2; c }")]
    [InlineData("", "public fun f(): vector<u64> { let v = vector[]; 0x1::vector::push_back(&mut v, 7); v }")]
    [InlineData("struct C has copy, drop { x: u64 }",
        "public fun f(p: bool): C { let c = C { x: 1 }; if (p) { let r = &c; if (r.x == 1) { return c } }; c }")]
    [InlineData("struct C has copy, drop { x: u64 }",
        "public fun f(): u64 { let c = C { x: 1 }; let r = &c; let y = r.x; let d = c; d.x + y }")]
    [InlineData("struct C has copy, drop { x: u64 }",
        "public fun f(n: u64): C { let c = C { x: 0 }; while (c.x < n) { (&mut c).x = c.x + 1; }; c }")]
    public void TheLastUseOfALocalThatIsNoLongerBorrowedMovesIt(string declaration, string function)
    {
        Compilation compilation = Sources.Compile(
            $"module 0x1::vector {{ native public fun push_back<T>(v: &mut vector<T>, e: T); }} module 0x42::m {{ {declaration} "
                + $"{function} }}");
        Assert.True(compilation.Success, DiagnosticRenderer.Render(compilation.Diagnostics));
        Assert.Equal(0, Code.AggregateCopies(compilation));
    }

    // fault 61: E07006, as both meanings are possible
    [Theory]
    [InlineData("let c = C { x: 1 }; let r = &mut c; let d = c; r.x = 2; d.x", "2:83")]
    [InlineData("let c = C { x: 1 }; let r = &c; let d = c; d.x + r.x", "2:79")]
    [InlineData("let c = 5; let r = &c; let d = c; d + *r", "2:70")]
    public void TheLastUseOfABorrowedLocalIsAmbiguous(string body, string place)
    {
        Compilation compilation = Sources.Compile("module 0x42::m { struct C has copy, drop { x: u64 }\n    public fun f(): u64 {     "
            + "        " + body + " } }");
        Assert.Equal(["E07006 " + place], Sources.Places(compilation));
    }

    [Theory]
    [InlineData("let c = C { x: 1 }; let r = &c; let d = copy c; d.x + r.x", null)]
    [InlineData("let c = C { x: 1 }; let r = &c; let d = move c; d.x + r.x", "E07003")]
    public void AWrittenCopyOrMoveIsWhatItSays(string body, string? code)
    {
        Compilation compilation = Sources.Compile(
            "module 0x42::m { struct C has copy, drop { x: u64 } public fun f(): u64 { " + body + " } }");
        Assert.Equal(code, compilation.Diagnostics.SingleOrDefault()?.Code);
    }

    // fault 61: 43 aggregate copies before; the two left are of values that are used again
    [Fact]
    public void TheFrameworkCopiesFewAggregates()
    {
        SourceTree tree = Sources.Tree("framework");
        foreach (string package in (string[])["move-stdlib", "theseus-framework"])
        {
            PackageBuildResult build = PackageBuild.Build(tree, package);
            Assert.True(build.Success, DiagnosticRenderer.Render(build.Diagnostics));
            Assert.InRange(build.Packages.Sum(p => Code.AggregateCopies(p.Compilation)), 0, 2);
        }
    }
}
