/// Coins of any type defined at the framework's address, with an exact supply: genesis + minted - burned.
/// Fees leave a balance at once and come back at the end of the block, as pay or burned, so that transfers of
/// different senders touch nothing in common.
module theseus_framework::coin {
    use std::error;
    use std::signer;
    use std::string::String;
    use theseus_framework::account;
    use theseus_framework::event;
    use theseus_framework::system_addresses;

    friend theseus_framework::block;
    friend theseus_framework::genesis;
    friend theseus_framework::governance;
    friend theseus_framework::stake;
    friend theseus_framework::theseus_coin;
    friend theseus_framework::transaction_validation;

    /// The coin is initialised already.
    const EALREADY_INITIALIZED: u64 = 1;
    /// There is no such coin.
    const ENO_SUCH_COIN: u64 = 2;
    /// The account holds too little of the coin.
    const EINSUFFICIENT_BALANCE: u64 = 3;
    /// The account has no store for the coin.
    const ENO_STORE: u64 = 4;
    /// The coin is not zero.
    const ENOT_ZERO: u64 = 5;
    /// The supply would exceed 64 bits.
    const ESUPPLY_OVERFLOW: u64 = 6;
    /// The coin is too small to take that much out of it.
    const EAMOUNT_TOO_LARGE: u64 = 7;

    const MAX_U64: u128 = 18446744073709551615;

    struct Coin<phantom T> has store {
        value: u64
    }

    struct CoinStore<phantom T> has key {
        coin: Coin<T>
    }

    struct CoinInfo<phantom T> has key {
        name: String,
        symbol: String,
        decimals: u8,
        genesis: u128,
        minted: u128,
        burned: u128
    }

    #[event]
    struct Transferred<phantom T> has drop, store {
        from: address,
        to: address,
        amount: u64
    }

    public(friend) fun initialize<T>(framework: &signer, name: String, symbol: String, decimals: u8) {
        system_addresses::assert_framework(framework);
        assert!(!exists<CoinInfo<T>>(@theseus_framework), error::already_exists(EALREADY_INITIALIZED));
        move_to(framework, CoinInfo<T> { name, symbol, decimals, genesis: 0, minted: 0, burned: 0 });
    }

    #[view]
    public fun balance<T>(owner: address): u64 acquires CoinStore {
        if (exists<CoinStore<T>>(owner)) borrow_global<CoinStore<T>>(owner).coin.value else 0
    }

    #[view]
    public fun is_registered<T>(owner: address): bool {
        exists<CoinStore<T>>(owner)
    }

    #[view]
    /// genesis + minted - burned.
    public fun supply<T>(): u128 acquires CoinInfo {
        let (genesis, minted, burned) = supply_parts<T>();
        genesis + minted - burned
    }

    #[view]
    public fun supply_parts<T>(): (u128, u128, u128) acquires CoinInfo {
        assert!(exists<CoinInfo<T>>(@theseus_framework), error::not_found(ENO_SUCH_COIN));
        let info = borrow_global<CoinInfo<T>>(@theseus_framework);
        (info.genesis, info.minted, info.burned)
    }

    #[view]
    public fun name<T>(): String acquires CoinInfo { *&borrow_global<CoinInfo<T>>(@theseus_framework).name }

    #[view]
    public fun symbol<T>(): String acquires CoinInfo { *&borrow_global<CoinInfo<T>>(@theseus_framework).symbol }

    #[view]
    public fun decimals<T>(): u8 acquires CoinInfo { borrow_global<CoinInfo<T>>(@theseus_framework).decimals }

    /// Sends coins; the receiver's account and store are created if they are missing.
    public entry fun transfer<T>(from: &signer, to: address, amount: u64) acquires CoinStore {
        let coin = withdraw<T>(from, amount);
        ensure_store<T>(to);
        deposit(to, coin);
        event::emit(Transferred<T> { from: signer::address_of(from), to, amount });
    }

    /// Opens an empty store.
    public entry fun register<T>(owner: &signer) {
        ensure_store<T>(signer::address_of(owner));
    }

    public fun withdraw<T>(owner: &signer, amount: u64): Coin<T> acquires CoinStore {
        take<T>(signer::address_of(owner), amount)
    }

    public fun deposit<T>(to: address, coin: Coin<T>) acquires CoinStore {
        assert!(exists<CoinStore<T>>(to), error::not_found(ENO_STORE));
        merge(&mut borrow_global_mut<CoinStore<T>>(to).coin, coin);
    }

    public fun zero<T>(): Coin<T> { Coin { value: 0 } }

    public fun value<T>(coin: &Coin<T>): u64 { coin.value }

    public fun merge<T>(into: &mut Coin<T>, coin: Coin<T>) {
        let Coin { value } = coin;
        into.value = into.value + value;
    }

    public fun extract<T>(from: &mut Coin<T>, amount: u64): Coin<T> {
        assert!(from.value >= amount, error::invalid_argument(EAMOUNT_TOO_LARGE));
        from.value = from.value - amount;
        Coin { value: amount }
    }

    public fun extract_all<T>(from: &mut Coin<T>): Coin<T> {
        let value = from.value;
        extract(from, value)
    }

    public fun destroy_zero<T>(coin: Coin<T>) {
        let Coin { value } = coin;
        assert!(value == 0, error::invalid_argument(ENOT_ZERO));
    }

    /// Takes coins out of existence and out of the supply.
    public fun burn<T>(coin: Coin<T>) acquires CoinInfo {
        let Coin { value } = coin;
        assert!(exists<CoinInfo<T>>(@theseus_framework), error::not_found(ENO_SUCH_COIN));
        let info = borrow_global_mut<CoinInfo<T>>(@theseus_framework);
        info.burned = info.burned + (value as u128);
    }

    public(friend) fun mint<T>(amount: u64): Coin<T> acquires CoinInfo {
        check_room<T>(amount);
        let info = borrow_global_mut<CoinInfo<T>>(@theseus_framework);
        info.minted = info.minted + (amount as u128);
        Coin { value: amount }
    }

    /// Like mint, for the first block only: counted as genesis supply.
    public(friend) fun endow<T>(amount: u64): Coin<T> acquires CoinInfo {
        check_room<T>(amount);
        let info = borrow_global_mut<CoinInfo<T>>(@theseus_framework);
        info.genesis = info.genesis + (amount as u128);
        Coin { value: amount }
    }

    /// Takes a fee out of a balance. It stays in the supply: the end of the block pays it out or burns it.
    public(friend) fun debit_fee<T>(owner: address, amount: u64) acquires CoinStore {
        let Coin { value: _ } = take<T>(owner, amount);
    }

    /// The coins of fees debited in this block.
    public(friend) fun collect_fees<T>(amount: u64): Coin<T> {
        Coin { value: amount }
    }

    public(friend) fun ensure_store<T>(owner: address) {
        if (!exists<CoinStore<T>>(owner)) {
            assert!(exists<CoinInfo<T>>(@theseus_framework), error::not_found(ENO_SUCH_COIN));
            account::ensure(owner);
            let authority = account::signer_of(owner);
            move_to(&authority, CoinStore<T> { coin: Coin { value: 0 } });
        }
    }

    fun take<T>(owner: address, amount: u64): Coin<T> acquires CoinStore {
        assert!(balance<T>(owner) >= amount, error::invalid_argument(EINSUFFICIENT_BALANCE));
        if (amount == 0) return Coin { value: 0 };
        extract(&mut borrow_global_mut<CoinStore<T>>(owner).coin, amount)
    }

    /// A supply within 64 bits keeps every sum of balances from overflowing.
    fun check_room<T>(amount: u64) acquires CoinInfo {
        assert!(supply<T>() + (amount as u128) <= MAX_U64, error::out_of_range(ESUPPLY_OVERFLOW));
    }

    #[test_only]
    public fun mint_for_test<T>(amount: u64): Coin<T> acquires CoinInfo { mint<T>(amount) }

    #[test_only]
    public fun initialize_for_test<T>(framework: &signer, name: String, symbol: String, decimals: u8) {
        initialize<T>(framework, name, symbol, decimals);
    }

    #[test_only]
    public fun debit_fee_for_test<T>(owner: address, amount: u64) acquires CoinStore { debit_fee<T>(owner, amount); }
}
