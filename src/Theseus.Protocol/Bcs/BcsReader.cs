using System.Buffers.Binary;
using System.Text;

namespace Theseus.Protocol;

/// <summary>
/// Why bytes are not the canonical form of a value. Caught at the decoder's edge and turned into a refusal
/// (house rule 6).
/// </summary>
public sealed class BcsException(string message, int offset) : Exception($"{message} at byte {offset}")
{
    /// <summary>Where reading stopped.</summary>
    public int Offset { get; } = offset;
}

/// <summary>
/// Reads Binary Canonical Serialization strictly: non-minimal ULEB, booleans above 1, lengths beyond the input and
/// trailing bytes are refused before anything is allocated.
/// </summary>
public ref struct BcsReader(ReadOnlySpan<byte> bytes)
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _offset;

    /// <summary>The place of the next byte, from 0; what faults name.</summary>
    public readonly int Offset => _offset;

    /// <summary>Bytes not read yet.</summary>
    public readonly int Remaining => _bytes.Length - _offset;

    /// <summary>One byte.</summary>
    /// <exception cref="BcsException">The input has ended.</exception>
    public byte U8() => Take(1)[0];

    /// <summary>A boolean: one byte, 0 or 1.</summary>
    /// <exception cref="BcsException">Another value, or the input has ended.</exception>
    public bool Bool()
    {
        byte value = U8();
        return value <= 1 ? value == 1 : throw Fail($"boolean byte {value}");
    }

    /// <summary>2 bytes, little-endian.</summary>
    /// <exception cref="BcsException">The input has ended.</exception>
    public ushort U16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(2));

    /// <summary>4 bytes, little-endian.</summary>
    /// <exception cref="BcsException">The input has ended.</exception>
    public uint U32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    /// <summary>8 bytes, little-endian.</summary>
    /// <exception cref="BcsException">The input has ended.</exception>
    public ulong U64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8));

    /// <summary>16 bytes, little-endian.</summary>
    /// <exception cref="BcsException">The input has ended.</exception>
    public UInt128 U128() => BinaryPrimitives.ReadUInt128LittleEndian(Take(16));

    /// <summary>ULEB128, minimal, at most 2^32 - 1.</summary>
    public uint Uleb()
    {
        ulong value = 0;
        for (int shift = 0; shift < 35; shift += 7)
        {
            byte b = U8();
            value |= (ulong)(b & 0x7f) << shift;
            if (b < 0x80)
            {
                if (b == 0 && shift > 0)
                {
                    throw Fail("ULEB is not minimal");
                }

                return value <= uint.MaxValue ? (uint)value : throw Fail("ULEB exceeds 32 bits");
            }
        }

        throw Fail("ULEB exceeds 32 bits");
    }

    /// <summary>
    /// The length of a sequence whose items take at least <paramref name="minimumItemSize"/> bytes: refused when the
    /// input cannot hold it.
    /// </summary>
    public int Count(int maximum, int minimumItemSize = 1)
    {
        uint count = Uleb();
        if (count > (uint)maximum)
        {
            throw Fail($"length {count} exceeds the limit of {maximum}");
        }

        return (long)count * minimumItemSize <= Remaining ? (int)count : throw Fail($"length {count} exceeds the input");
    }

    /// <summary>A vector of bytes of at most <paramref name="maximum"/> bytes, as a view into the input.</summary>
    public ReadOnlySpan<byte> BytesView(int maximum) => Take(Count(maximum));

    /// <summary>A copy of a vector of at most <paramref name="maximum"/> bytes: ULEB length, then the bytes.</summary>
    /// <exception cref="BcsException">The vector is longer than the bound or the input.</exception>
    public byte[] Bytes(int maximum) => BytesView(maximum).ToArray();

    /// <summary>UTF-8 text of at most <paramref name="maximum"/> bytes.</summary>
    public string Text(int maximum)
    {
        ReadOnlySpan<byte> view = BytesView(maximum);
        try
        {
            return StrictUtf8.GetString(view);
        }
        catch (DecoderFallbackException)
        {
            throw Fail("text is not UTF-8");
        }
    }

    /// <summary>32 bytes without a length.</summary>
    /// <exception cref="BcsException">The input has ended.</exception>
    public Hash32 Hash() => new(Take(Hash32.Length));

    /// <summary>32 bytes without a length.</summary>
    /// <exception cref="BcsException">The input has ended.</exception>
    public Address Address() => new(Take(Protocol.Address.Length));

    /// <summary>The next <paramref name="count"/> bytes as a view.</summary>
    public ReadOnlySpan<byte> Raw(int count) => Take(count);

    /// <summary>Refuses trailing bytes.</summary>
    public readonly void End()
    {
        if (Remaining != 0)
        {
            throw Fail($"{Remaining} trailing bytes");
        }
    }

    /// <summary>An exception, for the caller to throw, that names the place reached so far.</summary>
    public readonly BcsException Fail(string message) => new(message, _offset);

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count < 0 || count > Remaining)
        {
            throw Fail($"{count} bytes needed, {Remaining} left");
        }

        ReadOnlySpan<byte> view = _bytes.Slice(_offset, count);
        _offset += count;
        return view;
    }
}
