namespace Theseus.Consensus;

/// <summary>
/// A message whose signatures, signers and form were checked against the set and version of its height. Only
/// <see cref="Verifier"/> makes one, so the core cannot be handed anything unchecked.
/// </summary>
/// <typeparam name="T"><c>Signed&lt;Vote&gt;</c>, <c>Signed&lt;Proposal&gt;</c>, a certificate or evidence.</typeparam>
public sealed class Verified<T>
{
    internal Verified(T item) => Item = item;

    /// <summary>What was verified.</summary>
    public T Item { get; }
}

/// <summary>The signature scheme, injected: the core knows none.</summary>
public interface ISignatureCheck
{
    /// <summary>
    /// Whether <paramref name="signature"/> is one of <paramref name="publicKey"/> over <paramref name="message"/>. Never
    /// throws on malformed keys or signatures.
    /// </summary>
    bool Check(ByteString publicKey, ReadOnlySpan<byte> message, ByteString signature);
}

/// <summary>Why a message was refused. Every one is the sender's fault (rules of the house, 6).</summary>
public enum Refusal
{
    /// <summary>Nothing is wrong.</summary>
    None = 0,
    /// <summary>The message is of another height.</summary>
    WrongHeight,
    /// <summary>The signer is not in the height's set.</summary>
    UnknownSigner,
    /// <summary>A signature is not the signer's over this message.</summary>
    BadSignature,

    /// <summary>A valid round outside [-1, round), or one on a nil prevote or a precommit (F23, C48).</summary>
    BadValidRound,

    /// <summary>A round below 0 or at the ceiling (F22).</summary>
    BadRound,
    /// <summary>The signer does not propose in this round (consensus N4).</summary>
    NotTheProposer,

    /// <summary>A signer appears twice, or the signers are not ascending.</summary>
    RepeatedSigner,
    /// <summary>The signers hold too little power.</summary>
    TooLittlePower,

    /// <summary>A vote in a round certificate that does not justify its round.</summary>
    UnrelatedVote,

    /// <summary>Two messages that do not prove the named offence.</summary>
    NoOffence,
}
