namespace Theseus.Consensus;

/// <summary>
/// What the core wants done. The effects of one step are carried out in their order; what stands behind a
/// <see cref="Persist"/> may begin only when that is durable.
/// </summary>
public abstract record Effect
{
    private Effect()
    {
    }

    /// <summary>
    /// Sign this vote, make it and everything before it durable, and hand it back as <see cref="Input.OwnVote"/> (consensus
    /// N14). Never asked twice for one (round, step).
    /// </summary>
    public sealed record SignVote(Vote Vote) : Effect;

    /// <summary>As <see cref="SignVote"/>, for a proposal.</summary>
    public sealed record SignProposal(Proposal Proposal) : Effect;

    /// <summary>
    /// Make durable before going on: a commit certificate (consensus N16; the host may leave that to the application that it
    /// hands the decision to) or evidence (N3).
    /// </summary>
    public sealed record Persist(ConsensusMessage Message) : Effect;

    /// <summary>Send to all, or to one validator.</summary>
    public sealed record Send(ConsensusMessage Message, ValidatorId? To) : Effect;

    /// <summary>
    /// Hand back <see cref="Input.TimeoutElapsed"/> after <paramref name="Milliseconds"/>. A later one of the same name
    /// replaces it.
    /// </summary>
    public sealed record Schedule(TimeoutKind Kind, ulong Height, int Round, int Milliseconds) : Effect;

    /// <summary>This node proposes: build a value and answer with <see cref="Input.ValueReady"/> before the propose timeout.</summary>
    public sealed record AskValue(ulong Height, int Round, int Milliseconds) : Effect;

    /// <summary>Judge a value and answer with <see cref="Input.Verdict"/>.</summary>
    /// <param name="Height">The height.</param>
    /// <param name="Value">The value.</param>
    /// <param name="FreshRound">
    /// The round of a fresh proposal, whose proposer, round and time are judged too (N5, N10); -1 to judge the content alone.
    /// </param>
    /// <param name="Proposer">The proposer of a fresh proposal, else zero.</param>
    /// <param name="ReceivedAt">Receipt of a fresh proposal, ms; else 0.</param>
    /// <param name="Polka">The polka that settles a differing result (N10), if the content is judged because of one.</param>
    public sealed record AskVerdict(
        ulong Height, ValueId Value, int FreshRound, ValidatorId Proposer, ulong ReceivedAt, PolkaCertificate? Polka) : Effect;

    /// <summary>
    /// Get the content of a value from one of its holders, who signed for it, and answer with <see cref="Input.ValueReady"/>
    /// (consensus N9).
    /// </summary>
    public sealed record Fetch(ulong Height, ValueId Value, IReadOnlyList<ValidatorId> Holders) : Effect;

    /// <summary>The height is decided; the content is on this node.</summary>
    public sealed record Decide(CommitCertificate Certificate) : Effect;

    /// <summary>
    /// The height is over: its certificate with all late precommits, and all evidence found (C56). Comes with the next <see
    /// cref="Input.StartHeight"/>.
    /// </summary>
    public sealed record Finalize(CommitCertificate Certificate, IReadOnlyList<Evidence> Evidence) : Effect;

    /// <summary>Something to be known: by operators, the evidence pool, metrics.</summary>
    public sealed record Report(ReportKind Kind, ulong Height, int Round, ValidatorId? Validator, Evidence? Evidence) : Effect;
}

/// <summary>What the core reports.</summary>
public enum ReportKind
{
    /// <summary>A round was entered; the validator is its proposer.</summary>
    EnteredRound = 1,

    /// <summary>New evidence, one for each (validator, kind).</summary>
    EvidenceFound,

    /// <summary>An input of another height: the host buffers and answers those.</summary>
    OtherHeight,

    /// <summary>A height was to start that is not above the current one (F17).</summary>
    HeightRegression,

    /// <summary>The application took back a Valid (F27).</summary>
    VerdictReversed,

    /// <summary>The network decided a value that this node's application calls invalid: the height waits (F27).</summary>
    DecidedInvalid,

    /// <summary>Two values are decided: at least 1/3 is faulty. The host stops finalising and keeps both (F29).</summary>
    ConflictingCommits,

    /// <summary>An own message that contradicts an own earlier one: the host abstains.</summary>
    OwnMismatch,

    /// <summary>The round ceiling is reached; the height halts (F22).</summary>
    RoundCeiling,
}
