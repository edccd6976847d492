using System.Collections.Concurrent;
using System.Diagnostics;
using Theseus.Cli.Commands;
using Theseus.Cli.Localnet;
using Theseus.Client;
using Theseus.Protocol;

namespace Theseus.Cli.Voyage;

/// <summary>
/// Signed transfers at a steady rate from many senders, round robin over all nodes. A sender's transactions are numbered without gaps, so a
/// lost
/// or refused one would hold up all that follow: it is sent again as it is, and a number whose transaction was refused for good is used
/// again.
/// </summary>
internal sealed class LoadDriver : IDisposable
{
    /// <summary>Times that a node that is busy or does not answer is followed by another.</summary>
    private const int MostTries = 4;

    /// <summary>Answers awaited at a time: beyond it the driver itself lags, and says so, instead of filling memory.</summary>
    private const int MostAwaited = 4096;

    /// <summary>Three times what a transfer uses: what a transaction may use counts against its block's gas when it begins.</summary>
    public const ulong TransferGas = 4_000;

    private const ulong ValiditySeconds = 60;

    /// <summary>How the refusal of a number begins that a block has used.</summary>
    private static readonly string UsedNumber = RefusalReason.SequenceNumberTooOld.Name();

    private static readonly TimeSpan AnswerPatience = TimeSpan.FromSeconds(10);

    /// <summary>A transaction that was taken and is in no block after this long is sent again.</summary>
    private static readonly TimeSpan LostAfter = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan BusyPause = TimeSpan.FromMilliseconds(250);

    private readonly IReadOnlyList<WalletAccount> _senders;
    private readonly IReadOnlyList<(string Name, TheseusClient Client)> _nodes;
    private readonly byte _chainId;
    private readonly Lock _gate = new();
    private readonly ulong[] _next;
    private readonly SortedSet<ulong>[] _unused;
    private readonly ConcurrentDictionary<string, (LoadRequest Request, SignedTransaction Transaction)> _open = new();
    private readonly ConcurrentQueue<LoadRequest> _all = new();
    private ulong _gasPrice = 1;
    private long _count;

    /// <param name="localnet">Its load accounts send, and all its nodes are sent to.</param>
    /// <exception cref="CommandFailure">It has no such accounts.</exception>
    public LoadDriver(LocalnetFile localnet)
    {
        Wallet wallet = new(localnet);
        _senders = [.. localnet.Accounts.Where(account => account.IsLoad).Select(account => wallet.Signer(account.Name))];
        if (_senders.Count == 0)
        {
            throw new CommandFailure($"this localnet runs {localnet.Application} and has no accounts that could send transfers",
                ExitCode.Usage);
        }

        _nodes = [.. localnet.Nodes.Select(node => (node.Name, new TheseusClient(new Uri(node.Url), AnswerPatience)))];
        _chainId = (byte)localnet.TxChainId;
        _next = new ulong[_senders.Count];
        _unused = [.. _senders.Select(_ => new SortedSet<ulong>())];
    }

    /// <summary>Every request so far, in the order of sending.</summary>
    public IReadOnlyCollection<LoadRequest> Requests => _all;

    /// <summary>Requests that are not settled.</summary>
    public int Pending => _open.Count;

    /// <summary>Leaves out what was sent so far: it was a warm-up.</summary>
    public void Forget() => _all.Clear();

    /// <summary>Waits until nothing of an earlier load is left in the pool, and learns the price and the senders' sequence
    /// numbers.</summary>
    public async Task PrepareAsync(CancellationToken cancellation)
    {
        TheseusClient client = _nodes[^1].Client;
        Stopwatch waited = Stopwatch.StartNew();
        bool said = false;
        while ((await client.StatusAsync(cancellation)).MempoolSize is > 0 and int left && waited.Elapsed < TimeSpan.FromSeconds(
            ValiditySeconds))
        {
            if (!said)
            {
                Terminal.Say($"waiting for {left} transactions that are in the pool already");
                said = true;
            }

            await Task.Delay(BusyPause, cancellation);
        }

        _gasPrice = await Fees.PriceAsync(client, cancellation);
        for (int i = 0; i < _senders.Count; i++)
        {
            ViewInfo view = await client.ViewAsync("0x1::account::sequence_number", null, [_senders[i].Address.ToLongString()], null,
                cancellation);
            _next[i] = ulong.Parse(view.Values[0].Text);
            _unused[i].Clear(); // of an earlier load: what it lost may have been executed since
        }
    }

    /// <summary>Sends at <paramref name="rate"/> transfers per second until cancelled.</summary>
    public async Task SendAsync(int rate, CancellationToken cancellation)
    {
        Stopwatch clock = Stopwatch.StartNew();
        long began = Now();
        List<Task> awaited = [];
        long sent = 0;
        while (!cancellation.IsCancellationRequested)
        {
            long due = (long)(clock.Elapsed.TotalSeconds * rate);
            for (; sent < due && awaited.Count < MostAwaited && !cancellation.IsCancellationRequested; sent++)
            {
                awaited.Add(SendOneAsync(began + (sent * 1000 / rate)));
            }

            awaited.RemoveAll(task => task.IsCompleted);
            await Task.Delay(10, CancellationToken.None);
        }

        await Task.WhenAll(awaited);
    }

    /// <summary>Follows the chain from a height on and settles what the blocks hold, until cancelled and nothing is open any
    /// more.</summary>
    public async Task FollowAsync(ulong from, TimeSpan patience, CancellationToken cancellation)
    {
        ulong next = from;
        int node = _nodes.Count - 1;
        Stopwatch? draining = null;
        while (!cancellation.IsCancellationRequested || !_open.IsEmpty)
        {
            if (cancellation.IsCancellationRequested)
            {
                draining ??= Stopwatch.StartNew();
                if (draining.Elapsed > patience)
                {
                    break;
                }
            }

            BlockInfo? block = null;
            try
            {
                block = await _nodes[node].Client.GetBlockAsync(At.AtHeight(next), "full", CancellationToken.None);
            }
            catch (RpcException)
            {
                // not decided yet, or the node is busy
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
            {
                node = (node + 1) % _nodes.Count; // it is down: another one has the same blocks
            }

            if (block?.Result is null || block.Transactions is null)
            {
                await SendLostAgainAsync();
                await Task.Delay(25, CancellationToken.None);
                continue;
            }

            Settle(block.Transactions, next);
            next++;
        }

        foreach ((LoadRequest lost, _) in _open.Values)
        {
            lost.Outcome = "not executed in time";
        }

        _open.Clear();
    }

    public void Dispose()
    {
        foreach ((_, TheseusClient client) in _nodes)
        {
            client.Dispose();
        }
    }

    private void Settle(IReadOnlyList<ReceiptInfo> receipts, ulong height)
    {
        long now = Now();
        foreach (ReceiptInfo receipt in receipts)
        {
            if (_open.TryRemove(receipt.Hash, out (LoadRequest Request, SignedTransaction Transaction) found))
            {
                found.Request.Done = now;
                found.Request.Height = height;
                found.Request.Outcome = receipt.Success == true ? LoadRequest.Success : receipt.VmStatus ?? "failed";
            }
        }
    }

    private async Task SendOneAsync(long due)
    {
        long number = _count++;
        int sender = (int)(number % _senders.Count);
        int node = (int)(number % _nodes.Count);
        ulong sequence = TakeNumber(sender);
        WalletAccount from = _senders[sender];
        Address to = _senders[(int)((number + 1) % _senders.Count)].Address;
        ulong expires = (ulong)DateTimeOffset.UtcNow.ToUnixTimeSeconds() + ValiditySeconds;
        TransactionPayload payload = TransferCommands.Payload(to, 1 + (ulong)(number % 1000));
        SignedTransaction transaction = SignedTransaction.Sign(
            new RawTransaction(from.Address, sequence, payload, TransferGas, _gasPrice, expires, _chainId), from.Seed);
        LoadRequest request = new() { Hash = "0x" + transaction.Hash, Node = _nodes[node].Name, Due = due, Sent = Now() };
        _all.Enqueue(request);
        _open[request.Hash] = (request, transaction);
        if (await SubmitAsync(request, transaction, node) is string refusal && _open.TryRemove(request.Hash, out _))
        {
            request.Outcome = refusal;
            if (refusal.StartsWith(UsedNumber, StringComparison.Ordinal))
            {
                return; // refused for ever: to use it again would only be refused again
            }

            lock (_gate)
            {
                _unused[sender].Add(sequence);
            }
        }
    }

    private ulong TakeNumber(int sender)
    {
        lock (_gate)
        {
            if (_unused[sender].Count == 0)
            {
                return _next[sender]++;
            }

            ulong lowest = _unused[sender].Min;
            _unused[sender].Remove(lowest);
            return lowest;
        }
    }

    // Null when a node took it, else why none does.
    private async Task<string?> SubmitAsync(LoadRequest request, SignedTransaction transaction, int first)
    {
        string refusal = "";
        for (int attempt = 0; attempt < MostTries; attempt++)
        {
            request.Tries += attempt > 0 ? 1 : 0;
            long asked = Stopwatch.GetTimestamp();
            try
            {
                await _nodes[(first + attempt) % _nodes.Count].Client.SubmitAsync(transaction.Bytes, CancellationToken.None);
                request.Accepted = Now();
                return null;
            }
            catch (RpcException e) when (e.Code == ErrorCodes.Busy)
            {
                refusal = e.Message;
                request.RefusedAfterMs = double.Max(request.RefusedAfterMs, Stopwatch.GetElapsedTime(asked).TotalMilliseconds);
                request.TypedRefusals += e.RetryAfter is null ? 0 : 1;
                if (attempt + 1 < MostTries)
                {
                    await Task.Delay(BusyPause * (attempt + 1), CancellationToken.None);
                }
            }
            catch (RpcException e)
            {
                // Sent again, it may stand in a pool or a block already: then following the blocks settles it.
                return attempt > 0 || request.Accepted > 0 ? null : e.Message;
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
            {
                refusal = e is TaskCanceledException ? $"no answer within {AnswerPatience.TotalSeconds:0} s" : e.Message;
            }
        }

        return refusal;
    }

    private async Task SendLostAgainAsync()
    {
        long now = Now();
        foreach ((LoadRequest request, SignedTransaction transaction) in _open.Values)
        {
            if (request.Accepted > 0 && now - request.Accepted > LostAfter.TotalMilliseconds)
            {
                request.Tries++;
                await SubmitAsync(request, transaction, request.Tries);
                request.Accepted = Now();
            }
        }
    }

    private static long Now() => DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
}
