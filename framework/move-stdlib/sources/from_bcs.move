/// Reads canonical bytes. The generic function stays private: it would mint resources and signers.
module std::from_bcs {
    use std::string::{Self, String};

    /// The bytes are not the canonical form of the type.
    const EINVALID_BYTES: u64 = 0x10001;

    public fun to_bool(bytes: vector<u8>): bool { from_bytes<bool>(bytes) }

    public fun to_u8(bytes: vector<u8>): u8 { from_bytes<u8>(bytes) }

    public fun to_u16(bytes: vector<u8>): u16 { from_bytes<u16>(bytes) }

    public fun to_u32(bytes: vector<u8>): u32 { from_bytes<u32>(bytes) }

    public fun to_u64(bytes: vector<u8>): u64 { from_bytes<u64>(bytes) }

    public fun to_u128(bytes: vector<u8>): u128 { from_bytes<u128>(bytes) }

    public fun to_u256(bytes: vector<u8>): u256 { from_bytes<u256>(bytes) }

    public fun to_address(bytes: vector<u8>): address { from_bytes<address>(bytes) }

    public fun to_bytes(bytes: vector<u8>): vector<u8> { from_bytes<vector<u8>>(bytes) }

    public fun to_vector_u64(bytes: vector<u8>): vector<u64> { from_bytes<vector<u64>>(bytes) }

    public fun to_vector_address(bytes: vector<u8>): vector<address> { from_bytes<vector<address>>(bytes) }

    public fun to_vector_bytes(bytes: vector<u8>): vector<vector<u8>> { from_bytes<vector<vector<u8>>>(bytes) }

    /// Text is checked again: bytes may be a vector that is no UTF-8.
    public fun to_string(bytes: vector<u8>): String {
        string::utf8(from_bytes<vector<u8>>(bytes))
    }

    native fun from_bytes<T>(bytes: vector<u8>): T;
}
