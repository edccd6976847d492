#[test_only]
module theseus_framework::stake_tests {
    use std::bcs;
    use std::from_bcs;
    use std::signer;
    use std::string;
    use std::unit_test;
    use std::vector;
    use theseus_framework::block;
    use theseus_framework::coin;
    use theseus_framework::consensus_config;
    use theseus_framework::reconfiguration;
    use theseus_framework::stake;
    use theseus_framework::test_chain::{Self, key};
    use theseus_framework::theseus_coin::{Self, TheseusCoin};
    use theseus_framework::validator_set;

    /// Ed25519 public key of the seed 01…01 (execution 1, vector V1).
    const KEY: vector<u8> = x"8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c";

    /// Its signature over "THESEUS::ConsensusKey" and 0xb1.
    const PROOF: vector<u8> =
        x"95e3d0a162e0bf6d4a47ee15d1966d5727d2ad2123d7cc375104d4998a147bece107659aee30baa771aa42734f99c127f4eaf69d66378493b187a707ab22ee0a";

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
        assert!(bonded == 50 * test_chain::unit() && unbonding == 150 * test_chain::unit() && release == 5, 2);
        test_chain::at(50, 5);
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
        test_chain::at(50, 4);
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
        stake::bond(alice, 100 * test_chain::unit());
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

    /// The account of a number with so many coins, and a pool of its own key with all of them bonded.
    fun newcomer(i: u64, coins: u64): address {
        let bytes = vector::empty();
        while (vector::length(&bytes) < 31) vector::push_back(&mut bytes, 7);
        vector::push_back(&mut bytes, (i as u8));
        let owner = unit_test::create_signer(from_bcs::to_address(*&bytes));
        coin::register<TheseusCoin>(&owner);
        coin::deposit(signer::address_of(&owner), coin::mint_for_test<TheseusCoin>(coins * test_chain::unit()));
        stake::open_pool_for_test(&owner, bytes);
        stake::bond(&owner, coins * test_chain::unit());
        signer::address_of(&owner)
    }

    /// 3 of genesis with 1000 coins and 197 with 100.
    fun fill() {
        test_chain::setup();
        let i = 0;
        while (i < 197) {
            newcomer(i, 100);
            i = i + 1;
        };
        assert!(vector::length(&stake::candidates()) == 200, 100);
    }

    #[test(alice = @0xb1)]
    // fault 5: a unit buys no place
    #[expected_failure(abort_code = 0x1000b, location = theseus_framework::stake)]
    fun joining_takes_the_least_bond(alice: &signer) {
        test_chain::setup();
        stake::join(
            alice, KEY,
            PROOF,
            100 * test_chain::unit() - 1
        );
    }

    #[test]
    // fault 86
    fun those_who_come_and_go_leave_no_trace() {
        test_chain::setup();
        let i = 0;
        while (i < 197) {
            let owner = unit_test::create_signer(newcomer(i, 100));
            stake::unbond(&owner, 1);
            assert!(stake::candidates() == test_chain::validators(), 1);
            stake::unbond(&owner, 100 * test_chain::unit() - 1);
            i = i + 1;
        };
        assert!(unit_test::events_of<stake::Left>() == 197, 2);
        test_chain::at(50, 5);
        let bytes = vector::empty();
        while (vector::length(&bytes) < 31) vector::push_back(&mut bytes, 7);
        vector::push_back(&mut bytes, 0);
        let first = from_bcs::to_address(bytes);
        assert!(stake::has_pool(first), 3);
        stake::withdraw(&unit_test::create_signer(first));
        assert!(!stake::has_pool(first) && theseus_coin::balance(first) == 100 * test_chain::unit(), 4);
    }

    #[test]
    #[expected_failure(abort_code = 0x90008, location = theseus_framework::stake)]
    fun a_full_list_takes_no_equal() {
        fill();
        newcomer(200, 100);
    }

    #[test]
    fun a_full_list_takes_a_stronger_one_for_the_weakest() {
        fill();
        let strong = newcomer(200, 101);
        let candidates = stake::candidates();
        assert!(vector::length(&candidates) == 200 && vector::contains(&candidates, &strong), 1);
        // of the equally weak the newest went: number 196; its coins are where they were
        let bytes = vector::empty();
        while (vector::length(&bytes) < 31) vector::push_back(&mut bytes, 7);
        vector::push_back(&mut bytes, 196);
        let weak = from_bcs::to_address(bytes);
        assert!(!vector::contains(&candidates, &weak), 2);
        let (bonded, _, _, _, _) = stake::pool(weak);
        assert!(bonded == 100 * test_chain::unit(), 3);
        // and it comes back by bonding more than the weakest has
        coin::deposit(weak, coin::mint_for_test<TheseusCoin>(test_chain::unit()));
        stake::bond(&unit_test::create_signer(weak), test_chain::unit());
        assert!(vector::contains(&stake::candidates(), &weak), 4);
    }

    #[test(alice = @0xb1)]
    fun a_jailed_pool_is_not_closed(alice: &signer) {
        test_chain::setup();
        stake::open_pool_for_test(alice, key(9));
        stake::bond(alice, 200 * test_chain::unit());
        stake::punish_for_test(2, 5, @0xb1); // released in epoch 5
        stake::unbond(alice, 200 * test_chain::unit());
        test_chain::at(50, 5);
        stake::punish_for_test(2, 6, @0xb1); // released in epoch 9
        stake::withdraw(alice);
        assert!(stake::has_pool(@0xb1), 1);
        test_chain::at(60, 9);
        stake::withdraw(alice);
        assert!(!stake::has_pool(@0xb1), 2);
    }

    #[test(alice = @0xb1)]
    fun slashing_below_the_least_bond_costs_the_place(alice: &signer) {
        test_chain::setup();
        stake::open_pool_for_test(alice, key(9));
        stake::bond(alice, 100 * test_chain::unit());
        assert!(vector::contains(&stake::candidates(), &@0xb1), 1);
        stake::punish_for_test(1, 5, @0xb1);
        assert!(!vector::contains(&stake::candidates(), &@0xb1), 2);
    }

    #[test(alice = @0xb1, framework = @0x1)]
    fun a_risen_least_bond_drops_the_weak(alice: &signer, framework: &signer) {
        test_chain::setup();
        stake::open_pool_for_test(alice, key(9));
        stake::bond(alice, 100 * test_chain::unit());
        consensus_config::set(framework, vector[string::utf8(b"minimumBond")], vector[101 * test_chain::unit()]);
        assert!(vector::length(&set_at(2)) == 3, 1);
        test_chain::at(11, 2);
        reconfiguration::start_epoch_for_test(2);
        assert!(stake::candidates() == test_chain::validators(), 2);
    }

    #[test(first = @0xa1)]
    fun who_leaves_is_still_paid(first: &signer) {
        test_chain::setup();
        coin::debit_fee_for_test<TheseusCoin>(@0xb1, 1000);
        block::end_for_test(1000);
        stake::unbond(first, 1000 * test_chain::unit());
        assert!(!vector::contains(&stake::candidates(), &@0xa1), 1);
        test_chain::at(11, 2);
        reconfiguration::start_epoch_for_test(2);
        assert!(theseus_coin::balance(@0xa1) == 500, 2);
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

    #[test]
    fun parameters_are_those_of_genesis() {
        test_chain::setup();
        let (bond, epochs) = stake::parameters();
        assert!(bond == 100 * test_chain::unit() && epochs == 4, 1);
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
            PROOF,
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
