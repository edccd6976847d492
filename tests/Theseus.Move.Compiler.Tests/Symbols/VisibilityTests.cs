using Theseus.Move.Compiler.Tests.Support;

namespace Theseus.Move.Compiler.Tests.Symbols;

/// <summary>What one module may do with the declarations of another. The user is module b; its function stands on line 10.</summary>
public class VisibilityTests
{
    private const string Owner = """
        module 0x42::a {
            friend 0x42::f;
            struct S has copy, drop, key { v: u64 }
            const C: u64 = 1;
            public fun open(): S { S { v: C } }
            public(friend) fun near(): u64 { 1 }
            fun hidden(): u64 { near() }
            public entry fun call() { hidden(); }
        }

        """;

    private static string[] Errors(string user, string function) => [.. Sources.Places(Sources.Compile(
        Owner + "module 0x42::" + user + " { " + function + " }" + (user == "f" ? "" : " module 0x42::f {}"))).Where(p => p[0] == 'E')
        .Select(p => p.Split(':')[0])];

    [Theory]
    [InlineData("b", "fun f(): 0x42::a::S { 0x42::a::open() }", null)]
    [InlineData("b", "fun f() { 0x42::a::call() }", null)]
    [InlineData("b", "fun f(s: 0x42::a::S): bool { s == copy s }", null)] // values pass through whole
    [InlineData("f", "fun f(): u64 { 0x42::a::near() }", null)]
    [InlineData("b", "fun f(): u64 { 0x42::a::near() }", "E04001 10")]
    [InlineData("b", "fun f(): u64 { 0x42::a::hidden() }", "E04001 10")]
    [InlineData("f", "fun f(): u64 { 0x42::a::hidden() }", "E04001 10")] // a friend sees what is for friends
    [InlineData("b", "fun f(): 0x42::a::S { 0x42::a::S { v: 1 } }", "E04001 10")]
    [InlineData("f", "fun f(): 0x42::a::S { 0x42::a::S { v: 1 } }", "E04001 10")]
    [InlineData("b", "fun f(s: 0x42::a::S): u64 { let 0x42::a::S { v } = s; v }", "E04001 10")]
    [InlineData("b", "fun f(s: &0x42::a::S): u64 { s.v }", "E04001 10")]
    [InlineData("b", "fun f(s: &mut 0x42::a::S) { s.v = 1 }", "E04001 10")]
    [InlineData("b", "fun f(): bool { exists<0x42::a::S>(@0x1) }", "E04001 10")]
    [InlineData("b", "fun f(s: &signer, v: 0x42::a::S) { move_to(s, v) }", "E04001 10")]
    [InlineData("b", "fun f(): u64 { 0x42::a::C }", "E04001 10")]
    [InlineData("b", "fun f(): u64 { 0x42::a::gone() }", "E03003 10")]
    [InlineData("b", "fun f(_x: 0x42::a::Gone) {}", "E03003 10")]
    [InlineData("b", "use 0x42::a::gone; fun f() {}", "E03003 10")]
    public void AMemberIsOpenToWhomItSays(string user, string function, string? error) =>
        Assert.Equal(error is null ? [] : [error], Errors(user, function).Distinct());
}
