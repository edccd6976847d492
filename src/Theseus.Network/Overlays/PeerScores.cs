using System.Net;
using Theseus.Protocol;

namespace Theseus.Network;

/// <summary>
/// Misbehaviour costs a peer its score, then a timed ban; local overload never does. Scores heal one point a second.
/// Bounded: entries that have healed are forgotten.
/// </summary>
public sealed class PeerScores(TimeProvider clock)
{
    /// <summary>Points at which a peer is banned.</summary>
    public const int BanAt = 100;

    /// <summary>How long a ban lasts.</summary>
    public static readonly TimeSpan BanTime = TimeSpan.FromMinutes(10);

    /// <summary>Keys and addresses remembered; beyond it the oldest entry is dropped.</summary>
    public const int Capacity = 4096;

    private readonly Dictionary<string, (double Points, DateTimeOffset At, DateTimeOffset BannedUntil)> _entries = [];

    /// <summary>Adds points for a peer and its address; true when that bans it.</summary>
    public bool Penalize(Hash32 peer, int points)
    {
        lock (_entries)
        {
            string key = peer.ToString();
            DateTimeOffset now = clock.GetUtcNow();
            (double had, DateTimeOffset at, DateTimeOffset until) = _entries.GetValueOrDefault(key, (0, now, default));
            double score = Math.Max(0, had - (now - at).TotalSeconds) + points;
            bool banned = score >= BanAt;
            if (_entries.Count >= Capacity && !_entries.ContainsKey(key))
            {
                _entries.Remove(_entries.MinBy(entry => entry.Value.At).Key);
            }

            _entries[key] = (score, now, banned ? now + BanTime : until);
            return banned;
        }
    }

    public bool IsBanned(Hash32 peer)
    {
        lock (_entries)
        {
            return _entries.TryGetValue(peer.ToString(), out (double Points, DateTimeOffset At, DateTimeOffset BannedUntil) entry) && entry.BannedUntil > clock.GetUtcNow();
        }
    }
}

/// <summary>Handshakes in flight per remote address: a flood of half-open connections costs its sender only.</summary>
public sealed class AddressLimits
{
    /// <summary>Connections from one address that may be open at once on one overlay.</summary>
    public const int PerAddress = 64;

    private readonly Dictionary<IPAddress, int> _open = [];

    public bool TryEnter(IPAddress address)
    {
        lock (_open)
        {
            int count = _open.GetValueOrDefault(address);
            if (count >= PerAddress)
            {
                return false;
            }

            _open[address] = count + 1;
            return true;
        }
    }

    public void Leave(IPAddress address)
    {
        lock (_open)
        {
            int count = _open.GetValueOrDefault(address) - 1;
            if (count <= 0)
            {
                _open.Remove(address);
            }
            else
            {
                _open[address] = count;
            }
        }
    }
}
