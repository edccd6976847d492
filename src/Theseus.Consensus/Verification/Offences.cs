namespace Theseus.Consensus;

/// <summary>
/// What two messages of one validator prove (consensus N3), signatures apart. Pairs are put in one order, so that the same
/// proof has one form (C27).
/// </summary>
public static class Offences
{
    /// <summary>Evidence of a double vote or amnesia in two votes of one validator, or null.</summary>
    public static Evidence? Between(Signed<Vote> one, Signed<Vote> other)
    {
        Vote a = one.Message;
        Vote b = other.Message;
        if (a.Validator != b.Validator || a.Height != b.Height)
        {
            return null;
        }

        if (a.Round == b.Round && a.Type == b.Type)
        {
            return SameSignBytes(a, b) ? null
                : Compare(a, b) < 0 ? new Evidence(EvidenceKind.DoubleVote, a.Height, a.Validator, one, other, null, null)
                : new Evidence(EvidenceKind.DoubleVote, a.Height, a.Validator, other, one, null, null);
        }

        return IsAmnesia(a, b) ? new Evidence(EvidenceKind.Amnesia, a.Height, a.Validator, one, other, null, null)
            : IsAmnesia(b, a) ? new Evidence(EvidenceKind.Amnesia, a.Height, a.Validator, other, one, null, null)
            : null;
    }

    /// <summary>Evidence of a double proposal, or null.</summary>
    public static Evidence? Between(Signed<Proposal> one, Signed<Proposal> other)
    {
        Proposal a = one.Message;
        Proposal b = other.Message;
        if (a.Validator != b.Validator || a.Height != b.Height || a.Round != b.Round
            || (a.Value == b.Value && a.ValidRound == b.ValidRound))
        {
            return null;
        }

        int order = a.Value.CompareTo(b.Value);
        bool inOrder = order < 0 || (order == 0 && a.ValidRound < b.ValidRound);
        return new Evidence(EvidenceKind.DoubleProposal, a.Height, a.Validator, null, null, inOrder ? one : other, inOrder ? other : one);
    }

    /// <summary>
    /// Whether the evidence's two messages prove its kind against its validator at its height, in the one order of their pair.
    /// </summary>
    public static bool Proves(Evidence evidence)
    {
        Evidence? proof = evidence switch
        {
            { Kind: EvidenceKind.DoubleProposal, FirstProposal: { } first, SecondProposal: { } second } => Between(first, second),
            { Kind: EvidenceKind.DoubleVote or EvidenceKind.Amnesia, FirstVote: { } first, SecondVote: { } second } =>
                Between(first, second),
            _ => null,
        };
        return proof is not null && proof == evidence; // with the other pair absent
    }

    // precommit(h, r, v) and prevote(h, r', v', vr) with r' > r > vr; the same value or not does not matter
    private static bool IsAmnesia(Vote precommit, Vote prevote) =>
        precommit.Type == VoteType.Precommit && precommit.Value is not null
        && prevote.Type == VoteType.Prevote && prevote.Value is not null
        && prevote.Round > precommit.Round && precommit.Round > prevote.ValidRound;

    private static bool SameSignBytes(Vote a, Vote b) => a.Value == b.Value && a.ValidRound == b.ValidRound;

    private static int Compare(Vote a, Vote b)
    {
        int order = (a.Value is null ? 0 : 1).CompareTo(b.Value is null ? 0 : 1);
        order = order == 0 && a.Value is { } left && b.Value is { } right ? left.CompareTo(right) : order;
        return order != 0 ? order : a.ValidRound.CompareTo(b.ValidRound);
    }
}
