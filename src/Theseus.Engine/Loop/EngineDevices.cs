using Theseus.Consensus;

namespace Theseus.Engine;

/// <summary>Whether bytes are the content of a value. Pure and cheap: a hash; validity is the application's to judge.</summary>
public delegate bool ContentCheck(ValueId value, ReadOnlySpan<byte> content);

/// <summary>Everything the engine touches. Simulations give twins of their own.</summary>
/// <param name="Disk">For the log.</param>
/// <param name="Signer">The consensus key; null for a node that only follows.</param>
/// <param name="Self">The validator whose key the signer holds; null for a node that only follows.</param>
/// <param name="Transport">Peers.</param>
/// <param name="Time">The clock.</param>
/// <param name="Signatures">The chain's signature scheme.</param>
/// <param name="Verification">Where signatures of messages are checked.</param>
/// <param name="Content">The value ids of contents.</param>
/// <param name="Application">The application.</param>
/// <param name="Events">Told what operators and metrics want to know; must return quickly.</param>
public sealed record EngineDevices(
    IDisk Disk,
    ISigner? Signer,
    ValidatorId? Self,
    ITransport Transport,
    TimeProvider Time,
    ISignatureCheck Signatures,
    IVerification Verification,
    ContentCheck Content,
    ApplicationLink Application,
    Action<EngineEvent> Events);

/// <summary>Something to be known about the engine.</summary>
public abstract record EngineEvent
{
    private EngineEvent()
    {
    }

    /// <summary>A height was begun.</summary>
    /// <param name="Height">The height.</param>
    /// <param name="Votes">Whether this node votes in it.</param>
    public sealed record HeightStarted(ulong Height, bool Votes) : EngineEvent;

    /// <summary>A round was entered.</summary>
    /// <param name="Height">The height.</param>
    /// <param name="Round">The round.</param>
    /// <param name="Proposer">Who proposes in it.</param>
    public sealed record RoundEntered(ulong Height, int Round, ValidatorId Proposer) : EngineEvent;

    /// <summary>A height was decided.</summary>
    /// <param name="Height">The height.</param>
    /// <param name="Round">The round that decided it.</param>
    /// <param name="Value">The value.</param>
    public sealed record HeightDecided(ulong Height, int Round, ValueId Value) : EngineEvent;

    /// <summary>What the core reports besides rounds.</summary>
    public sealed record CoreReport(Effect.Report Report) : EngineEvent;

    /// <summary>A peer's nil prevote and its reason, from its own session (consensus N12).</summary>
    public sealed record NilPrevote(ulong Height, int Round, ValidatorId Validator, ushort Reason) : EngineEvent;

    /// <summary>The log was read back: bytes cut, entries replayed.</summary>
    public sealed record Recovered(ulong Height, long CutBytes, int Entries) : EngineEvent;

    /// <summary>No signature is given up to and including this height (consensus N14, N15).</summary>
    public sealed record Abstains(ulong Height, AbstainReason Reason) : EngineEvent;

    /// <summary>The engine stopped (F6, F26, F29, record P15).</summary>
    public sealed record Halted(HaltReason Reason, string Detail) : EngineEvent;
}

/// <summary>Why a node signs nothing for a while.</summary>
public enum AbstainReason
{
    /// <summary>The log lacks the head that the mark names: synced data was lost (F7).</summary>
    LogLost = 1,

    /// <summary>The replay of the log gave another own message than the one stored (consensus N15).</summary>
    ReplayDiffers,

    /// <summary>The application is behind the log: it was restored from a backup (F8).</summary>
    ApplicationBehind,

    /// <summary>The core met an own message that contradicts an earlier one.</summary>
    OwnMismatch,

    /// <summary>The signer's mark refuses what the core wants signed.</summary>
    MarkRefuses,
}

/// <summary>Why an engine stopped.</summary>
public enum HaltReason
{
    /// <summary>The disk failed: nothing may be signed any more (F6).</summary>
    DiskFailed = 1,

    /// <summary>The application's queue is full (F26).</summary>
    ApplicationHangs,

    /// <summary>The node lacks a module that governs the height (record P15); exit code 5.</summary>
    MissingModule,

    /// <summary>Two values are decided at one height (F29).</summary>
    AgreementBroken,

    /// <summary>The round ceiling was reached (F22).</summary>
    RoundCeiling,

    /// <summary>An exception that nothing expected: a fault of this program or of a device that does not say so.</summary>
    Fault,
}
