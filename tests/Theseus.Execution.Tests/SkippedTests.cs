namespace Theseus.Execution.Tests;

/// <summary>Transactions of a decided block that leave nothing: no fee, no sequence step, no write (execution 4).</summary>
public class SkippedTests
{
    private static readonly TransactionPayload Nothing = Chain.Call("lab", "nothing");

    private static void AssertSkipped(Chain chain, byte[] transaction, ushort reason, bool retry = false)
    {
        Hash32 before = chain.State.Root();
        ulong sequence = Sequence(chain, chain.Alice);
        BlockResult block = chain.Block(transaction);
        TransactionOutput output = block.Outputs[1];
        Assert.Equal(Expect.Skipped(transaction, reason, retry), output.Receipt);
        Assert.Empty(output.Writes.Writes);
        Assert.Empty(output.Events);
        Assert.False(string.IsNullOrEmpty(output.FailurePlace?.ToString()));
        Assert.Empty(block.Alarms);
        Assert.Equal((0ul, (UInt128)0), (block.GasUsed, block.Fees));
        Assert.Equal(before, chain.State.Root());
        Assert.Equal(sequence, Sequence(chain, chain.Alice));
    }

    private static ulong Sequence(Chain chain, TestAccount account) =>
        FrameworkState.ReadSequenceNumber(chain.State, account.Address)!.Value;

    private static void AssertRefused(Chain chain, byte[] transaction, string code) =>
        Assert.Equal(code, chain.Stack.Admit(transaction, chain.Context(chain.Height + 1), chain.State).Refusal?.Name());

    /// <summary>
    /// The numbers of the prologue are the framework's: every one that it declares has its name here, and the other way round.
    /// </summary>
    [Fact]
    public void TheProloguesNumbersAreThoseOfTheFramework()
    {
        string source = Framework.Text("transaction_validation.move");
        ulong[] declared = [.. System.Text.RegularExpressions.Regex.Matches(source, @"const [A-Z_]+: u64 = (1\d{3});")
            .Select(match => ulong.Parse(match.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture)).Order()];
        ulong[] named = [.. Enum.GetValues<RefusalReason>().Select(reason => (ulong)reason)
            .Where(number => number is > 1_000 and < 2_000).Order()];
        Assert.Equal(named, declared);
    }

    /// <summary>Each reason has a name, and no two the same.</summary>
    [Fact]
    public void EveryReasonHasItsName()
    {
        string[] names = [.. Enum.GetValues<RefusalReason>().Select(reason => reason.Name())];
        Assert.Equal(names.Length, names.Distinct().Count());
        Assert.DoesNotContain(names, name => name.StartsWith("SKIPPED_", StringComparison.Ordinal));
        Assert.Equal("SKIPPED_1999", ((RefusalReason)1_999).Name());
    }

    [Fact]
    public void P1001TheKeyIsNotTheAccounts()
    {
        Chain chain = new();
        RawTransaction raw = new(chain.Alice.Address, 0, Nothing, 2_000, 1, (Chain.StartMicros / 1_000_000) + 600, 4);
        byte[] forged = SignedTransaction.Sign(raw, chain.Bob.Seed).Bytes;
        AssertRefused(chain, forged, "INVALID_AUTH_KEY");
        AssertSkipped(chain, forged, 1001);
    }

    [Fact]
    public void P1002TheSequenceNumberWasUsed()
    {
        Chain chain = new();
        byte[] first = chain.Sign(chain.Alice, Nothing, 2_000);
        BlockResult block = chain.Block(first, first);
        Assert.Equal(StatusKind.Success, block.Outputs[1].Receipt.Status.Kind);
        Assert.Equal(Expect.Skipped(first, 1002), block.Outputs[2].Receipt); // a duplicate in the same block
        AssertRefused(chain, first, "SEQUENCE_NUMBER_TOO_OLD");
        AssertSkipped(chain, first, 1002);
    }

    [Fact]
    public void P1003TheSequenceNumberIsNotTheNext()
    {
        Chain chain = new();
        byte[] late = chain.Sign(chain.Alice, Nothing, 2_000, sequence: 1);
        Admission admission = chain.Stack.Admit(late, chain.Context(1), chain.State);
        Assert.Null(admission.Refusal); // admission allows gaps (execution 8.1)
        Assert.Equal((1ul, 0ul), (admission.SequenceNumber, admission.AccountSequenceNumber));
        AssertSkipped(chain, late, 1003);
    }

    [Fact]
    public void P1004TheAccountDoesNotExist()
    {
        Chain chain = new();
        byte[] stranger = chain.Sign(new TestAccount("stranger"), Nothing, 2_000);
        AssertRefused(chain, stranger, "ACCOUNT_DOES_NOT_EXIST");
        AssertSkipped(chain, stranger, 1004);
    }

    [Theory]
    [InlineData(100_000_000_000ul, 2_000ul)] // 1000 coins are 1e11 units
    [InlineData(ulong.MaxValue, 2_000_000ul)] // the product does not fit 64 bits: it must not wrap
    [InlineData(9_223_372_036_854_775_808ul, 2_000ul)] // 2^63 x 2000 is 0 modulo 2^64
    public void P1005TheBalanceCannotPayTheMaximumFee(ulong price, ulong maximum)
    {
        Chain chain = new();
        byte[] dear = chain.Sign(chain.Alice, Nothing, maximum, price);
        AssertRefused(chain, dear, "INSUFFICIENT_BALANCE_FOR_TRANSACTION_FEE");
        AssertSkipped(chain, dear, 1005);
    }

    [Fact]
    public void P1005TheWholeBalanceIsEnough()
    {
        Chain chain = new();
        byte[] exact = chain.Sign(chain.Alice, Nothing, 2_000, 50_000_000); // 2000 x 5e7 = 1e11
        Assert.Equal(StatusKind.Success, chain.Block(exact).Outputs[1].Receipt.Status.Kind);
        Chain other = new();
        AssertSkipped(other, other.Sign(other.Alice, Nothing, 2_000, 50_000_001), 1005);
    }

    [Fact]
    public void P1006SimulationOfAnExpiredTransactionSaysSo()
    {
        Chain chain = new();
        byte[] expired = chain.Sign(chain.Alice, Nothing, 2_000, expiresIn: 0);
        Assert.Equal(TransactionStatus.Skipped(1006, false), chain.Stack.Simulate(expired, chain.Context(1), chain.State).Receipt.Status);
    }

    [Fact]
    public void P1007TheFrameworkKnowsItsChain()
    {
        // a context of another chain over this chain's state: decoding is content, the framework is not
        Chain chain = new();
        byte[] foreign = chain.Sign(chain.Alice, Nothing, 2_000, chain: 5);
        BlockResult block = chain.Stack.Execute(new BlockInput(chain.Context(1) with { TxChainId = 5 }, [foreign], 1), chain.State);
        Assert.Equal(Expect.Skipped(foreign, 1007), block.Outputs[1].Receipt);
    }

    [Fact]
    public void P1008TheLastSequenceNumberIsNeverUsed()
    {
        Chain chain = new();
        byte[] last = chain.Sign(chain.Alice, Nothing, 2_000, sequence: ulong.MaxValue);
        AssertRefused(chain, last, "SEQUENCE_NUMBER_TOO_BIG");
        AssertSkipped(chain, last, 1008);
    }

    [Fact]
    public void P1009TheGasPriceIsBelowTheMinimum()
    {
        Chain chain = new();
        byte[] free = chain.Sign(chain.Alice, Nothing, 2_000, price: 0);
        AssertRefused(chain, free, "GAS_PRICE_TOO_LOW");
        AssertSkipped(chain, free, 1009);
    }

    [Fact]
    public void S2000BlockGasIsTheOnlyReasonToTryAgain()
    {
        // A byte costs 50 units, so 60,000 bytes cost more than a transaction may pay. It begins, since the block has used
        // little of its 1,250,000;
        // what it uses is more than the block has, so nothing begins after it (fault 83).
        Chain chain = new(Framework.Compile(("fee_parameters.move", "storage_byte_price: 1,", "storage_byte_price: 50,")));
        byte[] small = chain.Sign(chain.Bob, Nothing, 1_000);
        byte[] dear = chain.Sign(chain.Alice, Chain.Call("lab", "keep", Chain.U64(60_000)));
        byte[] late = chain.Sign(chain.Bob, Nothing, 1_000);
        BlockResult result = chain.Block(small, dear, late);
        ulong used = Expect.Least(small);
        Assert.Equal(used, result.Outputs[1].Receipt.GasUsed);
        Assert.Equal((TransactionStatus.OutOfGas, 2_000_000ul), (result.Outputs[2].Receipt.Status, result.Outputs[2].Receipt.GasUsed));
        Assert.Equal(Expect.Skipped(late, 2000, retry: true), result.Outputs[3].Receipt);
        Assert.Equal("BLOCK_GAS", ((RefusalReason)2000).Name());
        Assert.Equal(2_000_000 + used, result.GasUsed);
        Assert.Equal(StatusKind.Success, chain.Block(late).Outputs[1].Receipt.Status.Kind);
    }

    [Fact]
    public void S2001APrologueThatDoesNotAbortButFails()
    {
        Chain chain = new(Framework.Compile(("transaction_validation.move", "let _ = bytes + vector::length(&script_hash);",
            "let _ = 1 / vector::length(&script_hash);")));
        byte[] any = chain.Sign(chain.Alice, Nothing, 2_000);
        AssertRefused(chain, any, "PROLOGUE_FAILED");
        AssertSkipped(chain, any, 2001);
    }

    [Fact]
    public void S2002TheMaximumGasIsAboveTheCap()
    {
        Chain chain = new();
        byte[] above = chain.Sign(chain.Alice, Nothing, 2_000_001);
        AssertRefused(chain, above, "MAX_GAS_TOO_HIGH");
        AssertSkipped(chain, above, 2002);
        byte[] cap = chain.Sign(chain.Alice, Nothing, 2_000_000, sequence: 0);
        Assert.Equal(StatusKind.Success, chain.Block(cap).Outputs[1].Receipt.Status.Kind);
    }

    [Fact]
    public void S2003TheMaximumGasDoesNotPayForTheBytes()
    {
        Chain chain = new();
        int length = chain.Sign(chain.Alice, Nothing, 2_000, sequence: 0).Length; // numbers have fixed sizes
        byte[] below = chain.Sign(chain.Alice, Nothing, 500 + (ulong)length - 1, sequence: 0);
        AssertRefused(chain, below, "MAX_GAS_TOO_LOW");
        AssertSkipped(chain, below, 2003);
        byte[] exact = chain.Sign(chain.Alice, Nothing, 500 + (ulong)length, sequence: 0);
        Assert.Equal((TransactionStatus.OutOfGas, 500 + (ulong)length),
            (chain.Block(exact).Outputs[1].Receipt.Status, 500 + (ulong)length));
        byte[] enough = chain.Sign(chain.Alice, Nothing, 500 + (ulong)length + 1, sequence: 1);
        Assert.Equal(TransactionStatus.Success, chain.Block(enough).Outputs[1].Receipt.Status);
    }

    [Fact]
    public void S2004AnOversizeScriptNeedsApproval()
    {
        Chain chain = new();
        byte[] code = new byte[TransactionLimits.MaximumSize];
        byte[] oversize = chain.Sign(chain.Alice, new TransactionPayload.Script(code, [], []));
        AssertRefused(chain, oversize, "SCRIPT_NOT_APPROVED");
        AssertSkipped(chain, oversize, 2004);
    }

    [Fact]
    public void S2005AnEpilogueThatFailsTwiceIsAnAlarm()
    {
        Chain chain = new(Framework.Compile(("transaction_validation.move", "assert!(fee <= MAX_U64_WIDE, FEE_OVERFLOW);",
            "assert!(fee > MAX_U64_WIDE, FEE_OVERFLOW);")));
        byte[] any = chain.Sign(chain.Alice, Nothing, 2_000);
        Hash32 before = chain.State.Root();
        BlockResult block = chain.Block(any);
        Assert.Equal(Expect.Skipped(any, 2005), block.Outputs[1].Receipt);
        Assert.Contains("epilogue", Assert.Single(block.Alarms));
        Assert.Equal(before, chain.State.Root());
    }

    public static TheoryData<ushort, string, Func<byte[], byte[]>> Spoilt => new()
    {
        { 3001, "MALFORMED", bytes => bytes[..^1] },
        { 3001, "MALFORMED", _ => [] },
        { 3002, "TRAILING_BYTES", bytes => [.. bytes, 0] },
        { 3003, "UNSUPPORTED_PAYLOAD", bytes => [.. bytes[..40], 3, .. bytes[41..]] },
        // 04 00 would wrap the signature under a second hash
        { 3004, "UNSUPPORTED_AUTHENTICATOR", bytes => [.. bytes[..^99], 4, 0, .. bytes[^99..]] },
        { 3005, "TOO_LARGE", _ => new byte[TransactionLimits.MaximumOversize + 1] },
        { 3008, "BAD_SIGNATURE", bytes => [.. bytes[..^1], (byte)(bytes[^1] ^ 1)] },
        { 3008, "BAD_SIGNATURE", bytes => [.. bytes[..32], 1, .. bytes[33..]] }, // another sequence number under the old signature
    };

    [Theory]
    [MemberData(nameof(Spoilt))]
    public void R3000WhatIsNoTransactionIsSkippedUnderTheHashOfItsBytes(ushort reason, string code, Func<byte[], byte[]> spoil)
    {
        Chain chain = new();
        byte[] spoilt = spoil(chain.Sign(chain.Alice, Nothing, 2_000));
        AssertRefused(chain, spoilt, code);
        AssertSkipped(chain, spoilt, reason);
        Assert.Equal(code, ((RefusalReason)reason).Name());
    }

    [Fact]
    public void R3006SignerIsNoTypeArgument()
    {
        Chain chain = new();
        byte[] signer = chain.Sign(chain.Alice, new TransactionPayload.EntryFunction(
            new ModuleId(Address.One, "lab"), "generic", [TypeTag.Vector(TypeTag.Signer)], []), 2_000);
        AssertRefused(chain, signer, "BAD_TYPE_ARGUMENT");
        AssertSkipped(chain, signer, 3006);
    }

    [Fact]
    public void R3007AnotherChain()
    {
        Chain chain = new();
        byte[] foreign = chain.Sign(chain.Alice, Nothing, 2_000, chain: 5);
        AssertRefused(chain, foreign, "WRONG_CHAIN_ID");
        AssertSkipped(chain, foreign, 3007);
    }

    [Fact]
    public void R3009ATransactionExpiresInTheSecondItNames()
    {
        Chain chain = new();
        byte[] expired = chain.Sign(chain.Alice, Nothing, 2_000, expiresIn: 0, sequence: 0); // block 1 is 250 ms into that second
        AssertRefused(chain, expired, "EXPIRED");
        AssertSkipped(chain, expired, 3009);
        Assert.Equal(StatusKind.Success, chain.Block(chain.Sign(chain.Alice, Nothing, 2_000, expiresIn: 1, sequence: 0))
            .Outputs[1].Receipt.Status.Kind);
    }
}
