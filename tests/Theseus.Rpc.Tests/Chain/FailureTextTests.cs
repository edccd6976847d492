using Theseus.Client;
using Theseus.Protocol;

namespace Theseus.Rpc.Tests;

/// <summary>Failures travel as kind, module, code and place; sentences are made at the edge and read by nobody (issue part 3).</summary>
public class FailureTextTests
{
    private static readonly ModuleId Coin = new(Address.One, "coin");

    private static readonly FailurePlace InCoin = new(Coin, false, 4, "withdraw", 12, "");

    public static TheoryData<TransactionStatus, FailurePlace?, FailureInfo?> Cases => new()
    {
        { TransactionStatus.Success, null, null },
        { TransactionStatus.Aborted(Coin, 0x10003), InCoin, new FailureInfo("ABORTED", "0x1::coin", 0x10003, null, null, null,
            "withdraw", 12, "") },
        { TransactionStatus.Aborted(null, 7), new FailurePlace(null, true, 0, null, 3, ""),
            new FailureInfo("ABORTED", null, 7, null, null, null, null, 3, "") },
        { TransactionStatus.OutOfGas, InCoin, new FailureInfo("OUT_OF_GAS", "0x1::coin", 0, null, null, null, "withdraw", 12, "") },
        {
            TransactionStatus.Failed(100_006, 3, null), FailurePlace.Nowhere("words"),
            new FailureInfo("FAILED", null, 100_006, "PROBE_FAILED", 3, null, null, null, "words")
        },
        { TransactionStatus.Skipped(2000, true), null, new FailureInfo("SKIPPED", null, 2000, "BLOCK_GAS", null, null, null, null, "") },
        { TransactionStatus.Skipped(1555, false), null, new FailureInfo("SKIPPED", null, 1555, "SKIPPED_1555", null, null, null, null,
            "") },
        {
            TransactionStatus.SystemAborted("begin", 4016, 9), InCoin,
            new FailureInfo("HOOK_FAILED", "0x1::coin", 4016, "Aborted", 9, "begin", "withdraw", 12, "")
        },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void EveryKindCarriesWhatProgramsDecideBy(TransactionStatus status, FailurePlace? place, FailureInfo? expected) =>
        Assert.Equal(expected, FailureText.Of(status, place));

    [Fact]
    public void WhatFailedBeforeAnyCodeIsSaidFirst()
    {
        TransactionStatus missing = TransactionStatus.Failed(1081, null, null);
        Assert.Equal("there is no module 0x9::m (Failed with LinkerError)",
            FailureText.Sentence(missing, FailurePlace.Nowhere("there is no module 0x9::m")));
        Assert.Equal("Aborted in 0x1::coin with code 0x10003 0x1::coin::withdraw+12",
            FailureText.Sentence(TransactionStatus.Aborted(Coin, 0x10003), InCoin));
    }
}
