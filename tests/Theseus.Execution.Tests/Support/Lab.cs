namespace Theseus.Execution.Tests;

/// <summary>A module for tests beside the framework: it fails, spins, writes and emits as it is told.</summary>
internal static class Lab
{
    public const string Source =
        """
        module theseus_framework::lab {
            use std::option::Option;
            use std::signer;
            use std::string::{Self, String};
            use std::table::{Self, Table};
            use std::vector;
            use theseus_framework::coin;
            use theseus_framework::event;
            use theseus_framework::theseus_coin::TheseusCoin;

            #[event]
            struct Noise has drop, store { data: vector<u8> }
            struct Blob has key { data: vector<u8> }
            struct Shelf<phantom T: copy + drop> has key { items: Table<T, vector<u8>> }
            struct Deep<phantom T> has key { value: u8 }

            public entry fun nothing() {}
            public entry fun fail(code: u64) { abort code }
            public entry fun spin() { while (true) {} }
            public entry fun divide(by: u64) { let _ = 1 / by; }
            public fun open() {}
            public entry fun hash() { std::hash::sha2_256(x""); }
            fun hidden() {}
            public entry fun two(_owner: &signer, _a: u64, _b: bool) {}
            public entry fun text(_text: String) {}
            public entry fun maybe(_some: Option<u64>) {}
            public entry fun list(_list: vector<Option<String>>) {}
            public entry fun generic<T>() {}
            public entry fun all(_a: u64, _b: vector<u8>, _c: bool, _d: address, _e: u8, _f: u128, _g: u16, _h: u32, _i: u256) {}

            public entry fun noise(bytes: u64) { event::emit(Noise { data: filled(bytes) }); }

            public entry fun keep(owner: &signer, bytes: u64) { move_to(owner, Blob { data: filled(bytes) }); }

            public entry fun deep<T>(owner: &signer) { move_to(owner, Deep<T> { value: 1 }); }

            public entry fun name(owner: &signer, key_bytes: u64) {
                let shelf = Shelf<vector<u8>> { items: table::new() };
                table::add(&mut shelf.items, filled(key_bytes), x"01");
                move_to(owner, shelf);
            }

            /// Items of 1,000,000 bytes, and one of another size.
            public entry fun fill(owner: &signer, count: u64, last: u64) {
                let shelf = Shelf<u64> { items: table::new() };
                let data = filled(1000000);
                let i = 0;
                while (i < count) {
                    table::add(&mut shelf.items, i, *&data);
                    i = i + 1;
                };
                while (vector::length(&data) > last) { vector::pop_back(&mut data); };
                table::add(&mut shelf.items, count, data);
                move_to(owner, shelf);
            }

            /// Writes, then fails: nothing of it may stay.
            public entry fun keep_and_fail(owner: &signer, to: address) {
                event::emit(Noise { data: x"01" });
                move_to(owner, Blob { data: x"02" });
                coin::transfer<TheseusCoin>(owner, to, 5);
                abort 77
            }

            public entry fun squander(owner: &signer, to: address, leave: u64) {
                let all = coin::balance<TheseusCoin>(signer::address_of(owner));
                coin::transfer<TheseusCoin>(owner, to, all - leave);
            }

            #[view]
            public fun endless(): u64 { while (true) {}; 0 }
            #[view]
            public fun blob(owner: address): u64 acquires Blob { vector::length(&borrow_global<Blob>(owner).data) }
            #[view]
            public fun greedy(): u64 {
                let data = vector[filled(64)];
                while (true) { let more = *&data; vector::append(&mut data, more); };
                0
            }
            #[view]
            public fun read_all(owners: vector<address>): u64 acquires Blob {
                let sum = 0;
                while (!vector::is_empty(&owners)) { sum = sum + blob(vector::pop_back(&mut owners)); };
                sum
            }
            #[view]
            public fun index_of(s: String, part: String): u64 { string::index_of(&s, &part) }

            fun filled(bytes: u64): vector<u8> {
                let data = vector::empty();
                while (bytes > 0) {
                    vector::push_back(&mut data, 7);
                    bytes = bytes - 1;
                };
                data
            }
        }
        """;
}
