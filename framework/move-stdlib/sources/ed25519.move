/// Ed25519 signatures under the strict rule of the chain: canonical, no small order, no cofactor.
module std::ed25519 {
    use std::vector;

    /// A public key is 32 bytes.
    const EWRONG_KEY_LENGTH: u64 = 0x10001;
    /// A signature is 64 bytes.
    const EWRONG_SIGNATURE_LENGTH: u64 = 0x10002;

    public fun public_key_is_valid(public_key: vector<u8>): bool {
        vector::length(&public_key) == 32 && native_public_key_is_valid(public_key)
    }

    public fun verify(signature: vector<u8>, public_key: vector<u8>, message: vector<u8>): bool {
        assert!(vector::length(&public_key) == 32, EWRONG_KEY_LENGTH);
        assert!(vector::length(&signature) == 64, EWRONG_SIGNATURE_LENGTH);
        native_verify(signature, public_key, message)
    }

    native fun native_public_key_is_valid(public_key: vector<u8>): bool;

    native fun native_verify(signature: vector<u8>, public_key: vector<u8>, message: vector<u8>): bool;
}
