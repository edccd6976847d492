/// The chain id byte that transactions carry.
module theseus_framework::chain_id {
    use theseus_framework::system_addresses;

    friend theseus_framework::genesis;

    struct ChainId has key {
        id: u8
    }

    public(friend) fun initialize(framework: &signer, id: u8) {
        system_addresses::assert_framework(framework);
        move_to(framework, ChainId { id });
    }

    #[view]
    public fun get(): u8 acquires ChainId {
        borrow_global<ChainId>(@theseus_framework).id
    }
}
