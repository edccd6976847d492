using System.Threading.Channels;
using Theseus.Consensus;

namespace Theseus.Engine.Tests;

public class StreamTests
{
    private static readonly byte[] Content = [.. Enumerable.Range(0, 10_000).Select(i => (byte)(i * 31))];

    [Fact]
    public void C59PartsOutOfOrderDoubledAndBehindFinMakeOneContentInOrder()
    {
        Random random = new(3);
        for (int turn = 0; turn < 200; turn++)
        {
            List<object> messages = [Fin(10), .. Parts(10), .. Parts(10).Take(4)];
            IncomingStream stream = new(1 << 20);
            int opensAt = random.Next(messages.Count);
            List<int> delivered = [];
            ReadOnlyMemory<byte>? content = null;
            foreach ((object message, int i) in messages.OrderBy(_ => random.Next()).Select((m, i) => (m, i)).ToArray())
            {
                if (i == opensAt)
                {
                    stream.Open();
                }

                if (message is StreamPart part)
                {
                    stream.Take(part);
                }
                else
                {
                    stream.Take((StreamFin)message);
                }

                delivered.AddRange(stream.TakeNext().Select(p => p.Index));
                content = stream.TryComplete() ?? content;
            }

            Assert.Equal(Enumerable.Range(0, 10), delivered);
            Assert.Equal(Content, content!.Value.ToArray());
        }
    }

    [Fact]
    public void AStreamThatIsTooLongOrDoesNotMatchItsFinIsBroken()
    {
        IncomingStream small = new(5_000);
        foreach (StreamPart part in Parts(10))
        {
            small.Take(part);
        }

        Assert.True(small.IsBroken);

        IncomingStream wrong = new(1 << 20);
        foreach (StreamPart part in Parts(10).Select(p => p with { Bytes = new byte[p.Bytes.Length] }))
        {
            wrong.Take(part);
        }

        wrong.Take(Fin(10));
        Assert.Null(wrong.TryComplete());
        Assert.True(wrong.IsBroken);

        IncomingStream far = new(1 << 20);
        far.Take(new StreamPart(1, 0, 5000, new byte[1]));
        Assert.True(far.IsBroken);
    }

    // fault 20: value sync would heal it too, so that path is shut, and the frames are looked at
    [Fact]
    public void C49AMissingPartLeavesTheContentToBeFetchedByItsValueId()
    {
        PeerId starved = new(Keys.IdOf(2));
        HashSet<ValueId> asked = [];
        HashSet<ValueId> given = [];
        TestNetwork network = new(4);
        network.Wires.Filter = (_, to, frame) => to != starved || frame.Kind is not (FrameKind.StreamPart or FrameKind.RangeReply);
        network.Wires.Tap = (from, to, frame) =>
        {
            if (from == starved && frame.Kind == FrameKind.ContentRequest)
            {
                asked.Add(ContentMessage.TryDecode(frame.Bytes.Span, 0)!.Value);
            }
            else if (to == starved && frame.Kind == FrameKind.ContentReply)
            {
                given.Add(ContentMessage.TryDecode(frame.Bytes.Span, 1 << 20)!.Value);
            }
        };
        foreach (TestNode node in network.Nodes)
        {
            node.Start();
        }

        network.RunUntil(() => network.AllAt(10));
        ValueId[] ofOthers = [.. network.Nodes[2].Store.Heights
            .Where(h => network.Set.Proposer(h.Certificate.Height, h.Certificate.Round).Id != Keys.IdOf(2))
            .Select(h => h.Certificate.Value)];
        Assert.NotEmpty(ofOthers);
        Assert.All(ofOthers, value => Assert.Contains(value, asked));
        Assert.All(ofOthers, value => Assert.Contains(value, given));
        network.AssertNoOffence();
    }

    // fault 20: the same for a value that is decided elsewhere: its precommits come, its proposal does not
    [Fact]
    public void N9TheContentOfADecidedValueIsAskedOfItsSigners()
    {
        PeerId starved = new(Keys.IdOf(2));
        HashSet<ValueId> asked = [];
        TestNetwork network = new(4);
        network.Wires.Filter = (_, to, frame) =>
            to != starved
                || (frame.Kind is not (FrameKind.StreamInit or FrameKind.StreamPart or FrameKind.StreamFin or FrameKind.RangeReply)
                && (frame.Kind != FrameKind.Consensus || frame.Bytes.Span[0] != (byte)MessageKind.Proposal));
        network.Wires.Tap = (from, _, frame) =>
        {
            if (from == starved && frame.Kind == FrameKind.ContentRequest)
            {
                asked.Add(ContentMessage.TryDecode(frame.Bytes.Span, 0)!.Value);
            }
        };
        foreach (TestNode node in network.Nodes)
        {
            node.Start();
        }

        network.RunUntil(() => network.AllAt(5));
        Assert.All(
            network.Nodes[2].Store.Heights.Where(h => network.Set.Proposer(h.Certificate.Height, h.Certificate.Round).Id != Keys.IdOf(2)),
            h => Assert.Contains(h.Certificate.Value, asked));
    }

    [Theory]
    [InlineData(10, "Init 10 Fin")]
    [InlineData(65_536, "Init 65536 | Fin")]
    [InlineData(65_537, "Init 65536 | 1 Fin")]
    [InlineData(200_000, "Init 65536 | 65536 | 65536 | 3392 Fin")]
    public void N11WhatIsShortWaitsForWhatFollowsAndFullPartsLeaveWhileItIsBuilt(int size, string expected)
    {
        Assert.Equal(expected, Streamed(new byte[size]));
    }

    // an answer to an older question ends no stream that is under way
    [Fact]
    public void C3OnlyTheRoundThatCannotBeBuiltForIsGivenUp()
    {
        Assert.Equal("Init 10 Fin", Streamed(new byte[10], new AppReply.CannotBuild(1, 1), new AppReply.CannotBuild(2, 0)));
        Assert.Equal("", Streamed(new byte[10], new AppReply.CannotBuild(1, 0)));
    }

    /// <summary>What a lone validator sends of the content that it builds, packet by packet.</summary>
    /// <param name="content">What its application builds.</param>
    /// <param name="before">What its application answers before that.</param>
    private static string Streamed(byte[] content, params AppReply[] before)
    {
        ValidatorSet set = Keys.SetOf(1);
        MemoryDisk disk = new();
        ApplicationLink link = new();
        BatchTransport transport = new();
        EngineLoop loop = new(new EngineDevices(
            disk, new LocalSigner(new Keys.Key(0), disk), Keys.IdOf(0), transport, new ManualTime(), Keys.Check,
            new InlineVerification(), KvApplication.IsContentOf, link, _ => { }));
        bool isBuilt = false;
        while (!isBuilt)
        {
            loop.Pump();
            Assert.True(link.Requests.TryRead(out AppRequest? request));
            if (request is AppRequest.OpenHeight)
            {
                link.Replies.TryWrite(new AppReply.HeightOpened(1, set, Keys.Context, [], Timeouts.Localnet, 0, 30_000, 1 << 20, 0, 1));
            }
            else if (request is AppRequest.Build build)
            {
                Assert.All(before, reply => link.Replies.TryWrite(reply));
                link.Replies.TryWrite(new AppReply.Part(1, build.Round, content));
                loop.Pump();
                Assert.DoesNotContain("Fin", transport.ToString(), StringComparison.Ordinal);
                link.Replies.TryWrite(new AppReply.Fin(1, build.Round, new ValueId(Sha3.Hash256(content))));
                isBuilt = true;
            }
        }

        loop.Pump();
        return transport.ToString();
    }

    [Fact]
    public void WireFormsReadBackAndEveryCutIsRefused()
    {
        StreamInit init = new(5, 1, Keys.IdOf(2), new ByteString([1, 2]));
        Assert.Equal(init, StreamInit.TryDecode(init.Encode()));
        StreamPart part = Parts(10).First();
        Assert.Equal(part.Encode(), StreamPart.TryDecode(part.Encode())!.Encode());
        StreamFin fin = Fin(3);
        Assert.Equal(fin, StreamFin.TryDecode(fin.Encode()));
        StatusMessage status = new(9, 2);
        Assert.Equal(status, StatusMessage.TryDecode(status.Encode()));
        RangeRequest request = new(1, 2, 3);
        Assert.Equal(request, RangeRequest.TryDecode(request.Encode()));
        RangeReply reply = new(
            1, 2, [new DecidedHeight(new CommitCertificate(2, 0, default, [new(Keys.IdOf(1), new ByteString([3]))]), new byte[] { 4 })]);
        Assert.Equal(reply.Encode(), RangeReply.TryDecode(reply.Encode(), 10)!.Encode());
        Assert.Null(RangeReply.TryDecode(reply.Encode(), 0));
        ContentMessage content = new(default, new byte[] { 1 });
        Assert.Equal(content.Encode(), ContentMessage.TryDecode(content.Encode(), 1)!.Encode());
        Assert.Null(ContentMessage.TryDecode(content.Encode(), 0));
        foreach (byte[] bytes in (byte[][])
            [init.Encode(), part.Encode(), fin.Encode(), status.Encode(), request.Encode(), reply.Encode(), content.Encode()])
        {
            ReadOnlySpan<byte> cut = bytes.AsSpan(0, bytes.Length - 1);
            Assert.Null(StreamInit.TryDecode(cut));
            Assert.Null(StreamFin.TryDecode(cut));
            Assert.Null(RangeReply.TryDecode(cut, 100));
        }
    }

    private static IEnumerable<StreamPart> Parts(int count) =>
        Enumerable.Range(0, count)
            .Select(i => new StreamPart(1, 0, i, Content.AsMemory(i * (Content.Length / count), Content.Length / count)));

    private static StreamFin Fin(int count) =>
        new(
            new Signed<Proposal>(new Proposal(1, 0, default, -1, Keys.IdOf(0)), new ByteString([1])), count,
            new ValueId(Sha3.Hash256(Content)));

    /// <summary>Writes down the streams' frames: those given together, and a bar between.</summary>
    private sealed class BatchTransport : ITransport
    {
        private readonly List<string> _batches = [];
        private readonly Channel<Incoming> _inbox = Channel.CreateBounded<Incoming>(1);

        public ChannelReader<Incoming> Inbox => _inbox.Reader;

        public void Broadcast(params ReadOnlySpan<Frame> frames)
        {
            List<string> batch = [];
            foreach (Frame frame in frames)
            {
                switch (frame.Kind)
                {
                    case FrameKind.StreamInit:
                        batch.Add("Init");
                        break;
                    case FrameKind.StreamPart:
                        batch.Add($"{StreamPart.TryDecode(frame.Bytes.Span)!.Bytes.Length}");
                        break;
                    case FrameKind.StreamFin:
                        batch.Add("Fin");
                        break;
                    default:
                        break;
                }
            }

            if (batch.Count > 0)
            {
                _batches.Add(string.Join(' ', batch));
            }
        }

        public void Send(PeerId to, Frame frame)
        {
            // no peers
        }

        public PeerId? Find(ValidatorId validator) => null;

        public void Penalise(PeerId peer, PeerFault fault) => Assert.Fail($"{fault}");

        public override string ToString() => string.Join(" | ", _batches);
    }
}
