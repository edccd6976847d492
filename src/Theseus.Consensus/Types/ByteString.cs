namespace Theseus.Consensus;

/// <summary>An immutable byte sequence with value equality: signatures and public keys, which the core carries but never reads.</summary>
public readonly struct ByteString : IEquatable<ByteString>
{
    private readonly byte[]? _bytes;

    /// <summary>Copies <paramref name="bytes"/>.</summary>
    public ByteString(ReadOnlySpan<byte> bytes) => _bytes = bytes.ToArray();

    public ReadOnlySpan<byte> Span => _bytes;

    public int Length => _bytes?.Length ?? 0;

    public byte[] ToArray() => Span.ToArray();

    public static ByteString FromHex(string hex) => new(Convert.FromHexString(hex));

    public bool Equals(ByteString other) => Span.SequenceEqual(other.Span);

    public override bool Equals(object? obj) => obj is ByteString other && Equals(other);

    public override int GetHashCode()
    {
        // Signatures and keys are uniformly distributed; their first bytes are hash enough.
        int hash = Length;
        ReadOnlySpan<byte> head = Span.Length > 8 ? Span[..8] : Span;
        foreach (byte b in head)
        {
            hash = (hash * 31) + b;
        }

        return hash;
    }

    public override string ToString() => Convert.ToHexStringLower(Span);

    public static bool operator ==(ByteString left, ByteString right) => left.Equals(right);

    public static bool operator !=(ByteString left, ByteString right) => !left.Equals(right);
}
