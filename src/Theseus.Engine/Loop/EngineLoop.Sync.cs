using Theseus.Consensus;

namespace Theseus.Engine;

/// <summary>
/// Catching up (F12): heights served by others go through the core like any other, as a certificate and a content, so there is no
/// seam between catching up and live.
/// </summary>
public sealed partial class EngineLoop
{
    /// <summary>Milliseconds between two looks at peers and requests.</summary>
    private const int TickInterval = 1000;

    /// <summary>Milliseconds between two status messages at least.</summary>
    private const int StatusInterval = 200;

    /// <summary>Bytes of contents in a reply at most.</summary>
    private const int MaximumReplyBytes = 4 * 1024 * 1024;

    /// <summary>Bytes of a signature in a certificate at most: signer, length, signature.</summary>
    private const int CertificateSignature = ValidatorId.Length + 2 + Canonical.MaximumSignature;

    /// <summary>Requests of peers that the application works on at most; further ones wait at the desk.</summary>
    private const int MaximumServed = 8;

    private readonly ServingDesk _desk = new();
    private CheckedHeight? _checked;
    private int _serving;
    private ulong _heightAtTick;
    private long _statusTold = -StatusInterval;
    private long _membersAt = -StatusInterval;
    private bool _planDue;

    private void TakeSyncFrame(Incoming incoming)
    {
        ReadOnlySpan<byte> bytes = incoming.Frame.Bytes.Span;
        switch (incoming.Frame.Kind)
        {
            case FrameKind.Status when StatusMessage.TryDecode(bytes) is { } status:
                _sync.Claim(incoming.From, status);
                _planDue = true;
                break;
            case FrameKind.RangeRequest when RangeRequest.TryDecode(bytes) is { Count: > 0 and <= RangeReply.MaximumHeights } request:
                TakeRequest(incoming.From, request);
                break;
            case FrameKind.RangeReply when RangeReply.TryDecode(bytes, ChainedLog.MaximumEntry) is { } reply:
                if (!_sync.Take(incoming.From, reply, Now))
                {
                    _devices.Transport.Penalise(incoming.From, PeerFault.WrongRange);
                }

                _planDue = true;
                break;
            default:
                _devices.Transport.Penalise(incoming.From, PeerFault.Malformed);
                break;
        }
    }

    private void TakeRequest(PeerId from, RangeRequest request)
    {
        if (request.From == 0 || request.From > _heights.Durable)
        {
            // what is not here costs the application nothing
            RangeReply nothing = new(request.Request, request.From, []);
            _devices.Transport.Send(from, new Frame(FrameKind.RangeReply, request.From, nothing.Encode()));
        }
        else if (_desk.Add(from, request))
        {
            ServeWaiting();
        }
    }

    private void ServeWaiting()
    {
        while (_serving < MaximumServed && _desk.TryServe(Offered))
        {
            _serving++;
        }
    }

    private bool Offered(PeerId peer, RangeRequest request) =>
        _devices.Application.Offer(new AppRequest.GetDecided(peer, request.Request, request.From, request.Count, MaximumReplyBytes));

    // F6: a node that halted still gives what it has; a flood of frames ends no pump later than that of a node that works
    private bool PumpServing()
    {
        int taken = 0;
        for (; taken < TakenAPump && _devices.Application.ReplyReader.TryRead(out AppReply? reply); taken++)
        {
            if (reply is AppReply.DecidedRange range)
            {
                Serve(range);
            }
        }

        int frames = 0;
        for (; frames < TakenAPump && _devices.Transport.Inbox.TryRead(out Incoming incoming); frames++)
        {
            if (incoming.Frame.Kind == FrameKind.RangeRequest)
            {
                TakeSyncFrame(incoming);
            }
        }

        int results = 0;
        while (results < TakenAPump && _devices.Verification.Results.TryRead(out _))
        {
            results++; // nobody waits for these
        }

        ServeWaiting();
        return taken + frames + results > 0;
    }

    private void Serve(AppReply.DecidedRange range)
    {
        _serving = int.Max(0, _serving - 1);

        // One height always goes, whatever its size; more only while the reply stays small: a transport knows the largest message by this.
        List<DecidedHeight> heights = [];
        long bytes = 0;
        foreach (DecidedHeight height in range.Heights.Take(RangeReply.MaximumHeights))
        {
            bytes += height.Content.Length + (long)height.Certificate.Signatures.Count * CertificateSignature;
            if (heights.Count > 0 && bytes > MaximumReplyBytes)
            {
                break;
            }

            heights.Add(height);
        }

        RangeReply reply = new(range.Request, range.From, heights);
        _devices.Transport.Send(range.Peer, new Frame(FrameKind.RangeReply, range.From, reply.Encode()));
        ServeWaiting();
    }

    private bool PumpSync()
    {
        if (_halted || _heights.Current is not { } current)
        {
            return false;
        }

        bool any = false;
        bool isOpen = _state.Step is not (Step.Decided or Step.Halted)
            && (_state.Commit is null || !_state.HasContent(_state.Commit.Value)); // who signed for it may have dropped the content
        if (isOpen && Check(current) is { } item)
        {
            TakeSynced(item);
            any = true;
        }

        ServeWaiting();
        if (_planDue)
        {
            Plan(eager: false);
            any = true;
        }

        return any;
    }

    // C33, C55: a served height is believed for its certificate and its content's id only
    private CheckedHeight? Check(OpenHeight height)
    {
        if (_sync.Peek(height.Number) is not { } item)
        {
            return null;
        }

        if (_checked is { } known && ReferenceEquals(known.Item, item) && ReferenceEquals(known.Set, height.Rules.Set))
        {
            return known;
        }

        if (height.Verifier.Verify(item.Certificate, out _) is { } certificate && _devices.Content(item.Certificate.Value, item.Content.Span))
        {
            return _checked = new CheckedHeight(item, certificate, height.Rules.Set);
        }

        if (_sync.Refuse(height.Number, Now) is { } liar)
        {
            _devices.Transport.Penalise(liar, PeerFault.Refused);
        }

        _planDue = true;
        return null;
    }

    private void TakeSynced(CheckedHeight height)
    {
        DecidedHeight item = height.Item;
        _checked = null;
        _sync.Accept(item.Certificate.Height);
        Apply(new Input.CommitIn(height.Certificate)); // first: content is kept of what is signed for
        Keep(item.Certificate.Value, item.Content, Rounds.Nil);
    }

    private void Plan(bool eager)
    {
        _planDue = false;
        if (Now - _membersAt >= StatusInterval && (_heights.Current ?? _heights.Next) is { } height)
        {
            _membersAt = Now;
            _sync.Members(height.Rules.Set.Members.Select(member => _devices.Transport.Find(member.Id)).OfType<PeerId>());
        }

        foreach ((PeerId peer, RangeRequest request) in _sync.Plan(Now, eager))
        {
            _devices.Transport.Send(peer, new Frame(FrameKind.RangeRequest, request.From, request.Encode()));
        }

        if (_sync.NextDue is { } due)
        {
            _timers.Set(new TimerName(TimerKind.Requests), due);
        }
    }

    private void Tick()
    {
        _timers.Set(new TimerName(TimerKind.Tick), Now + TickInterval);
        _statusTold = Now - StatusInterval;
        TellStatus();
        bool stalled = _heightAtTick == _state.Height;
        _heightAtTick = _state.Height;
        Plan(eager: stalled);
    }

    private void TellStatus()
    {
        _planDue = true;
        if (Now - _statusTold >= StatusInterval)
        {
            _statusTold = Now;
            _devices.Transport.Broadcast(StatusFrame());
        }
    }

    private Frame StatusFrame() => new(FrameKind.Status, _heights.Durable, new StatusMessage(_heights.Durable, _heights.Lowest).Encode());
}
