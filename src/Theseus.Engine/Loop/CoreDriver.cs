using Theseus.Consensus;

namespace Theseus.Engine;

/// <summary>
/// Gives inputs to the core and carries its effects out, in their order, through the parts that they concern. What an effect leads to at
/// once, an own message or a content, is an input in turn, and its effects stand behind those that wait.
/// </summary>
internal sealed class CoreDriver(
    EngineDevices devices, EngineClock clock, TimerQueue timers, LoggedCore core, HeightSequence heights, SigningDesk signing,
    ContentDesk contents, LateVoters late)
{
    // effects of inputs taken, to be carried out; empty between two calls, and for good once halted
    private readonly Queue<Effect> _effects = new();

    /// <summary>Whether the engine stopped: it signs and decides nothing more (F6). It never goes on.</summary>
    public bool IsHalted { get; private set; }

    private State State => core.State;

    /// <summary>An input that happened: into the log, through the core, its effects carried out (consensus N14).</summary>
    public void Apply(Input input)
    {
        if (!IsHalted)
        {
            CarryOut(core.Apply(input));
        }
    }

    /// <summary>An input that was verified: what the core has by now is dropped.</summary>
    public void TakeVerified(Input input)
    {
        bool isRedundant = input switch
        {
            Input.VoteIn vote => State.IsRedundant(vote.Vote.Item.Message),
            Input.ProposalIn proposal => State.IsRedundant(proposal.Proposal.Item.Message),
            _ => false,
        };
        if (!isRedundant)
        {
            Apply(input);
            contents.WantProposed();
        }
    }

    /// <summary>Carries effects out, and what follows from them.</summary>
    public void CarryOut(IReadOnlyList<Effect> effects)
    {
        if (IsHalted)
        {
            return;
        }

        Enqueue(effects);
        while (true)
        {
            while (!IsHalted && _effects.TryDequeue(out Effect? effect))
            {
                Carry(effect);
            }

            if (IsHalted || !contents.TryUseStream(out ArrivedContent arrived))
            {
                return;
            }

            Keep(arrived, Rounds.Nil);
        }
    }

    /// <summary>A content that is its value's: from peers, or built here for a round.</summary>
    public void Take(ArrivedContent arrived, int builtForRound = Rounds.Nil)
    {
        if (!IsHalted)
        {
            Keep(arrived, builtForRound);
            CarryOut([]);
        }
    }

    /// <summary>Uses streams that were complete and whose value is tracked by now.</summary>
    public void UseStreams() => CarryOut([]);

    /// <summary>Asks an unavailable signer again (F28).</summary>
    public void SignAgain()
    {
        if (heights.Current is { } current && signing.Retry(State, current.Rules.Context, core.SyncedHead) is { } own)
        {
            CarryOut(core.ApplyOwn(own));
        }
    }

    /// <summary>An own message that only the mark has counts, and leaves (consensus N14).</summary>
    /// <param name="open">Effects that a replay left open: they are carried out behind it, and before what it leads to.</param>
    /// <returns>Whether there was one; if not, the effects are left to the caller.</returns>
    public bool RecoverFromMark(params IReadOnlyList<Effect> open)
    {
        if (IsHalted || signing.OnlyInMark(State) is not { } own)
        {
            return false;
        }

        // the replay may have asked for it: it is signed, and logged once
        CarryOut([.. open.Where(effect => !ReplayOutcome.Asks(effect, own)), .. core.ApplyRecovered(own)]);
        return true;
    }

    /// <summary>Asks the application; it hangs if it takes nothing more (F26).</summary>
    public void Request(AppRequest request)
    {
        if (!devices.Application.TryRequest(request))
        {
            Halt(HaltReason.ApplicationHangs, request.GetType().Name);
        }
    }

    /// <summary>Stops the engine, for the first reason given.</summary>
    public void Halt(HaltReason reason, string detail)
    {
        if (!IsHalted)
        {
            IsHalted = true;
            _effects.Clear();
            devices.Events(new EngineEvent.Halted(reason, detail));
        }
    }

    private void Enqueue(IReadOnlyList<Effect> effects)
    {
        foreach (Effect effect in effects)
        {
            _effects.Enqueue(effect);
        }
    }

    // kept for others and for a restart, then told to the core
    private void Keep(ArrivedContent arrived, int builtForRound)
    {
        OpenHeight current = heights.Current!;
        if (current.TryKeep(arrived.Value, arrived.Content, builtForRound >= 0, State.Tracks))
        {
            core.WriteContent(arrived.Value, arrived.Content);
            Enqueue(core.Apply(new Input.ValueReady(State.Height, arrived.Value, builtForRound)));
            Enqueue(current.TakeAwaiting(arrived.Value));
        }
    }

    private void Carry(Effect effect)
    {
        OpenHeight current = heights.Current!; // the core has effects of the height under way only
        switch (effect)
        {
            case Effect.SignVote or Effect.SignProposal:
                Enqueue(signing.Sign(effect, current.Rules.Context, core.SyncedHead) is { } own ? core.ApplyOwn(own) : []);
                break;
            case Effect.Persist persist:
                core.Keep(persist.Message);
                break;
            case Effect.Send send:
                Send(send, current);
                break;
            case Effect.Schedule timer:
                timers.Set(new TimerName(TimerKind.Core, timer.Kind), clock.Now + timer.Milliseconds, timer.Height, timer.Round);
                break;
            case Effect.AskValue ask when signing.MaySign(ask.Height):
                current.Proposal.Begin(ask.Height, ask.Round, signing.Init(ask.Height, ask.Round, current.Rules.Context));
                Request(new AppRequest.Build(ask.Height, ask.Round, ask.Milliseconds, heights.LastCommit));
                break;
            case Effect.AskValue:
                break; // what may not be signed need not be built
            case Effect.AskVerdict ask:
                if (current.Question(ask, State.Tracks) is { } question)
                {
                    Request(question);
                }

                break;
            case Effect.Fetch fetch:
                if (contents.Want(fetch.Value, fetch.Holders, clock.Now) && !State.HasContent(fetch.Value))
                {
                    // the core had forgotten the value
                    Enqueue(core.Apply(new Input.ValueReady(State.Height, fetch.Value, Rounds.Nil)));
                }

                break;
            case Effect.Decide decide:
                Decide(decide.Certificate, current);
                break;
            case Effect.Finalize final:
                heights.Finish(final.Certificate);
                late.Remember(final.Certificate);
                Request(new AppRequest.Finalize(final.Certificate));
                break;
            case Effect.Report report:
                Report(report);
                break;
            default:
                throw new InvalidOperationException("unknown effect");
        }
    }

    private void Decide(CommitCertificate certificate, OpenHeight current)
    {
        heights.Decide();
        late.Remember(certificate);
        devices.Events(new EngineEvent.HeightDecided(certificate.Height, certificate.Round, certificate.Value));
        current.Contents.TryGet(certificate.Value, out ReadOnlyMemory<byte> content);
        Request(new AppRequest.Decide(certificate, content));
        Request(new AppRequest.OpenHeight(certificate.Height + 1)); // answered after it, and used when the decision is durable
    }

    private void Send(Effect.Send send, OpenHeight current)
    {
        if (send.Message is ConsensusMessage.OfProposal own && current.Proposal.TryEnd(own.Proposal))
        {
            return; // consensus N11: Fin is the signed proposal
        }

        Frame frame = Frame.Of(send.Message);
        if (send.To is not { } to)
        {
            devices.Transport.Broadcast(frame);
        }
        else if (devices.Transport.Find(to) is { } peer)
        {
            devices.Transport.Send(peer, frame);
        }
    }

    private void Report(Effect.Report report)
    {
        switch (report.Kind)
        {
            case ReportKind.EnteredRound:
                devices.Events(new EngineEvent.RoundEntered(report.Height, report.Round, report.Validator ?? default));
                contents.DropBelow(report.Height, report.Round);
                contents.WantProposed();
                return;
            case ReportKind.EvidenceFound:
                Request(new AppRequest.EvidenceFound(report.Evidence!, From: null));
                devices.Transport.Broadcast(Frame.Of(new ConsensusMessage.OfEvidence(report.Evidence!)));
                break;
            case ReportKind.OwnMismatch:
                signing.Abstain(State.Height, AbstainReason.OwnMismatch);
                break;
            default:
                break;
        }

        devices.Events(new EngineEvent.CoreReport(report));
        if (report.Kind == ReportKind.ConflictingCommits)
        {
            core.Sync(); // F29: both certificates are kept
            Halt(HaltReason.AgreementBroken, $"height {report.Height}");
        }
        else if (report.Kind == ReportKind.RoundCeiling)
        {
            Halt(HaltReason.RoundCeiling, $"height {report.Height}");
        }
    }
}
