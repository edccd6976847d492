namespace Theseus.Network;

/// <summary>Bytes that may be held at once. Who takes above the limit waits, first come first served; a single piece above the limit passes alone.</summary>
public sealed class ByteBudget(long limit)
{
    private readonly Lock _gate = new();
    private readonly LinkedList<(long Bytes, TaskCompletionSource Granted)> _waiting = new();
    private long _used;

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
