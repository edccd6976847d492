using System.Buffers.Binary;

namespace Theseus.Cli.Fuzz;

/// <summary>SplitMix64 (Steele, Lea, Flood, 2014): the same numbers for the same seed, on every machine and runtime.</summary>
/// <param name="seed">Any number; near seeds give unrelated numbers.</param>
internal sealed class FuzzRandom(ulong seed)
{
    private const ulong Step = 0x9E37_79B9_7F4A_7C15;

    private ulong _state = seed;

    /// <summary>The seed of the case after the one with this seed.</summary>
    public static ulong After(ulong seed) => new FuzzRandom(seed).Next64();

    /// <summary>Any 64 bits.</summary>
    public ulong Next64()
    {
        ulong z = _state += Step;
        z = (z ^ (z >> 30)) * 0xBF58_476D_1CE4_E5B9;
        z = (z ^ (z >> 27)) * 0x94D0_49BB_1331_11EB;
        return z ^ (z >> 31);
    }

    /// <summary>From 0 to <paramref name="bound"/> - 1; 0 when the bound is not above 1.</summary>
    public int Below(int bound) => bound <= 1 ? 0 : (int)(Next64() % (ulong)bound);

    /// <summary>True once in so many times.</summary>
    public bool OneIn(int times) => Below(times) == 0;

    /// <summary>One of several.</summary>
    public T Of<T>(IReadOnlyList<T> items) => items[Below(items.Count)];

    /// <summary>So many bytes.</summary>
    public byte[] Bytes(int count)
    {
        byte[] bytes = new byte[count];
        Span<byte> word = stackalloc byte[sizeof(ulong)];
        for (int i = 0; i < count; i += sizeof(ulong))
        {
            BinaryPrimitives.WriteUInt64LittleEndian(word, Next64());
            word[..int.Min(word.Length, count - i)].CopyTo(bytes.AsSpan(i));
        }

        return bytes;
    }
}
