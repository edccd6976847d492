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
/// The engine's transport over two overlays: votes, certificates and proposal streams travel on consensus, whose frames
/// are small; value sync and contents asked for by id travel on sync, so that megabytes never stand before a vote.
/// </summary>
public sealed class NetworkTransport : ITransport
{
    private readonly Overlay _consensus;
    private readonly Overlay _sync;
    private readonly Func<ValidatorId, Hash32?> _keyOf;
    private long _notUnderstood;

    /// <param name="consensus">The consensus overlay.</param>
    /// <param name="sync">The sync overlay.</param>
    /// <param name="keyOf">The node key of a validator: its consensus key.</param>
    public NetworkTransport(Overlay consensus, Overlay sync, Func<ValidatorId, Hash32?> keyOf)
    {
        _consensus = consensus;
        _sync = sync;
        _keyOf = keyOf;
        Inbox = new MergedInbox(consensus.Inbox, sync.Inbox, Open);
    }

    /// <inheritdoc/>
    public ChannelReader<Incoming> Inbox { get; }

    /// <summary>Messages dropped because they need what this node does not know.</summary>
    public long NotUnderstood => _notUnderstood;

    /// <inheritdoc/>
    public void Send(PeerId to, EngineFrame frame) => OverlayOf(frame.Kind).Send(KeyOf(to), Wrap(frame));

    /// <inheritdoc/>
    public void Broadcast(params ReadOnlySpan<EngineFrame> frames)
    {
        WireFrame[] wire = new WireFrame[frames.Length];
        int from = 0;
        for (int i = 0; i < frames.Length; i++)
        {
            wire[i] = Wrap(frames[i]);
            if (i + 1 == frames.Length || IsSync(frames[i + 1].Kind) != IsSync(frames[i].Kind))
            {
                OverlayOf(frames[i].Kind).Broadcast(wire.AsSpan(from..(i + 1)));
                from = i + 1;
            }
        }
    }

    /// <inheritdoc/>
    public PeerId? Find(ValidatorId validator) => _keyOf(validator) is Hash32 key && _consensus.Find(key) is not null ? PeerOf(key) : null;

    /// <inheritdoc/>
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
        foreach (Overlay overlay in (Overlay[])[_consensus, _sync])
        {
            if (overlay.Find(key) is Session session)
            {
                overlay.Penalize(session, points, fault.ToString());
            }
        }
    }

    private static PeerId PeerOf(Hash32 key) => new(new ValidatorId(key.ToArray()));

    private static Hash32 KeyOf(PeerId peer) => new(peer.Node.ToArray());

    private static bool IsSync(EngineFrameKind kind) => kind
        is EngineFrameKind.Status or EngineFrameKind.RangeRequest or EngineFrameKind.RangeReply
        or EngineFrameKind.ContentRequest or EngineFrameKind.ContentReply;

    private static WireFrame Wrap(EngineFrame frame) => IsSync(frame.Kind)
        ? Envelopes.Sync((ushort)frame.Kind, frame.Height, frame.Bytes)
        : Envelopes.Consensus((ushort)frame.Kind, frame.Height, frame.Bytes);

    private Overlay OverlayOf(EngineFrameKind kind) => IsSync(kind) ? _sync : _consensus;

    private Incoming? Open(Received received)
    {
        // the overlay lets only frames of its own kind in
        Overlay overlay = received.Frame.Kind == Network.FrameKind.Sync ? _sync : _consensus;
        if (overlay.Scores.IsBanned(received.From.Peer))
        {
            return null; // what it sent before the ban still lies in the inbox
        }

        EnvelopeState state = Envelopes.Open(received.Frame, out ushort kind, out ReadOnlyMemory<byte> canonical);
        if (state == EnvelopeState.NotUnderstood)
        {
            _notUnderstood++;
            return null;
        }

        if (state == EnvelopeState.Malformed || OverlayOf((EngineFrameKind)kind) != overlay)
        {
            overlay.Penalize(received.From, 50, "malformed envelope");
            return null;
        }

        return new Incoming(PeerOf(received.From.Peer), new EngineFrame((EngineFrameKind)kind, received.Frame.Height, canonical));
    }
}
