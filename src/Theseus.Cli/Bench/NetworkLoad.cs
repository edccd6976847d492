using System.Collections.Concurrent;
using System.Diagnostics;
using Theseus.Cli.Commands;
using Theseus.Cli.Localnet;
using Theseus.Cli.Voyage;
using Theseus.Client;
using Theseus.Protocol;

namespace Theseus.Cli.Bench;

/// <summary>
/// Load for <see cref="NetworkCost"/>, as cheap as it can be made, because it runs beside the nodes that it loads: transfers signed ahead,
/// handed over by what is due in each tick, one batch to each node. A sender keeps to one node, as a wallet does, and sends a transfer
/// that was refused again, before its later ones.
/// </summary>
internal sealed class NetworkLoad : IDisposable
{
    /// <summary>Batches awaited at a time by one node: beyond it the driver itself lags, which shows in what it offered.</summary>
    private const int MostAwaited = 32;

    /// <summary>Longer than signing, sending and draining take.</summary>
    private const ulong ValiditySeconds = 120;

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(40);

    private static readonly TimeSpan AnswerPatience = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan PollTime = TimeSpan.FromMilliseconds(100);

    private readonly Sender[][] _byNode;
    private readonly TheseusClient[] _clients;
    private readonly byte _chainId;
    private readonly ConcurrentDictionary<string, bool> _taken = new();
    private readonly ConcurrentQueue<double> _refusals = new();
    private int _offered;
    private int _unanswered;

    /// <param name="localnet">Its load accounts send, each to one of its nodes.</param>
    public NetworkLoad(LocalnetFile localnet)
    {
        Wallet wallet = new(localnet);
        Sender[] senders = [.. localnet.Accounts.Where(account => account.IsLoad)
            .Select(account => new Sender(wallet.Signer(account.Name)))];
        _clients = [.. localnet.Nodes.Select(node => new TheseusClient(new Uri(node.Url), AnswerPatience))];
        _byNode = [.. _clients.Select((_, node) => senders.Where((_, i) => i % _clients.Length == node).ToArray())];
        _chainId = (byte)localnet.TxChainId;
    }

    /// <summary>Signs what may be sent.</summary>
    /// <param name="count">Transfers, shared among the senders.</param>
    /// <param name="cancellation">Stops it.</param>
    public async Task SignAsync(int count, CancellationToken cancellation)
    {
        TheseusClient client = _clients[^1];
        ulong price = await Fees.PriceAsync(client, cancellation);
        ulong expires = (ulong)DateTimeOffset.UtcNow.ToUnixTimeSeconds() + ValiditySeconds;
        Sender[] senders = [.. _byNode.SelectMany(static some => some)];
        foreach (Sender sender in senders)
        {
            ViewInfo view = await client.ViewAsync("0x1::account::sequence_number", null, [sender.Account.Address.ToLongString()], null,
                cancellation);
            sender.Begin(ulong.Parse(view.Values[0].Text));
        }

        int each = (count + senders.Length - 1) / senders.Length;
        Parallel.For(0, senders.Length, i =>
        {
            Address to = senders[(i + 1) % senders.Length].Account.Address;
            for (int n = 0; n < each; n++)
            {
                senders[i].Add(sequence => SignedTransaction.Sign(
                    new RawTransaction(senders[i].Account.Address, sequence, TransferCommands.Payload(to, 1 + (ulong)(n % 1000)),
                        LoadDriver.TransferGas, price, expires, _chainId),
                    senders[i].Account.Seed));
            }
        });
        _taken.Clear();
        _refusals.Clear();
        (_offered, _unanswered) = (0, 0);
    }

    /// <summary>Sends for a time and waits until nothing is on its way any more.</summary>
    /// <param name="rate">Transfers per second over all nodes, those that are sent again included.</param>
    /// <param name="time">How long to send.</param>
    /// <param name="runIn">From the beginning of a load until its transfers come out at the other end: not measured.</param>
    /// <param name="draining">What was taken is executed within this time after the last one, or is lost.</param>
    /// <param name="cancellation">Stops it.</param>
    public async Task<Outcome> DriveAsync(int rate, TimeSpan time, TimeSpan runIn, TimeSpan draining, CancellationToken cancellation)
    {
        ulong from = (await _clients[^1].StatusAsync(cancellation)).Height;
        long began = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        await Task.WhenAll(Enumerable.Range(0, _clients.Length).Select(node =>
            SendAsync(node, (double)rate / _clients.Length, time, cancellation)));
        ulong to = await DrainAsync(draining, cancellation);
        ulong first = (ulong)(began + (long)runIn.TotalMilliseconds);
        ulong last = (ulong)(began + (long)time.TotalMilliseconds);
        int inTime = 0;
        int late = 0;
        int executed = 0;
        for (ulong height = from + 1; height <= to; height++)
        {
            BlockInfo block = await _clients[^1].GetBlockAsync(At.AtHeight(height), "full", cancellation);
            int good = block.Transactions!.Count(receipt => receipt.Success == true && _taken.TryRemove(receipt.Hash, out _));
            executed += good;
            inTime += block.Header.Time >= first && block.Header.Time <= last ? good : 0;
            late += block.CommitRound > 0 ? 1 : 0;
        }

        double[] refusals = [.. _refusals.Order()];
        return new Outcome(inTime / (time - runIn).TotalSeconds, _offered / time.TotalSeconds, executed, _taken.Count, refusals.Length,
            _unanswered, refusals.Length == 0 ? 0 : refusals[refusals.Length * 99 / 100], late);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (TheseusClient client in _clients)
        {
            client.Dispose();
        }
    }

    private async Task SendAsync(int node, double rate, TimeSpan time, CancellationToken cancellation)
    {
        Stopwatch clock = Stopwatch.StartNew();
        List<Task> awaited = [];
        Sender[] senders = _byNode[node];
        long sent = 0;
        int turn = 0;
        while (clock.Elapsed < time)
        {
            long due = (long)(clock.Elapsed.TotalSeconds * rate);
            awaited.RemoveAll(static task => task.IsCompleted);
            while (sent < due && awaited.Count < MostAwaited)
            {
                List<(Sender Sender, int Place)> batch = [];
                for (; sent < due && batch.Count < TheseusClient.MaximumBatch; sent++, turn++)
                {
                    Sender sender = senders[turn % senders.Length];
                    batch.Add((sender, sender.Take()));
                }

                awaited.Add(SubmitAsync(node, batch));
            }

            sent = long.Max(sent, due - (long)rate); // what lags by more than a second is not made up for
            await Task.Delay(Tick, cancellation);
        }

        await Task.WhenAll(awaited);
    }

    private async Task SubmitAsync(int node, List<(Sender Sender, int Place)> batch)
    {
        Interlocked.Add(ref _offered, batch.Count);
        long asked = Stopwatch.GetTimestamp();
        IReadOnlyList<(SubmitInfo? Info, RpcException? Refusal)> answers;
        try
        {
            answers = await _clients[node].SubmitBatchAsync([.. batch.Select(static one => one.Sender[one.Place].Bytes)]);
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException or RpcException)
        {
            Interlocked.Add(ref _unanswered, batch.Count);
            foreach ((Sender sender, int place) in batch)
            {
                sender.Return(place);
            }

            return;
        }

        double took = Stopwatch.GetElapsedTime(asked).TotalMilliseconds;
        for (int i = 0; i < batch.Count; i++)
        {
            (Sender sender, int place) = batch[i];
            if (answers[i].Info is SubmitInfo info)
            {
                _taken[info.Hash] = true;
            }
            else if (answers[i].Refusal is { Code: ErrorCodes.Busy, RetryAfter: not null })
            {
                _refusals.Enqueue(took);
                sender.Return(place);
            }
            else
            {
                Interlocked.Increment(ref _unanswered);
            }
        }
    }

    // The height that the last node has executed, once pools are empty and all that they gave is decided and executed.
    private async Task<ulong> DrainAsync(TimeSpan patience, CancellationToken cancellation)
    {
        Stopwatch waited = Stopwatch.StartNew();
        ulong? enough = null;
        while (true)
        {
            StatusInfo[] all = await Task.WhenAll(_clients.Select(client => client.StatusAsync(cancellation)));
            if (waited.Elapsed > patience || all[^1].Height >= enough)
            {
                return all[^1].Height;
            }

            enough ??= all.All(static status => status.MempoolSize == 0) ? all.Max(static status => status.DecidedHeight) + 1 : null;
            await Task.Delay(PollTime, cancellation);
        }
    }

    /// <param name="Committed">Transfers a second in blocks of the measured time.</param>
    /// <param name="Offered">Transfers a second that were sent.</param>
    /// <param name="Executed">Transfers that were executed with success.</param>
    /// <param name="Lost">Transfers that a node took and no block executed.</param>
    /// <param name="Refused">Refusals with a time to come back.</param>
    /// <param name="Unanswered">Any other answer, and none.</param>
    /// <param name="RefusedMs">Until a refusal, 99 of 100.</param>
    /// <param name="Late">Blocks decided in a round above 0.</param>
    public sealed record Outcome(double Committed, double Offered, int Executed, int Lost, int Refused, int Unanswered, double RefusedMs,
        int Late);

    /// <summary>One account's transfers, in the order of their sequence numbers.</summary>
    private sealed class Sender(WalletAccount account)
    {
        private readonly Lock _gate = new();
        private readonly List<SignedTransaction> _signed = [];
        private readonly SortedSet<int> _refused = [];
        private ulong _first;
        private int _next;

        public WalletAccount Account => account;

        public SignedTransaction this[int place] => _signed[place];

        /// <summary>The chain's next sequence number.</summary>
        public void Begin(ulong sequence)
        {
            _signed.Clear();
            _refused.Clear();
            (_first, _next) = (sequence, 0);
        }

        public void Add(Func<ulong, SignedTransaction> sign) => _signed.Add(sign(_first + (ulong)_signed.Count));

        /// <summary>The first that was refused, else the next one; the last one again when there are no more.</summary>
        public int Take()
        {
            lock (_gate)
            {
                if (_refused.Count > 0)
                {
                    int first = _refused.Min;
                    _refused.Remove(first);
                    return first;
                }

                return _next < _signed.Count ? _next++ : _signed.Count - 1;
            }
        }

        /// <summary>It was refused: it is sent again before those after it.</summary>
        public void Return(int place)
        {
            lock (_gate)
            {
                _refused.Add(place);
            }
        }
    }
}
