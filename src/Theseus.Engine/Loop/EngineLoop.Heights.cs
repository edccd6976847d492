using Theseus.Consensus;

namespace Theseus.Engine;

/// <summary>One height after the other: opening, pacing (consensus N6), deciding (N16).</summary>
public sealed partial class EngineLoop
{
    private readonly EarlyInputs _early = new();
    private AppReply.HeightOpened? _opened;
    private AppReply.HeightOpened? _next;
    private Verifier? _verifier;
    private Verifier? _nextVerifier;
    private CommitCertificate? _lastCommit;
    private ulong _durable;
    private ulong _executed;
    private long _startedAt;
    private long _decidedAt;

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
                    BuiltPart(part);
                    break;
                case AppReply.Fin fin:
                    BuiltFin(fin);
                    break;
                case AppReply.CannotBuild:
                    _built = null; // the propose timeout ends the wait (C3)
                    break;
                case AppReply.Verdict verdict when verdict.Height == _state.Height && _opened is not null:
                    Apply(new Input.Verdict(verdict.Height, verdict.Value, verdict.FreshRound, verdict.Judgement, verdict.Reason));
                    break;
                case AppReply.Decided decided:
                    DecisionDurable(decided.Height);
                    break;
                case AppReply.Executed executed:
                    _executed = ulong.Max(_executed, executed.Height);
                    break;
                case AppReply.FalseEvidence told:
                    _devices.Transport.Penalise(told.From, PeerFault.Refused);
                    break;
                case AppReply.DecidedRange range:
                    Serve(range);
                    break;
                default:
                    break;
            }
        }

        return taken > 0;
    }

    private void Opened(AppReply.HeightOpened opened)
    {
        _executed = ulong.Max(_executed, opened.ExecutedThrough);
        if (_opened is null)
        {
            _durable = opened.Height - 1;
            _sync.Advance(opened.Height);
            _timers.Set(new TimerName(TimerKind.Tick), Now + TickInterval);
            if (Recover(opened))
            {
                return;
            }
        }
        else if (opened.Height != _state.Height + 1)
        {
            return; // an answer to a question asked twice
        }

        _lowest = opened.Lowest;
        _next = opened;
        _nextVerifier = VerifierOf(opened);
        foreach (Incoming incoming in _future.Take(opened.Height))
        {
            _ripe.Enqueue(incoming);
        }
    }

    private Verifier VerifierOf(AppReply.HeightOpened opened) => new(_devices.Signatures, opened.Context, opened.Set, opened.Height);

    // consensus N6
    private bool TryStartNext()
    {
        if (_halted || _next is not { } next || (_opened is not null && _durable < _state.Height))
        {
            return false;
        }

        CheckedHeight? ready = ReadyFromSync(next);
        bool executed = _executed >= next.Height - 1;
        if (_opened is { } last && !MayStart(last, next, ready is not null, executed))
        {
            return false;
        }

        Start(next, ready);
        return true;
    }

    private bool MayStart(AppReply.HeightOpened last, AppReply.HeightOpened next, bool isReady, bool executed)
    {
        long interval = _startedAt + last.BlockInterval;
        long patience = _decidedAt + last.ExecutionPatience;
        if ((executed && (isReady || Now >= interval)) || Now >= patience)
        {
            return true;
        }

        if (_early.Power >= next.Set.Honest)
        {
            return true; // more than 1/3 are there already
        }

        _timers.Set(new TimerName(TimerKind.Pace), executed ? interval : patience);
        return false;
    }

    private void Start(AppReply.HeightOpened next, CheckedHeight? ready)
    {
        ValueId[] modules = [.. next.Modules];
        _core.BeginHeight(new HeightStart(next.Height, modules, next.Set.Id, ChainedLog.Format));
        Enter(next);

        // C58: a height that is decided elsewhere is only followed
        bool votes = ready is null && _signing.MaySign(next.Height);
        _devices.Events(new EngineEvent.HeightStarted(next.Height, votes));
        Apply(new Input.StartHeight(next.Height, next.Set, votes ? _devices.Self : null, next.Timeouts));
        if (ready is not null)
        {
            TakeSynced(ready);
        }

        RecoverFromMark();
        foreach (Input input in _early.Take())
        {
            TakeVerified(input);
        }
    }

    private void Enter(AppReply.HeightOpened opened)
    {
        _opened = opened;
        _verifier = VerifierOf(opened);
        (_next, _nextVerifier) = (null, null);
        _startedAt = Now;
        _contents.NextHeight();
        _streams.DropBelow(opened.Height, 0);
        _awaiting.Clear();
        _wanted.Clear();
        _built = null;
    }

    private void Decide(CommitCertificate certificate)
    {
        _decidedAt = Now;
        Remember(certificate);
        _devices.Events(new EngineEvent.HeightDecided(certificate.Height, certificate.Round, certificate.Value));
        _contents.TryGet(certificate.Value, out ReadOnlyMemory<byte> content);
        Request(new AppRequest.Decide(certificate, content));
        Request(new AppRequest.OpenHeight(certificate.Height + 1)); // answered after it, and used when the decision is durable
    }

    private void DecisionDurable(ulong height)
    {
        if (height <= _durable)
        {
            return;
        }

        _durable = height;
        _sync.Advance(height + 1);
        TellStatus();
    }
}
