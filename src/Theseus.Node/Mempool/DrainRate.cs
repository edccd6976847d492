namespace Theseus.Node;

/// <summary>How fast blocks take transactions, from the times in their headers.</summary>
internal sealed class DrainRate
{
    /// <summary>Blocks that are looked back at: some eight seconds of a network with four blocks a second.</summary>
    private const int Blocks = 32;

    private readonly Queue<(ulong Time, int Count)> _blocks = new();
    private long _count;
    private ulong _newest;

    /// <summary>Transactions per second; null while fewer than two blocks were seen.</summary>
    public double? PerSecond
    {
        get
        {
            if (_blocks.Count < 2)
            {
                return null;
            }

            (ulong oldest, int before) = _blocks.Peek();
            return 1_000.0 * (_count - before) / ulong.Max(1, _newest - oldest);
        }
    }

    /// <param name="time">Header time in milliseconds; later than the one before.</param>
    /// <param name="count">Transactions of the block.</param>
    public void Add(ulong time, int count)
    {
        if (time <= _newest)
        {
            return;
        }

        _newest = time;
        _count += count;
        _blocks.Enqueue((time, count));
        if (_blocks.Count > Blocks)
        {
            _count -= _blocks.Dequeue().Count;
        }
    }
}
