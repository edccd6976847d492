using System.Reflection;
using System.Runtime.InteropServices;
using Theseus.Consensus;

namespace Theseus.Protocol;

/// <summary>
/// Ed25519 by libsodium, the one native call of the pure rooms (execution 8.3). Its acceptance rule is the protocol's:
/// S below L, public key canonical and not of small order, R not of small order, cofactorless comparison of bytes
/// (execution 1). Another library, or another version that judges otherwise, is a fork: see <see cref="Ed25519SelfTest"/>.
/// </summary>
public static partial class Ed25519
{
    /// <summary>Bytes of a public key.</summary>
    public const int PublicKeyLength = 32;

    /// <summary>Bytes of a seed, the private key's form at rest.</summary>
    public const int SeedLength = 32;

    /// <summary>Bytes of a signature.</summary>
    public const int SignatureLength = 64;

    private const string Library = "libsodium";
    private const int SecretKeyLength = 64;

    // Debian's soname first, then the next one's, then whatever the platform's loader finds.
    private static readonly string[] Names = ["libsodium.so.23", "libsodium.so.26", "libsodium", "libsodium.dylib"];

    static Ed25519()
    {
        NativeLibrary.SetDllImportResolver(typeof(Ed25519).Assembly, Resolve);
        if (sodium_init() < 0)
        {
            throw new DllNotFoundException("libsodium does not initialise");
        }
    }

    /// <summary>Whether <paramref name="signature"/> is one of <paramref name="publicKey"/> over <paramref name="message"/>. Wrong lengths are false.</summary>
    public static bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        if (publicKey.Length != PublicKeyLength || signature.Length != SignatureLength)
        {
            return false;
        }

        return crypto_sign_ed25519_verify_detached(signature, message, (ulong)message.Length, publicKey) == 0;
    }

    /// <summary>The public key of a 32-byte seed.</summary>
    /// <exception cref="ArgumentException">The seed has another length.</exception>
    public static byte[] PublicKey(ReadOnlySpan<byte> seed)
    {
        Span<byte> secret = stackalloc byte[SecretKeyLength];
        byte[] key = new byte[PublicKeyLength];
        Expand(seed, key, secret);
        secret.Clear();
        return key;
    }

    /// <summary>Signs with a 32-byte seed; deterministic (RFC 8032).</summary>
    /// <exception cref="ArgumentException">The seed has another length.</exception>
    public static byte[] Sign(ReadOnlySpan<byte> seed, ReadOnlySpan<byte> message)
    {
        Span<byte> secret = stackalloc byte[SecretKeyLength];
        Span<byte> key = stackalloc byte[PublicKeyLength];
        Expand(seed, key, secret);
        byte[] signature = new byte[SignatureLength];
        int code = crypto_sign_ed25519_detached(signature, 0, message, (ulong)message.Length, secret);
        secret.Clear();
        return code == 0 ? signature : throw new InvalidOperationException("libsodium refuses to sign");
    }

    private static void Expand(ReadOnlySpan<byte> seed, Span<byte> publicKey, Span<byte> secret)
    {
        if (seed.Length != SeedLength)
        {
            throw new ArgumentException($"a seed has {SeedLength} bytes, got {seed.Length}", nameof(seed));
        }

        if (crypto_sign_ed25519_seed_keypair(publicKey, secret, seed) != 0)
        {
            throw new InvalidOperationException("libsodium refuses the seed");
        }
    }

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (name != Library)
        {
            return 0;
        }

        foreach (string candidate in Names)
        {
            if (NativeLibrary.TryLoad(candidate, out nint handle))
            {
                return handle;
            }
        }

        throw new DllNotFoundException($"libsodium is missing (tried {string.Join(", ", Names)}); on Debian: apt-get install libsodium23");
    }

    /// <summary>Whether 32 bytes are a canonical point of the prime-order group: a key that somebody can own.</summary>
    public static bool IsValidPublicKey(ReadOnlySpan<byte> publicKey) =>
        publicKey.Length == PublicKeyLength && crypto_core_ed25519_is_valid_point(publicKey) == 1;

    [LibraryImport(Library)]
    private static partial int crypto_core_ed25519_is_valid_point(ReadOnlySpan<byte> point);

    [LibraryImport(Library)]
    private static partial int sodium_init();

    [LibraryImport(Library)]
    private static partial int crypto_sign_ed25519_verify_detached(ReadOnlySpan<byte> signature, ReadOnlySpan<byte> message, ulong length, ReadOnlySpan<byte> publicKey);

    [LibraryImport(Library)]
    private static partial int crypto_sign_ed25519_seed_keypair(Span<byte> publicKey, Span<byte> secretKey, ReadOnlySpan<byte> seed);

    [LibraryImport(Library)]
    private static partial int crypto_sign_ed25519_detached(Span<byte> signature, nint length, ReadOnlySpan<byte> message, ulong messageLength, ReadOnlySpan<byte> secretKey);
}

/// <summary>The consensus core's signature scheme.</summary>
public sealed class Ed25519Check : ISignatureCheck
{
    public static readonly Ed25519Check Instance = new();

    public bool Check(ByteString publicKey, ReadOnlySpan<byte> message, ByteString signature) =>
        Ed25519.Verify(publicKey.Span, message, signature.Span);
}
