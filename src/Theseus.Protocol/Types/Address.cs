using System.Buffers.Binary;

namespace Theseus.Protocol;

/// <summary>A 32-byte account or module address.</summary>
public readonly struct Address : IEquatable<Address>, IComparable<Address>
{
    /// <summary>Bytes of an address.</summary>
    public const int Length = 32;

    private readonly ulong _a, _b, _c, _d; // big-endian words, so that comparing words compares bytes

    /// <summary>Reads exactly 32 bytes.</summary>
    /// <exception cref="ArgumentException">The span has another length.</exception>
    public Address(ReadOnlySpan<byte> bytes)
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

    /// <summary>0x0; also what a default value is.</summary>
    public static Address Zero => default;

    /// <summary>Whether all bytes are zero.</summary>
    public bool IsZero => (_a | _b | _c | _d) == 0;

    /// <summary>Writes the 32 bytes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The destination is shorter.</exception>
    public void CopyTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, _a);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], _b);
        BinaryPrimitives.WriteUInt64BigEndian(destination[16..], _c);
        BinaryPrimitives.WriteUInt64BigEndian(destination[24..], _d);
    }

    /// <summary>A copy of the 32 bytes.</summary>
    public byte[] ToArray()
    {
        byte[] bytes = new byte[Length];
        CopyTo(bytes);
        return bytes;
    }

    /// <summary>As unsigned numbers, first byte first.</summary>
    public int CompareTo(Address other)
    {
        int order = _a.CompareTo(other._a);
        order = order != 0 ? order : _b.CompareTo(other._b);
        order = order != 0 ? order : _c.CompareTo(other._c);
        return order != 0 ? order : _d.CompareTo(other._d);
    }

    /// <inheritdoc/>
    public bool Equals(Address other) => _a == other._a && _b == other._b && _c == other._c && _d == other._d;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Address other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => (int)(_a ^ (_a >> 32) ^ _b ^ (_c >> 17) ^ (_d * 31) ^ (_d >> 32));

    /// <summary>Whether all bytes are equal.</summary>
    public static bool operator ==(Address left, Address right) => left.Equals(right);

    /// <summary>Whether a byte differs.</summary>
    public static bool operator !=(Address left, Address right) => !left.Equals(right);

    /// <summary>Whether the left one comes first in <see cref="CompareTo"/>'s order.</summary>
    public static bool operator <(Address left, Address right) => left.CompareTo(right) < 0;

    /// <summary>Whether the right one comes first.</summary>
    public static bool operator >(Address left, Address right) => left.CompareTo(right) > 0;

    /// <summary>Whether the left one comes first, or both are equal.</summary>
    public static bool operator <=(Address left, Address right) => left.CompareTo(right) <= 0;

    /// <summary>Whether the right one comes first, or both are equal.</summary>
    public static bool operator >=(Address left, Address right) => left.CompareTo(right) >= 0;

    /// <summary>0x1: the framework's address.</summary>
    public static Address One { get; } = FromShort(1);

    /// <summary>The address whose last bytes are <paramref name="value"/>, e.g. 0x1.</summary>
    public static Address FromShort(ulong value)
    {
        Span<byte> bytes = stackalloc byte[Length];
        bytes.Clear();
        BinaryPrimitives.WriteUInt64BigEndian(bytes[24..], value);
        return new Address(bytes);
    }

    /// <summary>Reads hexadecimal text with or without 0x; shorter text is padded with zeros on the left.</summary>
    public static bool TryParse(string text, out Address address)
    {
        ReadOnlySpan<char> digits = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? text.AsSpan(2) : text;
        address = default;
        if (digits.Length is 0 or > 64)
        {
            return false;
        }

        foreach (char c in digits)
        {
            if (!char.IsAsciiHexDigit(c))
            {
                return false;
            }
        }

        address = new Address(Convert.FromHexString(new string(digits).PadLeft(64, (char)48)));
        return true;
    }

    /// <exception cref="FormatException">The text is not an address.</exception>
    public static Address Parse(string text) =>
        TryParse(text, out Address address) ? address : throw new FormatException($"not an address: {text}");

    /// <summary>0x and 64 digits.</summary>
    public string ToLongString() => "0x" + Convert.ToHexStringLower(ToArray());

    /// <summary>Short for the special addresses 0x0 to 0xf, otherwise 0x and 64 digits (execution 2, JSON of values).</summary>
    public override string ToString() =>
        _a == 0 && _b == 0 && _c == 0 && _d < 16 ? "0x" + "0123456789abcdef"[(int)_d] : ToLongString();
}
