using System.Diagnostics;
using System.Threading.Channels;
using Theseus.Consensus;

namespace Theseus.Engine.Tests;

public class DriverTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task FourEnginesDrivenByRealTimeDecide(bool onFiles)
    {
        const int Heights = 200;
        string folder = Directory.CreateTempSubdirectory("theseus-engine").FullName;
        MemoryNetwork wires = new();
        ValidatorSet set = Keys.SetOf(4);
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        stop.CancelAfter(TimeSpan.FromSeconds(30));
        KvStore[] stores = [.. Enumerable.Range(0, 4).Select(_ => new KvStore())];
        TaskCompletionSource[] done = [.. stores.Select(_ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously))];
        List<Task> tasks = [];
        MemoryTransport[] transports = [.. Enumerable.Range(0, 4).Select(i => wires.Join(Keys.IdOf(i)))];
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < 4; i++)
        {
            int self = i;
            IDisk disk = onFiles ? new FileDisk(Path.Combine(folder, $"{i}"), TimeProvider.System) : new MemoryDisk();
            ApplicationLink link = new();
            KvApplication app = new(link, stores[i], _ => set, i) { BlockInterval = 0 };
            EngineLoop loop = new(new EngineDevices(
                disk, new LocalSigner(new Keys.Key(i), disk), Keys.IdOf(i), transports[i], TimeProvider.System, Keys.Check,
                new InlineVerification(), KvApplication.IsContentOf, link, _ => { }));
            tasks.Add(Task.Run(() => loop.RunAsync(stop.Token), stop.Token));
            tasks.Add(Task.Run(
                async () =>
                {
                    while (await link.Requests.WaitToReadAsync(stop.Token))
                    {
                        app.Pump();
                        if (stores[self].Tip >= Heights)
                        {
                            done[self].TrySetResult();
                        }
                    }
                },
                stop.Token));
        }

        await Task.WhenAll(done.Select(d => d.Task)).WaitAsync(stop.Token);
        TestContext.Current.SendDiagnosticMessage(
            $"{Heights} heights in {Stopwatch.GetElapsedTime(start).TotalMilliseconds:F0} ms, files: {onFiles}");
        await stop.CancelAsync();
        try
        {
            await Task.WhenAll(tasks);
        }
        catch (OperationCanceledException)
        {
            // the end of the run
        }

        for (int height = 0; height < Heights; height++)
        {
            Assert.Single(stores.Select(s => s.Heights[height].Certificate.Value).Distinct());
        }

        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task ATimerThatIsSetForEarlierThanTheOneWaitedForWakesTheEngine()
    {
        // The tick of every second is waited for first; each height's pause of 50 ms is set later and due earlier.
        const int Heights = 20;
        ValidatorSet set = Keys.SetOf(1);
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        stop.CancelAfter(TimeSpan.FromSeconds(30));
        KvStore store = new();
        MemoryDisk disk = new();
        ApplicationLink link = new();
        KvApplication app = new(link, store, _ => set, 0) { BlockInterval = 50 };
        EngineLoop loop = new(new EngineDevices(
            disk, new LocalSigner(new Keys.Key(0), disk), Keys.IdOf(0), new MemoryNetwork().Join(Keys.IdOf(0)), TimeProvider.System,
            Keys.Check, new InlineVerification(), KvApplication.IsContentOf, link, _ => { }));
        long start = Stopwatch.GetTimestamp();
        Task running = Task.Run(() => loop.RunAsync(stop.Token), stop.Token);
        while (store.Tip < Heights && await link.Requests.WaitToReadAsync(stop.Token))
        {
            app.Pump();
        }

        TimeSpan took = Stopwatch.GetElapsedTime(start);
        await stop.CancelAsync();
        await running;
        // a second each if only the tick woke it
        Assert.InRange(took, TimeSpan.FromMilliseconds((Heights - 1) * 50), TimeSpan.FromSeconds(Heights / 2));
    }

    [Fact]
    public void TimersOfRoundsThatAreOverWakeNobody()
    {
        TestNetwork network = TestNetwork.Started(4, blockInterval: 1);
        network.RunUntil(() => network.AllAt(100));
        TestNode node = network.Nodes[0];
        node.App!.IsHung = true; // nothing new begins
        int wakes = 0;
        for (long end = network.Time.Milliseconds + 2_000; network.Time.Milliseconds < end;)
        {
            while (node.Pump())
            {
                // to rest
            }

            wakes++;
            network.Time.Advance(long.Max(1, node.Loop!.NextDueIn!.Value));
        }

        Assert.InRange(wakes, 1, 10); // each of the hundred heights set one for 1,000 ms and one for 1,600 ms later
    }

    [Fact]
    public async Task AThreadThatWokeTheEngineGetsBackSoonHoweverMuchThereIsToDo()
    {
        ApplicationLink link = new();
        EndlessTransport transport = new();
        MemoryDisk disk = new();
        EngineLoop loop = new(new EngineDevices(
            disk, null, null, transport, new LateClock(transport), Keys.Check, new InlineVerification(), KvApplication.IsContentOf, link,
            static _ => { }));
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        Task running = loop.RunAsync(stop.Token);
        Assert.IsType<AppRequest.OpenHeight>(await link.Requests.ReadAsync(stop.Token));

        // the flood begins on this thread, and this call returns though it never ends
        transport.Begin();
        long taken = transport.Taken;
        Assert.True(taken > 0);
        while (transport.Taken < taken + 10_000)
        {
            await Task.Yield();
        }

        await stop.CancelAsync();
        await running.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }

    /// <summary>Stands until the flood begins, so that on a busy machine too the engine waits for it when it is started.</summary>
    private sealed class LateClock(EndlessTransport flood) : TimeProvider
    {
        public override long GetTimestamp() => flood.HasBegun ? System.GetTimestamp() : 0;
    }

    /// <summary>From <see cref="Begin"/> on there is always a frame.</summary>
    private sealed class EndlessTransport : ITransport
    {
        private readonly EndlessInbox _inbox = new();

        public ChannelReader<Incoming> Inbox => _inbox;

        public long Taken => Interlocked.Read(ref _inbox.Taken);

        public bool HasBegun => _inbox.HasBegun;

        public void Begin() => _inbox.Begin();

        public void Send(PeerId to, Frame frame)
        {
            // nobody is there
        }

        public void Broadcast(params ReadOnlySpan<Frame> frames)
        {
            // nobody is there
        }

        public PeerId? Find(ValidatorId validator) => null;

        public void Penalise(PeerId peer, PeerFault fault)
        {
            // what it sends is nonsense
        }

        private sealed class EndlessInbox : ChannelReader<Incoming>
        {
            private readonly TaskCompletionSource<bool> _begun = new(); // goes on on the thread that begins, like a session's
            public long Taken;

            public bool HasBegun => _begun.Task.IsCompleted;

            public void Begin() => _begun.SetResult(true);

            public override bool TryRead(out Incoming item)
            {
                item = new Incoming(new PeerId(Keys.IdOf(1)), new Frame(FrameKind.ContentRequest, 1, new byte[] { 1 }));
                Taken += _begun.Task.IsCompleted ? 1 : 0;
                return _begun.Task.IsCompleted;
            }

            public override ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken = default) => new(_begun.Task);
        }
    }
}
