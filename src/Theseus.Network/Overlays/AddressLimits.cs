using System.Net;
using System.Net.Sockets;

namespace Theseus.Network;

/// <summary>
/// Connections that come in, counted by address (an IPv6 network of 64 bits counts as one: its owner has them all): a flood of
/// half-open connections costs its sender only.
/// </summary>
public sealed class AddressLimits
{
    /// <summary>Open connections from one address: a whole localnet and its tools share 127.0.0.1.</summary>
    public const int PerAddress = 64;

    /// <summary>Of these, connections still in their handshake: a localnet of 16 that starts at once.</summary>
    public const int HandshakesPerAddress = 32;

    /// <summary>Handshakes of all addresses: each costs a TLS state of some 100 KB.</summary>
    public const int Handshakes = 256;

    private readonly Lock _gate = new();
    private readonly Dictionary<IPAddress, (int Open, int Handshakes)> _counts = [];
    private int _handshakes;

    /// <summary>Addresses that have a connection open.</summary>
    public int Addresses
    {
        get
        {
            lock (_gate)
            {
                return _counts.Count;
            }
        }
    }

    /// <summary>A connection came in; false when there is no room for it.</summary>
    public bool TryEnter(IPAddress address)
    {
        lock (_gate)
        {
            (int open, int handshakes) = _counts.GetValueOrDefault(Network(address));
            if (open >= PerAddress || handshakes >= HandshakesPerAddress || _handshakes >= Handshakes)
            {
                return false;
            }

            _counts[Network(address)] = (open + 1, handshakes + 1);
            _handshakes++;
            return true;
        }
    }

    /// <summary>Its handshake is over.</summary>
    public void Shaken(IPAddress address)
    {
        lock (_gate)
        {
            (int open, int handshakes) = _counts[Network(address)];
            _counts[Network(address)] = (open, handshakes - 1);
            _handshakes--;
        }
    }

    /// <summary>It ended, after <see cref="Shaken"/>.</summary>
    public void Leave(IPAddress address)
    {
        lock (_gate)
        {
            (int open, int handshakes) = _counts[Network(address)];
            if (open == 1)
            {
                _counts.Remove(Network(address));
            }
            else
            {
                _counts[Network(address)] = (open - 1, handshakes);
            }
        }
    }

    private static IPAddress Network(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4();
        }

        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return address;
        }

        byte[] bytes = address.GetAddressBytes();
        bytes.AsSpan(8).Clear();
        return new IPAddress(bytes);
    }
}
