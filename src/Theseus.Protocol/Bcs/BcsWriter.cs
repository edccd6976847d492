using System.Buffers.Binary;
using System.Text;

namespace Theseus.Protocol;

/// <summary>
/// Writes Binary Canonical Serialization: little-endian integers, ULEB128 lengths, no padding. Everything that Theseus
/// hashes, signs or stores is written so.
/// </summary>
public sealed class BcsWriter
{
    private byte[] _buffer;
    private int _length;

    /// <summary>An empty writer.</summary>
    /// <param name="capacity">Bytes of the first buffer, which grows as needed.</param>
    public BcsWriter(int capacity = 256) => _buffer = new byte[capacity];

    /// <summary>Bytes written so far.</summary>
    public int Length => _length;

    /// <summary>What was written, as a view that the next write invalidates.</summary>
    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, _length);

    /// <summary>A copy of what was written.</summary>
    public byte[] ToArray() => Written.ToArray();

    /// <summary>Forgets what was written and keeps the buffer: for many items that are hashed one after the other.</summary>
    public BcsWriter Clear()
    {
        _length = 0;
        return this;
    }

    /// <summary>One byte.</summary>
    public BcsWriter U8(byte value)
    {
        Reserve(1)[0] = value;
        return this;
    }

    /// <summary>A boolean: the byte 1 or 0.</summary>
    public BcsWriter Bool(bool value) => U8(value ? (byte)1 : (byte)0);

    /// <summary>2 bytes, little-endian.</summary>
    public BcsWriter U16(ushort value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(Reserve(2), value);
        return this;
    }

    /// <summary>4 bytes, little-endian.</summary>
    public BcsWriter U32(uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(Reserve(4), value);
        return this;
    }

    /// <summary>8 bytes, little-endian.</summary>
    public BcsWriter U64(ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(Reserve(8), value);
        return this;
    }

    /// <summary>16 bytes, little-endian.</summary>
    public BcsWriter U128(UInt128 value)
    {
        BinaryPrimitives.WriteUInt128LittleEndian(Reserve(16), value);
        return this;
    }

    /// <summary>ULEB128 of a length, an index or an enum variant (at most 2^32 - 1).</summary>
    public BcsWriter Uleb(uint value)
    {
        while (value >= 0x80)
        {
            U8((byte)(value | 0x80));
            value >>= 7;
        }

        return U8((byte)value);
    }

    /// <summary>The bytes as they are, without a length.</summary>
    public BcsWriter Raw(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Reserve(bytes.Length));
        return this;
    }

    /// <summary>A vector of bytes: ULEB length, then the bytes.</summary>
    public BcsWriter Bytes(ReadOnlySpan<byte> bytes) => Uleb((uint)bytes.Length).Raw(bytes);

    /// <summary>UTF-8 text as a vector of bytes.</summary>
    public BcsWriter Text(string text)
    {
        int length = Encoding.UTF8.GetByteCount(text);
        Uleb((uint)length);
        Encoding.UTF8.GetBytes(text, Reserve(length));
        return this;
    }

    /// <summary>32 bytes without a length.</summary>
    public BcsWriter Hash(Hash32 hash)
    {
        hash.CopyTo(Reserve(Hash32.Length));
        return this;
    }

    /// <summary>32 bytes without a length.</summary>
    public BcsWriter Address(Address address)
    {
        address.CopyTo(Reserve(Protocol.Address.Length));
        return this;
    }

    /// <summary>A vector: ULEB count, then each item.</summary>
    public BcsWriter List<T>(IReadOnlyCollection<T> items, Action<BcsWriter, T> write)
    {
        Uleb((uint)items.Count);
        foreach (T item in items)
        {
            write(this, item);
        }

        return this;
    }

    /// <summary>An option: 0, or 1 and the value.</summary>
    public BcsWriter Option<T>(T? value, Action<BcsWriter, T> write) where T : class
    {
        Bool(value is not null);
        if (value is not null)
        {
            write(this, value);
        }

        return this;
    }

    /// <summary>An option of a value type.</summary>
    public BcsWriter OptionOf<T>(T? value, Action<BcsWriter, T> write) where T : struct
    {
        Bool(value.HasValue);
        if (value.HasValue)
        {
            write(this, value.Value);
        }

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
