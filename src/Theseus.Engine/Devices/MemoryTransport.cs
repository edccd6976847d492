using System.Threading.Channels;
using Theseus.Consensus;

namespace Theseus.Engine;

/// <summary>
/// Transports that deliver to each other at once, in one process. <see cref="Filter"/> may lose frames; every peer is the
/// validator of its own id.
/// </summary>
public sealed class MemoryNetwork
{
    private readonly SortedDictionary<PeerId, MemoryTransport> _transports = [];

    /// <summary>Whether a frame from one peer reaches another.</summary>
    public Func<PeerId, PeerId, Frame, bool> Filter { get; set; } = static (_, _, _) => true;

    /// <summary>Sees every frame before <see cref="Filter"/> does.</summary>
    public Action<PeerId, PeerId, Frame> Tap { get; set; } = static (_, _, _) => { };

    /// <summary>Faults that were reported, in order.</summary>
    public IList<(PeerId By, PeerId Peer, PeerFault Fault)> Faults { get; } = [];

    /// <summary>Joins, or joins again with an empty inbox.</summary>
    public MemoryTransport Join(ValidatorId id)
    {
        PeerId peer = new(id);
        MemoryTransport transport = new(this, peer);
        _transports[peer] = transport;
        return transport;
    }

    /// <summary>Leaves: nothing arrives any more.</summary>
    public void Leave(ValidatorId id) => _transports.Remove(new PeerId(id));

    internal void Deliver(PeerId from, PeerId to, Frame frame)
    {
        Tap(from, to, frame);
        if (_transports.TryGetValue(to, out MemoryTransport? transport) && Filter(from, to, frame))
        {
            transport.Take(new Incoming(from, frame));
        }
    }

    internal IReadOnlyList<PeerId> Peers() => [.. _transports.Keys];

    internal bool Has(PeerId peer) => _transports.ContainsKey(peer);
}

/// <summary>One place in a <see cref="MemoryNetwork"/>.</summary>
public sealed class MemoryTransport : ITransport
{
    /// <summary>Frames that wait at most; further ones are lost, as in a full socket.</summary>
    private const int Capacity = 16_384;

    private readonly MemoryNetwork _network;
    private readonly PeerId _self;
    private readonly Channel<Incoming> _inbox = Channel.CreateBounded<Incoming>(Capacity);

    internal MemoryTransport(MemoryNetwork network, PeerId self)
    {
        _network = network;
        _self = self;
    }

    /// <inheritdoc/>
    public ChannelReader<Incoming> Inbox => _inbox.Reader;

    /// <inheritdoc/>
    public void Send(PeerId to, Frame frame) => _network.Deliver(_self, to, frame);

    /// <inheritdoc/>
    public void Broadcast(params ReadOnlySpan<Frame> frames)
    {
        foreach (PeerId peer in _network.Peers())
        {
            if (peer == _self)
            {
                continue;
            }

            foreach (Frame frame in frames)
            {
                _network.Deliver(_self, peer, frame);
            }
        }
    }

    /// <inheritdoc/>
    public PeerId? Find(ValidatorId validator) => _network.Has(new PeerId(validator)) ? new PeerId(validator) : null;

    /// <inheritdoc/>
    public void Penalise(PeerId peer, PeerFault fault) => _network.Faults.Add((_self, peer, fault));

    internal void Take(Incoming incoming) => _inbox.Writer.TryWrite(incoming);
}
