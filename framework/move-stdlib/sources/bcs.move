/// Binary Canonical Serialization of any value that is not a reference.
module std::bcs {
    public fun to_bytes<T>(v: &T): vector<u8> {
        native_to_bytes(v)
    }

    native fun native_to_bytes<T>(v: &T): vector<u8>;
}
