using System.Net;
using Theseus.Protocol;

namespace Theseus.Network;

/// <summary>A session as the table of places sees it.</summary>
/// <param name="Peer">Its proven key.</param>
/// <param name="Address">Where it comes from.</param>
/// <param name="IsDialled">Whether this node opened it.</param>
/// <param name="IsReserved">Whether a place is kept for its key.</param>
public readonly record struct Guest(Hash32 Peer, IPAddress Address, bool IsDialled, bool IsReserved);

/// <summary>
/// Who has a place on an overlay. Keys for which a place is kept always get one: a stranger leaves when there is none free. This
/// node's own dials do not count. Strangers are few, fewer by address and network; the newest of the heaviest network leaves
/// first, and for another stranger only while its network is the lighter one afterwards too.
/// </summary>
public static class Places
{
    /// <summary>Decides for a session that has just proven its key and has no other session standing.</summary>
    /// <param name="limits">The overlay's bounds.</param>
    /// <param name="comes">Who wants in.</param>
    /// <param name="standing">Who is in, in the order of arrival.</param>
    /// <param name="leaves">Who has to go for it; null when nobody has.</param>
    /// <returns>Whether it gets a place.</returns>
    public static bool TryTake(OverlayLimits limits, Guest comes, IReadOnlyCollection<Guest> standing, out Hash32? leaves)
    {
        leaves = null;
        if (comes.IsDialled)
        {
            return true;
        }

        Guest[] strangers = Strangers(standing);
        int accepted = standing.Count(static guest => !guest.IsDialled);
        if (comes.IsReserved)
        {
            if (accepted < limits.Peers)
            {
                return true;
            }

            leaves = Heaviest(standing)?.Peer;
            return leaves is not null;
        }

        IPAddress machine = AddressGroup.Machine(comes.Address);
        IPAddress network = AddressGroup.Network(comes.Address);
        int ofNetwork = strangers.Count(guest => AddressGroup.Network(guest.Address).Equals(network));
        int ofMachine = strangers.Count(guest => AddressGroup.Machine(guest.Address).Equals(machine));
        if (ofMachine >= limits.StrangersPerAddress || ofNetwork >= limits.StrangersPerNetwork)
        {
            return false;
        }

        if (strangers.Length < limits.Strangers && accepted < limits.Peers)
        {
            return true;
        }

        if (Heaviest(standing) is Guest heaviest && strangers.Count(guest => InSameNetwork(guest, heaviest)) > ofNetwork + 1)
        {
            leaves = heaviest.Peer;
        }

        return leaves is not null;
    }

    /// <summary>The stranger that leaves first: the newest of the network that has the most; null when there is none.</summary>
    public static Guest? Heaviest(IReadOnlyCollection<Guest> standing)
    {
        Guest[] strangers = Strangers(standing);
        return strangers.Length == 0
            ? null
            : Enumerable.Reverse(strangers).MaxBy(guest => strangers.Count(other => InSameNetwork(guest, other)));
    }

    private static Guest[] Strangers(IReadOnlyCollection<Guest> standing) =>
        [.. standing.Where(static guest => guest is { IsDialled: false, IsReserved: false })];

    private static bool InSameNetwork(Guest one, Guest other) =>
        AddressGroup.Network(one.Address).Equals(AddressGroup.Network(other.Address));
}
