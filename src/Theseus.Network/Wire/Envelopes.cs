using Google.Protobuf;
using ConsensusEnvelope = Theseus.Network.Wire.Consensus.Envelope;
using SyncEnvelope = Theseus.Network.Wire.Sync.Envelope;
using TransactionsMessage = Theseus.Network.Wire.Mempool.Transactions;

namespace Theseus.Network;

/// <summary>What opening an envelope gave.</summary>
public enum EnvelopeState
{
    /// <summary>Kind and canonical bytes were read.</summary>
    Opened,

    /// <summary>No envelope: the peer's fault.</summary>
    Malformed,

    /// <summary>It needs what this node does not know: dropped and counted, nobody's fault.</summary>
    NotUnderstood,
}

/// <summary>Wraps canonical bytes for the wire. Protobuf carries them; what is hashed, signed or stored is canonical.</summary>
public static class Envelopes
{
    /// <summary>Transactions in one message at most.</summary>
    public const int MaximumTransactions = 256;

    /// <summary>A consensus message of a height as a frame.</summary>
    public static Frame Consensus(ushort kind, ulong height, ReadOnlyMemory<byte> canonical) => new(
        FrameKind.Consensus,
        height,
        new ConsensusEnvelope { Kind = kind, Canonical = UnsafeByteOperations.UnsafeWrap(canonical) }.ToByteArray());

    /// <summary>A sync message as a frame.</summary>
    public static Frame Sync(ushort kind, ulong height, ReadOnlyMemory<byte> canonical) => new(
        FrameKind.Sync,
        height,
        new SyncEnvelope { Kind = kind, Canonical = UnsafeByteOperations.UnsafeWrap(canonical) }.ToByteArray());

    /// <summary>Canonical signed transactions, at most <see cref="MaximumTransactions"/>, as a frame.</summary>
    public static Frame Transactions(IEnumerable<byte[]> transactions)
    {
        TransactionsMessage message = new();
        message.Canonical.AddRange(transactions.Select(bytes => UnsafeByteOperations.UnsafeWrap(bytes)));
        return new Frame(FrameKind.Transactions, 0, message.ToByteArray());
    }

    /// <summary>Opens a consensus or sync frame.</summary>
    public static EnvelopeState Open(Frame frame, out ushort kind, out ReadOnlyMemory<byte> canonical)
    {
        kind = 0;
        canonical = default;
        try
        {
            (ulong bits, uint number, ByteString bytes) = frame.Kind == FrameKind.Consensus
                ? Read(ConsensusEnvelope.Parser.ParseFrom(frame.Payload.Span))
                : Read(SyncEnvelope.Parser.ParseFrom(frame.Payload.Span));
            if (bits != 0)
            {
                return EnvelopeState.NotUnderstood;
            }

            kind = (ushort)number;
            canonical = bytes.Memory;
            return number <= ushort.MaxValue ? EnvelopeState.Opened : EnvelopeState.Malformed;
        }
        catch (InvalidProtocolBufferException)
        {
            return EnvelopeState.Malformed;
        }
    }

    /// <summary>
    /// Opens a message of transactions. False when it is malformed, too long or needs what this node does not understand.
    /// </summary>
    public static bool TryOpenTransactions(Frame frame, out IReadOnlyList<byte[]> transactions)
    {
        transactions = [];
        try
        {
            TransactionsMessage message = TransactionsMessage.Parser.ParseFrom(frame.Payload.Span);
            if (message.MustUnderstand != 0 || message.Canonical.Count > MaximumTransactions)
            {
                return false;
            }

            transactions = [.. message.Canonical.Select(bytes => bytes.ToByteArray())];
            return true;
        }
        catch (InvalidProtocolBufferException)
        {
            return false;
        }
    }

    private static (ulong, uint, ByteString) Read(ConsensusEnvelope envelope) =>
        (envelope.MustUnderstand, envelope.Kind, envelope.Canonical);

    private static (ulong, uint, ByteString) Read(SyncEnvelope envelope) =>
        (envelope.MustUnderstand, envelope.Kind, envelope.Canonical);
}
