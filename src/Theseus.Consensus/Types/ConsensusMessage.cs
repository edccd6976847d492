namespace Theseus.Consensus;

/// <summary>What validators tell each other about a height. The byte is the first of its canonical form.</summary>
public enum MessageKind : byte
{
    Proposal = 1,
    Vote = 2,
    Commit = 3,
    Polka = 4,
    Round = 5,
    Evidence = 6,
}

/// <summary>A message between validators, not yet verified.</summary>
public abstract record ConsensusMessage(MessageKind Kind, ulong Height)
{
    /// <summary>A signed proposal, which names a value (consensus N11).</summary>
    public sealed record OfProposal(Signed<Proposal> Proposal) : ConsensusMessage(MessageKind.Proposal, Proposal.Message.Height);

    /// <summary>A signed vote. <paramref name="NilReason"/> says why it is nil; it is not signed and is trusted only on the voter's own session (consensus N12).</summary>
    public sealed record OfVote(Signed<Vote> Vote, ushort NilReason) : ConsensusMessage(MessageKind.Vote, Vote.Message.Height);

    public sealed record OfCommit(CommitCertificate Certificate) : ConsensusMessage(MessageKind.Commit, Certificate.Height);

    public sealed record OfPolka(PolkaCertificate Certificate) : ConsensusMessage(MessageKind.Polka, Certificate.Height);

    public sealed record OfRound(RoundCertificate Certificate) : ConsensusMessage(MessageKind.Round, Certificate.Height);

    public sealed record OfEvidence(Evidence Evidence) : ConsensusMessage(MessageKind.Evidence, Evidence.Height);
}
