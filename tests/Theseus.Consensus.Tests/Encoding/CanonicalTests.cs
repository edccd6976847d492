namespace Theseus.Consensus.Tests;

public class CanonicalTests
{
    private static readonly Committee Four = Committee.Of(4);

    public static TheoryData<int> Messages => [.. Enumerable.Range(0, Samples().Length)];

    [Fact]
    public void AnEmptyByteStringIsReadAndIsNoFault()
    {
        CanonicalReader reader = new([0, 7]); // length 0, then a byte of its own

        Assert.True(reader.Bytes(10).IsEmpty);
        Assert.False(reader.Failed);
        Assert.Equal(7, reader.U8());
        reader.End();
        Assert.False(reader.Failed);
    }

    [Fact]
    public void ASignedVoteHasTheseBytes()
    {
        Vote vote = new(VoteType.Precommit, 5, 1, Committee.Filled(0xab), -1, new ValidatorId(Enumerable.Repeat((byte)3, 32).ToArray()));
        Assert.Equal(
            "02" + "0500000000000000" + "01000000" + "01abababababababababababababababababababababababababababababababab" + "ffffffff"
            + "0303030303030303030303030303030303030303030303030303030303030303" + "02eeff",
            Convert.ToHexStringLower(Canonical.Encode(new Signed<Vote>(vote, ByteString.FromHex("eeff")))));
    }

    [Theory]
    [MemberData(nameof(Messages))]
    public void EveryMessageReadsBackToTheSameBytes(int index)
    {
        byte[] bytes = Canonical.Encode(Samples()[index]);
        ConsensusMessage? message = Canonical.TryDecodeMessage(bytes, out string? fault);
        Assert.Null(fault);
        Assert.Equal(Samples()[index].Kind, message!.Kind);
        Assert.Equal(Committee.Height, message.Height);
        Assert.Equal(bytes, Canonical.Encode(message));
    }

    [Theory]
    [MemberData(nameof(Messages))]
    public void F21EveryCutAndEveryExtraByteIsRefused(int index)
    {
        byte[] bytes = Canonical.Encode(Samples()[index]);
        for (int length = 0; length < bytes.Length; length++)
        {
            Assert.Null(Canonical.TryDecodeMessage(bytes.AsSpan(0, length), out string? fault));
            Assert.NotNull(fault);
        }

        Assert.Null(Canonical.TryDecodeMessage([.. bytes, 0], out _));
    }

    [Theory]
    [MemberData(nameof(Messages))]
    public void WhatDecodesAfterAFlippedByteStillHasOneForm(int index)
    {
        byte[] bytes = Canonical.Encode(Samples()[index]);
        for (int i = 0; i < bytes.Length; i++)
        {
            for (int bit = 0; bit < 8; bit++)
            {
                byte[] changed = [.. bytes];
                changed[i] ^= (byte)(1 << bit);
                if (Canonical.TryDecodeMessage(changed, out _) is { } message)
                {
                    Assert.Equal(changed, Canonical.Encode(message));
                }
            }
        }
    }

    [Fact]
    public void F21ADeclaredCountIsRefusedBeforeAnythingIsAllocated()
    {
        // 1,025 signers and, within the limit, more than the input holds
        byte[] head = [(byte)MessageKind.Commit, .. new byte[8], .. new byte[4], .. new byte[32]];
        Assert.Null(Canonical.TryDecodeMessage([.. head, 0x81, 0x08], out string? tooMany));
        Assert.Contains("limit", tooMany, StringComparison.Ordinal);
        Assert.Null(Canonical.TryDecodeMessage([.. head, 0x80, 0x08], out string? tooLong));
        Assert.Contains("input", tooLong, StringComparison.Ordinal);
    }

    [Fact]
    public void F22ARoundAtTheCeilingOrBelowZeroIsRefused()
    {
        foreach (int round in new[] { Rounds.Ceiling, int.MaxValue, -1, int.MinValue })
        {
            byte[] bytes = Canonical.Encode(
                new ConsensusMessage.OfVote(new(new Vote(VoteType.Prevote, 5, round, null, -1, default), default), 0));
            Assert.Null(Canonical.TryDecodeMessage(bytes, out _));
        }
    }

    [Fact]
    public void F21RepeatedAndUnsortedSignersAreRefused()
    {
        CommitCertificate good = Four.Commit(0, Committee.A, 0, 1, 2);
        Assert.NotNull(Canonical.TryDecodeCommit(Canonical.Encode(good), out _));
        Assert.Null(Canonical.TryDecodeCommit(Canonical.Encode(good with { Signatures = [good.Signatures[0], good.Signatures[0]] }),
            out _));
        Assert.Null(Canonical.TryDecodeCommit(Canonical.Encode(good with { Signatures = [good.Signatures[1], good.Signatures[0]] }),
            out _));
    }

    // the votes of a round certificate and the members of a set stand in one order, each once
    [Theory]
    [InlineData(true, 0, 1, 2)]
    [InlineData(false, 1, 0, 2)]
    [InlineData(false, 0, 2, 1)]
    [InlineData(false, 0, 0, 1)]
    [InlineData(false, 0, 1, 1)]
    public void F21VotersAndMembersStandInAscendingOrder(bool isGood, int first, int second, int third)
    {
        int[] order = [first, second, third];
        RoundCertificate round = new(Committee.Height, 1, [.. order.Select(static voter => Four.Precommit(voter, 0, null))]);
        byte[] message = Canonical.Encode(new ConsensusMessage.OfRound(round));
        Assert.Equal(isGood, Canonical.TryDecodeMessage(message, out string? fault) is not null);
        Assert.Equal(isGood, fault is null);

        CanonicalWriter writer = new();
        writer.Value(Committee.A).Uleb(3);
        foreach (int member in order)
        {
            writer.Validator(Four.Set.Members[member].Id).Bytes([1, (byte)member]).U64(10);
        }

        CanonicalReader reader = new(writer.Written);
        ValidatorSet? set = reader.ReadValidatorSet();
        Assert.Equal(isGood, set is not null);
        Assert.Equal(!isGood, reader.Failed);
    }

    [Fact]
    public void RandomBytesNeverThrow()
    {
        Random random = new(7);
        for (int i = 0; i < 20_000; i++)
        {
            byte[] bytes = new byte[random.Next(200)];
            random.NextBytes(bytes);
            if (bytes.Length > 0)
            {
                bytes[0] = (byte)random.Next(0, 8);
            }

            Canonical.TryDecodeMessage(bytes, out _);
            State.Decode(bytes, out _);
            InputEncoding.TryDecode(bytes, Four.Verifier, out _);
        }
    }

    // consensus N2: the log holds inputs, and a restart gives the core what it was given before
    [Fact]
    public void EveryInputIsReadAsItWasWritten()
    {
        Verifier verifier = Four.Verifier;
        RoundCertificate round = new(Committee.Height, 1,
            [Four.Precommit(0, 0, null), Four.Precommit(2, 0, Committee.A), Four.Precommit(3, 0, null)]);
        Input[] inputs =
        [
            new Input.StartHeight(Committee.Height, Four.Set, Four.Set.Members[2].Id, Timeouts.Localnet),
            new Input.StartHeight(ulong.MaxValue, Four.Set, null, Timeouts.Localnet with { Propose = new(7, 8), Precommit = new(9, 10) }),
            new Input.ProposalIn(verifier.Verify(Four.Proposal(2, Committee.A, 1), out _)!, 1_234_567_890_123),
            new Input.VoteIn(verifier.Verify(Four.Precommit(1, 3, Committee.B), out _)!),
            new Input.CommitIn(verifier.Verify(Four.Commit(1, Committee.A, 0, 1, 3), out _)!),
            new Input.PolkaIn(verifier.Verify(Four.Polka(1, Committee.A, 0, 0, 1, 3), out _)!),
            new Input.RoundIn(verifier.Verify(round, out _)!),
            new Input.ValueReady(5, Committee.B, 3),
            new Input.Verdict(6, Committee.A, -1, Judgement.Invalid, 515),
            new Input.OwnVote(Four.Prevote(1, 0, null)),
            new Input.OwnProposal(Four.Proposal(1, Committee.B)),
            new Input.TimeoutElapsed(TimeoutKind.Precommit, 8, 2),
        ];
        Assert.Equal(typeof(Input).GetNestedTypes().Length, inputs.Select(static input => input.GetType()).Distinct().Count());
        foreach (Input input in inputs)
        {
            byte[] bytes = InputEncoding.Encode(input);
            Input? read = InputEncoding.TryDecode(bytes, verifier, out string? fault);
            Assert.Null(fault);
            Assert.Equal(input.ToString(), read!.ToString());
            Assert.Equal(bytes, InputEncoding.Encode(read));
            Assert.Null(InputEncoding.TryDecode([.. bytes, 0], verifier, out _));
            Assert.Null(InputEncoding.TryDecode(bytes[..^1], verifier, out _));
        }

        // What ToString hides in lists: the set and the timeouts.
        Input.StartHeight start = (Input.StartHeight)InputEncoding.TryDecode(InputEncoding.Encode(inputs[1]), null, out _)!;
        Assert.Equal(Four.Set.Members, start.Set.Members);
        Assert.Equal(((Input.StartHeight)inputs[1]).Timeouts, start.Timeouts);
    }

    private static ConsensusMessage[] Samples() =>
    [
        new ConsensusMessage.OfProposal(Four.Proposal(2, Committee.A, 1)),
        new ConsensusMessage.OfVote(Four.Prevote(1, 0, null), 7),
        new ConsensusMessage.OfVote(Four.Precommit(1, 3, Committee.B), 0),
        new ConsensusMessage.OfCommit(Four.Commit(1, Committee.A, 0, 1, 3)),
        new ConsensusMessage.OfPolka(Four.Polka(1, Committee.A, 0, 0, 1, 3)),
        new ConsensusMessage.OfRound(
            new RoundCertificate(Committee.Height, 1,
                [Four.Precommit(0, 0, null), Four.Precommit(2, 0, Committee.A), Four.Precommit(3, 0, null)])),
        new ConsensusMessage.OfEvidence(Offences.Between(Four.Prevote(1, 0, Committee.A), Four.Prevote(1, 0, Committee.B))!),
        new ConsensusMessage.OfEvidence(Offences.Between(Four.Proposal(0, Committee.A), Four.Proposal(0, Committee.B))!),
        new ConsensusMessage.OfEvidence(Offences.Between(Four.Precommit(1, 0, Committee.A), Four.Prevote(1, 1, Committee.B))!),
    ];
}
