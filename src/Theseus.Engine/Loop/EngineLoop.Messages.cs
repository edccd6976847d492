using Theseus.Consensus;

namespace Theseus.Engine;

/// <summary>What comes over the network: sorted by height, deduplicated, verified, given to the core.</summary>
public sealed partial class EngineLoop
{
    /// <summary>Commit certificates of the last heights, to answer late voters (consensus N9).</summary>
    private const int RememberedCommits = 8;

    /// <summary>Milliseconds between two such answers to one peer.</summary>
    private const int AnswerInterval = 1000;

    /// <summary>Peers whose last answer is remembered; the memory is cleared when full.</summary>
    private const int MaximumAnswered = 1024;

    private readonly SortedDictionary<ulong, CommitCertificate> _commits = [];
    private readonly Dictionary<PeerId, long> _answered = [];

    // frames that waited for their height, not yet taken: no more than the buffer held
    private readonly Queue<Incoming> _ripe = new();

    private bool PumpInbox()
    {
        int taken = 0;
        for (; !_halted && taken < TakenAPump && _ripe.TryDequeue(out Incoming waited); taken++)
        {
            Sort(waited);
            PumpVerified(1);
        }

        for (; !_halted && taken < TakenAPump && _devices.Transport.Inbox.TryRead(out Incoming incoming); taken++)
        {
            switch (incoming.Frame.Kind)
            {
                case FrameKind.Consensus or FrameKind.StreamInit or FrameKind.StreamPart or FrameKind.StreamFin:
                    Sort(incoming);
                    break;
                case FrameKind.ContentRequest:
                    _contents.Give(incoming);
                    break;
                case FrameKind.ContentReply:
                    if (_contents.TakeReply(incoming) is { } arrived)
                    {
                        Keep(arrived.Value, arrived.Content, Rounds.Nil);
                    }

                    break;
                case FrameKind.Status or FrameKind.RangeRequest or FrameKind.RangeReply:
                    _catchup.Take(incoming);
                    break;
                default:
                    _devices.Transport.Penalise(incoming.From, PeerFault.Malformed);
                    break;
            }

            PumpVerified(1); // at once, where messages are verified on the loop: the next copy is recognised
        }

        return taken > 0;
    }

    private void Sort(Incoming incoming)
    {
        ulong height = incoming.Frame.Height;
        ulong lowest = _heights.LowestOpen;
        if (height < lowest)
        {
            if (IsEvidence(incoming.Frame))
            {
                // consensus N3: it is good for the whole evidence window, and comes from those who found it later or restarted
                Accept(incoming);
            }
            else
            {
                Answer(incoming);
            }
        }
        else if (_heights.Of(height) is not null)
        {
            Accept(incoming);
        }
        else
        {
            if (height > lowest + 1)
            {
                _catchup.Hint(incoming.From, height - 1);
            }

            if (height <= lowest + FutureBuffer.Horizon)
            {
                _future.Add(incoming, IsValidator);
            }
        }
    }

    private bool IsValidator(PeerId peer) =>
        _heights.Current is { } current && current.Rules.Set.Members.Any(member => _devices.Transport.Find(member.Id) == peer);

    // the kind is the first byte of a message's canonical form
    private static bool IsEvidence(Frame frame) =>
        frame.Kind == FrameKind.Consensus && frame.Bytes.Span is [(byte)MessageKind.Evidence, ..];

    private void Accept(Incoming incoming)
    {
        switch (incoming.Frame.Kind)
        {
            case FrameKind.Consensus:
                if (Canonical.TryDecodeMessage(incoming.Frame.Bytes.Span, out _) is { } message && message.Height == incoming.Frame.Height)
                {
                    Verify(message, incoming.From);
                }
                else
                {
                    _devices.Transport.Penalise(incoming.From, PeerFault.Malformed);
                }

                break;
            default:
                Signed<Proposal>? proposal = _contents.Take(incoming);
                UseStreams();
                if (proposal is not null)
                {
                    Verify(new ConsensusMessage.OfProposal(proposal), incoming.From);
                }

                break;
        }
    }

    private void Verify(ConsensusMessage message, PeerId from)
    {
        if (message is ConsensusMessage.OfEvidence evidence)
        {
            if (!Offences.Proves(evidence.Evidence))
            {
                _devices.Transport.Penalise(from, PeerFault.Refused);
                return;
            }

            _devices.Application.Offer(new AppRequest.EvidenceFound(evidence.Evidence, from));
            return;
        }

        if (_heights.Of(message.Height) is { } height
            && !(height == _heights.Current ? IsRedundant(message) : height.Early.IsRedundant(message))) // F20: before any signature is checked
        {
            _devices.Verification.TrySubmit(new VerificationJob(height.Verifier, message, from, _clock.UnixNow));
        }
    }

    private bool IsRedundant(ConsensusMessage message) => message switch
    {
        ConsensusMessage.OfVote vote => _state.IsRedundant(vote.Vote.Message),
        ConsensusMessage.OfProposal proposal => _state.IsRedundant(proposal.Proposal.Message),
        ConsensusMessage.OfCommit commit => commit.Certificate.Value == _state.Commit?.Value,
        ConsensusMessage.OfPolka polka => _state.HasPolka(polka.Certificate.Round, polka.Certificate.Value),
        ConsensusMessage.OfRound round => round.Certificate.Round <= _state.Round,
        _ => false,
    };

    private bool PumpVerified(int maximum)
    {
        int taken = 0;
        for (; !_halted && taken < maximum && _devices.Verification.Results.TryRead(out VerificationResult? result); taken++)
        {
            ConsensusMessage message = result.Job.Message;
            if (result.Input is not { } input)
            {
                _devices.Transport.Penalise(result.Job.From, PeerFault.Refused);
            }
            else if (message.Height == _heights.Current?.Number)
            {
                if (message is ConsensusMessage.OfVote { NilReason: > 0 } nil && nil.Vote.Message.Validator == result.Job.From.Node)
                {
                    _devices.Events(
                        new EngineEvent.NilPrevote(message.Height, nil.Vote.Message.Round, nil.Vote.Message.Validator, nil.NilReason));
                }

                TakeVerified(input);
            }
            else if (_heights.Next is { } next && message.Height == next.Number)
            {
                next.Early.Add(input, next.Rules.Set);
            }
        }

        return taken > 0;
    }

    private void TakeVerified(Input input)
    {
        if (input is Input.VoteIn vote && _state.IsRedundant(vote.Vote.Item.Message))
        {
            return;
        }

        if (input is Input.ProposalIn proposal && _state.IsRedundant(proposal.Proposal.Item.Message))
        {
            return;
        }

        Apply(input);
        _contents.WantProposed();
    }

    // consensus N9: who still votes in a decided height gets its certificate, at most once a second
    private void Answer(Incoming incoming)
    {
        if (incoming.Frame.Kind != FrameKind.Consensus || !_commits.TryGetValue(incoming.Frame.Height, out CommitCertificate? commit)
            || Canonical.TryDecodeMessage(incoming.Frame.Bytes.Span, out _) is not ConsensusMessage.OfVote vote
            || vote.Height != incoming.Frame.Height)
        {
            return;
        }

        long now = Now;
        if (_answered.TryGetValue(incoming.From, out long last) && now - last < AnswerInterval)
        {
            return;
        }

        if (_answered.Count >= MaximumAnswered)
        {
            _answered.Clear();
        }

        _answered[incoming.From] = now;
        _devices.Transport.Send(incoming.From, FrameOf(new ConsensusMessage.OfCommit(commit)));
        _devices.Transport.Send(incoming.From, _catchup.StatusFrame());
    }

    private void Remember(CommitCertificate certificate)
    {
        _commits[certificate.Height] = certificate;
        while (_commits.Count > RememberedCommits)
        {
            _commits.Remove(_commits.First().Key);
        }
    }
}
