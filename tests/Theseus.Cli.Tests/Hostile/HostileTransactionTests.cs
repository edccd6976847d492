using System.Collections.Concurrent;
using System.Globalization;
using System.Numerics;
using System.Text.Json.Nodes;
using Theseus.Cli.Commands;
using Theseus.Cli.Tests.Localnet;
using Theseus.Client;
using Theseus.Network;
using Theseus.Node;
using Theseus.Protocol;

namespace Theseus.Cli.Tests.Hostile;

/// <summary>Transactions that are none, to a running node: each is refused by name, none by accident.</summary>
[Collection("attacked")]
public sealed class HostileTransactionTests(AttackedNetwork attacked, ITestOutputHelper output)
{
    /// <summary>execution 1, V1: raw and authenticator.</summary>
    private const string RawV1 =
        "7df415e5b21bdaa8b2946e8f1f4278b39904e51a69627494cd3e6f2996732fbd070000000000000002000000000000000000000000000000"
        + "000000000000000000000000000000000104636f696e087472616e7366657201070000000000000000000000000000000000000000000000"
        + "0000000000000000010c746865736575735f636f696e0b54686573657573436f696e00022000000000000000000000000000000000000000"
        + "000000000000000000000000b008e80300000000000080841e0000000000640000000000000000b33f710000000004";

    private const string AuthenticatorV1 =
        "00208a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c40084ab967360bec06b794af3ffeaaf31d46195832dd"
        + "ee2a439fceca9d2dc5712a14bc609ce1d847b44b21331af740ab3fc6f912bde651fe0b9b76bbaca4807404";

    /// <summary>execution 1, negative: the second half of V1's signature plus the group's order.</summary>
    private const string SPlusLV1 = "019056f9fb3b5a0c22be2abdd53a8a54c6f912bde651fe0b9b76bbaca4807414";

    /// <summary>2^252 + 27742317777372353535851937790883648493, RFC 8032.</summary>
    private static readonly BigInteger Order = BigInteger.Pow(2, 252)
        + BigInteger.Parse("27742317777372353535851937790883648493", CultureInfo.InvariantCulture);

    [Fact]
    public async Task TwentyThousandMutantsOfTransactionsAreRefusedByName()
    {
        int many = LongTests.Run ? 400_000 : 20_000;
        const int Senders = 4;
        byte[][] originals = await OriginalsAsync();
        Random random = new(20260704);
        byte[][] mutants = [.. Enumerable.Range(0, many).Select(i => Mutants.Of(originals[i % originals.Length], random))];
        ConcurrentDictionary<string, int> counts = new(StringComparer.Ordinal);
        ConcurrentQueue<byte[][]> work = new(mutants.Chunk(RawRpc.Batch));
        ulong before = await attacked.Network.HeightAsync(AttackedNetwork.Target);
        await Task.WhenAll(Enumerable.Range(0, Senders).Select(async _ =>
        {
            using RawRpc rpc = new(attacked.Node.Url);
            while (work.TryDequeue(out byte[][]? batch))
            {
                (int status, JsonNode? answer) = await rpc.PostAsync(RawRpc.Submissions(batch));
                Assert.Equal(200, status);
                Assert.Equal(batch.Length, answer!.AsArray().Count);
                foreach (JsonNode? one in answer.AsArray())
                {
                    counts.AddOrUpdate(RawRpc.NameOf(one!), 1, static (_, count) => count + 1);
                }
            }
        }));

        output.WriteLine(string.Join(", ", counts.OrderByDescending(static pair => pair.Value)
            .Select(static pair => $"{pair.Key} {pair.Value}")));
        Assert.Equal(many, counts.Values.Sum());
        Assert.All(counts.Keys, static name => Assert.Contains(name, (string[])
        [
            "MALFORMED", "TRAILING_BYTES", "UNSUPPORTED_PAYLOAD", "UNSUPPORTED_AUTHENTICATOR", "TOO_LARGE", "BAD_TYPE_ARGUMENT",
                "WRONG_CHAIN_ID", "BAD_SIGNATURE", "EXPIRED", "EXPIRATION_TOO_FAR",
        ])); // an accepted one would be a second form of a signed transaction
        // the mutants reach past the decoder, and not all do
        Assert.True(counts["BAD_SIGNATURE"] > many / 10 && counts["MALFORMED"] > many / 10);
        Assert.True(await attacked.Network.HeightAsync(AttackedNetwork.Target) > before);

        // the same by gossip: each stranger is banned for what no honest node passes on
        ulong bans = await attacked.Watch.CountsAsync("theseus_peer_misbehaviour_total{overlay=\"mempool\",what=\"banned\"").SumAsync();
        const int Strangers = 8;
        for (int i = 0; i < Strangers; i++)
        {
            NodeKey key = HostilePeer.Stranger(1000 + i);
            await using HostilePeer peer = await HostilePeer.OpenAsync(attacked.File, attacked.Node, OverlayKind.Mempool, key);
            await peer.SendAsync(Envelopes.Transactions(mutants.Skip(i * Envelopes.MaximumTransactions)
                .Take(Envelopes.MaximumTransactions)));
            Assert.Equal(CloseReason.Banned, await peer.EndAsync());
        }

        Assert.Equal(bans + Strangers,
            await attacked.Watch.CountsAsync("theseus_peer_misbehaviour_total{overlay=\"mempool\",what=\"banned\"").SumAsync());
        await attacked.Watch.HoldsAsync();
        output.WriteLine($"RSS {attacked.Watch.Start / 1024} MiB at the start, at most {attacked.Watch.Peak / 1024} MiB");
    }

    [Fact]
    public async Task TheNegativeVectorsAreRefused()
    {
        byte[] raw = Convert.FromHexString(RawV1);
        byte[] authenticator = Convert.FromHexString(AuthenticatorV1);
        byte[] whole = [.. raw, .. authenticator];
        byte[] overlong = [.. raw[..73], 0x84, 0x00, .. raw[74..], .. authenticator]; // the module name's length 04 in two bytes
        Assert.Equal(4, raw[73]);
        await RefusedAsync("UNSUPPORTED_AUTHENTICATOR", [.. raw, 0x04, .. authenticator]);
        await RefusedAsync("TRAILING_BYTES", [.. whole, 0x00]);
        await RefusedAsync("MALFORMED", overlong);

        // V1 expires in 2030, which this node does not wait for: the vectors themselves end there, wherever else they fail
        await RefusedAsync("EXPIRATION_TOO_FAR", [.. raw[..^1], 5, .. authenticator]);
        await RefusedAsync("EXPIRATION_TOO_FAR", [.. raw, .. authenticator[..^32], .. Convert.FromHexString(SPlusLV1)]);

        // so the same faults in transactions of today
        SignedTransaction good = attacked.Network.Transfer("bob", "alice", 1,
            await attacked.Network.SequenceAsync(AttackedNetwork.Target, "bob"));
        byte[] seed = new Wallet(attacked.File).Signer("bob").Seed;
        await RefusedAsync("WRONG_CHAIN_ID", SignedTransaction.Sign(good.Raw with { ChainId = 5 }, seed).Bytes);
        BigInteger s = new(good.Authenticator.Signature.AsSpan(32), isUnsigned: true);
        byte[] second = new byte[32];
        Assert.True((s + Order).TryWriteBytes(second, out _, isUnsigned: true));
        byte[] malleated = [.. good.Authenticator.Signature[..32], .. second];
        await RefusedAsync("BAD_SIGNATURE", SignedTransaction.Of(good.Raw, good.Authenticator with { Signature = malleated }).Bytes);

        // A = R = the neutral point, S = 0 fulfils the equation for every message; a small-order key is refused before
        byte[] neutral = [1, .. new byte[31]];
        await RefusedAsync("BAD_SIGNATURE",
            SignedTransaction.Of(good.Raw,
            good.Authenticator with { PublicKey = neutral, Signature = [.. neutral, .. new byte[32]] }).Bytes);

        // and the good one is taken: the refusals were not this sender's
        await attacked.Network.SubmitAsync(AttackedNetwork.Target, good);
        await attacked.Network.ExecutesAsync(AttackedNetwork.Target, good);
    }

    /// <summary>Valid transactions of different shapes that mutants are made of.</summary>
    private async Task<byte[][]> OriginalsAsync()
    {
        ulong sequence = await attacked.Network.SequenceAsync(AttackedNetwork.Target, "carol");
        SignedTransaction transfer = attacked.Network.Transfer("carol", "bob", 3, sequence);
        byte[] seed = new Wallet(attacked.File).Signer("carol").Seed;
        TransactionPayload script = new TransactionPayload.Script(
            Convert.FromHexString("a11ceb0b06000000"), [TypeTag.U64, TypeTag.Vector(TypeTag.U8)],
                [new ScriptArgument(ScriptArgumentKind.U64, new byte[8])]);
        return
        [
            transfer.Bytes,
            SignedTransaction.Sign(transfer.Raw with { Payload = script }, seed).Bytes,
            SignedTransaction.Sign(transfer.Raw, seed, AuthenticatorKind.SingleKey).Bytes,
        ];
    }

    private async Task RefusedAsync(string code, byte[] transaction)
    {
        RpcException refusal = await Assert.ThrowsAsync<RpcException>(() => attacked.Network.ClientOf(AttackedNetwork.Target)
            .SubmitAsync(transaction));
        Assert.Equal((ErrorCodes.Refused, code), (refusal.Code, refusal.ErrorData!["code"]!.GetValue<string>()));
    }
}

/// <summary>Sums of figures.</summary>
internal static class Figures
{
    public static async Task<ulong> SumAsync(this Task<IReadOnlyList<KeyValuePair<string, ulong>>> figures) =>
        (await figures).Aggregate(0UL, static (sum, pair) => sum + pair.Value);
}
