#[test_only]
module std::map_tests {
    use std::simple_map;
    use std::table;
    use std::unit_test;

    struct Holder has key { items: table::Table<u64, u64> }

    #[test]
    fun a_simple_map_finds_what_was_put_in() {
        let map = simple_map::new<u64, bool>();
        simple_map::add(&mut map, 1, true);
        simple_map::add(&mut map, 2, false);
        assert!(simple_map::length(&map) == 2 && simple_map::contains_key(&map, &2) && !simple_map::contains_key(&map, &3), 1);
        assert!(*simple_map::borrow(&map, &1) && !*simple_map::borrow(&map, &2), 2);
        *simple_map::borrow_mut(&mut map, &2) = true;
        let (key, value) = simple_map::remove(&mut map, &2);
        assert!(key == 2 && value && simple_map::length(&map) == 1 && !simple_map::contains_key(&map, &2), 3);
    }

    #[test]
    #[expected_failure(abort_code = 0x80001, location = std::simple_map)]
    fun a_key_is_added_once() {
        let map = simple_map::new<u64, bool>();
        simple_map::add(&mut map, 1, true);
        simple_map::add(&mut map, 1, false);
    }

    #[test]
    #[expected_failure(abort_code = 0x60002, location = std::simple_map)]
    fun borrowing_an_absent_key_aborts() { simple_map::borrow(&simple_map::new<u64, bool>(), &1); }

    #[test]
    #[expected_failure(abort_code = 0x60002, location = std::simple_map)]
    fun borrowing_an_absent_key_mutably_aborts() { simple_map::borrow_mut(&mut simple_map::new<u64, bool>(), &1); }

    #[test]
    #[expected_failure(abort_code = 0x60002, location = std::simple_map)]
    fun removing_an_absent_key_aborts() { simple_map::remove(&mut simple_map::new<u64, bool>(), &1); }

    #[test]
    fun a_table_keeps_its_items() {
        let t = table::new<vector<u8>, u64>();
        table::add(&mut t, b"a", 1);
        table::add(&mut t, b"b", 2);
        assert!(table::length(&t) == 2 && table::contains(&t, b"a") && !table::contains(&t, b"c"), 1);
        *table::borrow_mut(&mut t, b"a") = 9;
        assert!(*table::borrow(&t, b"a") == 9 && *table::borrow(&t, b"b") == 2, 2);
        assert!(table::remove(&mut t, b"a") == 9 && !table::contains(&t, b"a") && table::length(&t) == 1, 3);
        assert!(table::remove(&mut t, b"b") == 2, 4);
        table::destroy_empty(t);
    }

    #[test]
    fun handles_are_derived_from_the_transaction() {
        unit_test::set_transaction(x"1111111111111111111111111111111111111111111111111111111111111111", b"");
        let first = table::new<u64, u64>();
        let second = table::new<u64, u64>();
        assert!(table::handle(&first) != table::handle(&second), 1);
        table::destroy_empty(first);
        table::destroy_empty(second);
    }

    #[test(owner = @0xb1)]
    fun tables_live_in_resources(owner: &signer) acquires Holder {
        let items = table::new();
        table::add(&mut items, 5, 25);
        move_to(owner, Holder { items });
        assert!(*table::borrow(&borrow_global<Holder>(@0xb1).items, 5) == 25, 1);
    }

    #[test(owner = @0xb1)]
    #[expected_failure(abort_code = 0x30001, location = std::table)]
    fun a_table_with_items_is_not_dropped(owner: &signer) acquires Holder {
        let items = table::new();
        table::add(&mut items, 5, 25);
        move_to(owner, Holder { items });
        let Holder { items } = move_from<Holder>(@0xb1);
        table::destroy_empty(items);
    }

    #[test(owner = @0xb1)]
    #[expected_failure(abort_code = 25607, location = std::table)]
    fun a_table_key_is_added_once(owner: &signer) {
        let items = table::new();
        table::add(&mut items, 5, 25);
        table::add(&mut items, 5, 26);
        move_to(owner, Holder { items });
    }

    #[test(owner = @0xb1)]
    #[expected_failure(abort_code = 25863, location = std::table)]
    fun an_absent_table_key_aborts(owner: &signer) {
        let items = table::new<u64, u64>();
        table::borrow(&items, 5);
        move_to(owner, Holder { items });
    }
}
