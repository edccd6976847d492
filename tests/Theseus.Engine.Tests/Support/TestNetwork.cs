using System.Threading.Channels;
using Theseus.Consensus;

namespace Theseus.Engine.Tests;

/// <summary>A node of a <see cref="TestNetwork"/>: its disk and store outlive its engine.</summary>
internal sealed class TestNode(TestNetwork network, int index, bool votes)
{
    private CountingTransport? _transport;

    public int Index => index;

    public ValidatorId Id => Keys.IdOf(index);

    public MemoryDisk Disk { get; } = new();

    public KvStore Store { get; } = new();

    public List<EngineEvent> Events { get; } = [];

    public EngineLoop? Loop { get; private set; }

    public KvApplication? App { get; private set; }

    public Keys.Key Key { get; } = new(index);

    public ISigner? Signer { get; set; }

    /// <summary>Checks signatures; another one counts them.</summary>
    public ISignatureCheck Signatures { get; set; } = Keys.Check;

    /// <summary>Where messages are verified; on the loop when null.</summary>
    public IVerification? Verification { get; set; }

    public bool IsUp => Loop is not null;

    public void Start()
    {
        ApplicationLink link = new();
        App = new KvApplication(link, Store, height => network.SetAt(height), index) { BlockInterval = network.BlockInterval };
        ISigner? signer = votes ? Signer ?? new LocalSigner(Key, Disk) : null;
        Loop = new EngineLoop(new EngineDevices(
            Disk, signer, votes ? Id : null, _transport = new CountingTransport(network.Wires.Join(Id)), network.Time, Signatures,
            Verification ?? new InlineVerification(),
            KvApplication.IsContentOf, link, Events.Add));
    }

    public void Stop()
    {
        network.Wires.Leave(Id);
        Loop = null;
        App = null;
    }

    public void Crash(Func<string, int>? keep = null)
    {
        Stop();
        Disk.Crash(keep);
    }

    public bool Pump() => Loop is not null && (App!.Pump() | PumpLoop() | App.Pump());

    // who drives an engine waits when it says that nothing was done, so a pump in which a frame left says that it worked
    private bool PumpLoop()
    {
        int before = _transport!.Sent;
        bool worked = Loop!.Pump();
        Assert.True(worked || _transport.Sent == before, "a frame left, and the pump says that nothing was done");
        return worked;
    }

    private sealed class CountingTransport(MemoryTransport inner) : ITransport
    {
        public int Sent { get; private set; }

        public ChannelReader<Incoming> Inbox => inner.Inbox;

        public void Send(PeerId to, Frame frame)
        {
            Sent++;
            inner.Send(to, frame);
        }

        public void Broadcast(params ReadOnlySpan<Frame> frames)
        {
            Sent += frames.Length;
            inner.Broadcast(frames);
        }

        public PeerId? Find(ValidatorId validator) => inner.Find(validator);

        public void Penalise(PeerId peer, PeerFault fault) => inner.Penalise(peer, fault);
    }
}

/// <summary>Engines over memory devices and one manual clock, pumped in turn on the test's thread.</summary>
internal sealed class TestNetwork
{
    public TestNetwork(int validators, int observers = 0, int blockInterval = 250)
    {
        BlockInterval = blockInterval;
        Set = Keys.SetOf(validators);
        SetAt = _ => Set;
        Nodes = [.. Enumerable.Range(0, validators + observers).Select(i => new TestNode(this, i, i < validators))];
        Wires.Tap = (from, to, frame) =>
        {
            if (frame.Kind == FrameKind.Consensus)
            {
                Sent.Add((from, to, Canonical.TryDecodeMessage(frame.Bytes.Span, out _)!, frame.Bytes.ToArray()));
            }
            else if (frame.Kind == FrameKind.StreamFin)
            {
                StreamFin fin = StreamFin.TryDecode(frame.Bytes.Span)!;
                ConsensusMessage.OfProposal proposal = new(fin.Proposal);
                Sent.Add((from, to, proposal, Canonical.Encode(proposal)));
            }
        };
    }

    public int BlockInterval { get; }

    public ManualTime Time { get; } = new();

    public MemoryNetwork Wires { get; } = new();

    public ValidatorSet Set { get; }

    /// <summary>The validators of a height.</summary>
    public Func<ulong, ValidatorSet> SetAt { get; set; }

    public IReadOnlyList<TestNode> Nodes { get; }

    /// <summary>Every consensus message that left a node.</summary>
    public List<(PeerId From, PeerId To, ConsensusMessage Message, byte[] Bytes)> Sent { get; } = [];

    public static TestNetwork Started(int validators, int observers = 0, int blockInterval = 250)
    {
        TestNetwork network = new(validators, observers, blockInterval);
        foreach (TestNode node in network.Nodes)
        {
            node.Start();
        }

        return network;
    }

    /// <summary>Runs until the condition holds; fails after so much virtual time.</summary>
    public void RunUntil(Func<bool> condition, long milliseconds = 120_000)
    {
        long deadline = Time.Milliseconds + milliseconds;
        while (!condition())
        {
            if (PumpAll())
            {
                continue;
            }

            long? next = Nodes.Where(node => node.IsUp).Select(node => node.Loop!.NextDueIn).Where(due => due is not null).Min();
            Assert.True(next is not null && Time.Milliseconds < deadline, "nothing happens any more: " + Describe());
            Time.Advance(long.Max(1, next!.Value));
        }
    }

    public void RunFor(long milliseconds)
    {
        long end = Time.Milliseconds + milliseconds;
        RunUntil(() => Time.Milliseconds >= end, milliseconds + 60_000);
    }

    public bool PumpAll()
    {
        bool any = false;
        foreach (TestNode node in Nodes)
        {
            any |= node.Pump();
        }

        return any;
    }

    /// <summary>Pumps until nobody has anything to do; the clock stands.</summary>
    public void Settle()
    {
        while (PumpAll())
        {
            // to rest
        }
    }

    public bool AllAt(ulong height) => Nodes.Where(node => node.IsUp).All(node => node.Store.Tip >= height);

    public void AssertAgreement()
    {
        ulong common = Nodes.Max(node => node.Store.Tip);
        for (int height = 0; height < (int)common; height++)
        {
            Assert.Single(Nodes.Where(node => node.Store.Heights.Count > height)
                .Select(node => node.Store.Heights[height].Certificate.Value).Distinct());
        }
    }

    /// <summary>No two messages that ever left a node prove an offence.</summary>
    public void AssertNoOffence()
    {
        // of what the nodes themselves sent: tests play liars, too
        ConsensusMessage[] own = [.. Sent.Where(sent => Nodes.Any(node => node.Id == sent.From.Node)).Select(sent => sent.Message)];
        Signed<Vote>[] votes = [.. own.OfType<ConsensusMessage.OfVote>().Select(vote => vote.Vote).Distinct()];
        foreach (IGrouping<(ValidatorId, ulong), Signed<Vote>> group in votes.GroupBy(
            vote => (vote.Message.Validator, vote.Message.Height)))
        {
            Signed<Vote>[] all = [.. group];
            Assert.All(all, one => Assert.All(all, other => Assert.Null(Offences.Between(one, other))));
        }

        Proposal[] proposals = [.. own.OfType<ConsensusMessage.OfProposal>().Select(proposal => proposal.Proposal.Message).Distinct()];
        Assert.Equal(proposals.Length, proposals.DistinctBy(proposal => (proposal.Validator, proposal.Height, proposal.Round)).Count());

        Assert.All(Nodes, node => Assert.Empty(node.App?.Evidence ?? []));
    }

    private string Describe() => string.Join("; ", Nodes.Select(node =>
        $"{node.Index}: {(node.IsUp ? $"height {node.Loop!.Core.Height} round {node.Loop.Core.Round} {node.Loop.Core.Step} tip {node.Store.Tip} {(node.Loop.IsHalted ? "halted" : string.Empty)} {node.Events.LastOrDefault()}" : "down")}"));
}
