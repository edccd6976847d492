using System.Net;
using Theseus.Client;
using Theseus.Protocol;

namespace Theseus.Rpc.Tests;

/// <summary>A client of several nodes brings a transaction in, whatever one of them does. // fault 14, fault 103</summary>
public sealed class DeliveryTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    // fault 14
    [Fact]
    public async Task ABusyNodeAndADeadOneDoNotStrandATransaction()
    {
        List<string> sent = [];
        int busy = 2;
        using Dispatcher dispatcher = new();
        dispatcher.Add<TransactionParams>(Methods.Submit, p =>
        {
            sent.Add(p.Transaction);
            return busy-- > 0 ? throw RpcError.Busy(BusyCodes.Overloaded, "no", TimeSpan.FromMilliseconds(1))
                : new SubmitInfo("0x01", "RECEIVED", 7);
        });
        await using HttpFront front = await HttpFront.StartAsync(new IPEndPoint(IPAddress.Loopback, 0), dispatcher, TestProbes.Ready,
            default);
        Uri dead;
        await using (HttpFront gone = await HttpFront.StartAsync(new IPEndPoint(IPAddress.Loopback, 0), dispatcher, TestProbes.Ready,
            default))
        {
            dead = new Uri($"http://{gone.EndPoint}");
        }

        Uri alive = new($"http://{front.EndPoint}");
        using TheseusClient client = new([dead, alive], TimeSpan.FromSeconds(10));
        (SubmitInfo info, int tries) = await client.DeliverAsync([1, 2], Patience);
        Assert.Equal(("RECEIVED", (ulong?)7, 3), (info.Status, info.WaitsForSequence, tries));
        Assert.Equal(["0x0102", "0x0102", "0x0102"], sent); // the same bytes: one hash
        Assert.Equal(alive, client.Node);
    }

    [Fact]
    public async Task ARefusalForGoodIsNotRepeatedAndItsFieldsAreTyped()
    {
        int calls = 0;
        using Dispatcher dispatcher = new();
        dispatcher.Add<TransactionParams>(Methods.Submit, _ =>
        {
            calls++;
            throw new RpcError(ErrorCodes.Refused, "BAD_SIGNATURE: \u001b[2Jno",
                new System.Text.Json.Nodes.JsonObject { ["code"] = "BAD_SIGNATURE" });
        });
        await using HttpFront front = await HttpFront.StartAsync(new IPEndPoint(IPAddress.Loopback, 0), dispatcher, TestProbes.Ready,
            default);
        using TheseusClient client = new(new Uri($"http://{front.EndPoint}"));
        RpcException refused = await Assert.ThrowsAsync<RpcException>(() => client.DeliverAsync([1], Patience));
        Assert.Equal((ErrorCodes.Refused, "BAD_SIGNATURE", false, null),
            (refused.Code, refused.Name, refused.IsTransient, refused.RetryAfter));
        Assert.Equal("BAD_SIGNATURE: \\u{1b}[2Jno", refused.Message); // fault 93
        Assert.Equal(1, calls);
        RpcException wrong = await Assert.ThrowsAsync<RpcException>(() => client.CallAsync<SubmitInfo>(Methods.Submit, new { raw = "0x" }));
        Assert.Equal("params.raw", wrong.Parameter);
    }

    [Fact]
    public async Task EachTransactionOfABatchHasItsOwnAnswer()
    {
        using Dispatcher dispatcher = new();
        dispatcher.Add<TransactionParams>(Methods.Submit, p => p.Transaction switch
        {
            "0x02" => throw RpcError.Busy(BusyCodes.Overloaded, "no", TimeSpan.FromMilliseconds(250)),
            "0x03" => throw new RpcError(ErrorCodes.Refused, "never"),
            _ => new SubmitInfo(p.Transaction, "RECEIVED"),
        });
        await using HttpFront front = await HttpFront.StartAsync(new IPEndPoint(IPAddress.Loopback, 0), dispatcher, TestProbes.Ready,
            default);
        using TheseusClient client = new(new Uri($"http://{front.EndPoint}"));
        IReadOnlyList<(SubmitInfo? Info, RpcException? Refusal)> answers = await client.SubmitBatchAsync([[1], [2], [3], [4]]);
        Assert.Equal(["0x01", null, null, "0x04"], answers.Select(static answer => answer.Info?.Hash));
        Assert.Equal([null, ErrorCodes.Busy, ErrorCodes.Refused, null], answers.Select(static answer => answer.Refusal?.Code));
        Assert.Equal(TimeSpan.FromMilliseconds(250), answers[1].Refusal!.RetryAfter);
        await Assert.ThrowsAsync<ArgumentException>(() => client.SubmitBatchAsync([]));
        await Assert.ThrowsAsync<ArgumentException>(() =>
            client.SubmitBatchAsync([.. Enumerable.Repeat<byte[]>([1], TheseusClient.MaximumBatch + 1)]));
    }

    [Theory]
    [InlineData(nameof(RefusalReason.BadSignature), "BAD_SIGNATURE",
        "BAD_SIGNATURE: the signature is not the public key's over this transaction")]
    [InlineData(nameof(RefusalReason.Malformed), "MALFORMED(9 bytes missing)",
        "MALFORMED: the bytes are not a signed transaction (9 bytes missing)")]
    [InlineData(nameof(RefusalReason.SequenceNumberTooOld), "sequence number 3 was used, the next is 5",
        "SEQUENCE_NUMBER_TOO_OLD: sequence number 3 was used, the next is 5")]
    [InlineData(nameof(RefusalReason.FeeOverflow), "fee overflow", "FEE_OVERFLOW: fee overflow")]
    public void ARefusalIsSaidOnce(string reason, string detail, string words) => // fault 44
        Assert.Equal(words, RefusalText.Of(Enum.Parse<RefusalReason>(reason), detail));

    // fault 47
    [Fact]
    public void PublishingByAUserIsAnsweredWithTheWayThatThereIs() =>
        Assert.Contains("code is published by governance", RefusalText.Of(RefusalReason.UnsupportedPayload, "UNSUPPORTED_PAYLOAD(1)"));
}
