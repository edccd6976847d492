namespace Theseus.Network;

/// <summary>Why a session ended. The number travels in the Close message.</summary>
public enum CloseReason : uint
{
    /// <summary>The session stands.</summary>
    None = 0,

    /// <summary>Another chain name or genesis.</summary>
    WrongChain = 1,

    /// <summary>The other side speaks another overlay on this port.</summary>
    WrongOverlay = 2,

    /// <summary>The key that the hello names is not proven, or is not the one expected at this address.</summary>
    BadProof = 3,

    /// <summary>A frame kind that does not exist or has no place on this overlay.</summary>
    UnknownFrame = 4,

    /// <summary>A declared length above the kind's limit.</summary>
    FrameTooLarge = 5,

    /// <summary>Bytes that are no message of their kind.</summary>
    Malformed = 6,

    /// <summary>The peer's score is spent.</summary>
    Banned = 7,

    /// <summary>Another session between the two nodes stands.</summary>
    Duplicate = 8,

    /// <summary>No place is free for a node that none is kept for.</summary>
    TooManyPeers = 9,

    /// <summary>The peer reads too slowly for what is sent to it.</summary>
    Flooding = 10,

    /// <summary>The hello asks for something that this node does not know.</summary>
    MustUnderstand = 11,

    /// <summary>The node stops.</summary>
    Shutdown = 12,

    /// <summary>
    /// The connection ended without a reason. Never blamed on the peer: a killed process ends so, in the middle of a frame too.
    /// </summary>
    Lost = 13,

    /// <summary>A node met itself.</summary>
    Self = 14,

    /// <summary>No sign of life, or a frame that never ended.</summary>
    Timeout = 15,
}

/// <summary>A session ends for a reason that the rules of the wire give.</summary>
/// <param name="reason">The reason.</param>
/// <param name="message">For people.</param>
/// <param name="byPeer">The other side gave the reason; it needs no answer.</param>
public sealed class WireException(CloseReason reason, string message, bool byPeer = false) : Exception(message)
{
    /// <summary>Why the session ends.</summary>
    public CloseReason Reason { get; } = reason;

    /// <summary>Whether the other side gave the reason.</summary>
    public bool ByPeer { get; } = byPeer;
}
