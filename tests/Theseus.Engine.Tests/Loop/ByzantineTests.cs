using System.Text;
using Theseus.Consensus;

namespace Theseus.Engine.Tests;

/// <summary>
/// Validators that sign whatever may fill a table: two of seven, one of four, with correct signatures under their own names. The rest
/// decides, also after all of them were restarted with what they wrote down (faults 97, 98, 106, 107).
/// </summary>
public class ByzantineTests
{
    [Theory]
    [InlineData(4, 1, 0)]
    [InlineData(7, 2, 0)]
    [InlineData(7, 2, 1)] // relayed by strangers
    public void TablesFullOfSignedNonsenseDoNotStopTheOthers(int validators, int liars, int strangers)
    {
        TestNetwork network = new(validators);
        network.Wires.Tap = static (_, _, _) => { }; // what liars send need not decode
        TestNode[] correct = [.. network.Nodes.Take(validators - liars)];
        foreach (TestNode node in correct)
        {
            node.Start();
        }

        int[] byzantine = [.. Enumerable.Range(validators - liars, liars)];
        MemoryTransport[] sessions = [.. byzantine.Select(i => network.Wires.Join(Keys.IdOf(strangers > 0 ? 20 + i : i)))];
        for (ulong height = 1; height <= 3; height++)
        {
            network.RunUntil(() => correct.All(node => node.Loop!.Core.Height >= height), 120_000);
            for (int i = 0; i < liars; i++)
            {
                foreach (TestNode node in correct)
                {
                    Lie(network, sessions[i], byzantine[i], node, height);
                    Lie(network, sessions[i], byzantine[i], node, height + 1);
                }
            }

            network.RunUntil(() => network.AllAt(height), 120_000);
        }

        foreach (TestNode node in correct)
        {
            node.Crash(_ => 1000);
        }

        foreach (TestNode node in correct)
        {
            node.Start();
        }

        network.RunUntil(() => network.AllAt(6), 240_000);
        network.AssertAgreement();
        // whoever is blamed lied or passed a lie on
        Assert.DoesNotContain(network.Wires.Faults, fault => correct.Any(node => node.Id == fault.Item2.Node));
        Assert.All(correct, node => Assert.False(node.Loop!.IsHalted));
    }

    // fault 106: nobody lies. One of four is down and another one's clock is an hour ahead for 7.5 minutes: it finds all fresh proposals
    // too old, and the others find its own too young. Then all are healthy and restarted.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void AHeightThatLostManyRoundsToAClockIsDecidedWhenTheClockIsRight(bool restarts)
    {
        TestNetwork network = new(4);
        TestNode[] up = [.. network.Nodes.Take(3)];
        ValidatorId wrong = up[2].Id;
        foreach (TestNode node in up)
        {
            node.Start();
        }

        network.RunUntil(() => network.AllAt(1));
        foreach (TestNode node in up)
        {
            node.App!.JudgesEach = validate =>
                validate.FreshRound >= 0 && (node.Id == wrong) != (validate.Proposer == wrong) ? Judgement.Unknown : Judgement.Valid;
        }

        network.RunFor(450_000);
        ulong stuck = up.Max(node => node.Loop!.Core.Height);
        int round = up.Max(node => node.Loop!.Core.Round);
        Assert.InRange(round, 20, int.MaxValue);
        foreach (TestNode node in up)
        {
            node.App!.JudgesEach = null;
            if (restarts)
            {
                node.Crash(_ => 1000);
                node.Start();
            }
        }

        network.Nodes[3].Start();
        network.RunUntil(() => network.AllAt(stuck), 120_000);
        Assert.All(up, node => Assert.InRange(node.Store.Heights[(int)stuck - 1].Certificate.Round, round - 1, round + 4));
        network.RunUntil(() => network.AllAt(stuck + 3), 30_000);
        network.AssertAgreement();
        network.AssertNoOffence();
    }

    private static void Lie(TestNetwork network, MemoryTransport session, int liar, TestNode victim, ulong height)
    {
        ValidatorId id = Keys.IdOf(liar);
        PeerId to = new(victim.Id);
        foreach (int round in (int[])[.. Enumerable.Range(0, 60), 1_000, 100_000, int.MaxValue - 1])
        {
            for (int version = 0; version < 2; version++)
            {
                byte[] content = Encoding.UTF8.GetBytes($"{height} {round} liar\nlie={version}\n");
                ValueId value = new(Sha3.Hash256(content));
                Signed<Vote> prevote = Keys.Sign(liar, new Vote(VoteType.Prevote, height, round, value, Rounds.Nil, id));
                Signed<Vote> precommit = Keys.Sign(liar, new Vote(VoteType.Precommit, height, round, value, Rounds.Nil, id));
                Send(FrameKind.Consensus, Canonical.Encode(new ConsensusMessage.OfVote(prevote, NilReason.None)));
                Send(FrameKind.Consensus, Canonical.Encode(new ConsensusMessage.OfVote(precommit, NilReason.None)));
                if (network.Set.Proposer(height, round).Id != id)
                {
                    continue;
                }

                Proposal proposal = new(height, round, value, Rounds.Nil, id);
                Signed<Proposal> signed = new(proposal, Keys.Sign(liar, SignBytes.Of(Keys.Context, proposal)));
                StreamInit init = new(height, round, id, Keys.Sign(liar, StreamInit.SignBytesOf(Keys.Context, height, round)));
                Send(FrameKind.StreamInit, init.Encode());
                Send(FrameKind.StreamPart, new StreamPart(height, round, 0, content).Encode());
                Send(FrameKind.StreamFin, new StreamFin(signed, 1, new ValueId(Sha3.Hash256(content))).Encode());
                Send(FrameKind.Consensus, Canonical.Encode(new ConsensusMessage.OfProposal(signed)));
                Send(FrameKind.ContentReply, new ContentMessage(value, content).Encode());
            }
        }

        while (victim.Pump())
        {
            // takes all of it before anything else comes
        }

        void Send(FrameKind kind, byte[] bytes) => session.Send(to, new Frame(kind, height, bytes));
    }
}
