/// UTF-8 text.
module std::string {
    use std::option::{Self, Option};
    use std::vector;

    /// The bytes are not UTF-8.
    const EINVALID_UTF8: u64 = 1;
    /// The index is beyond the text or inside a character.
    const EINVALID_INDEX: u64 = 2;

    struct String has copy, drop, store {
        bytes: vector<u8>
    }

    public fun utf8(bytes: vector<u8>): String {
        assert!(internal_check_utf8(&bytes), EINVALID_UTF8);
        String { bytes }
    }

    public fun try_utf8(bytes: vector<u8>): Option<String> {
        if (internal_check_utf8(&bytes)) option::some(String { bytes }) else option::none()
    }

    public fun bytes(s: &String): &vector<u8> {
        &s.bytes
    }

    public fun is_empty(s: &String): bool {
        vector::is_empty(&s.bytes)
    }

    /// Length in bytes.
    public fun length(s: &String): u64 {
        vector::length(&s.bytes)
    }

    public fun append(s: &mut String, other: String) {
        vector::append(&mut s.bytes, other.bytes)
    }

    public fun append_utf8(s: &mut String, bytes: vector<u8>) {
        append(s, utf8(bytes))
    }

    /// Inserts `other` before the character that starts at byte `at`.
    public fun insert(s: &mut String, at: u64, other: String) {
        let bytes = &s.bytes;
        assert!(at <= vector::length(bytes) && internal_is_char_boundary(bytes, at), EINVALID_INDEX);
        let tail = sub_string(s, at, length(s));
        let front = sub_string(s, 0, at);
        append(&mut front, other);
        append(&mut front, tail);
        *s = front;
    }

    /// The characters in bytes i (included) to j (excluded).
    public fun sub_string(s: &String, i: u64, j: u64): String {
        let bytes = &s.bytes;
        let l = vector::length(bytes);
        assert!(
            j <= l && i <= j && internal_is_char_boundary(bytes, i) && internal_is_char_boundary(bytes, j),
            EINVALID_INDEX
        );
        String { bytes: internal_sub_string(bytes, i, j) }
    }

    #[view]
    /// Byte index of the first occurrence of `r`. What an absent text answers is fixed by the execution stack:
    /// 0 under the first, the length of `s` since the second.
    public fun index_of(s: &String, r: &String): u64 {
        internal_index_of(&s.bytes, &r.bytes)
    }

    native fun internal_check_utf8(v: &vector<u8>): bool;

    native fun internal_is_char_boundary(v: &vector<u8>, i: u64): bool;

    native fun internal_sub_string(v: &vector<u8>, i: u64, j: u64): vector<u8>;

    native fun internal_index_of(v: &vector<u8>, r: &vector<u8>): u64;
}
