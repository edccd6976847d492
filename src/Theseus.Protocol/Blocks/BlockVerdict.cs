namespace Theseus.Protocol;

/// <summary>The three verdicts of consensus N10.</summary>
public enum VerdictKind : byte
{
    Valid = 0,
    Invalid = 1,

    /// <summary>Not to be judged here and now: the prevote is held, then nil.</summary>
    Unknown = 2,
}

/// <summary>Why a block is not valid; also the application's part of the nil reasons (consensus N12), so numbers start at 256 and are stable.</summary>
public enum BlockReason : ushort
{
    None = 0,

    // linkage
    WrongChain = 256,
    WrongHeight = 257,
    WrongRound = 258,
    WrongProposer = 259,
    WrongParent = 260,
    TimeNotAfterParent = 261,
    WrongSet = 262,
    WrongNextSet = 263,
    WrongRecord = 264,
    WrongBodyRoot = 265,

    /// <summary>Later than any time that the chain can count with (<see cref="BlockTime.Latest"/>).</summary>
    TimeOutOfRange = 266,

    // last commit
    LastCommitMissing = 270,
    LastCommitUnexpected = 271,
    LastCommitHash = 272,
    LastCommitWrongBlock = 273,
    LastCommitRefused = 274,

    // limits
    TooManyBytes = 280,
    TooManyTransactions = 281,
    TooManyOversize = 282,
    TooMuchEvidence = 283,

    // kinds that this version of the rules does not take
    SosWithoutGrounds = 290,
    DeclarationRefused = 291,
    DirectiveRefused = 292,

    // evidence
    EvidenceOutsideWindow = 300,
    EvidenceExpired = 301,
    EvidenceRepeated = 302,
    EvidenceRefused = 303,

    // transactions
    TransactionMalformed = 310,
    TransactionWrongChain = 311,
    TransactionExpired = 312,
    TransactionSignature = 313,
    TransactionRepeated = 314,

    // results: Unknown
    NotExecuted = 320,
    ResultDiffers = 321,
    EvidenceTimeUnknown = 322,
    FromTheFuture = 323,

    /// <summary>A fresh proposal that is older than travel explains (consensus N5).</summary>
    Untimely = 324,
    ResultMissing = 325,
}

/// <summary>A judgement of a block.</summary>
/// <param name="Detail">For people, e.g. which transaction.</param>
/// <param name="Record">record(H) when valid, so that nobody computes it twice.</param>
public sealed record BlockVerdict(VerdictKind Kind, BlockReason Reason, string Detail, ProtocolRecord? Record)
{
    public static BlockVerdict Invalid(BlockReason reason, string detail = "") => new(VerdictKind.Invalid, reason, detail, null);

    public static BlockVerdict Unknown(BlockReason reason, string detail = "") => new(VerdictKind.Unknown, reason, detail, null);

    public static BlockVerdict Valid(ProtocolRecord record) => new(VerdictKind.Valid, BlockReason.None, "", record);
}

/// <summary>One offence counts once: (validator, height, kind) (consensus N3).</summary>
public readonly record struct EvidenceKey(Address Validator, ulong Height, byte Kind) : IComparable<EvidenceKey>
{
    public static EvidenceKey Of(Consensus.Evidence evidence) => new(ValidatorSets.ToAddress(evidence.Validator), evidence.Height, (byte)evidence.Kind);

    public int CompareTo(EvidenceKey other)
    {
        int order = Height.CompareTo(other.Height);
        order = order != 0 ? order : Validator.CompareTo(other.Validator);
        return order != 0 ? order : Kind.CompareTo(other.Kind);
    }
}
