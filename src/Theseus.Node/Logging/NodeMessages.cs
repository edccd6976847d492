using Microsoft.Extensions.Logging;
using Theseus.Network;

namespace Theseus.Node;

/// <summary>
/// What a node says in its log. Ids are stable: a message keeps its id whatever becomes of its words, and an id is never used again.
/// 1000 to 1099 the chain, 1100 to 1199 sessions with peers, 1200 to 1299 the process. docs/operators/logs.md lists them all.
/// </summary>
public static partial class NodeMessages
{
    [LoggerMessage(1000, LogLevel.Information,
        "block {Height} round {Round} txs {Transactions} gas {Gas} root {Root} {Milliseconds:0.0} ms")]
    internal static partial void BlockExecuted(
        this ILogger log, ulong height, int round, int transactions, ulong gas, string root, double milliseconds);

    [LoggerMessage(1001, LogLevel.Warning, "{Component} changes to version {Version} at block {Height}")]
    internal static partial void ComponentChanges(this ILogger log, string component, string version, ulong height);

    [LoggerMessage(1002, LogLevel.Warning, "{Missing}, which this software lacks: get newer software")]
    internal static partial void SoftwareTooOld(this ILogger log, string missing);

    [LoggerMessage(1003, LogLevel.Warning, "the framework changed at block {Height}, code root {CodeRoot}")]
    internal static partial void FrameworkChanged(this ILogger log, ulong height, string codeRoot);

    [LoggerMessage(1004, LogLevel.Warning, "{Alarm}")]
    internal static partial void ExecutionAlarm(this ILogger log, string alarm);

    [LoggerMessage(1010, LogLevel.Warning, "height {Height} enters round {Round}")]
    internal static partial void LateRound(this ILogger log, ulong height, int round);

    [LoggerMessage(1011, LogLevel.Warning, "consensus stopped: {Reason}: {Detail}")]
    internal static partial void ConsensusStopped(this ILogger log, string reason, string detail);

    [LoggerMessage(1012, LogLevel.Information, "{Happened}")]
    internal static partial void EngineHappened(this ILogger log, string happened);

    [LoggerMessage(1020, LogLevel.Warning, "no block for {Seconds:0} s; height {Height}, round {Round}, {Peers} peers")]
    internal static partial void NoBlocks(this ILogger log, double seconds, ulong height, int round, int peers);

    [LoggerMessage(1021, LogLevel.Information, "blocks come again: {Height}")]
    internal static partial void BlocksAgain(this ILogger log, ulong height);

    [LoggerMessage(1100, LogLevel.Information, "{Overlay} {Happening} {Peer} {Reason} {Detail}{LeftOut}")]
    internal static partial void SessionChanged(
        this ILogger log, OverlayKind overlay, string happening, string peer, CloseReason? reason, string detail, string leftOut);

    [LoggerMessage(1101, LogLevel.Warning, "{Overlay} {Happening} {Peer} {Reason} {Detail}{LeftOut}")]
    internal static partial void PeerRefused(
        this ILogger log, OverlayKind overlay, string happening, string peer, CloseReason? reason, string detail, string leftOut);

    [LoggerMessage(1102, LogLevel.Error, "{Overlay} {Happening}: {Detail}{LeftOut}")]
    internal static partial void OverlayFailed(this ILogger log, OverlayKind overlay, string happening, string detail, string leftOut);

    [LoggerMessage(1110, LogLevel.Information, "{Bounds}")]
    internal static partial void ConnectionBounds(this ILogger log, string bounds);

    [LoggerMessage(1200, LogLevel.Critical, "{Message}; {Advice}")]
    internal static partial void NodeEnds(this ILogger log, string message, string advice);

    /// <summary>The place of a fault of this program, for its developers.</summary>
    [LoggerMessage(1201, LogLevel.Error, "fault")]
    public static partial void Fault(this ILogger log, Exception fault);

    /// <summary>The node is up.</summary>
    [LoggerMessage(1202, LogLevel.Information, "{Name} serves {Address}, chain {Chain}, head {Height}")]
    public static partial void Serves(this ILogger log, string name, string address, string chain, ulong height);

    /// <summary>A method of the API failed by a fault of this program.</summary>
    [LoggerMessage(1203, LogLevel.Error, "{Method}")]
    public static partial void MethodFailed(this ILogger log, string method, Exception fault);

    /// <summary>Others on this machine may read the node's key.</summary>
    [LoggerMessage(1204, LogLevel.Warning, "others may read this node's key; close it with: chmod 600 {File}")]
    public static partial void KeyIsOpen(this ILogger log, string file);
}
