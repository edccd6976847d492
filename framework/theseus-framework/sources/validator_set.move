/// The validator set as Move knows it. The protocol record leads: what is emitted here becomes the set that consensus
/// uses two blocks later, and Move follows when the record's epoch has grown.
module theseus_framework::validator_set {
    use std::vector;
    use theseus_framework::event;
    use theseus_framework::system_addresses;

    friend theseus_framework::genesis;
    friend theseus_framework::reconfiguration;

    struct ValidatorSet has key {
        /// In force.
        current: vector<address>,
        /// Announced and not yet in force.
        next: vector<address>
    }

    #[event]
    /// A service event: the record reads it.
    struct EpochSetup has drop, store {
        epoch: u64,
        addresses: vector<address>,
        consensus_keys: vector<vector<u8>>,
        powers: vector<u64>
    }

    public(friend) fun initialize(framework: &signer, current: vector<address>) {
        system_addresses::assert_framework(framework);
        move_to(framework, ValidatorSet { current, next: vector::empty() });
    }

    public(friend) fun announce(
        epoch: u64, addresses: vector<address>, consensus_keys: vector<vector<u8>>, powers: vector<u64>
    ) acquires ValidatorSet {
        borrow_global_mut<ValidatorSet>(@theseus_framework).next = *&addresses;
        event::emit(EpochSetup { epoch, addresses, consensus_keys, powers });
    }

    /// The announced set is in force.
    public(friend) fun promote() acquires ValidatorSet {
        let set = borrow_global_mut<ValidatorSet>(@theseus_framework);
        if (!vector::is_empty(&set.next)) {
            set.current = *&set.next;
            set.next = vector::empty();
        }
    }

    #[view]
    public fun current(): vector<address> acquires ValidatorSet {
        *&borrow_global<ValidatorSet>(@theseus_framework).current
    }

    #[view]
    public fun next(): vector<address> acquires ValidatorSet {
        *&borrow_global<ValidatorSet>(@theseus_framework).next
    }

    #[view]
    public fun is_current(validator: address): bool acquires ValidatorSet {
        vector::contains(&borrow_global<ValidatorSet>(@theseus_framework).current, &validator)
    }
}
