namespace Theseus.Consensus;

/// <summary>An immutable byte sequence with value equality: signatures and public keys, which the core carries but never reads.</summary>
public readonly struct ByteString : IEquatable<ByteString>
{
    private readonly byte[]? _bytes;

    /// <summary>Copies <paramref name="bytes"/>.</summary>
    public ByteString(ReadOnlySpan<byte> bytes) => _bytes = bytes.ToArray();

    /// <summary>The bytes.</summary>
    public ReadOnlySpan<byte> Span => _bytes;

    /// <summary>Their number.</summary>
    public int Length => _bytes?.Length ?? 0;

    /// <summary>A copy of the bytes.</summary>
    public byte[] ToArray() => Span.ToArray();

    /// <summary>Reads hexadecimal digits.</summary>
    /// <exception cref="FormatException">The text is not hexadecimal.</exception>
    public static ByteString FromHex(string hex) => new(Convert.FromHexString(hex));

    /// <inheritdoc/>
    public bool Equals(ByteString other) => Span.SequenceEqual(other.Span);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ByteString other && Equals(other);

    /// <inheritdoc/>
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

    /// <summary>Lower-case hexadecimal digits.</summary>
    public override string ToString() => Convert.ToHexStringLower(Span);

    /// <summary>Whether the bytes are equal.</summary>
    public static bool operator ==(ByteString left, ByteString right) => left.Equals(right);

    /// <summary>Whether the bytes differ.</summary>
    public static bool operator !=(ByteString left, ByteString right) => !left.Equals(right);
}
