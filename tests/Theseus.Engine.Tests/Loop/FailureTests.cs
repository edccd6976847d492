using Theseus.Consensus;

namespace Theseus.Engine.Tests;

/// <summary>Whatever breaks under the engine: it signs nothing more, and its loop ends with what broke (faults 97, 104, 108).</summary>
public class FailureTests
{
    public static TheoryData<Type, HaltReason> Faults => new()
    {
        { typeof(IOException), HaltReason.DiskFailed },
        { typeof(UnauthorizedAccessException), HaltReason.DiskFailed },
        { typeof(ObjectDisposedException), HaltReason.Fault },
        { typeof(InvalidOperationException), HaltReason.Fault },
        { typeof(OverflowException), HaltReason.Fault },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task ADeviceThatThrowsAnythingEndsTheLoopWithIt(Type type, HaltReason reason)
    {
        MemoryDisk disk = new();
        FaultyDisk faulty = new(disk, () =>
            type == typeof(ObjectDisposedException) ? new ObjectDisposedException("disk") : (Exception)Activator.CreateInstance(type)!);
        List<EngineEvent> events = [];
        KvStore store = new();
        ApplicationLink link = new();
        KvApplication app = new(link, store, static _ => Keys.SetOf(1), 0) { BlockInterval = 0 };
        EngineLoop loop = new(new EngineDevices(
            faulty, new LocalSigner(new Keys.Key(0), disk), Keys.IdOf(0), new MemoryNetwork().Join(Keys.IdOf(0)),
            TimeProvider.System, Keys.Check, new InlineVerification(), KvApplication.IsContentOf, link, events.Add));
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        Task running = Task.Run(() => loop.RunAsync(stop.Token), stop.Token);
        Task answering = Task.Run(
            async () =>
            {
                while (await link.Requests.WaitToReadAsync(stop.Token))
                {
                    app.Pump();
                    faulty.IsBroken |= store.Tip >= 3;
                }
            },
            stop.Token);

        Exception thrown = await Assert.ThrowsAsync(
            type, () => running.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        Assert.Same(thrown, loop.Failure);
        Assert.True(loop.IsHalted);
        Assert.Equal(reason, Assert.Single(events.OfType<EngineEvent.Halted>()).Reason);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answering);
    }

    // fault 100: nothing was signed when the log turns out not to be writable
    [Fact]
    public void ALogThatCannotBeOpenedEndsTheEngineBeforeAnythingIsSigned()
    {
        MemoryDisk disk = new();
        Keys.Key key = new(0);
        ApplicationLink link = new();
        EngineLoop loop = new(new EngineDevices(
            new FaultyDisk(disk, static () => new UnauthorizedAccessException("denied")) { IsBroken = true },
            new LocalSigner(key, disk), Keys.IdOf(0), new MemoryNetwork().Join(Keys.IdOf(0)), new ManualTime(), Keys.Check,
            new InlineVerification(), KvApplication.IsContentOf, link, _ => { }));
        loop.Pump();
        Assert.IsType<UnauthorizedAccessException>(loop.Failure);
        Assert.Equal(0, key.Signatures);
        Assert.False(link.Requests.TryRead(out _));
    }

    /// <summary>A disk that throws at every operation once it is broken.</summary>
    private sealed class FaultyDisk(IDisk disk, Func<Exception> fault) : IDisk
    {
        public bool IsBroken { get; set; }

        public IDiskFile Open(string name) => IsBroken ? throw fault() : disk.Open(name);

        public IReadOnlyList<string> List() => IsBroken ? throw fault() : disk.List();

        public void Delete(string name)
        {
            Check();
            disk.Delete(name);
        }

        public void Sync(ReadOnlySpan<IDiskFile> files)
        {
            Check();
            disk.Sync(files);
        }

        private void Check()
        {
            if (IsBroken)
            {
                throw fault();
            }
        }
    }
}
