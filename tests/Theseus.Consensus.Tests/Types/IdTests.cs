namespace Theseus.Consensus.Tests;

/// <summary>32 bytes as four words: order, equality and emptiness are those of the bytes, wherever they differ.</summary>
public class IdTests
{
    public static TheoryData<int> Places => [.. Enumerable.Range(0, 32)];

    [Theory]
    [MemberData(nameof(Places))]
    public void IdsCompareAsTheirBytes(int place)
    {
        byte[] low = [.. Enumerable.Range(1, 32).Select(static i => (byte)(i * 5))];
        byte[] high = [.. low];
        high[place]++;
        high.AsSpan(place + 1).Clear(); // what stands behind the first difference does not count
        ValidatorId a = new(low);
        ValidatorId b = new(high);
        Assert.Equal(low, a.ToArray());
        Assert.Equal(a, ValidatorId.FromHex(Convert.ToHexStringLower(low)));
        Assert.Equal(Convert.ToHexStringLower(low), a.ToString());
        Assert.Equal((-1, 1, 0), (int.Sign(a.CompareTo(b)), int.Sign(b.CompareTo(a)), a.CompareTo(new ValidatorId(low))));
        Assert.True(a < b && b > a && a <= b && b >= a && a != b && !a.Equals(b));
        Assert.False(a > b || b < a || a >= b || b <= a || a == b);
        ValidatorId same = new(low);
        Assert.True(a <= same && a >= same && a == same && a.Equals((object)same));
        Assert.False(a < same || a > same || a != same);

        ValueId c = new(low);
        ValueId d = new(high);
        Assert.Equal(low, c.ToArray());
        Assert.Equal(c, ValueId.FromHex(Convert.ToHexStringLower(low)));
        Assert.Equal(Convert.ToHexStringLower(low), c.ToString());
        Assert.Equal((-1, 1, 0), (int.Sign(c.CompareTo(d)), int.Sign(d.CompareTo(c)), c.CompareTo(new ValueId(low))));
        Assert.True(c < d && d > c && c <= d && d >= c && c != d && !c.Equals(d));
        Assert.False(c > d || d < c || c >= d || d <= c || c == d);
        ValueId alike = new(low);
        Assert.True(c <= alike && c >= alike && c == alike && c.Equals((object)alike));
        Assert.False(c < alike || c > alike || c != alike);
    }

    [Theory]
    [MemberData(nameof(Places))]
    public void OneBitAnywhereIsNotZero(int place)
    {
        byte[] bytes = new byte[32];
        bytes[place] = 1;
        Assert.False(new ValidatorId(bytes).IsZero);
        Assert.False(new ValueId(bytes).IsZero);
        Assert.True(ValidatorId.Zero.IsZero && new ValidatorId(new byte[32]).IsZero);
        Assert.True(ValueId.Zero.IsZero && new ValueId(new byte[32]).IsZero);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(33)]
    public void AnIdHas32Bytes(int length)
    {
        Assert.Throws<ArgumentException>(() => new ValidatorId(new byte[length]));
        Assert.Throws<ArgumentException>(() => new ValueId(new byte[length]));
    }

    [Fact]
    public void ByteStringsAreEqualByContent()
    {
        ByteString a = new([1, 2, 3]);
        Assert.True(a == new ByteString([1, 2, 3]) && a.Equals((object)new ByteString([1, 2, 3])));
        Assert.True(a != new ByteString([1, 2]) && a != new ByteString([1, 2, 4]) && a != default);
        Assert.Equal((3, 0), (a.Length, default(ByteString).Length));
        Assert.Equal(default, new ByteString([]));
        Assert.Equal(a.GetHashCode(), ByteString.FromHex("010203").GetHashCode());
        Assert.Equal("010203", a.ToString());
    }

    [Theory]
    [InlineData(0UL, 0UL, 0UL, 0UL, 0UL)]
    [InlineData(3UL, 2UL, 5UL, 1UL, 6UL)]
    [InlineData(2UL, 3UL, 5UL, 0UL, 6UL)]
    [InlineData(ulong.MaxValue, 0UL, ulong.MaxValue, ulong.MaxValue, 0UL)]
    [InlineData(ulong.MaxValue, 1UL, ulong.MaxValue, ulong.MaxValue - 1, ulong.MaxValue)]
    [InlineData(ulong.MaxValue - 1, 1UL, ulong.MaxValue, ulong.MaxValue - 2, ulong.MaxValue - 1)]
    [InlineData(1UL << 32, 1UL << 32, 1UL << 33, 0UL, ulong.MaxValue)]
    [InlineData(1UL << 32, (1UL << 32) - 1, (1UL << 33) - 1, 1UL, 0xffff_ffff_0000_0000UL)]
    public void NumbersFromOutsideStayWithinTheirRange(ulong left, ulong right, ulong sum, ulong difference, ulong product)
    {
        Assert.Equal(
            (sum, difference, product),
            (Saturating.Add(left, right), Saturating.Subtract(left, right), Saturating.Multiply(left, right)));
        Assert.Equal(left > int.MaxValue ? int.MaxValue : (int)left, Saturating.ToInt32(left));
        Assert.Equal(left > long.MaxValue ? long.MaxValue : (long)left, Saturating.ToInt64(left));
    }
}
