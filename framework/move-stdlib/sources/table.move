/// Keyed storage whose items are state values of their own. An item is stored in a box so that any storable value may be one.
module std::table {
    /// A table that may hold items can't be destroyed as empty.
    const ENOT_EMPTY: u64 = 0x30001;

    struct Table<phantom K: copy + drop, phantom V> has store {
        handle: address,
        length: u64
    }

    struct Box<V> has key, drop, store {
        val: V
    }

    public fun new<K: copy + drop, V: store>(): Table<K, V> {
        Table { handle: new_table_handle<K, V>(), length: 0 }
    }

    public fun length<K: copy + drop, V>(t: &Table<K, V>): u64 { t.length }

    public fun handle<K: copy + drop, V>(t: &Table<K, V>): address { t.handle }

    /// Aborts when the key exists.
    public fun add<K: copy + drop, V>(t: &mut Table<K, V>, key: K, val: V) {
        add_box<K, V, Box<V>>(t, key, Box { val });
        t.length = t.length + 1;
    }

    /// Aborts when the key does not exist.
    public fun borrow<K: copy + drop, V>(t: &Table<K, V>, key: K): &V {
        &borrow_box<K, V, Box<V>>(t, key).val
    }

    public fun borrow_mut<K: copy + drop, V>(t: &mut Table<K, V>, key: K): &mut V {
        &mut borrow_box_mut<K, V, Box<V>>(t, key).val
    }

    public fun remove<K: copy + drop, V>(t: &mut Table<K, V>, key: K): V {
        let Box { val } = remove_box<K, V, Box<V>>(t, key);
        t.length = t.length - 1;
        val
    }

    public fun contains<K: copy + drop, V>(t: &Table<K, V>, key: K): bool {
        contains_box<K, V, Box<V>>(t, key)
    }

    public fun destroy_empty<K: copy + drop, V>(t: Table<K, V>) {
        assert!(t.length == 0, ENOT_EMPTY);
        destroy_empty_box<K, V, Box<V>>(&t);
        drop_unchecked_box<K, V, Box<V>>(t);
    }

    native fun new_table_handle<K, V>(): address;

    native fun add_box<K: copy + drop, V, B>(t: &mut Table<K, V>, key: K, val: Box<V>);

    native fun borrow_box<K: copy + drop, V, B>(t: &Table<K, V>, key: K): &Box<V>;

    native fun borrow_box_mut<K: copy + drop, V, B>(t: &mut Table<K, V>, key: K): &mut Box<V>;

    native fun contains_box<K: copy + drop, V, B>(t: &Table<K, V>, key: K): bool;

    native fun remove_box<K: copy + drop, V, B>(t: &mut Table<K, V>, key: K): Box<V>;

    native fun destroy_empty_box<K: copy + drop, V, B>(t: &Table<K, V>);

    native fun drop_unchecked_box<K: copy + drop, V, B>(t: Table<K, V>);
}
