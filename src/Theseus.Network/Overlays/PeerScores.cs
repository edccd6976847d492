using Theseus.Protocol;

namespace Theseus.Network;

/// <summary>
/// Misbehaviour costs a peer its score, then a timed ban; local overload never does. Scores heal one point a second.
/// Bounded: at capacity the entry that was touched longest ago goes, those without a ban first.
/// </summary>
public sealed class PeerScores(TimeProvider clock)
{
    /// <summary>Points at which a peer is banned.</summary>
    public const int BanAt = 100;

    /// <summary>How long a ban lasts.</summary>
    public static readonly TimeSpan BanTime = TimeSpan.FromMinutes(10);

    /// <summary>Peers remembered.</summary>
    public const int Capacity = 4096;

    private readonly Lock _gate = new();
    private readonly Dictionary<Hash32, Entry> _entries = [];

    /// <summary>Adds points; true when the peer is banned now.</summary>
    public bool Penalize(Hash32 peer, int points)
    {
        lock (_gate)
        {
            DateTimeOffset now = clock.GetUtcNow();
            Entry had = _entries.GetValueOrDefault(peer, new Entry(0, now, default));
            double score = Math.Max(0, had.Points - Math.Floor((now - had.At).TotalSeconds)) + points;
            bool banned = score >= BanAt;
            if (_entries.Count >= Capacity && !_entries.ContainsKey(peer))
            {
                _entries.Remove(_entries.MinBy(entry => (entry.Value.BannedUntil > now, entry.Value.At)).Key);
            }

            _entries[peer] = new Entry(score, now, banned ? now + BanTime : had.BannedUntil);
            return banned;
        }
    }

    /// <summary>Whether a ban is in force.</summary>
    public bool IsBanned(Hash32 peer)
    {
        lock (_gate)
        {
            return _entries.TryGetValue(peer, out Entry entry) && entry.BannedUntil > clock.GetUtcNow();
        }
    }

    private readonly record struct Entry(double Points, DateTimeOffset At, DateTimeOffset BannedUntil);
}
