using Theseus.Storage;

namespace Theseus.Node;

/// <summary>What kind of end a node came to. The numbers are the exit codes of its process.</summary>
public enum NodeEndKind
{
    /// <summary>A fault of this program.</summary>
    Failure = 1,

    /// <summary>The configuration or genesis is wrong.</summary>
    Configuration = 3,

    /// <summary>A disk, file or folder failed, is full, locked, not writable, or written by other software.</summary>
    Device = 4,

    /// <summary>The chain needs newer software.</summary>
    NeedsNewerSoftware = 5,

    /// <summary>The network agreed on something else than this node, or on two things.</summary>
    Divergence = 6,

    /// <summary>The signer's guard refuses to sign anything.</summary>
    SigningRefused = 7,
}

/// <summary>Why a node ended, for its operator and its supervisor.</summary>
/// <param name="Kind">What kind of end.</param>
/// <param name="Message">What happened, in one line.</param>
/// <param name="Advice">What to do, in one line.</param>
public sealed record NodeEnd(NodeEndKind Kind, string Message, string Advice)
{
    /// <summary>The end that an exception means, wherever in the node it was thrown.</summary>
    public static NodeEnd Of(Exception fault) => fault switch
    {
        ConfigurationException => new NodeEnd(NodeEndKind.Configuration, fault.Message, "correct it and start again"),
        StoreException { Fault: StoreFault.OtherChain } => new NodeEnd(
            NodeEndKind.Configuration, fault.Message, "use the genesis file of that chain, or another home folder"),
        StoreException { Fault: StoreFault.Locked } =>
            new NodeEnd(NodeEndKind.Device, fault.Message, "one node at a time uses a home folder"),
        StoreException { Fault: StoreFault.Schema } =>
            new NodeEnd(NodeEndKind.Device, fault.Message, "see UPGRADING.md, or sync into an empty folder"),
        StoreException { Fault: StoreFault.Empty } => new NodeEnd(
            NodeEndKind.Device, fault.Message, "start a node on this folder first; if it held a chain, its files are lost: sync again"),
        StoreException { Fault: StoreFault.Broken } => new NodeEnd(
            NodeEndKind.Device, fault.Message,
            "check the disk and its free space; if the data folder is damaged, delete it and sync again"),
        DivergenceException => new NodeEnd(NodeEndKind.Divergence, fault.Message, "compare with another node: theseus query block"),
        SigningRefusedException => new NodeEnd(
            NodeEndKind.SigningRefused, fault.Message, "restore the consensus folder as it was, or validate with a new key"),
        IOException or UnauthorizedAccessException => new NodeEnd(
            NodeEndKind.Device, fault.Message,
            "check the disk, its free space and the rights of this user on the home folder, then start again"),
        AggregateException { InnerException: { } inner } => Of(inner),
        _ => new NodeEnd(
            NodeEndKind.Failure, $"{fault.GetType().Name}: {fault.Message}", "start again, and report this with the log's last lines"),
    };
}

/// <summary>The signer's guard cannot rule out that a signature would contradict an earlier one (exit code 7).</summary>
public sealed class SigningRefusedException(string message) : Exception(message);
