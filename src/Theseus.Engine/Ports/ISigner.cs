using Theseus.Consensus;

namespace Theseus.Engine;

/// <summary>What is to be signed under the mark: a proposal, a prevote or a precommit.</summary>
/// <param name="Kind">One of the three.</param>
/// <param name="Height">Its height.</param>
/// <param name="Round">Its round.</param>
/// <param name="SignBytes">The bytes to sign (consensus N1).</param>
/// <param name="LogHead">Head of the log's last synced entry (consensus N14).</param>
public sealed record SignRequest(SignKind Kind, ulong Height, int Round, byte[] SignBytes, ValueId LogHead);

/// <summary>The answer to a <see cref="SignRequest"/>.</summary>
public abstract record SignOutcome
{
    private SignOutcome()
    {
    }

    /// <summary>Signed; the mark is written, durable after a sync of <see cref="ISigner.MarkFile"/>.</summary>
    public sealed record Signature(ByteString Bytes) : SignOutcome;

    /// <summary>The mark forbids it: something else was signed at or above this (height, round, step).</summary>
    public sealed record Refused(Mark? Mark) : SignOutcome;

    /// <summary>Try again later with the same bytes (F28).</summary>
    public sealed record Unavailable : SignOutcome;
}

/// <summary>The highest (height, round, step) signed, with the message and where the log stood (consensus N14).</summary>
public sealed record Mark(ulong Height, int Round, SignKind Kind, byte[] SignBytes, ByteString Signature, ValueId LogHead);

/// <summary>Holds the consensus key and enforces the mark.</summary>
public interface ISigner
{
    /// <summary>The last mark; null if nothing was ever signed or the mark cannot be read.</summary>
    Mark? Mark { get; }

    /// <summary>
    /// The file to sync together with the log before a signature may leave; null if the signer keeps its mark durable itself.
    /// </summary>
    IDiskFile? MarkFile { get; }

    /// <summary>Signs under the mark. The same bytes give the same signature again (C43).</summary>
    SignOutcome Sign(SignRequest request);

    /// <summary>Signs a kind that the mark does not cover (init, attestation, hello...); null while unavailable.</summary>
    /// <exception cref="ArgumentException">The kind is a proposal, a prevote or a precommit.</exception>
    ByteString? SignUnmarked(SignKind kind, ReadOnlySpan<byte> signBytes);
}

/// <summary>A private key of the chain's signature scheme.</summary>
public interface ISigningKey
{
    /// <summary>The signature over a message.</summary>
    ByteString Sign(ReadOnlySpan<byte> message);
}
