using Theseus.Consensus;

namespace Theseus.Engine;

/// <summary>Signing: mark and log durable together, then the message counts and leaves (consensus N14).</summary>
public sealed partial class EngineLoop
{
    /// <summary>Milliseconds after which an unavailable signer is asked again (F28).</summary>
    private const int SignerRetry = 50;

    private ulong _abstainThrough;
    private Vote? _unsignedVote;
    private Proposal? _unsignedProposal;

    private bool MaySign => _devices.Signer is not null && _state.Height > _abstainThrough;

    private void Sign(Vote vote)
    {
        SignKind kind = vote.Type == VoteType.Prevote ? SignKind.Prevote : SignKind.Precommit;
        (_unsignedVote, _unsignedProposal) = (null, null); // an older wish is over: the core asks in rising order
        if (!MaySign)
        {
            return;
        }

        if (TrySign(kind, vote.Height, vote.Round, SignBytes.Of(_opened!.Context, vote)) is { } signature)
        {
            Own(new Input.OwnVote(new Signed<Vote>(vote, signature)));
        }
        else if (_timers.IsSet(new TimerName(TimerKind.Sign)))
        {
            _unsignedVote = vote;
        }
    }

    private void Sign(Proposal proposal)
    {
        (_unsignedVote, _unsignedProposal) = (null, null);
        if (!MaySign)
        {
            return;
        }

        if (TrySign(SignKind.Proposal, proposal.Height, proposal.Round, SignBytes.Of(_opened!.Context, proposal)) is { } signature)
        {
            Own(new Input.OwnProposal(new Signed<Proposal>(proposal, signature)));
        }
        else if (_timers.IsSet(new TimerName(TimerKind.Sign)))
        {
            _unsignedProposal = proposal;
        }
    }

    private ByteString? TrySign(SignKind kind, ulong height, int round, byte[] signBytes)
    {
        switch (_devices.Signer!.Sign(new SignRequest(kind, height, round, signBytes, _log!.SyncedHead)))
        {
            case SignOutcome.Signature signature:
                return signature.Bytes;
            case SignOutcome.Unavailable:
                _timers.Set(new TimerName(TimerKind.Sign), Now + SignerRetry);
                return null;
            default:
                // the mark knows of a message that this state does not: this step is lost, not the node
                _devices.Events(new EngineEvent.Abstains(height, AbstainReason.MarkRefuses));
                return null;
        }
    }

    private void Own(Input own)
    {
        _log!.Append(EntryKind.Input, InputEncoding.Encode(own));
        SyncLog(withMark: true);
        Drive(own);
    }

    // F28: the same bytes until the step is over
    private void RetrySigning()
    {
        if (_unsignedVote is { } vote && vote.Round == _state.Round && vote.Height == _state.Height)
        {
            Sign(vote);
        }
        else if (_unsignedProposal is { } proposal && proposal.Round == _state.Round && proposal.Height == _state.Height)
        {
            Sign(proposal);
        }
    }

    private void SyncLog(bool withMark)
    {
        _log!.Flush();
        if (withMark && _devices.Signer?.MarkFile is { } mark)
        {
            _devices.Disk.Sync([_log.File, mark]);
        }
        else
        {
            _devices.Disk.Sync([_log.File]);
        }

        _log.Synced();
    }

    private void Abstain(ulong through, AbstainReason reason)
    {
        _abstainThrough = ulong.Max(_abstainThrough, through);
        _devices.Events(new EngineEvent.Abstains(through, reason));
    }
}
