using Theseus.Consensus;

namespace Theseus.Engine;

/// <summary>Contents: built here and streamed, streamed in, fetched by value id, judged (consensus N9 to N11).</summary>
public sealed partial class EngineLoop
{
    /// <summary>Milliseconds that a proposal's stream has before its content is asked for.</summary>
    private const int FetchGrace = 300;

    /// <summary>Milliseconds between two questions for a content, each to the next holder.</summary>
    private const int FetchRetry = 500;

    /// <summary>
    /// Milliseconds between two answers to one peer with the same content: below <see cref="FetchRetry"/>, so no honest peer waits.
    /// </summary>
    private const int GiveInterval = 250;

    /// <summary>Answers remembered; the memory is cleared when full.</summary>
    private const int MaximumGiven = 1024;

    private readonly Dictionary<(PeerId Peer, ValueId Value), long> _given = [];
    private readonly SortedDictionary<ValueId, Wanted> _wanted = [];
    private readonly SortedDictionary<ValueId, List<Effect.AskVerdict>> _awaiting = [];
    private Built? _built;

    private void AskValue(Effect.AskValue ask)
    {
        if (!_signing.MaySign(ask.Height))
        {
            return;
        }

        _built = new Built(ask.Height, ask.Round);
        if (_signing.Init(ask.Height, ask.Round, _opened!.Context) is { } init)
        {
            _built.Hold(new Frame(FrameKind.StreamInit, ask.Height, init.Encode()));
        }

        Request(new AppRequest.Build(ask.Height, ask.Round, ask.Milliseconds, _lastCommit));
    }

    private void BuiltPart(AppReply.Part part)
    {
        if (_built is not { } built || built.Height != part.Height || built.Round != part.Round)
        {
            return;
        }

        for (int offset = 0; offset < part.Bytes.Length; offset += StreamPart.MaximumSize)
        {
            ReadOnlyMemory<byte> slice = part.Bytes.Slice(offset, int.Min(StreamPart.MaximumSize, part.Bytes.Length - offset));
            StreamPart message = new(part.Height, part.Round, built.Parts, slice);
            built.Add(slice);
            built.Hold(new Frame(FrameKind.StreamPart, part.Height, message.Encode()));
            if (slice.Length == StreamPart.MaximumSize)
            {
                _devices.Transport.Broadcast(built.Release());
            }
        }
    }

    private void BuiltFin(AppReply.Fin fin)
    {
        if (_built is not { } built || built.Height != fin.Height || built.Round != fin.Round || fin.Height != _state.Height)
        {
            return;
        }

        built.Finish(fin.Value);
        Keep(fin.Value, built.Content, fin.Round);
    }

    // The content of a value, checked against its id: kept for others and for a restart, then told to the core. Content that nobody of the
    // set has signed for is neither kept nor written down, whoever sends it.
    private void Keep(ValueId value, ReadOnlyMemory<byte> content, int builtForRound)
    {
        _wanted.Remove(value);
        bool isBuilt = builtForRound >= 0;
        if (!isBuilt && !_state.Tracks(value))
        {
            return;
        }

        if (!_contents.TryAdd(value, content, _state.Tracks) && !isBuilt)
        {
            return;
        }

        _core.WriteContent(value, content);
        Apply(new Input.ValueReady(_state.Height, value, builtForRound));
        if (_awaiting.Remove(value, out List<Effect.AskVerdict>? asks))
        {
            foreach (Effect.AskVerdict ask in asks)
            {
                AskVerdict(ask);
            }
        }
    }

    private void AskVerdict(Effect.AskVerdict ask)
    {
        if (_contents.TryGet(ask.Value, out ReadOnlyMemory<byte> content))
        {
            Request(new AppRequest.Validate(ask.Height, ask.Value, ask.FreshRound, ask.Proposer, ask.ReceivedAt, content, ask.Polka));
            return;
        }

        if (!_awaiting.TryGetValue(ask.Value, out List<Effect.AskVerdict>? asks))
        {
            foreach (ValueId old in _awaiting.Keys.Where(old => !_state.Tracks(old)).ToArray())
            {
                _awaiting.Remove(old);
            }

            asks = [];
            _awaiting.Add(ask.Value, asks);
        }

        asks.Add(ask);
    }

    private void Want(ValueId value, IReadOnlyList<ValidatorId> holders, long due)
    {
        if (_contents.Has(value))
        {
            if (!_state.HasContent(value))
            {
                Apply(new Input.ValueReady(_state.Height, value, Rounds.Nil)); // the core had forgotten the value
            }

            return;
        }

        if (holders.Count == 0)
        {
            return;
        }

        if (!_wanted.TryGetValue(value, out Wanted? wanted))
        {
            // what the core tracks is bounded, and so is this: no question keeps out another
            foreach (ValueId old in _wanted.Keys.Where(old => !_state.Tracks(old)).ToArray())
            {
                _wanted.Remove(old);
            }

            wanted = new Wanted();
            _wanted.Add(value, wanted);
            wanted.Due = due;
        }

        wanted.Holders = holders.Count > wanted.Holders.Count ? holders : wanted.Holders;
        wanted.Due = long.Min(wanted.Due, due);
        _timers.Set(new TimerName(TimerKind.Fetch), long.Max(Now, _wanted.Values.Min(static w => w.Due)));
    }

    // the content of the proposal that is voted on, if its stream does not bring it
    private void WantProposed()
    {
        if (_state.Step is not (Step.Decided or Step.Halted) && _state.CurrentProposal is { } proposal
            && !_contents.Has(proposal.Value) && !_wanted.ContainsKey(proposal.Value))
        {
            Want(proposal.Value, [proposal.Validator], Now + FetchGrace);
        }
    }

    private void FetchWanted()
    {
        long now = Now;
        foreach ((ValueId value, Wanted wanted) in _wanted)
        {
            if (wanted.Due > now)
            {
                continue;
            }

            wanted.Due = now + FetchRetry;
            for (int i = 0; i < wanted.Holders.Count; i++)
            {
                ValidatorId holder = wanted.Holders[wanted.Turn++ % wanted.Holders.Count];
                if (_devices.Transport.Find(holder) is { } peer)
                {
                    byte[] request = new ContentMessage(value, default).Encode();
                    _devices.Transport.Send(peer, new Frame(FrameKind.ContentRequest, _state.Height, request));
                    break;
                }
            }
        }

        if (_wanted.Count > 0)
        {
            _timers.Set(new TimerName(TimerKind.Fetch), _wanted.Values.Min(static w => w.Due));
        }
    }

    private void GiveContent(Incoming incoming)
    {
        if (ContentMessage.TryDecode(incoming.Frame.Bytes.Span, 0) is not { } request)
        {
            _devices.Transport.Penalise(incoming.From, PeerFault.Malformed);
        }
        else if (_contents.TryGet(request.Value, out ReadOnlyMemory<byte> content) && MayGive(incoming.From, request.Value))
        {
            byte[] reply = new ContentMessage(request.Value, content).Encode();
            _devices.Transport.Send(incoming.From, new Frame(FrameKind.ContentReply, incoming.Frame.Height, reply));
        }
    }

    // a request costs its sender little and this node a whole content
    private bool MayGive(PeerId peer, ValueId value)
    {
        long now = Now;
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

    private void TakeContent(Incoming incoming)
    {
        if (_opened is not { } opened || incoming.Frame.Height != _state.Height)
        {
            return;
        }

        if (ContentMessage.TryDecode(incoming.Frame.Bytes.Span, opened.MaximumContent) is not { } reply)
        {
            _devices.Transport.Penalise(incoming.From, PeerFault.Malformed);
        }
        else if (_wanted.ContainsKey(reply.Value))
        {
            if (_devices.Content(reply.Value, reply.Content.Span))
            {
                Keep(reply.Value, reply.Content, Rounds.Nil);
            }
            else
            {
                _devices.Transport.Penalise(incoming.From, PeerFault.WrongContent);
            }
        }
    }

    private sealed class Wanted
    {
        public IReadOnlyList<ValidatorId> Holders { get; set; } = [];

        public int Turn { get; set; }

        public long Due { get; set; }
    }

    private sealed class Built(ulong height, int round)
    {
        private readonly CanonicalWriter _bytes = new(4096);
        private readonly List<Frame> _held = [];
        private ValueId? _value;

        public ulong Height => height;

        public int Round => round;

        public int Parts { get; private set; }

        public ReadOnlyMemory<byte> Content { get; private set; }

        public ValueId Commitment { get; private set; }

        /// <summary>
        /// Keeps a small frame back for the next one: Init opens nothing without a part, and behind a short part Fin is near.
        /// </summary>
        public void Hold(Frame frame) => _held.Add(frame);

        /// <summary>The frames kept back, to be sent now.</summary>
        public Frame[] Release(params ReadOnlySpan<Frame> last)
        {
            Frame[] frames = [.. _held, .. last];
            _held.Clear();
            return frames;
        }

        public void Add(ReadOnlyMemory<byte> part)
        {
            _bytes.Raw(part.Span);
            Parts++;
        }

        public void Finish(ValueId value)
        {
            _value = value;
            Content = _bytes.ToArray();
            Commitment = new ValueId(Sha3.Hash256(Content.Span));
        }

        public bool Matches(Proposal proposal) => proposal.Height == height && proposal.Round == round && proposal.Value == _value;
    }
}
