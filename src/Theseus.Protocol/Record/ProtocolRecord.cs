namespace Theseus.Protocol;

/// <summary>A per-chain counter that names which specified behaviour of one part is in force. It has no comparison operators on purpose: only a version table unwraps it (rules of the house, 2).</summary>
public readonly record struct ComponentVersion(ulong Value)
{
    public override string ToString() => Value.ToString();
}

/// <summary>The components of record P3.</summary>
public static class Components
{
    public const string Execution = "execution";
    public const string Consensus = "consensus";
    public const string Record = "record";
    public const string Network = "network";
}

/// <summary>A version in force since a height.</summary>
public sealed record CurrentVersion(ComponentVersion Version, Hash32 ModuleId, ulong Since);

/// <summary>The previous module, loaded while its successor is on probation (record P11).</summary>
public sealed record FallbackVersion(Hash32 ModuleId, ulong Until);

/// <summary>A pending change (record P8).</summary>
public sealed record ScheduledVersion(
    ComponentVersion Version,
    Hash32 ModuleId,
    Hash32? BundleHash,
    ulong ActivationHeight,
    ulong Probation,
    IReadOnlyList<(string Component, ulong Version)> Requires,
    bool Armed);

/// <summary>The state of one component (record P2).</summary>
/// <param name="LastResult">How the last change ended: 0 none, else a <see cref="RefusalCode"/>.</param>
public sealed record UpdatableField(CurrentVersion Current, FallbackVersion? Fallback, ScheduledVersion? Scheduled, RefusalCode LastResult);

/// <summary>A validator set with its id and epoch.</summary>
public sealed record RecordedSet(Hash32 Id, ulong Epoch, IReadOnlyList<ValidatorEntry> Validators);

/// <summary>The set in force from a height on, for judging evidence (consensus N3).</summary>
public sealed record EvidenceSet(ulong FirstHeight, RecordedSet Set, ComponentVersion ConsensusVersion);

/// <summary>What <c>framework</c> is in the record: descriptive only (execution 4).</summary>
public sealed record FrameworkField(ulong Counter, Hash32 CodeRoot);

/// <summary>One line of the history ring.</summary>
public sealed record HistoryEntry(ulong Height, string Component, ulong Version, RefusalCode Outcome);

/// <summary>Why an input of the record was refused, or how a change ended. Stable numbers.</summary>
public enum RefusalCode : ushort
{
    None = 0,
    Activated = 1,
    Scheduled = 2,
    Moved = 3,
    Cancelled = 4,
    UnknownComponent = 10,
    WrongVersion = 11,
    TooSoon = 12,
    MalformedModule = 13,
    ConflictingPending = 14,
    NothingPending = 15,
    NotReady = 16,
    ReadinessLost = 17,
    NeverScheduled = 18,
    NotOnProbation = 19,
    RequirementMissing = 20,
    EmptySet = 30,
    ZeroPower = 31,
    PowerOverflow = 32,
    DuplicateKey = 33,
    SetTooLarge = 34,
    WrongEpoch = 35,
    UnknownParameter = 40,
    ParameterOutOfRange = 41,
    Malformed = 50,
    TooMany = 51,
}
