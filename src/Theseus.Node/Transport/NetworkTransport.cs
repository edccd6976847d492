using System.Threading.Channels;
using Theseus.Consensus;
using Theseus.Engine;
using Theseus.Network;
using Theseus.Protocol;
using EngineFrame = Theseus.Engine.Frame;
using EngineFrameKind = Theseus.Engine.FrameKind;
using WireFrame = Theseus.Network.Frame;

namespace Theseus.Node;

/// <summary>
/// The engine's transport over two overlays: votes, proposals and content travel on consensus, value sync on sync, so
/// that a node that catches up never stands in the way of votes.
/// </summary>
/// <param name="consensus">The consensus overlay.</param>
/// <param name="sync">The sync overlay.</param>
/// <param name="keyOf">The node key of a validator: its consensus key.</param>
public sealed class NetworkTransport(Overlay consensus, Overlay sync, Func<ValidatorId, Hash32?> keyOf) : ITransport
{
    /// <summary>Frames that wait for the engine; when it is full the overlays' readers wait, and TCP slows the peers.</summary>
    private const int InboxFrames = 8192;

    private readonly Channel<Incoming> _inbox = Channel.CreateBounded<Incoming>(new BoundedChannelOptions(InboxFrames) { SingleReader = true });

    public ChannelReader<Incoming> Inbox => _inbox.Reader;

    /// <summary>Moves frames from both overlays into the inbox until cancelled.</summary>
    public Task RunAsync(CancellationToken cancellation) => Task.WhenAll(MoveAsync(consensus, cancellation), MoveAsync(sync, cancellation));

    public void Send(PeerId to, EngineFrame frame) => OverlayOf(frame.Kind).Send(KeyOf(to), Wrap(frame));

    public void Broadcast(EngineFrame frame) => OverlayOf(frame.Kind).Broadcast(Wrap(frame));

    public PeerId? Find(ValidatorId validator) =>
        keyOf(validator) is Hash32 key && consensus.Sessions.Any(session => session.Peer == key) ? PeerOf(key) : null;

    public void Penalise(PeerId peer, PeerFault fault)
    {
        int points = fault switch
        {
            PeerFault.Malformed => 50,
            PeerFault.WrongContent => 25,
            PeerFault.Refused => 5, // a node behind an upgrade or an epoch can send these in good faith
            _ => 10,
        };
        Hash32 key = KeyOf(peer);
        foreach (Overlay overlay in (Overlay[])[consensus, sync])
        {
            if (overlay.Sessions.FirstOrDefault(session => session.Peer == key) is Session session)
            {
                overlay.Penalize(session, points, fault.ToString());
            }
        }
    }

    private static PeerId PeerOf(Hash32 key) => new(new ValidatorId(key.ToArray()));

    private static Hash32 KeyOf(PeerId peer) => new(peer.Node.ToArray());

    private static bool IsSync(EngineFrameKind kind) => kind is EngineFrameKind.Status or EngineFrameKind.RangeRequest or EngineFrameKind.RangeReply;

    private static WireFrame Wrap(EngineFrame frame) =>
        IsSync(frame.Kind) ? Envelopes.Sync((ushort)frame.Kind, frame.Height, frame.Bytes) : Envelopes.Consensus((ushort)frame.Kind, frame.Height, frame.Bytes);

    private Overlay OverlayOf(EngineFrameKind kind) => IsSync(kind) ? sync : consensus;

    private async Task MoveAsync(Overlay overlay, CancellationToken cancellation)
    {
        await foreach (Received received in overlay.Inbox.ReadAllAsync(cancellation))
        {
            if (!Envelopes.TryOpen(received.Frame, out ushort kind, out ReadOnlyMemory<byte> canonical) || OverlayOf((EngineFrameKind)kind) != overlay)
            {
                overlay.Penalize(received.From, 50, "malformed envelope");
                continue;
            }

            EngineFrame frame = new((EngineFrameKind)kind, received.Frame.Height, canonical);
            await _inbox.Writer.WriteAsync(new Incoming(PeerOf(received.From.Peer), frame), cancellation);
        }
    }
}
