using Theseus.Move.Natives;
using Theseus.Move.Runtime;

namespace Theseus.Execution.Tests;

/// <summary>
/// What a gas unit takes at worst, by kind of work; run by name with -explicit only and -diagnostics (figures depend on the
/// machine). One unit is meant to be
/// 100 ns. Decision 0083 says what follows for the gas of a block. // fault 83
/// </summary>
public class DearestCode
{
    private const ulong Units = 400_000;

    private const string Source = """
        module 0x1::dear {
            use std::bcs;
            use std::from_bcs;
            use std::hash;
            use std::string;
            use std::table::{Self, Table};
            use std::type_info;
            use std::vector;

            struct S has copy, drop, store { a: u64, b: u64 }
            struct R has key, store { v: u64 }
            struct Pair<A, B> has copy, drop, store { a: A, b: B }
            struct Shelf has key { items: Table<u64, u64> }
            const EMPTY: vector<vector<u8>> = vector[x"", x"", x"", x"", x"", x"", x"", x"", x"", x"", x"", x"", x"", x"", x"", x""];
            const BYTES: vector<u8> = b"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

            public fun branch() { loop {} }
            public fun add() { let i = 0; loop { i = i + 1; } }
            public fun divide() { let i = 18446744073709551615; loop { let _ = i / 3; let _ = i % 7; } }
            public fun wide_add() { let i = 0u256; loop { i = i + 1; } }
            public fun wide_mul() { let i = 0x123456789abcdef0123456789abcdefu256; loop { let _ = i * i; } }
            public fun wide_div() {
                let i = 0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffu256; let j = 0xfedcba9876543210fedcba987u256;
                loop { let _ = i / j; }
            }
            public fun wide_div_128() { 
                let i = 0xffffffffffffffffffffffffffffffffu128;
                let j = 0xfedcba987654321u128;
                loop { let _ = i / j; } }
            public fun wide_compare() { let i = 1u256; let j = 2u256; loop { let _ = i < j; } }
            public fun wide_shift() { let i = 1u256; loop { let _ = i << 77; } }
            public fun casts() { let i = 7u64; loop { let _ = (i as u256); } }
            public fun pack() { loop { let s = S { a: 1, b: 2 }; let S { a: _, b: _ } = s; } }
            public fun generic_pack() { loop { let s = Pair<u64, bool> { a: 1, b: true }; let Pair { a: _, b: _ } = s; } }
            public fun copies() { let s = S { a: 1, b: 2 }; loop { let t = *&s; let S { a: _, b: _ } = t; } }
            public fun copies_nested() { let s = vector[x"", x"", x"", x"", x"", x"", x"", x""]; loop { let _ = *&s; } }
            public fun copies_bytes() { let s = BYTES; loop { let _ = *&s; } }
            public fun copies_large() {
                let s = vector::empty<vector<u8>>(); let i = 0; while (i < 2000) { vector::push_back(&mut s, x"07"); i = i + 1; };
                loop { let _ = *&s; }
            }
            public fun constants() { loop { let _ = EMPTY; } }
            public fun constant_bytes() { loop { let _ = BYTES; } }
            public fun equal() { let s = vector[x"01", x"02", x"03", x"04"]; let t = *&s; loop { let _ = s == t; } }
            public fun equal_addresses() { let s = vector[@0x1, @0x2, @0x3, @0x4]; let t = *&s; loop { let _ = &s == &t; } }
            public fun push_pop() { let v = vector::empty<u64>(); loop { vector::push_back(&mut v, 7); vector::pop_back(&mut v); } }
            public fun grow() {
                loop { let v = vector::empty<u64>(); let i = 0; while (i < 100) { vector::push_back(&mut v, 7); i = i + 1; } }
            }
            public fun vectors() { loop { let v = vector[1u64]; let w = vector[v]; let _ = vector::length(&w); } }
            public fun swap() { let v = vector[1u64, 2]; loop { vector::swap(&mut v, 0, 1); } }
            public fun borrow() { let v = vector[1u64, 2]; loop { let r = vector::borrow_mut(&mut v, 1); *r = *r + 1 ; } }
            fun nothing() {}
            fun eight(_a: u64, _b: u64, _c: u64, _d: u64, _e: u64, _f: u64, _g: u64, _h: u64) {}
            fun generic<T>() {}
            fun down(n: u64) { if (n > 0) down(n - 1) }
            public fun calls() { loop { nothing(); } }
            public fun calls_wide() { loop { eight(1, 2, 3, 4, 5, 6, 7, 8); } }
            public fun calls_deep() { loop { down(1000); } }
            public fun calls_generic() { loop { generic<u64>(); } }
            public fun globals() acquires R {
                loop { let _ = exists<R>(@0x1); if (exists<R>(@0x2)) { let r = borrow_global_mut<R>(@0x2); r.v = 1; } }
            }
            public fun fresh_globals() {
                let i = 0u256;
                loop { i = i + 1; let a = from_bcs::to_address(bcs::to_bytes(&i)); let _ = exists<R>(a); }
            }
            public fun tables() {
                let t = table::new<u64, u64>();
                let i = 0;
                loop { table::add(&mut t, 1, i); let r = table::borrow_mut(&mut t, 1); *r = *r + 1; let _ = table::remove(&mut t, 1); }
            }
            public fun fresh_items(s: &signer) {
                let t = table::new<u64, u64>();
                let i = 0;
                while (i < 1000000) { table::add(&mut t, i, i); i = i + 1; };
                move_to(s, Shelf { items: t });
            }
            public fun new_tables() { loop { let t = table::new<u64, u64>(); table::destroy_empty(t); } }
            public fun hashes() { loop { let _ = hash::sha2_256(x""); } }
            public fun hashes_3() { loop { let _ = hash::sha3_256(x""); } }
            public fun hash_long() {
                let s = BYTES; let i = 0;
                while (i < 8) { let t = *&s; vector::append(&mut s, t); i = i + 1; };
                loop { let _ = hash::sha3_256(*&s); }
            }
            public fun encode() { let s = vector[@0x1, @0x2, @0x3]; loop { let _ = bcs::to_bytes(&s); } }
            public fun encode_small() { let s = 7u64; loop { let _ = bcs::to_bytes(&s); } }
            public fun decode() { let b = bcs::to_bytes(&@0x7); loop { let _ = from_bcs::to_address(*&b); } }
            public fun names() { loop { let _ = type_info::type_name<Pair<Pair<u64, u64>, Pair<u64, vector<u64>>>>(); } }
            public fun texts() { let s = string::utf8(b"0123456789abcdef"); loop { let _ = string::sub_string(&s, 1, 9); } }
            public fun search() {
                let s = string::utf8(b"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab");
                let t = string::utf8(b"aaaaaaaaaaaaaaaaaaaaaaaaab");
                loop { let _ = string::index_of(&s, &t); }
            }
        }
        """;

    [Fact(Explicit = true)]
    public void NanosecondsForAGasUnit()
    {
        SortedDictionary<ModuleId, byte[]> modules = [];
        foreach (byte[] blob in Framework.Modules.Append(Framework.Lone(Source, onFramework: true)))
        {
            modules.Add(Framework.IdOf(blob), blob);
        }

        List<(double Nanoseconds, string Line)> figures = [];
        foreach (StackRules rules in StackTable.BuiltIn().Select(static entry => ((RuleStack)entry.Create()).Rules))
        {
            CodeSnapshot code = CodeSnapshot.Load(Hash32.Zero, rules.Move, rules.Natives, id => modules.GetValueOrDefault(id));
            foreach (LoadedFunction function in code.Find(new ModuleId(Address.One, "dear"))!.Functions.Where(
                found => found.Definition!.Visibility == Move.Format.Visibility.Public))
            {
                double best = double.MaxValue;
                VmStatus status = VmStatus.Success;
                for (int round = 0; round < 4; round++)
                {
                    GasMeter gas = GasMeter.OfUnits(Units);
                    Session session = new(code, new MapState(), new TestFacts(), gas);
                    TimeSpan before = Environment.CpuUsage.TotalTime;
                    Address[] signers = function.Parameters.Count > 0 ? [Address.One] : [];
                    status = session.CallFunction(new ModuleId(Address.One, "dear"), function.Name, [], [], signers).Status;
                    double taken = (Environment.CpuUsage.TotalTime - before).TotalNanoseconds / gas.UsedUnits;
                    best = round == 0 ? best : double.Min(best, taken); // the first round compiles
                }

                figures.Add((best, $"{rules.Name} {function.Name,-16} {best,6:F0} ns a unit, {status.Major}"));
            }
        }

        foreach ((_, string line) in figures.OrderByDescending(figure => figure.Nanoseconds))
        {
            TestContext.Current.SendDiagnosticMessage(line);
        }
    }
}
