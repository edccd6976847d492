/// Facts of the transaction being executed.
module theseus_framework::transaction_context {
    /// SHA3-256 of the script's bytecode; empty for an entry function and for the hooks.
    public fun script_hash(): vector<u8> { native_script_hash() }

    public fun tx_hash(): vector<u8> { native_tx_hash() }

    native fun native_script_hash(): vector<u8>;

    native fun native_tx_hash(): vector<u8>;
}
