using System.Net;

namespace Theseus.Network;

/// <summary>
/// Connections that came in and have not proven a key yet. Nothing is known of them but an address, so what they cost is shared
/// by address and network: a rate for each, and places that the newest takes from the oldest of whoever holds the most. An
/// honest handshake lasts milliseconds; who leaves connections half open only pushes out his own.
/// Addresses from which a reserved peer has proven itself, or at which this node dials one, have no rate and are pushed out last.
/// </summary>
public sealed class HandshakeGate(TimeProvider clock, int places)
{
    /// <summary>Half-open connections of one address: 32 nodes of a machine that start at once.</summary>
    public const int PerAddress = 32;

    /// <summary>Half-open connections of one network.</summary>
    public const int PerNetwork = 64;

    /// <summary>Connections that an unknown address may open at once; a handshake costs some 2 ms of a core.</summary>
    public const int AddressBurst = 64;

    /// <summary>Connections a second of an unknown address afterwards: 2 % of a core.</summary>
    public const int AddressRate = 8;

    /// <summary>Connections that a network's unknown addresses may open at once.</summary>
    public const int NetworkBurst = 256;

    /// <summary>Connections a second of a network's unknown addresses afterwards: 6 % of a core.</summary>
    public const int NetworkRate = 32;

    /// <summary>Addresses whose rate is remembered, and as many known ones.</summary>
    public const int Remembered = 4096;

    private readonly Lock _gate = new();
    private readonly LinkedList<Ticket> _open = new(); // the oldest first
    private readonly Dictionary<IPAddress, int> _byAddress = [];
    private readonly Dictionary<IPAddress, int> _byNetwork = [];
    private readonly TokenBuckets _addresses = new(clock, AddressBurst, AddressRate, Remembered);
    private readonly TokenBuckets _networks = new(clock, NetworkBurst, NetworkRate, Remembered);
    private readonly Dictionary<IPAddress, long> _known = [];
    private long _turn;

    /// <summary>Half-open connections now.</summary>
    public int Open
    {
        get
        {
            lock (_gate)
            {
                return _open.Count;
            }
        }
    }

    /// <summary>Addresses and networks of which something is remembered.</summary>
    public int Addresses
    {
        get
        {
            lock (_gate)
            {
                return _known.Count + _addresses.Count + _networks.Count;
            }
        }
    }

    /// <summary>
    /// A reserved peer lives at this address. The one that was not heard of for longest is forgotten at <see
    /// cref="Remembered"/>.
    /// </summary>
    public void Know(IPAddress address)
    {
        lock (_gate)
        {
            IPAddress machine = AddressGroup.Machine(address);
            if (_known.Count >= Remembered && !_known.ContainsKey(machine))
            {
                _known.Remove(_known.MinBy(pair => pair.Value).Key);
            }

            _known[machine] = ++_turn;
        }
    }

    /// <summary>A connection came in.</summary>
    /// <param name="address">From where.</param>
    /// <param name="end">Ends it, when another needs its place. Called outside of any lock, at most once.</param>
    /// <returns>Its place, to be given back by <see cref="Leave"/>; null when it gets none.</returns>
    public Ticket? Enter(IPAddress address, Action end)
    {
        Ticket? pushedOut;
        Ticket ticket;
        lock (_gate)
        {
            IPAddress machine = AddressGroup.Machine(address);
            IPAddress network = AddressGroup.Network(address);
            bool isKnown = _known.ContainsKey(machine);
            if (!isKnown && !(_addresses.Take(machine) && _networks.Take(network)))
            {
                return null;
            }

            ticket = new Ticket(machine, network, isKnown, end);
            if (!MakeRoom(ticket, out pushedOut))
            {
                return null;
            }

            _open.AddLast(ticket.Node);
            _byAddress[machine] = _byAddress.GetValueOrDefault(machine) + 1;
            _byNetwork[network] = _byNetwork.GetValueOrDefault(network) + 1;
        }

        pushedOut?.End();
        return ticket;
    }

    /// <summary>The handshake is over, or its connection is.</summary>
    public void Leave(Ticket ticket)
    {
        lock (_gate)
        {
            Remove(ticket);
        }
    }

    private bool MakeRoom(Ticket newcomer, out Ticket? pushedOut)
    {
        pushedOut = null;
        if (_byAddress.GetValueOrDefault(newcomer.Address) >= PerAddress)
        {
            pushedOut = Oldest(ticket => ticket.Address.Equals(newcomer.Address));
        }
        else if (!newcomer.IsKnown && _byNetwork.GetValueOrDefault(newcomer.Network) >= PerNetwork)
        {
            pushedOut = OldestOfTheHeaviest(ticket => !ticket.IsKnown && ticket.Network.Equals(newcomer.Network));
        }
        else if (_open.Count >= places)
        {
            pushedOut = OldestOfTheHeaviest(static ticket => !ticket.IsKnown) ?? (newcomer.IsKnown ? Oldest(static _ => true) : null);
        }
        else
        {
            return true;
        }

        if (pushedOut is not null)
        {
            Remove(pushedOut);
        }

        return pushedOut is not null;
    }

    private Ticket? Oldest(Func<Ticket, bool> where) => _open.FirstOrDefault(where);

    // by network first: many addresses of one are no better than one
    private Ticket? OldestOfTheHeaviest(Func<Ticket, bool> where) =>
        _open.Where(where).MaxBy(ticket => (_byNetwork[ticket.Network], _byAddress[ticket.Address])); // MaxBy keeps the first of equals

    private void Remove(Ticket ticket)
    {
        if (ticket.Node.List is null)
        {
            return;
        }

        _open.Remove(ticket.Node);
        Lower(_byAddress, ticket.Address);
        Lower(_byNetwork, ticket.Network);
    }

    private static void Lower(Dictionary<IPAddress, int> counts, IPAddress key)
    {
        if (--counts[key] == 0)
        {
            counts.Remove(key);
        }
    }

    /// <summary>A half-open connection's place.</summary>
    public sealed class Ticket
    {
        private readonly Action _end;

        internal Ticket(IPAddress address, IPAddress network, bool isKnown, Action end)
        {
            (Address, Network, IsKnown, _end) = (address, network, isKnown, end);
            Node = new LinkedListNode<Ticket>(this);
        }

        internal IPAddress Address { get; }

        internal IPAddress Network { get; }

        internal bool IsKnown { get; }

        internal LinkedListNode<Ticket> Node { get; }

        internal void End() => _end();
    }
}

/// <summary>
/// A rate for each key. Bounded: at capacity those that are full again are forgotten, and when there are none, all: a key then
/// has a full burst.
/// </summary>
internal sealed class TokenBuckets(TimeProvider clock, int burst, int perSecond, int capacity)
{
    private readonly Dictionary<IPAddress, (double Tokens, long At)> _buckets = [];

    public int Count => _buckets.Count;

    /// <summary>Takes one; false when the key has none.</summary>
    public bool Take(IPAddress key)
    {
        long now = clock.GetTimestamp();
        double tokens = _buckets.TryGetValue(key, out (double Tokens, long At) bucket) ? Now(bucket, now) : burst;
        if (_buckets.Count >= capacity && !_buckets.ContainsKey(key))
        {
            foreach ((IPAddress full, _) in _buckets.Where(pair => Now(pair.Value, now) >= burst).ToArray())
            {
                _buckets.Remove(full);
            }

            if (_buckets.Count >= capacity)
            {
                _buckets.Clear();
            }
        }

        bool has = tokens >= 1;
        _buckets[key] = (has ? tokens - 1 : tokens, now);
        return has;
    }

    private double Now((double Tokens, long At) bucket, long now) =>
        double.Min(burst, bucket.Tokens + (clock.GetElapsedTime(bucket.At, now).TotalSeconds * perSecond));
}
