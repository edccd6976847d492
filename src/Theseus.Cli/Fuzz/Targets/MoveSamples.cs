using Theseus.Move.Compiler;
using Theseus.Move.Format;
using Theseus.Protocol;

namespace Theseus.Cli.Fuzz.Targets;

/// <summary>Small programs that together use all of the language.</summary>
internal static class MoveSamples
{
    /// <summary>What the programs are compiled with.</summary>
    public static CompilerOptions Options(IReadOnlyList<CompiledModule> libraries) => new()
    {
        Libraries = libraries, Addresses = new SortedDictionary<string, Address>(StringComparer.Ordinal) { ["std"] = Address.One },
    };

    /// <summary>Each compiles alone on the framework.</summary>
    public static IReadOnlyList<string> Programs { get; } =
    [
        """
        module 0x42::values {
            use std::vector;

            const EWRONG: u64 = 7;
            const NAMES: vector<vector<u8>> = vector[b"a", x"00ff"];

            struct Pair<phantom T, A: store + drop> has copy, drop, store { first: u64, second: vector<A>, flag: bool }
            struct Cell has key { value: u256, owner: address }

            public fun arithmetic(a: u8, b: u64, c: u128): u256 {
                let d = ((a as u64) + b * 3 - b / 2) % 1000;
                let e = (d as u128) ^ c | 5 & c;
                ((e << 3) >> 1 as u256)
            }

            public fun loops(n: u64): u64 {
                let i = 0;
                let sum = 0;
                while (i < n) {
                    i = i + 1;
                    if (i % 3 == 0) continue;
                    if (sum > 1000) break;
                    sum = sum + i;
                };
                loop { if (sum < 100) break; sum = sum / 2; };
                sum
            }

            public fun pairs(x: vector<u64>): Pair<u8, u64> {
                vector::push_back(&mut x, 1);
                let p = Pair<u8, u64> { first: vector::length(&x), second: x, flag: true };
                let r = &mut p.second;
                *vector::borrow_mut(r, 0) = 9;
                vector::swap(r, 0, 0);
                p
            }

            public fun keep(s: &signer) { move_to(s, Cell { value: 1, owner: @0x42 }) }

            public fun change(at: address): u256 acquires Cell {
                if (!exists<Cell>(at)) return 0;
                let cell = borrow_global_mut<Cell>(at);
                cell.value = cell.value + 1;
                let Cell { value, owner: _ } = move_from<Cell>(at);
                value
            }

            public fun generic<T: copy + drop, U: drop>(t: T, u: U): vector<T> {
                let v = vector[t, copy t];
                u;
                assert!(!vector::is_empty(&v), EWRONG);
                v
            }

            fun deep(n: u64): u64 { if (n == 0) 0 else 1 + deep(n - 1) }
            public fun recurse(n: u64): u64 { deep(n) }
            public fun refs(a: &mut u64, b: &u64): u64 { *a = *b + 1; let c = freeze(a); *c }
            public fun fail(code: u64) { abort code }
        }
        """,
        """
        module 0x42::library {
            use std::string::{Self, String};
            use std::option::{Self, Option};
            friend 0x42::user;

            struct Item has store, drop, copy { name: String, note: Option<u64> }

            public inline fun each<T: copy + drop>(v: &vector<T>, f: |T|) {
                let i = 0;
                while (i < std::vector::length(v)) { f(*std::vector::borrow(v, i)); i = i + 1; };
            }

            public(friend) fun item(bytes: vector<u8>): Item { Item { name: string::utf8(bytes), note: option::some(3) } }
            public fun name(item: &Item): &String { &item.name }
            public fun sum(v: vector<u64>): u64 { let s = 0; each(&v, |x| { s = s + x; }); s }
        }
        module 0x42::user {
            use 0x42::library as l;
            public entry fun run(s: &signer, bytes: vector<u8>) {
                let i = l::item(bytes);
                let _ = l::name(&i);
                assert!(l::sum(vector[1, 2, 3]) == 6, 1);
                let _ = std::signer::address_of(s);
            }
            spec run { aborts_if false; }
            #[test(s = @0x1)]
            #[expected_failure(abort_code = 1, location = 0x42::user)]
            fun fails(s: signer) { let _ = s; abort 1 }
            #[test_only]
            fun helper(): u64 { 1 }
        }
        """,
        """
        script {
            use std::vector;
            const LIMIT: u64 = 10;
            fun main<T: drop>(s: signer, x: u64, list: vector<u8>) {
                let i = 0;
                while (i < LIMIT && x > 0) { vector::push_back(&mut list, (i as u8)); i = i + 1 };
                let (a, b) = (x, &i);
                assert!(a + *b >= LIMIT || a == 0, 3);
                let _ = s;
            }
        }
        """,
        "script { fun nothing() {} }",
        """
        address 0x42 {
            module small {
                struct S has key, store, drop, copy { a: address, b: vector<vector<u8>> }
                public fun make(): S { S { a: @0x1, b: vector[b"x", vector[]] } }
                public fun same(x: S, y: S): bool { x == y && !(x != copy y) }
            }
        }
        """,
    ];
}
