using System.Collections.Concurrent;

namespace Theseus.Cli.Fuzz.Conversation;

/// <summary>Runs what asynchronous code goes on with on the thread that pumps, so that a whole network has one thread.</summary>
internal sealed class PumpContext : SynchronizationContext
{
    private readonly ConcurrentQueue<(SendOrPostCallback Callback, object? State)> _waiting = new();

    /// <inheritdoc/>
    public override void Post(SendOrPostCallback d, object? state) => _waiting.Enqueue((d, state));

    /// <summary>Runs what waits; whether anything did.</summary>
    public bool Pump()
    {
        bool any = false;
        while (_waiting.TryDequeue(out (SendOrPostCallback Callback, object? State) next))
        {
            next.Callback(next.State);
            any = true;
        }

        return any;
    }
}
