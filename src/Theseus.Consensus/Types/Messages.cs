namespace Theseus.Consensus;

/// <summary>The two voting steps of a round.</summary>
public enum VoteType : byte
{
    /// <summary>The first vote of a round.</summary>
    Prevote = 1,
    /// <summary>The second vote of a round.</summary>
    Precommit = 2,
}

/// <summary>Rounds are non-negative ints; <see cref="Nil"/> stands for "no round".</summary>
public static class Rounds
{
    /// <summary>The absent round, as in a fresh proposal's valid round.</summary>
    public const int Nil = -1;

    /// <summary>No message of this round or above is accepted; reaching it halts the height with an error (F22).</summary>
    public const int Ceiling = 1_000_000;

    /// <summary>Whether a message may be of this round.</summary>
    public static bool IsLegal(int round) => round is >= 0 and < Ceiling;
}

/// <summary>A vote. <paramref name="ValidRound"/> is signed: nil prevotes and all precommits carry -1 (consensus N1).</summary>
/// <param name="Type">Prevote or precommit.</param>
/// <param name="Height">The height voted on.</param>
/// <param name="Round">The round voted in, 0 to <see cref="Rounds.Ceiling"/> - 1.</param>
/// <param name="Value">The value, or null for nil.</param>
/// <param name="ValidRound">The valid round of the proposal that a prevote answers, else -1.</param>
/// <param name="Validator">The voter.</param>
public sealed record Vote(VoteType Type, ulong Height, int Round, ValueId? Value, int ValidRound, ValidatorId Validator);

/// <summary>A proposal names a value; its content streams apart (consensus N11).</summary>
/// <param name="Height">The height.</param>
/// <param name="Round">The round.</param>
/// <param name="Value">The proposed value.</param>
/// <param name="ValidRound">-1 for a fresh proposal, else the round of the polka that made the value valid.</param>
/// <param name="Validator">The proposer.</param>
public sealed record Proposal(ulong Height, int Round, ValueId Value, int ValidRound, ValidatorId Validator);

/// <summary>A message and its signature, not yet verified.</summary>
public sealed record Signed<T>(T Message, ByteString Signature);

/// <summary>One signer's contribution to a certificate.</summary>
public readonly record struct CertificateSignature(ValidatorId Validator, ByteString Signature);

/// <summary>More than 2/3 precommits for one value in one round: the height is decided.</summary>
/// <param name="Height">The decided height.</param>
/// <param name="Round">The round of the precommits.</param>
/// <param name="Value">The decided value.</param>
/// <param name="Signatures">Sorted by validator, no signer twice.</param>
public sealed record CommitCertificate(ulong Height, int Round, ValueId Value, IReadOnlyList<CertificateSignature> Signatures);

/// <summary>More than 2/3 prevotes with equal (value, vr) in one round (consensus N2).</summary>
public sealed record PolkaCertificate(
    ulong Height, int Round, ValueId Value, int ValidRound, IReadOnlyList<CertificateSignature> Signatures);

/// <summary>
/// Justifies entering <paramref name="Round"/>: more than 2/3 precommits of the round before it, or votes of rounds at or above
/// it from distinct validators above 1/3 (consensus N8).
/// </summary>
public sealed record RoundCertificate(ulong Height, int Round, IReadOnlyList<Signed<Vote>> Votes);

/// <summary>The three offences that two signed messages of one validator prove (consensus N3).</summary>
public enum EvidenceKind : byte
{
    /// <summary>Two different votes of one (height, round, type).</summary>
    DoubleVote = 1,
    /// <summary>Two different proposals of one (height, round).</summary>
    DoubleProposal = 2,
    /// <summary>A prevote that an earlier precommit for a value forbids.</summary>
    Amnesia = 3,
}

/// <summary>
/// A proof of misbehaviour: two signed messages of one validator. Votes for double vote and amnesia, proposals for a double
/// proposal; the other pair is null.
/// </summary>
public sealed record Evidence(
    EvidenceKind Kind,
    ulong Height,
    ValidatorId Validator,
    Signed<Vote>? FirstVote,
    Signed<Vote>? SecondVote,
    Signed<Proposal>? FirstProposal,
    Signed<Proposal>? SecondProposal);

/// <summary>What a signature is bound to besides its message (consensus N1).</summary>
/// <param name="ChainId">The chain's name.</param>
/// <param name="GenesisHash">32 bytes.</param>
/// <param name="ConsensusVersion">The <c>consensus</c> component version of the rules of the message's height.</param>
public sealed record SignContext(string ChainId, ValueId GenesisHash, uint ConsensusVersion);
