#[test_only]
module theseus_framework::block_tests {
    use std::string;
    use std::unit_test;
    use std::vector;
    use theseus_framework::block;
    use theseus_framework::block_context;
    use theseus_framework::chain_id;
    use theseus_framework::consensus_config;
    use theseus_framework::fee_parameters;
    use theseus_framework::migrations;
    use theseus_framework::reconfiguration;
    use theseus_framework::stake;
    use theseus_framework::test_chain;
    use theseus_framework::timestamp;
    use theseus_framework::transaction_context;
    use theseus_framework::validator_set;

    #[test]
    fun a_quiet_block_changes_nothing() {
        test_chain::setup();
        test_chain::at(2, 1);
        block::begin_for_test();
        block::end_for_test(0);
        assert!(unit_test::events_of<validator_set::EpochSetup>() == 0, 1);
        assert!(reconfiguration::epoch() == 1, 2);
    }

    #[test]
    fun an_epoch_ends_when_its_time_is_over() {
        test_chain::setup();
        // 1 s is ten blocks
        test_chain::at(10, 1);
        block::begin_for_test();
        block::end_for_test(0);
        assert!(unit_test::events_of<validator_set::EpochSetup>() == 0, 1);
        test_chain::at(11, 1);
        block::begin_for_test();
        block::end_for_test(0);
        assert!(unit_test::events_of<validator_set::EpochSetup>() == 1, 2);
        assert!(validator_set::next() == test_chain::validators(), 3);
        // one setup in flight
        test_chain::at(12, 1);
        block::begin_for_test();
        block::end_for_test(0);
        assert!(unit_test::events_of<validator_set::EpochSetup>() == 1, 4);
        // the record's epoch has grown: Move follows
        test_chain::at(13, 2);
        block::begin_for_test();
        assert!(reconfiguration::epoch() == 2, 5);
        assert!(vector::is_empty(&validator_set::next()), 6);
        assert!(unit_test::events_of<reconfiguration::EpochStarted>() == 1, 7);
    }

    #[test]
    fun a_request_ends_the_epoch_at_once() {
        test_chain::setup();
        reconfiguration::request_epoch_for_test();
        assert!(reconfiguration::epoch_requested(), 1);
        test_chain::at(2, 1);
        block::begin_for_test();
        block::end_for_test(0);
        assert!(unit_test::events_of<validator_set::EpochSetup>() == 1, 2);
        test_chain::at(4, 2);
        block::begin_for_test();
        assert!(!reconfiguration::epoch_requested(), 3);
    }

    #[test]
    fun a_refused_setup_is_announced_again() {
        test_chain::setup();
        reconfiguration::request_epoch_for_test();
        let height = 2;
        while (height <= 6) {
            test_chain::at(height, 1);
            block::begin_for_test();
            block::end_for_test(0);
            height = height + 1;
        };
        // announced at 2, given up at 6
        assert!(unit_test::events_of<validator_set::EpochSetup>() == 2, 1);
    }

    #[test]
    fun a_failed_end_is_retried_after_1_2_4_blocks() {
        test_chain::setup();
        reconfiguration::request_epoch_for_test();
        // begin asks at 2; its end fails (is not run): asked again at 3, 5 and 9
        let height = 2;
        let asked = vector::empty<u64>();
        while (height <= 10) {
            test_chain::at(height, 1);
            block::begin_for_test();
            if (reconfiguration::attempted_at_for_test() == height) vector::push_back(&mut asked, height);
            height = height + 1;
        };
        assert!(asked == vector[2, 3, 5, 9], 1);
    }

    #[test]
    fun evidence_is_punished_and_ends_the_epoch() {
        test_chain::setup();
        test_chain::at(2, 1);
        unit_test::set_evidence(x"0109", vector[1, 1], vector[@0xa3, @0xa2]);
        unit_test::set_missed(vector[@0xa2]);
        block::begin_for_test();
        block::end_for_test(0);
        let (_, _, _, jailed, _) = stake::pool(@0xa3);
        assert!(jailed == 101, 1);
        assert!(stake::missed(@0xa2) == 1, 2);
        assert!(validator_set::next() == vector[@0xa1, @0xa2], 3);
    }

    #[test]
    fun an_empty_set_is_not_announced() {
        test_chain::setup();
        test_chain::at(2, 1);
        unit_test::set_evidence(x"010101", vector[1, 1, 1], test_chain::validators());
        block::begin_for_test();
        block::end_for_test(0);
        assert!(unit_test::events_of<validator_set::EpochSetup>() == 0, 1);
    }

    #[test]
    fun the_context_is_the_blocks() {
        test_chain::setup();
        test_chain::at(7, 3);
        assert!(block_context::height() == 7 && block_context::epoch() == 3, 1);
        assert!(timestamp::now_seconds() == 1000 && timestamp::now_microseconds() == 1000700000, 2);
        assert!(block_context::power_of(@0xa1) == 1000 && block_context::power_of(@0xb1) == 0, 3);
        assert!(block_context::total_power() == 3000, 4);
        assert!(chain_id::get() == 4, 5);
        assert!(migrations::finished() == 0, 6);
        unit_test::set_transaction(x"01", x"02");
        assert!(transaction_context::tx_hash() == x"01" && transaction_context::script_hash() == x"02", 7);
    }

    #[test(framework = @0x1)]
    fun fee_parameters_are_set(framework: &signer) {
        test_chain::setup();
        assert!(fee_parameters::block_gas() == 1250000, 9);
        fee_parameters::set(framework, 900, 400000, 10, 1000);
        assert!(fee_parameters::minimum_gas_price() == 900, 1);
        assert!(fee_parameters::block_gas() == 400000, 2);
        assert!(fee_parameters::storage_byte_price() == 10, 3);
        assert!(fee_parameters::burn_permille() == 1000, 4);
        assert!(unit_test::events_of<fee_parameters::Changed>() == 1, 5);
        assert!(unit_test::events_of<consensus_config::Changed>() == 1, 6);
    }

    #[test(framework = @0x1)]
    fun fees_set_by_name_follow_in_the_next_block(framework: &signer) {
        test_chain::setup();
        consensus_config::set(framework, vector[string::utf8(b"minimumGasPrice")], vector[7]);
        assert!(fee_parameters::minimum_gas_price() == 1, 1);
        test_chain::at(2, 1);
        block::begin_for_test();
        assert!(fee_parameters::minimum_gas_price() == 7, 2);
    }

    #[test(framework = @0x1)]
    fun the_epoch_interval_is_set(framework: &signer) {
        test_chain::setup();
        consensus_config::set(framework, vector[string::utf8(b"epochMicros")], vector[2000000]);
        assert!(reconfiguration::interval_micros() == 2000000, 1);
    }
}
