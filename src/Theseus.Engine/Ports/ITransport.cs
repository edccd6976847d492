using System.Threading.Channels;
using Theseus.Consensus;

namespace Theseus.Engine;

/// <summary>A node as the transport knows it.</summary>
public readonly record struct PeerId(ValidatorId Node) : IComparable<PeerId>
{
    /// <inheritdoc/>
    public int CompareTo(PeerId other) => Node.CompareTo(other.Node);

    /// <summary>Whether the left one stands below the right one.</summary>
    public static bool operator <(PeerId left, PeerId right) => left.CompareTo(right) < 0;

    /// <summary>Whether the left one stands above the right one.</summary>
    public static bool operator >(PeerId left, PeerId right) => left.CompareTo(right) > 0;

    /// <summary>Whether the left one stands not above the right one.</summary>
    public static bool operator <=(PeerId left, PeerId right) => left.CompareTo(right) <= 0;

    /// <summary>Whether the left one stands not below the right one.</summary>
    public static bool operator >=(PeerId left, PeerId right) => left.CompareTo(right) >= 0;
}

/// <summary>The kinds of frames. The height stands outside the versioned body (consensus N1).</summary>
public enum FrameKind : ushort
{
    /// <summary>A <see cref="ConsensusMessage"/> in canonical form.</summary>
    Consensus = 1,

    /// <summary>Opens a proposal's stream (consensus N11).</summary>
    StreamInit = 2,
    /// <summary>A part of a proposal's content: <see cref="Theseus.Engine.StreamPart"/>.</summary>
    StreamPart = 3,
    /// <summary>The signed proposal that ends its stream: <see cref="Theseus.Engine.StreamFin"/>.</summary>
    StreamFin = 4,
    /// <summary>Asks for a value's content: a <see cref="ContentMessage"/> without content.</summary>
    ContentRequest = 5,
    /// <summary>Gives a value's content: a <see cref="ContentMessage"/>.</summary>
    ContentReply = 6,
    /// <summary>What heights a node has: a <see cref="StatusMessage"/>.</summary>
    Status = 7,
    /// <summary>Asks for decided heights: a <see cref="Theseus.Engine.RangeRequest"/>.</summary>
    RangeRequest = 8,
    /// <summary>Gives decided heights: a <see cref="Theseus.Engine.RangeReply"/>.</summary>
    RangeReply = 9,
}

/// <summary>What goes over a transport.</summary>
public readonly record struct Frame(FrameKind Kind, ulong Height, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>The frame of a message.</summary>
    internal static Frame Of(ConsensusMessage message) => new(FrameKind.Consensus, message.Height, Canonical.Encode(message));
}

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

    /// <summary>To one peer. What it cannot take is lost.</summary>
    void Send(PeerId to, Frame frame);

    /// <summary>To all peers. Frames given together may travel in one packet, in their order.</summary>
    void Broadcast(params ReadOnlySpan<Frame> frames);

    /// <summary>The peer that is this validator, if connected.</summary>
    PeerId? Find(ValidatorId validator);

    /// <summary>Tells what a peer did wrong.</summary>
    void Penalise(PeerId peer, PeerFault fault);
}
