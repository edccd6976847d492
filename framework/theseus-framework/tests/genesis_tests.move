#[test_only]
module theseus_framework::genesis_tests {
    use std::unit_test;
    use theseus_framework::chain_id;
    use theseus_framework::genesis;
    use theseus_framework::governance;
    use theseus_framework::migrations;
    use theseus_framework::test_chain::{Self, key};
    use theseus_framework::timestamp;

    fun prepare() {
        test_chain::at(1, 1);
        unit_test::set_validators(test_chain::validators(), vector[1000, 1000, 1000]);
        unit_test::set_component(b"execution", 1, key(9), 0, vector[], 0, 16);
        test_chain::evidence_of_seconds();
    }

    #[test]
    #[expected_failure(abort_code = 0x10001, location = theseus_framework::genesis)]
    fun every_validator_has_a_bond() {
        prepare();
        genesis::initialize_for_test(vector[@0xb1], vector[1], vector[@0xa1, @0xa2], vector[key(1), key(2)], vector[1]);
    }

    #[test]
    #[expected_failure(abort_code = 0x10001, location = theseus_framework::genesis)]
    fun every_validator_has_a_key() {
        prepare();
        genesis::initialize_for_test(vector[@0xb1], vector[1], vector[@0xa1, @0xa2], vector[key(1)], vector[1, 1]);
    }

    #[test]
    #[expected_failure(abort_code = 0x10001, location = theseus_framework::genesis)]
    fun a_chain_has_validators() {
        prepare();
        genesis::initialize_for_test(vector[@0xb1], vector[1], vector[], vector[], vector[]);
    }

    #[test]
    #[expected_failure(abort_code = 0x10001, location = theseus_framework::genesis)]
    fun every_account_has_a_balance() {
        prepare();
        genesis::initialize_for_test(vector[@0xb1, @0xb2], vector[1], vector[@0xa1], vector[key(1)], vector[10000000000]);
    }

    #[test]
    #[expected_failure(abort_code = 0x2045a, location = theseus_framework::consensus_config)]
    fun a_chain_keeps_its_offenders_liable() {
        prepare();
        unit_test::set_parameter(b"evidenceAgeTime", 3600000);
        genesis::initialize_for_test(
            vector[@0xb1], vector[100000000000000], vector[@0xa1], vector[key(1)], vector[10000000000]
        );
    }

    #[test]
    fun a_new_chain_knows_itself() {
        test_chain::setup();
        assert!(chain_id::get() == 4 && migrations::finished() == 0, 1);
        assert!(governance::proposal_count() == 0 && !governance::is_approved(key(1)), 2);
        assert!(timestamp::now_seconds() * 1000000 <= timestamp::now_microseconds(), 3);
    }
}
