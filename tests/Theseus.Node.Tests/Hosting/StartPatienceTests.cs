using Microsoft.Extensions.Time.Testing;

namespace Theseus.Node.Tests.Hosting;

/// <summary>When a starting node begins its first height (decision 0057).</summary>
public class StartPatienceTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly StartPatience _patience = new();

    [Fact]
    public async Task BeginsAtOnceWhenEverybodyIsThere()
    {
        _patience.Hears(quorum: true, all: true);
        await EndsAsync(_patience.WaitAsync(_clock, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task WaitsForAQuorumLongerThanForTheRest()
    {
        Task waiting = _patience.WaitAsync(_clock, TestContext.Current.CancellationToken);
        _clock.Advance(TimeSpan.FromSeconds(19)); // processes of one machine may come up many seconds apart
        Assert.False(waiting.IsCompleted);

        _patience.Hears(quorum: true, all: false);
        Assert.InRange(await AdvanceUntilAsync(waiting), TimeSpan.FromSeconds(3), TimeSpan.MaxValue);
    }

    [Fact]
    public async Task TheLastPeerEndsTheWait()
    {
        Task waiting = _patience.WaitAsync(_clock, TestContext.Current.CancellationToken);
        _patience.Hears(quorum: true, all: false);
        _patience.Hears(quorum: true, all: true);
        await EndsAsync(waiting);
    }

    [Fact]
    public async Task HoweverFewComeItBegins()
    {
        Task waiting = _patience.WaitAsync(_clock, TestContext.Current.CancellationToken);
        Assert.InRange(await AdvanceUntilAsync(waiting), TimeSpan.FromSeconds(20), TimeSpan.MaxValue);
    }

    [Fact]
    public async Task AStopEndsTheWait()
    {
        using CancellationTokenSource stop = new();
        Task waiting = _patience.WaitAsync(_clock, stop.Token);
        await stop.CancelAsync();
        await EndsAsync(waiting);
    }

    // while the clock stands: it does not wait for time to pass
    private static async Task EndsAsync(Task waiting) =>
        Assert.Same(waiting, await Task.WhenAny(waiting, Task.Delay(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken)));

    private async Task<TimeSpan> AdvanceUntilAsync(Task waiting)
    {
        DateTimeOffset start = _clock.GetUtcNow();
        while (!waiting.IsCompleted)
        {
            _clock.Advance(TimeSpan.FromSeconds(0.1));
            await Task.Yield();
        }

        return _clock.GetUtcNow() - start;
    }
}
