#[test_only]
module theseus_framework::versions_tests {
    use std::string::{Self, String};
    use std::unit_test;
    use std::vector;
    use theseus_framework::protocol_record;
    use theseus_framework::test_chain::{Self, key};
    use theseus_framework::versions;

    fun execution(): String { string::utf8(b"execution") }

    fun new_natives(): vector<String> {
        vector[
            string::utf8(b"hash::native_keccak256"), string::utf8(b"hash::native_sha2_256"),
            string::utf8(b"string::internal_check_utf8")
        ]
    }

    #[test(framework = @0x1)]
    fun a_stack_is_scheduled_followed_and_leaves_probation(framework: &signer) {
        test_chain::setup();
        assert!(vector::length(&versions::usable_natives()) == 2, 1);
        versions::schedule(framework, execution(), 2, key(8), vector[string::utf8(b"hash::native_sha2_256")], 18);
        assert!(unit_test::events_of<versions::Schedule>() == 1, 2);
        // what the scheduled stack lacks is not usable any more
        assert!(versions::usable_natives() == vector[string::utf8(b"hash::native_sha2_256")], 3);
        unit_test::set_component(b"execution", 2, key(8), 0, vector::empty(), 0, 16);
        test_chain::at(19, 1);
        versions::follow_for_test();
        assert!(vector::length(&versions::usable_natives()) == 1, 4);
        test_chain::at(59, 1);
        versions::follow_for_test();
        assert!(versions::usable_natives() == vector[string::utf8(b"hash::native_sha2_256")], 5);
    }

    #[test(framework = @0x1)]
    fun new_natives_are_usable_after_probation(framework: &signer) {
        test_chain::setup();
        versions::schedule(framework, execution(), 2, key(8), new_natives(), 18);
        assert!(vector::length(&versions::usable_natives()) == 2, 1);
        unit_test::set_component(b"execution", 2, key(8), 0, vector::empty(), 0, 16);
        test_chain::at(19, 1);
        versions::follow_for_test();
        assert!(vector::length(&versions::usable_natives()) == 2, 2);
        test_chain::at(58, 1);
        versions::follow_for_test();
        assert!(vector::length(&versions::usable_natives()) == 2, 3);
        test_chain::at(59, 1);
        versions::follow_for_test();
        assert!(versions::usable_natives() == new_natives(), 4);
    }

    #[test(framework = @0x1)]
    #[expected_failure(abort_code = 0x10008, location = theseus_framework::versions)]
    fun a_stack_without_natives_is_not_scheduled(framework: &signer) {
        test_chain::setup();
        versions::schedule(framework, execution(), 2, key(8), vector[], 18);
    }

    #[test(framework = @0x1)]
    #[expected_failure(abort_code = 0x10008, location = theseus_framework::versions)]
    fun natives_are_bounded(framework: &signer) {
        test_chain::setup();
        let natives = vector[];
        while (vector::length(&natives) < 257) vector::push_back(&mut natives, string::utf8(b"a::b():"));
        versions::schedule(framework, execution(), 2, key(8), natives, 18);
    }

    #[test(framework = @0x1)]
    // fault 1, 92: another signature is another native
    fun a_native_is_its_signature(framework: &signer) {
        test_chain::setup();
        versions::schedule(
            framework, execution(), 2, key(8),
            vector[string::utf8(b"hash::native_sha2_256(u8):u8"), string::utf8(b"string::internal_check_utf8")], 18
        );
        assert!(versions::usable_natives() == vector[string::utf8(b"string::internal_check_utf8")], 1);
    }

    #[test(framework = @0x1)]
    fun the_same_change_may_move(framework: &signer) {
        test_chain::setup();
        unit_test::set_component(b"execution", 1, key(9), 2, key(8), 100, 16);
        versions::schedule(framework, execution(), 2, key(8), new_natives(), 40);
        assert!(unit_test::events_of<versions::Schedule>() == 1, 1);
    }

    #[test(framework = @0x1)]
    #[expected_failure(abort_code = 0x30005, location = theseus_framework::versions)]
    fun another_change_must_wait(framework: &signer) {
        test_chain::setup();
        unit_test::set_component(b"execution", 1, key(9), 2, key(8), 100, 16);
        versions::schedule(framework, execution(), 2, key(7), new_natives(), 40);
    }

    #[test(framework = @0x1)]
    #[expected_failure(abort_code = 0x20004, location = theseus_framework::versions)]
    fun a_change_gives_notice(framework: &signer) {
        test_chain::setup();
        versions::schedule(framework, execution(), 2, key(8), new_natives(), 17);
    }

    #[test(framework = @0x1)]
    #[expected_failure(abort_code = 0x10002, location = theseus_framework::versions)]
    fun versions_rise_by_one(framework: &signer) {
        test_chain::setup();
        versions::schedule(framework, execution(), 3, key(8), new_natives(), 40);
    }

    #[test(framework = @0x1)]
    #[expected_failure(abort_code = 0x10003, location = theseus_framework::versions)]
    fun a_module_id_has_32_bytes(framework: &signer) {
        test_chain::setup();
        versions::schedule(framework, execution(), 2, x"08", new_natives(), 40);
    }

    #[test(framework = @0x1)]
    #[expected_failure(abort_code = 0x60001, location = theseus_framework::versions)]
    fun an_unknown_component_is_not_scheduled(framework: &signer) {
        test_chain::setup();
        versions::schedule(framework, string::utf8(b"weather"), 2, key(8), new_natives(), 40);
    }

    #[test(framework = @0x1)]
    fun a_pending_change_is_cancelled(framework: &signer) {
        test_chain::setup();
        versions::schedule(framework, execution(), 2, key(8), vector[string::utf8(b"a::b():")], 18);
        unit_test::set_component(b"execution", 1, key(9), 2, key(8), 19, 16);
        assert!(vector::is_empty(&versions::usable_natives()), 1);
        versions::cancel(framework, execution());
        assert!(vector::length(&versions::usable_natives()) == 2, 2);
        assert!(unit_test::events_of<versions::Cancel>() == 1, 3);
    }

    #[test(framework = @0x1)]
    #[expected_failure(abort_code = 0x30007, location = theseus_framework::versions)]
    fun a_change_of_the_next_block_is_not_cancelled(framework: &signer) {
        test_chain::setup();
        unit_test::set_component(b"execution", 1, key(9), 2, key(8), 19, 16);
        test_chain::at(18, 1);
        versions::cancel(framework, execution());
    }

    #[test(framework = @0x1)]
    fun a_change_is_cancelled_two_blocks_before(framework: &signer) {
        test_chain::setup();
        unit_test::set_component(b"execution", 1, key(9), 2, key(8), 19, 16);
        test_chain::at(17, 1);
        versions::cancel(framework, execution());
        assert!(unit_test::events_of<versions::Cancel>() == 1, 1);
    }

    #[test(framework = @0x1)]
    #[expected_failure(abort_code = 0x30007, location = theseus_framework::versions)]
    fun a_change_of_the_next_block_is_not_moved(framework: &signer) {
        test_chain::setup();
        unit_test::set_component(b"execution", 1, key(9), 2, key(8), 19, 16);
        test_chain::at(18, 1);
        versions::schedule(framework, execution(), 2, key(8), new_natives(), 40);
    }

    #[test(framework = @0x1)]
    #[expected_failure(abort_code = 0x30005, location = theseus_framework::versions)]
    fun two_stacks_are_not_scheduled_in_one_block(framework: &signer) {
        test_chain::setup();
        versions::schedule(framework, execution(), 2, key(8), new_natives(), 18);
        versions::schedule(framework, execution(), 2, key(7), vector[string::utf8(b"a::b():")], 18);
    }

    #[test(framework = @0x1)]
    fun a_rollback_brings_the_natives_back(framework: &signer) {
        test_chain::setup();
        test_chain::at(2, 1);
        versions::follow_for_test();
        let first = versions::usable_natives();
        versions::schedule(framework, execution(), 2, key(8), new_natives(), 18);
        unit_test::set_component(b"execution", 2, key(8), 0, vector::empty(), 0, 16);
        test_chain::at(20, 1);
        versions::follow_for_test();
        // version 3 is the module of version 1 again (record P11)
        unit_test::set_component(b"execution", 3, key(9), 0, vector::empty(), 0, 16);
        test_chain::at(30, 1);
        versions::follow_for_test();
        assert!(versions::usable_natives() == first, 1);
        test_chain::at(90, 1);
        versions::follow_for_test();
        assert!(versions::usable_natives() == first, 2);
    }

    #[test(framework = @0x1)]
    fun a_rollback_drops_what_was_pending(framework: &signer) {
        test_chain::setup();
        test_chain::at(2, 1);
        versions::follow_for_test();
        let first = versions::usable_natives();
        versions::schedule(framework, execution(), 2, key(8), new_natives(), 18);
        unit_test::set_component(b"execution", 2, key(8), 0, vector::empty(), 0, 16);
        test_chain::at(20, 1);
        versions::follow_for_test();
        versions::schedule(framework, execution(), 3, key(7), vector[string::utf8(b"a::b():")], 18);
        unit_test::set_component(b"execution", 2, key(8), 3, key(7), 38, 16);
        test_chain::at(21, 1);
        versions::follow_for_test();
        assert!(vector::is_empty(&versions::usable_natives()), 1);
        unit_test::set_component(b"execution", 3, key(9), 0, vector::empty(), 0, 16);
        test_chain::at(30, 1);
        versions::follow_for_test();
        assert!(versions::usable_natives() == first, 2);
    }

    #[test(framework = @0x1)]
    fun a_module_that_was_never_announced_changes_no_list(framework: &signer) {
        test_chain::setup();
        test_chain::at(2, 1);
        versions::follow_for_test();
        versions::schedule(framework, execution(), 2, key(8), vector[string::utf8(b"a::b():")], 18);
        unit_test::set_component(b"execution", 2, key(7), 0, vector::empty(), 0, 16);
        test_chain::at(20, 1);
        versions::follow_for_test();
        assert!(vector::length(&versions::usable_natives()) == 2, 1);
    }

    #[test(framework = @0x1)]
    fun a_lapsed_change_restricts_nothing(framework: &signer) {
        test_chain::setup();
        versions::schedule(framework, execution(), 2, key(8), vector[string::utf8(b"a::b():")], 18);
        unit_test::set_component(b"execution", 1, key(9), 2, key(8), 19, 16);
        test_chain::at(2, 1);
        versions::follow_for_test();
        assert!(vector::is_empty(&versions::usable_natives()), 1);
        // at the height the record drops it: the version stays
        unit_test::set_component(b"execution", 1, key(9), 0, vector::empty(), 0, 16);
        test_chain::at(19, 1);
        versions::follow_for_test();
        assert!(vector::length(&versions::usable_natives()) == 2, 2);
    }

    #[test(framework = @0x1)]
    fun another_pending_module_than_ours_restricts_nothing(framework: &signer) {
        test_chain::setup();
        versions::schedule(framework, execution(), 2, key(8), vector[string::utf8(b"a::b():")], 18);
        unit_test::set_component(b"execution", 1, key(9), 2, key(7), 40, 16);
        test_chain::at(2, 1);
        versions::follow_for_test();
        assert!(vector::length(&versions::usable_natives()) == 2, 1);
    }

    #[test(framework = @0x1)]
    #[expected_failure(abort_code = 0x30006, location = theseus_framework::versions)]
    fun nothing_pending_is_not_cancelled(framework: &signer) {
        test_chain::setup();
        versions::cancel(framework, execution());
    }

    #[test(framework = @0x1)]
    #[expected_failure(abort_code = 0x60001, location = theseus_framework::versions)]
    fun an_unknown_component_is_not_cancelled(framework: &signer) {
        test_chain::setup();
        versions::cancel(framework, string::utf8(b"weather"));
    }

    #[test]
    fun the_record_is_read() {
        unit_test::set_component(b"execution", 3, key(9), 4, key(8), 77, 16);
        assert!(protocol_record::exists_component(b"execution") && !protocol_record::exists_component(b"x"), 1);
        assert!(protocol_record::version(b"execution") == 3, 2);
        assert!(protocol_record::module_id(b"execution") == key(9), 3);
        assert!(protocol_record::scheduled_version(b"execution") == 4, 4);
        assert!(protocol_record::scheduled_module_id(b"execution") == key(8), 5);
        assert!(protocol_record::scheduled_height(b"execution") == 77, 6);
        assert!(protocol_record::notice(b"execution") == 16, 7);
    }

    #[test]
    #[expected_failure(abort_code = 0x60001, location = theseus_framework::protocol_record)]
    fun reading_an_unknown_component_aborts() {
        protocol_record::version(b"weather");
    }

    #[test(framework = @0x1)]
    #[expected_failure(abort_code = 0x30006, location = theseus_framework::versions)]
    // fault 3: the record refuses the second one
    fun a_change_is_withdrawn_once_in_a_block(framework: &signer) {
        test_chain::setup();
        unit_test::set_component(b"execution", 1, key(9), 2, key(8), 100, 16);
        versions::cancel(framework, execution());
        versions::cancel(framework, execution());
    }

    #[test(framework = @0x1)]
    #[expected_failure(abort_code = 0x30005, location = theseus_framework::versions)]
    // fault 3: of two modules in one block the record takes the first, for whatever component
    fun one_module_is_scheduled_in_a_block(framework: &signer) {
        test_chain::setup();
        unit_test::set_component(b"consensus", 1, key(9), 0, vector::empty(), 0, 16);
        versions::schedule(framework, string::utf8(b"consensus"), 2, key(8), vector[], 18);
        versions::schedule(framework, string::utf8(b"consensus"), 2, key(7), vector[], 18);
    }

    #[test(framework = @0x1)]
    // the record judges a block's requests in their order, and so does Move
    fun a_change_withdrawn_makes_room_in_the_same_block(framework: &signer) {
        test_chain::setup();
        unit_test::set_component(b"execution", 1, key(9), 2, key(8), 100, 16);
        versions::cancel(framework, execution());
        versions::schedule(framework, execution(), 2, key(7), new_natives(), 18);
        versions::cancel(framework, execution());
        versions::schedule(framework, execution(), 2, key(8), new_natives(), 18);
        assert!(unit_test::events_of<versions::Schedule>() == 2, 1);
        assert!(unit_test::events_of<versions::Cancel>() == 2, 2);
        test_chain::at(20, 1);
        versions::cancel(framework, execution()); // the next block asks the record again
    }

    #[test(framework = @0x1)]
    #[expected_failure(abort_code = 0x10003, location = theseus_framework::versions)]
    // fault 3: the record refuses it as no module
    fun a_module_id_of_zeros_names_nothing(framework: &signer) {
        test_chain::setup();
        versions::schedule(framework, execution(), 2, key(0), new_natives(), 40);
    }
}
