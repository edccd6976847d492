using Google.Protobuf;

namespace Theseus.Network;

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

    /// <summary>Opens a consensus or sync frame. False when it is malformed or needs what this node does not understand.</summary>
    public static bool TryOpen(Frame frame, out ushort kind, out ReadOnlyMemory<byte> canonical)
    {
        kind = 0;
        canonical = default;
        try
        {
            (ulong bits, uint number, ByteString bytes) = frame.Kind == FrameKind.Consensus ? Open(Theseus.Network.Wire.Consensus.Envelope.Parser.ParseFrom(frame.Payload.Span)) : Open(Theseus.Network.Wire.Sync.Envelope.Parser.ParseFrom(frame.Payload.Span));
            kind = (ushort)number;
            canonical = bytes.Memory;
            return bits == 0 && number <= ushort.MaxValue;
        }
        catch (InvalidProtocolBufferException)
        {
            return false;
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

    private static (ulong, uint, ByteString) Open(Theseus.Network.Wire.Consensus.Envelope envelope) => (envelope.MustUnderstand, envelope.Kind, envelope.Canonical);

    private static (ulong, uint, ByteString) Open(Theseus.Network.Wire.Sync.Envelope envelope) => (envelope.MustUnderstand, envelope.Kind, envelope.Canonical);
}
