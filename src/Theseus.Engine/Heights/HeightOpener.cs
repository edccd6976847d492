using Theseus.Consensus;

namespace Theseus.Engine;

/// <summary>
/// Brings heights into being: the first one of a run, replayed from the log where it stands there (consensus N14, N15), and each next one
/// when its time has come (N6).
/// </summary>
internal sealed class HeightOpener(
    EngineDevices devices, LoggedCore core, HeightSequence heights, SigningDesk signing, ContentDesk contents, Catchup catchup,
    CoreDriver driver, Intake intake)
{
    /// <summary>Opens the log, and asks the application for the first height whose decision is not durable.</summary>
    public void Open()
    {
        Mark? mark = signing.Mark;
        if (!core.Open(mark?.LogHead) && mark is not null)
        {
            signing.Abstain(mark.Height, AbstainReason.LogLost); // F7, F8
        }

        driver.Request(new AppRequest.OpenHeight(0));
    }

    /// <summary>The application opened a height.</summary>
    public void Take(AppReply.HeightOpened opened)
    {
        if (heights.Current is null)
        {
            heights.StandAt(opened);
            catchup.Begin(opened.Height);
            if (TryRecover(opened))
            {
                return;
            }
        }

        if (heights.Open(opened))
        {
            intake.Ripen(opened.Height);
        }
    }

    /// <summary>The application has a decision durable.</summary>
    public void Take(AppReply.Decided decided)
    {
        if (heights.Store(decided.Height))
        {
            catchup.Advance(decided.Height + 1);
        }
    }

    /// <summary>Begins the next height, if its time has come (consensus N6).</summary>
    /// <returns>Whether it began.</returns>
    public bool TryStartNext()
    {
        if (driver.IsHalted || heights.Startable is not { } next)
        {
            return false;
        }

        CheckedHeight? served = catchup.Served(next);
        if (!heights.MayStart(next, served is not null))
        {
            return false;
        }

        Start(next, served);
        return true;
    }

    /// <summary>Takes the height under way from what peers served, and goes on asking them (F12).</summary>
    /// <returns>Whether anything was done.</returns>
    public bool CatchUp()
    {
        if (driver.IsHalted || heights.Current is null)
        {
            return false;
        }

        CheckedHeight? served = catchup.ServedCurrent();
        if (served is not null)
        {
            Take(served);
        }

        return catchup.Ask() || served is not null;
    }

    private void Start(OpenHeight next, CheckedHeight? served)
    {
        core.BeginHeight(new HeightStart(next.Number, [.. next.Rules.Modules], next.Rules.Set.Id, ChainedLog.Format));
        heights.Enter(next);

        // C58: a height that is decided elsewhere is only followed
        bool votes = served is null && signing.MaySign(next.Number);
        devices.Events(new EngineEvent.HeightStarted(next.Number, votes));
        driver.Apply(new Input.StartHeight(next.Number, next.Rules.Set, votes ? devices.Self : null, next.Rules.Timeouts));
        if (served is not null)
        {
            Take(served);
        }

        driver.RecoverFromMark();
        foreach (Input input in next.Early.Take())
        {
            driver.TakeVerified(input);
        }
    }

    private void Take(CheckedHeight served)
    {
        catchup.Accept(served);
        if (served.Certificate is { } certificate)
        {
            driver.Apply(new Input.CommitIn(certificate)); // first: content is kept of what is signed for
        }

        driver.Take(new ArrivedContent(served.Item.Certificate.Value, served.Item.Content));
    }

    /// <summary>Replays the height if the log has it.</summary>
    /// <returns>Whether the height is thereby begun (or the engine halted).</returns>
    private bool TryRecover(AppReply.HeightOpened opened)
    {
        LogEntry[] entries = [.. core.LastHeight];
        HeightStart? start = entries is [{ Kind: EntryKind.HeightStart } first, ..] ? HeightStart.TryDecode(first.Body.Span) : null;
        devices.Events(new EngineEvent.Recovered(opened.Height, core.Cut, entries.Length));
        if (start is null || start.Height < opened.Height)
        {
            return false; // F15: what the log has is decided already
        }

        if (start.Height > opened.Height)
        {
            signing.Abstain(start.Height, AbstainReason.ApplicationBehind);
            return false;
        }

        if (start.LogFormat != ChainedLog.Format || start.SetId != opened.Set.Id || !start.Modules.SequenceEqual(opened.Modules))
        {
            driver.Halt(HaltReason.MissingModule, $"the log of height {start.Height} was written under other modules");
            return true;
        }

        OpenHeight height = new(opened, before: null, devices);
        heights.Enter(height);
        if (new HeightReplay(devices, core, signing, height).Run(entries) is not { } open)
        {
            heights.Leave();
            return false; // the crash came before the height's first input: begin it as usual
        }

        bool isCarriedOut = driver.RecoverFromMark(open);
        SendAgain();
        driver.CarryOut(isCarriedOut ? [] : open);
        contents.WantProposed();
        return true;
    }

    // C36, C37: byte for byte
    private void SendAgain()
    {
        if (core.State.OwnProposal is { } proposal)
        {
            devices.Transport.Broadcast(Frame.Of(new ConsensusMessage.OfProposal(proposal)));
        }

        if (core.State.OwnPrevote is { } prevote)
        {
            devices.Transport.Broadcast(Frame.Of(new ConsensusMessage.OfVote(prevote, NilReason.None)));
        }

        if (core.State.OwnPrecommit is { } precommit)
        {
            devices.Transport.Broadcast(Frame.Of(new ConsensusMessage.OfVote(precommit, NilReason.None)));
        }
    }
}
