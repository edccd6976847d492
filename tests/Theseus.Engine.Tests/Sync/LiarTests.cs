using Theseus.Consensus;

namespace Theseus.Engine.Tests;

/// <summary>
/// Catching up among strangers that claim everything and serve nothing (fault 82), and what a served height costs (fault 10).
/// </summary>
public class LiarTests
{
    private const int Liars = 60;
    private const ulong Behind = 200;

    private static readonly Lazy<long> AmongValidators = new(() => Measure(0, Answer.Never, 0, validatorsServe: true));
    private static readonly Lazy<long> AmongStrangers = new(() => Measure(0, Answer.Never, 0, validatorsServe: false));

    /// <summary>What strangers do with a request.</summary>
    public enum Answer
    {
        Never,
        Nothing,
        Forged,
        AnotherRange,

        /// <summary>Serves one height of every other request, and nothing of the others.</summary>
        EveryOther,

        /// <summary>Serves the first height of each range, then forged ones.</summary>
        GoodThenForged,
    }

    // fault 82: within 2x of the time without them
    [Theory]
    [InlineData(Answer.Never, ulong.MaxValue)]
    [InlineData(Answer.Nothing, ulong.MaxValue)]
    [InlineData(Answer.Forged, ulong.MaxValue)]
    [InlineData(Answer.AnotherRange, ulong.MaxValue)]
    [InlineData(Answer.Never, Behind)]
    [InlineData(Answer.EveryOther, ulong.MaxValue)]
    [InlineData(Answer.GoodThenForged, ulong.MaxValue)]
    public void SixtyStrangersHardlyDelayANodeThatHearsValidators(Answer answer, ulong tip)
    {
        long attacked = Measure(Liars, answer, tip, validatorsServe: true);
        Assert.InRange(attacked, 0, 2 * AmongValidators.Value);
    }

    // and when only strangers serve, honest ones are found among the liars in a few probes of one height each
    [Theory]
    [InlineData(Answer.Never)]
    [InlineData(Answer.Nothing)]
    [InlineData(Answer.Forged)]
    [InlineData(Answer.GoodThenForged)]
    public void HonestStrangersAreFoundAmongSixtyLiars(Answer answer)
    {
        long attacked = Measure(Liars, answer, ulong.MaxValue, validatorsServe: false);
        Assert.InRange(attacked, 0, (2 * AmongStrangers.Value) + (2 * ValueSync.Patience));
    }

    // fault 82: liars that serve a height now and then, so that they are asked again, cost a few waits together, not one each
    [Fact]
    public void LiarsThatServeNowAndThenAreAskedLessAndLess()
    {
        long attacked = Measure(Liars, Answer.EveryOther, ulong.MaxValue, validatorsServe: false);
        Assert.InRange(attacked, 0, (2 * AmongStrangers.Value) + (Liars / 3 * ValueSync.Patience));
    }

    [Fact]
    public void ClaimsOfStrangersDoNotTurnANodeAtTheTipFromItsWork()
    {
        TestNetwork network = TestNetwork.Started(4);
        network.RunUntil(() => network.AllAt(3));
        Strangers strangers = new(network, Liars, Answer.Never, ulong.MaxValue);
        int before = strangers.Requests;
        long start = network.Time.Milliseconds;
        network.RunUntil(() =>
        {
            strangers.Claim();
            return network.AllAt(123);
        });
        Assert.All(network.Nodes[0].Store.Heights, height => Assert.Equal(0, height.Certificate.Round));

        // each of 4 nodes asks each of 60 strangers once, then after 2, 4, 8, 16, 32 s: claims cost a few requests
        long seconds = (network.Time.Milliseconds - start) / 1000;
        Assert.InRange(seconds, 28, 40);
        Assert.InRange(strangers.Requests - before, 0, 4 * Liars * 5);
    }

    // a table of peers that strangers fill with new keys for ever forgets them, not validators' nodes
    [Fact]
    public void NewKeysWithoutEndPushOutNoPeerThatServes()
    {
        ValueSync sync = new();
        sync.Advance(1);
        PeerId member = new(Keys.IdOf(0));
        PeerId proven = new(Keys.IdOf(1));
        sync.Claim(member, new StatusMessage(1000, 1));
        sync.Members([member]);
        sync.Claim(proven, new StatusMessage(16, 1));
        RangeRequest request = sync.Plan(1, eager: false).Single(asked => asked.Peer == proven || asked.Request.From == 1).Request;
        for (int i = 0; i < ValueSync.MaximumPeers + 500; i++)
        {
            sync.Claim(Strangers.Id(i), new StatusMessage(ulong.MaxValue, 1));
        }

        Assert.NotEqual(0, sync.ScoreOf(member));
        Assert.True(sync.Take(member, new RangeReply(request.Request, 1, []), 2));
    }

    // fault 97: no height, count or length of a peer reaches arithmetic that overflows
    [Theory]
    [InlineData(0UL)]
    [InlineData(1UL)]
    [InlineData(ulong.MaxValue)]
    [InlineData(ulong.MaxValue - 1)]
    [InlineData(1UL << 63)]
    [InlineData((1UL << 31) - 1)]
    [InlineData(1UL << 31)]
    public void ExtremeHeightsInSyncMessagesBreakNothing(ulong value)
    {
        TestNetwork network = TestNetwork.Started(4);
        network.RunUntil(() => network.AllAt(3));
        ITransport stranger = network.Wires.Join(new ValidatorId(new byte[32]));
        stranger.Broadcast(new Frame(FrameKind.Status, value, new StatusMessage(value, value).Encode()));
        stranger.Broadcast(new Frame(FrameKind.Status, value, new StatusMessage(value, 0).Encode()));
        foreach (int count in (int[])[0, 1, 32, 33, int.MaxValue])
        {
            stranger.Broadcast(new Frame(FrameKind.RangeRequest, value, new RangeRequest(uint.MaxValue, value, count).Encode()));
        }

        DecidedHeight item = new(new CommitCertificate(value, int.MaxValue, default, []), new byte[1]);
        stranger.Broadcast(new Frame(FrameKind.RangeReply, value, new RangeReply(uint.MaxValue, value, [item, item]).Encode()));
        stranger.Broadcast(new Frame(FrameKind.RangeReply, value, new RangeReply(1, value, [item]).Encode()));
        stranger.Broadcast(new Frame(FrameKind.Consensus, value, new byte[] { 1 }));
        network.RunUntil(() => network.AllAt(20));
        Assert.All(network.Nodes, node => Assert.False(node.Loop!.IsHalted));
        Assert.All(network.Nodes[0].Store.Heights, height => Assert.Equal(0, height.Certificate.Round));
    }

    // requests of one peer without end stand before nobody else's
    [Fact]
    public void AFloodOfRangeRequestsDelaysNoOtherPeer()
    {
        TestNetwork network = TestNetwork.Started(4);
        network.RunUntil(() => network.AllAt(20));
        PeerId asked = new(network.Nodes[0].Id);
        ITransport[] flooders = [.. Enumerable.Range(0, Liars).Select(i => network.Wires.Join(Strangers.Id(i).Node))];
        uint id = 0;
        network.Nodes[0].App!.IsHung = true; // what it is asked meanwhile waits
        foreach (ITransport flooder in flooders)
        {
            for (int i = 0; i < 100; i++)
            {
                flooder.Send(asked, new Frame(FrameKind.RangeRequest, 1, new RangeRequest(++id, 1, 16).Encode()));
            }
        }

        network.Settle();
        ITransport honest = network.Wires.Join(Strangers.Id(1000).Node);
        honest.Send(asked, new Frame(FrameKind.RangeRequest, 1, new RangeRequest(7, 1, 16).Encode()));
        network.Nodes[0].App!.IsHung = false;
        network.Settle();
        Assert.True(honest.Inbox.TryRead(out Incoming reply));
        while (reply.Frame.Kind != FrameKind.RangeReply)
        {
            Assert.True(honest.Inbox.TryRead(out reply));
        }

        Assert.Equal(16, RangeReply.TryDecode(reply.Frame.Bytes.Span, 1 << 20)!.Heights.Count);
        int served = network.Nodes[0].App!.Seen.OfType<AppRequest.GetDecided>().Count();
        Assert.InRange(served, Liars + 1, (Liars * (ServingDesk.PerPeer + 8)) + 1);
    }

    // fault 10: 10 heights with 3 signatures cost 30 checks
    [Fact]
    public void AServedHeightIsCheckedOnce()
    {
        (TestNetwork network, TestNode late, CountingCheck checks) = LateNode(10);
        network.RunUntil(() => late.Store.Tip >= 10);
        Assert.Equal(10, late.Store.Heights.Count);
        Assert.All(late.Store.Heights, height => Assert.Equal(3, height.Certificate.Signatures.Count));
        Assert.Equal(30, checks.Checks);

        // who served them gained: a half is what nobody knows anything of
        Assert.Contains(network.Nodes, node => late.Loop!.Sync.ScoreOf(new PeerId(node.Id)) > 0.5);
    }

    // fault 10: and none while the node waits for its execution
    [Fact]
    public void IdlePumpsCheckNothingWhileExecutionLags()
    {
        (TestNetwork network, TestNode late, CountingCheck checks) = LateNode(10);
        late.App!.Executes = false;
        network.RunUntil(() => late.Store.Tip >= 1);
        network.Settle();
        Assert.InRange(late.Store.Tip, 1UL, 9UL);
        int before = checks.Checks;
        for (int i = 0; i < 100; i++)
        {
            late.Loop!.Pump();
        }

        Assert.Equal(before, checks.Checks);
    }

    // fault 10: nor is a certificate checked again that came by itself, before its height began or after
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void AServedHeightWhoseCertificateIsKnownCostsNoCheck(bool beforeItBegins)
    {
        (TestNetwork network, TestNode late, CountingCheck checks) = LateNode(1);
        MemoryTransport stranger = network.Wires.Join(Strangers.Id(0).Node);
        Func<PeerId, PeerId, Frame, bool> served = network.Wires.Filter;
        network.Wires.Filter = (from, to, _) => to.Node != late.Id || from == Strangers.Id(0);
        if (!beforeItBegins)
        {
            network.Settle();
            Assert.Equal(1UL, late.Loop!.Core.Height);
        }

        CommitCertificate commit = network.Nodes[0].Store.Heights[0].Certificate;
        ConsensusMessage.OfCommit told = new(commit);
        stranger.Send(new PeerId(late.Id), new Frame(FrameKind.Consensus, 1, Canonical.Encode(told)));
        network.Settle();
        Assert.Equal(commit.Value, late.Loop!.Core.Commit?.Value);
        Assert.Equal(3, checks.Checks);
        Assert.Equal(0UL, late.Store.Tip); // its content is missing

        network.Wires.Filter = served;
        network.RunUntil(() => late.Store.Tip == 1);
        Assert.Equal(3, checks.Checks);
        Assert.Empty(network.Wires.Faults);
    }

    // fault 10: whoever serves a good certificate with another content, and however often, costs its check once
    [Fact]
    public void ACertificateThatIsServedAgainIsNotCheckedAgain()
    {
        (TestNetwork network, TestNode late, CountingCheck checks) = LateNode(1);
        PeerId[] liars = [.. Enumerable.Range(0, 8).Select(Strangers.Id)];
        MemoryTransport[] lies = [.. liars.Select(liar => network.Wires.Join(liar.Node))];
        DecidedHeight height = network.Nodes[0].Store.Heights[0];
        Func<PeerId, PeerId, Frame, bool> served = network.Wires.Filter;
        network.Wires.Filter = (from, to, frame) => from.Node == late.Id || liars.Contains(from);
        long told = 0;
        network.RunUntil(() =>
        {
            bool tells = network.Time.Milliseconds >= told + 200;
            told = tells ? network.Time.Milliseconds : told;
            foreach (MemoryTransport lie in lies)
            {
                if (tells)
                {
                    lie.Send(new PeerId(late.Id), new Frame(FrameKind.Status, 1, new StatusMessage(1, 1).Encode()));
                }

                while (lie.Inbox.TryRead(out Incoming asked))
                {
                    if (asked.Frame.Kind == FrameKind.RangeRequest && RangeRequest.TryDecode(asked.Frame.Bytes.Span) is { } request)
                    {
                        RangeReply reply = new(request.Request, 1, [height with { Content = new byte[] { 1, 2, 3 } }]);
                        lie.Send(new PeerId(late.Id), new Frame(FrameKind.RangeReply, 1, reply.Encode()));
                    }
                }
            }

            return network.Wires.Faults.Select(fault => fault.Peer).Distinct().Count() == liars.Length;
        });
        Assert.Equal(0UL, late.Store.Tip);
        Assert.Equal(3, checks.Checks);
        network.Wires.Filter = served;
        network.RunUntil(() => late.Store.Tip == 1);
        Assert.Equal(3, checks.Checks);
    }

    /// <summary>A node that starts beside three that have decided so many heights and stand still.</summary>
    private static (TestNetwork Network, TestNode Late, CountingCheck Checks) LateNode(ulong heights)
    {
        TestNetwork network = new(4, blockInterval: 50);
        TestNode late = network.Nodes[3];
        foreach (TestNode node in network.Nodes.Where(node => node != late))
        {
            node.Start();
        }

        network.RunUntil(() => network.AllAt(heights), 3_600_000);
        foreach (TestNode node in network.Nodes.Where(node => node != late))
        {
            while (node.Store.Tip > heights)
            {
                node.Store.Heights.RemoveAt(node.Store.Heights.Count - 1);
            }
        }

        // only what is served: no votes, no certificates by themselves
        network.Wires.Filter = (from, to, frame) =>
            from.Node == late.Id || (to.Node == late.Id && frame.Kind is FrameKind.Status or FrameKind.RangeReply);
        CountingCheck checks = new();
        late.Signatures = checks;
        late.Start();
        return (network, late, checks);
    }

    /// <summary>Virtual milliseconds in which a node 200 heights behind catches up.</summary>
    private static long Measure(int liars, Answer answer, ulong tip, bool validatorsServe)
    {
        TestNetwork network = new(4, observers: validatorsServe ? 0 : 4, blockInterval: 50);
        TestNode late = network.Nodes[validatorsServe ? 3 : 7];
        foreach (TestNode node in network.Nodes.Where(node => node != late))
        {
            node.Start();
        }

        network.RunUntil(() => network.AllAt(Behind), 3_600_000);
        Strangers strangers = new(network, liars, answer, tip);
        if (!validatorsServe)
        {
            HashSet<ValidatorId> validators = [.. network.Nodes.Take(4).Select(node => node.Id)];
            network.Wires.Filter = (from, to, _) =>
                !(to.Node == late.Id && validators.Contains(from.Node)) && !(from.Node == late.Id && validators.Contains(to.Node));
        }

        long start = network.Time.Milliseconds;
        late.Start();
        network.RunUntil(() =>
        {
            strangers.Claim();
            return late.Store.Tip >= Behind;
        });
        Assert.True(liars == 0 || strangers.Requests > 0, "no stranger was asked: the test shows nothing");
        return network.Time.Milliseconds - start;
    }

    /// <summary>Peers whose ids come before all validators', which claim a tip five times a second and answer as they like.</summary>
    private sealed class Strangers
    {
        private readonly TestNetwork _network;
        private readonly ITransport[] _transports;
        private readonly Answer _answer;
        private readonly StatusMessage _status;
        private readonly Dictionary<ITransport, int> _served = [];
        private long _claimed;

        public Strangers(TestNetwork network, int count, Answer answer, ulong tip)
        {
            (_network, _answer, _status) = (network, answer, new StatusMessage(tip, 1));
            _transports = [.. Enumerable.Range(0, count).Select(i => network.Wires.Join(Id(i).Node))];
            Array.ForEach(_transports, transport => _served.Add(transport, 0));
        }

        public int Requests { get; private set; }

        public static PeerId Id(int i) => new(new ValidatorId([0, (byte)(i >> 16), (byte)(i >> 8), (byte)i, .. new byte[28]]));

        public void Claim()
        {
            foreach (ITransport transport in _transports)
            {
                while (transport.Inbox.TryRead(out Incoming incoming))
                {
                    if (incoming.Frame.Kind == FrameKind.RangeRequest)
                    {
                        Requests++;
                        Reply(transport, _served[transport]++, incoming.From, RangeRequest.TryDecode(incoming.Frame.Bytes.Span)!);
                    }
                }
            }

            if (_network.Time.Milliseconds - _claimed < 200)
            {
                return;
            }

            _claimed = _network.Time.Milliseconds;
            foreach (ITransport transport in _transports)
            {
                transport.Broadcast(new Frame(FrameKind.Status, _status.Tip, _status.Encode()));
            }
        }

        private void Reply(ITransport transport, int served, PeerId to, RangeRequest request)
        {
            DecidedHeight Forged(ulong height) => new(new CommitCertificate(height, 0, default, []), new byte[8]);
            IEnumerable<DecidedHeight> Good(RangeRequest range) =>
                _network.Nodes[0].Store.Heights.Skip((int)range.From - 1).Take(range.Count);
            RangeReply? reply = _answer switch
            {
                Answer.Nothing => new RangeReply(request.Request, request.From, []),
                Answer.Forged => new RangeReply(
                    request.Request, request.From, [.. Enumerable.Range(0, request.Count).Select(i => Forged(request.From + (ulong)i))]),
                Answer.EveryOther when served % 2 == 0 => new RangeReply(request.Request, request.From, [.. Good(request).Take(1)]),
                Answer.GoodThenForged => new RangeReply(
                    request.Request, request.From,
                    [.. Good(request).Take(1), .. Good(request).Skip(1).Select(item => Forged(item.Certificate.Height))]),
                Answer.AnotherRange => new RangeReply(request.Request, request.From, [Forged(request.From + 1)]),
                _ => null,
            };
            if (reply is not null)
            {
                transport.Send(to, new Frame(FrameKind.RangeReply, request.From, reply.Encode()));
            }
        }
    }
}
