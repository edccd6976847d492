using Theseus.Protocol;

namespace Theseus.Network;

/// <summary>The three networks (docs/protocol/network.md). A node joins those that its roles need.</summary>
public enum OverlayKind : byte
{
    /// <summary>Votes, proposals, certificates, evidence, streams of proposals: small, and first.</summary>
    Consensus = 1,

    /// <summary>Decided heights and contents: large.</summary>
    Sync = 2,

    /// <summary>Transactions.</summary>
    Mempool = 3,
}

/// <summary>Kinds of frames. The number travels; the limit is checked before anything is allocated.</summary>
public enum FrameKind : ushort
{
    /// <summary>Who a node says it is; the first frame of each side.</summary>
    Hello = 1,

    /// <summary>The signature that proves the hello; the second.</summary>
    Proof = 2,

    /// <summary>Why the session ends; the last.</summary>
    Close = 3,

    /// <summary>Asks for a sign of life.</summary>
    Ping = 4,

    /// <summary>The answer, with the ping's height and payload.</summary>
    Pong = 5,

    /// <summary>An envelope on the consensus overlay.</summary>
    Consensus = 16,

    /// <summary>An envelope on the sync overlay.</summary>
    Sync = 32,

    /// <summary>A batch of transactions on the mempool overlay.</summary>
    Transactions = 48,
}

/// <summary>A message between two nodes.</summary>
/// <param name="Kind">What the payload is.</param>
/// <param name="Height">The height it belongs to, outside the versioned body (consensus N1), 0 where none does.</param>
/// <param name="Payload">Protobuf bytes.</param>
public readonly record struct Frame(FrameKind Kind, ulong Height, ReadOnlyMemory<byte> Payload);

/// <summary>A frame's first 14 bytes, found to be within the limits.</summary>
public readonly record struct FrameHeader(FrameKind Kind, ulong Height, int Length);

/// <summary>
/// The frame on the wire: kind u16, length u32, height u64 (all little-endian), then the payload.
/// </summary>
public static class FrameLimits
{
    /// <summary>Bytes before the payload.</summary>
    public const int HeaderLength = 14;

    /// <summary>A session message holds at most 64 module ids and short texts.</summary>
    public const int Session = 8 * 1024;

    /// <summary>A ping's payload comes back: a number of its sender.</summary>
    public const int Ping = 8;

    /// <summary>
    /// The largest is a round certificate of 1,024 signed votes of 212 bytes each: 212 KiB; a proposal's part has 64 KiB.
    /// </summary>
    public const int Consensus = 256 * 1024;

    /// <summary>
    /// One content of the largest block with its certificate and envelope. A reply with several heights is kept to 4 MiB by its
    /// sender.
    /// </summary>
    public const int Sync = BlockCodec.MaximumSize + BlockCodec.MaximumCertificateSize + 4096;

    /// <summary>The largest approved script and its overhead.</summary>
    public const int Transactions = 2 * 1024 * 1024;

    /// <summary>
    /// Frames up to here are read at once; few larger ones may arrive at the same time (<see
    /// cref="OverlayLimits.LargeFrames"/>).
    /// </summary>
    public const int Small = 256 * 1024;

    /// <summary>
    /// Longest payload of a kind on an overlay; -1 for a kind that has no place there. Before a session is open (null) only its
    /// own messages have.
    /// </summary>
    public static int Of(ushort kind, OverlayKind? overlay) => ((FrameKind)kind, overlay) switch
    {
        (FrameKind.Hello or FrameKind.Proof or FrameKind.Close, _) => Session,
        (FrameKind.Ping or FrameKind.Pong, not null) => Ping,
        (FrameKind.Consensus, OverlayKind.Consensus) => Consensus,
        (FrameKind.Sync, OverlayKind.Sync) => Sync,
        (FrameKind.Transactions, OverlayKind.Mempool) => Transactions,
        _ => -1,
    };
}
