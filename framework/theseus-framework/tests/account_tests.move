#[test_only]
module theseus_framework::account_tests {
    use std::bcs;
    use std::unit_test;
    use std::vector;
    use theseus_framework::account;
    use theseus_framework::test_chain;

    #[test]
    fun a_new_account_is_locked_by_its_address() {
        account::create_account(@0xc1);
        assert!(account::exists_at(@0xc1), 1);
        assert!(account::sequence_number(@0xc1) == 0, 2);
        assert!(account::authentication_key(@0xc1) == bcs::to_bytes(&@0xc1), 3);
        account::ensure(@0xc1);
        account::ensure(@0xc2);
        assert!(account::exists_at(@0xc2), 4);
    }

    #[test]
    #[expected_failure(abort_code = 0x80001, location = theseus_framework::account)]
    fun an_account_is_created_once() {
        account::create_account(@0xc1);
        account::create_account(@0xc1);
    }

    #[test]
    #[expected_failure(abort_code = 0x60002, location = theseus_framework::account)]
    fun the_sequence_number_of_nobody_aborts() {
        account::sequence_number(@0xc1);
    }

    #[test]
    #[expected_failure(abort_code = 0x60002, location = theseus_framework::account)]
    fun the_key_of_nobody_aborts() {
        account::authentication_key(@0xc1);
    }

    #[test(alice = @0xb1)]
    #[expected_failure(abort_code = 0x10004, location = theseus_framework::account)]
    fun rotation_needs_the_new_keys_signature(alice: &signer) {
        test_chain::setup();
        let signature = vector::empty();
        while (vector::length(&signature) < 64) vector::push_back(&mut signature, 0);
        account::rotate_authentication_key(
            alice, x"8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c", signature
        );
    }

    #[test]
    fun the_key_of_the_vector_is_its_address() {
        // execution 1, vector V1
        assert!(
            account::key_of(x"8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c")
                == x"7df415e5b21bdaa8b2946e8f1f4278b39904e51a69627494cd3e6f2996732fbd",
            1
        );
    }

    #[test]
    fun the_rotation_message_binds_owner_and_sequence() {
        let expected = b"THESEUS::RotateKey";
        vector::append(&mut expected, bcs::to_bytes(&@0xb1));
        vector::append(&mut expected, x"0700000000000000");
        assert!(account::rotation_message(@0xb1, 7) == expected, 1);
    }

    #[test(alice = @0xb1)]
    fun a_key_is_rotated_by_its_owner(alice: &signer) {
        test_chain::setup();
        // the key of seed 01…01 signs "THESEUS::RotateKey", 0xb1 and the sequence number 0
        account::rotate_authentication_key(
            alice, x"8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c",
            x"a96bd1eb78071b39fa7ba4e6bda1af82eba054891f6b66f9dc1c5deec399396459d2bbf8df4cd2fd0ab1600c1777b9927c31171090a6d66ecd486c760291ba0f"
        );
        assert!(
            account::authentication_key(@0xb1) == x"7df415e5b21bdaa8b2946e8f1f4278b39904e51a69627494cd3e6f2996732fbd", 1
        );
        assert!(unit_test::events_of<account::KeyRotated>() == 1, 2);
    }

    #[test]
    fun the_last_sequence_number_is_reached() {
        account::create_account(@0xc1);
        account::set_sequence_number_for_test(@0xc1, 18446744073709551614);
        account::increment_for_test(@0xc1);
        assert!(account::sequence_number(@0xc1) == 18446744073709551615, 1);
    }

    #[test]
    #[expected_failure(abort_code = 0x20003, location = theseus_framework::account)]
    fun the_sequence_number_ends() {
        account::create_account(@0xc1);
        account::set_sequence_number_for_test(@0xc1, 18446744073709551615);
        account::increment_for_test(@0xc1);
    }
}
