namespace Theseus.Consensus;

/// <summary>What validators tell each other about a height. The byte is the first of its canonical form.</summary>
public enum MessageKind : byte
{
    /// <summary>A signed proposal.</summary>
    Proposal = 1,
    /// <summary>A signed vote and its nil reason.</summary>
    Vote = 2,
    /// <summary>A commit certificate.</summary>
    Commit = 3,
    /// <summary>A polka certificate.</summary>
    Polka = 4,
    /// <summary>A round certificate.</summary>
    Round = 5,
    /// <summary>Evidence.</summary>
    Evidence = 6,
}

/// <summary>A message between validators, not yet verified.</summary>
public abstract record ConsensusMessage(MessageKind Kind, ulong Height)
{
    /// <summary>A signed proposal, which names a value (consensus N11).</summary>
    public sealed record OfProposal(Signed<Proposal> Proposal) : ConsensusMessage(MessageKind.Proposal, Proposal.Message.Height);

    /// <summary>
    /// A signed vote. <paramref name="NilReason"/> says why it is nil; it is not signed and is trusted only on the voter's own
    /// session (consensus N12).
    /// </summary>
    public sealed record OfVote(Signed<Vote> Vote, ushort NilReason) : ConsensusMessage(MessageKind.Vote, Vote.Message.Height);

    /// <summary>A certificate that decides the height.</summary>
    /// <param name="Certificate">The certificate.</param>
    public sealed record OfCommit(CommitCertificate Certificate) : ConsensusMessage(MessageKind.Commit, Certificate.Height);

    /// <summary>A certificate of a polka (consensus N9).</summary>
    /// <param name="Certificate">The certificate.</param>
    public sealed record OfPolka(PolkaCertificate Certificate) : ConsensusMessage(MessageKind.Polka, Certificate.Height);

    /// <summary>A certificate that justifies entering a round (consensus N8).</summary>
    /// <param name="Certificate">The certificate.</param>
    public sealed record OfRound(RoundCertificate Certificate) : ConsensusMessage(MessageKind.Round, Certificate.Height);

    /// <summary>A proof of misbehaviour (consensus N3).</summary>
    /// <param name="Evidence">The proof.</param>
    public sealed record OfEvidence(Evidence Evidence) : ConsensusMessage(MessageKind.Evidence, Evidence.Height);
}
