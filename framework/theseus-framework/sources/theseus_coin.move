/// The chain's own coin: 8 decimals. Fees, bonds and deposits are paid in it.
module theseus_framework::theseus_coin {
    use std::string;
    use theseus_framework::coin::{Self, Coin};

    friend theseus_framework::genesis;

    struct TheseusCoin {}

    public(friend) fun initialize(framework: &signer) {
        coin::initialize<TheseusCoin>(framework, string::utf8(b"Theseus Coin"), string::utf8(b"THE"), 8);
    }

    /// Gives a genesis account its first coins.
    public(friend) fun endow(owner: address, amount: u64) {
        coin::ensure_store<TheseusCoin>(owner);
        coin::deposit(owner, coin::endow<TheseusCoin>(amount));
    }

    #[view]
    public fun balance(owner: address): u64 { coin::balance<TheseusCoin>(owner) }

    #[view]
    public fun supply(): u128 { coin::supply<TheseusCoin>() }

    public entry fun transfer(from: &signer, to: address, amount: u64) {
        coin::transfer<TheseusCoin>(from, to, amount);
    }

    public fun withdraw(owner: &signer, amount: u64): Coin<TheseusCoin> {
        coin::withdraw<TheseusCoin>(owner, amount)
    }
}
