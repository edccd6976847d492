using System.Reflection;
using Theseus.Move.Compiler.Tests.Support;

namespace Theseus.Move.Compiler.Tests.Diagnostics;

/// <summary>
/// One smallest program for each code that the compiler can report, and its place by hand. No code is without a program, and none
/// without a title.
/// </summary>
public class CodeTableTests
{
    /// <summary>Tested where what leads to them is made: nesting and sizes, packages, rules of the chain.</summary>
    private static readonly string[] TestedElsewhere =
        ["E99001", "E99002", "E99005", "E12001", "E12002", "W12003", "W12004"];

    /// <summary>Faults of the compiler itself: no program is known that leads to them, and every robustness test fails on them.</summary>
    private static readonly string[] FaultsOfTheCompiler = ["E99003", "E99004"];

    /// <summary>The code, its place, and the text. The members of a module without a line of their own start on line 2.</summary>
    public static TheoryData<string, string, string> Programs => new()
    {
        { "W00001", "2:11", Module("fun f() { assert(true, 1); }") },
        { "W00001", "2:1", Module("public(script) fun f() {}") },
        { "E01001", "2:11", Module("fun f() { $ }") },
        { "E01002", "2:15", Module("fun f() { let = 1; }") },
        { "E01003", "2:1", Module("public struct S {}") },
        { "W01004", "2:1", "module 0x42::m {}\n/** never closed" },
        { "E01005", "2:21",
            Module("fun f(): address { @115792089237316195423570985008687907853269984665640564039457584007913129639936 }") },
        { "E01006", "2:15", Module("fun f(): u8 { 256u8 }") },
        { "E01007", "2:26", Module("fun f(): vector<u8> { b\"a\\q\" }") },
        { "E01008", "2:23", Module("fun f(): vector<u8> { x\"abc\" }") },
        { "E01009", "2:11", Module("fun f() { 1 = 2; }") },
        { "E01010", "2:30", Module("fun f(v: vector<u64>): u64 { v[0] }") },
        { "E02001", "2:16", Module("fun f() {} fun f() {}") },
        { "E02002", "3:18", Module("struct R has key {}\nfun f() acquires R {}") },
        { "E02004", "1:8", "module m {}" },
        { "E02005", "1:10", "script { native fun main(); }" },
        { "E02010", "2:8", Module("struct s {}") },
        { "E02011", "2:1", Module("friend 0x42::m;") },
        { "E02012", "3:18", Module("struct R {}\nfun f() acquires R {}") }, // lacks key
        { "E02012", "5:18", "module 0x42::a {\nstruct R has key {}\n}\nmodule 0x42::b {\nfun f() acquires 0x42::a::R {}\n}" },
        { "E02013", "2:26", Module("struct S<phantom T> { x: T }") },
        { "W02014", "3:10", Module("struct A<phantom T> {}\nstruct B<T> { a: A<T> }") },
        { "E02015", "2:3", Module("#[view] struct S {}") },
        { "E03001", "2:21", Module("fun f(): address { @nobody }") },
        { "E03002", "2:5", Module("use 0x42::missing;") },
        { "E03003", "2:11", Module("fun f() { Self::g() }") },
        { "E03004", "2:11", Module("fun f(_x: Coin) {}") },
        { "E03005", "2:11", Module("fun f() { g() }") },
        { "E03006", "3:11", Module("fun f() {}\nfun g(_x: f) {}") },
        { "E03007", "2:11", Module("fun f(_x: vector<u8, u8>) {}") },
        { "E03008", "2:11", Module("fun f(_x: vector) {}") },
        { "E03009", "2:16", Module("fun f(): u64 { y }") },
        { "E03010", "3:20", Module("struct S has drop { a: u64 }\nfun f(s: S): u64 { s.b }") },
        { "E03011", "2:5", Module("fun move_to() {}") },
        { "E04001", "5:11", "module 0x42::a {\nfun hidden() {}\n}\nmodule 0x42::b {\nfun f() { 0x42::a::hidden() }\n}" },
        { "E04003", "2:17", Module("fun f(): bool { true + false }") },
        { "E04004", "2:11", Module("fun f(_v: vector<&u64>) {}") },
        { "E04005", "2:15", Module("fun f() { let _x = (1, 2); }") },
        { "E04006", "2:28", Module("fun f(x: &u64): &mut u64 { x }") },
        { "E04007", "2:15", Module("fun f(): u8 { true }") },
        { "E04008", "3:1", Module("fun f() { let x = vector[];\nx = vector[x]; }") },
        { "E04009", "2:22", Module("fun f(x: u64): u64 { x.a }") },
        { "E04010", "2:11", Module("fun f() { vector[]; }") },
        { "E04012", "2:10", Module("const C: signer = @0x1;") },
        { "E04013", "3:16", Module("fun f(): u64 { 1 }\nconst C: u64 = f();") },
        { "E04014", "2:11", Module("fun f() { break }") },
        { "E04015", "3:11", Module("native struct N;\nfun f() { N {}; }") },
        { "E04016", "3:11", Module("fun g(_a: u64) {}\nfun f() { g() }") },
        { "E04017", "3:11", Module("fun g() {}\nfun f() { g(1) }") },
        { "E04018", "2:25", Module("struct S { next: vector<S> }") },
        { "E04019", "3:14", Module("struct B<T> { t: T }\nfun f<T>() { f<B<T>>() }") },
        { "E04020", "3:16", Module("struct R has key { v: u64 }\nfun f(): u64 { borrow_global<R>(@0x1).v }") },
        { "E04021", "2:15", Module("fun f(): u8 { 256 }") },
        { "E04022", "2:29", Module("inline fun f(x: u64): u64 { f(x) }\nfun g(): u64 { f(1) }") },
        { "E05001", "3:11", Module("struct S {}\nfun f() { S {}; }") },
        { "E06001", "4:14", Module("struct S {}\nfun f() {\nlet _s = S {};\n}") },
        { "E06002", "2:23", Module("fun f() { let x: u64; x; }") },
        { "E07001", "3:24", Module("struct S { a: u64 }\nfun f(s: &S) { let r = &mut s.a; *r = 1; }") },
        { "E07002", "2:51", Module("fun f(): u64 { let x = 1; let r = &mut x; let y = copy x; *r = 2; y }") },
        { "E07003", "5:1", Module("fun f(): u64 {\nlet x = 1;\nlet r = &x;\nx = 2;\nx + *r\n}") },
        { "E07004", "2:28", Module("fun f(): &u64 { let x = 1; &x }") },
        { "E07005", "5:1",
            Module("struct S { a: u64 }\nfun g(_s: &mut S, _a: &mut u64) {}\nfun f(s: &mut S) { let a = &mut s.a;\ng(s, a) }") },
        { "E07006", "2:47", Module("fun f(): u64 { let c = 5; let r = &c; let d = c; d + *r }") },
        { "E08001", "2:15", Module("const C: u8 = 200 + 100;") },
        { "W09001", "3:11", "module 0x42::a {}\nmodule 0x42::m {\nuse 0x42::a;\n}" },
        { "W09002", "2:7", Module("fun f(x: u64) {}") },
        { "W09003", "2:15", Module("fun f() { let x = 1; }") },
        { "W09005", "2:19", Module("fun f() { return; f() }") },
        { "W09006", "2:10", Module("struct B<T> {}") },
        { "W09007", "2:3", Module("#[testonly] fun f() {}") },
        { "E10003", "3:22", Module("#[test]\n#[expected_failure = 1]\nfun t() {}") },
        { "E10004", "3:5", Module("#[expected_failure]\nfun t() {}") },
        { "E10005", "3:7", Module("#[test]\nfun t(_a: signer) {}") },
        { "W10007", "3:20", Module("#[test]\n#[expected_failure(abort_code = 1)]\nfun t() { abort 1 }") },
    };

    private static string Module(string members) => "module 0x42::m {\n" + members + "\n}\n";

    private static SortedDictionary<string, string> Table => new(
        typeof(Compiler).Assembly.GetType("Theseus.Move.Compiler.Codes", throwOnError: true)!
            .GetFields(BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly).Where(f => f.IsLiteral)
            .ToDictionary(f => (string)f.GetRawConstantValue()!, f => f.Name), StringComparer.Ordinal);

    [Theory]
    [MemberData(nameof(Programs))]
    public void IsReportedAtItsPlace(string code, string place, string text)
    {
        Compilation compilation = Sources.CompileTests(text);
        Assert.Contains($"{code} {place}", Sources.Places(compilation));
        Diagnostic diagnostic = compilation.Diagnostics.First(d => d.Code == code);
        Assert.Equal(code[0] == 'E' ? Severity.Error : Severity.Warning, diagnostic.Severity);
        Assert.False(code[0] == 'E' && compilation.Success);
        Assert.NotEqual("error", diagnostic.Title); // the title of a code without one
        Assert.NotEmpty(diagnostic.Message);
    }

    [Fact]
    public void EveryCodeIsTested() =>
        Assert.Equal(Table.Keys, Programs.Select(p => p.Data.Item1).Concat(TestedElsewhere).Concat(FaultsOfTheCompiler).Distinct()
            .Order(StringComparer.Ordinal));

    [Fact]
    public void WhatIsTestedElsewhereStandsThere()
    {
        string folder = Path.Combine(Sources.RepositoryRoot, "tests", "Theseus.Move.Compiler.Tests");
        string texts = string.Concat(Directory.GetFiles(folder, "*.cs", SearchOption.AllDirectories)
            .Where(f => Path.GetFileName(f) != "CodeTableTests.cs").Select(File.ReadAllText));
        Assert.All(TestedElsewhere, code => Assert.Contains('"' + code, texts, StringComparison.Ordinal));
    }
}
