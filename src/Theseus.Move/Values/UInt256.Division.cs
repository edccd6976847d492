using System.Numerics;

namespace Theseus.Move;

// Long division by 32-bit digits, the least significant first, with a normalised divisor (Knuth, algorithm D).
public readonly partial struct UInt256
{
    /// <summary>False when <paramref name="y"/> is zero; both results are 0 then.</summary>
    public static bool TryDivide(in UInt256 x, in UInt256 y, out UInt256 quotient, out UInt256 remainder)
    {
        quotient = default;
        remainder = default;
        if (y.IsZero)
        {
            return false;
        }

        if (x.CompareTo(y) < 0)
        {
            remainder = x;
            return true;
        }

        if (x.FitsUInt128)
        {
            UInt128 left = x.ToUInt128(), right = y.ToUInt128();
            UInt128 q = left / right;
            quotient = q;
            remainder = left - (q * right);
            return true;
        }

        Span<uint> dividend = stackalloc uint[9]; // one digit more: normalising shifts into it
        Span<uint> divisor = stackalloc uint[8];
        Span<uint> result = stackalloc uint[8];
        Digits(x, dividend);
        Digits(y, divisor);
        dividend[^1] = 0;
        result.Clear();
        int length = divisor.Length;
        while (divisor[length - 1] == 0)
        {
            length--;
        }

        remainder = length == 1
            ? DivideByDigit(dividend, divisor[0], result)
            : DivideByDigits(dividend, divisor[..length], result);
        quotient = FromDigits(result);
        return true;
    }

    private static UInt256 DivideByDigit(ReadOnlySpan<uint> dividend, uint divisor, Span<uint> quotient)
    {
        ulong rest = 0;
        for (int i = quotient.Length - 1; i >= 0; i--)
        {
            ulong current = (rest << 32) | dividend[i];
            quotient[i] = (uint)(current / divisor);
            rest = current % divisor;
        }

        return rest;
    }

    private static UInt256 DivideByDigits(Span<uint> dividend, Span<uint> divisor, Span<uint> quotient)
    {
        // with its highest bit set, the divisor's two highest digits estimate a digit to at most one too large
        int shift = BitOperations.LeadingZeroCount(divisor[^1]);
        ShiftLeft(divisor, shift);
        ShiftLeft(dividend, shift);
        for (int j = quotient.Length - divisor.Length; j >= 0; j--)
        {
            Span<uint> part = dividend.Slice(j, divisor.Length + 1);
            ulong digit = Estimate(part, divisor);
            if (SubtractMultiple(part, divisor, digit))
            {
                digit--;
                AddBack(part, divisor);
            }

            quotient[j] = (uint)digit;
        }

        Span<uint> rest = dividend[..quotient.Length];
        rest[divisor.Length..].Clear();
        ShiftRight(rest, shift);
        return FromDigits(rest);
    }

    /// <summary>A digit of the quotient, or one more than it.</summary>
    private static ulong Estimate(ReadOnlySpan<uint> part, ReadOnlySpan<uint> divisor)
    {
        ulong numerator = ((ulong)part[^1] << 32) | part[^2];
        ulong digit = numerator / divisor[^1];
        ulong rest = numerator % divisor[^1];
        while (digit > uint.MaxValue || digit * divisor[^2] > ((rest << 32) | part[^3]))
        {
            digit--;
            rest += divisor[^1];
            if (rest > uint.MaxValue)
            {
                break;
            }
        }

        return digit;
    }

    /// <summary>Whether the difference is negative: it then lacks one divisor.</summary>
    private static bool SubtractMultiple(Span<uint> part, ReadOnlySpan<uint> divisor, ulong digit)
    {
        ulong carry = 0;
        long borrow = 0;
        for (int i = 0; i < divisor.Length; i++)
        {
            ulong product = (digit * divisor[i]) + carry;
            carry = product >> 32;
            long difference = (long)part[i] - (uint)product - borrow;
            part[i] = (uint)difference;
            borrow = difference < 0 ? 1 : 0;
        }

        long last = (long)part[^1] - (long)carry - borrow;
        part[^1] = (uint)last;
        return last < 0;
    }

    private static void AddBack(Span<uint> part, ReadOnlySpan<uint> divisor)
    {
        ulong carry = 0;
        for (int i = 0; i < divisor.Length; i++)
        {
            carry += (ulong)part[i] + divisor[i];
            part[i] = (uint)carry;
            carry >>= 32;
        }

        part[^1] += (uint)carry;
    }

    /// <summary>By 0 to 31 bits; the highest digit has room for them.</summary>
    private static void ShiftLeft(Span<uint> digits, int bits)
    {
        for (int i = digits.Length - 1; i > 0; i--)
        {
            digits[i] = (uint)((((ulong)digits[i] << 32) | digits[i - 1]) >> (32 - bits));
        }

        digits[0] <<= bits;
    }

    /// <summary>By 0 to 31 bits.</summary>
    private static void ShiftRight(Span<uint> digits, int bits)
    {
        for (int i = 0; i < digits.Length - 1; i++)
        {
            digits[i] = (uint)((((ulong)digits[i + 1] << 32) | digits[i]) >> bits);
        }

        digits[^1] >>= bits;
    }

    private static void Digits(in UInt256 x, Span<uint> digits)
    {
        digits[0] = (uint)x.A;
        digits[1] = (uint)(x.A >> 32);
        digits[2] = (uint)x.B;
        digits[3] = (uint)(x.B >> 32);
        digits[4] = (uint)x.C;
        digits[5] = (uint)(x.C >> 32);
        digits[6] = (uint)x.D;
        digits[7] = (uint)(x.D >> 32);
    }

    private static UInt256 FromDigits(ReadOnlySpan<uint> digits) => new(
        digits[0] | ((ulong)digits[1] << 32),
        digits[2] | ((ulong)digits[3] << 32),
        digits[4] | ((ulong)digits[5] << 32),
        digits[6] | ((ulong)digits[7] << 32));
}
