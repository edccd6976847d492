using System.Runtime.ExceptionServices;
using Theseus.Consensus;

namespace Theseus.Engine;

/// <summary>
/// Runs the core for one node: messages in, effects out, persisted in between. This is the pump (consensus N18); what there is to do
/// belongs to its parts. Owns no thread: <see cref="Pump"/> does what there is to do on the caller's, <see cref="RunAsync"/> waits between
/// pumps with the given clock. Not safe for use by two threads at once.
/// </summary>
public sealed class EngineLoop
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
    private readonly LoggedCore _core;
    private readonly HeightSequence _heights;
    private readonly SigningDesk _signing;
    private readonly ContentDesk _contents;
    private readonly Catchup _catchup;
    private readonly Serving _serving;
    private readonly CoreDriver _driver;
    private readonly Intake _intake;
    private readonly HeightOpener _opener;

    /// <summary>An engine that has done nothing yet: the first <see cref="Pump"/> opens the log.</summary>
    /// <param name="devices">Everything that it touches.</param>
    public EngineLoop(EngineDevices devices)
    {
        _devices = devices;
        _clock = new EngineClock(devices.Time);
        _core = new LoggedCore(devices);
        _heights = new HeightSequence(devices, _clock, _timers);
        _signing = new SigningDesk(devices, _clock, _timers);
        _contents = new ContentDesk(devices, _clock, _timers, _heights, _core.State);
        _catchup = new Catchup(devices, _clock, _timers, _heights, _core.State);
        _serving = new Serving(devices, _heights);
        LateVoters late = new(devices, _clock);
        _driver = new CoreDriver(devices, _clock, _timers, _core, _heights, _signing, _contents, late);
        _intake = new Intake(devices, _clock, _heights, _contents, _catchup, _serving, late, _driver, _core.State);
        _opener = new HeightOpener(devices, _core, _heights, _signing, _contents, _catchup, _driver, _intake);
    }

    /// <summary>The core's state, to be read between pumps.</summary>
    public State Core => _core.State;

    /// <summary>
    /// The engine stopped: it signs and decides nothing more, and only serves decided heights to others (F6). It must be made
    /// anew.
    /// </summary>
    public bool IsHalted => _driver.IsHalted;

    /// <summary>What broke, if the engine halted because something did; null otherwise.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Which decided heights are asked of whom.</summary>
    public ValueSync Sync => _catchup.Sync;

    /// <summary>When the next timer is due, in ms from now; null if none is set.</summary>
    public long? NextDueIn => _timers.NextDue is { } due ? long.Max(0, due - _clock.Now) : null;

    /// <summary>Does everything that can be done now.</summary>
    /// <returns>Whether anything was done.</returns>
    public bool Pump()
    {
        try
        {
            if (IsHalted)
            {
                return _serving.ServeOnly();
            }

            if (!_core.IsOpen)
            {
                _opener.Open();
                return true;
            }

            bool worked = PumpReplies();
            worked |= _intake.TakeVerified(TakenAPump);
            worked |= PumpTimers();
            worked |= _intake.TakeFrames(TakenAPump);
            worked |= _opener.CatchUp();
            _serving.ServeWaiting();
            worked |= _opener.TryStartNext();
            return worked;
        }
        catch (Exception e)
        {
            // F6: whatever broke, the disk or this program: nothing more is signed, and nothing unsynced has left. RunAsync throws it.
            Failure = e;
            _driver.Halt(e is IOException or UnauthorizedAccessException ? HaltReason.DiskFailed : HaltReason.Fault, e.Message);
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
        using PumpWaits waits = new(_devices, _clock, cancellation);
        long lent = _devices.Time.GetTimestamp();
        while (!cancellation.IsCancellationRequested)
        {
            bool worked = Pump();
            if (Failure is { } failure)
            {
                ExceptionDispatchInfo.Throw(failure);
            }

            if (!worked)
            {
                await waits.WaitAsync(IsHalted ? null : _timers.NextDue);
                lent = _devices.Time.GetTimestamp();
            }
            else if (_devices.Time.GetElapsedTime(lent) > Loan)
            {
                await Task.Yield();
                lent = _devices.Time.GetTimestamp();
            }
        }
    }

    private bool PumpTimers()
    {
        bool any = false;
        while (!IsHalted && _timers.TryTake(_clock.Now, out DueTimer timer))
        {
            any = true;
            switch (timer.Name.Kind)
            {
                case TimerKind.Core when timer.Height != Core.Height || timer.Round != Core.Round:
                    break; // of a round that is over
                case TimerKind.Core:
                    _driver.Apply(new Input.TimeoutElapsed(timer.Name.Core, timer.Height, timer.Round));
                    break;
                case TimerKind.Fetch:
                    _contents.Fetch();
                    break;
                case TimerKind.Sign:
                    _driver.SignAgain();
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

    private bool PumpReplies()
    {
        int taken = 0;
        for (; !IsHalted && taken < TakenAPump && _devices.Application.ReplyReader.TryRead(out AppReply? reply); taken++)
        {
            Take(reply);
        }

        return taken > 0;
    }

    private void Take(AppReply reply)
    {
        OpenHeight? current = _heights.Current;
        switch (reply)
        {
            case AppReply.HeightOpened opened:
                _opener.Take(opened);
                break;
            case AppReply.CannotOpen missing:
                _driver.Halt(HaltReason.MissingModule, $"height {missing.Height} needs {string.Join(", ", missing.Missing)}");
                break;
            case AppReply.Part part:
                current?.Proposal.Take(part);
                break;
            case AppReply.Fin fin when current?.Proposal.Take(fin) is { } content:
                _driver.Take(new ArrivedContent(fin.Value, content), fin.Round);
                break;
            case AppReply.CannotBuild cannot:
                current?.Proposal.Take(cannot);
                break;
            case AppReply.Verdict verdict when verdict.Height == current?.Number:
                _driver.Apply(new Input.Verdict(verdict.Height, verdict.Value, verdict.FreshRound, verdict.Judgement, verdict.Reason));
                break;
            case AppReply.Decided decided:
                _opener.Take(decided);
                break;
            case AppReply.Executed executed:
                _heights.Execute(executed.Height);
                break;
            case AppReply.FalseEvidence told:
                _devices.Transport.Penalise(told.From, PeerFault.Refused);
                break;
            case AppReply.DecidedRange range:
                _serving.Serve(range);
                break;
            default:
                break; // of another height or round
        }
    }
}
