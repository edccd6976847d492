/// Hash functions.
module std::hash {
    public fun sha2_256(data: vector<u8>): vector<u8> { native_sha2_256(data) }

    public fun sha3_256(data: vector<u8>): vector<u8> { native_sha3_256(data) }

    native fun native_sha2_256(data: vector<u8>): vector<u8>;

    native fun native_sha3_256(data: vector<u8>): vector<u8>;
}
