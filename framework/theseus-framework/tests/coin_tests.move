#[test_only]
module theseus_framework::coin_tests {
    use std::string;
    use std::unit_test;
    use theseus_framework::account;
    use theseus_framework::coin;
    use theseus_framework::test_chain;
    use theseus_framework::theseus_coin::{Self, TheseusCoin};

    /// A coin that nobody initialised.
    struct Other {}

    #[test(alice = @0xb1)]
    fun transfer_moves_coins_and_keeps_the_supply(alice: &signer) {
        test_chain::setup();
        let supply = theseus_coin::supply();
        coin::transfer<TheseusCoin>(alice, @0xb2, 7);
        assert!(theseus_coin::balance(@0xb1) == 1000 * test_chain::unit() - 7, 1);
        assert!(theseus_coin::balance(@0xb2) == 500 * test_chain::unit() + 7, 2);
        assert!(theseus_coin::supply() == supply, 3);
    }

    #[test(alice = @0xb1)]
    fun transfer_creates_the_receivers_account(alice: &signer) {
        test_chain::setup();
        assert!(!account::exists_at(@0xc1), 1);
        theseus_coin::transfer(alice, @0xc1, 5);
        assert!(account::exists_at(@0xc1), 2);
        assert!(coin::is_registered<TheseusCoin>(@0xc1), 3);
        assert!(coin::balance<TheseusCoin>(@0xc1) == 5, 4);
        assert!(unit_test::events_of<coin::Transferred<TheseusCoin>>() == 1, 5);
    }

    #[test(alice = @0xb1)]
    #[expected_failure(abort_code = 0x10003, location = theseus_framework::coin)]
    fun transfer_beyond_the_balance_aborts(alice: &signer) {
        test_chain::setup();
        coin::transfer<TheseusCoin>(alice, @0xb2, 1000 * test_chain::unit() + 1);
    }

    #[test(nobody = @0xdead)]
    #[expected_failure(abort_code = 0x10003, location = theseus_framework::coin)]
    fun withdraw_without_a_store_aborts(nobody: &signer) {
        test_chain::setup();
        coin::destroy_zero(coin::withdraw<TheseusCoin>(nobody, 1));
    }

    #[test(nobody = @0xdead)]
    fun nothing_can_be_withdrawn_from_nothing(nobody: &signer) {
        test_chain::setup();
        coin::destroy_zero(theseus_coin::withdraw(nobody, 0));
    }

    #[test(alice = @0xb1)]
    #[expected_failure(abort_code = 0x60004, location = theseus_framework::coin)]
    fun deposit_without_a_store_aborts(alice: &signer) {
        test_chain::setup();
        coin::deposit(@0xc1, coin::withdraw<TheseusCoin>(alice, 1));
    }

    #[test(alice = @0xb1)]
    fun parts_of_a_coin_add_up(alice: &signer) {
        test_chain::setup();
        let whole = coin::withdraw<TheseusCoin>(alice, 10);
        let part = coin::extract(&mut whole, 4);
        assert!(coin::value(&whole) == 6, 1);
        assert!(coin::value(&part) == 4, 2);
        coin::merge(&mut whole, part);
        let all = coin::extract_all(&mut whole);
        assert!(coin::value(&all) == 10, 3);
        coin::destroy_zero(whole);
        coin::deposit(@0xb2, all);
        coin::destroy_zero(coin::zero<TheseusCoin>());
    }

    #[test(alice = @0xb1)]
    #[expected_failure(abort_code = 0x10007, location = theseus_framework::coin)]
    fun extract_more_than_there_is_aborts(alice: &signer) {
        test_chain::setup();
        let whole = coin::withdraw<TheseusCoin>(alice, 10);
        let part = coin::extract(&mut whole, 11);
        coin::burn(part);
        coin::burn(whole);
    }

    #[test(alice = @0xb1)]
    #[expected_failure(abort_code = 0x10005, location = theseus_framework::coin)]
    fun destroying_value_aborts(alice: &signer) {
        test_chain::setup();
        coin::destroy_zero(coin::withdraw<TheseusCoin>(alice, 1));
    }

    #[test(alice = @0xb1)]
    fun burning_lowers_the_supply(alice: &signer) {
        test_chain::setup();
        let supply = coin::supply<TheseusCoin>();
        coin::burn(coin::withdraw<TheseusCoin>(alice, 9));
        assert!(coin::supply<TheseusCoin>() == supply - 9, 1);
        let (genesis, minted, burned) = coin::supply_parts<TheseusCoin>();
        assert!(genesis == supply && minted == 0 && burned == 9, 2);
    }

    #[test]
    fun genesis_supply_is_what_was_given_out() {
        test_chain::setup();
        assert!(theseus_coin::supply() == (4500 * test_chain::unit() as u128), 1);
    }

    #[test]
    fun minting_raises_the_supply() {
        test_chain::setup();
        let supply = coin::supply<TheseusCoin>();
        coin::deposit(@0xb1, coin::mint_for_test<TheseusCoin>(11));
        assert!(coin::supply<TheseusCoin>() == supply + 11, 1);
    }

    #[test]
    #[expected_failure(abort_code = 0x20006, location = theseus_framework::coin)]
    fun supply_beyond_64_bits_aborts() {
        test_chain::setup();
        coin::deposit(@0xb1, coin::mint_for_test<TheseusCoin>(18446744073709551615));
    }

    #[test]
    #[expected_failure(abort_code = 0x60002, location = theseus_framework::coin)]
    fun supply_of_an_unknown_coin_aborts() {
        test_chain::setup();
        coin::supply<Other>();
    }

    #[test]
    #[expected_failure(abort_code = 0x60002, location = theseus_framework::coin)]
    fun burning_an_unknown_coin_aborts() {
        test_chain::setup();
        coin::burn(coin::zero<Other>());
    }

    #[test(alice = @0xb1)]
    #[expected_failure(abort_code = 0x60002, location = theseus_framework::coin)]
    fun a_store_for_an_unknown_coin_aborts(alice: &signer) {
        test_chain::setup();
        coin::register<Other>(alice);
    }

    #[test(framework = @0x1)]
    #[expected_failure(abort_code = 0x80001, location = theseus_framework::coin)]
    fun a_coin_is_initialised_once(framework: &signer) {
        test_chain::setup();
        coin::initialize_for_test<TheseusCoin>(framework, string::utf8(b"x"), string::utf8(b"x"), 8);
    }

    #[test(alice = @0xb1)]
    #[expected_failure(abort_code = 0x50001, location = theseus_framework::system_addresses)]
    fun only_the_framework_initialises_a_coin(alice: &signer) {
        coin::initialize_for_test<Other>(alice, string::utf8(b"x"), string::utf8(b"x"), 8);
    }

    #[test(carol = @0xc1)]
    fun a_coin_describes_itself(carol: &signer) {
        test_chain::setup();
        assert!(coin::symbol<TheseusCoin>() == string::utf8(b"THE"), 1);
        assert!(coin::name<TheseusCoin>() == string::utf8(b"Theseus Coin"), 2);
        assert!(coin::decimals<TheseusCoin>() == 8, 3);
        coin::register<TheseusCoin>(carol);
        coin::register<TheseusCoin>(carol);
        assert!(coin::balance<TheseusCoin>(@0xc1) == 0, 4);
        assert!(coin::balance<TheseusCoin>(@0xc2) == 0, 5);
    }
}
