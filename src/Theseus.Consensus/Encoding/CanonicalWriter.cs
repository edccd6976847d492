using System.Buffers.Binary;
using System.Text;

namespace Theseus.Consensus;

/// <summary>Writes the canonical bytes of consensus messages (BCS rules): little-endian integers, ULEB128 lengths, an option as 0 or 1 and the value, no padding.</summary>
public sealed class CanonicalWriter(int capacity = 256)
{
    private byte[] _buffer = new byte[capacity];
    private int _length;

    public int Length => _length;

    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, _length);

    public byte[] ToArray() => Written.ToArray();

    /// <summary>Forgets what was written and keeps the buffer.</summary>
    public CanonicalWriter Clear()
    {
        _length = 0;
        return this;
    }

    public CanonicalWriter U8(byte value)
    {
        Reserve(1)[0] = value;
        return this;
    }

    public CanonicalWriter Bool(bool value) => U8(value ? (byte)1 : (byte)0);

    public CanonicalWriter U16(ushort value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(Reserve(sizeof(ushort)), value);
        return this;
    }

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

    public CanonicalWriter U64(ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(Reserve(sizeof(ulong)), value);
        return this;
    }

    public CanonicalWriter Uleb(uint value)
    {
        while (value >= 0x80)
        {
            U8((byte)(value | 0x80));
            value >>= 7;
        }

        return U8((byte)value);
    }

    public CanonicalWriter Raw(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Reserve(bytes.Length));
        return this;
    }

    /// <summary>ULEB length, then the bytes.</summary>
    public CanonicalWriter Bytes(ReadOnlySpan<byte> bytes) => Uleb((uint)bytes.Length).Raw(bytes);

    public CanonicalWriter Text(string text) => Bytes(Encoding.UTF8.GetBytes(text));

    public CanonicalWriter Value(ValueId value)
    {
        value.CopyTo(Reserve(ValueId.Length));
        return this;
    }

    public CanonicalWriter OptionalValue(ValueId? value)
    {
        Bool(value.HasValue);
        return value is { } present ? Value(present) : this;
    }

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
