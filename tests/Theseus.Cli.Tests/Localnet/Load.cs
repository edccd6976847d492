namespace Theseus.Cli.Tests.Localnet;

/// <summary>Requests all the time from several senders until it is disposed, each sender one after another.</summary>
internal sealed class Load : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;
    private int _accepted;

    /// <param name="senders">How many send at the same time.</param>
    /// <param name="send">Sends request <c>number</c> of <c>sender</c>; false when it was refused or nobody answered.</param>
    public Load(int senders, Func<int, int, Task<bool>> send) =>
        _running = Task.WhenAll(Enumerable.Range(0, senders).Select(sender => RunAsync(sender, send)));

    public int Accepted => Volatile.Read(ref _accepted);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    private async Task RunAsync(int sender, Func<int, int, Task<bool>> send)
    {
        for (int number = 0; !_stop.IsCancellationRequested; number++)
        {
            if (await send(sender, number))
            {
                Interlocked.Increment(ref _accepted);
            }

            await Task.Delay(5, CancellationToken.None);
        }
    }
}
