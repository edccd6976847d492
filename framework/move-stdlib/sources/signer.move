/// The authority of an account in a transaction.
module std::signer {
    public fun borrow_address(s: &signer): &address { native_borrow_address(s) }

    public fun address_of(s: &signer): address { *native_borrow_address(s) }

    native fun native_borrow_address(s: &signer): &address;
}
