namespace Theseus.Consensus.Tests;

/// <summary>Skipping rounds, deciding, certificates, evidence, bounds.</summary>
public class HeightTests
{
    private static ValueId A => Committee.A;

    private static ValueId B => Committee.B;

    [Fact]
    public void C18MoreThanAThirdOfVotersAheadPullToTheirRoundAndOneVoterCountsOnce()
    {
        (Participant node, Committee committee, int[] others) = Participant.NotProposing(0, 3);
        node.Start();
        node.Take(committee.Prevote(others[0], 3, A), committee.Precommit(others[0], 3, null));
        Assert.Equal(0, node.State.Round);
        IReadOnlyList<Effect> effects = node.Take(committee.Prevote(others[1], 5, null));
        Assert.Equal(3, node.State.Round); // the largest round that both have reached
        RoundCertificate certificate = Assert.Single(effects.Sent<ConsensusMessage.OfRound>()).Certificate;
        Assert.Equal(3, certificate.Round);
        Assert.NotNull(committee.Verifier.Verify(certificate, out _));
    }

    [Fact]
    public void C18WeightsCountNotHeads()
    {
        Committee committee = new(1, 1, 1, 6);
        Participant node = new(committee, 0);
        node.Start();
        node.Take(committee.Prevote(1, 2, null), committee.Prevote(2, 2, null));
        Assert.Equal(0, node.State.Round); // 2 of 9
        node.Take(committee.Prevote(3, 2, null));
        Assert.Equal(2, node.State.Round);
    }

    [Fact]
    public void C19ARoundEnteredBySkippingStartsItsTimersAfresh()
    {
        (Participant node, Committee committee, int[] others) = Participant.NotProposing(0, 2);
        node.Start();
        node.Elapse(TimeoutKind.Propose);
        Assert.Contains((TimeoutKind.Prevote, 0),
            node.Take(committee.Prevote(others[0], 0, A), committee.Prevote(others[1], 0, B)).Timers());
        IReadOnlyList<Effect> skipped = node.Take(committee.Prevote(others[0], 2, null), committee.Prevote(others[1], 2, A));
        Assert.Contains((TimeoutKind.Propose, 2), skipped.Timers());
        node.Elapse(TimeoutKind.Prevote, 0).NoVote(); // of a round that is over
        Assert.Contains((TimeoutKind.Prevote, 2), node.Elapse(TimeoutKind.Propose).Timers());
    }

    [Fact]
    public void C20APastRoundDecides()
    {
        (Participant node, Committee committee, int[] others) = Participant.NotProposing(0, 1);
        node.Start();
        node.Take(committee.Precommit(others[0], 0, A), committee.Precommit(others[1], 0, A), committee.Precommit(others[2], 0, null));
        node.Elapse(TimeoutKind.Precommit);
        Assert.Equal(1, node.State.Round);
        // the third's nil was the last word of that voter; a certificate from others completes the quorum
        node.Take(committee.Commit(0, A, others));
        Assert.Equal(A, node.Content(A).Decision().Value);
        Assert.Equal(Step.Decided, node.State.Step);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void C21AFutureRoundDecidesInEitherOrderOfContentAndPrecommits(bool contentFirst)
    {
        (Participant node, Committee committee, int[] others) = Participant.NotProposing(0, 1, 2);
        node.Start();
        List<Effect> effects = [];
        if (contentFirst)
        {
            effects.AddRange(node.Content(A));
        }

        effects.AddRange(node.Take([.. others.Select(i => committee.Precommit(i, 2, A))]));
        if (!contentFirst)
        {
            Assert.Empty(effects.OfType<Effect.Decide>());
            effects.AddRange(node.Content(A));
        }

        CommitCertificate decision = effects.Decision();
        Assert.Equal((2, A), (decision.Round, decision.Value));
        Assert.NotNull(committee.Verifier.Verify(decision, out _));
    }

    [Fact]
    public void C22PrecommitsFirstThenTheContentDecidesAndDecidingNeedsNoVerdict()
    {
        (Participant node, Committee committee, int[] others) = Participant.NotProposing(0);
        node.Start();
        IReadOnlyList<Effect> effects = node.Take([.. others.Select(i => committee.Precommit(i, 0, A))]);
        Assert.Empty(effects.OfType<Effect.Decide>());
        Assert.Equal(A, Assert.Single(effects.OfType<Effect.Fetch>()).Value);
        Assert.Equal(A, node.Content(A).Decision().Value);
    }

    [Fact]
    public void N16TheCertificateIsPersistedBeforeItIsActedOn()
    {
        (Participant node, Committee committee, int[] others) = Participant.NotProposing(0);
        node.Start();
        node.Take([.. others.Select(i => committee.Precommit(i, 0, A))]);
        Effect[] effects = [.. node.Content(A)];
        Assert.True(Array.FindIndex(effects, e => e is Effect.Persist) < Array.FindIndex(effects, e => e is Effect.Decide));
        Assert.IsType<Effect.Persist>(effects[0]);
    }

    [Fact]
    public void C23AfterTheDecisionNothingMoves()
    {
        (Participant node, Committee committee, int[] others) = Decided();
        node.Take(committee.Prevote(others[0], 3, B), committee.Prevote(others[1], 3, B)).NoVote();
        node.Take(committee.Proposal(0, B)).NoVote();
        foreach (TimeoutKind kind in Enum.GetValues<TimeoutKind>())
        {
            Assert.Empty(node.Elapse(kind));
        }

        Assert.Equal((Step.Decided, 0, A), (node.State.Step, node.State.Round, node.State.Commit!.Value));
    }

    [Fact]
    public void C24TheSameVotesAgainChangeNothing()
    {
        (Participant node, Committee committee, int[] others) = Participant.NotProposing(0);
        node.Start();
        node.Offer(0, A);
        node.Take([.. others.Select(i => committee.Prevote(i, 0, A))]);
        byte[] before = node.State.Encode();
        foreach (int i in others)
        {
            Assert.True(node.State.IsRedundant(committee.Prevote(i, 0, A).Message));
            Assert.Empty(node.Take(committee.Prevote(i, 0, A)));
        }

        Assert.Equal(before, node.State.Encode());
    }

    [Fact]
    public void C25AValueQuorumInAFutureRoundBeatsTheSkip()
    {
        Committee committee = new(1, 1, 10);
        Participant node = new(committee, 0);
        node.Start();
        node.Content(A);
        IReadOnlyList<Effect> effects = node.Take(committee.Precommit(2, 4, A));
        Assert.Equal(4, effects.Decision().Round);
        Assert.DoesNotContain(effects.OfType<Effect.Report>(), r => r.Kind == ReportKind.EnteredRound);
        Assert.Empty(effects.Timers());
    }

    [Fact]
    public void C26AConflictingVoteIsEvidenceAndLeavesTheTallyAlone()
    {
        (Participant node, Committee committee, int[] others) = Participant.NotProposing(0);
        node.Start();
        node.Offer(0, A);
        node.Take(committee.Prevote(others[0], 0, B));
        Evidence evidence = Assert.Single(node.Take(committee.Prevote(others[0], 0, A)).Evidence());
        Assert.Equal((EvidenceKind.DoubleVote, committee.Set.Members[others[0]].Id), (evidence.Kind, evidence.Validator));
        Assert.NotNull(committee.Verifier.Verify(evidence, out _));
        node.Take(committee.Prevote(others[1], 0, A)).NoVote(); // own and this one: 2 of 4
        Assert.Equal((VoteType.Precommit, 0, A, -1), node.Take(committee.Prevote(others[2], 0, A)).Vote());
    }

    [Fact]
    public void C27F25EvidenceHasOneFormAndIsKeptOnce()
    {
        Committee committee = Committee.Of(4);
        Evidence[] found = [.. new[] { true, false }.Select(forward =>
        {
            Participant node = new(committee, 0);
            node.Start();
            Signed<Vote>[] votes =
                [committee.Prevote(1, 0, A), committee.Prevote(1, 0, B), committee.Prevote(1, 0, null), committee.Prevote(1, 1, A),
                    committee.Prevote(1, 1, B)];
            IReadOnlyList<Effect> effects = forward ? node.Take(votes) : node.Take([votes[1], votes[0], .. votes[2..]]);
            Assert.Single(node.State.Evidence);
            Assert.True(node.State.IsRedundant(committee.Prevote(1, 0, Committee.C).Message)); // refused before its signature is checked
            return Assert.Single(effects.Evidence());
        })];
        Assert.Equal(found[0], found[1]);
    }

    [Fact]
    public void C28F10WithTwoProposalsTheOneWithThePolkaIsFollowed()
    {
        (Participant node, Committee committee, int[] others) = Participant.NotProposing(0);
        node.Start();
        node.Offer(0, A);
        Evidence evidence = Assert.Single(node.Take(committee.Proposal(0, B)).Evidence());
        Assert.Equal(EvidenceKind.DoubleProposal, evidence.Kind);
        node.Take(committee.Proposal(0, Committee.C));
        Assert.Equal(2, node.State.FindTally(0)!.Proposals.Count); // F10: no more than two are kept
        node.Content(B);
        node.Take([.. others.Select(i => committee.Prevote(i, 0, B))]).NoVote();
        Assert.Equal((VoteType.Precommit, 0, B, -1), node.Judge(B, Judgement.Valid, -1).Vote());
    }

    [Fact]
    public void C29APolkaCertificateFreesANodeThatMissedTheVotes()
    {
        (Participant node, Committee committee, int[] others) = Participant.NotProposing(0, 1, 2);
        node.Start();
        node.Offer(0, A);
        node.Take(committee.Prevote(others[0], 0, A), committee.Prevote(others[1], 0, A)); // locked on A at 0
        node.Take(committee.Prevote(others[0], 2, null), committee.Prevote(others[1], 2, null));
        Assert.Equal(2, node.State.Round);
        node.Content(B);
        node.Take(committee.Polka(1, B, -1, others));
        node.Judge(B, Judgement.Valid, -1);
        // consensus N2: the lock stays
        Assert.Equal((B, 1, A, 0), (node.State.ValidValue, node.State.ValidRound, node.State.LockedValue, node.State.LockedRound));
        Assert.Equal((VoteType.Prevote, 2, B, 1), node.Take(committee.Proposal(2, B, 1)).Vote());
    }

    [Fact]
    public void APolkaCertificateOfARoundAheadPullsThereAndCountsOnArrival()
    {
        (Participant node, Committee committee, int[] others) = Participant.NotProposing(0, 3);
        node.Start();
        node.Content(A);
        node.Take(committee.Polka(3, A, -1, others));
        Assert.Equal(3, node.State.Round);
        node.Judge(A, Judgement.Valid, -1).NoVote();
        IReadOnlyList<Effect> effects = node.Elapse(TimeoutKind.Propose);
        Assert.Equal([VoteType.Prevote, VoteType.Precommit], effects.OfType<Effect.SignVote>().Select(v => v.Vote.Type));
        Assert.Equal(A, effects.OfType<Effect.SignVote>().Last().Vote.Value);
        Assert.Contains(effects.Sent<ConsensusMessage.OfPolka>(), p => p.Certificate.Round == 3); // N9: on locking above round 0
    }

    [Fact]
    public void C31RebroadcastSendsTheLastVotesAndWhatJustifiedTheRound()
    {
        (Participant node, Committee committee, int[] others) = Participant.NotProposing(0, 1);
        node.Start();
        node.Elapse(TimeoutKind.Propose);
        node.Take([.. others.Select(i => committee.Prevote(i, 0, null))]);
        node.Take(committee.Precommit(others[0], 0, null), committee.Precommit(others[1], 0, null));
        node.Elapse(TimeoutKind.Precommit);
        IReadOnlyList<Effect> effects = node.Elapse(TimeoutKind.Rebroadcast);
        Assert.Equal(
            [(VoteType.Prevote, 0), (VoteType.Precommit, 0)],
            effects.Sent<ConsensusMessage.OfVote>().Select(m => (m.Vote.Message.Type, m.Vote.Message.Round)));
        Assert.Equal(1, Assert.Single(effects.Sent<ConsensusMessage.OfRound>()).Certificate.Round);
        Assert.Contains((TimeoutKind.Rebroadcast, 1), effects.Timers());
        effects.NoVote();
    }

    [Fact]
    public void C32ACommitCertificateAndTheValueDecide()
    {
        (Participant node, Committee committee, int[] others) = Participant.NotProposing(0);
        node.Start();
        IReadOnlyList<Effect> effects = node.Take(committee.Commit(7, A, others));
        Assert.Equal(3, Assert.Single(effects.OfType<Effect.Fetch>()).Holders.Count);
        Assert.Equal(7, node.Content(A).Decision().Round);
    }

    [Fact]
    public void C34F27ADecidedValueThatWasJudgedInvalidWaitsForABetterJudgement()
    {
        (Participant node, Committee committee, int[] others) = Participant.NotProposing(0);
        node.Start();
        node.Content(A);
        node.Take(committee.Polka(0, A, -1, others));
        node.Judge(A, Judgement.Invalid, -1);
        IReadOnlyList<Effect> effects = node.Take(committee.Commit(0, A, others));
        Assert.Empty(effects.OfType<Effect.Decide>());
        Assert.Contains(effects.OfType<Effect.Report>(), r => r.Kind == ReportKind.DecidedInvalid);
        IReadOnlyList<Effect> later = node.Take(committee.Prevote(others[0], 0, A)); // said once, not with every input
        Assert.DoesNotContain(later.OfType<Effect.Report>(), r => r.Kind == ReportKind.DecidedInvalid);
        Assert.Equal(A, node.Judge(A, Judgement.Valid, -1).Decision().Value);
    }

    [Fact]
    public void C45F18InputsOfOtherHeightsChangeNothing()
    {
        (Participant node, Committee committee, int[] others) = Participant.NotProposing(0);
        node.Start();
        byte[] before = node.State.Encode();
        Assert.Equal(ReportKind.OtherHeight,
            Assert.IsType<Effect.Report>(Assert.Single(node.Take(committee.Prevote(others[0], 0, A, height: 6)))).Kind);
        Assert.Equal(before, node.State.Encode());
    }

    [Fact]
    public void F17AHeightThatIsNotAboveTheCurrentOneIsRefused()
    {
        (Participant node, _, _) = Participant.NotProposing(0);
        node.Start(6);
        byte[] before = node.State.Encode();
        Assert.Contains(node.Start(6).OfType<Effect.Report>(), r => r.Kind == ReportKind.HeightRegression);
        Assert.Contains(node.Start(5).OfType<Effect.Report>(), r => r.Kind == ReportKind.HeightRegression);
        Assert.Equal(before, node.State.Encode());
    }

    [Fact]
    public void C56LatePrecommitsEnterTheFinalCertificateAndLateEvidenceIsHandedOver()
    {
        (Participant node, Committee committee, int[] others) = Decided();
        Assert.Equal(3, node.State.Commit!.Signatures.Count);
        int late = Enumerable.Range(0, 4).First(i => node.State.Commit.Signatures.All(s => s.Validator != committee.Set.Members[i].Id));
        node.Take(committee.Precommit(late, 0, A));
        node.Take(committee.Precommit(others[0], 0, null));
        Effect.Finalize final = Assert.Single(node.Start(6).OfType<Effect.Finalize>());
        Assert.Equal(4, final.Certificate.Signatures.Count);
        Assert.NotNull(committee.Verifier.Verify(final.Certificate, out _));
        Assert.Equal(EvidenceKind.DoubleVote, Assert.Single(final.Evidence).Kind);
        Assert.Equal((6UL, 0, Step.Propose), (node.State.Height, node.State.Round, node.State.Step));
        Assert.Empty(node.State.Evidence);
    }

    [Fact]
    public void C57AnObserverDecidesAndNeverSigns()
    {
        Committee committee = Committee.Of(4);
        Participant node = new(committee, committee.ProposerOf(0));
        List<Effect> effects = [.. node.Start(observer: true)];
        effects.AddRange(node.Offer(0, A));
        effects.AddRange(node.Elapse(TimeoutKind.Propose));
        effects.AddRange(node.Take([.. Enumerable.Range(0, 4).Select(i => committee.Prevote(i, 0, A))]));
        effects.AddRange(node.Take([.. Enumerable.Range(0, 4).Select(i => committee.Precommit(i, 0, A))]));
        Assert.Equal(A, effects.Where(e => e is Effect.Decide).ToList().Decision().Value);
        Assert.DoesNotContain(effects, e => e is Effect.SignVote or Effect.SignProposal or Effect.AskValue);
    }

    [Fact]
    public void F19AValidatorOutsideTheSetFollowsWithoutSigning()
    {
        Committee committee = Committee.Of(4);
        State state = new();
        Core.Step(state, new Input.StartHeight(5, committee.Set, Committee.IdOf(9), Timeouts.Localnet));
        IReadOnlyList<Effect> effects = Core.Step(state, new Input.TimeoutElapsed(TimeoutKind.Propose, 5, 0)).Effects;
        Assert.DoesNotContain(effects, e => e is Effect.SignVote);
        Assert.Equal(Step.Prevote, state.Step);
    }

    [Fact]
    public void N3AmnesiaIsFoundInEitherOrderAndLongAfter()
    {
        Committee committee = Committee.Of(7);
        int forgetful = 3;
        Signed<Vote> precommit = committee.Precommit(forgetful, 1, A);
        Signed<Vote> prevote = committee.Prevote(forgetful, 9, A, 0);
        foreach (Signed<Vote>[] order in new[] { new[] { precommit, prevote }, [prevote, precommit] })
        {
            Participant node = new(committee, 0);
            node.Start();
            Evidence evidence = Assert.Single(node.Take(order).Evidence());
            Assert.Equal((EvidenceKind.Amnesia, precommit, prevote), (evidence.Kind, evidence.FirstVote, evidence.SecondVote));
        }

        Participant late = new(committee, 0);
        late.Start();
        late.Take(precommit);
        late.Take(committee.Prevote(4, 8, null), committee.Prevote(5, 8, null), committee.Prevote(6, 8, null)); // round 1 is long gone
        Assert.Equal(8, late.State.Round);
        Assert.Equal(EvidenceKind.Amnesia, Assert.Single(late.Take(prevote).Evidence()).Kind);
    }

    [Fact]
    public void F29TwoDecidedValuesAreReportedAndBothKept()
    {
        (Participant node, Committee committee, int[] others) = Decided();
        IReadOnlyList<Effect> effects = node.Take(committee.Commit(0, B, others));
        Assert.Contains(effects.OfType<Effect.Report>(), r => r.Kind == ReportKind.ConflictingCommits);
        Assert.Equal([A, B], effects.OfType<Effect.Persist>().Select(p => p.Message).OfType<ConsensusMessage.OfCommit>()
            .Select(c => c.Certificate.Value));
        Assert.Equal(A, node.State.Commit!.Value);
        Assert.NotEmpty(node.State.Evidence); // f+1 double voters
    }

    [Fact]
    public void N14AnOwnPrecommitThatWasNotAskedForSetsTheLockAndMovesOn()
    {
        (Participant node, Committee committee, _) = Participant.NotProposing(0, 2);
        node.Start();
        node.Take(new Input.OwnVote(committee.Precommit(node.Self, 2, A)));
        Assert.Equal((A, 2, 2, Step.Precommit), (node.State.LockedValue, node.State.LockedRound, node.State.Round, node.State.Step));
        node.Elapse(TimeoutKind.Propose).NoVote();
        node.Elapse(TimeoutKind.Prevote).NoVote();
        Assert.Equal((VoteType.Prevote, 3, null, -1), Next().Vote());

        IReadOnlyList<Effect> Next()
        {
            node.Elapse(TimeoutKind.Precommit);
            return node.Elapse(TimeoutKind.Propose);
        }
    }

    [Fact]
    public void AnOwnVoteCountsAndLeavesOnlyWhenItComesBackSigned()
    {
        Committee committee = Committee.Of(4);
        int self = Enumerable.Range(0, 4).First(i => committee.ProposerOf(0) != i);
        Participant node = new(committee, self) { AutoSign = false };
        node.Start();
        IReadOnlyList<Effect> effects = node.Offer(0, A);
        effects.Vote();
        Assert.Empty(effects.OfType<Effect.Send>());
        int[] others = [.. Enumerable.Range(0, 4).Where(i => i != self)];
        node.Take(committee.Prevote(others[0], 0, A), committee.Prevote(others[1], 0, A)).NoVote(); // 2 of 4 and an own one on its way
        IReadOnlyList<Effect> signed = node.Take(new Input.OwnVote(committee.Prevote(self, 0, A)));
        Assert.Single(signed.Sent<ConsensusMessage.OfVote>());
        Assert.Equal((VoteType.Precommit, 0, A, -1), signed.Vote());
    }

    [Fact]
    public void F28NoSecondSignatureIsAskedForAStep()
    {
        Committee committee = Committee.Of(4);
        int self = Enumerable.Range(0, 4).First(i => committee.ProposerOf(0) != i);
        Participant node = new(committee, self) { AutoSign = false };
        node.Start();
        node.Offer(0, A).Vote();
        node.Elapse(TimeoutKind.Propose).NoVote();
        node.Judge(A, Judgement.Valid, 0).NoVote();
    }

    [Fact]
    public void F24FarRoundsCostOneMarkAValidator()
    {
        (Participant node, Committee committee, int[] others) = Participant.NotProposing(0);
        node.Start();
        node.Take(committee.Prevote(others[0], 10, A));
        int size = node.State.Encode().Length;
        for (int round = 11; round < 2000; round += 7)
        {
            node.Take(committee.Prevote(others[0], round, A));
        }

        Assert.Equal(size, node.State.Encode().Length);
        Assert.Empty(node.State.Tallies);
        node.Take(committee.Prevote(others[0], 500, A)); // lower than its highest: of no use
        Assert.True(node.State.IsRedundant(committee.Prevote(others[0], 600, A).Message));
    }

    [Fact]
    public void N8OnlyTheLastRoundsKeepFullTallies()
    {
        (Participant node, Committee committee, int[] others) = Participant.NotProposing(0);
        node.Start();
        int bound = 0;
        for (int round = 0; round < 40; round++)
        {
            node.Take(committee.Prevote(others[0], round, null), committee.Precommit(others[0], round, null),
                committee.Precommit(others[1], round, null), committee.Precommit(others[2], round, null));
            node.Elapse(TimeoutKind.Precommit, round);
            if (round == 8)
            {
                bound = node.State.Encode().Length;
            }
        }

        Assert.Equal(40, node.State.Round);
        Assert.InRange(node.State.Tallies.Count, 1, State.PastRounds + 1);
        Assert.All(node.State.Tallies, tally => Assert.InRange(tally.Round, 40 - State.PastRounds, 40));
        Assert.InRange(node.State.Encode().Length, 1, bound + 500);
    }

    [Fact]
    public void N8ThePolkaOfTheValidValueSurvivesAnyNumberOfRounds()
    {
        (Participant node, Committee committee, int[] others) = Participant.NotProposing(0);
        node.Start();
        node.Offer(0, A);
        node.Take(committee.Prevote(others[0], 0, A), committee.Prevote(others[1], 0, A));
        for (int round = 0; round < 20; round++)
        {
            node.Take([.. others.Select(i => committee.Precommit(i, round, null))]);
            node.Elapse(TimeoutKind.Precommit, round);
        }

        Assert.NotNull(committee.Verifier.Verify(node.State.PolkaOf(0, A)!, out _));
    }

    [Fact]
    public void F22TheRoundCeilingHaltsTheHeight()
    {
        (Participant node, Committee committee, int[] others) = Participant.NotProposing(0);
        node.Start();
        int last = Rounds.Ceiling - 1;
        node.Take([.. others.Select(i => committee.Precommit(i, last, null))]);
        Assert.Equal(last, node.State.Round);
        IReadOnlyList<Effect> effects = node.Elapse(TimeoutKind.Precommit);
        Assert.Contains(effects.OfType<Effect.Report>(), r => r.Kind == ReportKind.RoundCeiling);
        Assert.Equal(Step.Halted, node.State.Step);
        node.Elapse(TimeoutKind.Propose, last).NoVote();
    }

    [Fact]
    public void TheStateReadsBackFromItsBytesAndGoesOnAlike()
    {
        (Participant node, Committee committee, int[] others) = Participant.NotProposing(0, 1);
        node.Start();
        node.Offer(0, A);
        node.Take(committee.Prevote(others[0], 0, A), committee.Prevote(others[1], 0, A), committee.Prevote(others[0], 0, B));
        node.Take(committee.Prevote(others[2], 4, null), committee.Precommit(others[2], 4, B));
        node.Take(committee.Proposal(3, B));
        State copy = node.State.Clone();
        Assert.Equal(node.State.Encode(), copy.Encode());
        Input next = new Input.VoteIn(committee.Verified(committee.Prevote(others[1], 4, null)));
        IReadOnlyList<Effect> one = Core.Step(node.State, next).Effects;
        IReadOnlyList<Effect> other = Core.Step(copy, next).Effects;
        Assert.Equal(one.Select(e => e.GetType()), other.Select(e => e.GetType()));
        Assert.Equal(4, copy.Round);
        Assert.Equal(node.State.Encode(), copy.Encode());
    }

    private static (Participant Node, Committee Committee, int[] Others) Decided()
    {
        (Participant node, Committee committee, int[] others) = Participant.NotProposing(0);
        node.Start();
        node.Content(A);
        Assert.Equal(A, node.Take([.. others.Select(i => committee.Precommit(i, 0, A))]).Decision().Value);
        return (node, committee, others);
    }
}
