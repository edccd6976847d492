using Theseus.Move.Compiler.Tests.Support;

namespace Theseus.Move.Compiler.Tests.Syntax;

/// <summary>Texts that are not Move, with the token where a reader of the grammar stops.</summary>
public class SyntaxErrorTests
{
    [Theory]
    [InlineData("x", "E01002 1:1")]
    [InlineData("module", "E01002 1:7")]
    [InlineData("module 0x1::", "E01002 1:13")]
    [InlineData("module 0x1::m", "E01002 1:14")]
    [InlineData("module 0x1::m {", "E01002 1:16")]
    [InlineData("module 0x1::m {} }", "E01002 1:18")]
    [InlineData("module 0x1::m { fun }", "E01002 1:21")]
    [InlineData("module 0x1::m { fun f }", "E01002 1:23")]
    [InlineData("module 0x1::m { fun f( }", "E01002 1:24")]
    [InlineData("module 0x1::m { fun f(x) {} }", "E01002 1:24")]
    [InlineData("module 0x1::m { fun f(x: ) {} }", "E01002 1:26")]
    [InlineData("module 0x1::m { fun f() }", "E01002 1:25")]
    [InlineData("module 0x1::m { fun f(): {} }", "E01002 1:26")]
    [InlineData("module 0x1::m { fun f<>() {} fun g<T:>() {} }", "E01002 1:38")]
    [InlineData("module 0x1::m { native fun f() {} }", "E01002 1:32")]
    [InlineData("module 0x1::m { struct }", "E01002 1:24")]
    [InlineData("module 0x1::m { struct S }", "E01002 1:26")]
    [InlineData("module 0x1::m { struct S has {} }", "E01002 1:30")]
    [InlineData("module 0x1::m { struct S has copy drop {} }", "E01002 1:35")]
    [InlineData("module 0x1::m { struct S { x } }", "E01002 1:30")]
    [InlineData("module 0x1::m { struct S { x: u8 y: u8 } }", "E01002 1:34")]
    [InlineData("module 0x1::m { struct S(u64); }", "E01002 1:25")]
    [InlineData("module 0x1::m { const }", "E01002 1:23")]
    [InlineData("module 0x1::m { const C = 1; }", "E01002 1:25")]
    [InlineData("module 0x1::m { const C: u8; }", "E01002 1:28")]
    [InlineData("module 0x1::m { use 0x1; }", "E01002 1:24")]
    [InlineData("module 0x1::m { use 0x1::; }", "E01002 1:26")]
    [InlineData("module 0x1::m { use 0x1::a::{b }", "E01002 1:33")]
    [InlineData("module 0x1::m { friend ; }", "E01002 1:24")]
    [InlineData("module 0x1::m { 1 }", "E01002 1:17")]
    [InlineData("module 0x1::m { fun f() { let } }", "E01002 1:31")]
    [InlineData("module 0x1::m { fun f() { let x = ; } }", "E01002 1:35")]
    [InlineData("module 0x1::m { fun f() { 1 2 } }", "E01002 1:29")]
    [InlineData("module 0x1::m { fun f() { 1 + } }", "E01002 1:31")]
    [InlineData("module 0x1::m { fun f() { (1, } }", "E01002 1:31")]
    [InlineData("module 0x1::m { fun f() { f(1 } }", "E01002 1:31")]
    [InlineData("module 0x1::m { fun f() { if true {} } }", "E01002 1:30")]
    [InlineData("module 0x1::m { fun f() { while {} } }", "E01002 1:33")]
    [InlineData("module 0x1::m { fun f() { x. } }", "E01002 1:30")]
    [InlineData("module 0x1::m { fun f() { move 1 } }", "E01002 1:32")]
    [InlineData("module 0x1::m { fun f() { @ } }", "E01002 1:29")]
    [InlineData("module 0x1::m { fun f() { S { x: } } }", "E01002 1:34")]
    [InlineData("module 0x1::m { fun f() { a::b::c::d } }", "E01002 1:34")]
    [InlineData("module 0x1::m { fun f() { 0x1 as u8 } }", "E01002 1:31")]
    [InlineData("module 0x1::m { fun f() { && 1 } }", "E01002 1:27")]
    [InlineData("module 0x1::m { #[ fun f() {} }", "E01002 1:24")]
    [InlineData("module 0x1::m { #[a fun f() {} }", "E01002 1:21")]
    [InlineData("module 0x1::m { #[a = ] fun f() {} }", "E01002 1:23")]
    [InlineData("script {}", "E01002 1:9")]
    [InlineData("script { struct S {} fun f() {} }", "E01002 1:10")]
    [InlineData("script { fun f() {} fun g() {} }", "E01002 1:21")]
    [InlineData("address 0x1 {", "E01002 1:14")]
    [InlineData("address { module m {} }", "E01002 1:9")]
    public void ThePlaceIsTheFirstTokenThatDoesNotFit(string text, string place) =>
        Assert.Equal([place], Sources.Places(Sources.Compile(text)).Where(p => p[0] == 'E'));

    [Theory]
    [InlineData("module 0x1::m { fun f(): u64 { 1u }", "E01002")]
    [InlineData("module 0x1::m { fun f(): vector<u8> { b\"", "E01007")]
    [InlineData("module 0x1::m { fun f(): vector<u8> { x\"0", "E01008")]
    [InlineData("module 0x1::m { \u00e9 }", "E01001")]
    [InlineData("module 0x1::m { $ }", "E01001")]
    [InlineData("module 0x1::m { fun f(): u8 { 300u8 } }", "E01006")]
    [InlineData("module 0x1::m { public public fun f() {} }", "E02001")]
    [InlineData("module 0x1::m { entry entry fun f() {} }", "E02001")]
    [InlineData("module 0x1::m { native native fun f(); }", "E02001")]
    [InlineData("address 0x1 { module 0x2::m {} }", "E02004")]
    public void EachKindOfTextHasItsCode(string text, string code) =>
        Assert.Contains(code, Sources.Compile(text).Diagnostics.Select(d => d.Code));

    [Theory]
    [InlineData("module 0x1::m { }")]
    [InlineData("address 0x1 { module m {} module n {} }")]
    [InlineData("module 0x1::m { fun f() { } fun g(x: u64,): u64 { (x) } }")]
    [InlineData("module 0x1::m { struct S<phantom T: copy + drop,> has copy, drop { } }")]
    [InlineData("module 0x1::m { fun f(): (u64, bool,) { (1, true,) } }")]
    [InlineData("module 0x1::m { fun f(): vector<vector<vector<u8>>> { vector[vector[vector[1,],],] } }")]
    [InlineData("module 0x1::m { fun f(a: u64, b: u64): bool { a >> 1 >= b } }")]
    [InlineData("/* a /* b */ c */ module 0x1::m { // d\n }")]
    [InlineData("module 0x1::m { spec module { invariant true; } spec f { ensures [a] x == { 1 }; } fun f() { spec { assert true; }; } }")]
    [InlineData("spec module { } module 0x1::m { }")]
    [InlineData("script { fun main() { } }")]
    [InlineData("#[a, b(c = 1, d)] #[e = 0x1::f::g] module 0x1::m { }")]
    public void WhatIsMoveCompiles(string text)
    {
        Compilation compilation = Sources.Compile(text);
        Assert.True(compilation.Success, DiagnosticRenderer.Render(compilation.Diagnostics));
    }
}
