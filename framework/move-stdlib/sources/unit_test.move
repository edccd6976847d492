#[test_only]
/// What tests set in place of a block. These natives exist in the test table only.
module std::unit_test {
    /// The signer of any address.
    native public fun create_signer(a: address): signer;

    native public fun set_block(height: u64, time_micros: u64, epoch: u64, proposer: address);

    /// The validator set in force with its powers.
    native public fun set_validators(addresses: vector<address>, powers: vector<u64>);

    native public fun set_missed(addresses: vector<address>);

    native public fun set_evidence(kinds: vector<u8>, heights: vector<u64>, validators: vector<address>);

    /// What the record says of a component; scheduled_version 0 means nothing is pending.
    native public fun set_component(
        name: vector<u8>, version: u64, module_id: vector<u8>,
        scheduled_version: u64, scheduled_module_id: vector<u8>, scheduled_height: u64, notice: u64
    );

    native public fun set_transaction(tx_hash: vector<u8>, script_hash: vector<u8>);

    /// How many code requests the test has made.
    native public fun publish_requests(): u64;

    /// How many events of type T the test has emitted.
    native public fun events_of<T>(): u64;
}
