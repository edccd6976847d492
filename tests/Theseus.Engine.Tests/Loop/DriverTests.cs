using System.Diagnostics;
using Theseus.Consensus;

namespace Theseus.Engine.Tests;

public class DriverTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Four_engines_driven_by_real_time_decide(bool onFiles)
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
            IDisk disk = onFiles ? new FileDisk(Path.Combine(folder, $"{i}")) : new MemoryDisk();
            ApplicationLink link = new();
            KvApplication app = new(link, stores[i], _ => set, i) { BlockInterval = 0 };
            EngineLoop loop = new(new EngineDevices(
                disk, new LocalSigner(new Keys.Key(i), disk), Keys.IdOf(i), transports[i], TimeProvider.System, Keys.Check, new InlineVerification(), KvApplication.IsContentOf, link, _ => { }));
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
        TestContext.Current.SendDiagnosticMessage($"{Heights} heights in {Stopwatch.GetElapsedTime(start).TotalMilliseconds:F0} ms, files: {onFiles}");
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
    public async Task A_timer_that_is_set_for_earlier_than_the_one_waited_for_wakes_the_engine()
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
            disk, new LocalSigner(new Keys.Key(0), disk), Keys.IdOf(0), new MemoryNetwork().Join(Keys.IdOf(0)), TimeProvider.System, Keys.Check, new InlineVerification(), KvApplication.IsContentOf, link, _ => { }));
        long start = Stopwatch.GetTimestamp();
        Task running = Task.Run(() => loop.RunAsync(stop.Token), stop.Token);
        while (store.Tip < Heights && await link.Requests.WaitToReadAsync(stop.Token))
        {
            app.Pump();
        }

        TimeSpan took = Stopwatch.GetElapsedTime(start);
        await stop.CancelAsync();
        await running;
        Assert.InRange(took, TimeSpan.FromMilliseconds((Heights - 1) * 50), TimeSpan.FromSeconds(Heights / 2)); // a second each if only the tick woke it
    }
}
