using Theseus.Consensus;

namespace Theseus.Engine;

/// <summary>
/// What comes over the network: sorted by kind and height, duplicates dropped before a signature is checked (F20), verified, and given to
/// the part that it concerns.
/// </summary>
internal sealed class Intake(
    EngineDevices devices, EngineClock clock, HeightSequence heights, ContentDesk contents, Catchup catchup, Serving serving,
    LateVoters late, CoreDriver driver, State core)
{
    private readonly FutureBuffer _future = new();

    // frames that waited for their height, not yet taken: no more than the buffer held
    private readonly Queue<Incoming> _ripe = new();

    /// <summary>A height was opened: frames of it that waited are taken next.</summary>
    public void Ripen(ulong height)
    {
        foreach (Incoming incoming in _future.Take(height))
        {
            _ripe.Enqueue(incoming);
        }
    }

    /// <summary>Takes frames, those that waited first.</summary>
    /// <param name="maximum">How many at most.</param>
    /// <returns>Whether there was one.</returns>
    public bool TakeFrames(int maximum)
    {
        int taken = 0;
        for (; !driver.IsHalted && taken < maximum && _ripe.TryDequeue(out Incoming waited); taken++)
        {
            Sort(waited);
            TakeVerified(1);
        }

        for (; !driver.IsHalted && taken < maximum && devices.Transport.Inbox.TryRead(out Incoming incoming); taken++)
        {
            Take(incoming);
            TakeVerified(1); // at once, where messages are verified on the loop: the next copy is recognised
        }

        return taken > 0;
    }

    /// <summary>Takes messages that were verified, or refused.</summary>
    /// <param name="maximum">How many at most.</param>
    /// <returns>Whether there was one.</returns>
    public bool TakeVerified(int maximum)
    {
        int taken = 0;
        for (; !driver.IsHalted && taken < maximum && devices.Verification.Results.TryRead(out VerificationResult? result); taken++)
        {
            ConsensusMessage message = result.Job.Message;
            if (result.Input is not { } input)
            {
                devices.Transport.Penalise(result.Job.From, PeerFault.Refused);
            }
            else if (message.Height == heights.Current?.Number)
            {
                if (message is ConsensusMessage.OfVote { NilReason: > 0 } nil && nil.Vote.Message.Validator == result.Job.From.Node)
                {
                    devices.Events(
                        new EngineEvent.NilPrevote(message.Height, nil.Vote.Message.Round, nil.Vote.Message.Validator, nil.NilReason));
                }

                driver.TakeVerified(input);
            }
            else if (heights.Next is { } next && message.Height == next.Number)
            {
                next.Early.Add(input, next.Rules.Set);
            }
        }

        return taken > 0;
    }

    private void Take(Incoming incoming)
    {
        switch (incoming.Frame.Kind)
        {
            case FrameKind.Consensus or FrameKind.StreamInit or FrameKind.StreamPart or FrameKind.StreamFin:
                Sort(incoming);
                break;
            case FrameKind.ContentRequest:
                contents.Give(incoming);
                break;
            case FrameKind.ContentReply:
                if (contents.TakeReply(incoming) is { } arrived)
                {
                    driver.Take(arrived);
                }

                break;
            case FrameKind.RangeRequest:
                serving.Take(incoming);
                break;
            case FrameKind.Status or FrameKind.RangeReply:
                catchup.Take(incoming);
                break;
            default:
                devices.Transport.Penalise(incoming.From, PeerFault.Malformed);
                break;
        }
    }

    private void Sort(Incoming incoming)
    {
        ulong height = incoming.Frame.Height;
        ulong lowest = heights.LowestOpen;
        if (height < lowest)
        {
            if (IsEvidence(incoming.Frame))
            {
                // consensus N3: it is good for the whole evidence window, and comes from those who found it later or restarted
                Accept(incoming);
            }
            else
            {
                late.Answer(incoming, catchup.StatusFrame);
            }
        }
        else if (heights.Of(height) is not null)
        {
            Accept(incoming);
        }
        else
        {
            if (height > lowest + 1)
            {
                catchup.Hint(incoming.From, height - 1);
            }

            if (height <= lowest + FutureBuffer.Horizon)
            {
                _future.Add(incoming, IsValidator);
            }
        }
    }

    private bool IsValidator(PeerId peer) =>
        heights.Current is { } current && current.Rules.Set.Members.Any(member => devices.Transport.Find(member.Id) == peer);

    // the kind is the first byte of a message's canonical form
    private static bool IsEvidence(Frame frame) =>
        frame.Kind == FrameKind.Consensus && frame.Bytes.Span is [(byte)MessageKind.Evidence, ..];

    private void Accept(Incoming incoming)
    {
        if (incoming.Frame.Kind != FrameKind.Consensus)
        {
            Signed<Proposal>? proposal = contents.Take(incoming);
            driver.UseStreams();
            if (proposal is not null)
            {
                Verify(new ConsensusMessage.OfProposal(proposal), incoming.From);
            }
        }
        else if (Canonical.TryDecodeMessage(incoming.Frame.Bytes.Span, out _) is { } message && message.Height == incoming.Frame.Height)
        {
            Verify(message, incoming.From);
        }
        else
        {
            devices.Transport.Penalise(incoming.From, PeerFault.Malformed);
        }
    }

    private void Verify(ConsensusMessage message, PeerId from)
    {
        if (message is ConsensusMessage.OfEvidence evidence)
        {
            if (!Offences.Proves(evidence.Evidence))
            {
                devices.Transport.Penalise(from, PeerFault.Refused);
                return;
            }

            devices.Application.Offer(new AppRequest.EvidenceFound(evidence.Evidence, from));
            return;
        }

        if (heights.Of(message.Height) is { } height && !IsRedundant(message, height))
        {
            devices.Verification.TrySubmit(new VerificationJob(height.Verifier, message, from, clock.UnixNow));
        }
    }

    private bool IsRedundant(ConsensusMessage message, OpenHeight height) => message switch
    {
        _ when height == heights.Next => height.Early.IsRedundant(message),
        ConsensusMessage.OfVote vote => core.IsRedundant(vote.Vote.Message),
        ConsensusMessage.OfProposal proposal => core.IsRedundant(proposal.Proposal.Message),
        ConsensusMessage.OfCommit commit => commit.Certificate.Value == core.Commit?.Value,
        ConsensusMessage.OfPolka polka => core.HasPolka(polka.Certificate.Round, polka.Certificate.Value),
        ConsensusMessage.OfRound round => round.Certificate.Round <= core.Round,
        _ => false,
    };
}
