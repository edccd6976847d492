namespace Theseus.Rpc;

/// <summary>
/// Answers that wait for slow readers, bounded together: a small one always passes, a large one only while there is room for
/// it and for a limited time. So clients that ask and never read hold little, and nobody who reads waits for them.
/// </summary>
internal sealed class HeldAnswers
{
    /// <summary>An answer up to here needs no room: times the connections allowed it is 128 MiB, and most are a hundredth of it.</summary>
    public const int Small = 64 * 1024;

    /// <summary>How long a larger one may take to be read: 64 MiB (the client's bound) at 2 MiB/s and some.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);

    /// <summary>
    /// Bytes of larger ones: two full batches (Dispatcher.MaximumBatchAnswer), or some hundred answers of a usual large size.
    /// </summary>
    private const long Room = 16L * 1024 * 1024;

    private readonly Lock _gate = new();
    private long _held;

    /// <summary>Takes room for an answer; false when there is none. One above all the room passes alone.</summary>
    public bool TryTake(int bytes)
    {
        lock (_gate)
        {
            if (_held > 0 && _held + bytes > Room)
            {
                return false;
            }

            _held += bytes;
            return true;
        }
    }

    public void Return(int bytes)
    {
        lock (_gate)
        {
            _held -= bytes;
        }
    }
}
