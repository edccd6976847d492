using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace Theseus.Protocol;

/// <summary>
/// The two digests of the protocol. SHA-256 commits to state, lists and blocks; SHA3-256 only where wallets or the
/// ceremony fix it (execution 3).
/// </summary>
public static class Hashing
{
    /// <summary>Bytes that are put together on the stack: receipts, headers and values of the usual sizes.</summary>
    private const int OnStack = 1_024;

    /// <summary>SHA-256 of some bytes, without a domain.</summary>
    public static Hash32 Sha256(ReadOnlySpan<byte> data)
    {
        Span<byte> digest = stackalloc byte[Hash32.Length];
        SHA256.HashData(data, digest);
        return new Hash32(digest);
    }

    /// <summary>SHA-256(first ‖ second).</summary>
    public static Hash32 Sha256(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        // One call over one piece costs a third of what an incremental hash costs to make.
        byte[]? rented = null;
        int length = first.Length + second.Length;
        Span<byte> whole = length <= OnStack ? stackalloc byte[OnStack] : rented = ArrayPool<byte>.Shared.Rent(length);
        first.CopyTo(whole);
        second.CopyTo(whole[first.Length..]);
        Hash32 hash = Sha256(whole[..length]);
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }

        return hash;
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
    public static Hash32 Tagged(ReadOnlySpan<byte> domain, ReadOnlySpan<byte> bytes) => Sha256(domain, bytes);

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
