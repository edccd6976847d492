/// What the protocol record says of a component, so that Move can check before it asks for a change.
module theseus_framework::protocol_record {
    use std::from_bcs;
    use std::vector;

    /// The record has no such component.
    const EUNKNOWN_COMPONENT: u64 = 0x60001;

    const VERSION: u8 = 0;
    const MODULE_ID: u8 = 1;
    const SCHEDULED_VERSION: u8 = 2;
    const SCHEDULED_MODULE_ID: u8 = 3;
    const SCHEDULED_HEIGHT: u8 = 4;
    const NOTICE: u8 = 5;

    #[view]
    public fun exists_component(name: vector<u8>): bool {
        !vector::is_empty(&component(name, VERSION))
    }

    #[view]
    public fun version(name: vector<u8>): u64 { from_bcs::to_u64(field(name, VERSION)) }

    #[view]
    public fun module_id(name: vector<u8>): vector<u8> { from_bcs::to_bytes(field(name, MODULE_ID)) }

    #[view]
    /// 0 when nothing is scheduled.
    public fun scheduled_version(name: vector<u8>): u64 { from_bcs::to_u64(field(name, SCHEDULED_VERSION)) }

    #[view]
    public fun scheduled_module_id(name: vector<u8>): vector<u8> { from_bcs::to_bytes(field(name, SCHEDULED_MODULE_ID)) }

    #[view]
    public fun scheduled_height(name: vector<u8>): u64 { from_bcs::to_u64(field(name, SCHEDULED_HEIGHT)) }

    #[view]
    /// Least number of blocks between recording a change and its activation.
    public fun notice(name: vector<u8>): u64 { from_bcs::to_u64(field(name, NOTICE)) }

    fun field(name: vector<u8>, index: u8): vector<u8> {
        let bytes = component(name, index);
        assert!(!vector::is_empty(&bytes), EUNKNOWN_COMPONENT);
        bytes
    }

    /// BCS of one field; empty for an unknown component.
    native fun component(name: vector<u8>, index: u8): vector<u8>;
}
