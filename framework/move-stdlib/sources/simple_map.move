/// A small map in one vector, in order of insertion. Look-ups are linear: for a handful of keys.
module std::simple_map {
    use std::option::{Self, Option};
    use std::vector;

    /// The key is already in the map.
    const EKEY_ALREADY_EXISTS: u64 = 0x80001;
    /// The key is not in the map.
    const EKEY_NOT_FOUND: u64 = 0x60002;

    struct SimpleMap<K, V> has copy, drop, store {
        data: vector<Element<K, V>>
    }

    struct Element<K, V> has copy, drop, store {
        key: K,
        value: V
    }

    public fun new<K: store, V: store>(): SimpleMap<K, V> {
        SimpleMap { data: vector::empty() }
    }

    public fun length<K: store, V: store>(map: &SimpleMap<K, V>): u64 {
        vector::length(&map.data)
    }

    public fun contains_key<K: store, V: store>(map: &SimpleMap<K, V>, key: &K): bool {
        option::is_some(&find(map, key))
    }

    public fun borrow<K: store, V: store>(map: &SimpleMap<K, V>, key: &K): &V {
        let at = find(map, key);
        assert!(option::is_some(&at), EKEY_NOT_FOUND);
        &vector::borrow(&map.data, option::extract(&mut at)).value
    }

    public fun borrow_mut<K: store, V: store>(map: &mut SimpleMap<K, V>, key: &K): &mut V {
        let at = find(map, key);
        assert!(option::is_some(&at), EKEY_NOT_FOUND);
        &mut vector::borrow_mut(&mut map.data, option::extract(&mut at)).value
    }

    public fun add<K: store, V: store>(map: &mut SimpleMap<K, V>, key: K, value: V) {
        assert!(option::is_none(&find(map, &key)), EKEY_ALREADY_EXISTS);
        vector::push_back(&mut map.data, Element { key, value });
    }

    public fun remove<K: store, V: store>(map: &mut SimpleMap<K, V>, key: &K): (K, V) {
        let at = find(map, key);
        assert!(option::is_some(&at), EKEY_NOT_FOUND);
        let Element { key, value } = vector::remove(&mut map.data, option::extract(&mut at));
        (key, value)
    }

    fun find<K: store, V: store>(map: &SimpleMap<K, V>, key: &K): Option<u64> {
        let i = 0;
        let n = vector::length(&map.data);
        while (i < n) {
            if (&vector::borrow(&map.data, i).key == key) return option::some(i);
            i = i + 1;
        };
        option::none()
    }
}
