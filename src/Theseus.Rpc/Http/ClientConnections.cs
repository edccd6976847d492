using System.Net;
using Microsoft.AspNetCore.Connections;

namespace Theseus.Rpc;

/// <summary>Bounds of the connections of an HTTP front.</summary>
/// <param name="Total">Connections at once.</param>
/// <param name="PerClient">Of one address; IPv6 addresses of one /64 are one client.</param>
/// <param name="Probes">Beside both, for /live, /ready and /metrics alone: an operator must see a node whose places are taken.</param>
public sealed record ConnectionLimits(int Total = 2_048, int PerClient = 512, int Probes = 32);

/// <summary>
/// Who is connected. When a client's places or all of them are taken, the connection that has been idle longest gives way to a newcomer:
/// keeping connections open costs nobody else theirs. Safe from any thread.
/// </summary>
internal sealed class ClientConnections(ConnectionLimits limits)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Client> _clients = [];
    private int _count;
    private int _probes;

    /// <summary>Connections that have a place, those for probes left out.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _count;
            }
        }
    }

    /// <summary>Gives a connection its place for as long as it lasts, or ends it.</summary>
    public async Task RunAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        if (Admit(connection) is not Place place)
        {
            connection.Abort(new ConnectionAbortedException("all places are taken and busy"));
            return;
        }

        connection.Features.Set(place);
        try
        {
            await next(connection);
        }
        finally
        {
            Release(place);
        }
    }

    /// <summary>The client of an address: itself, or its network for IPv6, where one host has many.</summary>
    public static string ClientOf(IPAddress? address)
    {
        IPAddress? plain = address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address;
        return plain is { AddressFamily: System.Net.Sockets.AddressFamily.InterNetworkV6 } wide
            ? Convert.ToHexStringLower(wide.GetAddressBytes().AsSpan(0, 8))
            : plain?.ToString() ?? "";
    }

    /// <summary>A request has begun: the connection is not idle.</summary>
    public void Begin(Place place)
    {
        lock (_gate)
        {
            if (place.Requests++ == 0 && place.Node.List is not null)
            {
                place.Owner.Idle.Remove(place.Node);
            }
        }
    }

    /// <summary>A request was answered.</summary>
    public void End(Place place)
    {
        lock (_gate)
        {
            if (--place.Requests == 0 && place is { HasPlace: true, IsForProbes: false })
            {
                place.Owner.Idle.AddLast(place.Node);
            }
        }
    }

    private Place? Admit(ConnectionContext connection)
    {
        string name = ClientOf((connection.RemoteEndPoint as IPEndPoint)?.Address);
        Place? evicted = null;
        Place place;
        lock (_gate)
        {
            if (!_clients.TryGetValue(name, out Client? client))
            {
                client = new Client(name);
                _clients.Add(name, client);
            }

            bool isFull = client.Count >= limits.PerClient || _count >= limits.Total;
            if (isFull)
            {
                // Of its own first; for room among all, of the client that has most.
                Client from = client.Count >= limits.PerClient ? client : _clients.Values.MaxBy(static other => other.Idle.Count)!;
                evicted = from.Idle.First?.Value;
                if (evicted is not null)
                {
                    Free(evicted);
                }
            }

            place = new Place(client, connection) { IsForProbes = isFull && evicted is null };
            if (place.IsForProbes && _probes >= limits.Probes)
            {
                Forget(client);
                return null;
            }

            place.HasPlace = true;
            if (place.IsForProbes)
            {
                _probes++;
                client.Probes++;
            }
            else
            {
                _count++;
                client.Count++;
                client.Idle.AddLast(place.Node);
            }
        }

        evicted?.Connection.Abort(new ConnectionAbortedException("idle, and its place was needed"));
        return place;
    }

    private void Release(Place place)
    {
        lock (_gate)
        {
            Free(place);
        }
    }

    private void Free(Place place)
    {
        if (!place.HasPlace)
        {
            return;
        }

        place.HasPlace = false;
        if (place.Node.List is not null)
        {
            place.Owner.Idle.Remove(place.Node);
        }

        if (place.IsForProbes)
        {
            _probes--;
            place.Owner.Probes--;
        }
        else
        {
            _count--;
            place.Owner.Count--;
        }

        Forget(place.Owner);
    }

    private void Forget(Client client)
    {
        if (client is { Count: 0, Probes: 0 } && _clients.GetValueOrDefault(client.Name) == client)
        {
            _clients.Remove(client.Name);
        }
    }

    /// <summary>The connections of one client; the longest idle first.</summary>
    internal sealed class Client(string name)
    {
        public string Name { get; } = name;

        public int Count { get; set; }

        public int Probes { get; set; }

        public LinkedList<Place> Idle { get; } = new();
    }

    /// <summary>A connection's place.</summary>
    internal sealed class Place
    {
        public Place(Client owner, ConnectionContext connection)
        {
            (Owner, Connection) = (owner, connection);
            Node = new LinkedListNode<Place>(this);
        }

        public Client Owner { get; }

        public ConnectionContext Connection { get; }

        public LinkedListNode<Place> Node { get; }

        public int Requests { get; set; }

        public bool HasPlace { get; set; }

        /// <summary>Whether it came when all places were busy: it may ask whether the node lives, and no more.</summary>
        public bool IsForProbes { get; init; }
    }
}
