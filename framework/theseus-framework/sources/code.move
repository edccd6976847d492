/// The framework's own code. Only a resolved proposal publishes, all changed modules in one bundle; the execution stack
/// checks the bundle after the transaction's body and before anything is written.
module theseus_framework::code {
    use std::error;
    use std::vector;
    use theseus_framework::event;
    use theseus_framework::migrations;
    use theseus_framework::reconfiguration;
    use theseus_framework::system_addresses;

    friend theseus_framework::genesis;

    /// A bundle has at least one module and at most as many as a framework.
    const EBAD_BUNDLE: u64 = 1;
    /// Roots and digests are 32 bytes.
    const EBAD_ROOT: u64 = 2;
    /// A module is larger than a module may be.
    const EMODULE_TOO_LARGE: u64 = 3;

    const MAX_MODULES: u64 = 200;
    const MAX_MODULE_BYTES: u64 = 60000;

    struct Registry has key {
        /// Successful publishes since genesis.
        upgrades: u64,
        code_root: vector<u8>,
        source_digest: vector<u8>,
        /// Names of all modules at this address, sorted: the stack keeps them and reads them.
        modules: vector<vector<u8>>
    }

    #[event]
    struct Published has drop, store {
        upgrade: u64,
        base_root: vector<u8>,
        code_root: vector<u8>,
        source_digest: vector<u8>,
        modules: u64
    }

    public(friend) fun initialize(framework: &signer, code_root: vector<u8>, modules: vector<vector<u8>>) {
        system_addresses::assert_framework(framework);
        move_to(framework, Registry { upgrades: 0, code_root, source_digest: vector::empty(), modules });
    }

    /// Replaces modules at 0x1 in one step. `base_root` is the code root that the bundle was built against and
    /// `expected_root` the one that results; `source_digest` names the source. A new epoch follows by itself.
    public fun publish(
        framework: &signer, base_root: vector<u8>, expected_root: vector<u8>, source_digest: vector<u8>,
        modules: vector<vector<u8>>
    ) acquires Registry {
        system_addresses::assert_framework(framework);
        let n = vector::length(&modules);
        assert!(n > 0 && n <= MAX_MODULES, error::invalid_argument(EBAD_BUNDLE));
        assert!(
            vector::length(&base_root) == 32 && vector::length(&expected_root) == 32
                && vector::length(&source_digest) == 32,
            error::invalid_argument(EBAD_ROOT)
        );
        let i = 0;
        while (i < n) {
            assert!(
                vector::length(vector::borrow(&modules, i)) <= MAX_MODULE_BYTES,
                error::invalid_argument(EMODULE_TOO_LARGE)
            );
            i = i + 1;
        };
        let registry = borrow_global_mut<Registry>(@theseus_framework);
        registry.upgrades = registry.upgrades + 1;
        registry.code_root = *&expected_root;
        registry.source_digest = *&source_digest;
        event::emit(Published {
            upgrade: registry.upgrades, base_root: *&base_root, code_root: *&expected_root, source_digest, modules: n
        });
        reconfiguration::request_epoch();
        request_publish(base_root, expected_root, modules);
    }

    /// A hook of the execution stack: keeps the list of modules, and runs slice 0 of a migration, in the publishing
    /// transaction under the new code.
    fun published(modules: vector<vector<u8>>) acquires Registry {
        borrow_global_mut<Registry>(@theseus_framework).modules = modules;
        migrations::advance();
    }

    #[view]
    public fun upgrades(): u64 acquires Registry {
        borrow_global<Registry>(@theseus_framework).upgrades
    }

    #[view]
    /// Names of all modules at this address, sorted.
    public fun module_names(): vector<vector<u8>> acquires Registry {
        *&borrow_global<Registry>(@theseus_framework).modules
    }

    #[view]
    public fun code_root(): vector<u8> acquires Registry {
        *&borrow_global<Registry>(@theseus_framework).code_root
    }

    #[view]
    public fun source_digest(): vector<u8> acquires Registry {
        *&borrow_global<Registry>(@theseus_framework).source_digest
    }

    native fun request_publish(base_root: vector<u8>, expected_root: vector<u8>, modules: vector<vector<u8>>);

    #[test_only]
    public fun published_for_test() acquires Registry { published(vector[b"code"]); assert!(module_names() == vector[b"code"], 900); }
}
