using System.Threading.Channels;
using Theseus.Network;
using Theseus.Protocol;

namespace Theseus.Node;

/// <summary>Spreads transactions over the mempool overlay: batched, each sent once to every peer but the one it came from.</summary>
public sealed class MempoolGossip
{
    /// <summary>How long a transaction may wait for others to travel with.</summary>
    private static readonly TimeSpan BatchTime = TimeSpan.FromMilliseconds(10);

    /// <summary>Transactions that wait to be sent; more of them are not gossiped by this node (their senders gave them to it alone).</summary>
    private const int MaximumWaiting = 20_000;

    private readonly Overlay _overlay;
    private readonly Mempool _mempool;
    private readonly TimeProvider _clock;
    private readonly Channel<(byte[] Bytes, Session? From)> _outgoing = Channel.CreateBounded<(byte[], Session?)>(new BoundedChannelOptions(MaximumWaiting) { SingleReader = true });

    public MempoolGossip(Overlay overlay, Mempool mempool, TimeProvider clock)
    {
        _overlay = overlay;
        _mempool = mempool;
        _clock = clock;
        mempool.Added = (bytes, source) => _outgoing.Writer.TryWrite((bytes, source as Session));
    }

    public Task RunAsync(CancellationToken cancellation) => Task.WhenAll(SendAsync(cancellation), ReceiveAsync(cancellation));

    private async Task SendAsync(CancellationToken cancellation)
    {
        List<(byte[] Bytes, Session? From)> batch = [];
        while (await _outgoing.Reader.WaitToReadAsync(cancellation))
        {
            await Task.Delay(BatchTime, _clock, cancellation);
            batch.Clear();
            int bytes = 0;
            while (batch.Count < Envelopes.MaximumTransactions && bytes < FrameLimits.Transactions / 2 && _outgoing.Reader.TryRead(out (byte[] Bytes, Session? From) item))
            {
                batch.Add(item);
                bytes += item.Bytes.Length;
            }

            foreach (Session session in _overlay.Sessions)
            {
                byte[][] wanted = [.. batch.Where(item => item.From != session).Select(item => item.Bytes)];
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

            if (received.Frame.Kind != Theseus.Network.FrameKind.Transactions || !Envelopes.TryOpenTransactions(received.Frame, out IReadOnlyList<byte[]> transactions))
            {
                _overlay.Penalize(received.From, 50, "malformed transactions");
                continue;
            }

            foreach (byte[] bytes in transactions)
            {
                Submission outcome = _mempool.Submit(bytes, received.From);
                int points = PointsOf(outcome.Refusal);
                if (points > 0)
                {
                    _overlay.Penalize(received.From, points, outcome.Refusal!);
                    if (_overlay.Scores.IsBanned(received.From.Peer))
                    {
                        break; // the rest of the message is as good as unread
                    }
                }
            }
        }
    }

    /// <summary>What no honest node passes on costs its sender; what a race or a full pool explains does not.</summary>
    private static int PointsOf(string? refusal) => refusal switch
    {
        "MALFORMED" or "TRAILING_BYTES" or "UNSUPPORTED_PAYLOAD" or "UNSUPPORTED_AUTHENTICATOR" or "TOO_LARGE" or "BAD_TYPE_ARGUMENT" or "WRONG_CHAIN_ID" or "BAD_SIGNATURE" => 20,
        "INVALID_AUTH_KEY" or "ACCOUNT_DOES_NOT_EXIST" or "MAX_GAS_TOO_HIGH" or "MAX_GAS_TOO_LOW" or "GAS_PRICE_TOO_LOW" => 5,
        _ => 0,
    };
}
