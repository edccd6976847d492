using System.Numerics;

namespace Theseus.Move.Tests.Values;

public sealed class UInt256Tests
{
    private static readonly BigInteger Modulus = BigInteger.One << 256;

    /// <summary>Operands with interesting limb boundaries, from a fixed seed.</summary>
    private static IEnumerable<BigInteger> Operands()
    {
        BigInteger[] edges = [0, 1, 2, uint.MaxValue, (BigInteger)uint.MaxValue + 1, ulong.MaxValue, (BigInteger)ulong.MaxValue + 1,
            BigInteger.One << 127,
            (BigInteger.One << 128) - 1, BigInteger.One << 128, (BigInteger.One << 255), Modulus - 1, Modulus - 2,
            (BigInteger.One << 192) - 1];
        foreach (BigInteger edge in edges)
        {
            yield return edge;
        }

        Random random = new(20260101);
        for (int i = 0; i < 120; i++)
        {
            byte[] bytes = new byte[random.Next(1, 33)];
            random.NextBytes(bytes);
            if (i % 3 == 0)
            {
                bytes[^1] = 0xFF; // top bits set: the hard case of long division
            }

            yield return new BigInteger(bytes, isUnsigned: true);
        }
    }

    [Fact]
    public void ArithmeticAgreesWithUnboundedIntegers()
    {
        List<BigInteger> operands = [.. Operands()];
        foreach (BigInteger x in operands)
        {
            foreach (BigInteger y in operands)
            {
                UInt256 a = UInt256.FromBigInteger(x), b = UInt256.FromBigInteger(y);
                Assert.Equal(x + y < Modulus, UInt256.TryAdd(a, b, out UInt256 sum));
                Assert.Equal((x + y) % Modulus, sum.ToBigInteger());
                Assert.Equal(x >= y, UInt256.TrySubtract(a, b, out UInt256 difference));
                Assert.Equal((x - y + Modulus) % Modulus, difference.ToBigInteger());
                Assert.Equal(x * y < Modulus, UInt256.TryMultiply(a, b, out UInt256 product));
                Assert.Equal(x * y % Modulus, product.ToBigInteger());
                Assert.Equal(!y.IsZero, UInt256.TryDivide(a, b, out UInt256 quotient, out UInt256 remainder));
                if (!y.IsZero)
                {
                    Assert.Equal(x / y, quotient.ToBigInteger());
                    Assert.Equal(x % y, remainder.ToBigInteger());
                }

                Assert.Equal(x & y, (a & b).ToBigInteger());
                Assert.Equal(x | y, (a | b).ToBigInteger());
                Assert.Equal(x ^ y, (a ^ b).ToBigInteger());
                Assert.Equal(x.CompareTo(y), a.CompareTo(b));
            }
        }
    }

    [Fact]
    public void DivisionThatNeedsTheAddBackStepIsExact()
    {
        // The classic operands for which the digit estimate is one too large even after correction.
        BigInteger x = (new BigInteger(0x7fffffff) << 224) + (new BigInteger(0x80000000) << 192);
        BigInteger y = (new BigInteger(0x80000000) << 64) + 1;
        Assert.True(UInt256.TryDivide(UInt256.FromBigInteger(x), UInt256.FromBigInteger(y), out UInt256 quotient, out UInt256 remainder));
        Assert.Equal(x / y, quotient.ToBigInteger());
        Assert.Equal(x % y, remainder.ToBigInteger());
    }

    [Fact]
    public void ShiftsLoseBitsSilently()
    {
        foreach (BigInteger x in Operands())
        {
            UInt256 a = UInt256.FromBigInteger(x);
            for (int count = 0; count < 256; count++)
            {
                Assert.Equal((x << count) % Modulus, (a << count).ToBigInteger());
                Assert.Equal(x >> count, (a >> count).ToBigInteger());
            }
        }
    }

    [Fact]
    public void BytesAreLittleEndian()
    {
        byte[] bytes = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];
        UInt256 value = UInt256.Read(bytes);
        Assert.Equal(new BigInteger(bytes, isUnsigned: true), value.ToBigInteger());
        byte[] back = new byte[32];
        value.CopyTo(back);
        Assert.Equal(bytes, back);
    }
}
