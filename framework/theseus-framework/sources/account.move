/// Accounts: an authentication key and a sequence number. The address never changes, the key may.
module theseus_framework::account {
    use std::bcs;
    use std::ed25519;
    use std::error;
    use std::hash;
    use std::signer;
    use std::vector;
    use theseus_framework::event;

    friend theseus_framework::coin;
    friend theseus_framework::genesis;
    friend theseus_framework::governance;
    friend theseus_framework::probe;
    friend theseus_framework::transaction_validation;

    /// The account exists already.
    const EACCOUNT_EXISTS: u64 = 1;
    /// The account does not exist.
    const EACCOUNT_NOT_FOUND: u64 = 2;
    /// The sequence number can rise no further.
    const ESEQUENCE_EXHAUSTED: u64 = 3;
    /// The new key's owner did not sign the rotation.
    const EBAD_ROTATION_PROOF: u64 = 4;

    const MAX_U64: u64 = 18446744073709551615;

    struct Account has key {
        authentication_key: vector<u8>,
        sequence_number: u64
    }

    #[event]
    struct Created has drop, store {
        account: address
    }

    #[event]
    struct KeyRotated has drop, store {
        account: address,
        authentication_key: vector<u8>
    }

    /// Anybody may create an account for any address; its authentication key is the address until rotated.
    public entry fun create_account(new_address: address) {
        assert!(!exists<Account>(new_address), error::already_exists(EACCOUNT_EXISTS));
        create_missing(new_address);
    }

    /// Creates the account unless it exists.
    public fun ensure(account: address) {
        if (!exists<Account>(account)) create_missing(account);
    }

    #[view]
    public fun exists_at(account: address): bool {
        exists<Account>(account)
    }

    #[view]
    public fun sequence_number(account: address): u64 acquires Account {
        assert!(exists<Account>(account), error::not_found(EACCOUNT_NOT_FOUND));
        borrow_global<Account>(account).sequence_number
    }

    #[view]
    public fun authentication_key(account: address): vector<u8> acquires Account {
        assert!(exists<Account>(account), error::not_found(EACCOUNT_NOT_FOUND));
        *&borrow_global<Account>(account).authentication_key
    }

    /// Gives the account to a new Ed25519 key. `proof` is the new key's signature over
    /// "THESEUS::RotateKey", the address and the account's present sequence number (BCS), so that nobody locks
    /// an account with a key that he does not hold.
    public entry fun rotate_authentication_key(
        account: &signer, public_key: vector<u8>, proof: vector<u8>
    ) acquires Account {
        let owner = signer::address_of(account);
        let message = rotation_message(owner, sequence_number(owner));
        assert!(ed25519::verify(proof, public_key, message), error::invalid_argument(EBAD_ROTATION_PROOF));
        let authentication_key = key_of(public_key);
        borrow_global_mut<Account>(owner).authentication_key = *&authentication_key;
        event::emit(KeyRotated { account: owner, authentication_key });
    }

    public fun rotation_message(owner: address, sequence: u64): vector<u8> {
        let message = b"THESEUS::RotateKey";
        vector::append(&mut message, bcs::to_bytes(&owner));
        vector::append(&mut message, bcs::to_bytes(&sequence));
        message
    }

    /// Authentication key of a plain Ed25519 public key: SHA3-256(key, 0).
    public fun key_of(public_key: vector<u8>): vector<u8> {
        vector::push_back(&mut public_key, 0);
        hash::sha3_256(public_key)
    }

    public(friend) fun increment_sequence_number(account: address) acquires Account {
        let number = &mut borrow_global_mut<Account>(account).sequence_number;
        assert!(*number < MAX_U64, error::out_of_range(ESEQUENCE_EXHAUSTED));
        *number = *number + 1;
    }

    /// The first key of a genesis account.
    public(friend) fun set_genesis_key(account: address, authentication_key: vector<u8>) acquires Account {
        borrow_global_mut<Account>(account).authentication_key = authentication_key;
    }

    /// The authority of any account: for the named friends only; which they are is checked at every publish.
    public(friend) fun signer_of(account: address): signer {
        create_signer(account)
    }

    fun create_missing(account: address) {
        let owner = create_signer(account);
        move_to(&owner, Account { authentication_key: bcs::to_bytes(&account), sequence_number: 0 });
        event::emit(Created { account });
    }

    native fun create_signer(account: address): signer;

    #[test_only]
    public fun set_sequence_number_for_test(account: address, sequence_number: u64) acquires Account {
        borrow_global_mut<Account>(account).sequence_number = sequence_number;
    }

    #[test_only]
    public fun increment_for_test(account: address) acquires Account { increment_sequence_number(account); }
}
