using Theseus.Consensus;

namespace Theseus.Engine;

/// <summary>One height after the other: opening, pacing (consensus N6), deciding (N16).</summary>
public sealed partial class EngineLoop
{
    private bool PumpReplies()
    {
        int taken = 0;
        for (; !_halted && taken < TakenAPump && _devices.Application.ReplyReader.TryRead(out AppReply? reply); taken++)
        {
            switch (reply)
            {
                case AppReply.HeightOpened opened:
                    Opened(opened);
                    break;
                case AppReply.CannotOpen missing:
                    Halt(HaltReason.MissingModule, $"height {missing.Height} needs {string.Join(", ", missing.Missing)}");
                    break;
                case AppReply.Part part:
                    _heights.Current?.Proposal.Take(part);
                    break;
                case AppReply.Fin fin:
                    BuiltFin(fin);
                    break;
                case AppReply.CannotBuild cannot:
                    _heights.Current?.Proposal.Take(cannot);
                    break;
                case AppReply.Verdict verdict when verdict.Height == _heights.Current?.Number:
                    Apply(new Input.Verdict(verdict.Height, verdict.Value, verdict.FreshRound, verdict.Judgement, verdict.Reason));
                    break;
                case AppReply.Decided decided:
                    DecisionDurable(decided.Height);
                    break;
                case AppReply.Executed executed:
                    _heights.Execute(executed.Height);
                    break;
                case AppReply.FalseEvidence told:
                    _devices.Transport.Penalise(told.From, PeerFault.Refused);
                    break;
                case AppReply.DecidedRange range:
                    _catchup.Serve(range);
                    break;
                default:
                    break;
            }
        }

        return taken > 0;
    }

    private void BuiltFin(AppReply.Fin fin)
    {
        if (_heights.Current?.Proposal.Take(fin) is { } content)
        {
            Keep(fin.Value, content, fin.Round);
        }
    }

    private void Opened(AppReply.HeightOpened opened)
    {
        if (_heights.Current is null)
        {
            _heights.StandAt(opened);
            _catchup.Begin(opened.Height);
            if (Recover(opened))
            {
                return;
            }
        }

        if (_heights.Open(opened))
        {
            foreach (Incoming incoming in _future.Take(opened.Height))
            {
                _ripe.Enqueue(incoming);
            }
        }
    }

    // consensus N6
    private bool TryStartNext()
    {
        if (_halted || _heights.Startable is not { } next)
        {
            return false;
        }

        CheckedHeight? served = _catchup.Served(next);
        if (!_heights.MayStart(next, served is not null))
        {
            return false;
        }

        Start(next, served);
        return true;
    }

    private void Start(OpenHeight next, CheckedHeight? ready)
    {
        _core.BeginHeight(new HeightStart(next.Number, [.. next.Rules.Modules], next.Rules.Set.Id, ChainedLog.Format));
        _heights.Enter(next);

        // C58: a height that is decided elsewhere is only followed
        bool votes = ready is null && _signing.MaySign(next.Number);
        _devices.Events(new EngineEvent.HeightStarted(next.Number, votes));
        Apply(new Input.StartHeight(next.Number, next.Rules.Set, votes ? _devices.Self : null, next.Rules.Timeouts));
        if (ready is not null)
        {
            TakeServed(ready);
        }

        RecoverFromMark();
        foreach (Input input in next.Early.Take())
        {
            TakeVerified(input);
        }
    }

    private bool PumpSync()
    {
        if (_halted || _heights.Current is null)
        {
            return false;
        }

        CheckedHeight? served = _catchup.ServedCurrent();
        if (served is not null)
        {
            TakeServed(served);
        }

        return _catchup.Work() || served is not null;
    }

    private void TakeServed(CheckedHeight height)
    {
        _catchup.Accept(height);
        if (height.Certificate is { } certificate)
        {
            Apply(new Input.CommitIn(certificate)); // first: content is kept of what is signed for
        }

        Keep(height.Item.Certificate.Value, height.Item.Content, Rounds.Nil);
    }

    private void Decide(CommitCertificate certificate)
    {
        _heights.Decide();
        Remember(certificate);
        _devices.Events(new EngineEvent.HeightDecided(certificate.Height, certificate.Round, certificate.Value));
        _heights.Current!.Contents.TryGet(certificate.Value, out ReadOnlyMemory<byte> content);
        Request(new AppRequest.Decide(certificate, content));
        Request(new AppRequest.OpenHeight(certificate.Height + 1)); // answered after it, and used when the decision is durable
    }

    private void DecisionDurable(ulong height)
    {
        if (_heights.Store(height))
        {
            _catchup.Advance(height + 1);
        }
    }
}
