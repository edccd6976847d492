using Theseus.Consensus;

namespace Theseus.Engine;

/// <summary>
/// What this node builds in a height and streams to its peers while it is built (consensus N11). One stream at a time: a later round's
/// takes the place of an earlier one's.
/// </summary>
internal sealed class ProposalStream(ITransport transport)
{
    // the stream of the last round in which this node was asked for a value; null if there is none, or its application cannot build
    private Building? _building;

    /// <summary>Begins the stream of a round.</summary>
    /// <param name="height">The height.</param>
    /// <param name="round">The round.</param>
    /// <param name="init">What opens it; null if it could not be signed: the content is then asked for by its value.</param>
    public void Begin(ulong height, int round, StreamInit? init)
    {
        _building = new Building(height, round);
        if (init is not null)
        {
            _building.Hold(new Frame(FrameKind.StreamInit, height, init.Encode()));
        }
    }

    /// <summary>The next part of the value, from the application; one of another round is dropped.</summary>
    public void Take(AppReply.Part part)
    {
        if (BuildingOf(part.Height, part.Round) is not { } building)
        {
            return;
        }

        for (int offset = 0; offset < part.Bytes.Length; offset += StreamPart.MaximumSize)
        {
            ReadOnlyMemory<byte> slice = part.Bytes.Slice(offset, int.Min(StreamPart.MaximumSize, part.Bytes.Length - offset));
            StreamPart message = new(part.Height, part.Round, building.Parts, slice);
            building.Add(slice);
            building.Hold(new Frame(FrameKind.StreamPart, part.Height, message.Encode()));
            if (slice.Length == StreamPart.MaximumSize)
            {
                transport.Broadcast(building.Release());
            }
        }
    }

    /// <summary>The value is built.</summary>
    /// <returns>Its content; null if it is of another round than the one that is built for.</returns>
    public ReadOnlyMemory<byte>? Take(AppReply.Fin fin) => BuildingOf(fin.Height, fin.Round)?.Finish(fin.Value);

    /// <summary>No value can be built: the propose timeout ends the wait (C3).</summary>
    public void Take(AppReply.CannotBuild cannot)
    {
        if (BuildingOf(cannot.Height, cannot.Round) is not null)
        {
            _building = null;
        }
    }

    /// <summary>Ends the stream with its signed proposal: with the frames that were kept back for it.</summary>
    /// <returns>False if the proposal is not of what was built here.</returns>
    public bool TryEnd(Signed<Proposal> proposal)
    {
        if (_building is not { } building || !building.Is(proposal.Message))
        {
            return false;
        }

        StreamFin fin = new(proposal, building.Parts, building.Commitment);
        transport.Broadcast(building.Release(new Frame(FrameKind.StreamFin, proposal.Message.Height, fin.Encode())));
        return true;
    }

    private Building? BuildingOf(ulong height, int round) =>
        _building is { } building && building.Height == height && building.Round == round ? building : null;

    private sealed class Building(ulong height, int round)
    {
        private readonly CanonicalWriter _bytes = new(4096);
        private readonly List<Frame> _held = [];
        private ValueId? _value; // null until the last part is here

        public ulong Height => height;

        public int Round => round;

        public int Parts { get; private set; }

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

        public ReadOnlyMemory<byte> Finish(ValueId value)
        {
            _value = value;
            byte[] content = _bytes.ToArray();
            Commitment = new ValueId(Sha3.Hash256(content));
            return content;
        }

        public bool Is(Proposal proposal) => proposal.Height == height && proposal.Round == round && proposal.Value == _value;
    }
}
