#[test_only]
module theseus_framework::stake_tests {
    use std::bcs;
    use std::unit_test;
    use std::vector;
    use theseus_framework::block;
    use theseus_framework::coin;
    use theseus_framework::reconfiguration;
    use theseus_framework::stake;
    use theseus_framework::test_chain::{Self, key};
    use theseus_framework::theseus_coin::{Self, TheseusCoin};
    use theseus_framework::validator_set;

    /// Ed25519 public key of the seed 01…01 (execution 1, vector V1).
    const KEY: vector<u8> = x"8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c";

    fun zeros(n: u64): vector<u8> {
        let bytes = vector::empty();
        while (vector::length(&bytes) < n) vector::push_back(&mut bytes, 0);
        bytes
    }

    fun set_at(epoch: u64): vector<address> {
        let (addresses, keys, powers) = stake::compute_set_for_test(epoch);
        assert!(vector::length(&keys) == vector::length(&addresses), 100);
        assert!(vector::length(&powers) == vector::length(&addresses), 101);
        addresses
    }

    #[test]
    fun genesis_validators_make_the_set() {
        test_chain::setup();
        assert!(set_at(2) == test_chain::validators(), 1);
        let (_, keys, powers) = stake::compute_set_for_test(2);
        assert!(*vector::borrow(&keys, 1) == key(2), 2);
        assert!(powers == vector[1000, 1000, 1000], 3);
        assert!(stake::candidates() == test_chain::validators(), 4);
        assert!(stake::consensus_key(@0xa3) == key(3), 5);
        assert!(validator_set::current() == test_chain::validators(), 6);
        assert!(validator_set::is_current(@0xa1) && !validator_set::is_current(@0xb1), 7);
        assert!(vector::is_empty(&validator_set::next()), 8);
    }

    #[test(alice = @0xb1)]
    fun a_bond_buys_power(alice: &signer) {
        test_chain::setup();
        stake::open_pool_for_test(alice, key(9));
        stake::bond(alice, 99 * test_chain::unit());
        assert!(vector::length(&set_at(2)) == 3, 1);
        stake::bond(alice, test_chain::unit() + 5);
        let (addresses, _, powers) = stake::compute_set_for_test(2);
        assert!(*vector::borrow(&addresses, 3) == @0xb1, 2);
        assert!(*vector::borrow(&powers, 3) == 100, 3);
        let (bonded, unbonding, release, jailed, pending) = stake::pool(@0xb1);
        assert!(bonded == 100 * test_chain::unit() + 5, 4);
        assert!(unbonding == 0 && release == 0 && jailed == 0 && pending == 0, 5);
    }

    #[test(alice = @0xb1)]
    fun unbonding_takes_its_time(alice: &signer) {
        test_chain::setup();
        stake::open_pool_for_test(alice, key(9));
        stake::bond(alice, 200 * test_chain::unit());
        let balance = theseus_coin::balance(@0xb1);
        stake::unbond(alice, 150 * test_chain::unit());
        assert!(vector::length(&set_at(2)) == 3, 1);
        let (bonded, unbonding, release, _, _) = stake::pool(@0xb1);
        assert!(bonded == 50 * test_chain::unit() && unbonding == 150 * test_chain::unit() && release == 3, 2);
        test_chain::at(50, 3);
        stake::withdraw(alice);
        assert!(theseus_coin::balance(@0xb1) == balance + 150 * test_chain::unit(), 3);
    }

    #[test(alice = @0xb1)]
    #[expected_failure(abort_code = 0x30007, location = theseus_framework::stake)]
    fun withdrawing_early_aborts(alice: &signer) {
        test_chain::setup();
        stake::open_pool_for_test(alice, key(9));
        stake::bond(alice, 200 * test_chain::unit());
        stake::unbond(alice, 1);
        test_chain::at(50, 2);
        stake::withdraw(alice);
    }

    #[test(alice = @0xb1)]
    #[expected_failure(abort_code = 0x10006, location = theseus_framework::stake)]
    fun unbonding_more_than_bonded_aborts(alice: &signer) {
        test_chain::setup();
        stake::open_pool_for_test(alice, key(9));
        stake::bond(alice, 5);
        stake::unbond(alice, 6);
    }

    #[test(alice = @0xb1)]
    #[expected_failure(abort_code = 0x10009, location = theseus_framework::stake)]
    fun bonding_nothing_aborts(alice: &signer) {
        test_chain::setup();
        stake::open_pool_for_test(alice, key(9));
        stake::bond(alice, 0);
    }

    #[test(alice = @0xb1)]
    #[expected_failure(abort_code = 0x10009, location = theseus_framework::stake)]
    fun unbonding_nothing_aborts(alice: &signer) {
        test_chain::setup();
        stake::open_pool_for_test(alice, key(9));
        stake::bond(alice, 5);
        stake::unbond(alice, 0);
    }

    #[test(alice = @0xb1)]
    #[expected_failure(abort_code = 0x60001, location = theseus_framework::stake)]
    fun bonding_without_a_pool_aborts(alice: &signer) {
        test_chain::setup();
        stake::bond(alice, 1);
    }

    #[test(alice = @0xb1)]
    #[expected_failure(abort_code = 0x60001, location = theseus_framework::stake)]
    fun unbonding_without_a_pool_aborts(alice: &signer) {
        test_chain::setup();
        stake::unbond(alice, 1);
    }

    #[test(alice = @0xb1)]
    #[expected_failure(abort_code = 0x60001, location = theseus_framework::stake)]
    fun withdrawing_without_a_pool_aborts(alice: &signer) {
        test_chain::setup();
        stake::withdraw(alice);
    }

    #[test]
    #[expected_failure(abort_code = 0x60001, location = theseus_framework::stake)]
    fun reading_no_pool_aborts() {
        test_chain::setup();
        stake::pool(@0xb1);
    }

    #[test]
    #[expected_failure(abort_code = 0x60001, location = theseus_framework::stake)]
    fun reading_no_key_aborts() {
        test_chain::setup();
        stake::consensus_key(@0xb1);
    }

    #[test(alice = @0xb1)]
    #[expected_failure(abort_code = 0x80004, location = theseus_framework::stake)]
    fun a_consensus_key_is_used_once(alice: &signer) {
        test_chain::setup();
        stake::open_pool_for_test(alice, key(2));
    }

    #[test(first = @0xa1)]
    #[expected_failure(abort_code = 0x80002, location = theseus_framework::stake)]
    fun a_pool_is_opened_once(first: &signer) {
        test_chain::setup();
        stake::open_pool_for_test(first, key(9));
    }

    #[test(alice = @0xb1)]
    #[expected_failure(abort_code = 0x10003, location = theseus_framework::stake)]
    fun joining_with_no_key_aborts(alice: &signer) {
        test_chain::setup();
        stake::join(alice, x"01", zeros(64), 1);
    }

    #[test(alice = @0xb1)]
    #[expected_failure(abort_code = 0x10005, location = theseus_framework::stake)]
    fun joining_without_possession_aborts(alice: &signer) {
        test_chain::setup();
        stake::join(alice, KEY, zeros(64), 1);
    }

    #[test]
    fun the_possession_message_binds_the_validator() {
        let expected = b"THESEUS::ConsensusKey";
        vector::append(&mut expected, bcs::to_bytes(&@0xb1));
        assert!(stake::possession_message(@0xb1) == expected, 1);
    }

    #[test]
    #[expected_failure(abort_code = 0x90008, location = theseus_framework::stake)]
    fun candidates_are_bounded() {
        test_chain::setup();
        let i: u64 = 0;
        while (i < 198) {
            let a = vector::empty();
            let n = 0;
            while (n < 31) {
                vector::push_back(&mut a, 7);
                n = n + 1;
            };
            vector::push_back(&mut a, (i as u8));
            let owner = unit_test::create_signer(std::from_bcs::to_address(*&a));
            stake::open_pool_for_test(&owner, a);
            i = i + 1;
        }
    }

    #[test]
    fun a_double_vote_is_slashed_and_jailed() {
        test_chain::setup();
        let supply = theseus_coin::supply();
        assert!(stake::punish_for_test(1, 5, @0xa2), 1);
        let (bonded, _, _, jailed, _) = stake::pool(@0xa2);
        // 50 thousandths of 1000 coins
        assert!(bonded == 950 * test_chain::unit(), 2);
        assert!(jailed == 101, 3);
        assert!(theseus_coin::supply() == supply - (50 * test_chain::unit() as u128), 4);
        assert!(set_at(2) == vector[@0xa1, @0xa3], 5);
        assert!(set_at(101) == test_chain::validators(), 6);
        assert!(unit_test::events_of<stake::Punished>() == 1, 7);
    }

    #[test]
    fun a_double_proposal_is_only_jailed() {
        test_chain::setup();
        assert!(stake::punish_for_test(2, 5, @0xa2), 1);
        let (bonded, _, _, jailed, _) = stake::pool(@0xa2);
        assert!(bonded == 1000 * test_chain::unit() && jailed == 5, 2);
    }

    #[test(culprit = @0xa2)]
    fun unbonding_coins_are_slashed_too(culprit: &signer) {
        test_chain::setup();
        stake::unbond(culprit, 990 * test_chain::unit());
        assert!(stake::punish_for_test(3, 5, @0xa2), 1);
        let (bonded, unbonding, _, _, _) = stake::pool(@0xa2);
        assert!(bonded == 0 && unbonding == 950 * test_chain::unit(), 2);
    }

    #[test]
    fun nobody_is_punished_for_nothing() {
        test_chain::setup();
        assert!(!stake::punish_for_test(1, 5, @0xb1), 1);
        assert!(!stake::punish_for_test(9, 5, @0xa1), 2);
        let (bonded, _, _, jailed, _) = stake::pool(@0xa1);
        assert!(bonded == 1000 * test_chain::unit() && jailed == 0, 3);
    }

    #[test]
    fun a_short_sentence_does_not_shorten_a_long_one() {
        test_chain::setup();
        stake::punish_for_test(1, 5, @0xa2);
        stake::punish_for_test(2, 6, @0xa2);
        let (_, _, _, jailed, _) = stake::pool(@0xa2);
        assert!(jailed == 101, 1);
    }

    #[test(framework = @0x1)]
    fun parameters_have_bounds(framework: &signer) {
        test_chain::setup();
        let (bond, epochs) = stake::parameters();
        assert!(bond == 100 * test_chain::unit() && epochs == 2, 2);
        stake::set_parameters(framework, 2000 * test_chain::unit(), 1);
        let (bond, epochs) = stake::parameters();
        assert!(bond == 2000 * test_chain::unit() && epochs == 1, 3);
        assert!(vector::is_empty(&set_at(2)), 1);
    }

    #[test(framework = @0x1)]
    #[expected_failure(abort_code = 0x2000a, location = theseus_framework::stake)]
    fun the_bond_buys_at_least_one_vote(framework: &signer) {
        test_chain::setup();
        stake::set_parameters(framework, test_chain::unit() - 1, 1);
    }

    #[test(framework = @0x1)]
    #[expected_failure(abort_code = 0x2000a, location = theseus_framework::stake)]
    fun unbonding_takes_an_epoch(framework: &signer) {
        test_chain::setup();
        stake::set_parameters(framework, test_chain::unit(), 0);
    }

    #[test(framework = @0x1)]
    #[expected_failure(abort_code = 0x2000a, location = theseus_framework::stake)]
    fun unbonding_ends(framework: &signer) {
        test_chain::setup();
        stake::set_parameters(framework, test_chain::unit(), 1001);
    }

    #[test(alice = @0xb1)]
    #[expected_failure(abort_code = 0x50001, location = theseus_framework::system_addresses)]
    fun only_the_framework_sets_parameters(alice: &signer) {
        test_chain::setup();
        stake::set_parameters(alice, test_chain::unit(), 1);
    }

    #[test]
    fun fees_are_burned_kept_and_paid() {
        test_chain::setup();
        let supply = theseus_coin::supply();
        coin::debit_fee_for_test<TheseusCoin>(@0xb1, 1001);
        block::end_for_test(1001);
        // half of 1001 rounded down is burned, the rest waits for the proposer
        assert!(theseus_coin::supply() == supply - 500, 1);
        let (_, _, _, _, pending) = stake::pool(@0xa1);
        assert!(pending == 501, 2);
        // 100 blocks later one vote in four was missed: three quarters are earned
        let i = 0;
        while (i < 25) {
            stake::record_missed_for_test(@0xa1);
            i = i + 1;
        };
        assert!(stake::missed(@0xa1) == 25 && stake::missed(@0xa2) == 0, 3);
        test_chain::at(100, 2);
        reconfiguration::start_epoch_for_test(2);
        assert!(theseus_coin::balance(@0xa1) == 375, 4);
        assert!(theseus_coin::supply() == supply - 500 - 126, 5);
        assert!(stake::missed(@0xa1) == 0, 6);
    }

    #[test]
    fun fees_of_a_proposer_without_a_pool_are_burned() {
        test_chain::setup();
        unit_test::set_block(2, 1000000000, 1, @0xdead);
        let supply = theseus_coin::supply();
        coin::debit_fee_for_test<TheseusCoin>(@0xb1, 10);
        block::end_for_test(10);
        assert!(theseus_coin::supply() == supply - 10, 1);
    }

    #[test(alice = @0xb1)]
    fun a_validator_joins_with_a_proven_key(alice: &signer) {
        test_chain::setup();
        // the key of seed 01…01 signs "THESEUS::ConsensusKey" and 0xb1
        stake::join(
            alice, KEY,
            x"95e3d0a162e0bf6d4a47ee15d1966d5727d2ad2123d7cc375104d4998a147bece107659aee30baa771aa42734f99c127f4eaf69d66378493b187a707ab22ee0a",
            100 * test_chain::unit()
        );
        let (bonded, _, _, _, _) = stake::pool(@0xb1);
        assert!(bonded == 100 * test_chain::unit() && stake::consensus_key(@0xb1) == KEY, 1);
        assert!(vector::contains(&set_at(2), &@0xb1), 2);
    }

    #[test]
    fun fees_of_full_attendance_are_paid_in_full() {
        test_chain::setup();
        let supply = theseus_coin::supply();
        coin::debit_fee_for_test<TheseusCoin>(@0xb1, 1000);
        block::end_for_test(1000);
        test_chain::at(100, 2);
        reconfiguration::start_epoch_for_test(2);
        assert!(theseus_coin::balance(@0xa1) == 500 && theseus_coin::supply() == supply - 500, 1);
    }
}
