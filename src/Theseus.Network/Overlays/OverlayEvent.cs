using Theseus.Protocol;

namespace Theseus.Network;

/// <summary>
/// What happened on an overlay. The owner decides by it; the words for people and metrics are <see
/// cref="OverlayHappenings.Name"/>.
/// </summary>
public enum OverlayHappening
{
    /// <summary>A session opened and is in the peer table.</summary>
    Opened = 1,

    /// <summary>A session ended, by this side or without a reason.</summary>
    Closed,

    /// <summary>A session ended for a reason that the other side gave.</summary>
    ClosedByPeer,

    /// <summary>This node refused a connection; the peer was told why.</summary>
    Refused,

    /// <summary>The other side refused this node.</summary>
    RefusedByPeer,

    /// <summary>A connection ended before its handshake did.</summary>
    HandshakeFailed,

    /// <summary>A connection was shut to make room, before its handshake or after; never that of a reserved peer.</summary>
    Displaced,

    /// <summary>A peer lost points.</summary>
    Penalised,

    /// <summary>A peer's points are spent: it stays out for <see cref="PeerScores.BanTime"/>.</summary>
    Banned,

    /// <summary>
    /// The system gives no socket to a connection that waits, for want of descriptors most likely; told once until it works
    /// again.
    /// </summary>
    AcceptFailed,

    /// <summary>The system gives no socket to dial with; told once until it works again.</summary>
    DialFailed,

    /// <summary>A bug: an exception that no rule expects. What it belonged to ended; the loops go on.</summary>
    Failed,
}

/// <summary>The words for <see cref="OverlayHappening"/>.</summary>
public static class OverlayHappenings
{
    /// <summary>The word in logs and metrics.</summary>
    public static string Name(this OverlayHappening happening) => happening switch
    {
        OverlayHappening.Opened => "opened",
        OverlayHappening.Closed => "closed",
        OverlayHappening.ClosedByPeer => "closed by peer",
        OverlayHappening.Refused => "refused",
        OverlayHappening.RefusedByPeer => "refused by peer",
        OverlayHappening.HandshakeFailed => "handshake failed",
        OverlayHappening.Displaced => "displaced",
        OverlayHappening.Penalised => "penalised",
        OverlayHappening.Banned => "banned",
        OverlayHappening.AcceptFailed => "accept failed",
        OverlayHappening.DialFailed => "dial failed",
        _ => "failed",
    };
}

/// <summary>What an overlay tells its owner, for logs, metrics and what hangs on a meeting.</summary>
/// <param name="Overlay">Which one.</param>
/// <param name="What">What happened.</param>
/// <param name="Peer">The peer's proven key, null before it is proven.</param>
/// <param name="Reason">Why, where there is a reason.</param>
/// <param name="Detail">For people.</param>
public sealed record OverlayEvent(OverlayKind Overlay, OverlayHappening What, Hash32? Peer, CloseReason Reason, string Detail);
