#[test_only]
module theseus_framework::governance_tests {
    use std::signer;
    use std::string;
    use std::unit_test;
    use std::vector;
    use theseus_framework::governance;
    use theseus_framework::test_chain::{Self, key};
    use theseus_framework::theseus_coin;

    const PENDING: u8 = 0;
    const APPROVED: u8 = 1;
    const QUEUED: u8 = 2;
    const RESOLVED: u8 = 3;
    const REJECTED: u8 = 4;
    const EXPIRED: u8 = 5;
    const CANCELLED: u8 = 6;

    fun status(id: u64): u8 {
        let (_, _, _, status) = governance::proposal(id);
        status
    }

    /// Proposes hash `b` at the present height from alice.
    fun propose(b: u8): u64 {
        let alice = unit_test::create_signer(@0xb1);
        governance::propose(&alice, key(b), string::utf8(b"https://example.org"));
        governance::proposal_count()
    }

    fun vote(voter: address, id: u64, approve: bool) {
        let voter = unit_test::create_signer(voter);
        governance::vote(&voter, id, approve);
    }

    /// A proposal that all three validators' power approves: 3000 of 3000.
    fun approve(b: u8): u64 {
        let id = propose(b);
        vote(@0xa1, id, true);
        vote(@0xa2, id, true);
        vote(@0xa3, id, true);
        id
    }

    fun resolve(b: u8): address {
        unit_test::set_transaction(key(77), key(b));
        let framework = governance::resolve();
        signer::address_of(&framework)
    }

    #[test]
    fun a_proposal_goes_all_the_way() {
        test_chain::setup();
        let before = theseus_coin::balance(@0xb1);
        let id = propose(1);
        assert!(id == 1 && status(id) == PENDING, 1);
        assert!(theseus_coin::balance(@0xb1) == before - 1000000000, 2);
        assert!(!governance::is_approved(key(1)), 3);
        vote(@0xa1, id, true);
        vote(@0xa2, id, true);
        // exactly 2/3 is not more than 2/3
        assert!(status(id) == PENDING, 4);
        vote(@0xa3, id, true);
        assert!(status(id) == QUEUED && governance::is_approved(key(1)), 5);
        test_chain::at(6, 1);
        assert!(status(id) == APPROVED && governance::is_approved(key(1)), 6);
        assert!(resolve(1) == @0x1, 7);
        assert!(status(id) == RESOLVED && !governance::is_approved(key(1)), 8);
        assert!(theseus_coin::balance(@0xb1) == before, 9);
        let (created, voting_ends, approved, from, until) = governance::schedule_of(id);
        assert!(created == 1 && voting_ends == 21 && approved == 1 && from == 6 && until == 36, 10);
        let (voters, choices) = governance::votes_of(id);
        assert!(vector::length(&voters) == 3 && *vector::borrow(&choices, 2), 11);
        let (yes, no, total) = governance::tally_of(id);
        assert!(yes == 3000 && no == 0 && total == 3000, 12);
        let (voting, enactment, execution, deposit) = governance::config();
        assert!(voting == 20 && enactment == 5 && execution == 30 && deposit == 1000000000, 13);
    }

    #[test]
    fun a_third_of_no_rejects_early() {
        test_chain::setup();
        let id = propose(1);
        vote(@0xa1, id, false);
        assert!(status(id) == REJECTED, 1);
        // fault 23: paid back by itself
        assert!(theseus_coin::balance(@0xb1) == 1000 * test_chain::unit(), 2);
    }

    #[test]
    fun another_choice_replaces_the_first() {
        test_chain::setup();
        unit_test::set_validators(test_chain::validators(), vector[1, 1000, 1000]);
        let id = propose(1);
        vote(@0xa1, id, false);
        vote(@0xa1, id, true);
        let (yes, no, total) = governance::tally_of(id);
        assert!(yes == 1 && no == 0 && total == 2001, 1);
    }

    #[test]
    fun votes_of_departed_validators_drop_before_approval() {
        test_chain::setup();
        let id = propose(1);
        vote(@0xa1, id, true);
        vote(@0xa2, id, true);
        unit_test::set_validators(vector[@0xa2, @0xa3, @0xa4], vector[1000, 1000, 1000]);
        let (yes, _, total) = governance::tally_of(id);
        assert!(yes == 1000 && total == 3000, 1);
        vote(@0xa3, id, true);
        assert!(status(id) == PENDING, 2);
        vote(@0xa4, id, true);
        assert!(status(id) == QUEUED, 3);
        // approval has latched: it outlives its voters
        unit_test::set_validators(vector[@0xa5], vector[1000]);
        assert!(status(id) == QUEUED, 4);
    }

    #[test]
    #[expected_failure(abort_code = 0x80006, location = theseus_framework::governance)]
    fun the_same_choice_again_is_already_voted() {
        test_chain::setup();
        let id = propose(1);
        vote(@0xa1, id, true);
        vote(@0xa1, id, true);
    }

    #[test]
    #[expected_failure(abort_code = 0x50005, location = theseus_framework::governance)]
    fun a_user_does_not_vote() {
        test_chain::setup();
        let id = propose(1);
        vote(@0xb2, id, true);
    }

    #[test]
    #[expected_failure(abort_code = 0x60004, location = theseus_framework::governance)]
    fun a_vote_on_nothing_aborts() {
        test_chain::setup();
        vote(@0xa1, 9, true);
    }

    #[test]
    #[expected_failure(abort_code = 0x30012, location = theseus_framework::governance)]
    fun a_vote_after_the_end_aborts() {
        test_chain::setup();
        let id = propose(1);
        test_chain::at(22, 1);
        assert!(status(id) == EXPIRED, 1);
        vote(@0xa1, id, true);
    }

    #[test]
    fun the_last_block_of_voting_counts() {
        test_chain::setup();
        let id = propose(1);
        test_chain::at(21, 1);
        vote(@0xa1, id, true);
        assert!(status(id) == PENDING, 1);
    }

    #[test]
    #[expected_failure(abort_code = 0x30007, location = theseus_framework::governance)]
    fun a_vote_after_approval_aborts() {
        test_chain::setup();
        let id = approve(1);
        vote(@0xa1, id, false);
    }

    #[test]
    #[expected_failure(abort_code = 0x10001, location = theseus_framework::governance)]
    fun a_hash_has_32_bytes() {
        test_chain::setup();
        let alice = unit_test::create_signer(@0xb1);
        governance::propose(&alice, x"01", string::utf8(b""));
    }

    #[test]
    #[expected_failure(abort_code = 0x10002, location = theseus_framework::governance)]
    fun a_url_is_short() {
        test_chain::setup();
        let url = vector::empty();
        while (vector::length(&url) < 513) vector::push_back(&mut url, 97);
        let alice = unit_test::create_signer(@0xb1);
        governance::propose(&alice, key(1), string::utf8(url));
    }

    #[test]
    #[expected_failure(abort_code = 0x80003, location = theseus_framework::governance)]
    fun one_live_proposal_for_a_hash() {
        test_chain::setup();
        propose(1);
        propose(1);
    }

    #[test]
    fun a_dead_proposal_makes_room_for_its_hash() {
        test_chain::setup();
        propose(1);
        test_chain::at(22, 1);
        assert!(propose(1) == 2, 1);
        assert!(status(2) == PENDING, 2);
    }

    #[test]
    #[expected_failure(abort_code = 0x6000f, location = theseus_framework::governance)]
    fun a_changed_script_has_no_proposal() {
        test_chain::setup();
        approve(1);
        test_chain::at(6, 1);
        resolve(2);
    }

    #[test]
    #[expected_failure(abort_code = 0x30008, location = theseus_framework::governance)]
    fun resolve_before_approval_aborts() {
        test_chain::setup();
        propose(1);
        resolve(1);
    }

    #[test]
    #[expected_failure(abort_code = 0x30009, location = theseus_framework::governance)]
    fun resolve_within_the_delay_aborts() {
        test_chain::setup();
        approve(1);
        test_chain::at(5, 1);
        resolve(1);
    }

    #[test]
    #[expected_failure(abort_code = 0x3000a, location = theseus_framework::governance)]
    fun resolve_twice_aborts() {
        test_chain::setup();
        approve(1);
        test_chain::at(6, 1);
        resolve(1);
        resolve(1);
    }

    #[test]
    #[expected_failure(abort_code = 0x3000b, location = theseus_framework::governance)]
    fun resolve_after_the_deadline_aborts() {
        test_chain::setup();
        approve(1);
        test_chain::at(37, 1);
        resolve(1);
    }

    #[test]
    #[expected_failure(abort_code = 0x30012, location = theseus_framework::governance)]
    fun resolve_of_an_expired_vote_aborts() {
        test_chain::setup();
        propose(1);
        test_chain::at(22, 1);
        resolve(1);
    }

    #[test]
    #[expected_failure(abort_code = 0x30013, location = theseus_framework::governance)]
    fun resolve_of_a_rejected_proposal_aborts() {
        test_chain::setup();
        let id = propose(1);
        vote(@0xa1, id, false);
        resolve(1);
    }

    #[test]
    fun the_last_block_of_the_deadline_resolves() {
        test_chain::setup();
        approve(1);
        test_chain::at(36, 1);
        assert!(resolve(1) == @0x1, 1);
    }

    #[test(alice = @0xb1)]
    fun the_proposer_cancels(alice: &signer) {
        test_chain::setup();
        let id = propose(1);
        governance::cancel(alice, id);
        assert!(status(id) == CANCELLED, 1);
        assert!(theseus_coin::balance(@0xb1) == 1000 * test_chain::unit(), 2);
    }

    #[test(bob = @0xb2)]
    #[expected_failure(abort_code = 0x5000c, location = theseus_framework::governance)]
    fun nobody_else_cancels(bob: &signer) {
        test_chain::setup();
        governance::cancel(bob, propose(1));
    }

    #[test(alice = @0xb1)]
    #[expected_failure(abort_code = 0x30007, location = theseus_framework::governance)]
    fun an_approved_proposal_is_not_cancelled(alice: &signer) {
        test_chain::setup();
        governance::cancel(alice, approve(1));
    }

    #[test(alice = @0xb1)]
    #[expected_failure(abort_code = 0x60004, location = theseus_framework::governance)]
    fun cancelling_nothing_aborts(alice: &signer) {
        test_chain::setup();
        governance::cancel(alice, 9);
    }

    #[test]
    // fault 23: nobody does anything
    fun an_expired_proposal_pays_its_deposit_back() {
        test_chain::setup();
        let id = propose(1);
        test_chain::at(20, 1);
        governance::sweep_for_test();
        assert!(theseus_coin::balance(@0xb1) == 990 * test_chain::unit() && status(id) == PENDING, 1);
        // 21 is the last block for votes: at its end the vote is over
        test_chain::at(21, 1);
        governance::sweep_for_test();
        assert!(theseus_coin::balance(@0xb1) == 1000 * test_chain::unit() && status(id) == EXPIRED, 2);
        governance::sweep_for_test();
        assert!(theseus_coin::balance(@0xb1) == 1000 * test_chain::unit(), 3);
        assert!(unit_test::events_of<governance::Ended>() == 1, 4);
    }

    #[test]
    fun an_approval_that_nobody_used_pays_its_deposit_back() {
        test_chain::setup();
        let id = approve(1);
        test_chain::at(35, 1);
        governance::sweep_for_test();
        assert!(theseus_coin::balance(@0xb1) == 990 * test_chain::unit() && status(id) == APPROVED, 1);
        test_chain::at(36, 1);
        governance::sweep_for_test();
        assert!(theseus_coin::balance(@0xb1) == 1000 * test_chain::unit() && status(id) == EXPIRED, 2);
        assert!(!governance::is_approved(key(1)), 3);
    }

    #[test]
    // a block looks at 16 proposals: 40 are paid back within three
    fun many_expired_proposals_are_paid_in_turn() {
        test_chain::setup();
        let b: u8 = 1;
        while (b <= 40) {
            propose(b);
            b = b + 1;
        };
        assert!(theseus_coin::balance(@0xb1) == 600 * test_chain::unit(), 1);
        test_chain::at(21, 1);
        governance::sweep_for_test();
        assert!(theseus_coin::balance(@0xb1) == 760 * test_chain::unit(), 2);
        test_chain::at(22, 1);
        governance::sweep_for_test();
        test_chain::at(23, 1);
        governance::sweep_for_test();
        assert!(theseus_coin::balance(@0xb1) == 1000 * test_chain::unit(), 3);
    }

    #[test]
    // an early end behind later ones is reached in turn, however many stand before it
    fun an_old_long_vote_holds_nobody_up() {
        test_chain::setup();
        let b: u8 = 1;
        while (b <= 20) {
            propose(b);
            b = b + 1;
        };
        governance::set_config(&unit_test::create_signer(@0x1), 10, 5, 30, 1000000000);
        propose(21);
        test_chain::at(11, 1);
        governance::sweep_for_test();
        governance::sweep_for_test();
        assert!(status(21) == EXPIRED && status(20) == PENDING, 1);
        assert!(theseus_coin::balance(@0xb1) == 800 * test_chain::unit(), 2);
    }

    #[test]
    // fault 93: 1,000 of 3,000 vote yes, then the set shrinks to that one
    fun votes_are_counted_again_when_the_set_changes() {
        test_chain::setup();
        let id = propose(1);
        vote(@0xa1, id, true);
        governance::sweep_for_test();
        assert!(status(id) == PENDING, 1);
        unit_test::set_validators(vector[@0xa1], vector[1000]);
        test_chain::at(5, 2);
        governance::sweep_for_test();
        assert!(status(id) == QUEUED, 2);
        let (_, _, approved, from, until) = governance::schedule_of(id);
        assert!(approved == 5 && from == 10 && until == 40, 3);
    }

    #[test]
    fun a_no_grows_to_a_third_with_another_set() {
        test_chain::setup();
        unit_test::set_validators(test_chain::validators(), vector[1000, 1000, 1001]);
        let id = propose(1);
        vote(@0xa1, id, false);
        assert!(status(id) == PENDING, 1);
        unit_test::set_validators(vector[@0xa1, @0xa2], vector[1000, 1000]);
        test_chain::at(5, 2);
        governance::sweep_for_test();
        assert!(status(id) == REJECTED && theseus_coin::balance(@0xb1) == 1000 * test_chain::unit(), 2);
    }

    #[test]
    fun votes_of_the_departed_are_forgotten() {
        test_chain::setup();
        let id = propose(1);
        vote(@0xa1, id, true);
        vote(@0xa2, id, true);
        unit_test::set_validators(vector[@0xa2, @0xa3, @0xa4], vector[1000, 1000, 1000]);
        test_chain::at(5, 2);
        governance::sweep_for_test();
        let (voters, _) = governance::votes_of(id);
        assert!(voters == vector[@0xa2] && status(id) == PENDING, 1);
    }

    #[test]
    // with sixteen approved the seventeenth waits for its turn, and gets it
    fun a_recount_waits_for_a_place() {
        test_chain::setup();
        let b: u8 = 1;
        while (b <= 16) {
            approve(b);
            b = b + 1;
        };
        let id = propose(17);
        vote(@0xa1, id, true);
        unit_test::set_validators(vector[@0xa1], vector[1000]);
        test_chain::at(6, 2);
        governance::sweep_for_test();
        governance::sweep_for_test();
        assert!(status(id) == PENDING, 1);
        resolve(1);
        governance::sweep_for_test();
        governance::sweep_for_test();
        assert!(status(id) == QUEUED, 2);
    }

    #[test]
    #[expected_failure(abort_code = 0x10014, location = theseus_framework::governance)]
    // fault 93: ESC and what follows would reach terminals
    fun a_url_is_printable() {
        test_chain::setup();
        let alice = unit_test::create_signer(@0xb1);
        governance::propose(&alice, key(1), string::utf8(x"1b5b33316d"));
    }

    #[test]
    #[expected_failure(abort_code = 0x10014, location = theseus_framework::governance)]
    // U+202E turns the reading direction
    fun a_url_is_ascii() {
        test_chain::setup();
        let alice = unit_test::create_signer(@0xb1);
        governance::propose(&alice, key(1), string::utf8(x"61e280ae62"));
    }

    #[test]
    #[expected_failure(abort_code = 0x50015, location = theseus_framework::governance)]
    // fault 91: an entry function has no hash
    fun only_a_script_resolves() {
        test_chain::setup();
        unit_test::set_transaction(key(77), x"");
        governance::resolve();
    }

    #[test]
    fun a_third_vetoes_in_the_delay() {
        test_chain::setup();
        let id = approve(1);
        let voter = unit_test::create_signer(@0xa1);
        governance::veto(&voter, id);
        assert!(status(id) == REJECTED, 1);
        assert!(!governance::is_approved(key(1)), 2);
    }

    #[test]
    fun less_than_a_third_vetoes_nothing() {
        test_chain::setup();
        let id = approve(1);
        unit_test::set_validators(test_chain::validators(), vector[999, 1000, 1000]);
        let voter = unit_test::create_signer(@0xa1);
        governance::veto(&voter, id);
        assert!(status(id) == QUEUED, 1);
    }

    #[test(voter = @0xa1)]
    #[expected_failure(abort_code = 0x80006, location = theseus_framework::governance)]
    fun a_veto_counts_once(voter: &signer) {
        test_chain::setup();
        let id = approve(1);
        unit_test::set_validators(test_chain::validators(), vector[999, 1000, 1000]);
        governance::veto(voter, id);
        governance::veto(voter, id);
    }

    #[test(voter = @0xa1)]
    #[expected_failure(abort_code = 0x30010, location = theseus_framework::governance)]
    fun a_veto_after_the_delay_aborts(voter: &signer) {
        test_chain::setup();
        let id = approve(1);
        test_chain::at(6, 1);
        governance::veto(voter, id);
    }

    #[test(bob = @0xb2)]
    #[expected_failure(abort_code = 0x50005, location = theseus_framework::governance)]
    fun a_user_does_not_veto(bob: &signer) {
        test_chain::setup();
        governance::veto(bob, approve(1));
    }

    #[test(voter = @0xa1)]
    #[expected_failure(abort_code = 0x60004, location = theseus_framework::governance)]
    fun a_veto_of_nothing_aborts(voter: &signer) {
        test_chain::setup();
        governance::veto(voter, 9);
    }

    #[test]
    #[expected_failure(abort_code = 0x9000d, location = theseus_framework::governance)]
    fun at_most_sixteen_wait_approved() {
        test_chain::setup();
        let b: u8 = 1;
        while (b <= 17) {
            approve(b);
            b = b + 1;
        }
    }

    #[test]
    fun expired_approvals_make_room() {
        test_chain::setup();
        let b: u8 = 1;
        while (b <= 16) {
            approve(b);
            b = b + 1;
        };
        test_chain::at(37, 1);
        assert!(status(approve(17)) == QUEUED, 1);
    }

    #[test]
    #[expected_failure(abort_code = 0x60004, location = theseus_framework::governance)]
    fun reading_nothing_aborts() {
        test_chain::setup();
        governance::proposal(1);
    }

    #[test(alice = @0xb1)]
    #[expected_failure(abort_code = 0x50001, location = theseus_framework::system_addresses)]
    fun only_the_framework_configures(alice: &signer) {
        test_chain::setup();
        governance::set_config(alice, 20, 5, 30, 100000000);
    }

    #[test(framework = @0x1)]
    fun the_framework_configures(framework: &signer) {
        test_chain::setup();
        governance::set_config(framework, 21, 6, 31, 100000001);
        let (voting, enactment, execution, deposit) = governance::config();
        assert!(voting == 21 && enactment == 6 && execution == 31 && deposit == 100000001, 1);
    }

    #[test]
    #[expected_failure(abort_code = 0x50001, location = theseus_framework::system_addresses)]
    fun only_the_framework_begins_governance() {
        let alice = unit_test::create_signer(@0xb1);
        governance::initialize_for_test(&alice);
    }
}
