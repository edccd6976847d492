namespace Theseus.Network;

/// <summary>The three networks (design: networks). A node joins those that its roles need.</summary>
public enum OverlayKind : byte
{
    Consensus = 1,
    Sync = 2,
    Mempool = 3,
}

/// <summary>Kinds of frames. The number travels; the limit is checked before anything is allocated.</summary>
public enum FrameKind : ushort
{
    Hello = 1,
    Proof = 2,
    Close = 3,
    Ping = 4,
    Pong = 5,

    Consensus = 16,

    Sync = 32,

    Transactions = 48,
}

/// <summary>A message between two nodes.</summary>
/// <param name="Kind">What the payload is.</param>
/// <param name="Height">The height it belongs to, outside the versioned body (consensus N1), 0 where none does.</param>
/// <param name="Payload">Protobuf bytes.</param>
public readonly record struct Frame(FrameKind Kind, ulong Height, ReadOnlyMemory<byte> Payload);

/// <summary>
/// The frame on the wire: kind u16, length u32, height u64 (all little-endian), then the payload.
/// </summary>
public static class FrameLimits
{
    public const int HeaderLength = 14;

    /// <summary>A session message holds at most 64 module ids and short texts.</summary>
    public const int Session = 8 * 1024;

    /// <summary>A proposal part of 256 KiB, a certificate of 200 signers and their overhead fit.</summary>
    public const int Consensus = 1024 * 1024;

    /// <summary>A batch of decided blocks of 2 MiB each with certificates.</summary>
    public const int Sync = 16 * 1024 * 1024;

    /// <summary>The largest approved script and its overhead.</summary>
    public const int Transactions = 2 * 1024 * 1024;

    /// <summary>Longest payload of a kind; 0 for a kind that does not exist.</summary>
    public static int Of(ushort kind) => (FrameKind)kind switch
    {
        FrameKind.Hello or FrameKind.Proof or FrameKind.Close => Session,
        FrameKind.Ping or FrameKind.Pong => 8,
        FrameKind.Consensus => Consensus,
        FrameKind.Sync => Sync,
        FrameKind.Transactions => Transactions,
        _ => 0,
    };
}
