using Theseus.Move.Compiler.Tests.Support;

namespace Theseus.Move.Compiler.Tests.Typing;

/// <summary>What a type is where nobody wrote it, and where two types meet. Members stand on line 2, the function on line 3.</summary>
public class InferenceTests
{
    private const string Head = "module 0x42::m {\nstruct S has copy, drop { a: u64 } struct B<T> has copy, drop { t: T } "
        + "struct K has key { a: u64 } fun id<T>(x: T): T { x } fun two<T: drop>(_a: T, _b: T) {} fun ref<T>(x: &T): &T { x }\n";

    private static string[] Errors(string function) =>
        [.. Sources.Places(Sources.Compile(Head + function + "\n}\n")).Where(p => p[0] == 'E')];

    [Theory]
    [InlineData("fun f(): u8 { let x = 1; x }")] // from the result
    [InlineData("fun f(): u8 { let x = 1; let y = x + 2; y }")]
    [InlineData("fun f(): u8 { id(1) }")]
    [InlineData("fun f(): B<u16> { B { t: 7 } }")]
    [InlineData("fun f(): vector<u8> { let v = vector[]; v }")]
    [InlineData("fun f(): vector<vector<u8>> { vector[vector[], vector[1]] }")]
    [InlineData("fun f() { two(1, 2u8); two(1u8, 2); }")] // a literal takes the type of its neighbour
    [InlineData("fun f(x: u128): bool { x == 1 && 1 == x }")]
    [InlineData("fun f(x: u8): u64 { 1 << x }")]
    [InlineData("fun f(): u64 { let x; x = 1; x }")]
    [InlineData("fun f(c: bool): u8 { let x = if (c) 1 else 2; x }")]
    [InlineData("fun f(): u64 { if (true) abort 1 else 2 }")] // what never comes has any type
    [InlineData("fun f(): u64 { loop { break }; 1 }")]
    [InlineData("fun f(): S { return S { a: 1 } }")]
    [InlineData("fun f(s: &mut S): &S { s }")] // a mutable reference where an immutable one is asked for
    [InlineData("fun f(s: &mut S): &S { ref(s) }")]
    [InlineData("fun f(a: &mut u64, b: &u64, c: bool): &u64 { if (c) a else b }")]
    [InlineData("fun f(a: &mut u64, b: &u64): bool { a == b }")]
    [InlineData("fun f(a: &mut u64, b: &u64): (&u64, &u64) { (a, b) }")] // item by item
    [InlineData("fun f(): (u8, u16) { (1, 2) }")]
    [InlineData("fun f(): u8 { let (a, _b) = (1, 2u64); a }")]
    [InlineData("fun f(): u8 { let B { t } = B { t: 3 }; t }")]
    [InlineData("fun f<T>(x: T): B<T> { B { t: id<T>(x) } }")]
    public void ATypeFollowsFromItsUse(string function) => Assert.Equal([], Errors(function));

    [Theory]
    [InlineData("fun f() { two(1u8, 2u64) }", "E04007 3:11")] // of arguments: at the call
    [InlineData("fun f() { two(1, true) }", "E04007 3:11")]
    [InlineData("fun f(x: u64): u64 { x << 1u64 }", "E04007 3:27")] // shifts by u8
    [InlineData("fun f(x: &u64, y: &u8): bool { x == y }", "E04007 3:34")] // of two equal sides: at the operator
    [InlineData("fun f(): u8 { let x = 1u64; x }", "E04007 3:29")]
    [InlineData("fun f(): vector<u8> { vector[1, true] }", "E04007 3:23")] // of items: at the vector
    [InlineData("fun f<T, U>(x: T): U { x }", "E04007 3:24")]
    [InlineData("fun f(s: &mut S): &mut u64 { &s.a }", "E04006 3:30")]
    [InlineData("fun f(): (u8, u16) { (1, 2, 3) }", "E04007 3:22")]
    [InlineData("fun f() { let (_a, _b) = (1, 2, 3); }", "E04007 3:15")]
    [InlineData("fun f(x: u64): u64 { if (x) 1 else 2 }", "E04007 3:26")]
    [InlineData("fun f(x: u64) { while (x) {} }", "E04007 3:24")]
    [InlineData("fun f() { abort true }", "E04007 3:17")]
    [InlineData("fun f() { assert!(1, 2) }", "E04007 3:11")]
    [InlineData("fun f(a: bool): bool { !a && 1 }", "E04007 3:30")]
    [InlineData("fun f(): B<u8> { B<u16> { t: 1 } }", "E04007 3:18")]
    public void TypesThatDifferMeetNowhere(string function, string place) => Assert.Contains(place, Errors(function));

    [Theory]
    [InlineData("fun f() { id(K { a: 1 }); }", "E05001")] // the result is dropped
    [InlineData("fun f() { two(K { a: 1 }, K { a: 2 }) }", "E05001")] // the constraint
    [InlineData("fun f(k: &K): K { *k }", "E05001")] // reading copies
    [InlineData("fun f(k: &mut K) { *k = K { a: 1 } }", "E05001")] // writing drops
    [InlineData("fun f<T>(x: &T): T { *x }", "E05001")]
    [InlineData("fun f<T>(_x: T) {}", "E06001")]
    [InlineData("fun f(b: B<K>): B<K> { copy b }", "E05001")] // abilities of a struct depend on its argument
    [InlineData("fun f(): vector<K> { let v = vector[]; copy v }", "E05001")]
    public void AbilitiesAreAskedOfWhatATypeStandsFor(string function, string codes) =>
        Assert.Contains(Errors(function), e => codes.Split('|').Contains(e[..6]));

    [Theory]
    [InlineData("break", "fun f() { if (true) break }", "E04014 3:21")]
    [InlineData("continue", "fun f() { { continue } }", "E04014 3:13")]
    [InlineData("behind", "fun f() { loop { break }; break }", "E04014 3:27")]
    public void LoopControlStandsInALoop(string _, string function, string place) => Assert.Equal([place], Errors(function));
}
