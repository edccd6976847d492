using Theseus.Consensus;

namespace Theseus.Engine;

/// <summary>Proposal streams that arrive (consensus N11). Their content is used when the core tracks its value, and not before.</summary>
public sealed partial class EngineLoop
{
    private void TakeInit(Incoming incoming)
    {
        if (StreamInit.TryDecode(incoming.Frame.Bytes.Span) is not { } init || init.Height != incoming.Frame.Height
            || !Rounds.IsLegal(init.Round))
        {
            _devices.Transport.Penalise(incoming.From, PeerFault.Malformed);
            return;
        }

        if (!IsNear(init.Height, init.Round))
        {
            return;
        }

        IncomingStream stream = StreamOf(incoming.From, init.Height, init.Round);
        if (stream.IsOpened || stream.IsClosed)
        {
            return; // before any signature is checked
        }

        if (!_streams.IsVerified(init))
        {
            AppReply.HeightOpened opened = RulesOf(init.Height);
            Validator proposer = opened.Set.Proposer(init.Height, init.Round);
            byte[] signBytes = StreamInit.SignBytesOf(opened.Context, init.Height, init.Round);
            if (proposer.Id != init.Proposer || !_devices.Signatures.Check(proposer.PublicKey, signBytes, init.Signature))
            {
                _devices.Transport.Penalise(incoming.From, PeerFault.Refused);
                return;
            }

            _streams.Verified(init);
        }

        stream.Open();
        Advance(stream, init.Height, init.Round);
    }

    private void TakePart(Incoming incoming)
    {
        if (StreamPart.TryDecode(incoming.Frame.Bytes.Span) is not { } part || part.Height != incoming.Frame.Height
            || !Rounds.IsLegal(part.Round))
        {
            _devices.Transport.Penalise(incoming.From, PeerFault.Malformed);
            return;
        }

        if (!IsNear(part.Height, part.Round))
        {
            return;
        }

        IncomingStream stream = StreamOf(incoming.From, part.Height, part.Round);
        if (stream.IsClosed)
        {
            return;
        }

        stream.Take(part);
        if (stream.IsBroken)
        {
            _devices.Transport.Penalise(incoming.From, PeerFault.WrongContent);
            return;
        }

        Advance(stream, part.Height, part.Round);
    }

    private void TakeFin(Incoming incoming)
    {
        if (StreamFin.TryDecode(incoming.Frame.Bytes.Span) is not { } fin || fin.Proposal.Message.Height != incoming.Frame.Height)
        {
            _devices.Transport.Penalise(incoming.From, PeerFault.Malformed);
            return;
        }

        Proposal proposal = fin.Proposal.Message;
        if (IsNear(proposal.Height, proposal.Round))
        {
            IncomingStream stream = StreamOf(incoming.From, proposal.Height, proposal.Round);
            stream.Take(fin);
            UseStreams();
        }

        Verify(new ConsensusMessage.OfProposal(fin.Proposal), incoming.From);
    }

    private AppReply.HeightOpened RulesOf(ulong height) => height == _next?.Height ? _next : _opened!;

    // streams of this round and the next, and of the first rounds of the next height
    private bool IsNear(ulong height, int round) =>
        height == _next?.Height ? round is 0 or 1
        : _opened is not null && height == _state.Height && round >= int.Max(0, _state.Round) && round <= _state.Round + 1;

    private IncomingStream StreamOf(PeerId from, ulong height, int round)
    {
        AppReply.HeightOpened rules = RulesOf(height);
        bool isProposer = _devices.Transport.Find(rules.Set.Proposer(height, round).Id) == from;
        return _streams.Get(from, isProposer, height, round, rules.MaximumContent);
    }

    private void Advance(IncomingStream stream, ulong height, int round)
    {
        foreach ((int index, ReadOnlyMemory<byte> bytes) in stream.TakeNext())
        {
            Offer(new AppRequest.Part(height, round, RulesOf(height).Set.Proposer(height, round).Id, index, bytes));
        }

        UseStreams();
    }

    // Contents whose value the core has come to track: by a proposal that was verified, a polka, a commit.
    private void UseStreams()
    {
        if (_halted || _opened is null || !_streams.HasComplete)
        {
            return;
        }

        foreach ((PeerId peer, ulong height, IncomingStream stream) in _streams.Complete.ToArray())
        {
            ValueId value = stream.Fin!.Proposal.Message.Value;
            if (stream.IsClosed || height != _state.Height || !_state.Tracks(value))
            {
                continue;
            }

            ReadOnlyMemory<byte>? content = _contents.Has(value) ? null : stream.TryComplete();
            bool isWrong = stream.IsBroken || (content is { } whole && !_devices.Content(value, whole.Span));
            stream.Close();
            if (isWrong)
            {
                _devices.Transport.Penalise(peer, PeerFault.WrongContent);
            }
            else if (content is { } right)
            {
                Keep(value, right, Rounds.Nil);
            }
        }
    }
}
