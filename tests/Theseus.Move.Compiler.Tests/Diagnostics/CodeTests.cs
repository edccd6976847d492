using Theseus.Move.Compiler.Tests.Support;

namespace Theseus.Move.Compiler.Tests.Diagnostics;

/// <summary>
/// A smallest program for each code, with the place that the rules of the language give it. Line 2 is the first of the body.
/// </summary>
public class CodeTests
{
    [Theory]
    [InlineData("    struct A has key {}\n    fun f() acquires A {}", "E02002 3:22")]
    [InlineData("    fun f<phantom T>() {}", "E02013 2:19")]
    [InlineData("    struct A<phantom T> { t: T }", "E02013 2:30")]
    [InlineData("    struct A<phantom T> {} struct B<T> { a: A<T> }", "W02014 2:37")]
    [InlineData("    struct B<T> {}", "W09006 2:14")]
    [InlineData("    fun f(_x: vector<u8, u8>) {}", "E03007 2:15")]
    [InlineData("    fun f(_x: vector) {}", "E03008 2:15")]
    [InlineData("    fun f(_x: 0x42::m::T) {}", "E03003 2:15")]
    [InlineData("    fun f(_x: T) {}", "E03004 2:15")]
    [InlineData("    fun f() { g() }", "E03005 2:15")]
    [InlineData("    fun f() { x; }", "E03009 2:15")]
    [InlineData("    fun f() { move x; }", "E03009 2:15")]
    [InlineData("    struct S { a: u64 }\n    fun f(s: &S): u64 { s.b }", "E03010 3:25")]
    [InlineData("    struct Self {}", "E03011 2:12")]
    [InlineData("    fun f(): u64 { true + 1 }", "E04003 2:20")]
    [InlineData("    struct S { a: &u64 }", "E04004 2:19")]
    [InlineData("    fun f() { let _x = (1, 2); }", "E04005 2:19")]
    [InlineData("    fun f(x: &u64): &mut u64 { x }", "E04006 2:32")]
    [InlineData("    fun f(): u8 { true }", "E04007 2:19")]
    [InlineData("    fun f(x: u64): u64 { x.y }", "E04009 2:26")]
    [InlineData("    fun g<T>() {}\n    fun f() { g() }", "E04010 3:15")]
    [InlineData("    const C: signer = @0x1;", "E04012 2:14")]
    [InlineData("    fun f() { continue }", "E04014 2:15")]
    [InlineData("    native struct N;\n    fun f(): N { N {} }", "E04015 3:18")]
    [InlineData("    struct R has key {}\n    fun f(): u64 { move_to(1, R {}); 1 }", "E04007 3:20")]
    [InlineData("    struct S { a: u64 }\n    fun f(s: S): bool { s == s }", "E05001 3:25")]
    [InlineData("    struct S has copy { a: T } struct T {}", "E05001 2:28")]
    [InlineData("    fun f() { let x: u64; x; }", "E06002 2:27")]
    [InlineData("    fun f(x: vector<u8>): vector<u8> { let y = move x; y; x }", "E06002 2:59")]
    [InlineData("    fun f(): &u64 { let x = 1; &x }", "E07004 2:32")]
    [InlineData("    fun f(): u64 { let x = 1; let r = &mut x; let y = copy x; *r = 2; y }", "E07002 2:55")]
    [InlineData("    const C: u8 = 200 + 100;", "E08001 2:19")]
    [InlineData("    const C: u64 = 1 / 0;", "E08001 2:20")]
    [InlineData("    fun f(x: u64) {}", "W09002 2:11")]
    [InlineData("    fun f() { let x: u64; }", "W09002 2:19")]
    [InlineData("    fun f() { let x = 1; }", "W09003 2:19")]
    [InlineData("    fun f() { let x = 1; x; x = 2; }", "W09003 2:29")]
    [InlineData("    fun f() { return; f() }", "W09005 2:23")]
    [InlineData("    fun f() { f2(return) } fun f2(_x: u64) {}", "W09005 2:18")]
    [InlineData("    fun f(): u64 { 1 + abort 2 }", "W09005 2:24")]
    [InlineData("    #[testonly] fun f() {}", "W09007 2:7")]
    [InlineData("    #[view] #[view] fun f(): u64 { 1 }", "E02001 2:15")]
    public void HasItsPlace(string body, string place) =>
        Assert.Contains(place, Sources.Places(Sources.Compile("module 0x42::m {\n" + body + "\n}\n")));
}
