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
}
