using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Theseus.Cli.Commands;
using Theseus.Cli.Localnet;
using Theseus.Cli.Tests.Localnet;
using Theseus.Client;
using Theseus.Consensus;
using Theseus.Network;
using Theseus.Node;
using Theseus.Protocol;
using Frame = Theseus.Network.Frame;

namespace Theseus.Cli.Tests.Hostile;

/// <summary>Everything that strangers can send, against one validator of a live network. It stays up, ready and small, and says why it refuses.</summary>
[Collection("hostile")]
public sealed class HostileNodeTests(HostileNetworkFixture fixture, ITestOutputHelper output) : IClassFixture<HostileNetworkFixture>
{
    /// <summary>What an attack may add to the node's resident memory (acceptance).</summary>
    private const long MostKb = 256 * 1024;

    /// <summary>A block is due every 250 ms; a machine that runs six nodes and their attacker on two cores is slow, a stopped chain is slower.</summary>
    private static readonly TimeSpan LongestGap = TimeSpan.FromSeconds(10);

    private static readonly OverlayKind[] Overlays = [OverlayKind.Consensus, OverlayKind.Sync, OverlayKind.Mempool];

    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(60) };

    private int _strangers = 100;

    private HostileNetwork Net => fixture.Net;

    private LocalnetNode Target => Net.Node("n1");

    private Uri Rpc => new(Target.Url + "/rpc/v1");

    private static int Mutants => Environment.GetEnvironmentVariable("THESEUS_LONG") == "1" ? 200_000 : 20_000;

    [Fact]
    public async Task WhateverStrangersSendTheNodeStaysUpReadyAndSmall()
    {
        using TheseusClient client = Net.Client("n1");
        int process = await Net.ProcessIdAsync("n1");
        BadTransactions bad = await BadTransactions.ForAsync(Net, client);
        await using Watch watch = new(process, Target, Net.Node("access"));

        List<TcpClient> loris = await LorisAsync();
        await Step("random bytes", RandomBytesAsync);
        await Step("handshakes", RefusedHandshakesAsync);
        await Step("frames", BadFramesAsync);
        await Step("unfinished frames", UnfinishedFramesAsync);
        await Step("consensus signatures", () => BadSignaturesAsync(client));
        await Step("JSON", BadJsonAsync);
        await Step("bodies", LargeBodiesAsync);
        await Step("negative vectors", () => NegativeVectorsAsync(bad));
        await Step("mutants by RPC", () => MutantsByRpcAsync(bad));
        await Step("mutants by gossip", () => MutantsByGossipAsync(bad));
        await Step("slow senders end", () => LorisEndsAsync(loris));

        ulong height = (await client.StatusAsync()).DecidedHeight;
        await TheseusCommand.UntilAsync(async () => (await client.StatusAsync()).DecidedHeight >= height + 3, "three blocks after the attack");
        await watch.StopAsync();
        output.WriteLine($"RSS {watch.StartKb / 1024} MB at the start, {watch.PeakKb / 1024} MB at most; {watch.Blocks} blocks, longest gap {watch.LongestGap.TotalMilliseconds:0} ms; /ready asked {watch.ReadyAnswers} times");
        output.WriteLine(string.Join('\n', (await MetricsAsync()).Select(pair => $"  {pair.Key} {pair.Value}")));
        Assert.Equal(process, await Net.ProcessIdAsync("n1"));
        Assert.True(TheseusCommand.Lives(process));
        Assert.Empty(watch.NotReady);
        Assert.True(watch.ReadyAnswers > 5 && watch.Blocks > 10);
        Assert.True(watch.LongestGap < LongestGap, $"no block for {watch.LongestGap}");
        Assert.True(watch.PeakKb < watch.StartKb + MostKb, $"{watch.StartKb} kB became {watch.PeakKb} kB");
        string log = Net.Log("n1");
        Assert.DoesNotContain("fatal:", log);
        Assert.DoesNotContain("error:", log); // no method threw what is not an answer
        Assert.DoesNotContain(" failed ", log.Replace("handshake failed", "", StringComparison.Ordinal));
        Assert.Contains("Mempool banned", log);

        async Task Step(string name, Func<Task> attack)
        {
            Stopwatch took = Stopwatch.StartNew();
            await attack();
            output.WriteLine($"{name}: {took.ElapsedMilliseconds} ms, {watch.PeakKb / 1024} MB at most so far");
        }
    }

    /// <summary>One peer's 10,000 invalid transactions, and as many of every stranger that follows it, beside the transfers of others.</summary>
    [Fact]
    public async Task AFloodOfInvalidTransactionsBansItsPeerAndSlowsOthersByLessThanTwo()
    {
        const int Clients = 10;
        const int SamplesEach = 6;
        using TheseusClient client = Net.Client("n1");
        BadTransactions bad = await BadTransactions.ForAsync(Net, client);
        Frame[] flood = [.. bad.BadlySigned(10_000).Chunk(Envelopes.MaximumTransactions).Select(chunk => Envelopes.Transactions(chunk))];
        WalletAccount[] senders = [.. Enumerable.Range(0, Clients).Select(i => Net.Wallet.Signer($"load{i}"))];
        ulong[] next = await Task.WhenAll(senders.Select(sender => BadTransactions.SequenceAsync(client, sender)));
        Address bob = Net.Wallet.Receiver("bob");
        await SampleAsync(1); // warm

        double[] quiet = await SampleAsync(SamplesEach);
        NodeKey flooder = HostilePeer.Stranger(1);
        HostilePeer first = await HostilePeer.OpenAsync(Net.File, Target, OverlayKind.Mempool, flooder);
        using CancellationTokenSource enough = new();
        Task<(CloseReason First, int Peers)> flooding = FloodAsync();
        double[] loud = await SampleAsync(SamplesEach);
        await enough.CancelAsync();
        (CloseReason reason, int peers) = await flooding;

        double before = Median(quiet);
        double during = Median(loud);
        output.WriteLine($"{flood.Length} frames of 10,000 invalid transactions a peer, {peers} peers; median to commit {before:0} ms before, {during:0} ms during, ratio {during / before:0.00}, {quiet.Length} samples each");
        Assert.True(reason is CloseReason.Banned or CloseReason.Lost, $"closed for {reason}");
        Assert.Contains($"Mempool banned {flooder.PublicKey}", Net.Log("n1"));
        HostilePeer again = await HostilePeer.OpenAsync(Net.File, Target, OverlayKind.Mempool, flooder);
        Assert.Equal(CloseReason.Banned, await again.EndAsync());
        await again.DisposeAsync();
        Assert.True(during < 2 * before, $"{before} ms became {during} ms");

        async Task<double[]> SampleAsync(int each)
        {
            double[][] samples = await Task.WhenAll(Enumerable.Range(0, Clients).Select(async i =>
            {
                double[] times = new double[each];
                for (int sample = 0; sample < each; sample++)
                {
                    SignedTransaction transfer = BadTransactions.Transfer(senders[i], bob, next[i]++, (byte)Net.File.TxChainId);
                    Stopwatch took = Stopwatch.StartNew();
                    await client.SubmitAsync(transfer.Bytes);
                    await TheseusCommand.UntilAsync(async () => (await client.GetTransactionAsync(transfer.Hash.ToString())).Success == true, "a transfer");
                    times[sample] = took.Elapsed.TotalMilliseconds;
                }

                return times;
            }));
            return [.. samples.SelectMany(times => times)];
        }

        async Task<(CloseReason First, int Peers)> FloodAsync()
        {
            CloseReason ended = await FloodByAsync(first);
            int count = 1;
            while (!enough.IsCancellationRequested)
            {
                await FloodByAsync(await HostilePeer.OpenAsync(Net.File, Target, OverlayKind.Mempool, HostilePeer.Stranger(1_000_000 + count++)));
            }

            return (ended, count);
        }

        async Task<CloseReason> FloodByAsync(HostilePeer peer)
        {
            foreach (Frame frame in flood)
            {
                if (!await peer.TrySendAsync(frame))
                {
                    break;
                }
            }

            CloseReason ended = await peer.EndAsync();
            await peer.DisposeAsync();
            return ended;
        }
    }

    private static double Median(double[] values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }

    private NodeKey Stranger() => HostilePeer.Stranger(_strangers++);

    private async Task<HostilePeer> OpenAsync(OverlayKind overlay, NodeKey? key = null) => await HostilePeer.OpenAsync(Net.File, Target, overlay, key ?? Stranger());

    private async Task RandomBytesAsync()
    {
        Random random = new(1);
        foreach (int port in (int[])[Target.RpcPort, Target.ConsensusPort, Target.SyncPort, Target.MempoolPort])
        {
            for (int i = 0; i < 20; i++)
            {
                byte[] bytes = new byte[random.Next(1, 64 * 1024)];
                random.NextBytes(bytes);
                if (i % 2 == 0)
                {
                    byte[] record = [0x16, 0x03, 0x01, (byte)(bytes.Length >> 8), (byte)bytes.Length]; // looks like TLS
                    record.CopyTo(bytes.AsSpan(0, int.Min(5, bytes.Length)));
                }

                using TcpClient tcp = new() { NoDelay = true };
                await tcp.ConnectAsync(IPAddress.Loopback, port);
                try
                {
                    await tcp.GetStream().WriteAsync(bytes);
                    tcp.Client.Shutdown(SocketShutdown.Send);
                    await DrainAsync(tcp, TimeSpan.FromSeconds(20));
                }
                catch (Exception e) when (e is IOException or SocketException)
                {
                    // it had enough before the end
                }
            }
        }
    }

    // Every refusal of a hello names its reason within a round trip, and none of them costs a place.
    private async Task RefusedHandshakesAsync()
    {
        foreach (OverlayKind overlay in Overlays)
        {
            int port = HostilePeer.Port(Target, overlay);
            NodeIdentity good = HostilePeer.Identity(Net.File, Stranger());
            Assert.Equal(CloseReason.WrongChain, await HostilePeer.RefusalAsync(port, good with { Chain = "theseus-elsewhere" }, overlay));
            Assert.Equal(CloseReason.WrongChain, await HostilePeer.RefusalAsync(port, good with { GenesisHash = Hash32.Zero }, overlay));
            Assert.Equal(CloseReason.WrongOverlay, await HostilePeer.RefusalAsync(port, good, overlay == OverlayKind.Sync ? OverlayKind.Mempool : OverlayKind.Sync));
            Assert.Equal(CloseReason.BadProof, await HostilePeer.RefusalAsync(port, good with { PublicKey = Hash32.FromHex(Net.Node("n2").NodeKey) }, overlay)); // n2's name, another's signature
            Assert.Equal(CloseReason.Malformed, await HostilePeer.RefusalAsync(port, good with { Software = new string('x', 65) }, overlay));
            Assert.Equal(CloseReason.Malformed, await HostilePeer.RefusalAsync(port, good with { Modules = [.. Enumerable.Repeat(Hash32.Zero, 65)] }, overlay));
            Assert.Equal(CloseReason.Self, await HostilePeer.RefusalAsync(port, good with { PublicKey = Hash32.FromHex(Target.NodeKey) }, overlay));
        }
    }

    private async Task BadFramesAsync()
    {
        foreach (OverlayKind overlay in Overlays)
        {
            (FrameKind own, FrameKind other) = overlay switch
            {
                OverlayKind.Consensus => (FrameKind.Consensus, FrameKind.Sync),
                OverlayKind.Sync => (FrameKind.Sync, FrameKind.Transactions),
                _ => (FrameKind.Transactions, FrameKind.Consensus),
            };
            uint limit = (uint)FrameLimits.Of((ushort)own, overlay);

            // a truncated frame is nobody's fault: killed processes end so
            NodeKey broken = Stranger();
            HostilePeer truncated = await OpenAsync(overlay, broken);
            await truncated.SendRawAsync([.. HostilePeer.Header((ushort)own, 1_000), 1, 2, 3]);
            await truncated.DisposeAsync();
            await using (HostilePeer back = await OpenAsync(overlay, broken))
            {
                await back.SendAsync(new Frame(FrameKind.Ping, 0, new byte[8]));
                Assert.False(back.IsEnded);
            }

            await BansAsync(overlay, CloseReason.FrameTooLarge, peer => peer.SendRawAsync(HostilePeer.Header((ushort)own, limit + 1)));
            await BansAsync(overlay, CloseReason.FrameTooLarge, peer => peer.SendRawAsync(HostilePeer.Header((ushort)own, uint.MaxValue)));
            await BansAsync(overlay, CloseReason.UnknownFrame, peer => peer.SendRawAsync(HostilePeer.Header(999, 1)));
            await BansAsync(overlay, CloseReason.UnknownFrame, peer => peer.SendRawAsync(HostilePeer.Header((ushort)other, 1)));
            await BansAsync(overlay, CloseReason.Malformed, peer => peer.SendRawAsync(HostilePeer.Header((ushort)FrameKind.Hello, 0)));
            await BansAsync(overlay, CloseReason.Banned, async peer =>
            {
                byte[] garbage = new byte[limit / 2];
                garbage.AsSpan().Fill(0xFF);
                await peer.SendAsync(new Frame(own, 1, garbage));
                await peer.SendAsync(new Frame(own, 1, garbage));
            });
        }
    }

    // the session ends for the reason, and its key stays out
    private async Task BansAsync(OverlayKind overlay, CloseReason reason, Func<HostilePeer, Task> attack)
    {
        NodeKey key = Stranger();
        HostilePeer peer = await OpenAsync(overlay, key);
        await attack(peer);
        Assert.Equal(reason, await peer.EndAsync());
        await peer.DisposeAsync();
        HostilePeer again = await OpenAsync(overlay, key);
        Assert.Equal(CloseReason.Banned, await again.EndAsync());
        await again.DisposeAsync();
    }

    // the largest frames begun and never finished: what is announced costs nothing, what arrived is bounded
    private async Task UnfinishedFramesAsync()
    {
        List<HostilePeer> peers = [];
        foreach ((OverlayKind overlay, FrameKind kind) in ((OverlayKind, FrameKind)[])[(OverlayKind.Consensus, FrameKind.Consensus), (OverlayKind.Sync, FrameKind.Sync), (OverlayKind.Mempool, FrameKind.Transactions)])
        {
            uint limit = (uint)FrameLimits.Of((ushort)kind, overlay);
            for (int i = 0; i < 16; i++)
            {
                HostilePeer peer = await OpenAsync(overlay);
                peers.Add(peer);
                await peer.SendRawAsync([.. HostilePeer.Header((ushort)kind, limit), .. new byte[64 * 1024]]);
            }
        }

        foreach (HostilePeer peer in peers)
        {
            await peer.DisposeAsync();
        }
    }

    private async Task BadSignaturesAsync(TheseusClient client)
    {
        long before = await PenaltiesAsync("consensus", "Refused");
        ValidatorId honest = ValidatorSets.ToId(Address.Parse(Net.Node("n2").Validator!));
        SignContext context = await EvidenceTests.ContextAsync(Net, client);
        Func<ulong, NodeKey, ConsensusMessage>[] forgeries =
        [
            (height, key) =>
            {
                Vote vote = new(VoteType.Prevote, height, 0, EvidenceTests.Value(1), Rounds.Nil, honest); // n2's name, a stranger's signature
                return new ConsensusMessage.OfVote(new Signed<Vote>(vote, key.Sign(SignBytes.Of(context, vote))), 0);
            },
            (height, key) =>
            {
                Vote vote = new(VoteType.Precommit, height, 0, EvidenceTests.Value(1), Rounds.Nil, new ValidatorId(key.PublicKey.ToArray())); // an unknown voter
                return new ConsensusMessage.OfVote(new Signed<Vote>(vote, key.Sign(SignBytes.Of(context, vote))), 0);
            },
            (height, key) =>
            {
                Proposal proposal = new(height, 3, EvidenceTests.Value(2), Rounds.Nil, honest);
                return new ConsensusMessage.OfProposal(new Signed<Proposal>(proposal, key.Sign(SignBytes.Of(context, proposal))));
            },
            (height, key) => new ConsensusMessage.OfCommit(new CommitCertificate(height, 0, EvidenceTests.Value(3), [new CertificateSignature(honest, key.Sign([1]))])),
            (height, key) =>
            {
                Signed<Vote> twice = new(new Vote(VoteType.Prevote, height, 0, EvidenceTests.Value(1), Rounds.Nil, honest), key.Sign([1]));
                return new ConsensusMessage.OfEvidence(new Evidence(EvidenceKind.DoubleVote, height, honest, twice, twice, null, null)); // one vote twice proves nothing
            },
        ];
        foreach (Func<ulong, NodeKey, ConsensusMessage> forgery in forgeries)
        {
            NodeKey key = Stranger();
            HostilePeer peer = await OpenAsync(OverlayKind.Consensus, key);
            await TheseusCommand.UntilAsync(
                async () =>
                {
                    ulong height = (await client.StatusAsync()).DecidedHeight;
                    for (ulong ahead = 1; ahead <= 4; ahead++)
                    {
                        await peer.TrySendAsync(EvidenceTests.Wrap(forgery(height + ahead, key)));
                    }

                    return peer.IsEnded;
                },
                "a ban for forged messages");
            await peer.DisposeAsync();
            HostilePeer again = await OpenAsync(OverlayKind.Consensus, key);
            Assert.Equal(CloseReason.Banned, await again.EndAsync());
            await again.DisposeAsync();
        }

        Assert.True(await PenaltiesAsync("consensus", "Refused") >= before + (20 * forgeries.Length)); // 5 points each, 100 ban
        Assert.Empty(await client.GetEvidenceAsync());
    }

    private async Task BadJsonAsync()
    {
        const string Call = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"theseus_status\"}";
        (string Body, int Code)[] cases =
        [
            ("", ErrorCodes.ParseError),
            ("{", ErrorCodes.ParseError),
            ("\u0000\u0001", ErrorCodes.ParseError),
            (new string('[', 100_000), ErrorCodes.ParseError),
            (string.Concat(Enumerable.Repeat("{\"a\":", 50_000)), ErrorCodes.ParseError),
            ("[]", ErrorCodes.InvalidRequest),
            ($"[{string.Join(',', Enumerable.Repeat(Call, 51))}]", ErrorCodes.InvalidRequest),
            ($"[{string.Join(',', Enumerable.Repeat("1", 500_000))}]", ErrorCodes.InvalidRequest),
            ("7", ErrorCodes.InvalidRequest),
            ("null", ErrorCodes.InvalidRequest),
            ("{\"jsonrpc\":\"1.0\",\"id\":1,\"method\":\"theseus_status\"}", ErrorCodes.InvalidRequest),
            ("{\"jsonrpc\":\"2.0\",\"id\":{},\"method\":\"theseus_status\"}", ErrorCodes.InvalidRequest),
            ("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":5}", ErrorCodes.InvalidRequest),
            ("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"theseus_nothing\"}", ErrorCodes.MethodNotFound),
            (Request("theseus_getBlock", "[1]"), ErrorCodes.InvalidParams),
            (Request("theseus_getBlock", "{\"at\":{\"height\":-1}}"), ErrorCodes.InvalidParams),
            (Request("theseus_getBlock", "{\"at\":{\"height\":\"99999999999999999999\"}}"), ErrorCodes.InvalidParams),
            (Request("theseus_getBlock", "{\"at\":{\"height\":\"18446744073709551615\"}}"), ErrorCodes.HeightAhead),
            (Request("theseus_getTransaction", "{\"hash\":7}"), ErrorCodes.InvalidParams),
            (Request("theseus_getTransaction", "{}"), ErrorCodes.InvalidParams),
            (Request("theseus_getTransaction", "{\"hash\":\"0x00\"}"), ErrorCodes.InvalidParams),
            (Request("theseus_getResource", "{\"address\":\"0x1\",\"type\":\"" + new string('<', 10_000) + "\"}"), ErrorCodes.InvalidParams),
            (Request("theseus_getModule", "{\"address\":\"0x1\",\"name\":\"no such\"}"), ErrorCodes.NotFound),
            (Request("theseus_view", "{\"function\":\"0x1::coin::nothing\"}"), ErrorCodes.NotFound),
            (Request("theseus_view", "{\"function\":null}"), ErrorCodes.InvalidParams),
            (Request("theseus_submit", "{\"transaction\":\"0xzz\"}"), ErrorCodes.InvalidParams),
            (Request("theseus_submit", "{\"transaction\":null}"), ErrorCodes.InvalidParams),
            (Request("theseus_submit", "null"), ErrorCodes.InvalidParams),
        ];
        List<string> wrong = [];
        foreach ((string body, int code) in cases)
        {
            JsonNode answer = await PostAsync(body);
            string shown = body.Length > 80 ? body[..80] : body;
            if (answer["error"]?["code"]?.GetValue<int>() != code)
            {
                wrong.Add($"{shown}: {answer.ToJsonString()}, not {code}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    private static string Request(string method, string parameters) => $"{{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"{method}\",\"params\":{parameters}}}";

    private async Task<JsonNode> PostAsync(string body)
    {
        using StringContent content = new(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        using HttpResponseMessage response = await _http.PostAsync(Rpc, content);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
    }

    // 100 MB with and without a length, and two hundred bodies of just less than the limit that stop before their end
    private async Task LargeBodiesAsync()
    {
        byte[] piece = new byte[1024 * 1024];
        piece.AsSpan().Fill((byte)' ');
        foreach (bool chunked in (bool[])[false, true])
        {
            using TcpClient tcp = new();
            await tcp.ConnectAsync(IPAddress.Loopback, Target.RpcPort);
            NetworkStream stream = tcp.GetStream();
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"POST /rpc/v1 HTTP/1.1\r\nHost: n1\r\n{(chunked ? "Transfer-Encoding: chunked" : "Content-Length: 104857600")}\r\n\r\n"));
            Task<string> answered = AnswerAsync(stream);
            try
            {
                for (int i = 0; i < 100 && !answered.IsCompleted; i++)
                {
                    if (chunked)
                    {
                        await stream.WriteAsync("100000\r\n"u8.ToArray());
                    }

                    await stream.WriteAsync(piece);
                    if (chunked)
                    {
                        await stream.WriteAsync("\r\n"u8.ToArray());
                    }
                }
            }
            catch (IOException)
            {
                // refused before the end
            }

            Assert.StartsWith("HTTP/1.1 413", await answered);
        }

        List<TcpClient> unfinished = [];
        for (int i = 0; i < 200; i++)
        {
            TcpClient tcp = new();
            unfinished.Add(tcp);
            await tcp.ConnectAsync(IPAddress.Loopback, Target.RpcPort);
            tcp.SendTimeout = 1_000;
            await tcp.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"POST /rpc/v1 HTTP/1.1\r\nHost: n1\r\nContent-Length: {3 * 1024 * 1024}\r\n\r\n"));
            tcp.Client.Blocking = false;
            foreach (int _ in Enumerable.Range(0, 2))
            {
                tcp.Client.Send(piece, 0, piece.Length, SocketFlags.None, out SocketError _); // as much as the node takes at once
            }
        }

        // meanwhile a small call is answered at once
        Stopwatch took = Stopwatch.StartNew();
        Assert.NotNull((await PostAsync(Request("theseus_status", "{}")))["result"]);
        Assert.True(took.Elapsed < TimeSpan.FromSeconds(5), $"{took.Elapsed}");
        unfinished.ForEach(tcp => tcp.Dispose());
    }

    private static async Task<string> AnswerAsync(NetworkStream stream)
    {
        byte[] buffer = new byte[1024];
        try
        {
            int read = await stream.ReadAsync(buffer);
            return Encoding.ASCII.GetString(buffer, 0, read);
        }
        catch (IOException e)
        {
            return e.Message;
        }
    }

    private async Task NegativeVectorsAsync(BadTransactions bad)
    {
        foreach ((byte[] bytes, string code) in bad.Negatives())
        {
            JsonNode answer = await PostAsync(Request("theseus_submit", $"{{\"transaction\":\"0x{Convert.ToHexStringLower(bytes)}\"}}"));
            Assert.Equal((ErrorCodes.Refused, code), (answer["error"]?["code"]?.GetValue<int>() ?? 0, answer["error"]?["data"]?["code"]?.GetValue<string>()));
        }
    }

    private async Task MutantsByRpcAsync(BadTransactions bad)
    {
        SortedDictionary<string, int> codes = new(StringComparer.Ordinal);
        foreach (byte[][] batch in bad.Mutants(seed: 2026, Mutants).Chunk(50))
        {
            JsonArray answers = (await PostAsync($"[{string.Join(',', batch.Select(bytes => Request("theseus_submit", $"{{\"transaction\":\"0x{Convert.ToHexStringLower(bytes)}\"}}")))}]")).AsArray();
            Assert.Equal(batch.Length, answers.Count);
            foreach (JsonNode? answer in answers)
            {
                Assert.Equal(ErrorCodes.Refused, answer!["error"]?["code"]?.GetValue<int>());
                string code = answer["error"]!["data"]!["code"]!.GetValue<string>();
                codes[code] = codes.GetValueOrDefault(code) + 1;
            }
        }

        output.WriteLine($"{codes.Values.Sum()} mutants by RPC: {string.Join(", ", codes.Select(pair => $"{pair.Key} {pair.Value}"))}");
        string[] known = ["ACCOUNT_DOES_NOT_EXIST", "BAD_SIGNATURE", "BAD_TYPE_ARGUMENT", "EXPIRATION_TOO_FAR", "EXPIRED", "GAS_PRICE_TOO_LOW", "INVALID_AUTH_KEY", "MALFORMED", "MAX_GAS_TOO_HIGH", "MAX_GAS_TOO_LOW", "SEQUENCE_NUMBER_TOO_OLD", "TOO_LARGE", "TRAILING_BYTES", "TRANSACTION_EXPIRED", "UNSUPPORTED_AUTHENTICATOR", "UNSUPPORTED_PAYLOAD", "WRONG_CHAIN_ID"];
        Assert.All(codes.Keys, code => Assert.Contains(code, known));
        Assert.Equal(Mutants, codes.Values.Sum());
        Assert.All((string[])["BAD_SIGNATURE", "MALFORMED", "UNSUPPORTED_AUTHENTICATOR"], code => Assert.True(codes.GetValueOrDefault(code) > 100, code));
    }

    // a peer is banned after a few; so every hundred mutants come from another
    private async Task MutantsByGossipAsync(BadTransactions bad)
    {
        const int Each = 100;
        long banned = await CountAsync("mempool", "banned");
        long penalised = await CountAsync("mempool", "penalised");
        IReadOnlyList<byte[]> mutants = bad.Mutants(seed: 2027, Mutants);
        foreach (byte[][] batch in mutants.Chunk(Each))
        {
            await using HostilePeer peer = await OpenAsync(OverlayKind.Mempool);
            await peer.SendAsync(Envelopes.Transactions(batch));
            Assert.Equal(CloseReason.Banned, await peer.EndAsync());
        }

        int peers = mutants.Count / Each;
        long bans = await CountAsync("mempool", "banned") - banned;
        long penalties = await CountAsync("mempool", "penalised") - penalised;
        output.WriteLine($"{mutants.Count} mutants by gossip of {peers} peers: {bans} bans, {penalties} penalties");
        Assert.Equal(peers, bans);
        Assert.InRange(penalties, 5L * peers, 20L * peers); // 100 points by 20 or 5
    }

    private async Task<List<TcpClient>> LorisAsync()
    {
        List<TcpClient> clients = [];
        for (int i = 0; i < 200; i++)
        {
            TcpClient tcp = new();
            await tcp.ConnectAsync(IPAddress.Loopback, Target.RpcPort);
            await tcp.GetStream().WriteAsync(i % 2 == 0 ? "POST /rpc/v1 HT"u8.ToArray() : "POST /rpc/v1 HTTP/1.1\r\nHost: n1\r\nContent-Length: 1000\r\n\r\n{"u8.ToArray());
            clients.Add(tcp);
        }

        return clients;
    }

    // the node has ended each of them
    private static async Task LorisEndsAsync(List<TcpClient> clients)
    {
        foreach (TcpClient tcp in clients)
        {
            await DrainAsync(tcp, TimeSpan.FromSeconds(30));
            tcp.Dispose();
        }
    }

    private static async Task DrainAsync(TcpClient tcp, TimeSpan patience)
    {
        using CancellationTokenSource late = new(patience);
        byte[] nowhere = new byte[4096];
        try
        {
            while (await tcp.GetStream().ReadAsync(nowhere, late.Token) > 0)
            {
                // what it says does not matter here
            }
        }
        catch (Exception e) when (e is IOException or SocketException or InvalidOperationException)
        {
            // reset: ended as well
        }
    }

    private async Task<SortedDictionary<string, long>> MetricsAsync()
    {
        string text = await _http.GetStringAsync(new Uri(Target.Url + "/metrics"));
        return new SortedDictionary<string, long>(
            text.Split('\n').Where(line => line.StartsWith("theseus_peer_misbehaviour_total{", StringComparison.Ordinal))
                .ToDictionary(line => line[(line.IndexOf('{', StringComparison.Ordinal))..line.LastIndexOf(' ')], line => long.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture)),
            StringComparer.Ordinal);
    }

    private async Task<long> CountAsync(string overlay, string what) =>
        (await MetricsAsync()).Where(pair => pair.Key.StartsWith($"{{overlay=\"{overlay}\",what=\"{what}\"", StringComparison.Ordinal)).Sum(pair => pair.Value);

    private async Task<long> PenaltiesAsync(string overlay, string why) =>
        (await MetricsAsync()).GetValueOrDefault($"{{overlay=\"{overlay}\",what=\"penalised\",why=\"{why}\"}}");
}
