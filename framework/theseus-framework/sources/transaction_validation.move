/// The hooks around every user transaction. Their names and signatures are frozen; the abort codes of the prologue are
/// the reasons of skipped transactions.
module theseus_framework::transaction_validation {
    use std::vector;
    use theseus_framework::account;
    use theseus_framework::chain_id;
    use theseus_framework::coin;
    use theseus_framework::fee_parameters;
    use theseus_framework::theseus_coin::TheseusCoin;
    use theseus_framework::timestamp;

    /// The authentication key is not the account's.
    const INVALID_AUTH_KEY: u64 = 1001;
    /// The sequence number was used.
    const SEQUENCE_NUMBER_TOO_OLD: u64 = 1002;
    /// The sequence number is not the next one.
    const SEQUENCE_NUMBER_TOO_NEW: u64 = 1003;
    /// The sending account does not exist.
    const ACCOUNT_DOES_NOT_EXIST: u64 = 1004;
    /// The balance cannot pay the maximum fee.
    const CANNOT_PAY_DEPOSIT: u64 = 1005;
    /// The transaction expired.
    const TRANSACTION_EXPIRED: u64 = 1006;
    /// The transaction is for another chain.
    const BAD_CHAIN_ID: u64 = 1007;
    /// The sequence number can rise no further.
    const SEQUENCE_NUMBER_TOO_BIG: u64 = 1008;
    /// The gas price is below the minimum.
    const GAS_PRICE_TOO_LOW: u64 = 1009;
    /// The fee does not fit 64 bits.
    const FEE_OVERFLOW: u64 = 1010;

    const MAX_U64: u64 = 18446744073709551615;
    const MAX_U64_WIDE: u128 = 18446744073709551615;

    /// Read-only. `bytes` is the transaction's size and `script_hash` its script's hash (empty for an entry call); the
    /// stack has checked both against its own limits.
    fun prologue(
        sender: address, sequence_number: u64, auth_key: vector<u8>, gas_price: u64, max_gas: u64,
        expiration: u64, chain: u8, bytes: u64, script_hash: vector<u8>, check_auth: bool
    ) {
        // sizes and script approval are rules of the stack; the values stand here for later rules
        let _ = bytes + vector::length(&script_hash);
        assert!(chain == chain_id::get(), BAD_CHAIN_ID);
        assert!(timestamp::now_seconds() < expiration, TRANSACTION_EXPIRED);
        assert!(account::exists_at(sender), ACCOUNT_DOES_NOT_EXIST);
        if (check_auth) assert!(auth_key == account::authentication_key(sender), INVALID_AUTH_KEY);
        assert!(sequence_number < MAX_U64, SEQUENCE_NUMBER_TOO_BIG);
        let expected = account::sequence_number(sender);
        assert!(sequence_number >= expected, SEQUENCE_NUMBER_TOO_OLD);
        assert!(sequence_number == expected, SEQUENCE_NUMBER_TOO_NEW);
        assert!(gas_price >= fee_parameters::minimum_gas_price(), GAS_PRICE_TOO_LOW);
        let deposit = (gas_price as u128) * (max_gas as u128);
        assert!(deposit <= (coin::balance<TheseusCoin>(sender) as u128), CANNOT_PAY_DEPOSIT);
    }

    /// Takes the fee and the sequence number.
    fun epilogue(sender: address, gas_price: u64, gas_used: u64) {
        let fee = (gas_price as u128) * (gas_used as u128);
        assert!(fee <= MAX_U64_WIDE, FEE_OVERFLOW);
        coin::debit_fee<TheseusCoin>(sender, (fee as u64));
        account::increment_sequence_number(sender);
    }

    #[test_only]
    public fun prologue_for_test(
        sender: address, sequence_number: u64, auth_key: vector<u8>, gas_price: u64, max_gas: u64, expiration: u64,
        chain: u8, check_auth: bool
    ) {
        prologue(sender, sequence_number, auth_key, gas_price, max_gas, expiration, chain, 300, x"", check_auth);
    }

    #[test_only]
    public fun epilogue_for_test(sender: address, gas_price: u64, gas_used: u64) {
        epilogue(sender, gas_price, gas_used);
    }
}
