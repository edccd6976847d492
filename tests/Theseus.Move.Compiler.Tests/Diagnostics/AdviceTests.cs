using Theseus.Move.Compiler.Tests.Support;

namespace Theseus.Move.Compiler.Tests.Diagnostics;

/// <summary>What people write who come from other languages, and what they are told (fault 71).</summary>
public class AdviceTests
{
    // fault 71: the place, and the words that help
    [Theory]
    [InlineData("module 0x42::m {\n    fun f() {\n        let s = \"hi\";\n    }\n}", "E01001 3:17", "b\"")]
    [InlineData("module 0x42::m {\n    fun f() {\n        let mut x = 1;\n        x;\n    }\n}", "E01002 3:13", "`let x`")]
    [InlineData("module 0x42::m {\n    fun f() {\n        let mut counter = 1;\n        counter;\n    }\n}", "E01002 3:13", "`let x`")]
    [InlineData("module 0x42::m {\n    fun f() {\n        let mut counter: u64;\n    }\n}", "E01002 3:13", "`let x`")]
    [InlineData("module 0x42::m {\n    pub fun f() {}\n}", "E01002 2:5", "'public'")]
    [InlineData("module 0x42::m {\n    fn f() {}\n}", "E01002 2:5", "'fun'")]
    [InlineData("module 0x42::m {\n    public fn f() {}\n}", "E01002 2:12", "'fun'")]
    [InlineData("module 0x42::m {\n    fun f() {\n        for (i in 0..10) {};\n    }\n}", "E01002 3:9", "while")]
    [InlineData("module 0x42::m {\n    fun f() {\n        let x = 1;\n        x += 2;\n    }\n}", "E01002 4:12", "x = x +")]
    [InlineData("module 0x42::m {\n    public(package) fun f() {}\n}", "E01002 2:5", "public(friend)")]
    [InlineData("module 0x42::m {\n    fun f() {\n        let x = 1;\n\n    fun g() {}\n}", "E01002 5:5", "'}' is missing")]
    [InlineData("module 0x42::m {\n    fun f() {\n        let x = 1;\n    }\n", "E01002 5:1", "1:16")]
    [InlineData("module 0x42::m {\n    enum E { A, B }\n}", "E01002 2:5", "Move 2")]
    [InlineData("module 0x42::m {\n    fun f(v: vector<u64>): u64 { v.length() }\n}", "E01002 2:42", "length(")]
    [InlineData("module 0x42::m {\n    fun f(v: vector<u64>): u64 { v[0] }\n}", "E01010 2:34", "vector::borrow")]
    public void TheMessageSaysWhatMoveWrites(string text, string place, string advice)
    {
        Compilation compilation = Sources.Compile(text);
        Diagnostic error = compilation.Diagnostics.First(d => d.Severity == Severity.Error);
        Assert.Equal(place, $"{error.Code} {error.Line}:{error.Column}");
        Assert.Contains(advice, error.Message, StringComparison.Ordinal);
    }

    // fault 71
    [Fact]
    public void AnEntryFunctionWithAResultIsToldTheRule()
    {
        Compilation compilation = Sources.Compile("module 0x42::m {\n    public entry fun f(): u64 { 1 }\n}");
        Diagnostic error = Assert.Single(compilation.Diagnostics);
        Assert.Equal("E99005 2:22", $"{error.Code} {error.Line}:{error.Column}");
        Assert.Contains("returns nothing", error.Message, StringComparison.Ordinal);
        Assert.True(Sources.Compile("module 0x42::m { public entry fun f(): u64 { 1 } }",
            new CompilerOptions { Verifier = LanguageRules.Verifier }).Success);
    }
}
