using Theseus.Consensus;

namespace Theseus.Engine;

/// <summary>
/// What the engine asks of the application. The engine never waits: it goes on with votes and timers, and takes the
/// <see cref="AppReply"/> when it comes (F26). Requests may be repeated after a restart; all are idempotent.
/// </summary>
public abstract record AppRequest
{
    private AppRequest()
    {
    }

    /// <summary>
    /// What governs a height. Answered by <see cref="AppReply.HeightOpened"/>. 0 asks for the first height whose decision is
    /// not durable. The next height is asked for right behind <see cref="Decide"/>, and answered after it.
    /// </summary>
    public sealed record OpenHeight(ulong Height) : AppRequest;

    /// <summary>
    /// Build a value for this node's own proposal. Answered by <see cref="AppReply.Part"/>s and <see cref="AppReply.Fin"/>,
    /// while it is built (consensus N11), or <see cref="AppReply.CannotBuild"/>.
    /// </summary>
    /// <param name="Height">The height.</param>
    /// <param name="Round">The round.</param>
    /// <param name="Milliseconds">Time until the propose timeout.</param>
    /// <param name="LastCommit">
    /// The certificate of the height before, with late precommits (consensus N13); null at the first height of this run.
    /// </param>
    public sealed record Build(ulong Height, int Round, int Milliseconds, CommitCertificate? LastCommit) : AppRequest;

    /// <summary>
    /// A part of a proposal that streams in, in order, to be checked while it arrives. No answer. What follows may never come;
    /// an application that is far behind gets no more parts and sees the whole content in <see cref="Validate"/>.
    /// </summary>
    public sealed record Part(ulong Height, int Round, ValidatorId Proposer, int Index, ReadOnlyMemory<byte> Bytes) : AppRequest;

    /// <summary>Judge a value (consensus N10). Answered by <see cref="AppReply.Verdict"/>, as often as the judgement changes.</summary>
    /// <param name="Height">The height.</param>
    /// <param name="Value">The value.</param>
    /// <param name="FreshRound">The round of a fresh proposal, whose proposer, round and time count; -1 to judge the content alone.</param>
    /// <param name="Proposer">The proposer of a fresh proposal, else zero.</param>
    /// <param name="ReceivedAt">Its receipt, ms since the Unix epoch (consensus N5).</param>
    /// <param name="Content">The content.</param>
    /// <param name="Polka">The polka that settles a differing result, or null.</param>
    public sealed record Validate(
        ulong Height, ValueId Value, int FreshRound, ValidatorId Proposer, ulong ReceivedAt, ReadOnlyMemory<byte> Content,
        PolkaCertificate? Polka) : AppRequest;

    /// <summary>
    /// The height is decided. Make certificate and content durable, answer <see cref="AppReply.Decided"/>, then execute and
    /// answer <see cref="AppReply.Executed"/> (consensus N16). Idempotent.
    /// </summary>
    public sealed record Decide(CommitCertificate Certificate, ReadOnlyMemory<byte> Content) : AppRequest;

    /// <summary>The height is over: the certificate with its late precommits, which may stand in the next header. No answer.</summary>
    public sealed record Finalize(CommitCertificate Certificate) : AppRequest;

    /// <summary>
    /// Evidence of the right form. The application keeps it across restarts and puts it into blocks (consensus N3). No answer,
    /// or <see cref="AppReply.FalseEvidence"/>.
    /// </summary>
    /// <param name="Evidence">The evidence.</param>
    /// <param name="From">Who told it: its signatures are not checked. Null when it was found, and verified, here.</param>
    public sealed record EvidenceFound(Evidence Evidence, PeerId? From) : AppRequest;

    /// <summary>
    /// Decided heights for a peer that catches up. Answered by <see cref="AppReply.DecidedRange"/> with a prefix of the range.
    /// </summary>
    public sealed record GetDecided(PeerId Peer, uint Request, ulong From, int Count, int MaximumBytes) : AppRequest;
}

/// <summary>A decided height as it is served and imported.</summary>
public sealed record DecidedHeight(CommitCertificate Certificate, ReadOnlyMemory<byte> Content);

/// <summary>The application's answers.</summary>
public abstract record AppReply
{
    private AppReply()
    {
    }

    /// <param name="Height">The height.</param>
    /// <param name="Set">Its validators.</param>
    /// <param name="Context">Chain, genesis and the consensus version of the height (consensus N1).</param>
    /// <param name="Modules">Ids of the modules that govern it (consensus N15).</param>
    /// <param name="Timeouts">Its timeouts (consensus N7).</param>
    /// <param name="BlockInterval">Milliseconds from the start of a height to the start of the next, at least (consensus N6).</param>
    /// <param name="ExecutionPatience">Milliseconds after which the next height starts though the last one is not executed here.</param>
    /// <param name="MaximumContent">Bytes of a value's content at most.</param>
    /// <param name="ExecutedThrough">The highest height executed here.</param>
    /// <param name="Lowest">The lowest decided height that the application can serve to others.</param>
    public sealed record HeightOpened(
        ulong Height,
        ValidatorSet Set,
        SignContext Context,
        IReadOnlyList<ValueId> Modules,
        Timeouts Timeouts,
        int BlockInterval,
        int ExecutionPatience,
        int MaximumContent,
        ulong ExecutedThrough,
        ulong Lowest) : AppReply;

    /// <summary>The node lacks a module that governs the height (record P15): it neither votes nor executes it.</summary>
    public sealed record CannotOpen(ulong Height, IReadOnlyList<ValueId> Missing) : AppReply;

    /// <summary>The next part of the value being built; parts in order make its content.</summary>
    public sealed record Part(ulong Height, int Round, ReadOnlyMemory<byte> Bytes) : AppReply;

    /// <summary>The value is built: all its parts were given.</summary>
    public sealed record Fin(ulong Height, int Round, ValueId Value) : AppReply;

    /// <summary>No value can be built here and now; the propose timeout ends the wait.</summary>
    /// <param name="Height">The height.</param>
    /// <param name="Round">The round.</param>
    public sealed record CannotBuild(ulong Height, int Round) : AppReply;

    /// <summary>The answer to <see cref="AppRequest.Validate"/>.</summary>
    /// <param name="Height">The height.</param>
    /// <param name="Value">The value.</param>
    /// <param name="FreshRound">The round of the fresh proposal, or -1.</param>
    /// <param name="Judgement">Valid, Invalid or Unknown.</param>
    /// <param name="Reason">Why it is not valid (consensus N12); 0 if it is.</param>
    public sealed record Verdict(ulong Height, ValueId Value, int FreshRound, Judgement Judgement, ushort Reason) : AppReply;

    /// <summary>A peer told evidence whose signatures are wrong, of a height whose validators are known: it made it up.</summary>
    public sealed record FalseEvidence(PeerId From) : AppReply;

    /// <summary>Certificate and content of the height are durable.</summary>
    public sealed record Decided(ulong Height) : AppReply;

    /// <summary>A decided height was executed here; the next one may start.</summary>
    /// <param name="Height">The height.</param>
    public sealed record Executed(ulong Height) : AppReply;

    /// <summary>Decided heights for a peer: a prefix of the range that it asked for.</summary>
    /// <param name="Peer">Who asked.</param>
    /// <param name="Request">Its number for the request.</param>
    /// <param name="From">The first height asked for.</param>
    /// <param name="Heights">The heights, ascending without a gap.</param>
    public sealed record DecidedRange(PeerId Peer, uint Request, ulong From, IReadOnlyList<DecidedHeight> Heights) : AppReply;
}
