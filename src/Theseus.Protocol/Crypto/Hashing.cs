using System.Security.Cryptography;
using System.Text;

namespace Theseus.Protocol;

/// <summary>
/// The two digests of the protocol. SHA-256 commits to state, lists and blocks; SHA3-256 only where wallets or the
/// ceremony fix it (execution 3).
/// </summary>
public static class Hashing
{
    /// <summary>SHA-256 of some bytes, without a domain.</summary>
    public static Hash32 Sha256(ReadOnlySpan<byte> data)
    {
        Span<byte> digest = stackalloc byte[Hash32.Length];
        SHA256.HashData(data, digest);
        return new Hash32(digest);
    }

    /// <summary>The managed SHA3-256: the platform's is missing on some systems (execution 3).</summary>
    public static Hash32 Sha3(ReadOnlySpan<byte> data)
    {
        Span<byte> digest = stackalloc byte[Hash32.Length];
        Consensus.Sha3.Hash256(data, digest);
        return new Hash32(digest);
    }

    /// <summary>SHA3-256 of several pieces in a row.</summary>
    public static Hash32 Sha3(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, ReadOnlySpan<byte> third = default) =>
        new(Consensus.Sha3.Begin().Append(first).Append(second).Append(third).Finish());

    /// <summary>
    /// SHA-256(domain ‖ bytes): what is hashed for one purpose is never a preimage for another. No domain is a prefix
    /// of another.
    /// </summary>
    public static Hash32 Tagged(ReadOnlySpan<byte> domain, ReadOnlySpan<byte> bytes)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(domain);
        hash.AppendData(bytes);
        Span<byte> digest = stackalloc byte[Hash32.Length];
        hash.GetHashAndReset(digest);
        return new Hash32(digest);
    }

    /// <summary>SHA3-256 of a salt's ASCII text, as the transaction format uses it (execution 1).</summary>
    public static Hash32 Salt(string text) => Sha3(Encoding.ASCII.GetBytes(text));
}

/// <summary>Domains of <see cref="Hashing.Tagged"/>.</summary>
public static class Domains
{
    /// <summary>Before a header's bytes: the block id.</summary>
    public static ReadOnlySpan<byte> Header => "THESEUS::BlockHeader|"u8;

    /// <summary>Before the roots of a body: its body root.</summary>
    public static ReadOnlySpan<byte> Body => "THESEUS::BlockBody|"u8;

    /// <summary>Before a certificate's bytes: a header's last commit.</summary>
    public static ReadOnlySpan<byte> Certificate => "THESEUS::CommitCertificate|"u8;

    /// <summary>Before a record's stored form: the record id (record P1).</summary>
    public static ReadOnlySpan<byte> Record => "THESEUS::ProtocolRecord|"u8;

    /// <summary>Before epoch and members: the id of a validator set (record P7).</summary>
    public static ReadOnlySpan<byte> ValidatorSet => "THESEUS::ValidatorSet|"u8;

    /// <summary>Before a genesis: the chain's identity and the parent of block 1.</summary>
    public static ReadOnlySpan<byte> Genesis => "THESEUS::Genesis|"u8;
}
