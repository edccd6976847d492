namespace Theseus.Consensus;

/// <summary>
/// Checks messages of one height against that height's set and consensus version (N1). Stateless and cheap to make; the
/// signature scheme is given. A certificate is refused whole for its first fault (C33).
/// </summary>
public sealed class Verifier(ISignatureCheck signatures, SignContext context, ValidatorSet set, ulong height)
{
    /// <summary>The height whose messages are verified.</summary>
    public ulong Height { get; } = height;

    /// <summary>The height's validators.</summary>
    public ValidatorSet Set { get; } = set;

    /// <summary>What its signatures are bound to.</summary>
    public SignContext Context { get; } = context;

    /// <summary>Verifies a vote: known voter, well-formed rounds (consensus N1), signature.</summary>
    public Verified<Signed<Vote>>? Verify(Signed<Vote> vote, out Refusal refusal)
    {
        refusal = CheckForm(vote.Message);
        refusal = refusal == Refusal.None ? CheckSignature(vote) : refusal;
        return refusal == Refusal.None ? new Verified<Signed<Vote>>(vote) : null;
    }

    /// <summary>Verifies a proposal: its round's proposer (N4), -1 &lt;= vr &lt; round, signature.</summary>
    public Verified<Signed<Proposal>>? Verify(Signed<Proposal> proposal, out Refusal refusal)
    {
        Proposal message = proposal.Message;
        refusal = CheckForm(message);
        if (refusal == Refusal.None && Set.Proposer(message.Height, message.Round).Id != message.Validator)
        {
            refusal = Refusal.NotTheProposer;
        }

        refusal = refusal == Refusal.None ? CheckSignature(proposal) : refusal;
        return refusal == Refusal.None ? new Verified<Signed<Proposal>>(proposal) : null;
    }

    /// <summary>Verifies a commit certificate: more than 2/3 precommits of its value.</summary>
    public Verified<CommitCertificate>? Verify(CommitCertificate certificate, out Refusal refusal)
    {
        Vote precommit = new(VoteType.Precommit, certificate.Height, certificate.Round, certificate.Value, Rounds.Nil, default);
        refusal = CheckQuorum(precommit, certificate.Signatures);
        return refusal == Refusal.None ? new Verified<CommitCertificate>(certificate) : null;
    }

    /// <summary>Verifies a polka certificate: more than 2/3 prevotes with its (value, vr).</summary>
    public Verified<PolkaCertificate>? Verify(PolkaCertificate certificate, out Refusal refusal)
    {
        Vote prevote = new(VoteType.Prevote, certificate.Height, certificate.Round, certificate.Value, certificate.ValidRound, default);
        refusal = CheckQuorum(prevote, certificate.Signatures);
        return refusal == Refusal.None ? new Verified<PolkaCertificate>(certificate) : null;
    }

    /// <summary>
    /// Verifies a round certificate (consensus N8): more than 2/3 precommits of the round before, or votes of rounds at or
    /// above it with more than 1/3. One vote a validator.
    /// </summary>
    public Verified<RoundCertificate>? Verify(RoundCertificate certificate, out Refusal refusal)
    {
        refusal = CheckRoundCertificate(certificate);
        return refusal == Refusal.None ? new Verified<RoundCertificate>(certificate) : null;
    }

    /// <summary>
    /// Verifies evidence of this height (consensus N3): the pair proves the offence and both signatures are the accused's.
    /// </summary>
    public Verified<Evidence>? Verify(Evidence evidence, out Refusal refusal)
    {
        refusal = CheckEvidence(evidence);
        return refusal == Refusal.None ? new Verified<Evidence>(evidence) : null;
    }

    private Refusal CheckForm(Vote vote)
    {
        if (vote.Height != Height)
        {
            return Refusal.WrongHeight;
        }

        if (vote.Round is < 0 or >= Rounds.Ceiling)
        {
            return Refusal.BadRound;
        }

        // consensus N1: nil prevotes and all precommits sign -1
        bool answersValidRound = vote.Type == VoteType.Prevote && vote.Value is not null;
        int limit = answersValidRound ? vote.Round : 0;
        bool isLegal = vote.ValidRound == Rounds.Nil || (vote.ValidRound >= 0 && vote.ValidRound < limit);
        return isLegal ? Refusal.None : Refusal.BadValidRound;
    }

    private Refusal CheckForm(Proposal proposal)
    {
        if (proposal.Height != Height)
        {
            return Refusal.WrongHeight;
        }

        if (proposal.Round is < 0 or >= Rounds.Ceiling)
        {
            return Refusal.BadRound;
        }

        return proposal.ValidRound < Rounds.Nil || proposal.ValidRound >= proposal.Round ? Refusal.BadValidRound : Refusal.None;
    }

    private Refusal CheckSignature(Signed<Vote> vote) =>
        Set.Find(vote.Message.Validator) is not { } voter ? Refusal.UnknownSigner
        : signatures.Check(voter.PublicKey, SignBytes.Of(Context, vote.Message), vote.Signature) ? Refusal.None
        : Refusal.BadSignature;

    private Refusal CheckSignature(Signed<Proposal> proposal) =>
        Set.Find(proposal.Message.Validator) is not { } proposer ? Refusal.UnknownSigner
        : signatures.Check(proposer.PublicKey, SignBytes.Of(Context, proposal.Message), proposal.Signature) ? Refusal.None
        : Refusal.BadSignature;

    private Refusal CheckQuorum(Vote vote, IReadOnlyList<CertificateSignature> signers)
    {
        Refusal form = CheckForm(vote);
        if (form != Refusal.None)
        {
            return form;
        }

        // the cheap checks of all signers come before the first signature check (F21)
        ulong power = 0;
        for (int i = 0; i < signers.Count; i++)
        {
            if (i > 0 && signers[i].Validator <= signers[i - 1].Validator)
            {
                return Refusal.RepeatedSigner;
            }

            if (Set.Find(signers[i].Validator) is not { } member)
            {
                return Refusal.UnknownSigner;
            }

            power += member.Power;
        }

        if (power < Set.Quorum)
        {
            return Refusal.TooLittlePower;
        }

        byte[] signBytes = SignBytes.Of(Context, vote);
        foreach (CertificateSignature signer in signers)
        {
            if (!signatures.Check(Set.Find(signer.Validator)!.PublicKey, signBytes, signer.Signature))
            {
                return Refusal.BadSignature;
            }
        }

        return Refusal.None;
    }

    private Refusal CheckRoundCertificate(RoundCertificate certificate)
    {
        if (certificate.Height != Height)
        {
            return Refusal.WrongHeight;
        }

        if (certificate.Round is < 1 or >= Rounds.Ceiling)
        {
            return Refusal.BadRound;
        }

        ulong before = 0;
        ulong reached = 0;
        for (int i = 0; i < certificate.Votes.Count; i++)
        {
            Vote vote = certificate.Votes[i].Message;
            if (i > 0 && vote.Validator <= certificate.Votes[i - 1].Message.Validator)
            {
                return Refusal.RepeatedSigner;
            }

            Refusal form = CheckForm(vote);
            if (form != Refusal.None)
            {
                return form;
            }

            if (Set.Find(vote.Validator) is not { } member)
            {
                return Refusal.UnknownSigner;
            }

            if (vote.Round >= certificate.Round)
            {
                reached += member.Power;
            }
            else if (vote.Round == certificate.Round - 1 && vote.Type == VoteType.Precommit)
            {
                before += member.Power;
            }
            else
            {
                return Refusal.UnrelatedVote;
            }
        }

        // the two justifications do not mix (consensus N8)
        bool justified = (before >= Set.Quorum && reached == 0) || (reached >= Set.Honest && before == 0);
        if (!justified)
        {
            return Refusal.TooLittlePower;
        }

        foreach (Signed<Vote> vote in certificate.Votes)
        {
            if (CheckSignature(vote) != Refusal.None)
            {
                return Refusal.BadSignature;
            }
        }

        return Refusal.None;
    }

    private Refusal CheckEvidence(Evidence evidence)
    {
        if (evidence.Height != Height)
        {
            return Refusal.WrongHeight;
        }

        if (!Set.Contains(evidence.Validator))
        {
            return Refusal.UnknownSigner;
        }

        if (!Offences.Proves(evidence))
        {
            return Refusal.NoOffence;
        }

        if (evidence is { FirstProposal: { } firstProposal, SecondProposal: { } secondProposal })
        {
            Refusal proposals = First(CheckForm(firstProposal.Message), CheckForm(secondProposal.Message));
            proposals = proposals == Refusal.None ? CheckSignature(firstProposal) : proposals;
            return proposals == Refusal.None ? CheckSignature(secondProposal) : proposals;
        }

        Refusal votes = First(CheckForm(evidence.FirstVote!.Message), CheckForm(evidence.SecondVote!.Message));
        votes = votes == Refusal.None ? CheckSignature(evidence.FirstVote) : votes;
        return votes == Refusal.None ? CheckSignature(evidence.SecondVote) : votes;
    }

    private static Refusal First(Refusal one, Refusal other) => one != Refusal.None ? one : other;
}
