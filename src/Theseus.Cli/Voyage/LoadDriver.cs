using System.Collections.Concurrent;
using System.Diagnostics;
using Theseus.Cli.Commands;
using Theseus.Cli.Localnet;
using Theseus.Client;
using Theseus.Protocol;

namespace Theseus.Cli.Voyage;

/// <summary>One request of the load and what became of it. Times are milliseconds since 1970.</summary>
public sealed class LoadRequest
{
    public required string Hash { get; init; }

    public required string Node { get; init; }

    public required long Sent { get; init; }

    /// <summary>When the receipt was seen, 0 while it is not.</summary>
    public long Done { get; set; }

    /// <summary>success, or what went wrong.</summary>
    public string Outcome { get; set; } = "pending";

    /// <summary>Sends of this transaction; a retry would count as failed.</summary>
    public int Tries { get; set; } = 1;

    public ulong? Height { get; set; }
}

/// <summary>Signed transfers at a steady rate: many senders, round robin over all nodes, each transaction sent once to one node.</summary>
public sealed class LoadDriver : IDisposable
{
    private readonly IReadOnlyList<WalletAccount> _senders;
    private readonly IReadOnlyList<(string Name, TheseusClient Client)> _nodes;
    private readonly byte _chainId;
    private readonly ulong[] _sequence;
    private readonly ConcurrentDictionary<string, LoadRequest> _open = new();
    private readonly ConcurrentQueue<LoadRequest> _all = new();
    private long _count;

    public LoadDriver(LocalnetFile localnet)
    {
        Wallet wallet = new(localnet);
        _senders = [.. localnet.Accounts.Where(account => account.Name.StartsWith("load", StringComparison.Ordinal)).Select(account => wallet.Signer(account.Name))];
        _nodes = [.. localnet.Nodes.Select(node => (node.Name, new TheseusClient(new Uri(node.Url), TimeSpan.FromSeconds(10))))];
        _chainId = (byte)localnet.TxChainId;
        _sequence = new ulong[_senders.Count];
    }

    public IReadOnlyCollection<LoadRequest> Requests => _all;

    public int Pending => _open.Count;

    /// <summary>Learns where the senders' sequence numbers stand.</summary>
    public async Task PrepareAsync(CancellationToken cancellation)
    {
        for (int i = 0; i < _senders.Count; i++)
        {
            ViewInfo view = await _nodes[^1].Client.ViewAsync("0x1::account::sequence_number", null, [_senders[i].Address.ToLongString()], null, cancellation);
            _sequence[i] = ulong.Parse(view.Values[0].Text);
        }
    }

    /// <summary>Sends at <paramref name="rate"/> transfers a second until cancelled.</summary>
    public async Task SendAsync(int rate, CancellationToken cancellation)
    {
        Stopwatch clock = Stopwatch.StartNew();
        List<Task> inFlight = [];
        long sent = 0;
        while (!cancellation.IsCancellationRequested)
        {
            long due = (long)(clock.Elapsed.TotalSeconds * rate);
            for (; sent < due; sent++)
            {
                inFlight.Add(SendOneAsync());
            }

            inFlight.RemoveAll(task => task.IsCompleted);
            await Task.Delay(10, CancellationToken.None);
        }

        await Task.WhenAll(inFlight);
    }

    /// <summary>Follows the chain from a height on and settles what the blocks hold, until cancelled and nothing is open any more.</summary>
    public async Task FollowAsync(ulong from, TimeSpan patience, CancellationToken cancellation)
    {
        TheseusClient client = _nodes[^1].Client;
        ulong next = from;
        Stopwatch? draining = null;
        while (!cancellation.IsCancellationRequested || _open.Count > 0)
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
                block = await client.GetBlockAsync(At.AtHeight(next), "full", CancellationToken.None);
            }
            catch (Exception e) when (e is RpcException or HttpRequestException or TaskCanceledException)
            {
                // not decided yet, or the node is busy
            }

            if (block?.Result is null || block.Transactions is null)
            {
                await Task.Delay(25, CancellationToken.None);
                continue;
            }

            long now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
            foreach (ReceiptInfo receipt in block.Transactions)
            {
                if (_open.TryRemove(receipt.Hash, out LoadRequest? request))
                {
                    request.Done = now;
                    request.Height = next;
                    request.Outcome = receipt.Success == true ? "success" : receipt.VmStatus ?? "failed";
                }
            }

            next++;
        }

        foreach (LoadRequest lost in _open.Values)
        {
            lost.Outcome = lost.Outcome == "pending" ? "not executed in time" : lost.Outcome;
        }
    }

    public void Dispose()
    {
        foreach ((_, TheseusClient client) in _nodes)
        {
            client.Dispose();
        }
    }

    private async Task SendOneAsync()
    {
        long number = _count++;
        int sender = (int)(number % _senders.Count);
        (string name, TheseusClient client) = _nodes[(int)(number % _nodes.Count)];
        WalletAccount from = _senders[sender];
        Address to = _senders[(int)((number + 1) % _senders.Count)].Address;
        ulong expires = (ulong)DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 60;
        SignedTransaction transaction = SignedTransaction.Sign(
            new RawTransaction(from.Address, _sequence[sender]++, TransferCommands.Payload(to, 1 + (ulong)(number % 1000)), 20_000, 1, expires, _chainId), from.Seed);
        LoadRequest request = new() { Hash = "0x" + transaction.Hash, Node = name, Sent = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() };
        _all.Enqueue(request);
        _open[request.Hash] = request;
        try
        {
            await client.SubmitAsync(transaction.Bytes, CancellationToken.None);
        }
        catch (Exception e) when (e is RpcException or HttpRequestException or TaskCanceledException)
        {
            _open.TryRemove(request.Hash, out _);
            request.Outcome = e.Message;
        }
    }
}
