namespace Theseus.Consensus;

/// <summary>
/// SHA3-256 (FIPS 202), managed: the platform's own is missing on some systems, and a consensus rule may not depend on
/// the machine. Output: 32 bytes.
/// </summary>
public static class Sha3
{
    /// <summary>Bytes of a digest.</summary>
    public const int Length = 32;

    private const byte Padding = 0x06;

    /// <summary>Writes SHA3-256 of <paramref name="data"/> to the first 32 bytes of <paramref name="destination"/>.</summary>
    public static void Hash256(ReadOnlySpan<byte> data, Span<byte> destination) => KeccakSponge.Hash(data, Padding, destination);

    /// <summary>SHA3-256 of <paramref name="data"/>.</summary>
    public static byte[] Hash256(ReadOnlySpan<byte> data)
    {
        byte[] digest = new byte[Length];
        Hash256(data, digest);
        return digest;
    }

    /// <summary>An incremental SHA3-256.</summary>
    public static KeccakSponge Begin() => new(Padding);
}

/// <summary>Keccak-256 with the original padding, as Ethereum and Starknet selectors use it. Output: 32 bytes.</summary>
public static class Keccak
{
    /// <summary>Bytes of a digest.</summary>
    public const int Length = 32;

    private const byte Padding = 0x01;

    /// <summary>Writes Keccak-256 of <paramref name="data"/> to the first 32 bytes of <paramref name="destination"/>.</summary>
    public static void Hash256(ReadOnlySpan<byte> data, Span<byte> destination) => KeccakSponge.Hash(data, Padding, destination);

    /// <summary>Keccak-256 of <paramref name="data"/>.</summary>
    public static byte[] Hash256(ReadOnlySpan<byte> data)
    {
        byte[] digest = new byte[Length];
        Hash256(data, digest);
        return digest;
    }

    /// <summary>An incremental Keccak-256.</summary>
    public static KeccakSponge Begin() => new(Padding);
}
