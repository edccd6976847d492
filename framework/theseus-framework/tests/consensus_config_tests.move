#[test_only]
module theseus_framework::consensus_config_tests {
    use std::string::{Self, String};
    use std::unit_test;
    use std::vector;
    use theseus_framework::consensus_config;
    use theseus_framework::governance;
    use theseus_framework::test_chain;

    fun set(name: vector<u8>, value: u64) {
        consensus_config::set(
            &unit_test::create_signer(@0x1), vector[string::utf8(name)], vector[value]
        );
    }

    fun text(name: vector<u8>): String { string::utf8(name) }

    #[test]
    fun a_change_is_announced() {
        test_chain::setup();
        set(b"blockInterval", 300);
        assert!(unit_test::events_of<consensus_config::Changed>() == 1, 1);
        // the record has it one block later; a change of this block is judged by it already
        assert!(consensus_config::value(b"blockInterval") == 300, 2);
        test_chain::at(2, 1);
        assert!(consensus_config::value(b"blockInterval") == 250, 3);
    }

    #[test]
    #[expected_failure(abort_code = 0x203f4, location = theseus_framework::consensus_config)]
    // fault 3: 0x3f4 is 1012, and 12 the code of safetyThreshold
    fun a_safety_threshold_of_one_is_refused() {
        test_chain::setup();
        set(b"safetyThreshold", 1);
    }

    #[test]
    #[expected_failure(abort_code = 0x203f4, location = theseus_framework::consensus_config)]
    fun one_bad_value_refuses_all() {
        test_chain::setup();
        consensus_config::set(
            &unit_test::create_signer(@0x1), vector[text(b"blockInterval"), text(b"safetyThreshold")], vector[500, 1000001]
        );
    }

    #[test]
    // both ends of a range are in it
    fun ranges_are_closed() {
        test_chain::setup();
        set(b"readinessThreshold", 40);
        set(b"readinessThreshold", 59);
        set(b"burnPermille", 0);
        set(b"burnPermille", 1000);
    }

    #[test]
    #[expected_failure(abort_code = 0x20410, location = theseus_framework::consensus_config)]
    fun no_more_than_all_is_burned() {
        test_chain::setup();
        set(b"burnPermille", 1001);
    }

    #[test]
    #[expected_failure(abort_code = 0x2040c, location = theseus_framework::consensus_config)]
    // fault 90
    fun an_endless_epoch_is_refused() {
        test_chain::setup();
        set(b"epochMicros", 18446744073709551615);
    }

    #[test]
    #[expected_failure(abort_code = 0x20409, location = theseus_framework::consensus_config)]
    // fault 90
    fun a_deposit_that_nobody_has_is_refused() {
        test_chain::setup();
        governance::set_config(&unit_test::create_signer(@0x1), 20, 5, 30, 18446744073709551615);
    }

    #[test]
    #[expected_failure(abort_code = 0x20464, location = theseus_framework::consensus_config)]
    // 4,500 coins exist: 45 are a hundredth
    fun a_deposit_above_a_share_of_the_supply_is_refused() {
        test_chain::setup();
        set(b"proposalDeposit", 45 * test_chain::unit());
        set(b"proposalDeposit", 45 * test_chain::unit() + 1);
    }

    #[test]
    #[expected_failure(abort_code = 0x20406, location = theseus_framework::consensus_config)]
    fun a_vote_of_a_moment_is_refused() {
        test_chain::setup();
        set(b"votingBlocks", 1);
    }

    #[test]
    #[expected_failure(abort_code = 0x2045a, location = theseus_framework::consensus_config)]
    // fault 90: unbonding 60 s, evidence of 60 minutes
    fun evidence_does_not_outlive_the_bonds() {
        test_chain::setup();
        set(b"epochMicros", 30000000);
        set(b"unbondingEpochs", 3);
        set(b"evidenceAgeTime", 3600000);
    }

    #[test]
    #[expected_failure(abort_code = 0x20453, location = theseus_framework::consensus_config)]
    // fault 90: timeouts that a full block never meets; 2 MiB take 2 s, and a proposal may travel 2 s
    fun timeouts_let_a_full_block_travel() {
        test_chain::setup();
        consensus_config::set(
            &unit_test::create_signer(@0x1), vector[text(b"maximumTimeout"), text(b"maximumBlockBytes")],
            vector[4000, 2097152]
        );
        set(b"maximumTimeout", 3999);
    }

    #[test]
    #[expected_failure(abort_code = 0x203ea, location = theseus_framework::consensus_config)]
    fun timeouts_grow() {
        test_chain::setup();
        set(b"proposeTimeoutDelta", 0);
    }

    #[test]
    #[expected_failure(abort_code = 0x20457, location = theseus_framework::consensus_config)]
    // 100 ns a unit: 1,500,000 units are 150 ms
    fun a_block_takes_half_its_interval() {
        test_chain::setup();
        set(b"blockInterval", 300);
        set(b"blockGas", 1500000);
        set(b"blockInterval", 299);
    }

    #[test]
    #[expected_failure(abort_code = 0x20467, location = theseus_framework::consensus_config)]
    // validators of 1,000, 400 and 300: with 300 all keep their place, with 301 only 1,400 of 1,700, more than 2/3; with 401 1,000
    fun a_bond_that_costs_the_set_its_power_is_refused() {
        test_chain::setup();
        unit_test::set_validators(test_chain::validators(), vector[1000, 400, 300]);
        set(b"minimumBond", 400 * test_chain::unit());
        set(b"minimumBond", 400 * test_chain::unit() + 1);
    }

    #[test]
    // power that no bond can have: the product would exceed 64 bits
    fun enormous_powers_bound_nothing() {
        test_chain::setup();
        unit_test::set_validators(vector[@0xa1], vector[9223372036854775807]);
        set(b"minimumBond", 450 * test_chain::unit());
    }

    #[test]
    // a relation that broke by itself stops no change that does not touch it
    fun what_is_broken_elsewhere_stops_nothing() {
        test_chain::setup();
        unit_test::set_validators(test_chain::validators(), vector[1, 1, 1]);
        set(b"blockInterval", 300);
        set(b"minimumBond", test_chain::unit());
    }

    #[test]
    #[expected_failure(abort_code = 0x60002, location = theseus_framework::consensus_config)]
    fun an_unknown_parameter_is_not_set() {
        test_chain::setup();
        set(b"weather", 1);
    }

    #[test]
    #[expected_failure(abort_code = 0x60002, location = theseus_framework::consensus_config)]
    fun a_fact_is_not_set() {
        test_chain::setup();
        set(b"coinSupply", 1);
    }

    #[test]
    #[expected_failure(abort_code = 0x60002, location = theseus_framework::consensus_config)]
    fun an_unknown_parameter_has_no_value() {
        test_chain::setup();
        consensus_config::value(b"weather");
    }

    #[test]
    #[expected_failure(abort_code = 0x60002, location = theseus_framework::consensus_config)]
    fun a_parameter_of_the_record_is_no_setting() {
        test_chain::setup();
        consensus_config::setting(b"blockInterval");
    }

    #[test]
    #[expected_failure(abort_code = 0x10001, location = theseus_framework::consensus_config)]
    fun names_and_values_go_together() {
        test_chain::setup();
        consensus_config::set(&unit_test::create_signer(@0x1), vector[text(b"blockInterval")], vector[500, 2]);
    }

    #[test(alice = @0xb1)]
    #[expected_failure(abort_code = 0x50001, location = theseus_framework::system_addresses)]
    fun only_the_framework_sets(alice: &signer) {
        test_chain::setup();
        consensus_config::set(alice, vector[text(b"blockInterval")], vector[500]);
    }

    #[test]
    fun two_changes_of_a_block_are_judged_together() {
        test_chain::setup();
        set(b"notice", 100);
        set(b"safetyThreshold", 100);
        set(b"notice", 101);
        assert!(consensus_config::value(b"notice") == 101, 1);
        assert!(vector::length(&vector[consensus_config::power_unit()]) == 1, 2);
    }
}
