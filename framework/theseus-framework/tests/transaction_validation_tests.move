#[test_only]
module theseus_framework::transaction_validation_tests {
    use theseus_framework::account;
    use theseus_framework::test_chain;
    use theseus_framework::theseus_coin;
    use theseus_framework::transaction_validation as validation;

    // Block time in these tests is 1000 s and 0.1 s a block.
    const LATER: u64 = 2000;

    #[test]
    fun a_good_transaction_passes_and_pays() {
        test_chain::setup();
        validation::prologue_for_test(@0xb1, 0, x"00", 2, 1000, LATER, 4, true);
        let before = theseus_coin::balance(@0xb1);
        validation::epilogue_for_test(@0xb1, 2, 300);
        assert!(theseus_coin::balance(@0xb1) == before - 600, 1);
        assert!(account::sequence_number(@0xb1) == 1, 2);
        validation::prologue_for_test(@0xb1, 1, x"ff", 1, 1, LATER, 4, false);
    }

    #[test]
    #[expected_failure(abort_code = 1007, location = theseus_framework::transaction_validation)]
    fun another_chain_is_refused() {
        test_chain::setup();
        validation::prologue_for_test(@0xb1, 0, x"00", 1, 1000, LATER, 5, true);
    }

    #[test]
    #[expected_failure(abort_code = 1006, location = theseus_framework::transaction_validation)]
    fun expiry_is_refused_at_its_second() {
        test_chain::setup();
        validation::prologue_for_test(@0xb1, 0, x"00", 1, 1000, 1000, 4, true);
    }

    #[test]
    #[expected_failure(abort_code = 1004, location = theseus_framework::transaction_validation)]
    fun nobody_is_refused() {
        test_chain::setup();
        validation::prologue_for_test(@0xdead, 0, x"00", 1, 1000, LATER, 4, true);
    }

    #[test]
    #[expected_failure(abort_code = 1001, location = theseus_framework::transaction_validation)]
    fun a_foreign_key_is_refused() {
        test_chain::setup();
        validation::prologue_for_test(@0xb1, 0, x"01", 1, 1000, LATER, 4, true);
    }

    #[test]
    #[expected_failure(abort_code = 1008, location = theseus_framework::transaction_validation)]
    fun the_last_sequence_number_is_refused() {
        test_chain::setup();
        validation::prologue_for_test(@0xb1, 18446744073709551615, x"00", 1, 1000, LATER, 4, true);
    }

    #[test]
    #[expected_failure(abort_code = 1003, location = theseus_framework::transaction_validation)]
    fun a_sequence_gap_is_refused() {
        test_chain::setup();
        validation::prologue_for_test(@0xb1, 1, x"00", 1, 1000, LATER, 4, true);
    }

    #[test]
    #[expected_failure(abort_code = 1002, location = theseus_framework::transaction_validation)]
    fun a_used_sequence_number_is_refused() {
        test_chain::setup();
        validation::epilogue_for_test(@0xb1, 1, 1);
        validation::prologue_for_test(@0xb1, 0, x"00", 1, 1000, LATER, 4, true);
    }

    #[test]
    #[expected_failure(abort_code = 1009, location = theseus_framework::transaction_validation)]
    fun a_free_transaction_is_refused() {
        test_chain::setup();
        validation::prologue_for_test(@0xb1, 0, x"00", 0, 1000, LATER, 4, true);
    }

    #[test]
    #[expected_failure(abort_code = 1005, location = theseus_framework::transaction_validation)]
    fun the_deposit_is_computed_without_overflow() {
        test_chain::setup();
        // 2^32 * 2^32 is 2^64: zero in 64 bits
        validation::prologue_for_test(@0xb1, 0, x"00", 4294967296, 4294967296, LATER, 4, true);
    }

    #[test]
    #[expected_failure(abort_code = 1010, location = theseus_framework::transaction_validation)]
    fun a_fee_beyond_64_bits_aborts() {
        test_chain::setup();
        validation::epilogue_for_test(@0xb1, 4294967296, 4294967296);
    }
}
