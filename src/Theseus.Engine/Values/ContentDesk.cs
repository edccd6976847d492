using Theseus.Consensus;

namespace Theseus.Engine;

/// <summary>A content that arrived and is its value's.</summary>
internal readonly record struct ArrivedContent(ValueId Value, ReadOnlyMemory<byte> Content);

/// <summary>
/// Contents that come from peers and go to them (consensus N9, N11): the streams of proposals, and what is asked for by value id. A content
/// is used when the core tracks its value, and not before.
/// </summary>
internal sealed class ContentDesk(EngineDevices devices, EngineClock clock, TimerQueue timers, HeightSequence heights, State core)
{
    /// <summary>Milliseconds that a proposal's stream has before its content is asked for.</summary>
    private const int FetchGrace = 300;

    /// <summary>
    /// Milliseconds between two answers to one peer with the same content: below <see cref="WantedContents.Retry"/>, so no honest peer
    /// waits.
    /// </summary>
    private const int GiveInterval = 250;

    /// <summary>Answers remembered; the memory is cleared when full.</summary>
    private const int MaximumGiven = 1024;

    // streams of this round and the next, and of the first rounds of the next height
    private readonly StreamTable _streams = new();

    // at most MaximumGiven
    private readonly Dictionary<(PeerId Peer, ValueId Value), long> _given = [];

    /// <summary>Forgets the streams below a round.</summary>
    public void DropBelow(ulong height, int round) => _streams.DropBelow(height, round);

    /// <summary>Takes a frame of a proposal's stream.</summary>
    /// <returns>The proposal of a Fin, which is to be verified whatever becomes of its stream; else null.</returns>
    public Signed<Proposal>? Take(Incoming incoming)
    {
        switch (incoming.Frame.Kind)
        {
            case FrameKind.StreamInit:
                TakeInit(incoming);
                return null;
            case FrameKind.StreamPart:
                TakePart(incoming);
                return null;
            default:
                return TakeFin(incoming);
        }
    }

    /// <summary>
    /// The next content of a stream that is complete and whose value the core has come to track: by a proposal that was verified, a
    /// polka, a commit.
    /// </summary>
    /// <returns>Whether there is one.</returns>
    public bool TryUseStream(out ArrivedContent arrived)
    {
        arrived = default;
        if (heights.Current is not { } current || !_streams.HasComplete)
        {
            return false;
        }

        foreach ((PeerId peer, ulong height, IncomingStream stream) in _streams.Complete.ToArray())
        {
            ValueId value = stream.Fin!.Proposal.Message.Value;
            if (height != core.Height || !core.Tracks(value))
            {
                continue;
            }

            ReadOnlyMemory<byte>? content = current.Contents.Has(value) ? null : stream.TryComplete();
            bool isWrong = stream.IsBroken || (content is { } whole && !devices.Content(value, whole.Span));
            stream.Close();
            if (isWrong)
            {
                devices.Transport.Penalise(peer, PeerFault.WrongContent);
            }
            else if (content is { } right)
            {
                arrived = new ArrivedContent(value, right);
                return true;
            }
        }

        return false;
    }

    /// <summary>A content is to be asked for, once the time has come.</summary>
    /// <returns>Whether it is here already.</returns>
    public bool Want(ValueId value, IReadOnlyList<ValidatorId> holders, long due)
    {
        OpenHeight current = heights.Current!;
        if (current.Contents.Has(value))
        {
            return true;
        }

        if (holders.Count > 0)
        {
            current.Wanted.Add(value, holders, due, core.Tracks);
            timers.Set(new TimerName(TimerKind.Fetch), long.Max(clock.Now, current.Wanted.NextDue!.Value));
        }

        return false;
    }

    /// <summary>Wants the content of the proposal that is voted on, if its stream does not bring it.</summary>
    public void WantProposed()
    {
        if (core.Step is not (Step.Decided or Step.Halted) && core.CurrentProposal is { } proposal
            && heights.Current is { } current && !current.Contents.Has(proposal.Value) && !current.Wanted.Contains(proposal.Value))
        {
            Want(proposal.Value, [proposal.Validator], clock.Now + FetchGrace);
        }
    }

    /// <summary>Asks for the contents whose time has come.</summary>
    public void Fetch()
    {
        if (heights.Current is not { } current)
        {
            return;
        }

        foreach ((PeerId peer, ValueId value) in current.Wanted.TakeDue(clock.Now, devices.Transport.Find))
        {
            byte[] request = new ContentMessage(value, default).Encode();
            devices.Transport.Send(peer, new Frame(FrameKind.ContentRequest, core.Height, request));
        }

        if (current.Wanted.NextDue is { } due)
        {
            timers.Set(new TimerName(TimerKind.Fetch), due);
        }
    }

    /// <summary>Gives a content that a peer asks for.</summary>
    public void Give(Incoming incoming)
    {
        if (ContentMessage.TryDecode(incoming.Frame.Bytes.Span, 0) is not { } request)
        {
            devices.Transport.Penalise(incoming.From, PeerFault.Malformed);
        }
        else if (heights.Current?.Contents.TryGet(request.Value, out ReadOnlyMemory<byte> content) == true
            && MayGive(incoming.From, request.Value))
        {
            byte[] reply = new ContentMessage(request.Value, content).Encode();
            devices.Transport.Send(incoming.From, new Frame(FrameKind.ContentReply, incoming.Frame.Height, reply));
        }
    }

    /// <summary>Takes a content that was asked for.</summary>
    /// <returns>The content; null if it is not wanted, or not its value's.</returns>
    public ArrivedContent? TakeReply(Incoming incoming)
    {
        if (heights.Current is not { } current || incoming.Frame.Height != core.Height)
        {
            return null;
        }

        if (ContentMessage.TryDecode(incoming.Frame.Bytes.Span, current.Rules.MaximumContent) is not { } reply)
        {
            devices.Transport.Penalise(incoming.From, PeerFault.Malformed);
            return null;
        }

        if (!current.Wanted.Contains(reply.Value))
        {
            return null;
        }

        if (!devices.Content(reply.Value, reply.Content.Span))
        {
            devices.Transport.Penalise(incoming.From, PeerFault.WrongContent);
            return null;
        }

        return new ArrivedContent(reply.Value, reply.Content);
    }

    private void TakeInit(Incoming incoming)
    {
        if (StreamInit.TryDecode(incoming.Frame.Bytes.Span) is not { } init || init.Height != incoming.Frame.Height
            || !Rounds.IsLegal(init.Round))
        {
            devices.Transport.Penalise(incoming.From, PeerFault.Malformed);
            return;
        }

        if (NearHeight(init.Height, init.Round) is not { } height)
        {
            return;
        }

        IncomingStream stream = StreamOf(incoming.From, height, init.Round);
        if (stream.IsOpened || stream.IsClosed)
        {
            return; // before any signature is checked
        }

        if (!_streams.IsVerified(init))
        {
            Validator proposer = height.Rules.Set.Proposer(init.Height, init.Round);
            byte[] signBytes = StreamInit.SignBytesOf(height.Rules.Context, init.Height, init.Round);
            if (proposer.Id != init.Proposer || !devices.Signatures.Check(proposer.PublicKey, signBytes, init.Signature))
            {
                devices.Transport.Penalise(incoming.From, PeerFault.Refused);
                return;
            }

            _streams.Verified(init);
        }

        stream.Open();
        Advance(stream, height, init.Round);
    }

    private void TakePart(Incoming incoming)
    {
        if (StreamPart.TryDecode(incoming.Frame.Bytes.Span) is not { } part || part.Height != incoming.Frame.Height
            || !Rounds.IsLegal(part.Round))
        {
            devices.Transport.Penalise(incoming.From, PeerFault.Malformed);
            return;
        }

        if (NearHeight(part.Height, part.Round) is not { } height)
        {
            return;
        }

        IncomingStream stream = StreamOf(incoming.From, height, part.Round);
        if (stream.IsClosed)
        {
            return;
        }

        stream.Take(part);
        if (stream.IsBroken)
        {
            devices.Transport.Penalise(incoming.From, PeerFault.WrongContent);
            return;
        }

        Advance(stream, height, part.Round);
    }

    private Signed<Proposal>? TakeFin(Incoming incoming)
    {
        if (StreamFin.TryDecode(incoming.Frame.Bytes.Span) is not { } fin || fin.Proposal.Message.Height != incoming.Frame.Height)
        {
            devices.Transport.Penalise(incoming.From, PeerFault.Malformed);
            return null;
        }

        Proposal proposal = fin.Proposal.Message;
        if (NearHeight(proposal.Height, proposal.Round) is { } height)
        {
            StreamOf(incoming.From, height, proposal.Round).Take(fin);
        }

        return fin.Proposal;
    }

    // the height of a stream, if its round is this one or the next, or one of the first of the next height
    private OpenHeight? NearHeight(ulong height, int round)
    {
        OpenHeight? open = heights.Of(height);
        bool isNear = open == heights.Next ? round is 0 or 1 : round >= int.Max(0, core.Round) && round <= core.Round + 1;
        return isNear ? open : null;
    }

    private IncomingStream StreamOf(PeerId from, OpenHeight height, int round)
    {
        bool isProposer = devices.Transport.Find(height.Rules.Set.Proposer(height.Number, round).Id) == from;
        return _streams.Get(from, isProposer, height.Number, round, height.Rules.MaximumContent);
    }

    // what peers can cause as often as they like is offered: the application sees the whole content in any case
    private void Advance(IncomingStream stream, OpenHeight height, int round)
    {
        foreach ((int index, ReadOnlyMemory<byte> bytes) in stream.TakeNext())
        {
            ValidatorId proposer = height.Rules.Set.Proposer(height.Number, round).Id;
            devices.Application.Offer(new AppRequest.Part(height.Number, round, proposer, index, bytes));
        }
    }

    // a request costs its sender little and this node a whole content
    private bool MayGive(PeerId peer, ValueId value)
    {
        long now = clock.Now;
        if (_given.TryGetValue((peer, value), out long last) && now - last < GiveInterval)
        {
            return false;
        }

        if (_given.Count >= MaximumGiven)
        {
            _given.Clear();
        }

        _given[(peer, value)] = now;
        return true;
    }
}
