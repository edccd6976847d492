using Theseus.Consensus;

namespace Theseus.Engine;

/// <summary>
/// Catching up (consensus N17, F12): asks peers for decided heights and checks what they serve. A served height goes through the core like
/// any other, as a certificate and a content, so there is no seam between catching up and live.
/// </summary>
internal sealed class Catchup(EngineDevices devices, EngineClock clock, TimerQueue timers, HeightSequence heights, State core)
{
    /// <summary>Milliseconds between two looks at peers and requests.</summary>
    private const int TickInterval = 1000;

    /// <summary>Milliseconds between two status messages at least.</summary>
    private const int StatusInterval = 200;

    // Certificates of served heights, with the set that they were verified against: none is verified twice, whoever serves it again and
    // with whatever content. Only the height under way and the next one are ever checked, so there are two at most.
    private readonly SortedDictionary<ulong, (Verified<CommitCertificate> Certificate, ValidatorSet Set)> _verified = [];

    // the last served height that was found good, certificate and content, until it is taken
    private CheckedHeight? _checked;

    // the height at the last tick: a node that stands still asks for single heights too
    private ulong _heightAtTick;

    private long _statusTold = -StatusInterval;
    private long _membersAt = -StatusInterval;

    // something changed that may lead to other requests
    private bool _planDue;

    /// <summary>Which decided heights are asked of whom.</summary>
    public ValueSync Sync { get; } = new();

    /// <summary>The first height of this run is known: looks at peers from now on.</summary>
    public void Begin(ulong next)
    {
        Sync.Advance(next);
        timers.Set(new TimerName(TimerKind.Tick), clock.Now + TickInterval);
    }

    /// <summary>Everything below a height is durable here.</summary>
    public void Advance(ulong next)
    {
        Sync.Advance(next);
        foreach (ulong passed in _verified.Keys.Where(height => height < next).ToArray())
        {
            _verified.Remove(passed);
        }

        TellStatus();
    }

    /// <summary>A peer's message shows that it has decided a height: who speaks of a height has decided the one before.</summary>
    public void Hint(PeerId peer, ulong decided)
    {
        Sync.Hint(peer, decided);
        _planDue = true;
    }

    /// <summary>Requests are to be looked at again.</summary>
    public void PlanSoon() => _planDue = true;

    /// <summary>Takes a status or a reply.</summary>
    public void Take(Incoming incoming)
    {
        ReadOnlySpan<byte> bytes = incoming.Frame.Bytes.Span;
        switch (incoming.Frame.Kind)
        {
            case FrameKind.Status when StatusMessage.TryDecode(bytes) is { } status:
                Sync.Claim(incoming.From, status);
                _planDue = true;
                break;
            case FrameKind.RangeReply when RangeReply.TryDecode(bytes, ChainedLog.MaximumEntry) is { } reply:
                if (!Sync.Take(incoming.From, reply, clock.Now))
                {
                    devices.Transport.Penalise(incoming.From, PeerFault.WrongRange);
                }

                _planDue = true;
                break;
            default:
                devices.Transport.Penalise(incoming.From, PeerFault.Malformed);
                break;
        }
    }

    /// <summary>Sends the requests that are due.</summary>
    /// <returns>Whether requests were looked at.</returns>
    public bool Ask()
    {
        if (!_planDue)
        {
            return false;
        }

        Plan(eager: false);
        return true;
    }

    /// <summary>The height under way, if it was served and its decision or its content is still missing here.</summary>
    public CheckedHeight? ServedCurrent() =>
        heights.Current is { } current && core.Step is not (Step.Decided or Step.Halted)
        && (core.Commit is null || !core.HasContent(core.Commit.Value)) // who signed for it may have dropped the content
            ? Served(current)
            : null;

    /// <summary>
    /// A height, if it was served: it is believed for its certificate and its content's id only (C33, C55). Where a certificate for its
    /// value was verified before, served or not, the content alone is looked at.
    /// </summary>
    public CheckedHeight? Served(OpenHeight height)
    {
        if (Sync.Peek(height.Number) is not { } item)
        {
            return null;
        }

        if (_checked is { } known && ReferenceEquals(known.Item, item) && ReferenceEquals(known.Set, height.Rules.Set))
        {
            return known;
        }

        bool isCommitted = height.Number == core.Height && core.Commit?.Value == item.Certificate.Value;
        Verified<CommitCertificate>? certificate = isCommitted ? null : Certificate(height, item.Certificate);
        if ((isCommitted || certificate is not null) && devices.Content(item.Certificate.Value, item.Content.Span))
        {
            return _checked = new CheckedHeight(item, certificate, height.Rules.Set);
        }

        if (Sync.Refuse(height.Number, clock.Now) is { } liar)
        {
            devices.Transport.Penalise(liar, PeerFault.Refused);
        }

        _planDue = true;
        return null;
    }

    /// <summary>A served height is used: its server gains.</summary>
    public void Accept(CheckedHeight height)
    {
        _checked = null;
        Sync.Accept(height.Item.Certificate.Height);
    }

    /// <summary>Once a second: tells peers what is here, and asks more eagerly where nothing moves.</summary>
    public void Tick()
    {
        timers.Set(new TimerName(TimerKind.Tick), clock.Now + TickInterval);
        _statusTold = clock.Now - StatusInterval;
        TellStatus();
        bool stalled = _heightAtTick == core.Height;
        _heightAtTick = core.Height;
        Plan(eager: stalled);
    }

    /// <summary>What heights are here.</summary>
    public Frame StatusFrame() => new(FrameKind.Status, heights.Durable, new StatusMessage(heights.Durable, heights.Lowest).Encode());

    // for a value at a height: one that was verified before serves as well as another
    private Verified<CommitCertificate>? Certificate(OpenHeight height, CommitCertificate served)
    {
        if (_verified.TryGetValue(height.Number, out (Verified<CommitCertificate> Certificate, ValidatorSet Set) before)
            && before.Certificate.Item.Value == served.Value && ReferenceEquals(before.Set, height.Rules.Set))
        {
            return before.Certificate;
        }

        Verified<CommitCertificate>? certificate = height.Early.CommitOf(served.Value) ?? height.Verifier.Verify(served, out _);
        if (certificate is not null)
        {
            _verified[height.Number] = (certificate, height.Rules.Set);
        }

        return certificate;
    }

    private void Plan(bool eager)
    {
        _planDue = false;
        long now = clock.Now;
        if (now - _membersAt >= StatusInterval && (heights.Current ?? heights.Next) is { } height)
        {
            _membersAt = now;
            Sync.Members(height.Rules.Set.Members.Select(member => devices.Transport.Find(member.Id)).OfType<PeerId>());
        }

        foreach ((PeerId peer, RangeRequest request) in Sync.Plan(now, eager))
        {
            devices.Transport.Send(peer, new Frame(FrameKind.RangeRequest, request.From, request.Encode()));
        }

        if (Sync.NextDue is { } due)
        {
            timers.Set(new TimerName(TimerKind.Requests), due);
        }
    }

    private void TellStatus()
    {
        _planDue = true;
        if (clock.Now - _statusTold >= StatusInterval)
        {
            _statusTold = clock.Now;
            devices.Transport.Broadcast(StatusFrame());
        }
    }
}
