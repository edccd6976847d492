/// Block 0: one system transaction that runs `initialize` under the genesis stack.
module theseus_framework::genesis {
    use std::string::{Self, String};
    use std::vector;
    use theseus_framework::account;
    use theseus_framework::chain_id;
    use theseus_framework::code;
    use theseus_framework::consensus_config;
    use theseus_framework::fee_parameters;
    use theseus_framework::governance;
    use theseus_framework::migrations;
    use theseus_framework::reconfiguration;
    use theseus_framework::stake;
    use theseus_framework::theseus_coin;
    use theseus_framework::validator_set;
    use theseus_framework::versions;

    /// Lists that belong together differ in length, or there is no validator.
    const EBAD_LENGTH: u64 = 0x10001;

    /// All amounts are in the smallest unit of the coin.
    fun initialize(
        chain: u8,
        code_root: vector<u8>,
        modules: vector<vector<u8>>,
        natives: vector<vector<u8>>,
        epoch_interval_micros: u64,
        voting_blocks: u64,
        enactment_blocks: u64,
        execution_blocks: u64,
        proposal_deposit: u64,
        minimum_bond: u64,
        unbonding_epochs: u64,
        accounts: vector<address>,
        balances: vector<u64>,
        auth_keys: vector<vector<u8>>,
        validators: vector<address>,
        consensus_keys: vector<vector<u8>>,
        bonds: vector<u64>
    ) {
        let n = vector::length(&validators);
        let a = vector::length(&accounts);
        assert!(n > 0 && n == vector::length(&consensus_keys) && n == vector::length(&bonds), EBAD_LENGTH);
        assert!(a == vector::length(&balances) && a == vector::length(&auth_keys), EBAD_LENGTH);

        account::ensure(@theseus_framework);
        let framework = account::signer_of(@theseus_framework);
        chain_id::initialize(&framework, chain);
        theseus_coin::initialize(&framework);
        consensus_config::initialize(&framework);
        consensus_config::begin_with(b"epochMicros", epoch_interval_micros);
        consensus_config::begin_with(b"votingBlocks", voting_blocks);
        consensus_config::begin_with(b"enactmentBlocks", enactment_blocks);
        consensus_config::begin_with(b"executionBlocks", execution_blocks);
        consensus_config::begin_with(b"proposalDeposit", proposal_deposit);
        consensus_config::begin_with(b"minimumBond", minimum_bond);
        consensus_config::begin_with(b"unbondingEpochs", unbonding_epochs);
        fee_parameters::initialize(&framework);
        migrations::initialize(&framework);
        code::initialize(&framework, code_root, modules);
        versions::initialize(&framework, texts(natives));
        stake::initialize(&framework);
        reconfiguration::initialize(&framework, 1);
        governance::initialize(&framework);

        let i = 0;
        while (i < a) {
            let owner = *vector::borrow(&accounts, i);
            account::ensure(owner);
            account::set_genesis_key(owner, *vector::borrow(&auth_keys, i));
            theseus_coin::endow(owner, *vector::borrow(&balances, i));
            i = i + 1;
        };
        let j = 0;
        while (j < n) {
            let validator = *vector::borrow(&validators, j);
            let bond = *vector::borrow(&bonds, j);
            account::ensure(validator);
            theseus_coin::endow(validator, bond);
            let authority = account::signer_of(validator);
            stake::open_pool(&authority, *vector::borrow(&consensus_keys, j));
            stake::bond(&authority, bond);
            j = j + 1;
        };
        validator_set::initialize(&framework, validators);
        consensus_config::check_all();
    }

    fun texts(names: vector<vector<u8>>): vector<String> {
        let list = vector::empty();
        let i = 0;
        let n = vector::length(&names);
        while (i < n) {
            vector::push_back(&mut list, string::utf8(*vector::borrow(&names, i)));
            i = i + 1;
        };
        list
    }

    #[test_only]
    /// Genesis with the parameters that tests count on: epochs of 1 s, voting 20, enactment 5, execution 30 blocks,
    /// deposit 10 coins, bond at least 100 coins, unbonding 4 epochs.
    public fun initialize_for_test(
        accounts: vector<address>, balances: vector<u64>, validators: vector<address>,
        consensus_keys: vector<vector<u8>>, bonds: vector<u64>
    ) {
        let auth_keys = vector::empty();
        let i = 0;
        while (i < vector::length(&accounts)) {
            vector::push_back(&mut auth_keys, x"00");
            i = i + 1;
        };
        initialize(
            4, x"01", vector[b"code"], vector[b"hash::native_sha2_256", b"string::internal_check_utf8"], 1000000, 20, 5, 30, 1000000000,
            10000000000, 4, accounts, balances, auth_keys, validators, consensus_keys, bonds
        );
    }
}
