namespace Theseus.Protocol;

/// <summary>
/// A per-chain counter that names which specified behaviour of one part is in force. It has no comparison operators on
/// purpose: only a version table unwraps it (house rule 2).
/// </summary>
public readonly record struct ComponentVersion(ulong Value)
{
    /// <summary>The only version that may follow (record P8).</summary>
    public ComponentVersion Next => new(Value + 1);

    /// <summary>The number in decimal digits.</summary>
    public override string ToString() => Value.ToString();
}

/// <summary>The components of record P3, and the bounds of all.</summary>
public static class Components
{
    /// <summary>What runs transactions: the execution stack (execution 5).</summary>
    public const string Execution = "execution";

    /// <summary>Messages, sign bytes and block rules.</summary>
    public const string Consensus = "consensus";

    /// <summary>The record's own shape and steps (record P2).</summary>
    public const string Record = "record";

    /// <summary>What nodes say to each other.</summary>
    public const string Network = "network";

    /// <summary>The descriptive counter: no component, never scheduled (record P3).</summary>
    public const string Framework = "framework";

    /// <summary>Components of a chain at most: one entry of readiness each (record P9).</summary>
    public const int Maximum = 64;

    /// <summary>Bytes of a component's name at most.</summary>
    public const int MaximumName = 64;
}

/// <summary>Which roles a component stops when a node lacks its module (record P3).</summary>
[Flags]
public enum ComponentGates : byte
{
    /// <summary>No role: the component describes and stops nobody.</summary>
    None = 0,

    /// <summary>Nodes that validate.</summary>
    Validator = 1,

    /// <summary>Nodes that follow the chain and serve readers.</summary>
    Access = 2,

    /// <summary>Every node.</summary>
    All = Validator | Access,
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
/// <param name="Current">What is in force.</param>
/// <param name="Fallback">What it can still go back to; null outside probation (record P11).</param>
/// <param name="Scheduled">What is to follow; null when nothing is.</param>
/// <param name="LastResult">How the last change ended: 0 none, else a <see cref="RefusalCode"/>.</param>
/// <param name="Gates">The roles that need its module.</param>
public sealed record UpdatableField(
    CurrentVersion Current,
    FallbackVersion? Fallback,
    ScheduledVersion? Scheduled,
    RefusalCode LastResult,
    ComponentGates Gates = ComponentGates.All);

/// <summary>A validator set with its id and epoch; validators ascend by address.</summary>
public sealed record RecordedSet(Hash32 Id, ulong Epoch, IReadOnlyList<ValidatorEntry> Validators);

/// <summary>The set and consensus version in force over a range of heights, for judging evidence (consensus N3).</summary>
/// <param name="FirstHeight">From here on.</param>
/// <param name="ClosedHeight">The last height, or null while it is in force.</param>
/// <param name="ClosedTime">Header time in milliseconds of the block after the last; 0 while in force.</param>
/// <param name="Set">The validators of these heights.</param>
/// <param name="ConsensusVersion">What their signatures are bound to (consensus N1).</param>
public sealed record EvidenceSet(
    ulong FirstHeight,
    ulong? ClosedHeight,
    ulong ClosedTime,
    RecordedSet Set,
    ComponentVersion ConsensusVersion);

/// <summary>Who declared to run what, and when; power is never stored (record P9).</summary>
/// <param name="Validator">Who declared it.</param>
/// <param name="Sequence">Rises with every declaration of the validator.</param>
/// <param name="MadeAt">The height named in it.</param>
/// <param name="Modules">Sorted by component.</param>
public sealed record ReadinessEntry(
    Address Validator,
    ulong Sequence,
    ulong MadeAt,
    IReadOnlyList<(string Component, Hash32 ModuleId)> Modules);

/// <summary>What <c>framework</c> is in the record: descriptive only (execution 4).</summary>
public sealed record FrameworkField(ulong Counter, Hash32 CodeRoot);

/// <summary>One line of the history ring: a change of any layer, counted in one way (record P2).</summary>
/// <param name="Height">The block that recorded it.</param>
/// <param name="Component">A component, <c>framework</c>, or a parameter's name.</param>
/// <param name="Version">The version concerned; the framework's counter; the parameter's new value.</param>
/// <param name="Outcome">How it ended.</param>
public sealed record HistoryEntry(ulong Height, string Component, ulong Version, RefusalCode Outcome);

/// <summary>One line of the refusals ring: an input that had no effect (record P4).</summary>
/// <param name="Height">The block that recorded it.</param>
/// <param name="Subject">A component, <c>validators</c>, or a parameter's name.</param>
/// <param name="Version">The version or epoch asked for, else 0.</param>
/// <param name="Reason">Why it had no effect.</param>
public sealed record RefusalEntry(ulong Height, string Subject, ulong Version, RefusalCode Reason);

/// <summary>Why an input of the record was refused, or how a change ended. Stable numbers.</summary>
public enum RefusalCode : ushort
{
    /// <summary>Nothing was refused, nothing has ended.</summary>
    None = 0,

    /// <summary>A scheduled version is in force (record P3).</summary>
    Activated = 1,

    /// <summary>A version was scheduled (record P8).</summary>
    Scheduled = 2,

    /// <summary>A scheduled version was given another height (record P8).</summary>
    Moved = 3,

    /// <summary>A scheduled version was dropped (record P8).</summary>
    Cancelled = 4,

    /// <summary>A parameter has a new value; the entry's version is that value.</summary>
    ParameterChanged = 5,

    /// <summary>Code at 0x1 changed; the entry's version is the framework's counter.</summary>
    Published = 6,

    /// <summary>The chain has no component of that name.</summary>
    UnknownComponent = 10,

    /// <summary>
    /// Not the next version of the component, by the parent's record and by this height's (record P8).
    /// </summary>
    WrongVersion = 11,

    /// <summary>Fewer blocks than the notice lie before the activation height (record P8).</summary>
    TooSoon = 12,

    /// <summary>The module id is zero.</summary>
    MalformedModule = 13,

    /// <summary>Another module is scheduled for the component; cancel it first.</summary>
    ConflictingPending = 14,

    /// <summary>Nothing to cancel: that version is not scheduled.</summary>
    NothingPending = 15,

    /// <summary>Reserved for readiness (record P9): too little power declared that it has the module.</summary>
    NotReady = 16,

    /// <summary>Reserved for readiness (record P9): declared power fell before activation.</summary>
    ReadinessLost = 17,

    /// <summary><c>framework</c> is a counter, not a component (record P3).</summary>
    NeverScheduled = 18,

    /// <summary>No fallback to go back to (record P11).</summary>
    NotOnProbation = 19,

    /// <summary>
    /// A component that the change requires is unknown, or not at the required version when it is due.
    /// </summary>
    RequirementMissing = 20,

    /// <summary>A validator set without members (record P7).</summary>
    EmptySet = 30,

    /// <summary>A validator without power (record P7).</summary>
    ZeroPower = 31,

    /// <summary>The powers of a set exceed what consensus can count (record P7).</summary>
    PowerOverflow = 32,

    /// <summary>Two validators with one public key (record P7).</summary>
    DuplicateKey = 33,

    /// <summary>More validators than a set may have (record P7).</summary>
    SetTooLarge = 34,

    /// <summary>A set for another epoch than the next one (record P7).</summary>
    WrongEpoch = 35,

    /// <summary>Another set was accepted in this block.</summary>
    SetPending = 36,

    /// <summary>Two validators with one address (record P7).</summary>
    DuplicateAddress = 37,

    /// <summary>No parameter of that name in this record model.</summary>
    UnknownParameter = 40,

    /// <summary>A value outside the parameter's range.</summary>
    ParameterOutOfRange = 41,

    /// <summary>Values in their ranges that break a relation; the subject is its name.</summary>
    ParameterRelation = 42,

    /// <summary>An input whose names or lengths are out of bounds.</summary>
    Malformed = 50,
}

/// <summary>
/// The record that every block commits to (record P2): what is in force, what is scheduled, who may vote. It holds no height
/// and no clock, so a block that changes nothing has its parent's record.
/// </summary>
public sealed record ProtocolRecord
{
    /// <summary>Entries of each ring; older ones are found in blocks (record P2).</summary>
    public const int RingSize = 64;

    /// <summary>Intervals of the evidence window at most: one a change of set or of consensus version; the oldest go first.</summary>
    public const int MaximumEvidenceSets = 256;

    /// <summary>Number of the model that encodes it, part of its id.</summary>
    public required uint Model { get; init; }

    /// <summary>By name, ordinal.</summary>
    public required IReadOnlyList<KeyValuePair<string, UpdatableField>> Components { get; init; }

    /// <summary>By validator, ascending.</summary>
    public required IReadOnlyList<ReadinessEntry> Readiness { get; init; }

    /// <summary>The set of this record's height.</summary>
    public required RecordedSet SetNow { get; init; }

    /// <summary>The set of the next height (record P7).</summary>
    public required RecordedSet SetNext { get; init; }

    /// <summary>Ascending, the last one in force.</summary>
    public required IReadOnlyList<EvidenceSet> EvidenceSets { get; init; }

    /// <summary>The values in force.</summary>
    public required ProtocolParameters Parameters { get; init; }

    /// <summary>Sequence of the last emergency directive (record P12).</summary>
    public required ulong EmergencySequence { get; init; }

    /// <summary>How often the code at 0x1 changed, and its root now.</summary>
    public required FrameworkField Framework { get; init; }

    /// <summary>Oldest first.</summary>
    public required IReadOnlyList<HistoryEntry> History { get; init; }

    /// <summary>Oldest first.</summary>
    public required IReadOnlyList<RefusalEntry> Refusals { get; init; }

    /// <summary>Heights whose result was voided, oldest first (record P16).</summary>
    public required IReadOnlyList<ulong> VoidedHeights { get; init; }

    /// <summary>The epoch of the set now.</summary>
    public ulong Epoch => SetNow.Epoch;

    /// <summary>The component of that name, or null when the chain has none.</summary>
    public UpdatableField? Find(string component)
    {
        foreach (KeyValuePair<string, UpdatableField> pair in Components)
        {
            if (string.Equals(pair.Key, component, StringComparison.Ordinal))
            {
                return pair.Value;
            }
        }

        return null;
    }

    /// <summary>The version in force of a component that every chain has.</summary>
    /// <exception cref="InvalidOperationException">The record lacks it: genesis must not have passed.</exception>
    public CurrentVersion Current(string component) =>
        Find(component)?.Current ?? throw new InvalidOperationException($"the record has no component {component}");
}
