#[test_only]
/// What tests set in place of a block. These natives exist in the test table only.
module std::unit_test {
    /// The signer of any address.
    public fun create_signer(a: address): signer { native_create_signer(a) }

    native fun native_create_signer(a: address): signer;

    public fun set_block(height: u64, time_micros: u64, epoch: u64, proposer: address) { native_set_block(height, time_micros, epoch, proposer) }

    native fun native_set_block(height: u64, time_micros: u64, epoch: u64, proposer: address);

    /// The validator set in force with its powers.
    public fun set_validators(addresses: vector<address>, powers: vector<u64>) { native_set_validators(addresses, powers) }

    native fun native_set_validators(addresses: vector<address>, powers: vector<u64>);

    public fun set_missed(addresses: vector<address>) { native_set_missed(addresses) }

    native fun native_set_missed(addresses: vector<address>);

    public fun set_evidence(kinds: vector<u8>, heights: vector<u64>, validators: vector<address>) { native_set_evidence(kinds, heights, validators) }

    native fun native_set_evidence(kinds: vector<u8>, heights: vector<u64>, validators: vector<address>);

    /// What the record says of a component; scheduled_version 0 means nothing is pending.
    public fun set_component(
        name: vector<u8>, version: u64, module_id: vector<u8>,
        scheduled_version: u64, scheduled_module_id: vector<u8>, scheduled_height: u64, notice: u64
    ) { native_set_component(name, version, module_id, scheduled_version, scheduled_module_id, scheduled_height, notice) }

    native fun native_set_component(
        name: vector<u8>, version: u64, module_id: vector<u8>,
        scheduled_version: u64, scheduled_module_id: vector<u8>, scheduled_height: u64, notice: u64
    );

    /// What the record says of one of its parameters.
    public fun set_parameter(name: vector<u8>, value: u64) { native_set_parameter(name, value) }

    native fun native_set_parameter(name: vector<u8>, value: u64);

    public fun set_transaction(tx_hash: vector<u8>, script_hash: vector<u8>) { native_set_transaction(tx_hash, script_hash) }

    native fun native_set_transaction(tx_hash: vector<u8>, script_hash: vector<u8>);

    /// How many code requests the test has made.
    public fun publish_requests(): u64 { native_publish_requests() }

    native fun native_publish_requests(): u64;

    /// How many events of type T the test has emitted.
    public fun events_of<T>(): u64 { native_events_of<T>() }

    native fun native_events_of<T>(): u64;
}
