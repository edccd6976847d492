using System.Collections.Concurrent;

namespace Theseus.Rpc;

/// <summary>
/// Reads request bodies so that what all of them hold together has a bound: a small one passes at once, a large one (an
/// approved script) needs one of few places, and none may arrive for ever. A small buffer grows with what has arrived, never
/// with what was announced; a place's buffer is used again and again, because large arrays that come and go outrun the collector.
/// </summary>
internal sealed class RequestBodies(long maximum, TimeProvider clock) : IDisposable
{
    /// <summary>A body up to here needs no place: a batch of transfers. Times the connections allowed it is 128 MiB.</summary>
    private const int Small = 64 * 1024;

    /// <summary>
    /// Larger bodies held at once, while they arrive and while they are answered: 12 MiB, and a few times that for the parsed
    /// forms.
    /// </summary>
    private const int Places = 4;

    /// <summary>A body arrives whole, its wait for a place included, within this time: 3 MiB at 1 MiB/s and some.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _places = new(Places);
    private readonly ConcurrentBag<byte[]> _buffers = [];

    /// <summary>Reads the body and answers it while its place is held. False when it did not arrive in time.</summary>
    /// <exception cref="Microsoft.AspNetCore.Http.BadHttpRequestException">The body is too large or broken.</exception>
    public async Task<bool> HandleAsync(Stream body, Func<ReadOnlyMemory<byte>, Task> answer, CancellationToken aborted)
    {
        byte[] buffer = new byte[4 * 1024];
        bool hasPlace = false;
        try
        {
            int length = 0;
            using (CancellationTokenSource late = new(Patience, clock))
            using (CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, aborted))
            {
                try
                {
                    while (true)
                    {
                        if (length == buffer.Length && length < Small)
                        {
                            Array.Resize(ref buffer, length * 2);
                        }
                        else if (length == buffer.Length && !hasPlace)
                        {
                            await _places.WaitAsync(either.Token);
                            hasPlace = true;
                            // the server refuses the byte above the maximum
                            byte[] large = _buffers.TryTake(out byte[]? used) ? used
                                : GC.AllocateUninitializedArray<byte>((int)maximum + 1);
                            buffer.CopyTo(large, 0);
                            buffer = large;
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
            }

            await answer(buffer.AsMemory(0, length));
            return true;
        }
        finally
        {
            if (hasPlace)
            {
                if (buffer.Length > maximum)
                {
                    _buffers.Add(buffer);
                }

                _places.Release();
            }
        }
    }

    public void Dispose() => _places.Dispose();
}
