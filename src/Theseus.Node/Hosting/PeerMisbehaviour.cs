using Theseus.Network;

namespace Theseus.Node;

/// <summary>Refusals, penalties and bans of the overlays since the start, counted by kind for the metrics.</summary>
public sealed class PeerMisbehaviour
{
    /// <summary>
    /// Kinds counted one by one; what a peer sends must not make new ones. The code knows some 30 reasons on each of three overlays.
    /// </summary>
    private const int MaximumKinds = 256;

    private readonly Lock _gate = new();
    private readonly SortedDictionary<(OverlayKind Overlay, string What, string Why), ulong> _counts = [];

    /// <summary>The counts in a fixed order.</summary>
    public IReadOnlyList<(OverlayKind Overlay, string What, string Why, ulong Count)> Counts
    {
        get
        {
            lock (_gate)
            {
                return [.. _counts.Select(pair => (pair.Key.Overlay, pair.Key.What, pair.Key.Why, pair.Value))];
            }
        }
    }

    internal void Count(OverlayEvent happened)
    {
        string? why = happened.What switch
        {
            OverlayHappening.Refused or OverlayHappening.HandshakeFailed or OverlayHappening.Displaced => happened.Reason.ToString(),
            OverlayHappening.Penalised or OverlayHappening.Banned => happened.Detail,
            _ => null,
        };
        if (why is null)
        {
            return;
        }

        lock (_gate)
        {
            (OverlayKind, string, string) key = (happened.Overlay, happened.What.Name(), why);
            if (_counts.Count < MaximumKinds || _counts.ContainsKey(key))
            {
                _counts[key] = _counts.GetValueOrDefault(key) + 1;
            }
        }
    }
}
