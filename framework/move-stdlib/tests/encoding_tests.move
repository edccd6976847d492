#[test_only]
module std::encoding_tests {
    use std::bcs;
    use std::ed25519;
    use std::from_bcs;
    use std::hash;
    use std::signer;
    use std::string::utf8;
    use std::type_info;
    use std::unit_test;
    use std::vector;

    struct Pair<phantom A, B: store> has copy, drop, store { left: u8, right: B }

    #[test]
    fun canonical_bytes() {
        assert!(bcs::to_bytes(&true) == x"01" && bcs::to_bytes(&7u8) == x"07" && bcs::to_bytes(&0x0102u16) == x"0201", 1);
        assert!(bcs::to_bytes(&0x01020304u32) == x"04030201" && bcs::to_bytes(&1u64) == x"0100000000000000", 2);
        assert!(bcs::to_bytes(&vector[1u16, 2u16]) == x"0201000200" && bcs::to_bytes(&utf8(b"hi")) == x"026869", 3);
        assert!(bcs::to_bytes(&Pair<u8, vector<u8>> { left: 9, right: x"aa" }) == x"0901aa", 4);
        assert!(bcs::to_bytes(&@0xb1) == x"00000000000000000000000000000000000000000000000000000000000000b1", 5);
    }

    #[test]
    fun bytes_become_values() {
        assert!(from_bcs::to_bool(x"01") && !from_bcs::to_bool(x"00"), 1);
        assert!(from_bcs::to_u8(x"ff") == 255 && from_bcs::to_u16(x"0201") == 0x0102 && from_bcs::to_u32(x"04030201") == 0x01020304, 2);
        assert!(from_bcs::to_u64(x"0100000000000000") == 1, 3);
        assert!(from_bcs::to_u128(x"00000000000000000100000000000000") == 18446744073709551616, 4);
        assert!(from_bcs::to_u256(x"0200000000000000000000000000000000000000000000000000000000000000") == 2, 5);
        assert!(from_bcs::to_address(x"00000000000000000000000000000000000000000000000000000000000000b1") == @0xb1, 6);
        assert!(from_bcs::to_bytes(x"02aabb") == x"aabb", 7);
        assert!(from_bcs::to_vector_u64(x"020100000000000000ff00000000000000") == vector[1, 255], 8);
        assert!(from_bcs::to_vector_address(bcs::to_bytes(&vector[@0x1, @0x2])) == vector[@0x1, @0x2], 9);
        assert!(from_bcs::to_vector_bytes(x"0201aa00") == vector[x"aa", x""], 10);
        assert!(from_bcs::to_string(x"026869") == utf8(b"hi"), 11);
    }

    #[test]
    #[expected_failure(abort_code = 0x10001, location = std::from_bcs)]
    fun trailing_bytes_are_refused() { from_bcs::to_u8(x"0102"); }

    #[test]
    #[expected_failure(abort_code = 0x10001, location = std::from_bcs)]
    fun missing_bytes_are_refused() { from_bcs::to_u64(x"01"); }

    #[test]
    #[expected_failure(abort_code = 0x10001, location = std::from_bcs)]
    fun a_bool_is_zero_or_one() { from_bcs::to_bool(x"02"); }

    #[test]
    #[expected_failure(abort_code = 0x10001, location = std::from_bcs)]
    fun a_length_is_written_shortest() { from_bcs::to_bytes(x"8000"); }

    #[test]
    #[expected_failure(abort_code = 1, location = std::string)]
    fun text_is_checked() { from_bcs::to_string(x"01ff"); }

    #[test]
    fun hashes() {
        // FIPS 180-4 and FIPS 202 examples
        assert!(hash::sha2_256(b"abc") == x"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", 1);
        assert!(hash::sha3_256(b"abc") == x"3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532", 2);
        assert!(hash::sha2_256(b"") == x"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", 3);
        assert!(hash::sha3_256(b"") == x"a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a", 4);
    }

    // RFC 8032, test 1
    const KEY: vector<u8> = x"d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
    const SIGNATURE: vector<u8> = x"e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b";

    #[test]
    fun signatures() {
        assert!(ed25519::public_key_is_valid(KEY), 1);
        assert!(!ed25519::public_key_is_valid(x"01"), 2);
        // the identity has small order
        assert!(!ed25519::public_key_is_valid(x"0100000000000000000000000000000000000000000000000000000000000000"), 3);
        assert!(ed25519::verify(SIGNATURE, KEY, b""), 4);
        assert!(!ed25519::verify(SIGNATURE, KEY, b"x"), 5);
    }

    #[test]
    #[expected_failure(abort_code = 0x10001, location = std::ed25519)]
    fun a_key_has_32_bytes() { ed25519::verify(SIGNATURE, x"01", b""); }

    #[test]
    #[expected_failure(abort_code = 0x10002, location = std::ed25519)]
    fun a_signature_has_64_bytes() { ed25519::verify(x"01", KEY, b""); }

    #[test(alice = @0xb1)]
    fun signers_have_an_address(alice: &signer) {
        assert!(signer::address_of(alice) == @0xb1 && *signer::borrow_address(alice) == @0xb1, 1);
        let other = unit_test::create_signer(@0xc1);
        assert!(signer::address_of(&other) == @0xc1, 2);
    }

    #[test]
    fun types_have_names() {
        assert!(type_info::type_name<vector<u64>>() == utf8(b"vector<u64>"), 1);
        assert!(type_info::type_name<Pair<u8, bool>>() == utf8(b"0x1::encoding_tests::Pair<u8,bool>"), 2);
        let info = type_info::type_of<Pair<u8, bool>>();
        assert!(type_info::account_address(&info) == @0x1 && type_info::module_name(&info) == b"encoding_tests", 3);
        let name = type_info::struct_name(&info);
        assert!(vector::length(&name) > 4 && *vector::borrow(&name, 0) == 80, 4); // P
    }

    #[test]
    #[expected_failure(abort_code = 0x10001, location = std::type_info)]
    fun only_structs_have_a_module() { type_info::type_of<u64>(); }
}
