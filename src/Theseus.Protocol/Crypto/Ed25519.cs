using System.Runtime.InteropServices;
using NSec.Cryptography;
using Theseus.Consensus;

namespace Theseus.Protocol;

/// <summary>
/// Ed25519 by libsodium, through NSec, whose package carries the native library for every platform that it supports: all nodes of one
/// release judge with one library (execution 8.3). Its acceptance rule is the protocol's: S below L, public key canonical and not of small
/// order, R not of small order, cofactorless comparison of bytes (execution 1). Another library, or another version that judges
/// differently, is a fork: see <see cref="Ed25519SelfTest"/>.
/// </summary>
public static partial class Ed25519
{
    /// <summary>Bytes of a public key.</summary>
    public const int PublicKeyLength = 32;

    /// <summary>Bytes of a seed, the private key's form at rest.</summary>
    public const int SeedLength = 32;

    /// <summary>Bytes of a signature.</summary>
    public const int SignatureLength = 64;

    private static readonly SignatureAlgorithm Algorithm = SignatureAlgorithm.Ed25519;

    /// <summary>Whether <paramref name="signature"/> is one of <paramref name="publicKey"/> over <paramref name="message"/>.</summary>
    /// <returns>False for wrong lengths and for everything that execution 1 refuses; never throws for what a stranger sends.</returns>
    public static bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) =>
        signature.Length == SignatureLength &&
        NSec.Cryptography.PublicKey.TryImport(Algorithm, publicKey, KeyBlobFormat.RawPublicKey, out PublicKey? key) &&
        Algorithm.Verify(key!, message, signature);

    /// <summary>The public key of a 32-byte seed.</summary>
    /// <exception cref="ArgumentException">The seed has another length.</exception>
    public static byte[] PublicKey(ReadOnlySpan<byte> seed)
    {
        using Key key = Import(seed);
        return key.PublicKey.Export(KeyBlobFormat.RawPublicKey);
    }

    /// <summary>Signs with a 32-byte seed; deterministic (RFC 8032).</summary>
    /// <exception cref="ArgumentException">The seed has another length.</exception>
    public static byte[] Sign(ReadOnlySpan<byte> seed, ReadOnlySpan<byte> message)
    {
        using Key key = Import(seed);
        return Algorithm.Sign(key, message);
    }

    /// <summary>Whether 32 bytes are a canonical point of the prime-order group: a key that somebody can own.</summary>
    public static bool IsValidPublicKey(ReadOnlySpan<byte> publicKey) =>
        publicKey.Length == PublicKeyLength && crypto_core_ed25519_is_valid_point(publicKey) == 1;

    private static Key Import(ReadOnlySpan<byte> seed) =>
        seed.Length == SeedLength
            ? Key.Import(Algorithm, seed, KeyBlobFormat.RawPrivateKey)
            : throw new ArgumentException($"a seed has {SeedLength} bytes, got {seed.Length}", nameof(seed));

    // The one question that NSec does not ask; answered by the library that NSec brings.
    [LibraryImport("libsodium")]
    private static partial int crypto_core_ed25519_is_valid_point(ReadOnlySpan<byte> point);
}

/// <summary>The consensus core's signature scheme.</summary>
public sealed class Ed25519Check : ISignatureCheck
{
    /// <summary>The only instance; it holds no state.</summary>
    public static readonly Ed25519Check Instance = new();

    /// <inheritdoc/>
    public bool Check(ByteString publicKey, ReadOnlySpan<byte> message, ByteString signature) =>
        Ed25519.Verify(publicKey.Span, message, signature.Span);
}
