using System.Collections.Concurrent;
using System.Threading.Channels;
using Theseus.Network;
using Theseus.Protocol;

namespace Theseus.Node;

/// <summary>
/// Spreads transactions over the mempool overlay: batched, each sent once to every peer but the one it came from. A session
/// that opens gets what the pool holds at that moment: its node may have just started with an empty pool, and whoever sent it
/// a transaction before sends none twice; strangers share one allowance for that. What a client brought leaves at once; what a peer brought
/// is passed on a block later, if it is still needed, to those who have not sent it themselves (decision 0113).
/// </summary>
public sealed class MempoolGossip
{
    /// <summary>How long a transaction may wait for others to travel with.</summary>
    private static readonly TimeSpan BatchTime = TimeSpan.FromMilliseconds(10);

    /// <summary>Outgoing queue. When it is full, this node stops relaying transactions; what clients gave it is told again later.</summary>
    private const int MaximumWaiting = 20_000;

    /// <summary>
    /// How long a peer's transaction rests here before it is passed on: about a block. Where all nodes know each other it is in a block by
    /// then, or has come from the others as well; where they do not, it loses this much on each node that it passes.
    /// </summary>
    public static readonly TimeSpan RelayTime = TimeSpan.FromMilliseconds(250);

    /// <summary>How often clients' transactions that no block has taken are told again, and how old they must be.</summary>
    private static readonly TimeSpan RepeatTime = TimeSpan.FromSeconds(5);

    /// <summary>Of those at a time: two messages.</summary>
    private const int MaximumRepeated = 2 * Envelopes.MaximumTransactions;

    /// <summary>Transactions judged again in one go after the rules changed: some 2 ms, then others have their turn.</summary>
    private const int JudgedAtOnce = 16;

    /// <summary>Pause between two of those, so that they take no more than half of a processor.</summary>
    private static readonly TimeSpan JudgingPause = TimeSpan.FromMilliseconds(2);

    /// <summary>Transactions that a fresh session gets: several full blocks, so that a peer which comes back has work at once.</summary>
    public const int MaximumGreeting = 5_000;

    /// <summary>
    /// Bytes of them: a fraction of what may wait for one session (OverlayLimits.SessionOutboxBytes), so that a greeting never
    /// closes it.
    /// </summary>
    public const int MaximumGreetingBytes = 4 * 1024 * 1024;

    /// <summary>
    /// Sessions that wait for their greeting: as many as there may be, twice, for those that come and go (OverlayLimits.Peers).
    /// </summary>
    private const int MaximumGreeted = 256;

    private readonly Overlay _overlay;
    private readonly Mempool _mempool;
    private readonly TimeProvider _clock;
    private readonly Func<bool> _isBehind;
    private readonly GreetingAllowance _strangers;
    private readonly Channel<Session> _fresh = Channel.CreateBounded<Session>(
        new BoundedChannelOptions(MaximumGreeted) { SingleReader = true, FullMode = BoundedChannelFullMode.DropOldest });

    private readonly Channel<bool> _rulesChanged =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { SingleReader = true, FullMode = BoundedChannelFullMode.DropWrite });

    private readonly Channel<(byte[] Bytes, Hash32? Hash)> _outgoing = Channel.CreateBounded<(byte[], Hash32?)>(
        new BoundedChannelOptions(MaximumWaiting) { SingleReader = true });

    private readonly Channel<(byte[] Bytes, Hash32 Hash, long Since)> _relayed = Channel.CreateBounded<(byte[], Hash32, long)>(
        new BoundedChannelOptions(MaximumWaiting) { SingleReader = true });

    // Who has sent what rests here; bounded as the channel is.
    private readonly ConcurrentDictionary<Hash32, List<Session>> _holders = new();

    /// <param name="overlay">The mempool overlay.</param>
    /// <param name="mempool">The pool.</param>
    /// <param name="clock">For batching.</param>
    /// <param name="isBehind">Whether this node's own state is old, so that it may not blame a peer for what it cannot judge; never
    /// when left out.</param>
    /// <param name="strangersBytes">What all strangers together may be greeted with at once.</param>
    public MempoolGossip(Overlay overlay, Mempool mempool, TimeProvider clock, Func<bool>? isBehind = null,
        long strangersBytes = MaximumGreetingBytes)
    {
        _isBehind = isBehind ?? (static () => false);
        _strangers = new GreetingAllowance(clock, strangersBytes);
        _overlay = overlay;
        _mempool = mempool;
        _clock = clock;
        mempool.Added = Added;
        overlay.WhenOpened(session => _fresh.Writer.TryWrite(session));
        mempool.RulesChanged = () => _rulesChanged.Writer.TryWrite(true);
    }

    /// <summary>Runs until it is cancelled.</summary>
    public Task RunAsync(CancellationToken cancellation) =>
        Task.WhenAll(SendAsync(cancellation), RelayAsync(cancellation), GreetAsync(cancellation),
            ReceiveAsync(cancellation), RepeatAsync(cancellation), JudgeAsync(cancellation));

    private async Task RepeatAsync(CancellationToken cancellation)
    {
        while (true)
        {
            await Task.Delay(RepeatTime, _clock, cancellation);
            foreach (IReadOnlyList<byte[]> batch in Batches(_mempool.Overdue(RepeatTime, MaximumRepeated, MaximumGreetingBytes)))
            {
                _overlay.Broadcast(Envelopes.Transactions(batch));
            }
        }
    }

    /// <summary>
    /// After a change of code or stack the pool is judged here, in slices: the loop that answers consensus has no part in it.
    /// </summary>
    private async Task JudgeAsync(CancellationToken cancellation)
    {
        while (await _rulesChanged.Reader.WaitToReadAsync(cancellation))
        {
            while (_rulesChanged.Reader.TryRead(out _))
            {
                // one round of judging for all that has happened
            }

            while (_mempool.JudgeSlice(JudgedAtOnce))
            {
                await Task.Delay(JudgingPause, _clock, cancellation);
            }
        }
    }

    private async Task GreetAsync(CancellationToken cancellation)
    {
        await foreach (Session session in _fresh.Reader.ReadAllAsync(cancellation))
        {
            bool isStranger = !session.IsReserved;
            long room = isStranger ? _strangers.Left : MaximumGreetingBytes;
            IReadOnlyList<byte[]> greeting = room > 0 ? _mempool.Waiting(MaximumGreeting, room) : [];
            foreach (IReadOnlyList<byte[]> batch in Batches(greeting))
            {
                session.Send(Envelopes.Transactions(batch));
            }

            if (isStranger)
            {
                _strangers.Take(greeting.Sum(static transaction => (long)transaction.Length));
            }
        }
    }

    private static IEnumerable<IReadOnlyList<byte[]>> Batches(IEnumerable<byte[]> transactions)
    {
        List<byte[]> batch = [];
        int bytes = 0;
        foreach (byte[] transaction in transactions)
        {
            if (batch.Count > 0 && (batch.Count == Envelopes.MaximumTransactions
                || bytes + transaction.Length > FrameLimits.Transactions / 2))
            {
                yield return batch;
                (batch, bytes) = ([], 0);
            }

            batch.Add(transaction);
            bytes += transaction.Length;
        }

        if (batch.Count > 0)
        {
            yield return batch;
        }
    }

    private void Added(byte[] bytes, object? source)
    {
        if (source is not Session from)
        {
            _outgoing.Writer.TryWrite((bytes, null));
            return;
        }

        Hash32 hash = SignedTransaction.HashOf(bytes);
        if (_holders.TryAdd(hash, [from]) && !_relayed.Writer.TryWrite((bytes, hash, _clock.GetTimestamp())))
        {
            _holders.TryRemove(hash, out _);
        }
    }

    private async Task RelayAsync(CancellationToken cancellation)
    {
        await foreach ((byte[] bytes, Hash32 hash, long since) in _relayed.Reader.ReadAllAsync(cancellation))
        {
            TimeSpan left = RelayTime - _clock.GetElapsedTime(since);
            if (left > TimeSpan.Zero)
            {
                await Task.Delay(left, _clock, cancellation);
            }

            if (!_mempool.Contains(hash))
            {
                _holders.TryRemove(hash, out _); // a block has it, or it was evicted
                continue;
            }

            await _outgoing.Writer.WriteAsync((bytes, hash), cancellation);
        }
    }

    // Those who have it already are left out; null for what nobody has sent.
    private Session[]? TakeHolders(Hash32? hash)
    {
        if (hash is not Hash32 known || !_holders.TryRemove(known, out List<Session>? holders))
        {
            return null;
        }

        lock (holders)
        {
            return [.. holders];
        }
    }

    private async Task SendAsync(CancellationToken cancellation)
    {
        List<(byte[] Bytes, Session[]? Holders)> batch = [];
        while (await _outgoing.Reader.WaitToReadAsync(cancellation))
        {
            await Task.Delay(BatchTime, _clock, cancellation);
            batch.Clear();
            int bytes = 0;
            while (batch.Count < Envelopes.MaximumTransactions && bytes < FrameLimits.Transactions / 2
                && _outgoing.Reader.TryRead(out (byte[] Bytes, Hash32? Hash) item))
            {
                batch.Add((item.Bytes, TakeHolders(item.Hash)));
                bytes += item.Bytes.Length;
            }

            foreach (Session session in _overlay.Sessions)
            {
                byte[][] wanted = [.. batch.Where(item => item.Holders?.Contains(session) != true).Select(item => item.Bytes)];
                if (wanted.Length > 0)
                {
                    session.Send(Envelopes.Transactions(wanted));
                }
            }
        }
    }

    private async Task ReceiveAsync(CancellationToken cancellation)
    {
        await foreach (Received received in _overlay.Inbox.ReadAllAsync(cancellation))
        {
            if (_overlay.Scores.IsBanned(received.From.Peer))
            {
                continue; // what it sent before the ban still lies in the inbox: not worth a signature check
            }

            if (received.Frame.Kind != Theseus.Network.FrameKind.Transactions
                || !Envelopes.TryOpenTransactions(received.Frame, out IReadOnlyList<byte[]> transactions))
            {
                _overlay.Penalize(received.From, 50, "malformed transactions");
                continue;
            }

            foreach (byte[] bytes in transactions)
            {
                Submission outcome = _mempool.Submit(bytes, received.From);
                if (outcome is { Refusal: null, IsNew: false } && _holders.TryGetValue(outcome.Hash, out List<Session>? holders))
                {
                    lock (holders)
                    {
                        if (!holders.Contains(received.From))
                        {
                            holders.Add(received.From); // once, however often it says so: as many as there are sessions
                        }
                    }
                }

                int points = PointsOf(outcome.Refusal, _isBehind());
                if (points > 0)
                {
                    _overlay.Penalize(received.From, points, outcome.Refusal!.Value.Name());
                    if (_overlay.Scores.IsBanned(received.From.Peer))
                    {
                        break; // the rest of the message is as good as unread
                    }
                }
            }
        }
    }

    /// <summary>
    /// What no honest node passes on costs its sender; what a race, a full pool or this node's own old state explains does
    /// not: an account that it has not heard of yet may exist for everybody else.
    /// </summary>
    private static int PointsOf(RefusalReason? refusal, bool isBehind) => refusal switch
    {
        RefusalReason.Malformed or RefusalReason.TrailingBytes or RefusalReason.UnsupportedPayload
            or RefusalReason.UnsupportedAuthenticator or RefusalReason.TooLarge
            or RefusalReason.BadTypeArgument or RefusalReason.WrongChainId or RefusalReason.BadSignature => 20,
        RefusalReason.InvalidAuthKey or RefusalReason.AccountDoesNotExist or RefusalReason.MaxGasTooHigh or RefusalReason.MaxGasTooLow
            or RefusalReason.GasPriceTooLow
            when !isBehind => 5,
        _ => 0,
    };
}
