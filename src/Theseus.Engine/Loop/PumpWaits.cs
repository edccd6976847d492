using System.Threading.Channels;

namespace Theseus.Engine;

/// <summary>
/// What an idle pump waits for: frames, answers, verified messages, its next timer. A wait that did not end is used again.
/// </summary>
internal sealed class PumpWaits(EngineDevices devices, EngineClock clock, CancellationToken cancellation) : IDisposable
{
    // waits under way; null until the first one
    private Task<bool>? _frames;
    private Task<bool>? _replies;
    private Task<bool>? _verified;
    private Task? _timer;

    // when _timer ends, and what ends it before that
    private long _timerDue = long.MaxValue;
    private CancellationTokenSource? _wake;

    /// <summary>Waits until there may be something to do.</summary>
    /// <param name="nextDue">When the next timer is due, in ms of the engine's clock; null without one.</param>
    public async Task WaitAsync(long? nextDue)
    {
        _frames = Renew(_frames, devices.Transport.Inbox);
        _replies = Renew(_replies, devices.Application.ReplyReader);
        _verified = Renew(_verified, devices.Verification.Results);
        long due = nextDue ?? long.MaxValue;
        if (_timer is null or { IsCompleted: true } || due < _timerDue)
        {
            // A wait that ends too early is harmless: most timers are replaced by later ones, and making a wait for each is dear.
            if (_wake is not null)
            {
                await _wake.CancelAsync();
                _wake.Dispose();
            }

            _wake = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            _timerDue = due;
            TimeSpan wait = due == long.MaxValue ? Timeout.InfiniteTimeSpan : TimeSpan.FromMilliseconds(long.Max(0, due - clock.Now));
            _timer = Task.Delay(wait, devices.Time, _wake.Token);
        }

        await Task.WhenAny(_frames, _replies, _verified, _timer);
    }

    /// <inheritdoc/>
    public void Dispose() => _wake?.Dispose();

    private Task<bool> Renew<T>(Task<bool>? waiting, ChannelReader<T> reader) =>
        waiting is { IsCompleted: false } ? waiting : reader.WaitToReadAsync(cancellation).AsTask();
}
