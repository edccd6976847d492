using Theseus.Move.Compiler.Tests.Support;

namespace Theseus.Move.Compiler.Tests.Diagnostics;

/// <summary>Which attributes may stand where, how often, and with what. Members stand on line 2.</summary>
public class AttributeTests
{
    // fault 68: an attribute stands once, whatever its form
    [Theory]
    [InlineData("#[a, a(x = 0)] fun f() {}", "E02001 2:6")]
    [InlineData("#[a(x = 0), a] fun f() {}", "E02001 2:13")]
    [InlineData("#[a = 1, a] fun f() {}", "E02001 2:10")]
    [InlineData("#[a] #[a] fun f() {}", "E02001 2:8")]
    [InlineData("#[a(x, x)] fun f() {}", "E02001 2:8")]
    [InlineData("#[a(x = 1, x(y))] fun f() {}", "E02001 2:12")]
    [InlineData("#[a, a] struct S {}", "E02001 2:6")]
    [InlineData("#[a, a] const C: u8 = 1;", "E02001 2:6")]
    [InlineData("#[a, a] use 0x42::m;", "E02001 2:6")]
    [InlineData("#[test, test] fun f() {}", "E02001 2:9")]
    public void AnAttributeStandsOnce(string member, string place) =>
        Assert.Contains(place, Sources.Places(Sources.CompileTests("module 0x42::m {\n" + member + "\n}\n")));

    // fault 68
    [Theory]
    [InlineData("#[a, b] fun f() {}")]
    [InlineData("#[a(x), b(x)] fun f() {}")] // each list has names of its own
    [InlineData("#[a(x = 1, y = 1)] fun f() {}")]
    [InlineData("#[lint::skip(x)] fun f() {}")] // fault 67
    [InlineData("#[lint::skip(x), skip(x)] fun f() {}")]
    [InlineData("native struct S has store;")] // fault 67
    [InlineData("#[test_only] fun f() {}")]
    public void DifferentAttributesStandTogether(string member)
    {
        Compilation compilation = Sources.Compile("module 0x42::m {\n" + member + "\n}\n",
            new CompilerOptions { TestMode = true, Verifier = LanguageRules.Verifier });
        Assert.True(compilation.Success, DiagnosticRenderer.Render(compilation.Diagnostics));
    }

    // fault 68: a script is no place for tests
    [Theory]
    [InlineData("script { #[test] fun main() {} }", "1:12")]
    [InlineData("script { #[test(a = @0x1)] fun main(_a: signer) {} }", "1:12")]
    [InlineData("#[test] module 0x42::m {}", "1:3")]
    [InlineData("module 0x42::m { #[test] struct S {} }", "1:20")]
    [InlineData("module 0x42::m { #[test] const C: u8 = 1; }", "1:20")]
    public void TestsAreFunctionsOfModules(string text, string place)
    {
        Compilation compilation = Sources.CompileTests(text);
        Assert.False(compilation.Success);
        Assert.Contains(place, compilation.Diagnostics.Where(d => d.Severity == Severity.Error).Select(d => $"{d.Line}:{d.Column}"));
    }

    // fault 67: aliases of a specification belong to its module, as in the text of the module itself
    [Theory]
    [InlineData("module 0x42::v { public fun one(): u64 { 1 } }\nmodule 0x42::m { #[test] fun t() { assert!(v::one() == 1, 1); } }\n"
        + "spec 0x42::m { use 0x42::v; }")]
    [InlineData("module 0x42::v { public fun one(): u64 { 1 } }\nspec 0x42::m { use 0x42::v::one; spec t { ensures true; } }\n"
        + "module 0x42::m { #[test] fun t() { assert!(one() == 1, 1); } }")]
    public void AliasesOfASpecificationServeItsModule(string text) => MoveTests.Pass(text, 1);
}
