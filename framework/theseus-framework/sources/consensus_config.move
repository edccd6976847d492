/// Consensus parameters. The record checks names and ranges again; a value takes effect one block after it is recorded.
module theseus_framework::consensus_config {
    use std::error;
    use std::string::String;
    use std::vector;
    use theseus_framework::event;
    use theseus_framework::system_addresses;

    /// Names and values differ in number, or there are none or too many.
    const EBAD_LENGTH: u64 = 1;

    const MAX_CHANGES: u64 = 32;

    #[event]
    /// A service event.
    struct Changed has drop, store {
        names: vector<String>,
        values: vector<u64>
    }

    public fun set(framework: &signer, names: vector<String>, values: vector<u64>) {
        system_addresses::assert_framework(framework);
        let n = vector::length(&names);
        assert!(n > 0 && n <= MAX_CHANGES && n == vector::length(&values), error::invalid_argument(EBAD_LENGTH));
        event::emit(Changed { names, values });
    }
}
