using Theseus.Move.Compiler.Tests.Support;

namespace Theseus.Move.Compiler.Tests.Inlining;

/// <summary>Expanded bodies keep their own names, evaluate arguments once, and see what lambdas capture.</summary>
public class HygieneTests
{
    private const string Head = """
        module 0x42::m {
            inline fun twice(x: u64): u64 { let y = x; y + x }
            inline fun shadow(y: u64): u64 { let x = y * 2; let y = x + 1; x * 10 + y }
            inline fun apply(f: |u64|u64, x: u64): u64 { let y = 100; f(x) + y }
            inline fun both(f: |u64|u64, g: |u64|u64, x: u64): u64 { f(g(x)) }
            inline fun pass(f: |u64|u64, x: u64): u64 { apply(f, x) }
            inline fun times(n: u64, f: |u64|) { let i = 0; while (i < n) { f(i); i = i + 1 } }
            inline fun pick<T: drop>(c: bool, a: T, b: T): T { if (c) a else b }
            inline fun swap(f: |u64, u64|u64, a: u64, b: u64): u64 { f(b, a) }
            inline fun change(x: &mut u64, f: |u64|u64) { *x = f(*x) }
            inline fun nothing() {}
            fun count(v: &mut u64): u64 { *v = *v + 1; *v }

        """;

    [Theory]
    [InlineData("twice(3)", 6)]
    [InlineData("{ let y = 1; twice(y + 1) + y }", 5)]
    [InlineData("{ let v = 0; twice(count(&mut v)) * 10 + v }", 21)] // the argument is evaluated once
    [InlineData("{ let x = 1; let y = 2; shadow(y) + x * 1000 + y * 10000 }", 21045)]
    [InlineData("{ let y = 7; apply(|x| x + y, 1) }", 108)] // y of the caller, not of the body
    [InlineData("{ let x = 7; apply(|x| x + 1, 1) + x }", 109)] // x of the lambda
    [InlineData("{ let x = 7; apply(|_| x, 1) }", 107)]
    [InlineData("both(|x| x * 2, |x| x + 1, 3)", 8)]
    [InlineData("pass(|x| x * 3, 2)", 106)]
    [InlineData("{ let s = 0; times(4, |i| s = s * 10 + i); s }", 123)]
    [InlineData("{ let i = 9; let s = 0; times(2, |j| s = s + i + j); s * 100 + i }", 1909)]
    [InlineData("{ let s = 0; times(3, |i| times(i, |j| s = s + i * 10 + j)); s }", 51)]
    [InlineData("pick(true, 1, 2) * 10 + (pick(false, 1u8, 2u8) as u64)", 12)]
    [InlineData("swap(|a, b| a * 10 + b, 1, 2)", 21)]
    [InlineData("{ let a = 1; let b = 2; swap(|b, a| a * 10 + b, a, b) }", 12)]
    [InlineData("{ let x = 5; change(&mut x, |v| v * v); x }", 25)]
    [InlineData("{ let v = 0; change(&mut v, |v| { let v = v + 1; v * 7 }); v }", 7)]
    [InlineData("{ nothing(); nothing(); 3 }", 3)]
    [InlineData("apply(|x| if (x > 1) { apply(|y| y * 2, x) } else { 0 }, 2)", 204)]
    public void AnExpandedCallHasItsValue(string expression, ulong value) =>
        MoveTests.Pass(Head + $"#[test] fun t() {{ assert!(({expression}) == {value}, 1); }} }}", 1);

    [Theory]
    [InlineData("inline fun f(x: u64): u64 { f(x) } fun g(): u64 { f(1) }", "E04022")] // calls itself
    [InlineData("inline fun f(x: u64): u64 { return x } fun g(): u64 { f(1) }", "E04022")]
    [InlineData("inline fun f(h: |u64|u64): u64 { h(1) } fun g(): u64 { f(|x| return x) }", "E04022")]
    [InlineData("inline fun f(h: |u64|u64): u64 { h(1) } fun g(): u64 { f(3) }", "E04022")]
    [InlineData("inline fun f(h: |u64|u64): u64 { h(1) } fun g(): u64 { f(|x, y| x) }", "E04017")]
    [InlineData("inline fun f(h: |u64|u64): u64 { h(1, 2) } fun g(): u64 { f(|x| x) }", "E04017")]
    [InlineData("inline fun f(h: |u64|u64): u64 { h(1) } fun g(): u64 { f(|x| true) }", "E04007")]
    [InlineData("inline fun f(h: |u64|u64): u64 { let k = h; 1 } fun g(): u64 { f(|x| x) }", "E04022")]
    [InlineData("fun f() { let h = |x| x; }", "E01010")]
    [InlineData("fun f(h: |u64|u64): u64 { 1 }", "E01010")]
    [InlineData("fun f(): |u64|u64 { abort 0 }", "E04022")]
    [InlineData("native inline fun f();", "E04022")]
    public void WhatInliningCannotDoIsRefused(string members, string code)
    {
        Compilation compilation = Sources.Compile("module 0x42::m { " + members + " }");
        Assert.Contains(compilation.Diagnostics, d => d.Code == code);
        Assert.DoesNotContain(compilation.Diagnostics, d => d.Code is "E99003" or "E99004");
        Assert.False(compilation.Success);
    }

    // public packages hand resources of their own to an inline function that is generic over them
    [Fact]
    public void AnInlineFunctionKeepsAResourceOfATypeThatItsCallerDecides() => MoveTests.Pass(
        """
        module 0x42::m {
            struct A has key { v: u64 }
            struct B<phantom T> has key { v: u64 }
            inline fun put<R: key>(to: &signer, r: R): bool {
                let before = exists<R>(@0x7);
                move_to(to, r);
                before
            }
            #[test(s = @0x7)]
            fun t(s: signer) acquires A, B {
                assert!(!put(&s, A { v: 1 }) && !put(&s, B<u8> { v: 2 }) && !put(&s, B<u16> { v: 3 }), 1);
                assert!(borrow_global<A>(@0x7).v == 1 && borrow_global<B<u8>>(@0x7).v == 2 && borrow_global<B<u16>>(@0x7).v == 3, 2);
            }
        }
        """, 1);

    [Theory]
    [InlineData("fun f<R: key>(to: &signer, r: R) { put(to, r) }", "E04009")] // still not known
    [InlineData("fun f<R: key>(to: &signer, r: R) { move_to(to, r) }", "E04009")] // no inline function
    [InlineData("fun f(to: &signer, r: 0x42::other::Open) { put(to, r) }", "E04001")] // of another module
    [InlineData("struct N has drop {} fun f(to: &signer) { put(to, N {}) }", "E05001")]
    [InlineData("inline fun bare<R>(to: &signer, r: R) { move_to(to, r) } fun f() {}", "E05001")]
    public void ATypeThatIsNoResourceOfTheCallersModuleIsRefused(string members, string code)
    {
        Compilation compilation = Sources.Compile("module 0x42::other { struct Open has key {} } module 0x42::m { "
            + "inline fun put<R: key>(to: &signer, r: R) { move_to(to, r) } " + members + " }");
        Assert.Equal([code], compilation.Diagnostics.Where(d => d.Code[0] == 'E').Select(d => d.Code));
        Assert.False(compilation.Success);
    }
}
