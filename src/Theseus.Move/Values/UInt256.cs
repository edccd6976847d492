using System.Numerics;

namespace Theseus.Move;

/// <summary>An unsigned 256-bit integer; <see cref="A"/> is the least significant word.</summary>
public readonly partial struct UInt256(ulong a, ulong b, ulong c, ulong d) : IEquatable<UInt256>, IComparable<UInt256>
{
    public readonly ulong A = a, B = b, C = c, D = d;

    public static UInt256 Zero => default;

    public static UInt256 MaxValue => new(ulong.MaxValue, ulong.MaxValue, ulong.MaxValue, ulong.MaxValue);

    public static implicit operator UInt256(ulong value) => new(value, 0, 0, 0);

    public static implicit operator UInt256(UInt128 value) => new((ulong)value, (ulong)(value >> 64), 0, 0);

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

    public int CompareTo(UInt256 other)
    {
        int order = D.CompareTo(other.D);
        order = order != 0 ? order : C.CompareTo(other.C);
        order = order != 0 ? order : B.CompareTo(other.B);
        return order != 0 ? order : A.CompareTo(other.A);
    }

    public bool Equals(UInt256 other) => A == other.A && B == other.B && C == other.C && D == other.D;

    public override bool Equals(object? obj) => obj is UInt256 other && Equals(other);

    public override int GetHashCode() => (int)(A ^ (A >> 32) ^ (B * 31) ^ (C * 131) ^ (D * 1031));

    public override string ToString() => ToBigInteger().ToString();

    public static bool operator ==(UInt256 left, UInt256 right) => left.Equals(right);

    public static bool operator !=(UInt256 left, UInt256 right) => !left.Equals(right);
}
