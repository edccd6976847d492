namespace Theseus.Execution.Tests;

/// <summary>Transactions that are charged: exact receipts, put together by hand (execution 3 and 4).</summary>
public class StatusTests
{
    private const ulong Start = 1_000 * Chain.Unit;

    private static readonly ModuleId LabModule = new(Address.One, "lab");

    private static void AssertCharged(Chain chain, byte[] transaction, TransactionStatus status, ulong gas, ulong price = 1)
    {
        BlockResult block = chain.Block(transaction);
        TransactionOutput output = block.Outputs[1];
        Assert.Equal(status, output.Receipt.Status);
        Assert.Equal(Expect.Charged(transaction, status, gas, price, chain.Alice, Start, 1), output.Receipt);
        Assert.Empty(block.Alarms);
        Assert.Equal((gas, (UInt128)gas * price), (block.GasUsed, block.Fees));
    }

    /// <summary>The lab's failing calls cost less than a unit besides their bytes.</summary>
    private static void AssertFails(TransactionPayload payload, TransactionStatus status)
    {
        Chain chain = new();
        byte[] transaction = chain.Sign(chain.Alice, payload);
        AssertCharged(chain, transaction, status, Expect.Least(transaction));
    }

    [Fact]
    public void ASuccessIsChargedItsBytesAndItsWork()
    {
        Chain chain = new();
        byte[] transaction = chain.Sign(chain.Alice, Chain.Call("lab", "nothing"), price: 7);
        AssertCharged(chain, transaction, TransactionStatus.Success, Expect.Least(transaction), price: 7);
    }

    [Fact]
    public void ATransferWritesBothStoresAndTheSequenceNumber()
    {
        Chain chain = new();
        byte[] transaction = chain.Sign(chain.Alice, Chain.Transfer(chain.Bob.Address, 5));
        TransactionOutput output = chain.Block(transaction).Outputs[1].Success();
        WriteSet writes = WriteSet.From(
        [
            Expect.SequenceWrite(chain.Alice.Address, 1),
            Expect.BalanceWrite(chain.Alice.Address, Start - 5 - output.Receipt.GasUsed),
            Expect.BalanceWrite(chain.Bob.Address, Start + 5),
        ]);
        StructTag coin = new(Address.One, "theseus_coin", "TheseusCoin", []);
        ContractEvent transferred = new(
            TypeTag.Of(new StructTag(Address.One, "coin", "Transferred", [TypeTag.Of(coin)])),
            [.. chain.Alice.Address.ToArray(), .. chain.Bob.Address.ToArray(), .. Chain.U64(5)]);
        Assert.Equal(
            new Receipt(Expect.HashOf(transaction), TransactionStatus.Success, output.Receipt.GasUsed, output.Receipt.GasUsed,
                ExecutionRoots.OfWrites(writes), ExecutionRoots.OfEvents([transferred]), 1),
            output.Receipt);
    }

    [Fact]
    public void AnAbortIsChargedWhatWasConsumedAndNamesItsModule() =>
        AssertFails(Chain.Call("lab", "fail", Chain.U64(12_345)), TransactionStatus.Aborted(LabModule, 12_345));

    [Fact]
    public void AFailureLeavesNothingButTheFeeAndTheSequenceNumber()
    {
        Chain chain = new();
        byte[] transaction = chain.Sign(chain.Alice, Chain.Call("lab", "keep_and_fail", chain.Bob.Address.ToArray()));
        TransactionOutput output = chain.Block(transaction).Outputs[1];
        Assert.Equal(Expect.Charged(transaction, TransactionStatus.Aborted(LabModule, 77), output.Receipt.GasUsed, 1, chain.Alice, Start,
            1), output.Receipt);
        Assert.InRange(output.Receipt.GasUsed, Expect.Least(transaction) + 20, 10_000ul); // two reads of 20 units, at least
        Assert.Empty(output.Events);
        Assert.Equal(Start, chain.Balance(chain.Bob.Address));
    }

    [Fact]
    public void OutOfGasIsChargedTheMaximum()
    {
        Chain chain = new();
        AssertCharged(chain, chain.Sign(chain.Alice, Chain.Call("lab", "spin"), 50_000, price: 3), TransactionStatus.OutOfGas, 50_000,
            price: 3);
    }

    [Fact]
    public void OutOfGasAtTheBytesWrittenIsTheSame()
    {
        Chain chain = new();
        // a unit a byte: 3000 bytes do not fit what is left of 3500
        AssertCharged(chain, chain.Sign(chain.Alice, Chain.Call("lab", "keep", Chain.U64(3_000)), 4_500), TransactionStatus.OutOfGas,
            4_500);
    }

    [Fact]
    public void ArithmeticErrorsAreFailures() =>
        AssertFails(Chain.Call("lab", "divide", Chain.U64(0)), TransactionStatus.Failed(4017, null, LabModule));

    [Theory]
    [InlineData("no_such_module", "f", 1081ul)] // LINKER_ERROR
    [InlineData("lab", "no_such_function", 1091ul)] // FUNCTION_RESOLUTION_FAILURE
    [InlineData("lab", "open", 1103ul)] // public, no entry
    [InlineData("lab", "hidden", 1103ul)]
    [InlineData("transaction_validation", "epilogue", 1103ul)]
    public void WhatIsNoEntryFunctionCannotBeCalled(string module, string function, ulong major)
    {
        Chain chain = new();
        byte[] transaction = chain.Sign(chain.Alice, Chain.Call(module, function));
        AssertCharged(chain, transaction, TransactionStatus.Failed(major, null, null), 500 + (ulong)transaction.Length);
    }

    [Fact]
    public void ASenderWhoSpendsTheFeeMoneyPaysItAllTheSame()
    {
        Chain chain = new();
        byte[] transaction = chain.Sign(chain.Alice, Chain.Call("lab", "squander", chain.Bob.Address.ToArray(), Chain.U64(0)));
        BlockResult block = chain.Block(transaction);
        TransactionOutput output = block.Outputs[1];
        Assert.Equal(Expect.Charged(transaction, TransactionStatus.Failed(FailedMajor.FeeUnpaid, null, null), output.Receipt.GasUsed, 1,
            chain.Alice, Start, 1), output.Receipt);
        Assert.InRange(output.Receipt.GasUsed, Expect.Least(transaction), 10_000ul);
        Assert.Equal(Start, chain.Balance(chain.Bob.Address));
        Assert.Empty(block.Alarms); // the user's doing, not a fault
    }

    [Fact]
    public void ASenderWhoLeavesEnoughForTheFeePays()
    {
        Chain chain = new();
        chain.Run(chain.Alice, Chain.Call("lab", "squander", chain.Bob.Address.ToArray(), Chain.U64(100_000))).Success();
        Assert.InRange(chain.Balance(chain.Alice.Address), 90_000ul, 100_000ul);
    }

    [Fact]
    public void ABodyThatFailsOnTheSendersLastCoinStillPays()
    {
        // the prologue proved the maximum fee, so a failed body always can: balance 1e11 = 2000 x 5e7
        Chain chain = new();
        byte[] transaction = chain.Sign(chain.Alice, Chain.Call("lab", "spin"), 2_000, 50_000_000);
        AssertCharged(chain, transaction, TransactionStatus.OutOfGas, 2_000, price: 50_000_000);
        Assert.Equal(0ul, chain.Balance(chain.Alice.Address));
    }

    [Fact]
    public void SimulationTellsWhatExecutionDoesAndLeavesNothing()
    {
        Chain chain = new();
        byte[] transaction = chain.Sign(chain.Alice, Chain.Transfer(chain.Bob.Address, 5));
        byte[] unsigned = [.. transaction[..^64], .. new byte[64]];
        SignedTransaction decoded = Decode(transaction);
        byte[] bodiless = SignedTransaction.Of(decoded.Raw, TransactionAuthenticator.None).Bytes;
        Hash32 before = chain.State.Root();
        TransactionOutput signed = chain.Stack.Simulate(transaction, chain.Context(1), chain.State).Success();
        TransactionOutput zero = chain.Stack.Simulate(unsigned, chain.Context(1), chain.State).Success();
        TransactionOutput none = chain.Stack.Simulate(bodiless, chain.Context(1), chain.State).Success();
        Assert.Equal(before, chain.State.Root());
        Assert.Equal(signed.Receipt.GasUsed, zero.Receipt.GasUsed);
        Assert.True(none.Receipt.GasUsed < signed.Receipt.GasUsed); // fewer bytes
        Assert.Equal(signed.Receipt, chain.Block(transaction).Outputs[1].Receipt);
    }

    [Fact]
    public void SimulationWithAForeignKeySaysSo()
    {
        Chain chain = new();
        RawTransaction raw = new(chain.Alice.Address, 0, Chain.Call("lab", "nothing"), 2_000, 1, (Chain.StartMicros / 1_000_000) + 600, 4);
        byte[] forged = SignedTransaction.Sign(raw, chain.Bob.Seed).Bytes;
        Assert.Equal(TransactionStatus.Skipped(1001, false), chain.Stack.Simulate(forged, chain.Context(1), chain.State).Receipt.Status);
    }

    [Fact]
    public void AdmissionNamesTheTransaction()
    {
        Chain chain = new();
        byte[] transaction = chain.Sign(chain.Alice, Chain.Transfer(chain.Bob.Address, 5), 12_345, price: 2);
        Admission admission = chain.Stack.Admit(transaction, chain.Context(1), chain.State);
        Assert.Equal(new Admission(null, "", chain.Alice.Address, 0, 2, 12_345, (Chain.StartMicros / 1_000_000) + 600,
            Expect.HashOf(transaction), 0), admission);
    }

    private static SignedTransaction Decode(byte[] bytes)
    {
        Assert.True(TransactionDecoding.TryDecode(bytes, out SignedTransaction? decoded).IsNone);
        return decoded!;
    }
}
