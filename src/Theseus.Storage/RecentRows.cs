using System.Runtime.InteropServices;

namespace Theseus.Storage;

/// <summary>
/// Rows read or written lately, bounded in bytes: two generations, of which the older leaves as a whole when the younger is full. What is
/// read while a block is executed is there when the block's values are written, and what one block wrote when the next one reads it. Safe
/// from any thread.
/// </summary>
/// <typeparam name="TKey">Key of a row.</typeparam>
/// <typeparam name="TRow">A row, which never changes.</typeparam>
/// <param name="maximumBytes">Of both generations; what an entry costs beside its content is counted at <see cref="EntryBytes"/>.</param>
/// <param name="sizeOf">Bytes of a row's content; always the same for a row.</param>
public class RecentRows<TKey, TRow>(long maximumBytes, Func<TRow, int> sizeOf)
    where TKey : notnull
    where TRow : class
{
    /// <summary>What an entry takes beside its value: key, objects' headers, its part of a table.</summary>
    public const int EntryBytes = 256;

    private readonly Lock _gate = new();
    private Dictionary<TKey, TRow?> _young = [];
    private Dictionary<TKey, TRow?> _old = [];
    private long _youngBytes;
    private long _changes; // odd while the tables are changing
    private HashSet<TKey> _changing = []; // by the last change, or by the one under way

    /// <summary>Number of changes so far: to be read before the tables, and given back to <see cref="Remember"/>.</summary>
    public long Changes => Volatile.Read(ref _changes);

    /// <summary>Whether a row is known, and what it is: null for one that is known to be absent.</summary>
    public bool TryGet(TKey key, out TRow? row)
    {
        lock (_gate)
        {
            if (_young.TryGetValue(key, out row))
            {
                return true;
            }

            if (!_old.TryGetValue(key, out row))
            {
                return false;
            }

            Put(key, row);
            return true;
        }
    }

    /// <summary>Keeps what was read from the tables, unless a change came between that may have made it old.</summary>
    public void Remember(TKey key, TRow? row, long changes)
    {
        lock (_gate)
        {
            long missed = _changes - changes;
            if (missed == 0 ? (changes & 1) == 0 || !_changing.Contains(key) : IsOfOneChange(changes, missed) && !_changing.Contains(key))
            {
                Put(key, row);
            }
        }
    }

    // Whether only the last change, whose keys are known, had begun or ended since.
    private static bool IsOfOneChange(long changes, long missed) => missed == 1 || (missed == 2 && (changes & 1) == 0);

    /// <summary>The tables are about to change: of these rows, nothing that is read from now until <see cref="End"/> is kept.</summary>
    public void Begin(IEnumerable<TKey> keys)
    {
        HashSet<TKey> changing = [.. keys];
        lock (_gate)
        {
            _changing = changing;
            Interlocked.Increment(ref _changes);
        }
    }

    /// <summary>The tables have changed so.</summary>
    public void End(IEnumerable<KeyValuePair<TKey, TRow?>> rows)
    {
        lock (_gate)
        {
            foreach ((TKey key, TRow? row) in rows)
            {
                Put(key, row);
            }

            Interlocked.Increment(ref _changes);
        }
    }

    private void Put(TKey key, TRow? row)
    {
        ref TRow? place = ref CollectionsMarshal.GetValueRefOrAddDefault(_young, key, out bool stood);
        _youngBytes += Size(row) - (stood ? Size(place) : -EntryBytes);
        place = row;
        if (_youngBytes > maximumBytes / 2)
        {
            (_old, _young, _youngBytes) = (_young, [], 0);
        }
    }

    private int Size(TRow? row) => row is null ? 0 : sizeOf(row);
}

/// <summary>Rows that are bytes.</summary>
/// <typeparam name="TKey">Key of a row.</typeparam>
/// <param name="maximumBytes">Of both generations.</param>
public sealed class RecentRows<TKey>(long maximumBytes) : RecentRows<TKey, byte[]>(maximumBytes, static row => row.Length)
    where TKey : notnull;
