using System.Buffers.Binary;
using System.Text;

namespace Theseus.Consensus;

/// <summary>
/// Writes the canonical bytes of consensus messages (BCS rules): little-endian integers, ULEB128 lengths, an option as 0 or 1
/// and the value, no padding.
/// </summary>
public sealed class CanonicalWriter(int capacity = 256)
{
    private byte[] _buffer = new byte[capacity];
    private int _length;

    /// <summary>Bytes written.</summary>
    public int Length => _length;

    /// <summary>What was written; valid until the next write.</summary>
    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, _length);

    /// <summary>A copy of what was written.</summary>
    public byte[] ToArray() => Written.ToArray();

    /// <summary>Forgets what was written and keeps the buffer.</summary>
    public CanonicalWriter Clear()
    {
        _length = 0;
        return this;
    }

    /// <summary>One byte.</summary>
    public CanonicalWriter U8(byte value)
    {
        Reserve(1)[0] = value;
        return this;
    }

    /// <summary>One byte, 0 or 1.</summary>
    public CanonicalWriter Bool(bool value) => U8(value ? (byte)1 : (byte)0);

    /// <summary>Two bytes, little-endian.</summary>
    public CanonicalWriter U16(ushort value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(Reserve(sizeof(ushort)), value);
        return this;
    }

    /// <summary>Four bytes, little-endian.</summary>
    public CanonicalWriter U32(uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(Reserve(sizeof(uint)), value);
        return this;
    }

    /// <summary>A round or a valid round: two's complement, 4 bytes, so that -1 is ff ff ff ff.</summary>
    public CanonicalWriter I32(int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(Reserve(sizeof(int)), value);
        return this;
    }

    /// <summary>Eight bytes, little-endian.</summary>
    public CanonicalWriter U64(ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(Reserve(sizeof(ulong)), value);
        return this;
    }

    /// <summary>A length or count as ULEB128: one to five bytes.</summary>
    public CanonicalWriter Uleb(uint value)
    {
        while (value >= 0x80)
        {
            U8((byte)(value | 0x80));
            value >>= 7;
        }

        return U8((byte)value);
    }

    /// <summary>Bytes without a length.</summary>
    public CanonicalWriter Raw(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Reserve(bytes.Length));
        return this;
    }

    /// <summary>ULEB length, then the bytes.</summary>
    public CanonicalWriter Bytes(ReadOnlySpan<byte> bytes) => Uleb((uint)bytes.Length).Raw(bytes);

    /// <summary>UTF-8 text with its length in bytes as ULEB128.</summary>
    public CanonicalWriter Text(string text) => Bytes(Encoding.UTF8.GetBytes(text));

    /// <summary>A value id: 32 bytes.</summary>
    public CanonicalWriter Value(ValueId value)
    {
        value.CopyTo(Reserve(ValueId.Length));
        return this;
    }

    /// <summary>An option: 0, or 1 and the value id.</summary>
    public CanonicalWriter OptionalValue(ValueId? value)
    {
        Bool(value.HasValue);
        return value is { } present ? Value(present) : this;
    }

    /// <summary>A validator id: 32 bytes.</summary>
    public CanonicalWriter Validator(ValidatorId validator)
    {
        validator.CopyTo(Reserve(ValidatorId.Length));
        return this;
    }

    private Span<byte> Reserve(int count)
    {
        int needed = checked(_length + count);
        if (needed > _buffer.Length)
        {
            Array.Resize(ref _buffer, int.Max(needed, _buffer.Length * 2));
        }

        Span<byte> span = _buffer.AsSpan(_length, count);
        _length = needed;
        return span;
    }
}
