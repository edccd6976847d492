using System.Numerics;

namespace Theseus.Move;

/// <summary>An unsigned 256-bit integer of four words, the least significant first.</summary>
/// <param name="a">Bits 0 to 63.</param>
/// <param name="b">Bits 64 to 127.</param>
/// <param name="c">Bits 128 to 191.</param>
/// <param name="d">Bits 192 to 255.</param>
public readonly partial struct UInt256(ulong a, ulong b, ulong c, ulong d) : IEquatable<UInt256>, IComparable<UInt256>
{
    internal readonly ulong A = a, B = b, C = c, D = d;

    /// <summary>0, as <c>default</c> is.</summary>
    public static UInt256 Zero => default;

    /// <summary>2^256 - 1.</summary>
    public static UInt256 MaxValue => new(ulong.MaxValue, ulong.MaxValue, ulong.MaxValue, ulong.MaxValue);

    /// <summary>Every u64 fits.</summary>
    public static implicit operator UInt256(ulong value) => new(value, 0, 0, 0);

    /// <summary>Every u128 fits.</summary>
    public static implicit operator UInt256(UInt128 value) => new((ulong)value, (ulong)(value >> 64), 0, 0);

    /// <summary>The same number, for code that is neither metered nor hot: the compiler and tests.</summary>
    public BigInteger ToBigInteger() => (((((new BigInteger(D) << 64) + C) << 64) + B) << 64) + A;

    /// <exception cref="OverflowException">The value is negative or needs more than 256 bits.</exception>
    public static UInt256 FromBigInteger(BigInteger value)
    {
        if (value.Sign < 0 || value.GetBitLength() > 256)
        {
            throw new OverflowException("not a u256");
        }

        BigInteger mask = ulong.MaxValue;
        return new UInt256((ulong)(value & mask), (ulong)((value >> 64) & mask), (ulong)((value >> 128) & mask), (ulong)(value >> 192));
    }

    /// <summary>By size.</summary>
    public int CompareTo(UInt256 other)
    {
        int order = D.CompareTo(other.D);
        order = order != 0 ? order : C.CompareTo(other.C);
        order = order != 0 ? order : B.CompareTo(other.B);
        return order != 0 ? order : A.CompareTo(other.A);
    }

    /// <summary>Whether all 256 bits agree.</summary>
    public bool Equals(UInt256 other) => A == other.A && B == other.B && C == other.C && D == other.D;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is UInt256 other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => (int)(A ^ (A >> 32) ^ (B * 31) ^ (C * 131) ^ (D * 1031));

    /// <summary>Decimal digits.</summary>
    public override string ToString() => ToBigInteger().ToString();

    /// <summary>Whether all 256 bits agree.</summary>
    public static bool operator ==(UInt256 left, UInt256 right) => left.Equals(right);

    /// <summary>Whether any of 256 bits differs.</summary>
    public static bool operator !=(UInt256 left, UInt256 right) => !left.Equals(right);
}
