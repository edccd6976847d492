namespace Theseus.Consensus;

/// <summary>
/// The canonical bytes of consensus messages, as they stand in the log, in block bodies and on the wire:
/// <code>
/// vote        type u8 | height u64 | round i32 | value option | valid round i32 | validator 32
/// proposal    height u64 | round i32 | value 32 | valid round i32 | validator 32
/// signed T    T | signature (ULEB length, at most 128)
/// commit      height u64 | round i32 | value 32 | count | (validator 32 | signature)*     ascending by validator
/// polka       height u64 | round i32 | value 32 | valid round i32 | count | (validator 32 | signature)*
/// round       height u64 | round i32 | count | signed vote*                               ascending by validator
/// evidence    kind u8 | height u64 | validator 32 | signed vote, signed vote  or  signed proposal, signed proposal
/// message     kind u8 | its form; a vote is followed by its nil reason u16
/// </code>
/// Decoding is strict (one form for one value) and bounded: at most <see cref="ValidatorSet.MaximumSize"/> signatures,
/// rounds below <see cref="Rounds.Ceiling"/>, signers ascending. A fault is a value, not an exception.
/// </summary>
public static class Canonical
{
    /// <summary>Bytes of a signature at most: Ed25519 has 64, room for another scheme.</summary>
    public const int MaximumSignature = 128;

    private const int MinimumCertificateSignature = ValidatorId.Length + 1;
    private const int MinimumSignedVote = 1 + 8 + 4 + 1 + 4 + ValidatorId.Length + 1;

    /// <summary>The canonical bytes of a vote.</summary>
    public static byte[] Encode(Vote vote) => new CanonicalWriter(96).Write(vote).ToArray();

    /// <summary>The canonical bytes of a proposal.</summary>
    public static byte[] Encode(Proposal proposal) => new CanonicalWriter(96).Write(proposal).ToArray();

    /// <summary>The canonical bytes of a vote and its signature.</summary>
    public static byte[] Encode(Signed<Vote> vote) => new CanonicalWriter(192).Write(vote).ToArray();

    /// <summary>The canonical bytes of a proposal and its signature.</summary>
    public static byte[] Encode(Signed<Proposal> proposal) => new CanonicalWriter(192).Write(proposal).ToArray();

    /// <summary>The canonical bytes of a commit certificate.</summary>
    public static byte[] Encode(CommitCertificate certificate) => new CanonicalWriter().Write(certificate).ToArray();

    /// <summary>The canonical bytes of a polka certificate.</summary>
    public static byte[] Encode(PolkaCertificate certificate) => new CanonicalWriter().Write(certificate).ToArray();

    /// <summary>The canonical bytes of a round certificate.</summary>
    public static byte[] Encode(RoundCertificate certificate) => new CanonicalWriter().Write(certificate).ToArray();

    /// <summary>The canonical bytes of evidence.</summary>
    public static byte[] Encode(Evidence evidence) => new CanonicalWriter(512).Write(evidence).ToArray();

    /// <summary>The canonical bytes of a message, its kind first.</summary>
    public static byte[] Encode(ConsensusMessage message) => new CanonicalWriter().Write(message).ToArray();

    /// <summary>Writes a vote.</summary>
    public static CanonicalWriter Write(this CanonicalWriter writer, Vote vote) => writer
        .U8((byte)vote.Type).U64(vote.Height).I32(vote.Round).OptionalValue(vote.Value).I32(vote.ValidRound).Validator(vote.Validator);

    /// <summary>Writes a proposal.</summary>
    public static CanonicalWriter Write(this CanonicalWriter writer, Proposal proposal) => writer
        .U64(proposal.Height).I32(proposal.Round).Value(proposal.Value).I32(proposal.ValidRound).Validator(proposal.Validator);

    /// <summary>Writes a vote and its signature.</summary>
    public static CanonicalWriter Write(this CanonicalWriter writer, Signed<Vote> vote) =>
        writer.Write(vote.Message).Bytes(vote.Signature.Span);

    /// <summary>Writes a proposal and its signature.</summary>
    public static CanonicalWriter Write(this CanonicalWriter writer, Signed<Proposal> proposal) =>
        writer.Write(proposal.Message).Bytes(proposal.Signature.Span);

    /// <summary>Writes a commit certificate.</summary>
    public static CanonicalWriter Write(this CanonicalWriter writer, CommitCertificate certificate) =>
        Signatures(writer.U64(certificate.Height).I32(certificate.Round).Value(certificate.Value), certificate.Signatures);

    /// <summary>Writes a polka certificate.</summary>
    public static CanonicalWriter Write(this CanonicalWriter writer, PolkaCertificate certificate) =>
        Signatures(
            writer.U64(certificate.Height).I32(certificate.Round).Value(certificate.Value).I32(certificate.ValidRound),
            certificate.Signatures);

    /// <summary>Writes a round certificate.</summary>
    public static CanonicalWriter Write(this CanonicalWriter writer, RoundCertificate certificate)
    {
        writer.U64(certificate.Height).I32(certificate.Round).Uleb((uint)certificate.Votes.Count);
        foreach (Signed<Vote> vote in certificate.Votes)
        {
            writer.Write(vote);
        }

        return writer;
    }

    /// <exception cref="ArgumentException">The evidence lacks the pair that its kind needs.</exception>
    public static CanonicalWriter Write(this CanonicalWriter writer, Evidence evidence)
    {
        writer.U8((byte)evidence.Kind).U64(evidence.Height).Validator(evidence.Validator);
        return evidence switch
        {
            { Kind: EvidenceKind.DoubleProposal, FirstProposal: { } first, SecondProposal: { } second } =>
                writer.Write(first).Write(second),
            { Kind: not EvidenceKind.DoubleProposal, FirstVote: { } first, SecondVote: { } second } => writer.Write(first).Write(second),
            _ => throw new ArgumentException("evidence without its pair", nameof(evidence)),
        };
    }

    /// <summary>Writes a message, its kind first.</summary>
    public static CanonicalWriter Write(this CanonicalWriter writer, ConsensusMessage message)
    {
        writer.U8((byte)message.Kind);
        return message switch
        {
            ConsensusMessage.OfProposal proposal => writer.Write(proposal.Proposal),
            ConsensusMessage.OfVote vote => writer.Write(vote.Vote).U16(vote.NilReason),
            ConsensusMessage.OfCommit commit => writer.Write(commit.Certificate),
            ConsensusMessage.OfPolka polka => writer.Write(polka.Certificate),
            ConsensusMessage.OfRound round => writer.Write(round.Certificate),
            ConsensusMessage.OfEvidence evidence => writer.Write(evidence.Evidence),
            _ => throw new ArgumentException("unknown message", nameof(message)),
        };
    }

    /// <summary>Reads a vote; after a fault the reader says so and the result means nothing.</summary>
    public static Vote ReadVote(this ref CanonicalReader reader)
    {
        VoteType type = (VoteType)reader.U8();
        if (type is not (VoteType.Prevote or VoteType.Precommit))
        {
            reader.Fail("unknown vote type");
        }

        ulong height = reader.U64();
        int round = reader.ReadRound();
        ValueId? value = reader.OptionalValue();
        int validRound = reader.ReadValidRound();
        return new Vote(type, height, round, value, validRound, reader.Validator());
    }

    /// <summary>Reads a proposal; after a fault the reader says so and the result means nothing.</summary>
    public static Proposal ReadProposal(this ref CanonicalReader reader) =>
        new(reader.U64(), reader.ReadRound(), reader.Value(), reader.ReadValidRound(), reader.Validator());

    /// <summary>Reads a vote and its signature; after a fault the reader says so and the result means nothing.</summary>
    public static Signed<Vote> ReadSignedVote(this ref CanonicalReader reader) => new(reader.ReadVote(), reader.ReadSignature());

    /// <summary>Reads a proposal and its signature; after a fault the reader says so and the result means nothing.</summary>
    public static Signed<Proposal> ReadSignedProposal(this ref CanonicalReader reader) =>
        new(reader.ReadProposal(), reader.ReadSignature());

    /// <summary>Reads a commit certificate; after a fault the reader says so and the result means nothing.</summary>
    public static CommitCertificate ReadCommit(this ref CanonicalReader reader) =>
        new(reader.U64(), reader.ReadRound(), reader.Value(), ReadSignatures(ref reader));

    /// <summary>Reads a polka certificate; after a fault the reader says so and the result means nothing.</summary>
    public static PolkaCertificate ReadPolka(this ref CanonicalReader reader) =>
        new(reader.U64(), reader.ReadRound(), reader.Value(), reader.ReadValidRound(), ReadSignatures(ref reader));

    /// <summary>Reads a round certificate; after a fault the reader says so and the result means nothing.</summary>
    public static RoundCertificate ReadRoundCertificate(this ref CanonicalReader reader)
    {
        ulong height = reader.U64();
        int round = reader.ReadRound();
        int count = reader.Count(ValidatorSet.MaximumSize, MinimumSignedVote);
        Signed<Vote>[] votes = new Signed<Vote>[count];
        for (int i = 0; i < count && !reader.Failed; i++)
        {
            votes[i] = reader.ReadSignedVote();
            if (i > 0 && votes[i].Message.Validator <= votes[i - 1].Message.Validator)
            {
                reader.Fail("signers not ascending");
            }
        }

        return new RoundCertificate(height, round, votes);
    }

    /// <summary>Reads evidence; after a fault the reader says so and the result means nothing.</summary>
    public static Evidence ReadEvidence(this ref CanonicalReader reader)
    {
        EvidenceKind kind = (EvidenceKind)reader.U8();
        ulong height = reader.U64();
        ValidatorId validator = reader.Validator();
        switch (kind)
        {
            case EvidenceKind.DoubleVote or EvidenceKind.Amnesia:
                return new Evidence(kind, height, validator, reader.ReadSignedVote(), reader.ReadSignedVote(), null, null);
            case EvidenceKind.DoubleProposal:
                return new Evidence(kind, height, validator, null, null, reader.ReadSignedProposal(), reader.ReadSignedProposal());
            default:
                reader.Fail("unknown evidence kind");
                return new Evidence(kind, height, validator, null, null, null, null);
        }
    }

    /// <summary>Reads a message; null when <see cref="CanonicalReader.Fault"/> is set.</summary>
    public static ConsensusMessage? ReadMessage(this ref CanonicalReader reader)
    {
        ConsensusMessage? message = null;
        switch ((MessageKind)reader.U8())
        {
            case MessageKind.Proposal:
                message = new ConsensusMessage.OfProposal(reader.ReadSignedProposal());
                break;
            case MessageKind.Vote:
                message = new ConsensusMessage.OfVote(reader.ReadSignedVote(), reader.U16());
                break;
            case MessageKind.Commit:
                message = new ConsensusMessage.OfCommit(reader.ReadCommit());
                break;
            case MessageKind.Polka:
                message = new ConsensusMessage.OfPolka(reader.ReadPolka());
                break;
            case MessageKind.Round:
                message = new ConsensusMessage.OfRound(reader.ReadRoundCertificate());
                break;
            case MessageKind.Evidence:
                message = new ConsensusMessage.OfEvidence(reader.ReadEvidence());
                break;
            default:
                reader.Fail("unknown message kind");
                break;
        }

        return reader.Failed ? null : message;
    }

    /// <summary>Decodes a whole message; null and the fault if the bytes are not its canonical form.</summary>
    public static ConsensusMessage? TryDecodeMessage(ReadOnlySpan<byte> bytes, out string? fault)
    {
        CanonicalReader reader = new(bytes);
        ConsensusMessage? message = reader.ReadMessage();
        reader.End();
        fault = reader.Fault;
        return reader.Failed ? null : message;
    }

    /// <summary>Decodes a whole commit certificate; null and the fault if the bytes are not its canonical form.</summary>
    public static CommitCertificate? TryDecodeCommit(ReadOnlySpan<byte> bytes, out string? fault)
    {
        CanonicalReader reader = new(bytes);
        CommitCertificate certificate = reader.ReadCommit();
        reader.End();
        fault = reader.Fault;
        return reader.Failed ? null : certificate;
    }

    /// <summary>Decodes whole evidence; null and the fault if the bytes are not its canonical form.</summary>
    public static Evidence? TryDecodeEvidence(ReadOnlySpan<byte> bytes, out string? fault)
    {
        CanonicalReader reader = new(bytes);
        Evidence evidence = reader.ReadEvidence();
        reader.End();
        fault = reader.Fault;
        return reader.Failed ? null : evidence;
    }

    /// <summary>
    /// Reads a signature of at most <see cref="MaximumSignature"/> bytes; after a fault the reader says so and the result means
    /// nothing.
    /// </summary>
    public static ByteString ReadSignature(this ref CanonicalReader reader) => new(reader.Bytes(MaximumSignature));

    // F22: rounds are checked before anything is made of them
    private static int ReadRound(this ref CanonicalReader reader)
    {
        int round = reader.I32();
        if (round is < 0 or >= Rounds.Ceiling)
        {
            reader.Fail("round out of range");
        }

        return round;
    }

    private static int ReadValidRound(this ref CanonicalReader reader)
    {
        int round = reader.I32();
        if (round is < Rounds.Nil or >= Rounds.Ceiling)
        {
            reader.Fail("valid round out of range");
        }

        return round;
    }

    private static CanonicalWriter Signatures(CanonicalWriter writer, IReadOnlyList<CertificateSignature> signatures)
    {
        writer.Uleb((uint)signatures.Count);
        foreach (CertificateSignature signature in signatures)
        {
            writer.Validator(signature.Validator).Bytes(signature.Signature.Span);
        }

        return writer;
    }

    private static CertificateSignature[] ReadSignatures(ref CanonicalReader reader)
    {
        int count = reader.Count(ValidatorSet.MaximumSize, MinimumCertificateSignature);
        CertificateSignature[] signatures = new CertificateSignature[count];
        for (int i = 0; i < count && !reader.Failed; i++)
        {
            signatures[i] = new CertificateSignature(reader.Validator(), reader.ReadSignature());
            if (i > 0 && signatures[i].Validator <= signatures[i - 1].Validator)
            {
                reader.Fail("signers not ascending");
            }
        }

        return signatures;
    }
}
