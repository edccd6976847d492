using System.Buffers.Binary;
using System.Text;

namespace Theseus.Consensus;

/// <summary>
/// Reads canonical bytes strictly and without exceptions: the first fault sticks in <see cref="Fault"/>, every later read
/// gives zero, and the caller looks once at the end. Lengths are checked against a bound and the input before anything is allocated (F21).
/// </summary>
public ref struct CanonicalReader(ReadOnlySpan<byte> bytes)
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _offset;

    /// <summary>Bytes read so far.</summary>
    public readonly int Offset => _offset;

    /// <summary>Bytes not read yet.</summary>
    public readonly int Remaining => _bytes.Length - _offset;

    /// <summary>What was wrong first, or null.</summary>
    public string? Fault { get; private set; }

    /// <summary>Whether a fault was met: what is read after it is zero or empty.</summary>
    public readonly bool Failed => Fault is not null;

    /// <summary>Records a fault unless one is recorded.</summary>
    public void Fail(string fault) => Fault ??= $"{fault} at byte {_offset}";

    /// <summary>One byte.</summary>
    public byte U8()
    {
        ReadOnlySpan<byte> view = Raw(1);
        return view.IsEmpty ? (byte)0 : view[0];
    }

    /// <summary>One byte, 0 or 1; another one is a fault.</summary>
    public bool Bool()
    {
        byte value = U8();
        if (value > 1)
        {
            Fail("boolean above 1");
        }

        return value == 1;
    }

    /// <summary>Two bytes, little-endian.</summary>
    public ushort U16()
    {
        ReadOnlySpan<byte> view = Raw(sizeof(ushort));
        return view.IsEmpty ? (ushort)0 : BinaryPrimitives.ReadUInt16LittleEndian(view);
    }

    /// <summary>Four bytes, little-endian.</summary>
    public uint U32()
    {
        ReadOnlySpan<byte> view = Raw(sizeof(uint));
        return view.IsEmpty ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(view);
    }

    /// <summary>Four bytes, little-endian, two's complement.</summary>
    public int I32()
    {
        ReadOnlySpan<byte> view = Raw(sizeof(int));
        return view.IsEmpty ? 0 : BinaryPrimitives.ReadInt32LittleEndian(view);
    }

    /// <summary>Eight bytes, little-endian.</summary>
    public ulong U64()
    {
        ReadOnlySpan<byte> view = Raw(sizeof(ulong));
        return view.IsEmpty ? 0 : BinaryPrimitives.ReadUInt64LittleEndian(view);
    }

    /// <summary>ULEB128, minimal, at most 2^32 - 1.</summary>
    public uint Uleb()
    {
        ulong value = 0;
        for (int shift = 0; shift < 35; shift += 7)
        {
            byte b = U8();
            value |= (ulong)(b & 0x7f) << shift;
            if (b >= 0x80)
            {
                continue;
            }

            if (b == 0 && shift > 0)
            {
                Fail("ULEB is not minimal");
            }

            if (value > uint.MaxValue)
            {
                Fail("ULEB exceeds 32 bits");
            }

            return Failed ? 0 : (uint)value;
        }

        Fail("ULEB exceeds 32 bits");
        return 0;
    }

    /// <summary>The length of a sequence whose items take at least <paramref name="minimumItemSize"/> bytes.</summary>
    public int Count(int maximum, int minimumItemSize = 1)
    {
        uint count = Uleb();
        if (count > (uint)maximum)
        {
            Fail("length exceeds its limit");
            return 0;
        }

        if ((long)count * minimumItemSize > Remaining)
        {
            Fail("length exceeds the input");
            return 0;
        }

        return (int)count;
    }

    /// <summary>A vector of at most <paramref name="maximum"/> bytes, as a view into the input.</summary>
    public ReadOnlySpan<byte> Bytes(int maximum) => Raw(Count(maximum));

    /// <summary>UTF-8 text of at most <paramref name="maximum"/> bytes.</summary>
    public string Text(int maximum)
    {
        ReadOnlySpan<byte> view = Bytes(maximum);
        try
        {
            return StrictUtf8.GetString(view);
        }
        catch (DecoderFallbackException)
        {
            Fail("text is not UTF-8");
            return string.Empty;
        }
    }

    /// <summary>A value id: 32 bytes.</summary>
    public ValueId Value()
    {
        ReadOnlySpan<byte> view = Raw(ValueId.Length);
        return view.IsEmpty ? default : new ValueId(view);
    }

    /// <summary>An option of a value id.</summary>
    public ValueId? OptionalValue() => Bool() ? Value() : null;

    /// <summary>A validator id: 32 bytes.</summary>
    public ValidatorId Validator()
    {
        ReadOnlySpan<byte> view = Raw(ValidatorId.Length);
        return view.IsEmpty ? default : new ValidatorId(view);
    }

    /// <summary>The next <paramref name="count"/> bytes as a view; empty after a fault.</summary>
    public ReadOnlySpan<byte> Raw(int count)
    {
        if (Failed)
        {
            return default;
        }

        if (count < 0 || count > Remaining)
        {
            Fail("the input ends early");
            return default;
        }

        ReadOnlySpan<byte> view = _bytes.Slice(_offset, count);
        _offset += count;
        return view;
    }

    /// <summary>Refuses trailing bytes.</summary>
    public void End()
    {
        if (!Failed && Remaining != 0)
        {
            Fail("trailing bytes");
        }
    }
}
