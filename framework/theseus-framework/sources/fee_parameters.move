/// Fee parameters that governance sets, inside bounds fixed by the execution stack. Operation prices are not here:
/// they live in the stack only.
module theseus_framework::fee_parameters {
    use std::error;
    use theseus_framework::event;
    use theseus_framework::system_addresses;

    friend theseus_framework::genesis;

    /// A value is outside its bounds.
    const EOUT_OF_BOUNDS: u64 = 1;

    const MAX_GAS_PRICE: u64 = 1000000;
    /// The largest approved script must fit.
    const MIN_BLOCK_GAS: u64 = 50000000;
    /// 25 s of the reference machine, and the hooks: within the executionPatience of 30 s.
    const MAX_BLOCK_GAS: u64 = 250000000;
    /// 10 s: the largest approved script and twenty-five of the dearest ordinary transactions.
    const GENESIS_BLOCK_GAS: u64 = 100000000;
    const MAX_STORAGE_BYTE_PRICE: u64 = 1000;

    struct FeeParameters has key, copy, drop {
        /// Least price of a gas unit.
        minimum_gas_price: u64,
        /// Gas units that the transactions of a block may use: what is left bounds the next one's maximum.
        block_gas: u64,
        /// Gas units for a byte written.
        storage_byte_price: u64,
        /// Thousandths of every fee that are burned.
        burn_permille: u64
    }

    #[event]
    struct Changed has drop, store {
        minimum_gas_price: u64,
        block_gas: u64,
        storage_byte_price: u64,
        burn_permille: u64
    }

    public(friend) fun initialize(framework: &signer) {
        system_addresses::assert_framework(framework);
        move_to(framework, FeeParameters {
            minimum_gas_price: 1, block_gas: GENESIS_BLOCK_GAS, storage_byte_price: 1, burn_permille: 500
        });
    }

    public fun set(
        framework: &signer, minimum_gas_price: u64, block_gas: u64, storage_byte_price: u64, burn_permille: u64
    ) acquires FeeParameters {
        system_addresses::assert_framework(framework);
        assert!(minimum_gas_price >= 1 && minimum_gas_price <= MAX_GAS_PRICE, error::out_of_range(EOUT_OF_BOUNDS));
        assert!(block_gas >= MIN_BLOCK_GAS && block_gas <= MAX_BLOCK_GAS, error::out_of_range(EOUT_OF_BOUNDS));
        assert!(storage_byte_price <= MAX_STORAGE_BYTE_PRICE, error::out_of_range(EOUT_OF_BOUNDS));
        assert!(burn_permille <= 1000, error::out_of_range(EOUT_OF_BOUNDS));
        *borrow_global_mut<FeeParameters>(@theseus_framework) =
            FeeParameters { minimum_gas_price, block_gas, storage_byte_price, burn_permille };
        event::emit(Changed { minimum_gas_price, block_gas, storage_byte_price, burn_permille });
    }

    #[view]
    public fun minimum_gas_price(): u64 acquires FeeParameters {
        borrow_global<FeeParameters>(@theseus_framework).minimum_gas_price
    }

    #[view]
    public fun block_gas(): u64 acquires FeeParameters {
        borrow_global<FeeParameters>(@theseus_framework).block_gas
    }

    #[view]
    public fun storage_byte_price(): u64 acquires FeeParameters {
        borrow_global<FeeParameters>(@theseus_framework).storage_byte_price
    }

    #[view]
    public fun burn_permille(): u64 acquires FeeParameters {
        borrow_global<FeeParameters>(@theseus_framework).burn_permille
    }
}
