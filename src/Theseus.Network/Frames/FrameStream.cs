using System.Buffers.Binary;

namespace Theseus.Network;

/// <summary>Reads and writes frames on a stream; one reader and one writer at a time.</summary>
public sealed class FrameStream(Stream stream)
{
    /// <summary>Up to here header and payload are written as one TLS record.</summary>
    private const int OneRecord = 16 * 1024;

    /// <summary>A payload's buffer begins with at most this and grows with what arrives: a declared length costs nothing.</summary>
    private const int FirstBuffer = 64 * 1024;

    private readonly byte[] _readHeader = new byte[FrameLimits.HeaderLength];
    private readonly byte[] _writeBuffer = new byte[OneRecord];
    private int _buffered;

    /// <summary>The overlay whose frames are taken; null until the session is open.</summary>
    public OverlayKind? Overlay { get; set; }

    /// <summary>The next frame, or null at the end of the stream.</summary>
    /// <exception cref="WireException">An unknown kind, or a length above the kind's limit: nothing was allocated for it. Or the
    /// stream ended inside the frame.</exception>
    public async ValueTask<Frame?> ReadAsync(CancellationToken cancellation) =>
        await ReadHeaderAsync(cancellation) is FrameHeader header ? await ReadPayloadAsync(header, cancellation) : null;

    /// <summary>The next frame's header, or null at the end of the stream.</summary>
    /// <exception cref="WireException">As <see cref="ReadAsync"/>.</exception>
    public async ValueTask<FrameHeader?> ReadHeaderAsync(CancellationToken cancellation)
    {
        int read = await stream.ReadAtLeastAsync(_readHeader, FrameLimits.HeaderLength, throwOnEndOfStream: false, cancellation);
        if (read == 0)
        {
            return null;
        }

        if (read < FrameLimits.HeaderLength)
        {
            throw new WireException(CloseReason.Lost, "the stream ended inside a frame header");
        }

        ushort kind = BinaryPrimitives.ReadUInt16LittleEndian(_readHeader);
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(_readHeader.AsSpan(2));
        ulong height = BinaryPrimitives.ReadUInt64LittleEndian(_readHeader.AsSpan(6));
        int limit = FrameLimits.Of(kind, Overlay);
        if (limit < 0)
        {
            throw new WireException(CloseReason.UnknownFrame, $"frame kind {kind}");
        }

        return length <= (uint)limit
            ? new FrameHeader((FrameKind)kind, height, (int)length)
            : throw new WireException(CloseReason.FrameTooLarge, $"frame kind {kind} of {length} bytes exceeds {limit}");
    }

    /// <summary>The payload that a header announced.</summary>
    /// <exception cref="WireException">The stream ended before it.</exception>
    public async ValueTask<Frame> ReadPayloadAsync(FrameHeader header, CancellationToken cancellation)
    {
        byte[] payload = header.Length == 0 ? [] : GC.AllocateUninitializedArray<byte>(int.Min(header.Length, FirstBuffer));
        int filled = 0;
        while (filled < header.Length)
        {
            if (filled == payload.Length)
            {
                byte[] larger = GC.AllocateUninitializedArray<byte>((int)long.Min(header.Length, payload.Length * 4L));
                payload.CopyTo(larger, 0);
                payload = larger;
            }

            int read = await stream.ReadAsync(payload.AsMemory(filled), cancellation);
            if (read == 0)
            {
                throw new WireException(CloseReason.Lost, "the stream ended inside a frame");
            }

            filled += read;
        }

        return new Frame(header.Kind, header.Height, payload);
    }

    /// <summary>Writes one frame.</summary>
    public ValueTask WriteAsync(Frame frame, CancellationToken cancellation) => WriteAsync(frame, more: false, cancellation);

    /// <summary>Writes one frame; when <paramref name="more"/> follow, what fits into a TLS record waits for the next one.</summary>
    public async ValueTask WriteAsync(Frame frame, bool more, CancellationToken cancellation)
    {
        if (_buffered + FrameLimits.HeaderLength + frame.Payload.Length > OneRecord)
        {
            await WriteBufferAsync(cancellation);
        }

        Span<byte> free = _writeBuffer.AsSpan(_buffered);
        BinaryPrimitives.WriteUInt16LittleEndian(free, (ushort)frame.Kind);
        BinaryPrimitives.WriteUInt32LittleEndian(free[2..], (uint)frame.Payload.Length);
        BinaryPrimitives.WriteUInt64LittleEndian(free[6..], frame.Height);
        int first = int.Min(frame.Payload.Length, free.Length - FrameLimits.HeaderLength);
        frame.Payload.Span[..first].CopyTo(free[FrameLimits.HeaderLength..]);
        _buffered += FrameLimits.HeaderLength + first;
        if (first < frame.Payload.Length)
        {
            await WriteBufferAsync(cancellation);
            await stream.WriteAsync(frame.Payload[first..], cancellation);
        }

        if (!more)
        {
            await WriteBufferAsync(cancellation);
            await stream.FlushAsync(cancellation);
        }
    }

    private async ValueTask WriteBufferAsync(CancellationToken cancellation)
    {
        if (_buffered > 0)
        {
            (int length, _buffered) = (_buffered, 0);
            await stream.WriteAsync(_writeBuffer.AsMemory(0, length), cancellation);
        }
    }
}
