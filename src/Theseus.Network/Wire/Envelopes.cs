using Google.Protobuf;

namespace Theseus.Network;

/// <summary>What opening an envelope gave.</summary>
public enum EnvelopeState
{
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

    public static Frame Consensus(ushort kind, ulong height, ReadOnlyMemory<byte> canonical) => new(
        FrameKind.Consensus, height, new Theseus.Network.Wire.Consensus.Envelope { Kind = kind, Canonical = UnsafeByteOperations.UnsafeWrap(canonical) }.ToByteArray());

    public static Frame Sync(ushort kind, ulong height, ReadOnlyMemory<byte> canonical) => new(
        FrameKind.Sync, height, new Theseus.Network.Wire.Sync.Envelope { Kind = kind, Canonical = UnsafeByteOperations.UnsafeWrap(canonical) }.ToByteArray());

    public static Frame Transactions(IEnumerable<byte[]> transactions)
    {
        Theseus.Network.Wire.Mempool.Transactions message = new();
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
                ? Read(Theseus.Network.Wire.Consensus.Envelope.Parser.ParseFrom(frame.Payload.Span))
                : Read(Theseus.Network.Wire.Sync.Envelope.Parser.ParseFrom(frame.Payload.Span));
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

    /// <summary>Opens a message of transactions. False when it is malformed, too long or needs what this node does not understand.</summary>
    public static bool TryOpenTransactions(Frame frame, out IReadOnlyList<byte[]> transactions)
    {
        transactions = [];
        try
        {
            Theseus.Network.Wire.Mempool.Transactions message = Theseus.Network.Wire.Mempool.Transactions.Parser.ParseFrom(frame.Payload.Span);
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

    private static (ulong, uint, ByteString) Read(Theseus.Network.Wire.Consensus.Envelope envelope) => (envelope.MustUnderstand, envelope.Kind, envelope.Canonical);

    private static (ulong, uint, ByteString) Read(Theseus.Network.Wire.Sync.Envelope envelope) => (envelope.MustUnderstand, envelope.Kind, envelope.Canonical);
}
