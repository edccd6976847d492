namespace Theseus.Engine;

/// <summary>
/// A second thread for work that waits on a device. Not the pool's: they may all be busy, and one that waits for another of
/// them waits for the pool to grow.
/// </summary>
internal sealed class SyncThread : IDisposable
{
    private readonly SemaphoreSlim _begin = new(0);
    private readonly SemaphoreSlim _end = new(0);
    private readonly Task _running;
    private Action? _work;
    private Exception? _fault;

    public SyncThread() =>
        _running = Task.Factory.StartNew(Run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>Begins the work on the other thread; <see cref="End"/> must follow.</summary>
    public void Begin(Action work)
    {
        _work = work;
        _begin.Release();
    }

    /// <summary>Waits for the work's end, and throws what it threw.</summary>
    public void End()
    {
        _end.Wait();
        if (_fault is { } fault)
        {
            _fault = null;
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(fault);
        }
    }

    /// <summary>Ends the thread. Between <see cref="End"/> and <see cref="Begin"/> only.</summary>
    public void Dispose()
    {
        _work = null;
        _begin.Release();
        _running.Wait();
        _begin.Dispose();
        _end.Dispose();
    }

    private void Run()
    {
        while (true)
        {
            _begin.Wait();
            if (_work is not { } work)
            {
                return;
            }

            try
            {
                work();
            }
            catch (Exception e)
            {
                _fault = e; // thrown where it is waited for
            }

            _end.Release();
        }
    }
}
