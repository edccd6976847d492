namespace Theseus.Network;

/// <summary>The bounds of one overlay (house rule 5). Hosts use <see cref="Default"/>; tests make them small.</summary>
public sealed record OverlayLimits
{
    public static readonly OverlayLimits Default = new();

    /// <summary>Sessions: a full mesh of the localnet's or a mid-sized set's validators, and as many others.</summary>
    public int Peers { get; init; } = 128;

    /// <summary>A handshake that takes longer ends: it is three round trips and two signatures.</summary>
    public TimeSpan HandshakeTime { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>A peer that says nothing for so long, not even an answer to a ping, is gone: its machine lost power or its link.</summary>
    public TimeSpan IdleTime { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>A frame that began arrives whole within this time: 17 MiB at 1 MiB/s and some. So nobody holds a large buffer by sending slowly.</summary>
    public TimeSpan FrameTime { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Frames received and not yet handled; a full inbox slows the senders down (TCP), it drops nothing.</summary>
    public int InboxFrames { get; init; } = 16 * 1024;

    /// <summary>Payload bytes received and not yet handled, of all peers: several of the largest frames.</summary>
    public long InboxBytes { get; init; } = 64L * 1024 * 1024;

    /// <summary>Payload bytes received and not yet handled of one peer: one of the largest frames and small ones beside it, so that no peer fills the inbox alone.</summary>
    public long SessionInboxBytes { get; init; } = 20L * 1024 * 1024;

    /// <summary>Frames above <see cref="FrameLimits.Small"/> that arrive at the same time; further ones wait their turn in TCP.</summary>
    public int LargeFrames { get; init; } = 4;

    /// <summary>Payload bytes that wait for one slow peer: two of the largest frames. Above it the session closes.</summary>
    public long SessionOutboxBytes { get; init; } = 40L * 1024 * 1024;

    /// <summary>Payload bytes that wait for all peers together; above it the session that holds the most closes.</summary>
    public long OutboxBytes { get; init; } = 128L * 1024 * 1024;
}
