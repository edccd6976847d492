using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json.Nodes;
using Theseus.Cli.Tests.Localnet;
using Theseus.Client;
using Theseus.Network;
using Theseus.Node;
using Theseus.Protocol;

namespace Theseus.Cli.Tests.Hostile;

/// <summary>Ten thousand invalid transactions do not stand in the way of valid ones: these take less than twice their time.</summary>
[Collection("attacked")]
public sealed class FloodTests(AttackedNetwork attacked, ITestOutputHelper output)
{
    private const int Invalid = 10_000;

    /// <summary>The most that the median time from submission to commit may grow.</summary>
    private const double MostSlowdown = 2;

    /// <summary>Accounts that send at the same time, each one transaction after another.</summary>
    private const int Senders = 5;

    /// <summary>Transactions of each: with the senders 40 samples, in about 4 s of blocks every 250 ms.</summary>
    private const int Samples = 8;

    [Fact]
    public async Task APeerThatSendsTenThousandInvalidTransactionsIsBannedAndSlowsNobody()
    {
        NodeKey key = HostilePeer.Stranger(2000);
        ulong next = await attacked.Network.SequenceAsync(AttackedNetwork.Target, "dave");
        Frame[] frames = [.. Forgeries("dave", next).Chunk(Envelopes.MaximumTransactions).Select(Envelopes.Transactions)];
        ulong bans = await attacked.Watch.MisbehaviourAsync("mempool", "banned", "BAD_SIGNATURE");
        ulong refused = await attacked.Watch.MisbehaviourAsync("mempool", "refused", "Banned");
        List<CloseReason> ends = [];
        int sent = 0;
        await CompareAsync(async isOver =>
        {
            // all of them as fast as the node takes them, with a new session whenever it ends one, and on until the samples are in
            do
            {
                try
                {
                    await using HostilePeer peer = await HostilePeer.OpenAsync(attacked.File, attacked.Node, OverlayKind.Mempool, key);
                    foreach (Frame frame in frames)
                    {
                        sent += Envelopes.MaximumTransactions;
                        if (!await peer.TrySendAsync(frame))
                        {
                            break;
                        }
                    }

                    ends.Add(await peer.EndAsync());
                }
                catch (Exception e) when (e is WireException or IOException)
                {
                    sent += Envelopes.MaximumTransactions; // the node did not even take the hello
                    ends.Add((e as WireException)?.Reason ?? CloseReason.Lost);
                }
            }
            while (sent < Invalid || !isOver());
        });

        output.WriteLine($"{sent} invalid transactions in {ends.Count} sessions, which ended "
            + $"{string.Join(", ", ends.CountBy(static reason => reason))}");
        Assert.Equal(bans + 1, await attacked.Watch.MisbehaviourAsync("mempool", "banned", "BAD_SIGNATURE"));
        Assert.True(await attacked.Watch.MisbehaviourAsync("mempool", "refused", "Banned") > refused);
        Assert.Equal(CloseReason.Banned, ends[0]);
        await using HostilePeer again = await HostilePeer.OpenAsync(attacked.File, attacked.Node, OverlayKind.Mempool, key);
        Assert.Equal(CloseReason.Banned, await again.EndAsync());
        await attacked.Watch.HoldsAsync();
    }

    [Fact]
    public async Task APeerThatSendsTenThousandSignedButUselessTransactionsSlowsNobody()
    {
        // What an honest peer may pass on in a race: well formed, signed, and too late. It costs no points, so all are judged.
        ulong used = await attacked.Network.SequenceAsync(AttackedNetwork.Target, "dave");
        if (used == 0)
        {
            SignedTransaction first = attacked.Network.Transfer("dave", "bob", 1, used);
            await attacked.Network.SubmitAsync(AttackedNetwork.Target, first);
            await attacked.Network.ExecutesAsync(AttackedNetwork.Target, first);
        }

        Frame[] frames = [.. Enumerable.Range(0, Invalid)
            .Select(i => attacked.Network.Transfer("dave", "bob", 1_000 + (ulong)i, 0).Bytes).Chunk(Envelopes.MaximumTransactions)
            .Select(Envelopes.Transactions)];
        int sent = 0;
        await using HostilePeer peer = await HostilePeer.OpenAsync(attacked.File, attacked.Node, OverlayKind.Mempool,
            HostilePeer.Stranger(2001));
        await CompareAsync(async isOver =>
        {
            while (sent < Invalid || !isOver())
            {
                await peer.SendAsync(frames[sent / Envelopes.MaximumTransactions % frames.Length]);
                sent += Envelopes.MaximumTransactions;
            }
        });
        output.WriteLine($"{sent} transactions with used sequence numbers in one session");
        Assert.False(peer.IsEnded);
        await attacked.Watch.HoldsAsync();
    }

    [Fact]
    public async Task TenThousandInvalidTransactionsByRequestSlowNobody()
    {
        const int Clients = 4;
        ulong next = await attacked.Network.SequenceAsync(AttackedNetwork.Target, "dave");
        byte[][] bodies = [.. Forgeries("dave", next).Chunk(RawRpc.Batch).Select(RawRpc.Submissions)];
        int sent = 0;
        ConcurrentDictionary<string, int> names = new(StringComparer.Ordinal);
        await CompareAsync(isOver => Task.WhenAll(Enumerable.Range(0, Clients).Select(async _ =>
        {
            using RawRpc rpc = new(attacked.Node.Url);
            while (names.GetValueOrDefault("BAD_SIGNATURE") < Invalid || !isOver())
            {
                int number = Interlocked.Add(ref sent, RawRpc.Batch) / RawRpc.Batch;
                (int status, JsonNode? answer) = await rpc.PostAsync(bodies[number % bodies.Length]);
                Assert.Equal(200, status);
                foreach (JsonNode? one in answer!.AsArray())
                {
                    names.AddOrUpdate(RawRpc.NameOf(one!), 1, static (_, count) => count + 1);
                }
            }
        })));
        output.WriteLine(
            $"{sent} invalid transactions by request: {string.Join(", ", names.Select(static pair => $"{pair.Key} {pair.Value}"))}");
        // whoever floods may be told to come back later (decision 0076), and goes on until every forgery was judged
        Assert.Equal(["BAD_SIGNATURE"], names.Keys.Where(static name => name != BusyCodes.Overloaded));
        await attacked.Watch.HoldsAsync();
    }

    /// <summary>Transfers whose signature is another's: each costs the node the whole check.</summary>
    private IEnumerable<byte[]> Forgeries(string from, ulong sequence)
    {
        for (int i = 0; i < Invalid; i++)
        {
            SignedTransaction signed = attacked.Network.Transfer(from, "bob", 1 + (ulong)i, sequence);
            yield return SignedTransaction.Of(signed.Raw with { MaxGasAmount = signed.Raw.MaxGasAmount + 1 }, signed.Authenticator).Bytes;
        }
    }

    /// <summary>Samples without and with the attack, in the same run; the attack goes on until the samples are in.</summary>
    private async Task CompareAsync(Func<Func<bool>, Task> attack)
    {
        await SampleAsync(1); // connections and code that are there once
        List<double> calm = await SampleAsync(Samples);
        bool isOver = false;
        Task attacking = Task.Run(() => attack(() => Volatile.Read(ref isOver)));
        List<double> attackedTimes = await SampleAsync(Samples);
        Volatile.Write(ref isOver, true);
        await attacking;
        double before = Median(calm);
        double during = Median(attackedTimes);
        output.WriteLine($"submit to commit: median {before:0} ms calm ({calm.Count} samples), {during:0} ms under attack "
            + $"({attackedTimes.Count}): {during / before:0.00} times; RSS {attacked.Watch.Start / 1024} MiB at the start, at "
            + $"most {attacked.Watch.Peak / 1024} MiB");
        Assert.True(calm.Count >= 30 && attackedTimes.Count >= 30);
        Assert.True(during / before < MostSlowdown, $"{before:0} ms became {during:0} ms");
    }

    /// <summary>Milliseconds from submission until the attacked node has the receipt.</summary>
    private async Task<List<double>> SampleAsync(int each)
    {
        ConcurrentQueue<double> times = new();
        await Task.WhenAll(Enumerable.Range(0, Senders).Select(async sender =>
        {
            string from = $"load{sender}";
            ulong sequence = await attacked.Network.SequenceAsync(AttackedNetwork.Target, from);
            for (int i = 0; i < each; i++)
            {
                SignedTransaction transaction = attacked.Network.Transfer(from, "bob", 1, sequence++);
                Stopwatch watch = Stopwatch.StartNew();
                await attacked.Network.SubmitAsync(AttackedNetwork.Target, transaction);
                while (await attacked.Network.ReceiptAsync(AttackedNetwork.Target, transaction) is null)
                {
                    Assert.True(watch.Elapsed < TheseusCommand.Patience, "a valid transaction was never executed");
                    await Task.Delay(10);
                }

                times.Enqueue(watch.Elapsed.TotalMilliseconds);
            }
        }));
        return [.. times];
    }

    private static double Median(List<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2;
    }
}
