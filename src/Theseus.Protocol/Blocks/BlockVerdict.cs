namespace Theseus.Protocol;

/// <summary>The three verdicts of consensus N10.</summary>
public enum VerdictKind : byte
{
    /// <summary>The block may be prevoted.</summary>
    Valid = 0,

    /// <summary>No node may ever prevote it: the prevote is nil.</summary>
    Invalid = 1,

    /// <summary>Not to be judged here and now: the prevote is held, then nil.</summary>
    Unknown = 2,
}

/// <summary>
/// Why a block is not valid; also the application's part of the nil reasons (consensus N12), so numbers start at 256
/// and are stable.
/// </summary>
public enum BlockReason : ushort
{
    /// <summary>Nothing is wrong.</summary>
    None = 0,

    // linkage
    /// <summary>The header names another chain.</summary>
    WrongChain = 256,

    /// <summary>The header's height is not the one in progress.</summary>
    WrongHeight = 257,

    /// <summary>The header's round is at or above the ceiling, or not the round of this fresh proposal.</summary>
    WrongRound = 258,

    /// <summary>Another validator proposes in the header's round.</summary>
    WrongProposer = 259,

    /// <summary>The header names another parent than the decided one.</summary>
    WrongParent = 260,

    /// <summary>The header's time is not later than the parent's (consensus N5).</summary>
    TimeNotAfterParent = 261,

    /// <summary>The header's set is not that of its height.</summary>
    WrongSet = 262,

    /// <summary>The header's next set is not the one that record(H) names (record P7).</summary>
    WrongNextSet = 263,

    /// <summary>The header's record id is not that of the record(H) computed here (record P1).</summary>
    WrongRecord = 264,

    /// <summary>The body is not the one that the header commits to.</summary>
    WrongBodyRoot = 265,

    /// <summary>Later than any time that the chain can count with (<see cref="BlockTime.Latest"/>).</summary>
    TimeOutOfRange = 266,

    // last commit
    /// <summary>A block above height 1 without a certificate for its parent (consensus N13).</summary>
    LastCommitMissing = 270,

    /// <summary>A certificate in block 1, whose parent is genesis.</summary>
    LastCommitUnexpected = 271,

    /// <summary>The certificate is not the one that the header commits to.</summary>
    LastCommitHash = 272,

    /// <summary>The certificate decides another block than the parent.</summary>
    LastCommitWrongBlock = 273,

    /// <summary>The certificate does not verify; the detail says why.</summary>
    LastCommitRefused = 274,

    // limits
    /// <summary>The block's bytes exceed the parameter in force.</summary>
    TooManyBytes = 280,

    /// <summary>The number of transactions exceeds the parameter in force.</summary>
    TooManyTransactions = 281,

    /// <summary>More than one transaction above the ordinary size (execution 8.2).</summary>
    TooManyOversize = 282,

    /// <summary>More evidence than <see cref="BlockCodec.MaximumEvidence"/>.</summary>
    TooMuchEvidence = 283,

    // kinds that this version of the rules does not take
    /// <summary>An SOS block, which needs grounds (record P16); these rules know none.</summary>
    SosWithoutGrounds = 290,

    /// <summary>A readiness declaration (record P9); these rules take none.</summary>
    DeclarationRefused = 291,

    /// <summary>An emergency directive (record P12); these rules take none.</summary>
    DirectiveRefused = 292,

    // evidence
    /// <summary>
    /// Evidence of a height whose validator set the record no longer holds, or does not hold yet (consensus N3).
    /// </summary>
    EvidenceOutsideWindow = 300,

    /// <summary>Evidence older than the parameters allow, in blocks and in time (consensus N3).</summary>
    EvidenceExpired = 301,

    /// <summary>An offence that this block or an earlier one already holds (consensus N3).</summary>
    EvidenceRepeated = 302,

    /// <summary>Evidence that does not verify; the detail says why.</summary>
    EvidenceRefused = 303,

    // transactions
    /// <summary>A transaction that does not decode; the detail has its place and the fault.</summary>
    TransactionMalformed = 310,

    /// <summary>A transaction that was signed for another chain.</summary>
    TransactionWrongChain = 311,

    /// <summary>A transaction whose expiry the block's time has reached (execution 1).</summary>
    TransactionExpired = 312,

    /// <summary>A transaction whose signature does not verify.</summary>
    TransactionSignature = 313,

    /// <summary>The same transaction twice in one block.</summary>
    TransactionRepeated = 314,

    // results: Unknown
    /// <summary>This node has not executed the parent yet, so it cannot compare the result.</summary>
    NotExecuted = 320,

    /// <summary>This node has another result of the parent than the header names.</summary>
    ResultDiffers = 321,

    /// <summary>This node lacks the header time by which the evidence's age is judged.</summary>
    EvidenceTimeUnknown = 322,

    /// <summary>A fresh proposal whose time this node's clock has not reached (consensus N5).</summary>
    FromTheFuture = 323,

    /// <summary>A fresh proposal that is older than travel explains (consensus N5).</summary>
    Untimely = 324,

    /// <summary>A normal block without the parent's result.</summary>
    ResultMissing = 325,
}

/// <summary>A judgement of a block.</summary>
/// <param name="Kind">The verdict.</param>
/// <param name="Reason">Why, stable; None when valid.</param>
/// <param name="Detail">For people, e.g. which transaction.</param>
/// <param name="Record">record(H) when valid, so that nobody computes it twice.</param>
public sealed record BlockVerdict(VerdictKind Kind, BlockReason Reason, string Detail, ProtocolRecord? Record)
{
    /// <summary>The block is invalid.</summary>
    public static BlockVerdict Invalid(BlockReason reason, string detail = "") => new(VerdictKind.Invalid, reason, detail, null);

    /// <summary>The block cannot be judged here and now.</summary>
    public static BlockVerdict Unknown(BlockReason reason, string detail = "") => new(VerdictKind.Unknown, reason, detail, null);

    /// <summary>The block is valid and leads to this record.</summary>
    public static BlockVerdict Valid(ProtocolRecord record) => new(VerdictKind.Valid, BlockReason.None, "", record);
}

/// <summary>One offence counts once: (validator, height, kind) (consensus N3).</summary>
public readonly record struct EvidenceKey(Address Validator, ulong Height, byte Kind) : IComparable<EvidenceKey>
{
    /// <summary>The offence that a piece of evidence proves.</summary>
    public static EvidenceKey Of(Consensus.Evidence evidence) =>
        new(ValidatorSets.ToAddress(evidence.Validator), evidence.Height, (byte)evidence.Kind);

    /// <summary>By height, then validator, then kind.</summary>
    public int CompareTo(EvidenceKey other)
    {
        int order = Height.CompareTo(other.Height);
        order = order != 0 ? order : Validator.CompareTo(other.Validator);
        return order != 0 ? order : Kind.CompareTo(other.Kind);
    }
}
