namespace Theseus.Consensus;

/// <summary>
/// The votes and proposals of one round at or below the current one. Bound: 2n votes, 2 proposals; a state holds at most 7 of
/// these (consensus N8).
/// </summary>
internal sealed class RoundTally(int round, int validators)
{
    /// <summary>Proposals kept of a round: the first, which is voted on, and one more as evidence (F10).</summary>
    public const int MaximumProposals = 2;

    public int Round { get; } = round;

    public Signed<Vote>?[] Prevotes { get; } = new Signed<Vote>?[validators];

    public Signed<Vote>?[] Precommits { get; } = new Signed<Vote>?[validators];

    public VoteTally PrevoteTally { get; } = new();

    public VoteTally PrecommitTally { get; } = new();

    public List<ProposalEntry> Proposals { get; } = [];

    public bool PrevoteTimer { get; set; }

    public bool PrecommitTimer { get; set; }

    public Signed<Vote>?[] Votes(VoteType type) => type == VoteType.Prevote ? Prevotes : Precommits;

    public VoteTally Tally(VoteType type) => type == VoteType.Prevote ? PrevoteTally : PrecommitTally;

    /// <summary>The value of this round's polka, if any.</summary>
    public ValueId? Polka => PrevoteTally.Quorum?.Value;

    /// <summary>The certificate of this round's value polka.</summary>
    public PolkaCertificate? PolkaCertificate(ulong height) =>
        PrevoteTally.Quorum is { Value: { } value } key
            ? new PolkaCertificate(height, Round, value, key.ValidRound, Signatures(Prevotes, key))
            : null;

    /// <summary>The certificate of this round's value quorum of precommits.</summary>
    public CommitCertificate? CommitCertificate(ulong height) =>
        PrecommitTally.Quorum is { Value: { } value } key
            ? new CommitCertificate(height, Round, value, Signatures(Precommits, key))
            : null;

    /// <summary>Signatures of the votes that carry <paramref name="key"/>; ascending, as the set's order is.</summary>
    public static List<CertificateSignature> Signatures(Signed<Vote>?[] votes, TallyKey key)
    {
        List<CertificateSignature> signatures = [];
        foreach (Signed<Vote>? vote in votes)
        {
            if (vote is not null && vote.Message.Value == key.Value && vote.Message.ValidRound == key.ValidRound)
            {
                signatures.Add(new CertificateSignature(vote.Message.Validator, vote.Signature));
            }
        }

        return signatures;
    }
}
