using System.Threading.Channels;
using Theseus.Consensus;

namespace Theseus.Engine;

/// <summary>A node as the transport knows it.</summary>
public readonly record struct PeerId(ValidatorId Node) : IComparable<PeerId>
{
    public int CompareTo(PeerId other) => Node.CompareTo(other.Node);

    public static bool operator <(PeerId left, PeerId right) => left.CompareTo(right) < 0;

    public static bool operator >(PeerId left, PeerId right) => left.CompareTo(right) > 0;

    public static bool operator <=(PeerId left, PeerId right) => left.CompareTo(right) <= 0;

    public static bool operator >=(PeerId left, PeerId right) => left.CompareTo(right) >= 0;
}

/// <summary>The kinds of frames. The height stands outside the versioned body (consensus N1).</summary>
public enum FrameKind : ushort
{
    /// <summary>A <see cref="ConsensusMessage"/> in canonical form.</summary>
    Consensus = 1,

    /// <summary>Opens a proposal's stream (consensus N11).</summary>
    StreamInit = 2,
    StreamPart = 3,
    StreamFin = 4,
    ContentRequest = 5,
    ContentReply = 6,
    Status = 7,
    RangeRequest = 8,
    RangeReply = 9,
}

/// <summary>What goes over a transport.</summary>
public readonly record struct Frame(FrameKind Kind, ulong Height, ReadOnlyMemory<byte> Bytes);

/// <summary>A frame that arrived.</summary>
public readonly record struct Incoming(PeerId From, Frame Frame);

/// <summary>What a peer did wrong. The transport decides whether to warn, slow down or disconnect.</summary>
public enum PeerFault
{
    /// <summary>Bytes that are no canonical form (F21).</summary>
    Malformed = 1,

    /// <summary>A message whose signer, signature or form was refused.</summary>
    Refused,

    /// <summary>Content that is not its value's.</summary>
    WrongContent,

    /// <summary>A sync reply that was not asked for, or has another range (C55).</summary>
    WrongRange,
}

/// <summary>Moves frames. It may lose, double and reorder them; it may not change them nor their sender.</summary>
public interface ITransport
{
    /// <summary>Frames that arrived, in a bounded queue.</summary>
    ChannelReader<Incoming> Inbox { get; }

    void Send(PeerId to, Frame frame);

    /// <summary>To all peers. Frames given together may travel in one packet, in their order.</summary>
    void Broadcast(params ReadOnlySpan<Frame> frames);

    /// <summary>The peer that is this validator, if connected.</summary>
    PeerId? Find(ValidatorId validator);

    void Penalise(PeerId peer, PeerFault fault);
}
