using System.Buffers.Binary;

namespace Theseus.Move;

public readonly partial struct UInt256
{
    /// <summary>Reads up to 32 little-endian bytes; those that are missing are 0.</summary>
    /// <exception cref="ArgumentException">There are more than 32.</exception>
    public static UInt256 Read(ReadOnlySpan<byte> bytes)
    {
        Span<byte> full = stackalloc byte[32];
        full.Clear();
        bytes.CopyTo(full);
        return new UInt256(
            BinaryPrimitives.ReadUInt64LittleEndian(full),
            BinaryPrimitives.ReadUInt64LittleEndian(full[8..]),
            BinaryPrimitives.ReadUInt64LittleEndian(full[16..]),
            BinaryPrimitives.ReadUInt64LittleEndian(full[24..]));
    }

    /// <summary>Writes 32 little-endian bytes.</summary>
    public void CopyTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(destination, A);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[8..], B);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[16..], C);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[24..], D);
    }

    internal void Write(BcsWriter writer) => writer.U64(A).U64(B).U64(C).U64(D);

    /// <summary>Whether the number is 0.</summary>
    public bool IsZero => (A | B | C | D) == 0;

    internal bool FitsUInt64 => (B | C | D) == 0;

    internal bool FitsUInt128 => (C | D) == 0;

    /// <summary>The low 128 bits.</summary>
    public UInt128 ToUInt128() => new(B, A);

    /// <summary>False when the sum needs more than 256 bits.</summary>
    public static bool TryAdd(in UInt256 x, in UInt256 y, out UInt256 sum)
    {
        ulong carry = 0;
        ulong a = AddCarry(x.A, y.A, ref carry);
        ulong b = AddCarry(x.B, y.B, ref carry);
        ulong c = AddCarry(x.C, y.C, ref carry);
        ulong d = AddCarry(x.D, y.D, ref carry);
        sum = new UInt256(a, b, c, d);
        return carry == 0;
    }

    /// <summary>False when the difference is negative.</summary>
    public static bool TrySubtract(in UInt256 x, in UInt256 y, out UInt256 difference)
    {
        ulong borrow = 0;
        ulong a = SubtractBorrow(x.A, y.A, ref borrow);
        ulong b = SubtractBorrow(x.B, y.B, ref borrow);
        ulong c = SubtractBorrow(x.C, y.C, ref borrow);
        ulong d = SubtractBorrow(x.D, y.D, ref borrow);
        difference = new UInt256(a, b, c, d);
        return borrow == 0;
    }

    /// <summary>False when the product needs more than 256 bits.</summary>
    public static bool TryMultiply(in UInt256 x, in UInt256 y, out UInt256 product)
    {
        Span<ulong> left = [x.A, x.B, x.C, x.D];
        Span<ulong> right = [y.A, y.B, y.C, y.D];
        Span<ulong> result = stackalloc ulong[8];
        result.Clear();
        for (int i = 0; i < 4; i++)
        {
            ulong carry = 0;
            for (int j = 0; j < 4; j++)
            {
                ulong high = Math.BigMul(left[i], right[j], out ulong low);
                low += carry;
                high += low < carry ? 1ul : 0;
                low += result[i + j];
                high += low < result[i + j] ? 1ul : 0;
                result[i + j] = low;
                carry = high;
            }

            result[i + 4] = carry;
        }

        product = new UInt256(result[0], result[1], result[2], result[3]);
        return (result[4] | result[5] | result[6] | result[7]) == 0;
    }

    /// <summary>Bitwise and.</summary>
    public static UInt256 operator &(in UInt256 x, in UInt256 y) => new(x.A & y.A, x.B & y.B, x.C & y.C, x.D & y.D);

    /// <summary>Bitwise or.</summary>
    public static UInt256 operator |(in UInt256 x, in UInt256 y) => new(x.A | y.A, x.B | y.B, x.C | y.C, x.D | y.D);

    /// <summary>Bitwise exclusive or.</summary>
    public static UInt256 operator ^(in UInt256 x, in UInt256 y) => new(x.A ^ y.A, x.B ^ y.B, x.C ^ y.C, x.D ^ y.D);

    /// <summary>Bits above 255 are lost. <paramref name="count"/> is 0 to 255.</summary>
    public static UInt256 operator <<(in UInt256 x, int count)
    {
        Span<ulong> source = [x.A, x.B, x.C, x.D];
        Span<ulong> result = stackalloc ulong[4];
        int words = count >> 6, bits = count & 63;
        for (int i = 3; i >= 0; i--)
        {
            int from = i - words;
            ulong high = from >= 0 ? source[from] << bits : 0;
            ulong low = bits > 0 && from >= 1 ? source[from - 1] >> (64 - bits) : 0;
            result[i] = high | low;
        }

        return new UInt256(result[0], result[1], result[2], result[3]);
    }

    /// <summary><paramref name="count"/> is 0 to 255.</summary>
    public static UInt256 operator >>(in UInt256 x, int count)
    {
        Span<ulong> source = [x.A, x.B, x.C, x.D];
        Span<ulong> result = stackalloc ulong[4];
        int words = count >> 6, bits = count & 63;
        for (int i = 0; i < 4; i++)
        {
            int from = i + words;
            ulong low = from <= 3 ? source[from] >> bits : 0;
            ulong high = bits > 0 && from <= 2 ? source[from + 1] << (64 - bits) : 0;
            result[i] = low | high;
        }

        return new UInt256(result[0], result[1], result[2], result[3]);
    }

    /// <summary>Unsigned order.</summary>
    public static bool operator <(in UInt256 x, in UInt256 y) => x.CompareTo(y) < 0;

    /// <summary>Unsigned order.</summary>
    public static bool operator >(in UInt256 x, in UInt256 y) => x.CompareTo(y) > 0;

    /// <summary>Unsigned order.</summary>
    public static bool operator <=(in UInt256 x, in UInt256 y) => x.CompareTo(y) <= 0;

    /// <summary>Unsigned order.</summary>
    public static bool operator >=(in UInt256 x, in UInt256 y) => x.CompareTo(y) >= 0;

    private static ulong AddCarry(ulong x, ulong y, ref ulong carry)
    {
        ulong sum = x + y;
        ulong first = sum < x ? 1ul : 0;
        ulong total = sum + carry;
        carry = first | (total < sum ? 1ul : 0);
        return total;
    }

    private static ulong SubtractBorrow(ulong x, ulong y, ref ulong borrow)
    {
        ulong difference = x - y;
        ulong first = x < y ? 1ul : 0;
        ulong total = difference - borrow;
        borrow = first | (difference < borrow ? 1ul : 0);
        return total;
    }
}
