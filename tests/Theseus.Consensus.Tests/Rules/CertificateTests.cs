namespace Theseus.Consensus.Tests;

public class CertificateTests
{
    private static readonly Committee Four = Committee.Of(4);

    [Fact]
    public void C33ACommitCertificateIsRefusedWholeForItsFirstFault()
    {
        CommitCertificate good = Four.Commit(2, Committee.A, 0, 1, 3);
        Assert.Equal(Refusal.None, RefusalOf(good));
        Assert.Equal(Refusal.TooLittlePower, RefusalOf(Four.Commit(2, Committee.A, 0, 1)));
        Assert.Equal(Refusal.RepeatedSigner, RefusalOf(good with { Signatures = [.. good.Signatures.Take(2), good.Signatures[1]] }));
        Assert.Equal(Refusal.UnknownSigner,
            RefusalOf(good with { Signatures = [.. good.Signatures, new(Committee.IdOf(9), good.Signatures[0].Signature)] }));
        Assert.Equal(Refusal.BadSignature,
            RefusalOf(good with { Signatures =
                [.. good.Signatures.Take(2), good.Signatures[2] with { Signature = good.Signatures[0].Signature }] }));
        Assert.Equal(Refusal.BadSignature, RefusalOf(good with { Value = Committee.B }));
        Assert.Equal(Refusal.WrongHeight, RefusalOf(good with { Height = 6 }));
    }

    [Fact]
    public void C33FourGoodSignaturesAndOneBadAreRefusedThoughThePowerWouldDo()
    {
        CommitCertificate all = Four.Commit(0, Committee.A, 0, 1, 2, 3);
        Assert.Equal(Refusal.BadSignature,
            RefusalOf(all with { Signatures = [.. all.Signatures.Take(3), all.Signatures[3] with { Signature = default }] }));
    }

    [Fact]
    public void F21PowerAndSignersAreCheckedBeforeTheFirstSignature()
    {
        Committee committee = Committee.Of(4);
        CommitCertificate few = committee.Commit(0, Committee.A, 0, 1);
        committee.Verifier.Verify(few, out _);
        Assert.Equal(0, committee.Checks);
    }

    [Fact]
    public void C33APolkaCertificateBindsTheValidRound()
    {
        PolkaCertificate good = Four.Polka(3, Committee.A, 1, 0, 1, 2);
        Assert.NotNull(Four.Verifier.Verify(good, out _));
        Assert.Null(Four.Verifier.Verify(good with { ValidRound = 0 }, out Refusal other));
        Assert.Equal(Refusal.BadSignature, other);
        Assert.Null(Four.Verifier.Verify(good with { ValidRound = 3 }, out Refusal ahead));
        Assert.Equal(Refusal.BadValidRound, ahead);
    }

    [Fact]
    public void N8ARoundCertificateIsTwoThirdsOfPrecommitsBeforeOrAThirdThatArrived()
    {
        Signed<Vote>[] before = [Four.Precommit(0, 1, null), Four.Precommit(1, 1, Committee.A), Four.Precommit(3, 1, null)];
        Signed<Vote>[] arrived = [Four.Prevote(0, 2, null), Four.Precommit(1, 4, Committee.A)];
        Assert.Equal(Refusal.None, RefusalOf(2, before));
        Assert.Equal(Refusal.None, RefusalOf(2, arrived));
        Assert.Equal(Refusal.TooLittlePower, RefusalOf(2, before[..2]));
        Assert.Equal(Refusal.TooLittlePower, RefusalOf(2, arrived[..1]));
        Assert.Equal(Refusal.TooLittlePower, RefusalOf(2, before[0], before[1], Four.Prevote(3, 2, null))); // the two do not mix
        Assert.Equal(Refusal.UnrelatedVote, RefusalOf(2, Four.Prevote(0, 1, null), Four.Prevote(1, 2, null), Four.Prevote(2, 2, null)));
        Assert.Equal(Refusal.RepeatedSigner, RefusalOf(2, Four.Prevote(0, 2, null), Four.Precommit(0, 2, null)));
        Assert.Equal(Refusal.BadSignature, RefusalOf(2, arrived[0], arrived[1] with { Signature = arrived[0].Signature }));
        Assert.Equal(Refusal.BadRound, RefusalOf(0, arrived));
    }

    [Fact]
    public void C48F23AValidRoundOutsideItsRangeIsRefused()
    {
        Signed<Proposal> At(int round, int validRound) =>
            Four.Sign(new Proposal(Committee.Height, round, Committee.A, validRound, Four.Set.Proposer(Committee.Height, round).Id));
        foreach ((int round, int validRound) in new[] { (2, 2), (2, 3), (2, -2), (0, 0) })
        {
            Assert.Null(Four.Verifier.Verify(At(round, validRound), out Refusal refusal));
            Assert.Equal(Refusal.BadValidRound, refusal);
        }

        Assert.NotNull(Four.Verifier.Verify(At(2, 1), out _));
        Assert.NotNull(Four.Verifier.Verify(At(2, -1), out _));
    }

    [Fact]
    public void F23AProposalOfAnotherThanTheProposerIsRefused()
    {
        int other = (Four.ProposerOf(0) + 1) % 4;
        Signed<Proposal> proposal = Four.Sign(new Proposal(Committee.Height, 0, Committee.A, -1, Four.Set.Members[other].Id));
        Assert.Null(Four.Verifier.Verify(proposal, out Refusal refusal));
        Assert.Equal(Refusal.NotTheProposer, refusal);
    }

    [Fact]
    public void N1NilPrevotesAndPrecommitsCarryNoValidRound()
    {
        ValidatorId voter = Four.Set.Members[0].Id;
        Vote[] malformed =
        [
            new(VoteType.Prevote, Committee.Height, 3, null, 1, voter),
            new(VoteType.Precommit, Committee.Height, 3, Committee.A, 1, voter),
            new(VoteType.Prevote, Committee.Height, 3, Committee.A, 3, voter),
        ];
        foreach (Vote vote in malformed)
        {
            Assert.Null(Four.Verifier.Verify(Four.Sign(vote), out Refusal refusal));
            Assert.Equal(Refusal.BadValidRound, refusal);
        }
    }

    [Fact]
    public void N1AVoteCountsForItsChainVersionAndKeyOnly()
    {
        Signed<Vote> vote = Four.Prevote(1, 0, Committee.A);
        Assert.NotNull(Four.Verifier.Verify(vote, out _));
        Assert.Null(new Verifier(Four, Committee.Context with { ConsensusVersion = 2 }, Four.Set, Committee.Height).Verify(vote, out _));
        Assert.Null(new Verifier(Four, Committee.Context with { ChainId = "other" }, Four.Set, Committee.Height).Verify(vote, out _));
        Assert.Null(Four.Verifier.Verify(vote with { Message = vote.Message with { Validator = Four.Set.Members[2].Id } }, out _));
    }

    [Fact]
    public void N3EvidenceMustProveItsKind()
    {
        Evidence doubleVote = Offences.Between(Four.Prevote(1, 0, Committee.A), Four.Prevote(1, 0, null))!;
        Evidence amnesia = Offences.Between(Four.Prevote(1, 3, Committee.B, 0), Four.Precommit(1, 1, Committee.A))!;
        Evidence sameValue = Offences.Between(Four.Prevote(1, 3, Committee.A), Four.Precommit(1, 1, Committee.A))!;
        Evidence doubleProposal = Offences.Between(Four.Proposal(2, Committee.A, 0), Four.Proposal(2, Committee.A, 1))!;
        Assert.Equal(
            [EvidenceKind.DoubleVote, EvidenceKind.Amnesia, EvidenceKind.Amnesia, EvidenceKind.DoubleProposal],
            new[] { doubleVote, amnesia, sameValue, doubleProposal }.Select(e => e.Kind));
        Assert.All([doubleVote, amnesia, sameValue, doubleProposal], e => Assert.NotNull(Four.Verifier.Verify(e, out _)));

        Assert.Equal(Refusal.NoOffence, RefusalOf(doubleVote with { Kind = EvidenceKind.Amnesia }));
        Assert.Equal(Refusal.NoOffence,
            RefusalOf(doubleVote with { FirstVote = doubleVote.SecondVote, SecondVote = doubleVote.FirstVote }));
        Assert.Equal(Refusal.NoOffence, RefusalOf(doubleVote with { Validator = Four.Set.Members[2].Id }));
        Assert.Equal(Refusal.BadSignature, RefusalOf(amnesia with { SecondVote = amnesia.SecondVote! with { Signature = default } }));
        Assert.Equal(Refusal.BadSignature,
            RefusalOf(doubleProposal with { FirstProposal = doubleProposal.FirstProposal! with { Signature = default } }));
    }

    [Fact]
    public void N3WhatACorrectValidatorMaySignIsNoOffence()
    {
        // vr = r: unlocked by the polka of r
        Assert.Null(Offences.Between(Four.Precommit(1, 1, Committee.A), Four.Prevote(1, 3, Committee.B, 1)));
        Assert.Null(Offences.Between(Four.Precommit(1, 1, Committee.A), Four.Prevote(1, 3, null)));
        Assert.Null(Offences.Between(Four.Precommit(1, 1, null), Four.Prevote(1, 3, Committee.B)));
        Assert.Null(Offences.Between(Four.Precommit(1, 3, Committee.A), Four.Prevote(1, 1, Committee.B)));
        Assert.Null(Offences.Between(Four.Prevote(1, 0, Committee.A), Four.Precommit(1, 0, null)));
        Assert.Null(Offences.Between(Four.Prevote(1, 0, Committee.A), Four.Prevote(2, 0, Committee.B)));
        Assert.Null(Offences.Between(Four.Prevote(1, 0, Committee.A), Four.Prevote(1, 1, Committee.B)));
    }

    private static Refusal RefusalOf(CommitCertificate certificate)
    {
        Four.Verifier.Verify(certificate, out Refusal refusal);
        return refusal;
    }

    private static Refusal RefusalOf(int round, params Signed<Vote>[] votes)
    {
        Four.Verifier.Verify(new RoundCertificate(Committee.Height, round, votes), out Refusal refusal);
        return refusal;
    }

    private static Refusal RefusalOf(Evidence evidence)
    {
        Four.Verifier.Verify(evidence, out Refusal refusal);
        return refusal;
    }
}
