using Theseus.Consensus;

namespace Theseus.Network;

/// <summary>The bounds of one overlay (house rule 5). Hosts use <see cref="Of"/> and <see cref="Within"/>; tests make them small.</summary>
public sealed record OverlayLimits
{
    /// <summary>Sessions that are accepted at least, whatever the descriptor limit: a small set's validators and some strangers.</summary>
    private const int FewestPeers = 6;

    /// <summary>Connections that come in at least, of both kinds.</summary>
    internal const int Fewest = FewestPeers + FewestHandshakes;

    /// <summary>Half-open connections at least.</summary>
    private const int FewestHandshakes = 4;

    /// <summary>
    /// Accepted sessions, strangers among them: every validator of two sets of the largest size may dial this node. What this
    /// node dials comes on top.
    /// </summary>
    public int Peers { get; init; } = 2 * ValidatorSet.MaximumSize;

    /// <summary>Of these, sessions of keys for which no place is kept: further nodes that follow the chain.</summary>
    public int Strangers { get; init; } = 64;

    /// <summary>Strangers from one address.</summary>
    public int StrangersPerAddress { get; init; } = 8;

    /// <summary>Strangers from one network (<see cref="AddressGroup.Network"/>).</summary>
    public int StrangersPerNetwork { get; init; } = 16;

    /// <summary>
    /// Half-open connections of all addresses: each costs a TLS state of some 100 KB, for <see cref="HandshakeTime"/> at most.
    /// </summary>
    public int Handshakes { get; init; } = 256;

    /// <summary>
    /// A handshake that takes longer ends: it is three round trips and two signatures. A dial that takes longer ends too.
    /// </summary>
    public TimeSpan HandshakeTime { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>A peer that says nothing for so long, not even an answer to a ping, is gone: its machine lost power or its link.</summary>
    public TimeSpan IdleTime { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// A frame that began arrives whole within this time: 17 MiB at 1 MiB/s and some. So nobody holds a large buffer by sending
    /// slowly.
    /// </summary>
    public TimeSpan FrameTime { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Frames received and not yet handled; a full inbox slows the senders down (TCP), it drops nothing.</summary>
    public int InboxFrames { get; init; } = 16 * 1024;

    /// <summary>Of these, frames of all strangers together: what stands before a validator's vote is handled within milliseconds.</summary>
    public int StrangerInboxFrames { get; init; } = 512;

    /// <summary>Payload bytes received and not yet handled, of all reserved peers: several of the largest frames.</summary>
    public long InboxBytes { get; init; } = 64L * 1024 * 1024;

    /// <summary>Payload bytes received and not yet handled, of all strangers: apart, so that they never hold up a reserved peer.</summary>
    public long StrangerInboxBytes { get; init; } = 32L * 1024 * 1024;

    /// <summary>
    /// Payload bytes received and not yet handled of one peer: one of the largest frames and small ones beside it, so that no
    /// peer fills the inbox alone.
    /// </summary>
    public long SessionInboxBytes { get; init; } = 20L * 1024 * 1024;

    /// <summary>
    /// Frames above <see cref="FrameLimits.Small"/> that arrive at the same time from reserved peers, and as many from strangers;
    /// further ones wait their turn in TCP.
    /// </summary>
    public int LargeFrames { get; init; } = 4;

    /// <summary>Payload bytes that wait for one slow peer: two of the largest frames. Above it the session closes.</summary>
    public long SessionOutboxBytes { get; init; } = 40L * 1024 * 1024;

    /// <summary>
    /// Payload bytes that wait for all peers together; above it the session that holds the most closes, a stranger's first.
    /// </summary>
    public long OutboxBytes { get; init; } = 128L * 1024 * 1024;

    /// <summary>Descriptors that the overlay may use for connections that come in.</summary>
    public int Descriptors => Peers + Handshakes;

    /// <summary>The bounds of an overlay on a machine with descriptors enough. On consensus strangers are few: they have no vote.</summary>
    public static OverlayLimits Of(OverlayKind kind) => kind == OverlayKind.Consensus
        ? new OverlayLimits { Strangers = 16, StrangersPerAddress = 8, StrangersPerNetwork = 8 }
        : new OverlayLimits();

    /// <summary>Its connections in words, for the log at start.</summary>
    public string Say(string overlay) => $"{overlay} takes in {Peers} peers ({Strangers} strangers), {Handshakes} half open";

    /// <summary>
    /// The same bounds with no more connections than the descriptors given allow, but never fewer than a small network needs.
    /// </summary>
    /// <param name="descriptors">What the overlay may use for connections that come in.</param>
    public OverlayLimits Within(int descriptors)
    {
        if (descriptors >= Descriptors)
        {
            return this;
        }

        int handshakes = int.Clamp(descriptors / 4, FewestHandshakes, Handshakes);
        int peers = int.Clamp(descriptors - handshakes, FewestPeers, Peers);
        int strangers = int.Min(Strangers, int.Max(1, peers / 4));
        return this with
        {
            Peers = peers,
            Handshakes = handshakes,
            Strangers = strangers,
            StrangersPerAddress = int.Min(StrangersPerAddress, strangers),
            StrangersPerNetwork = int.Min(StrangersPerNetwork, strangers),
        };
    }
}
