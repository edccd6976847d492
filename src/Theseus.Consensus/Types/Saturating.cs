namespace Theseus.Consensus;

/// <summary>
/// Arithmetic on numbers that come from outside: heights, times, counts, sizes. It neither throws nor wraps around: a result beyond
/// the type's range stands at the range's end, so that a comparison with it still says what the sender's number said.
/// </summary>
public static class Saturating
{
    /// <summary>The sum, at most 2^64 - 1.</summary>
    public static ulong Add(ulong left, ulong right) => left > ulong.MaxValue - right ? ulong.MaxValue : left + right;

    /// <summary>The difference, at least 0.</summary>
    public static ulong Subtract(ulong left, ulong right) => left > right ? left - right : 0;

    /// <summary>The product, at most 2^64 - 1.</summary>
    public static ulong Multiply(ulong left, ulong right) =>
        ulong.CreateSaturating((UInt128)left * right);

    /// <summary>The number as an int, at most 2^31 - 1.</summary>
    public static int ToInt32(ulong value) => int.CreateSaturating(value);

    /// <summary>The number as a long, at most 2^63 - 1.</summary>
    public static long ToInt64(ulong value) => long.CreateSaturating(value);
}
