#[test_only]
module theseus_framework::code_tests {
    use std::unit_test;
    use std::vector;
    use theseus_framework::code;
    use theseus_framework::probe;
    use theseus_framework::reconfiguration;
    use theseus_framework::test_chain::{Self, key};
    use theseus_framework::validator_set;

    #[test(framework = @0x1)]
    fun publishing_asks_the_stack_and_ends_the_epoch(framework: &signer) {
        test_chain::setup();
        code::publish(framework, key(1), key(2), key(3), vector[x"a11c", x"eb0b"]);
        assert!(unit_test::publish_requests() == 1, 1);
        assert!(code::upgrades() == 1 && code::code_root() == key(2) && code::source_digest() == key(3), 2);
        assert!(reconfiguration::epoch_requested(), 3);
        assert!(unit_test::events_of<code::Published>() == 1, 4);
        code::published_for_test();
    }

    #[test(alice = @0xb1)]
    #[expected_failure(abort_code = 0x50001, location = theseus_framework::system_addresses)]
    fun only_the_framework_publishes(alice: &signer) {
        test_chain::setup();
        code::publish(alice, key(1), key(2), key(3), vector[x"a11c"]);
    }

    #[test(framework = @0x1)]
    #[expected_failure(abort_code = 0x10001, location = theseus_framework::code)]
    fun an_empty_bundle_aborts(framework: &signer) {
        test_chain::setup();
        code::publish(framework, key(1), key(2), key(3), vector[]);
    }

    #[test(framework = @0x1)]
    #[expected_failure(abort_code = 0x10001, location = theseus_framework::code)]
    fun a_bundle_is_bounded(framework: &signer) {
        test_chain::setup();
        let modules = vector::empty();
        while (vector::length(&modules) < 201) vector::push_back(&mut modules, x"00");
        code::publish(framework, key(1), key(2), key(3), modules);
    }

    #[test(framework = @0x1)]
    #[expected_failure(abort_code = 0x10002, location = theseus_framework::code)]
    fun roots_have_32_bytes(framework: &signer) {
        test_chain::setup();
        code::publish(framework, key(1), x"02", key(3), vector[x"a11c"]);
    }

    #[test(framework = @0x1)]
    #[expected_failure(abort_code = 0x10003, location = theseus_framework::code)]
    fun a_module_is_bounded(framework: &signer) {
        test_chain::setup();
        let half = vector::empty<u8>();
        while (vector::length(&half) < 1000) vector::push_back(&mut half, 0);
        let large = vector::empty<u8>();
        let i = 0;
        while (i < 60) {
            vector::append(&mut large, *&half);
            i = i + 1;
        };
        vector::push_back(&mut large, 0);
        code::publish(framework, key(1), key(2), key(3), vector[large]);
    }

    #[test]
    fun the_probe_runs_the_whole_ceremony() {
        test_chain::setup();
        probe::run_for_test(key(1), key(2), vector[x"a11c"]);
        assert!(unit_test::publish_requests() == 1, 1);
        probe::force_epoch_for_test();
        assert!(unit_test::events_of<validator_set::EpochSetup>() == 1, 2);
    }

    #[test]
    #[expected_failure(abort_code = 1, location = theseus_framework::probe)]
    fun the_probe_needs_an_approval() {
        test_chain::setup();
        // nobody votes
        unit_test::set_validators(vector[], vector[]);
        probe::run_for_test(key(1), key(2), vector[x"a11c"]);
    }
}
