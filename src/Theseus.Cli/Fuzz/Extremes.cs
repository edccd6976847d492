namespace Theseus.Cli.Fuzz;

/// <summary>Numbers at the ends of ranges, where arithmetic and conversions break.</summary>
internal static class Extremes
{
    /// <summary>Values of a field of 64 bits; narrower fields take their low bytes.</summary>
    public static IReadOnlyList<ulong> Numbers { get; } =
    [
        0, 1, 2, 127, 128, 255, 256, 65_535, 65_536, int.MaxValue, 1UL << 31, uint.MaxValue, 1UL << 32, 1UL << 53, 253_402_300_799_999,
        253_402_300_800_000, 1_000_000_000_000_000_000, long.MaxValue, 1UL << 63, ulong.MaxValue - 1, ulong.MaxValue,
    ];

    /// <summary>Values of a round and of what else is signed and of 32 bits.</summary>
    public static IReadOnlyList<int> Rounds { get; } =
    [
        int.MinValue, -2, -1, 0, 1, 2, 3, Consensus.Rounds.Ceiling - 1, Consensus.Rounds.Ceiling, int.MaxValue - 1, int.MaxValue,
    ];

    /// <summary>ULEB128 forms that are legal, not minimal, too long or beyond 32 bits.</summary>
    public static IReadOnlyList<byte[]> Ulebs { get; } =
    [
        [0x00], [0x7f], [0x80, 0x00], [0x80, 0x01], [0xff, 0x7f], [0xff, 0xff, 0x03], [0xff, 0xff, 0xff, 0xff, 0x0f],
            [0xff, 0xff, 0xff, 0xff, 0x07],
        [0x80, 0x80, 0x80, 0x80, 0x10], [0x80, 0x80, 0x80, 0x80, 0x80, 0x01], [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
    ];

    /// <summary>A number near a given one, or an extreme.</summary>
    public static ulong Near(ulong value, FuzzRandom random) => random.Below(3) switch
    {
        0 => value + (ulong)random.Below(5) - 2,
        1 => random.Next64() >> random.Below(64),
        _ => random.Of(Numbers),
    };

    /// <summary>A round near a given one, or an extreme.</summary>
    public static int NearRound(int value, FuzzRandom random) =>
        random.OneIn(2) ? unchecked(value + random.Below(5) - 2) : random.Of(Rounds);
}
