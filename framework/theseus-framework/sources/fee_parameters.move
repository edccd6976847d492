/// Fee parameters, where the execution stack reads them. Their ranges are in the table of `consensus_config`, and the stack
/// has its own. Operation prices are not here: they live in the stack only.
module theseus_framework::fee_parameters {
    use std::string;
    use theseus_framework::consensus_config;
    use theseus_framework::event;
    use theseus_framework::system_addresses;

    friend theseus_framework::block;
    friend theseus_framework::genesis;

    /// 125 ms at the dearest: half a block interval of 250 ms.
    const GENESIS_BLOCK_GAS: u64 = 1250000;

    struct FeeParameters has key, copy, drop {
        /// Least price of a gas unit.
        minimum_gas_price: u64,
        /// No transaction begins once the block has used so many gas units.
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

    public(friend) fun initialize(framework: &signer) acquires FeeParameters {
        system_addresses::assert_framework(framework);
        move_to(framework, FeeParameters {
            minimum_gas_price: 1, block_gas: GENESIS_BLOCK_GAS, storage_byte_price: 1, burn_permille: 500
        });
        let set = borrow_global<FeeParameters>(@theseus_framework);
        consensus_config::begin_with(b"minimumGasPrice", set.minimum_gas_price);
        consensus_config::begin_with(b"blockGas", set.block_gas);
        consensus_config::begin_with(b"storageBytePrice", set.storage_byte_price);
        consensus_config::begin_with(b"burnPermille", set.burn_permille);
    }

    public fun set(
        framework: &signer, minimum_gas_price: u64, block_gas: u64, storage_byte_price: u64, burn_permille: u64
    ) acquires FeeParameters {
        consensus_config::set(
            framework,
            vector[
                string::utf8(b"minimumGasPrice"), string::utf8(b"blockGas"), string::utf8(b"storageBytePrice"),
                string::utf8(b"burnPermille")
            ],
            vector[minimum_gas_price, block_gas, storage_byte_price, burn_permille]
        );
        follow();
    }

    /// Takes over what `consensus_config` has: at the begin of every block.
    public(friend) fun follow() acquires FeeParameters {
        let minimum_gas_price = consensus_config::setting(b"minimumGasPrice");
        let block_gas = consensus_config::setting(b"blockGas");
        let storage_byte_price = consensus_config::setting(b"storageBytePrice");
        let burn_permille = consensus_config::setting(b"burnPermille");
        let next = FeeParameters { minimum_gas_price, block_gas, storage_byte_price, burn_permille };
        if (&next == borrow_global<FeeParameters>(@theseus_framework)) return;
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
