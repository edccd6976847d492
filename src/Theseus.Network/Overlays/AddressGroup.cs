using System.Net;
using System.Net.Sockets;

namespace Theseus.Network;

/// <summary>What one owner has of the address space: the units in which strangers are counted.</summary>
public static class AddressGroup
{
    /// <summary>
    /// The address of a machine: IPv4 as it is (also when it comes mapped into IPv6), of IPv6 the first 64 bits, which one owner
    /// has whole.
    /// </summary>
    public static IPAddress Machine(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4()
        : address.AddressFamily == AddressFamily.InterNetworkV6 ? Cut(address, 8)
        : address;

    /// <summary>The network around it, in which addresses are cheap to have by the dozen: 24 bits of IPv4, 48 of IPv6.</summary>
    public static IPAddress Network(IPAddress address) =>
        Machine(address) is { AddressFamily: AddressFamily.InterNetworkV6 } six ? Cut(six, 6) : Cut(Machine(address), 3);

    private static IPAddress Cut(IPAddress address, int bytes)
    {
        byte[] all = address.GetAddressBytes();
        all.AsSpan(bytes).Clear();
        return new IPAddress(all);
    }
}
