using Theseus.Move.Compiler.Tests.Support;

namespace Theseus.Move.Compiler.Tests;

/// <summary>What compiled programs do. Every expected number was worked out by hand.</summary>
public class LanguageTests
{
    [Fact]
    public void OperatorsHaveTheirPrecedence() => MoveTests.Pass("""
        module 0x42::m {
            #[test] fun sums() { assert!(1 + 2 * 3 - 4 / 2 % 3 == 5, 1); }
            #[test] fun bits() { assert!(1 | 2 ^ 3 & 1 << 2 == 3, 2); }
            #[test] fun shifts() { assert!(1 << 2 + 1 == 8, 3); }
            #[test] fun compares() { assert!(!(1 > 2) && 3 >= 3 && 1 <= 2 && 1 != 2 || false, 4); }
            #[test] fun left() { assert!(10 - 3 - 2 == 5 && 100 / 10 / 5 == 2, 5); }
            #[test] fun casts() { assert!((255u8 as u64) + 1 == 256 && ((1u256 << 200) >> 199 as u8) == 2, 6); }
            #[test] fun literals() { assert!(0xFF == 255 && 1_000 == 1000 && 0x1_0u8 == 16, 7); }
        }
        """, 7);

    [Fact]
    public void ControlFlowYieldsValues() => MoveTests.Pass("""
        module 0x42::m {
            fun sum(n: u64): u64 { let s = 0; let i = 0; while (i < n) { i = i + 1; if (i % 2 == 0) continue; if (i > 7) break; s = s + i }; s }
            fun find(n: u64): u64 { let i = 0; loop { if (i * i >= n) break; i = i + 1 }; i }
            fun sign(x: u64): u64 { if (x == 0) 10 else if (x == 1) 11 else { let y = x + 1; y * 2 } }
            fun early(x: u64): u64 { if (x > 5) return 1; loop { return 2 } }
            #[test] fun sums() { assert!(sum(6) == 9, 1); assert!(sum(100) == 16, 2); }
            #[test] fun loops() { assert!(find(17) == 5, 1); }
            #[test] fun ifs() { assert!(sign(0) == 10 && sign(1) == 11 && sign(4) == 10, 1); }
            #[test] fun returns() { assert!(early(6) == 1 && early(5) == 2, 1); }
            #[test] fun nested() { let x = { let a = 1; { let a = a + 1; a * 10 } + a }; assert!(x == 21, 1); }
            #[test] fun short_circuit() { let x = false && { abort 9 }; let y = true || { abort 8 }; assert!(!x && y, 1); }
            #[test] fun in_operands() { let c = true; let z = (if (c) 3 else 4) + (if (!c) 5 else 6) * 2; assert!(z == 15, 1); }
        }
        """, 7);

    [Fact]
    public void OperandsAreEvaluatedFromLeftToRight() => MoveTests.Pass("""
        module 0x42::m {
            struct P has drop { a: u64, b: u64 }
            fun next(x: &mut u64): u64 { *x = *x + 1; *x }
            fun three(a: u64, b: u64, c: u64): u64 { a * 100 + b * 10 + c }
            #[test] fun arguments() { let n = 0; assert!(three(next(&mut n), next(&mut n), next(&mut n)) == 123, 1); }
            #[test] fun with_statements() { let n = 0; let r = three(next(&mut n), { n = 5; n }, next(&mut n)); assert!(r == 156, r); }
            #[test] fun earlier_operand_is_saved() { let x = 1; let r = x + { x = 10; x } + x; assert!(r == 21, r); }
            #[test] fun packs_in_source_order() { let n = 0; let P { a, b } = P { b: next(&mut n), a: next(&mut n) }; assert!(a == 2 && b == 1, 1); }
            #[test] fun value_before_place() { let v = 7; let p = P { a: 0, b: 0 }; p.a = { v = v + 1; v }; assert!(p.a == 8 && p.b == 0, 1); }
            #[test] fun tuples() { let a = 1; let b = 2; (a, b) = (b, a); assert!(a == 2 && b == 1, 1); }
        }
        """, 6);

    [Fact]
    public void StructsReferencesAndGenericsWorkTogether() => MoveTests.Pass("""
        module 0x42::m {
            struct In has copy, drop, store { v: u64 }
            struct Out<T> has copy, drop, store { inner: In, other: T }
            struct Empty has copy, drop {}
            struct Tag<phantom T> has copy, drop { n: u8 }
            fun id<T>(x: T): T { x }
            fun swap<A, B>(a: A, b: B): (B, A) { (b, a) }
            fun set(o: &mut Out<bool>, v: u64) { o.inner.v = v }
            fun get<T>(o: &Out<T>): &u64 { &o.inner.v }
            #[test] fun fields() { let o = Out { inner: In { v: 1 }, other: true }; set(&mut o, 5); assert!(*get(&o) == 5 && o.inner.v == 5 && o.other, 1); }
            #[test] fun unpack() { let Out { inner: In { v }, other: _ } = Out { inner: In { v: 3 }, other: 1u8 }; assert!(v == 3, 1); }
            #[test] fun unpack_reference() { let o = Out { inner: In { v: 3 }, other: 4u8 }; let Out { inner: In { v }, other } = &mut o; *v = *v + 1; *other = 9; assert!(o.inner.v == 4 && o.other == 9, 1); }
            #[test] fun swaps() { let (a, b) = swap(1u8, true); assert!(a && b == 1u8, 1); }
            #[test] fun equality() { assert!(Empty {} == Empty {} && &In { v: 1 } != &In { v: 2 }, 1); }
            #[test] fun phantoms() { let t = Tag<In> { n: 7 }; assert!(id(t).n == 7, 1); }
            #[test] fun copies_are_separate() { let a = In { v: 1 }; let b = a; b.v = 2; assert!(a.v == 1 && b.v == 2, 1); }
            #[test] fun references_choose() { let x = 1; let y = 2; let r = if (x > y) &mut x else &mut y; *r = 10; assert!(x == 1 && y == 10, 1); }
            #[test] fun freezes() { let o = Out { inner: In { v: 8 }, other: 0u64 }; let m = &mut o; let r: &Out<u64> = m; assert!(*get(r) == 8, 1); }
            #[test] fun mutable_references_compare() { let a = 1; let b = 1; assert!(&mut a == &mut b, 1); }
            #[test] fun shadowing() { let x = 1u8; let x = (x as u64) + 1; assert!(x == 2, 1); }
        }
        """, 11);

    [Fact]
    public void GlobalsAreStoredAndFound() => MoveTests.Pass("""
        module 0x42::m {
            struct R has key { v: u64 }
            struct G<T: store> has key { t: T }
            fun bump(a: address): u64 acquires R { let r = borrow_global_mut<R>(a); r.v = r.v + 1; r.v }
            fun read(a: address): u64 acquires R { borrow_global<R>(a).v }
            #[test(s = @0x7)] fun cycle(s: &signer) acquires R {
                assert!(!exists<R>(@0x7), 1);
                move_to(s, R { v: 1 });
                assert!(bump(@0x7) == 2 && read(@0x7) == 2, 2);
                let R { v } = move_from<R>(@0x7);
                assert!(v == 2 && !exists<R>(@0x7), 3);
            }
            #[test(s = @0x7)] fun generic(s: signer) acquires G { move_to(&s, G { t: 5u8 }); assert!(borrow_global<G<u8>>(@0x7).t == 5 && !exists<G<u64>>(@0x7), 1); }
            #[test] #[expected_failure(major_status = 4008, location = Self)] fun missing() acquires R { read(@0x9); }
        }
        """, 3);

    [Fact]
    public void ConstantsAndLiteralsHaveTheirBytes() => MoveTests.Pass("""
        module 0x42::m {
            const A: address = @0x42;
            const N: u128 = (1 << 100) + 7;
            const V: vector<u64> = vector[1, 2, 3];
            const S: vector<u8> = b"a\n\x41\"";
            const M: u8 = { 200 + 55 };
            const L: bool = 1 < 2 && !false;
            #[test] fun all() {
                assert!(A == @0x42 && N == 1267650600228229401496703205383, 1);
                assert!(V == vector[1, 2, 3], 2);
                assert!(S == x"610a4122" && S == vector[97u8, 10, 65, 34], 3);
                assert!(M == 255 && L, 4);
                assert!(b"" == vector[], 5);
            }
            #[test] fun a_constant_is_fresh_each_time() { let v = V; let w = &mut v; *w = vector[9]; assert!(V == vector[1, 2, 3] && v == vector[9], 1); }
        }
        """, 2);

    [Fact]
    public void TrapsNameTheFailingLine()
    {
        Testing.TestReport report = MoveTests.Run("""
            module 0x42::m {
                fun inner(x: u64): u64 {
                    x - 1
                }
                #[test] fun t() {
                    inner(0);
                }
            }
            """);
        Testing.TestResult result = Assert.Single(report.Results);
        Assert.False(result.Passed);
        Assert.Equal(new SourceLocation("a.move", 3, 9), result.Location);
    }

    [Fact]
    public void VectorFunctionsCompileToInstructions()
    {
        const string program = """
            module 0x1::vector {
                native public fun empty<E>(): vector<E>;
                native public fun length<E>(v: &vector<E>): u64;
                native public fun borrow<E>(v: &vector<E>, i: u64): &E;
                native public fun borrow_mut<E>(v: &mut vector<E>, i: u64): &mut E;
                native public fun push_back<E>(v: &mut vector<E>, e: E);
                native public fun pop_back<E>(v: &mut vector<E>): E;
                native public fun destroy_empty<E>(v: vector<E>);
                native public fun swap<E>(v: &mut vector<E>, i: u64, j: u64);
            }
            module 0x42::m {
                use 0x1::vector;
                #[test] fun all() {
                    let v = vector::empty<u64>();
                    vector::push_back(&mut v, 4);
                    vector::push_back(&mut v, 5);
                    vector::swap(&mut v, 0, 1);
                    *vector::borrow_mut(&mut v, 0) = 7;
                    assert!(*vector::borrow(&v, 0) == 7 && *vector::borrow(&v, 1) == 4 && vector::length(&v) == 2, 1);
                    assert!(vector::pop_back(&mut v) == 4 && vector::pop_back(&mut v) == 7, 2);
                    vector::destroy_empty(v);
                }
            }
            """;
        MoveTests.Pass(program, 1);
        CompiledSource unit = Sources.CompileTests(program).Units.Single(u => u.Id.Name == "m");
        // no call remains: the eight natives are opcodes
        Assert.DoesNotContain(unit.Module!.FunctionDefinitions[0].Code!.Code, i => i.Opcode is Format.Opcode.Call
            or Format.Opcode.CallGeneric);
    }

    [Fact]
    public void InlineFunctionsExpandWithHygiene() => MoveTests.Pass("""
        module 0x42::m {
            inline fun twice(f: |u64|u64, x: u64): u64 { let y = f(x); f(y) }
            inline fun times(n: u64, f: |u64|) { let i = 0; while (i < n) { f(i); i = i + 1 } }
            inline fun fold<T>(n: u64, zero: T, f: |T, u64|T): T { let acc = zero; times(n, |i| acc = f(acc, i)); acc }
            inline fun pass(g: |u64|u64): u64 { twice(g, 1) }
            inline fun with_reference(x: &mut u64, f: |&mut u64|) { f(x) }
            #[test] fun applied_twice() { assert!(twice(|a| a * 3, 2) == 18, 1); }
            #[test] fun captures() { let i = 100; let s = 0; times(4, |k| s = s + k + i); assert!(s == 406 && i == 100, s); }
            #[test] fun folds() { assert!(fold(5, 0, |a, i| a * 2 + i) == 26, 1); }
            #[test] fun handed_on() { let y = 10; assert!(pass(|x| x + y) == 21, 1); }
            #[test] fun mutable_arguments() { let n = 1; with_reference(&mut n, |r| *r = *r + 41); assert!(n == 42, n); }
            #[test] fun lambdas_nest() { let t = 0; times(3, |i| times(2, |j| t = t + i * 10 + j)); assert!(t == 63, t); }
            #[test] fun once_each() { let c = 0; let v = twice(|a| { c = c + 1; a }, { c = c + 10; 7 }); assert!(v == 7 && c == 12, c); }
        }
        """, 7);

    [Fact]
    public void InlineCodeRespectsTheCallingModule()
    {
        Compilation compilation = Sources.Compile("""
            module 0x42::a {
                struct S has drop { v: u64 }
                public fun s(): S { S { v: 1 } }
                public inline fun peek(s: &S): u64 { s.v }
            }
            module 0x42::b {
                fun f(): u64 { 0x42::a::peek(&0x42::a::s()) }
            }
            """);
        Assert.Equal(["E04001 4:42"], Sources.Places(compilation));
    }

    [Fact]
    public void RecursiveInlineFunctionsAreRefused()
    {
        Compilation compilation = Sources.Compile("module 0x42::m {\n    inline fun f(x: u64): u64 { f(x) }\n    fun g(): u64 { f(1) "
            + "}\n}\n");
        Assert.Equal(["E04022 2:33"], Sources.Places(compilation));
    }

    [Fact]
    public void ScriptsCompile()
    {
        Compilation compilation = Sources.Compile("""
            module 0x42::m { public fun f(_x: u64) {} }
            script { use 0x42::m; const C: u64 = 5; fun main<T: store>(_s: &signer, n: u64) { m::f(n + C) } }
            """);
        Assert.Empty(Sources.Places(compilation));
        CompiledSource script = compilation.Units[1];
        Assert.NotNull(script.Script);
        Assert.Equal([Format.Abilities.Store], script.Script.TypeParameters);
        Assert.Equal([Format.Opcode.MoveLoc, Format.Opcode.LdU64, Format.Opcode.Add, Format.Opcode.Call, Format.Opcode.Ret],
            script.Script.Code.Code.Select(i => i.Opcode));
    }

    [Fact]
    public void LastCopiesBecomeMovesAndDeadStoresPops()
    {
        Compilation compilation = Sources.Compile("module 0x42::m { fun f(x: u64): u64 { let _y = x; x + x } }");
        Assert.Equal(
            [Format.Opcode.CopyLoc, Format.Opcode.Pop, Format.Opcode.CopyLoc, Format.Opcode.MoveLoc, Format.Opcode.Add, Format.Opcode.Ret],
            compilation.Units[0].Module!.FunctionDefinitions[0].Code!.Code.Select(i => i.Opcode));
    }

    [Fact]
    public void AValueUsedOnceAndAtOnceStaysOnTheStack()
    {
        Format.FunctionDefinition function = Sources.Compile("module 0x42::m { fun f(x: u64): u64 { let y = x + 1; let z = y * 2; z / "
            + "3 } }").Units[0].Module!.FunctionDefinitions[0];
        Assert.Equal(
            [Format.Opcode.MoveLoc, Format.Opcode.LdU64, Format.Opcode.Add, Format.Opcode.LdU64, Format.Opcode.Mul,
                Format.Opcode.LdU64, Format.Opcode.Div, Format.Opcode.Ret],
            function.Code!.Code.Select(i => i.Opcode));
    }

    [Fact]
    public void EachFunctionWithABorrowErrorIsReported()
    {
        Compilation compilation = Sources.Compile("module 0x42::m {\n    fun f(): &u64 { let x = 1; &x }\n    fun g() {}\n    fun "
            + "h(): &u64 { let y = 2; &y }\n}\n");
        Assert.Equal(["E07004 2:32", "E07004 4:32"], Sources.Places(compilation));
    }

    [Fact]
    public void AConditionKnownBeforehandCountsAsUnknownForAssignment()
    {
        Compilation compilation = Sources.Compile("module 0x42::m {\n    fun f(): u64 { let x; if (true) x = 1; x }\n}\n");
        Assert.Equal(["E06002 2:44"], Sources.Places(compilation));
    }

    [Fact]
    public void SpecificationsAreSkipped() => MoveTests.Pass("""
        module 0x42::m {
            spec module { pragma verify = true; }
            spec fun helper(x: u64): bool { x > 0 }
            fun f(x: u64): u64 { spec { assert x > 0; }; let i = 0; while (i < x) { i = i + 1 } ; i }
            spec f { ensures result == x; }
            spec schema S { x: u64; ensures x > 1; }
            #[test] fun t() { assert!(f(3) == 3, 1); }
        }
        spec 0x42::m { spec f { aborts_if false; } }
        """, 1);
}
