namespace Theseus.Consensus;

/// <summary>
/// Everything that can happen to the core. Messages come in verified; time, signatures and the application's answers are inputs
/// too.
/// </summary>
public abstract record Input
{
    private Input()
    {
    }

    /// <summary>Begins a height at round 0. A height that is not above the current one is refused (F17).</summary>
    /// <param name="Height">The height.</param>
    /// <param name="Set">Its validators.</param>
    /// <param name="Self">This node, or null for one that only follows. One outside the set follows too (F19).</param>
    /// <param name="Timeouts">The height's timeouts (consensus N7).</param>
    public sealed record StartHeight(ulong Height, ValidatorSet Set, ValidatorId? Self, Timeouts Timeouts) : Input;

    /// <param name="Proposal">The proposal.</param>
    /// <param name="ReceivedAt">Receipt in ms since the Unix epoch; handed to the application with the value (consensus N5).</param>
    public sealed record ProposalIn(Verified<Signed<Proposal>> Proposal, ulong ReceivedAt) : Input;

    /// <summary>A vote of the current height.</summary>
    /// <param name="Vote">The vote, verified.</param>
    public sealed record VoteIn(Verified<Signed<Vote>> Vote) : Input;

    /// <summary>A commit certificate of the current height.</summary>
    /// <param name="Certificate">The certificate, verified.</param>
    public sealed record CommitIn(Verified<CommitCertificate> Certificate) : Input;

    /// <summary>A polka certificate of the current height.</summary>
    /// <param name="Certificate">The certificate, verified.</param>
    public sealed record PolkaIn(Verified<PolkaCertificate> Certificate) : Input;

    /// <summary>A round certificate of the current height.</summary>
    /// <param name="Certificate">The certificate, verified.</param>
    public sealed record RoundIn(Verified<RoundCertificate> Certificate) : Input;

    /// <summary>The content of a value is on this node.</summary>
    /// <param name="Height">The height.</param>
    /// <param name="Value">The value.</param>
    /// <param name="BuiltForRound">The round whose <see cref="Effect.AskValue"/> this answers, or -1 for content from others.</param>
    public sealed record ValueReady(ulong Height, ValueId Value, int BuiltForRound) : Input;

    /// <summary>
    /// The application's answer to <see cref="Effect.AskVerdict"/>; a later one replaces it, except that Valid stays Valid
    /// (F27).
    /// </summary>
    /// <param name="Height">The height.</param>
    /// <param name="Value">The value.</param>
    /// <param name="FreshRound">The round for which the value was judged as a fresh proposal, or -1 when its content alone was.</param>
    /// <param name="Judgement">Valid, Invalid or Unknown.</param>
    /// <param name="Reason">The application's reason (consensus N12), 0 if valid.</param>
    public sealed record Verdict(ulong Height, ValueId Value, int FreshRound, Judgement Judgement, ushort Reason) : Input;

    /// <summary>An own vote, signed and durable: now it counts and is sent.</summary>
    public sealed record OwnVote(Signed<Vote> Vote) : Input;

    /// <summary>An own proposal, signed and durable.</summary>
    public sealed record OwnProposal(Signed<Proposal> Proposal) : Input;

    /// <summary>A timer that <see cref="Effect.Schedule"/> asked for is due.</summary>
    /// <param name="Kind">Which timer.</param>
    /// <param name="Height">Its height.</param>
    /// <param name="Round">Its round.</param>
    public sealed record TimeoutElapsed(TimeoutKind Kind, ulong Height, int Round) : Input;
}
