/// Scheduled changes of components (the execution stack among them). What is emitted here the protocol record judges
/// again by its own rules; the checks here keep a refused change from leaving a green receipt.
module theseus_framework::versions {
    use std::error;
    use std::option::{Self, Option};
    use std::string::{Self, String};
    use std::vector;
    use theseus_framework::block_context;
    use theseus_framework::consensus_config;
    use theseus_framework::event;
    use theseus_framework::protocol_record;
    use theseus_framework::system_addresses;

    friend theseus_framework::block;
    friend theseus_framework::genesis;

    /// The record has no such component.
    const EUNKNOWN_COMPONENT: u64 = 1;
    /// The version is not the current one plus one.
    const EWRONG_VERSION: u64 = 2;
    /// A module id is 32 bytes, not all of them zero.
    const EBAD_MODULE_ID: u64 = 3;
    /// The delay is shorter than the component's notice.
    const ETOO_SOON: u64 = 4;
    /// Another module is pending: cancel it first.
    const ECONFLICTING_PENDING: u64 = 5;
    /// Nothing is pending.
    const ENOTHING_PENDING: u64 = 6;
    /// The pending change activates with the next block: it can be neither moved nor cancelled.
    const ETOO_LATE: u64 = 7;

    /// A stack without natives runs nothing; the list is bounded.
    const EBAD_NATIVES: u64 = 8;

    /// Blocks between a receipt and its recording, and one for the record's own step.
    const RECORDING_BLOCKS: u64 = 2;
    /// The record takes this for no module at all.
    const NO_MODULE: vector<u8> = x"0000000000000000000000000000000000000000000000000000000000000000";
    /// Bounds what every block reads.
    const MAX_NATIVES: u64 = 256;

    /// The natives of one execution stack, each as `module::name(parameters):results`: facts of the chain, never of what a
    /// node has loaded. A native of another signature is another native.
    struct StackNatives has copy, drop, store {
        /// Of the stack in force it may be empty: noted when a successor is scheduled.
        module_id: vector<u8>,
        natives: vector<String>
    }

    /// The execution stacks in question.
    struct Natives has key {
        version: u64,
        current: StackNatives,
        scheduled: Option<StackNatives>,
        previous: Option<StackNatives>,
        /// Height at which the previous stack's natives stop counting.
        probation_ends: u64
    }

    /// What was asked for in block `height`: the record does not have it yet, and will judge it in this order.
    struct Asked has key {
        height: u64,
        components: vector<vector<u8>>,
        /// The module that is pending then; empty when the change was withdrawn.
        module_ids: vector<vector<u8>>
    }

    #[event]
    /// A service event.
    struct Schedule has drop, store {
        component: String,
        version: u64,
        module_id: vector<u8>,
        bundle_hash: vector<u8>,
        activation_height: u64,
        probation: u64
    }

    #[event]
    /// A service event.
    struct Cancel has drop, store {
        component: String,
        version: u64
    }

    public(friend) fun initialize(framework: &signer, natives: vector<String>) {
        system_addresses::assert_framework(framework);
        move_to(framework, Natives {
            version: 1, current: StackNatives { module_id: vector::empty(), natives }, scheduled: option::none(),
            previous: option::none(), probation_ends: 0
        });
        move_to(framework, Asked { height: 0, components: vector::empty(), module_ids: vector::empty() });
    }

    /// Schedules `component` to change to `version` (named by `module_id`) `delay_blocks` after this block. The same
    /// version and module again move the date. `natives` are the natives of an execution stack, sorted.
    public fun schedule(
        framework: &signer, component: String, version: u64, module_id: vector<u8>, natives: vector<String>,
        delay_blocks: u64
    ) acquires Natives, Asked {
        system_addresses::assert_framework(framework);
        let name = *string::bytes(&component);
        assert!(protocol_record::exists_component(*&name), error::not_found(EUNKNOWN_COMPONENT));
        assert!(version == protocol_record::version(*&name) + 1, error::invalid_argument(EWRONG_VERSION));
        assert!(
            vector::length(&module_id) == 32 && &module_id != &NO_MODULE,
            error::invalid_argument(EBAD_MODULE_ID)
        );
        assert!(
            delay_blocks >= protocol_record::notice(*&name) + RECORDING_BLOCKS,
            error::out_of_range(ETOO_SOON)
        );
        let pending = pending(&name);
        assert!(
            vector::is_empty(&pending) || &pending == &module_id,
            error::invalid_state(ECONFLICTING_PENDING)
        );
        assert_not_due(*&name);
        keep(*&name, *&module_id);
        if (name == b"execution") {
            let all = borrow_global_mut<Natives>(@theseus_framework);
            let n = vector::length(&natives);
            assert!(n > 0 && n <= MAX_NATIVES, error::invalid_argument(EBAD_NATIVES));
            all.scheduled = option::some(StackNatives { module_id: *&module_id, natives });
            all.current.module_id = protocol_record::module_id(name);
        };
        event::emit(Schedule {
            component, version, module_id, bundle_hash: vector::empty(),
            activation_height: block_context::height() + delay_blocks, probation: probation()
        });
    }

    /// Withdraws the pending change of a component.
    public fun cancel(framework: &signer, component: String) acquires Natives, Asked {
        system_addresses::assert_framework(framework);
        let name = *string::bytes(&component);
        assert!(protocol_record::exists_component(*&name), error::not_found(EUNKNOWN_COMPONENT));
        assert!(!vector::is_empty(&pending(&name)), error::invalid_state(ENOTHING_PENDING));
        assert_not_due(*&name);
        keep(*&name, vector::empty());
        let version = protocol_record::version(*&name) + 1;
        if (name == b"execution") {
            borrow_global_mut<Natives>(@theseus_framework).scheduled = option::none();
        };
        event::emit(Cancel { component, version });
    }

    /// Follows the record at the begin of a block. The record names modules; whose natives count is found by those
    /// names, since a new version may be the scheduled module or, after a rollback, the previous one again.
    public(friend) fun follow() acquires Natives {
        let natives = borrow_global_mut<Natives>(@theseus_framework);
        let height = block_context::height();
        let version = protocol_record::version(b"execution");
        let module_id = protocol_record::module_id(b"execution");
        if (version != natives.version) {
            natives.version = version;
            if (is_of(&natives.scheduled, &module_id)) {
                natives.previous = option::some(*&natives.current);
                natives.current = option::extract(&mut natives.scheduled);
                natives.probation_ends = height + probation();
            } else if (is_of(&natives.previous, &module_id)) {
                natives.current = option::extract(&mut natives.previous);
            };
            natives.current.module_id = module_id;
        } else if (option::is_some(&natives.previous) && height >= natives.probation_ends) {
            natives.previous = option::none();
        };
        // lapsed, refused or cancelled without this module: what never comes restricts nothing
        if (option::is_some(&natives.scheduled)
            && (protocol_record::scheduled_version(b"execution") == 0
                || !is_of(&natives.scheduled, &protocol_record::scheduled_module_id(b"execution")))) {
            natives.scheduled = option::none();
        }
    }

    #[view]
    /// Natives that code at the framework's address may use now: those that every stack in question has. The stack in
    /// force leaves out of them what it lacks itself.
    public fun usable_natives(): vector<String> acquires Natives {
        let natives = borrow_global<Natives>(@theseus_framework);
        let usable = vector::empty();
        let i = 0;
        let n = vector::length(&natives.current.natives);
        while (i < n) {
            let native_name = vector::borrow(&natives.current.natives, i);
            if (listed(&natives.scheduled, native_name) && listed(&natives.previous, native_name)) {
                vector::push_back(&mut usable, *native_name);
            };
            i = i + 1;
        };
        usable
    }

    /// Blocks for which the previous module stays loaded.
    fun probation(): u64 { consensus_config::value(b"probation") }

    /// The module that is pending after all that was asked for in this block; empty when there is none.
    fun pending(name: &vector<u8>): vector<u8> acquires Asked {
        let asked = borrow_global<Asked>(@theseus_framework);
        if (asked.height == block_context::height()) {
            let (found, i) = vector::index_of(&asked.components, name);
            if (found) return *vector::borrow(&asked.module_ids, i);
        };
        if (protocol_record::scheduled_version(*name) == 0) vector::empty()
        else protocol_record::scheduled_module_id(*name)
    }

    /// Notes what this block asked for.
    fun keep(name: vector<u8>, module_id: vector<u8>) acquires Asked {
        let asked = borrow_global_mut<Asked>(@theseus_framework);
        let height = block_context::height();
        if (asked.height != height) {
            asked.height = height;
            asked.components = vector::empty();
            asked.module_ids = vector::empty();
        };
        let (found, i) = vector::index_of(&asked.components, &name);
        if (found) {
            *vector::borrow_mut(&mut asked.module_ids, i) = module_id;
        } else {
            vector::push_back(&mut asked.components, name);
            vector::push_back(&mut asked.module_ids, module_id);
        }
    }

    /// What is emitted in this block the record reads in the next one, which must not be the activation.
    fun assert_not_due(name: vector<u8>) {
        assert!(
            protocol_record::scheduled_version(*&name) == 0
                || protocol_record::scheduled_height(name) > block_context::height() + 1,
            error::invalid_state(ETOO_LATE)
        );
    }

    fun is_of(stack: &Option<StackNatives>, module_id: &vector<u8>): bool {
        option::is_some(stack) && &option::borrow(stack).module_id == module_id
    }

    fun listed(list: &Option<StackNatives>, native_name: &String): bool {
        option::is_none(list) || vector::contains(&option::borrow(list).natives, native_name)
    }

    #[test_only]
    public fun follow_for_test() acquires Natives { follow(); }
}
