namespace Theseus.Network;

/// <summary>
/// Bytes (or other units) that may be held at once. Who takes above the limit waits, first come first served; a single piece
/// above the limit passes alone.
/// </summary>
/// <param name="limit">The most that is held at once.</param>
public sealed class ByteBudget(long limit)
{
    private readonly Lock _gate = new();
    private readonly LinkedList<(long Bytes, TaskCompletionSource Granted)> _waiting = new();
    private long _used;

    /// <summary>What is held now.</summary>
    public long Used
    {
        get
        {
            lock (_gate)
            {
                return _used;
            }
        }
    }

    /// <summary>Completes when the bytes are granted.</summary>
    /// <exception cref="OperationCanceledException">Cancelled: nothing was granted.</exception>
    public async ValueTask TakeAsync(long bytes, CancellationToken cancellation)
    {
        LinkedListNode<(long Bytes, TaskCompletionSource Granted)> node;
        lock (_gate)
        {
            if (_waiting.Count == 0 && Fits(bytes))
            {
                _used += bytes;
                return;
            }

            node = _waiting.AddLast((bytes, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)));
        }

        using CancellationTokenRegistration registration = cancellation.Register(() =>
        {
            lock (_gate)
            {
                if (node.List is not null)
                {
                    _waiting.Remove(node);
                    node.Value.Granted.TrySetCanceled(cancellation);
                    Grant(); // those behind may fit
                }
            }
        });
        await node.Value.Granted.Task;
    }

    /// <summary>Gives back what was granted; those who wait get it in their order.</summary>
    public void Return(long bytes)
    {
        lock (_gate)
        {
            _used -= bytes;
            Grant();
        }
    }

    private bool Fits(long bytes) => _used == 0 || _used + bytes <= limit;

    private void Grant()
    {
        while (_waiting.First is { } first && Fits(first.Value.Bytes))
        {
            _waiting.RemoveFirst();
            _used += first.Value.Bytes;
            first.Value.Granted.TrySetResult();
        }
    }
}

/// <summary>Payload bytes that wait to be written in all sessions of an overlay.</summary>
internal sealed class OutboxTotal
{
    private long _bytes;

    public long Bytes => Volatile.Read(ref _bytes);

    public void Add(long bytes) => Interlocked.Add(ref _bytes, bytes);
}
