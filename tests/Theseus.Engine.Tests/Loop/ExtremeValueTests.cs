using System.Buffers.Binary;
using Theseus.Consensus;

namespace Theseus.Engine.Tests;

/// <summary>
/// Every number of every message that comes from outside, at the ends of its range (fault 97): a verdict on the sender, never a
/// fault here.
/// </summary>
public class ExtremeValueTests
{
    private const int Stranger = 9;

    private static readonly ulong[] Numbers =
    [
        0, 1, 2, int.MaxValue, 1UL << 31, uint.MaxValue, 1UL << 32, 1UL << 53, 1_000_000_000_000_000_000, long.MaxValue,
        1UL << 63, ulong.MaxValue - 1, ulong.MaxValue,
    ];

    private static readonly int[] RoundNumbers =
        [int.MinValue, -2, -1, 0, 1, 2, Rounds.Ceiling - 1, Rounds.Ceiling, int.MaxValue - 1, int.MaxValue];

    private static readonly ValueId Some = new(Sha3.Hash256("some"u8));

    public static TheoryData<FrameKind> Kinds => [.. Enum.GetValues<FrameKind>(), (FrameKind)0, (FrameKind)10, (FrameKind)ushort.MaxValue];

    // whatever field stands at an offset, it takes every extreme value in both widths; most of these break a signature, not all
    [Theory]
    [MemberData(nameof(Kinds))]
    public void EveryFieldOfEveryFrameTakesEveryExtreme(FrameKind kind)
    {
        TestNetwork network = AtWork();
        foreach (byte[] bytes in Samples(network, kind))
        {
            for (int offset = 0; offset < bytes.Length; offset++)
            {
                foreach (ulong number in Numbers)
                {
                    for (int width = sizeof(uint); width <= sizeof(ulong); width += sizeof(uint))
                    {
                        Send(network, new Frame(kind, network.Nodes[0].Loop!.Core.Height, Changed(bytes, offset, number, width)));
                    }
                }

                Settle(network);
            }

            foreach (ulong number in Numbers)
            {
                Send(network, new Frame(kind, number, bytes));
                Send(network, new Frame(kind, number, default));
                Settle(network);
            }
        }

        GoesOn(network);
    }

    // what a validator can sign: the numbers reach the core's door with a good signature
    [Fact]
    public void WhatAValidatorSignsTakesEveryExtreme()
    {
        TestNetwork network = AtWork();
        ulong current = network.Nodes[0].Loop!.Core.Height;
        foreach (ulong height in (ulong[])[.. Numbers, current - 1, current, current + 1])
        {
            foreach (int round in RoundNumbers)
            {
                foreach (int validRound in RoundNumbers)
                {
                    foreach (ConsensusMessage message in Signed(height, round, validRound))
                    {
                        Send(network, new Frame(FrameKind.Consensus, height, Canonical.Encode(message)));
                    }
                }

                Proposal proposal = new(height, round, Some, Rounds.Nil, Keys.IdOf(3));
                foreach (int count in RoundNumbers)
                {
                    Send(network, new Frame(FrameKind.StreamFin, height, new StreamFin(Sign(proposal), count, Some).Encode()));
                    Send(network, new Frame(FrameKind.StreamPart, height, new StreamPart(height, round, count, new byte[10]).Encode()));
                }

                ByteString init = Keys.Sign(3, StreamInit.SignBytesOf(Keys.Context, height, round));
                Send(network, new Frame(FrameKind.StreamInit, height, new StreamInit(height, round, Keys.IdOf(3), init).Encode()));
                Settle(network);
            }
        }

        GoesOn(network);
    }

    [Fact]
    public void WhatPeersClaimToHaveAndAskForTakesEveryExtreme()
    {
        TestNetwork network = AtWork();
        foreach (ulong one in Numbers)
        {
            foreach (ulong other in Numbers)
            {
                Send(network, new Frame(FrameKind.Status, one, new StatusMessage(one, other).Encode()));
                Send(network, new Frame(FrameKind.RangeRequest, one, new RangeRequest((uint)one, one, (int)(uint)other).Encode()));
                CommitCertificate commit = new(other, 0, Some, [new(Keys.IdOf(1), new ByteString([1]))]);
                Send(network, new Frame(
                    FrameKind.RangeReply, one, new RangeReply((uint)one, other, [new DecidedHeight(commit, new byte[3])]).Encode()));
                Settle(network);
                network.Time.Advance(250); // timers and plans run on what was claimed
                Settle(network);
            }
        }

        GoesOn(network);
    }

    private static IEnumerable<ConsensusMessage> Signed(ulong height, int round, int validRound)
    {
        foreach (VoteType type in (VoteType[])[VoteType.Prevote, VoteType.Precommit])
        {
            Vote vote = new(type, height, round, Some, validRound, Keys.IdOf(3));
            yield return new ConsensusMessage.OfVote(Keys.Sign(3, vote), ushort.MaxValue);
            yield return new ConsensusMessage.OfVote(Keys.Sign(3, vote with { Value = null }), 0);
        }

        yield return new ConsensusMessage.OfProposal(Sign(new Proposal(height, round, Some, validRound, Keys.IdOf(3))));
        Vote prevote = new(VoteType.Prevote, height, round, Some, validRound, default);
        Vote precommit = new(VoteType.Precommit, height, round, Some, Rounds.Nil, default);
        yield return new ConsensusMessage.OfPolka(new PolkaCertificate(height, round, Some, validRound, Signatures(prevote)));
        yield return new ConsensusMessage.OfCommit(new CommitCertificate(height, round, Some, Signatures(precommit)));
        yield return new ConsensusMessage.OfRound(
            new RoundCertificate(height, validRound, [Keys.Sign(3, precommit with { Validator = Keys.IdOf(3) })]));
        Signed<Vote> one = Keys.Sign(3, new Vote(VoteType.Prevote, height, round, Some, validRound, Keys.IdOf(3)));
        Signed<Vote> two = Keys.Sign(3, new Vote(VoteType.Prevote, height, round, null, validRound, Keys.IdOf(3)));
        yield return new ConsensusMessage.OfEvidence(new Evidence(EvidenceKind.DoubleVote, height, Keys.IdOf(3), one, two, null, null));
        yield return new ConsensusMessage.OfEvidence(new Evidence(EvidenceKind.Amnesia, height, Keys.IdOf(3), two, one, null, null));
    }

    // of two validators only: this test must not decide heights itself
    private static CertificateSignature[] Signatures(Vote vote) =>
        [.. Enumerable.Range(0, 2).Select(
            i => new CertificateSignature(Keys.IdOf(i), Keys.Sign(i, SignBytes.Of(Keys.Context, vote with { Validator = Keys.IdOf(i) }))))];

    private static Signed<Proposal> Sign(Proposal proposal) => new(proposal, Keys.Sign(3, SignBytes.Of(Keys.Context, proposal)));

    private static IEnumerable<byte[]> Samples(TestNetwork network, FrameKind kind)
    {
        ulong height = network.Nodes[0].Loop!.Core.Height;
        return kind switch
        {
            FrameKind.Consensus => Signed(height, 2, 1).Select(static message => Canonical.Encode(message)),
            FrameKind.StreamInit =>
                [new StreamInit(height, 0, Keys.IdOf(3), Keys.Sign(3, StreamInit.SignBytesOf(Keys.Context, height, 0))).Encode()],
            FrameKind.StreamPart => [new StreamPart(height, 0, 0, new byte[5]).Encode()],
            FrameKind.StreamFin => [new StreamFin(Sign(new Proposal(height, 0, Some, Rounds.Nil, Keys.IdOf(3))), 1, Some).Encode()],
            FrameKind.ContentRequest => [new ContentMessage(Some, default).Encode()],
            FrameKind.ContentReply => [new ContentMessage(Some, new byte[5]).Encode()],
            FrameKind.Status => [new StatusMessage(height, 1).Encode()],
            FrameKind.RangeRequest => [new RangeRequest(1, 1, 1).Encode()],
            FrameKind.RangeReply =>
                [new RangeReply(1, height, [new DecidedHeight(new CommitCertificate(height, 0, Some, []), new byte[3])]).Encode()],
            _ => [new byte[20]],
        };
    }

    private static byte[] Changed(byte[] bytes, int offset, ulong number, int width)
    {
        byte[] field = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(field, number);
        byte[] changed = [.. bytes];
        field.AsSpan(0, int.Min(width, bytes.Length - offset)).CopyTo(changed.AsSpan(offset));
        return changed;
    }

    private static TestNetwork AtWork()
    {
        TestNetwork network = TestNetwork.Started(4);
        network.RunUntil(() => network.AllAt(3));
        network.Wires.Tap = static (_, _, _) => { };
        return network;
    }

    private static void Send(TestNetwork network, Frame frame) =>
        network.Wires.Join(Keys.IdOf(Stranger)).Send(new PeerId(Keys.IdOf(0)), frame);

    private static void Settle(TestNetwork network)
    {
        while (network.Nodes[0].Pump())
        {
            Assert.Null(network.Nodes[0].Loop!.Failure);
        }
    }

    private static void GoesOn(TestNetwork network)
    {
        Assert.False(network.Nodes[0].Loop!.IsHalted);
        ulong tip = network.Nodes[1].Store.Tip;
        network.RunUntil(() => network.AllAt(tip + 3));
        network.AssertAgreement();
    }
}
