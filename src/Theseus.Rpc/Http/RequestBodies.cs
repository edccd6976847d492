namespace Theseus.Rpc;

/// <summary>
/// Reads request bodies so that what all of them hold together has a bound: a small one passes at once, a large one (an
/// approved script) needs one of few places, and none may arrive for ever. A buffer grows with what has arrived, never with
/// what was announced.
/// </summary>
internal sealed class RequestBodies(long maximum, TimeProvider clock) : IDisposable
{
    /// <summary>A body up to here needs no place: a batch of transfers. Times the connections allowed it is 128 MiB.</summary>
    private const int Small = 64 * 1024;

    /// <summary>Larger bodies held at once, while they arrive and while they are answered: with the largest 3 MiB and twice that for the parsed form.</summary>
    private const int Places = 8;

    /// <summary>A body arrives whole, its wait for a place included, within this time: 3 MiB at 1 MiB/s and some.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _places = new(Places);

    /// <summary>Reads the body and answers it while its place is held. False when it did not arrive in time.</summary>
    /// <exception cref="Microsoft.AspNetCore.Http.BadHttpRequestException">The body is too large or broken.</exception>
    public async Task<bool> HandleAsync(Stream body, Func<ReadOnlyMemory<byte>, Task> answer, CancellationToken aborted)
    {
        using CancellationTokenSource late = new(Patience, clock);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, aborted);
        bool hasPlace = false;
        try
        {
            byte[] buffer = new byte[4 * 1024];
            int length = 0;
            try
            {
                while (true)
                {
                    if (length == buffer.Length)
                    {
                        if (length >= Small && !hasPlace)
                        {
                            await _places.WaitAsync(either.Token);
                            hasPlace = true;
                        }

                        Array.Resize(ref buffer, (int)long.Min(maximum + 1, buffer.Length * 2L));
                    }

                    int read = await body.ReadAsync(buffer.AsMemory(length), either.Token);
                    if (read == 0)
                    {
                        break;
                    }

                    length += read;
                }
            }
            catch (OperationCanceledException) when (late.IsCancellationRequested && !aborted.IsCancellationRequested)
            {
                return false;
            }

            await answer(buffer.AsMemory(0, length));
            return true;
        }
        finally
        {
            if (hasPlace)
            {
                _places.Release();
            }
        }
    }

    public void Dispose() => _places.Dispose();
}
