using Theseus.Consensus;

namespace Theseus.Engine.Tests;

public class SyncTests
{
    [Fact]
    public void C54F12ANode500HeightsBehindCatchesUpAndVotesAgain()
    {
        TestNetwork network = new(4, blockInterval: 50);
        TestNode late = network.Nodes[3];
        foreach (TestNode node in network.Nodes.Where(n => n != late))
        {
            node.Start();
        }

        network.RunUntil(() => network.AllAt(500), 3_600_000);
        late.Start();
        long start = network.Time.Milliseconds;
        int most = 0;
        network.RunUntil(() =>
        {
            most = int.Max(most, late.Loop!.Sync.KeptHeights);
            return late.Store.Tip >= 500;
        });
        Assert.True(network.Time.Milliseconds - start < 10_000, "500 heights in seconds");
        Assert.InRange(most, ValueSync.Batch, ValueSync.Window + ValueSync.Batch);
        network.RunUntil(() =>
            network.Sent.Any(s =>
                s.From.Node == late.Id
                && s.Message is ConsensusMessage.OfVote { Vote.Message: { Type: VoteType.Precommit, Value: not null } }));
        network.RunUntil(() => network.AllAt(network.Nodes[0].Store.Tip));
        network.AssertAgreement();
        network.AssertNoOffence();
        Assert.Empty(network.Wires.Faults);

        // C58: while it was behind it neither proposed nor voted in heights that others had decided
        ulong first = network.Sent.Where(s =>
            s.From.Node == late.Id && s.Message is ConsensusMessage.OfVote { Vote.Message.Value: not null } or ConsensusMessage.OfProposal
            && s.From.Node == late.Id).Min(s => s.Message.Height);
        Assert.True(first > 480, $"it voted at height {first}");
    }

    [Fact]
    public void C54AnObserverThatStartsLateAndSeesNoVotesFollowsBySyncAlone()
    {
        TestNetwork network = new(4, observers: 1);
        TestNode observer = network.Nodes[4];
        network.Wires.Filter = (_, to, frame) => to.Node != observer.Id || frame.Kind is FrameKind.Status or FrameKind.RangeReply;
        foreach (TestNode node in network.Nodes)
        {
            node.Start();
        }

        network.RunUntil(() => observer.Store.Tip >= 30);
        network.AssertAgreement();
        Assert.Empty(network.Wires.Faults);
    }

    [Fact]
    public void C33F13HeightsWithBadCertificatesOrContentsAreAskedOfAnother()
    {
        TestNetwork network = new(4, blockInterval: 50);
        TestNode late = network.Nodes[3];
        foreach (TestNode node in network.Nodes.Where(n => n != late))
        {
            node.Start();
        }

        network.RunUntil(() => network.AllAt(60), 3_600_000);
        // node 0 lies in every second height; it keeps its own chain
        for (int i = 0; i < network.Nodes[0].Store.Heights.Count; i += 2)
        {
            DecidedHeight good = network.Nodes[0].Store.Heights[i];
            network.Nodes[0].Store.Heights[i] = i % 4 == 0
                ? good with { Certificate = good.Certificate with { Signatures = [.. good.Certificate.Signatures.Take(2)] } }
                : good with { Content = new byte[] { 1, 2, 3 } };
        }

        network.Wires.Filter = (from, to, _) => to.Node != late.Id || from.Node == network.Nodes[0].Id; // only the liar is heard at first
        late.Start();
        network.RunFor(3000);
        Assert.Equal(0UL, late.Store.Tip);
        network.Wires.Filter = static (_, _, _) => true;
        network.RunUntil(() => late.Store.Tip >= 60);
        Assert.Contains(network.Wires.Faults, f =>
            f.By.Node == late.Id && f.Peer.Node == network.Nodes[0].Id && f.Fault == PeerFault.Refused);
        Assert.All(late.Store.Heights, h => Assert.True(KvApplication.IsContentOf(h.Certificate.Value, h.Content.Span)));
        Assert.True(late.Loop!.Sync.ScoreOf(new PeerId(network.Nodes[0].Id)) < late.Loop.Sync.ScoreOf(new PeerId(network.Nodes[1].Id)));
    }

    [Fact]
    public void F13ALiarAboutItsTipDelaysNothing()
    {
        TestNetwork network = TestNetwork.Started(4);
        network.RunUntil(() => network.AllAt(3));
        ITransport liar = network.Wires.Join(Keys.IdOf(9));
        liar.Broadcast(new Frame(FrameKind.Status, 1_000_000, new StatusMessage(1_000_000, 1).Encode()));
        long start = network.Time.Milliseconds;
        network.RunUntil(() => network.AllAt(43));
        Assert.InRange(network.Time.Milliseconds - start, 0, 40 * 250 * 2);
        Assert.All(network.Nodes[0].Store.Heights, h => Assert.Equal(0, h.Certificate.Round));
    }

    [Fact]
    public void C55RepliesThatWereNotAskedForOrHaveOtherHeightsAreRefusedAndScored()
    {
        PeerId good = new(Keys.IdOf(0));
        PeerId bad = new(Keys.IdOf(1));
        ValueSync sync = new();
        sync.Advance(1);
        sync.Claim(good, new StatusMessage(100, 1));
        RangeRequest request = sync.Plan(0, eager: false)[0].Request;
        Assert.Equal((1UL, ValueSync.Batch), (request.From, request.Count));
        sync.Claim(bad, new StatusMessage(100, 1));
        double before = sync.ScoreOf(bad);
        Assert.False(sync.Take(bad, new RangeReply(request.Request, 1, [Height(1)]), 0)); // another peer's answer
        Assert.True(sync.ScoreOf(bad) < before);
        Assert.False(sync.Take(good, new RangeReply(request.Request, 1, [Height(1), Height(3)]), 0)); // a gap
        Assert.Equal(0, sync.KeptHeights);

        (PeerId peer, RangeRequest again) = sync.Plan(5000, eager: false).Single(p => p.Request.From == 1);
        Assert.True(sync.Take(peer, new RangeReply(again.Request, 1, [Height(1), Height(2)]), 0));
        Assert.Equal(2, sync.KeptHeights);
    }

    [Fact]
    public void C54APrefixIsTakenAndTheRestAskedAgain()
    {
        PeerId peer = new(Keys.IdOf(0));
        ValueSync sync = new();
        sync.Advance(1);
        sync.Claim(peer, new StatusMessage(10, 1));
        RangeRequest request = Assert.Single(sync.Plan(0, eager: false)).Request;
        Assert.Equal(10, request.Count);
        Assert.True(sync.Take(peer, new RangeReply(request.Request, 1, [Height(1), Height(2), Height(3)]), 0));
        Assert.Equal(2UL, sync.Peek(2)!.Certificate.Height);
        RangeRequest rest = Assert.Single(sync.Plan(1, eager: false)).Request;
        Assert.Equal((4UL, 7), (rest.From, rest.Count));
    }

    [Fact]
    public void TheFirstMissingHeightIsAskedOfAnotherWhenItsAnswerTakesLong()
    {
        PeerId slow = new(Keys.IdOf(0));
        PeerId other = new(Keys.IdOf(1));
        ValueSync sync = new();
        sync.Advance(1);
        sync.Claim(slow, new StatusMessage(10, 1));
        (PeerId first, RangeRequest late) = Assert.Single(sync.Plan(0, eager: false));
        Assert.Equal(slow, first);
        sync.Claim(other, new StatusMessage(10, 1));
        Assert.Empty(sync.Plan(ValueSync.Patience - 1, eager: false));
        (PeerId second, RangeRequest probe) = Assert.Single(sync.Plan(ValueSync.Patience, eager: false));
        Assert.Equal((other, 1UL, 1), (second, probe.From, probe.Count));

        // who answers is asked for all of it
        Assert.True(sync.Take(other, new RangeReply(probe.Request, 1, [Height(1)]), 600));
        sync.Accept(1);
        (second, RangeRequest rest) = Assert.Single(sync.Plan(600, eager: false));
        Assert.Equal((other, 2UL, 9), (second, rest.From, rest.Count));

        // silence costs one wait, and then the place
        sync.Plan(ValueSync.FirstTimeout, eager: false);
        Assert.True(sync.ScoreOf(slow) < 0.5);

        // a late answer is used, and nobody is blamed
        double before = sync.ScoreOf(slow);
        Assert.True(sync.Take(slow, new RangeReply(late.Request, 1, [Height(1), Height(2)]), 9000));
        Assert.Equal((2, before), (sync.KeptHeights, sync.ScoreOf(slow)));
        sync.Accept(2);
        Assert.True(sync.ScoreOf(slow) > before);
    }

    [Fact]
    public void RequestsAndKeptHeightsAreBounded()
    {
        ValueSync sync = new();
        sync.Advance(1);
        for (int i = 0; i < 20; i++)
        {
            sync.Claim(new PeerId(Keys.IdOf(i)), new StatusMessage(100_000, 1));
        }

        int asked = 0;
        for (int turn = 0; turn < 100; turn++)
        {
            IReadOnlyList<(PeerId Peer, RangeRequest Request)> requests = sync.Plan(turn, eager: false);
            Assert.InRange(requests.Count, 0, ValueSync.MaximumInFlight);
            asked += requests.Count;
            foreach ((PeerId peer, RangeRequest request) in requests)
            {
                Assert.True(sync.Take(peer,
                    new RangeReply(request.Request, request.From,
                        [.. Enumerable.Range(0, request.Count).Select(i => Height(request.From + (ulong)i))]), 0));
            }
        }

        Assert.Equal(ValueSync.Window / ValueSync.Batch, asked);
        Assert.Equal(ValueSync.Window, sync.KeptHeights);
        sync.Advance(50);
        Assert.Equal(ValueSync.Window - 49, sync.KeptHeights);
    }

    // a range that begins within the window is kept to its end
    [Fact]
    public void EveryHeightThatWasAskedForIsKept()
    {
        ValueSync sync = new();
        sync.Advance(1);
        sync.Claim(new PeerId(Keys.IdOf(0)), new StatusMessage(10, 1));
        HashSet<ulong> asked = [];
        for (int turn = 0; turn < 50; turn++)
        {
            foreach ((PeerId peer, RangeRequest request) in sync.Plan(turn, eager: false))
            {
                ulong[] heights = [.. Enumerable.Range(0, request.Count).Select(i => request.From + (ulong)i)];
                Assert.All(heights, height => Assert.True(asked.Add(height), $"{height} is asked for twice"));
                Assert.True(sync.Take(peer, new RangeReply(request.Request, request.From, [.. heights.Select(Height)]), 0));
            }

            sync.Claim(new PeerId(Keys.IdOf(1)), new StatusMessage(100_000, 1));
        }

        // 10, then eight ranges of 16: the last begins at 123, within 1 + 128
        Assert.Equal(Enumerable.Range(1, 138).Select(static height => (ulong)height), asked.Order());
        Assert.Equal(138, sync.KeptHeights);
    }

    [Fact]
    public void OfRequestsThatWereGivenUpTheOldestAreForgotten()
    {
        const int Remembered = 256;
        ValueSync sync = new();
        sync.Advance(1);
        for (int i = 0; i < 400; i++)
        {
            sync.Claim(PeerOf(i), new StatusMessage(100_000, 1));
        }

        List<(PeerId Peer, RangeRequest Request)> all = [];
        for (long now = 0; all.Count < 600; now += ValueSync.FirstTimeout)
        {
            all.AddRange(sync.Plan(now, eager: false));
            Assert.True(now < 1_000_000, "too few requests");
        }

        sync.Plan(10_000_000, eager: false); // all of them are given up
        all = [.. all.OrderBy(static one => one.Request.Request)];
        Assert.True(Take(all[^1]));
        Assert.True(Take(all[^Remembered]) && !Take(all[^Remembered])); // an answer counts once
        Assert.False(Take(all[^(Remembered + 1)]));
        Assert.False(Take(all[0]));

        bool Take((PeerId Peer, RangeRequest Request) one) =>
            sync.Take(one.Peer, new RangeReply(one.Request.Request, one.Request.From, []), 10_000_001);

        static PeerId PeerOf(int number)
        {
            byte[] id = new byte[ValidatorId.Length];
            BitConverter.TryWriteBytes(id, number + 1);
            return new PeerId(new ValidatorId(id));
        }
    }

    private static DecidedHeight Height(ulong height) => new(new CommitCertificate(height, 0, default, []), new byte[10]);
}
