using System.Buffers.Binary;

namespace Theseus.Network;

/// <summary>Why a session ended. The number travels in the Close message.</summary>
public enum CloseReason : uint
{
    None = 0,
    WrongChain = 1,
    WrongOverlay = 2,
    BadProof = 3,
    UnknownFrame = 4,
    FrameTooLarge = 5,
    Malformed = 6,
    Banned = 7,
    Duplicate = 8,
    TooManyPeers = 9,
    Flooding = 10,
    MustUnderstand = 11,
    Shutdown = 12,
    Lost = 13,
    Self = 14,
    Timeout = 15,
}

/// <summary>A peer broke the rules of the wire; the session ends with the reason.</summary>
public sealed class WireException(CloseReason reason, string message) : Exception(message)
{
    public CloseReason Reason { get; } = reason;
}

/// <summary>Reads and writes frames on a stream; one reader and one writer at a time.</summary>
public sealed class FrameStream(Stream stream)
{
    private readonly byte[] _readHeader = new byte[FrameLimits.HeaderLength];
    private byte[] _writeBuffer = new byte[4096];

    /// <summary>The next frame, or null at the end of the stream.</summary>
    /// <exception cref="WireException">An unknown kind, or a length above the kind's limit: nothing was allocated for it.</exception>
    public async ValueTask<Frame?> ReadAsync(CancellationToken cancellation)
    {
        int read = await stream.ReadAtLeastAsync(_readHeader, FrameLimits.HeaderLength, throwOnEndOfStream: false, cancellation);
        if (read == 0)
        {
            return null;
        }

        if (read < FrameLimits.HeaderLength)
        {
            throw new WireException(CloseReason.Malformed, "the stream ended inside a frame header");
        }

        ushort kind = BinaryPrimitives.ReadUInt16LittleEndian(_readHeader);
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(_readHeader.AsSpan(2));
        ulong height = BinaryPrimitives.ReadUInt64LittleEndian(_readHeader.AsSpan(6));
        int limit = FrameLimits.Of(kind);
        if (limit == 0)
        {
            throw new WireException(CloseReason.UnknownFrame, $"frame kind {kind}");
        }

        if (length > (uint)limit)
        {
            throw new WireException(CloseReason.FrameTooLarge, $"frame kind {kind} of {length} bytes exceeds {limit}");
        }

        byte[] payload = length == 0 ? [] : GC.AllocateUninitializedArray<byte>((int)length);
        try
        {
            await stream.ReadExactlyAsync(payload, cancellation);
        }
        catch (EndOfStreamException)
        {
            throw new WireException(CloseReason.Malformed, "the stream ended inside a frame");
        }

        return new Frame((FrameKind)kind, height, payload);
    }

    /// <summary>Writes one frame in one piece.</summary>
    public async ValueTask WriteAsync(Frame frame, CancellationToken cancellation)
    {
        int total = FrameLimits.HeaderLength + frame.Payload.Length;
        if (_writeBuffer.Length < total)
        {
            _writeBuffer = new byte[total];
        }

        BinaryPrimitives.WriteUInt16LittleEndian(_writeBuffer, (ushort)frame.Kind);
        BinaryPrimitives.WriteUInt32LittleEndian(_writeBuffer.AsSpan(2), (uint)frame.Payload.Length);
        BinaryPrimitives.WriteUInt64LittleEndian(_writeBuffer.AsSpan(6), frame.Height);
        frame.Payload.CopyTo(_writeBuffer.AsMemory(FrameLimits.HeaderLength));
        await stream.WriteAsync(_writeBuffer.AsMemory(0, total), cancellation);
        await stream.FlushAsync(cancellation);
        if (_writeBuffer.Length > 64 * 1024)
        {
            _writeBuffer = new byte[4096]; // one large frame must not hold its buffer for the session's life
        }
    }
}
