namespace Theseus.Execution.Tests;

/// <summary>Receipts and state values put together by hand.</summary>
internal static class Expect
{
    private static readonly StructTag Account = new(Address.One, "account", "Account", []);
    private static readonly StructTag Store =
        new(Address.One, "coin", "CoinStore", [TypeTag.Of(new StructTag(Address.One, "theseus_coin", "TheseusCoin", []))]);

    /// <summary>A receipt that nothing came of.</summary>
    public static Receipt Skipped(byte[] transaction, ushort reason, bool retry = false) => new(
        HashOf(transaction), TransactionStatus.Skipped(reason, retry), 0, 0, ExecutionRoots.OfWrites(WriteSet.Empty),
        ExecutionRoots.OfEvents([]), 0);

    /// <summary>A receipt of a failure: the fee and the sequence number are all that is written.</summary>
    public static Receipt Charged(byte[] transaction, TransactionStatus status, ulong gas, ulong price, TestAccount sender,
        ulong balanceBefore, ulong sequenceAfter) => new(
        HashOf(transaction), status, gas, (UInt128)gas * price,
        ExecutionRoots.OfWrites(
            WriteSet.From([SequenceWrite(sender.Address, sequenceAfter), BalanceWrite(sender.Address, balanceBefore - (gas * price))])),
        ExecutionRoots.OfEvents([]), 0);

    /// <summary>Account {authentication_key: vector&lt;u8&gt;, sequence_number: u64}; the key of a plain account is its address.</summary>
    public static StateWrite SequenceWrite(Address account, ulong sequence) =>
        new(StateKey.Resource(account, Account), [32, .. account.ToArray(), .. Chain.U64(sequence)]);

    /// <summary>CoinStore {coin: Coin {value: u64}}.</summary>
    public static StateWrite BalanceWrite(Address account, ulong balance) => new(StateKey.Resource(account, Store), Chain.U64(balance));

    /// <summary>SHA3-256(SHA3-256("APTOS::Transaction"), 00, bytes) (execution 1).</summary>
    public static Hash32 HashOf(byte[] transaction) =>
        Hashing.Sha3(Convert.FromHexString("fa210a9417ef3e7fa45bfa1d17a8dbd4d883711910a550d265fee189e9266dd4"), [0], transaction);

    /// <summary>
    /// Gas of a call whose body costs at most one unit: what any transaction costs, and its bytes (V1: 500 and 1 a byte).
    /// </summary>
    public static ulong Least(byte[] transaction) => 500 + (ulong)transaction.Length + 1;

    public static TransactionOutput Success(this TransactionOutput output)
    {
        Assert.True(output.Receipt.Status.Kind == StatusKind.Success, $"{output.Receipt.Status} {output.FailurePlace}");
        return output;
    }
}
