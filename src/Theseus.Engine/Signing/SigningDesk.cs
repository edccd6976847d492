using Theseus.Consensus;

namespace Theseus.Engine;

/// <summary>
/// Whether and what this node signs (consensus N14). Gives own messages back as inputs, which count once the log has them and the mark is
/// durable: see <see cref="LoggedCore.ApplyOwn"/>.
/// </summary>
internal sealed class SigningDesk(EngineDevices devices, EngineClock clock, TimerQueue timers)
{
    /// <summary>Milliseconds after which an unavailable signer is asked again (F28).</summary>
    private const int SignerRetry = 50;

    // only rises: what is promised not to be signed is not signed later
    private ulong _abstainThrough;

    // what an unavailable signer is asked again; at most one, since the core asks in rising order and an older wish is over
    private Effect? _waiting;

    /// <summary>The last mark; null if nothing was signed, or without a signer.</summary>
    public Mark? Mark => devices.Signer?.Mark;

    /// <summary>Whether messages of a height may be signed.</summary>
    public bool MaySign(ulong height) => devices.Signer is not null && height > _abstainThrough;

    /// <summary>Signs nothing up to and including a height.</summary>
    public void Abstain(ulong through, AbstainReason reason)
    {
        _abstainThrough = ulong.Max(_abstainThrough, through);
        devices.Events(new EngineEvent.Abstains(through, reason));
    }

    /// <summary>Signs what the core asks to have signed.</summary>
    /// <param name="asked">A vote or a proposal to sign.</param>
    /// <param name="context">The context of its height.</param>
    /// <param name="logHead">The head of what is durable in the log.</param>
    /// <returns>The own message; null if it may not be signed, or not now.</returns>
    public Input? Sign(Effect asked, SignContext context, ValueId logHead)
    {
        _waiting = null;
        switch (asked)
        {
            case Effect.SignVote { Vote: { } vote }:
                SignKind kind = vote.Type == VoteType.Prevote ? SignKind.Prevote : SignKind.Precommit;
                return Sign(asked, new SignRequest(kind, vote.Height, vote.Round, SignBytes.Of(context, vote), logHead)) is { } signed
                    ? new Input.OwnVote(new Signed<Vote>(vote, signed))
                    : null;
            case Effect.SignProposal { Proposal: { } own }:
                SignRequest request = new(SignKind.Proposal, own.Height, own.Round, SignBytes.Of(context, own), logHead);
                return Sign(asked, request) is { } signature ? new Input.OwnProposal(new Signed<Proposal>(own, signature)) : null;
            default:
                throw new ArgumentException("neither vote nor proposal", nameof(asked));
        }
    }

    /// <summary>Asks an unavailable signer again: for the same bytes, until the step is over (F28).</summary>
    public Input? Retry(State state, SignContext context, ValueId logHead)
    {
        (ulong Height, int Round)? of = _waiting switch
        {
            Effect.SignVote asked => (asked.Vote.Height, asked.Vote.Round),
            Effect.SignProposal asked => (asked.Proposal.Height, asked.Proposal.Round),
            _ => null,
        };
        return of == (state.Height, state.Round) ? Sign(_waiting!, context, logHead) : null;
    }

    /// <summary>Signs the opening of a proposal's stream (consensus N11), which no mark covers.</summary>
    public StreamInit? Init(ulong height, int round, SignContext context) =>
        devices.Signer?.SignUnmarked(SignKind.Init, StreamInit.SignBytesOf(context, height, round)) is { } signature
            ? new StreamInit(height, round, devices.Self!.Value, signature)
            : null;

    /// <summary>
    /// The own message that the mark has and the core has not: the mark was durable first, and the message may have left, so it stands
    /// (consensus N14).
    /// </summary>
    public Input? OnlyInMark(State state) =>
        state.Self is { } self && Mark is { } mark && mark.Height == state.Height && !Stands(mark, state)
            ? SignedMessage.TryRead(mark, self)
            : null;

    private static bool Stands(Mark mark, State state) => mark.Kind switch
    {
        SignKind.Proposal => state.OwnProposal is { } own && own.Message.Round >= mark.Round,
        SignKind.Prevote => state.OwnPrevote is { } own && own.Message.Round >= mark.Round,
        _ => state.OwnPrecommit is { } own && own.Message.Round >= mark.Round,
    };

    private ByteString? Sign(Effect asked, SignRequest request)
    {
        if (!MaySign(request.Height))
        {
            return null;
        }

        switch (devices.Signer!.Sign(request))
        {
            case SignOutcome.Signature signature:
                return signature.Bytes;
            case SignOutcome.Unavailable:
                _waiting = asked;
                timers.Set(new TimerName(TimerKind.Sign), clock.Now + SignerRetry);
                return null;
            default:
                // the mark knows of a message that this state does not: this step is lost, not the node
                devices.Events(new EngineEvent.Abstains(request.Height, AbstainReason.MarkRefuses));
                return null;
        }
    }
}
