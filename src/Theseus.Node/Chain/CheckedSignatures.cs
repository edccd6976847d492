using Theseus.Protocol;

namespace Theseus.Node;

/// <summary>
/// Transactions whose signatures this node has found good, by hash, the newest ones: pool, judgement of blocks and execution ask here
/// first, so that a node checks a signature once. A transaction's hash covers its signature. Safe from any thread.
/// </summary>
/// <param name="capacity">Hashes kept; the oldest leave first.</param>
public sealed class CheckedSignatures(int capacity = CheckedSignatures.UsualCapacity)
{
    /// <summary>Twice a full pool, some 5 MB: what left the pool for a block is still known when the block comes.</summary>
    public const int UsualCapacity = 2 * Mempool.MaximumCount;

    private readonly Lock _gate = new();
    private readonly HashSet<Hash32> _hashes = [];
    private readonly Queue<Hash32> _order = new();

    /// <summary>Whether the signature of the transaction with this hash was found good.</summary>
    public bool Contains(Hash32 hash)
    {
        lock (_gate)
        {
            return _hashes.Contains(hash);
        }
    }

    /// <summary>Only after the signature was checked, and is good.</summary>
    public void Add(Hash32 hash)
    {
        lock (_gate)
        {
            if (_hashes.Add(hash))
            {
                _order.Enqueue(hash);
                if (_order.Count > capacity)
                {
                    _hashes.Remove(_order.Dequeue());
                }
            }
        }
    }
}
