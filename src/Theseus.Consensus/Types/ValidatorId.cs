using System.Buffers.Binary;

namespace Theseus.Consensus;

/// <summary>The 32-byte name (address) of a validator.</summary>
public readonly struct ValidatorId : IEquatable<ValidatorId>, IComparable<ValidatorId>
{
    /// <summary>Bytes of an id.</summary>
    public const int Length = 32;

    private readonly ulong _a, _b, _c, _d; // big-endian words, so that comparing words compares bytes

    /// <summary>Reads exactly 32 bytes.</summary>
    /// <exception cref="ArgumentException">The span has another length.</exception>
    public ValidatorId(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Length)
        {
            throw new ArgumentException($"expected {Length} bytes, got {bytes.Length}", nameof(bytes));
        }

        _a = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        _b = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
        _c = BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]);
        _d = BinaryPrimitives.ReadUInt64BigEndian(bytes[24..]);
    }

    /// <summary>The id of 32 zero bytes.</summary>
    public static ValidatorId Zero => default;

    /// <summary>Whether all bytes are zero.</summary>
    public bool IsZero => (_a | _b | _c | _d) == 0;

    /// <summary>Writes the 32 bytes.</summary>
    public void CopyTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, _a);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], _b);
        BinaryPrimitives.WriteUInt64BigEndian(destination[16..], _c);
        BinaryPrimitives.WriteUInt64BigEndian(destination[24..], _d);
    }

    /// <summary>The 32 bytes.</summary>
    public byte[] ToArray()
    {
        byte[] bytes = new byte[Length];
        CopyTo(bytes);
        return bytes;
    }

    /// <inheritdoc/>
    public int CompareTo(ValidatorId other)
    {
        int order = _a.CompareTo(other._a);
        order = order != 0 ? order : _b.CompareTo(other._b);
        order = order != 0 ? order : _c.CompareTo(other._c);
        return order != 0 ? order : _d.CompareTo(other._d);
    }

    /// <inheritdoc/>
    public bool Equals(ValidatorId other) => _a == other._a && _b == other._b && _c == other._c && _d == other._d;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ValidatorId other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => (int)(_a ^ (_a >> 32) ^ _b ^ (_c >> 17) ^ (_d * 31) ^ (_d >> 32));

    /// <summary>Whether the bytes are equal.</summary>
    public static bool operator ==(ValidatorId left, ValidatorId right) => left.Equals(right);

    /// <summary>Whether the bytes differ.</summary>
    public static bool operator !=(ValidatorId left, ValidatorId right) => !left.Equals(right);

    /// <summary>Whether the left one stands below the right one in the order of their bytes.</summary>
    public static bool operator <(ValidatorId left, ValidatorId right) => left.CompareTo(right) < 0;

    /// <summary>Whether the left one stands above the right one in the order of their bytes.</summary>
    public static bool operator >(ValidatorId left, ValidatorId right) => left.CompareTo(right) > 0;

    /// <summary>Whether the left one stands not above the right one in the order of their bytes.</summary>
    public static bool operator <=(ValidatorId left, ValidatorId right) => left.CompareTo(right) <= 0;

    /// <summary>Whether the left one stands not below the right one in the order of their bytes.</summary>
    public static bool operator >=(ValidatorId left, ValidatorId right) => left.CompareTo(right) >= 0;

    /// <summary>Reads 64 hexadecimal digits.</summary>
    /// <exception cref="FormatException">The text is not hexadecimal.</exception>
    /// <exception cref="ArgumentException">It has another length.</exception>
    public static ValidatorId FromHex(string hex) => new(Convert.FromHexString(hex));

    /// <summary>64 lower-case hexadecimal digits.</summary>
    public override string ToString() => Convert.ToHexStringLower(ToArray());
}
