using System.Runtime.ExceptionServices;
using Theseus.Consensus;

namespace Theseus.Engine;

/// <summary>
/// Runs the core for one node: messages in, effects out, persisted in between. Owns no thread: <see cref="Pump"/> does what
/// there is to do on the caller's, <see cref="RunAsync"/> waits between pumps with the given clock. Not safe for use by two
/// threads at once.
/// </summary>
public sealed partial class EngineLoop
{
    /// <summary>
    /// What is taken of each queue in one pump, of frames, answers and verified messages: no queue starves another one, nor the timers.
    /// </summary>
    internal const int TakenAPump = 64;

    /// <summary>
    /// How long <see cref="RunAsync"/> keeps a thread that woke it, a session's or the application's: a flood of one peer must
    /// not hold up another's reading or a block's execution.
    /// </summary>
    private static readonly TimeSpan Loan = TimeSpan.FromMilliseconds(5);

    private readonly EngineDevices _devices;
    private readonly EngineClock _clock;
    private readonly TimerQueue _timers = new();
    private readonly FutureBuffer _future = new();
    private readonly Queue<Effect> _effects = new();
    private readonly LoggedCore _core;
    private readonly SigningDesk _signing;
    private readonly HeightSequence _heights;
    private readonly ContentDesk _contents;
    private readonly Catchup _catchup;
    private bool _halted;

    /// <summary>An engine that has done nothing yet: the first <see cref="Pump"/> opens the log.</summary>
    /// <param name="devices">Everything that it touches.</param>
    public EngineLoop(EngineDevices devices)
    {
        _devices = devices;
        _clock = new EngineClock(devices.Time);
        _core = new LoggedCore(devices);
        _signing = new SigningDesk(devices, _clock, _timers);
        _heights = new HeightSequence(devices, _clock, _timers);
        _contents = new ContentDesk(devices, _clock, _timers, _heights, _core.State);
        _catchup = new Catchup(devices, _clock, _timers, _heights, _core.State);
    }

    /// <summary>The core's state, to be read between pumps.</summary>
    public State Core => _state;

    /// <summary>
    /// The engine stopped: it signs and decides nothing more, and only serves decided heights to others (F6). It must be made
    /// anew.
    /// </summary>
    public bool IsHalted => _halted;

    /// <summary>What broke, if the engine halted because something did; null otherwise.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Which decided heights are asked of whom.</summary>
    public ValueSync Sync => _catchup.Sync;

    /// <summary>When the next timer is due, in ms from now; null if none is set.</summary>
    public long? NextDueIn => _timers.NextDue is { } due ? long.Max(0, due - Now) : null;

    private State _state => _core.State;

    private long Now => _clock.Now;

    /// <summary>Does everything that can be done now.</summary>
    /// <returns>Whether anything was done.</returns>
    public bool Pump()
    {
        try
        {
            if (_halted)
            {
                return _catchup.ServeOnly();
            }

            if (!_core.IsOpen)
            {
                Open();
                return true;
            }

            bool worked = PumpReplies();
            worked |= PumpVerified(TakenAPump);
            worked |= PumpTimers();
            worked |= PumpInbox();
            worked |= PumpSync();
            worked |= TryStartNext();
            return worked;
        }
        catch (Exception e)
        {
            // F6: whatever broke, the disk or this program: nothing more is signed, and nothing unsynced has left. RunAsync throws it.
            Failure = e;
            Halt(e is IOException or UnauthorizedAccessException ? HaltReason.DiskFailed : HaltReason.Fault, e.Message);
            return true;
        }
    }

    /// <summary>
    /// Pumps until cancelled, waiting for frames, answers, verified messages and timers. Runs on the thread that brought what it waited
    /// for, for a short time: a hop to another costs more than a vote.
    /// </summary>
    /// <exception cref="Exception">What broke the engine: a device's <see cref="IOException"/>, or a fault of this program.</exception>
    public async Task RunAsync(CancellationToken cancellation)
    {
        Task<bool>? frames = null;
        Task<bool>? replies = null;
        Task<bool>? verified = null;
        Task? timer = null;
        long timerDue = long.MaxValue;
        CancellationTokenSource? wake = null;
        long lent = _devices.Time.GetTimestamp();
        while (!cancellation.IsCancellationRequested)
        {
            bool worked = Pump();
            if (Failure is { } failure)
            {
                ExceptionDispatchInfo.Throw(failure);
            }

            if (worked)
            {
                if (_devices.Time.GetElapsedTime(lent) > Loan)
                {
                    await Task.Yield();
                    lent = _devices.Time.GetTimestamp();
                }

                continue;
            }

            frames = Renew(frames, _devices.Transport.Inbox, cancellation);
            replies = Renew(replies, _devices.Application.ReplyReader, cancellation);
            verified = Renew(verified, _devices.Verification.Results, cancellation);
            long due = !_halted && _timers.NextDue is { } next ? next : long.MaxValue;
            if (timer is null or { IsCompleted: true } || due < timerDue)
            {
                // A wait that ends too early is harmless: most timers are replaced by later ones, and making a wait for each is dear.
                if (wake is not null)
                {
                    await wake.CancelAsync();
                    wake.Dispose();
                }

                wake = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
                timerDue = due;
                TimeSpan wait = due == long.MaxValue ? Timeout.InfiniteTimeSpan : TimeSpan.FromMilliseconds(long.Max(0, due - Now));
                timer = Task.Delay(wait, _devices.Time, wake.Token);
            }

            await Task.WhenAny(frames, replies, verified, timer);
            lent = _devices.Time.GetTimestamp();
        }

        wake?.Dispose();
    }

    private static Task<bool> Renew<T>(
        Task<bool>? waiting, System.Threading.Channels.ChannelReader<T> reader, CancellationToken cancellation) =>
        waiting is { IsCompleted: false } ? waiting : reader.WaitToReadAsync(cancellation).AsTask();

    private bool PumpTimers()
    {
        bool any = false;
        while (!_halted && _timers.TryTake(Now, out DueTimer timer))
        {
            any = true;
            switch (timer.Name.Kind)
            {
                case TimerKind.Core when timer.Height != _state.Height || timer.Round != _state.Round:
                    break; // of a round that is over
                case TimerKind.Core:
                    Apply(new Input.TimeoutElapsed(timer.Name.Core, timer.Height, timer.Round));
                    break;
                case TimerKind.Fetch:
                    _contents.Fetch();
                    break;
                case TimerKind.Sign:
                    Own(_heights.Current is { } current ? _signing.Retry(_state, current.Rules.Context, _core.SyncedHead) : null);
                    break;
                case TimerKind.Tick:
                    _catchup.Tick();
                    break;
                case TimerKind.Requests:
                    _catchup.PlanSoon();
                    break;
                case TimerKind.Pace:
                default:
                    break; // the pump looks anyway
            }
        }

        return any;
    }

    // One input: into the log, through the core, effects carried out (consensus N14).
    private void Apply(Input input)
    {
        if (_halted)
        {
            return;
        }

        CarryOut(_core.Apply(input));
    }

    private void CarryOut(IReadOnlyList<Effect> effects)
    {
        foreach (Effect effect in effects)
        {
            _effects.Enqueue(effect);
        }

        Carry();
        UseStreams();
    }

    private void UseStreams()
    {
        while (!_halted && _contents.TryUseStream(out ArrivedContent arrived))
        {
            Keep(arrived.Value, arrived.Content, Rounds.Nil);
        }
    }

    // The content of a value, checked against its id: kept for others and for a restart, then told to the core.
    private void Keep(ValueId value, ReadOnlyMemory<byte> content, int builtForRound)
    {
        OpenHeight current = _heights.Current!;
        if (current.TryKeep(value, content, builtForRound >= 0, _state.Tracks))
        {
            _core.WriteContent(value, content);
            Apply(new Input.ValueReady(_state.Height, value, builtForRound));
            CarryOut(current.TakeAwaiting(value));
        }
    }

    private void AskValue(Effect.AskValue ask)
    {
        if (_signing.MaySign(ask.Height))
        {
            OpenHeight current = _heights.Current!;
            current.Proposal.Begin(ask.Height, ask.Round, _signing.Init(ask.Height, ask.Round, current.Rules.Context));
            Request(new AppRequest.Build(ask.Height, ask.Round, ask.Milliseconds, _heights.LastCommit));
        }
    }

    private void Fetch(Effect.Fetch fetch)
    {
        if (_contents.Want(fetch.Value, fetch.Holders, Now) && !_state.HasContent(fetch.Value))
        {
            Apply(new Input.ValueReady(_state.Height, fetch.Value, Rounds.Nil)); // the core had forgotten the value
        }
    }

    private void Own(Input? own)
    {
        if (own is not null)
        {
            CarryOut(_core.ApplyOwn(own));
        }
    }

    private void Carry()
    {
        while (!_halted && _effects.TryDequeue(out Effect? effect))
        {
            Carry(effect);
        }
    }

    private void Carry(Effect effect)
    {
        switch (effect)
        {
            case Effect.SignVote or Effect.SignProposal:
                Own(_signing.Sign(effect, _heights.Current!.Rules.Context, _core.SyncedHead));
                break;
            case Effect.Persist persist:
                _core.Keep(persist.Message);
                break;
            case Effect.Send send:
                SendMessage(send);
                break;
            case Effect.Schedule timer:
                _timers.Set(new TimerName(TimerKind.Core, timer.Kind), Now + timer.Milliseconds, timer.Height, timer.Round);
                break;
            case Effect.AskValue ask:
                AskValue(ask);
                break;
            case Effect.AskVerdict ask:
                if (_heights.Current!.Question(ask, _state.Tracks) is { } question)
                {
                    Request(question);
                }

                break;
            case Effect.Fetch fetch:
                Fetch(fetch);
                break;
            case Effect.Decide decide:
                Decide(decide.Certificate);
                break;
            case Effect.Finalize final:
                _heights.Finish(final.Certificate);
                Remember(final.Certificate);
                Request(new AppRequest.Finalize(final.Certificate));
                break;
            case Effect.Report report:
                Report(report);
                break;
            default:
                throw new InvalidOperationException("unknown effect");
        }
    }

    private void Report(Effect.Report report)
    {
        switch (report.Kind)
        {
            case ReportKind.EnteredRound:
                _devices.Events(new EngineEvent.RoundEntered(report.Height, report.Round, report.Validator ?? default));
                _contents.DropBelow(report.Height, report.Round);
                _contents.WantProposed();
                return;
            case ReportKind.EvidenceFound:
                Request(new AppRequest.EvidenceFound(report.Evidence!, From: null));
                _devices.Transport.Broadcast(FrameOf(new ConsensusMessage.OfEvidence(report.Evidence!)));
                break;
            case ReportKind.OwnMismatch:
                _signing.Abstain(_state.Height, AbstainReason.OwnMismatch);
                break;
            default:
                break;
        }

        _devices.Events(new EngineEvent.CoreReport(report));
        if (report.Kind == ReportKind.ConflictingCommits)
        {
            _core.Sync(); // F29: both certificates are kept
            Halt(HaltReason.AgreementBroken, $"height {report.Height}");
        }
        else if (report.Kind == ReportKind.RoundCeiling)
        {
            Halt(HaltReason.RoundCeiling, $"height {report.Height}");
        }
    }

    private void SendMessage(Effect.Send send)
    {
        if (send.Message is ConsensusMessage.OfProposal own && _heights.Current!.Proposal.TryEnd(own.Proposal))
        {
            return; // consensus N11: Fin is the signed proposal
        }

        Frame frame = FrameOf(send.Message);
        if (send.To is not { } to)
        {
            _devices.Transport.Broadcast(frame);
        }
        else if (_devices.Transport.Find(to) is { } peer)
        {
            _devices.Transport.Send(peer, frame);
        }
    }

    private static Frame FrameOf(ConsensusMessage message) => new(FrameKind.Consensus, message.Height, Canonical.Encode(message));

    private void Request(AppRequest request)
    {
        if (!_devices.Application.TryRequest(request))
        {
            Halt(HaltReason.ApplicationHangs, request.GetType().Name);
        }
    }

    private void Halt(HaltReason reason, string detail)
    {
        if (!_halted)
        {
            _halted = true;
            _effects.Clear();
            _devices.Events(new EngineEvent.Halted(reason, detail));
        }
    }
}
