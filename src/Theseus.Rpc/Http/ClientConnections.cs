using System.Net;
using Microsoft.AspNetCore.Connections;

namespace Theseus.Rpc;

/// <summary>Bounds of the connections of an HTTP front.</summary>
/// <param name="Total">Connections at once.</param>
/// <param name="PerClient">Of one address; IPv6 addresses of one /64 are one client.</param>
/// <param name="Probes">Beside both, for /live, /ready and /metrics alone: an operator must see a node whose places are taken.</param>
public sealed record ConnectionLimits(int Total = 2_048, int PerClient = 512, int Probes = 32)
{
    /// <summary>The same bounds with no more connections than the descriptor limit leaves; one client has half of them at most.</summary>
    /// <param name="connections">Connections of all kinds; at least 6.</param>
    public ConnectionLimits Within(int connections)
    {
        int probes = int.Clamp(connections / 8, 2, Probes);
        int total = int.Clamp(connections - probes, 2, Total);
        return new ConnectionLimits(total, int.Min(PerClient, int.Max(1, total / 2)), probes);
    }
}

/// <summary>
/// Who is connected. When a client's places or all of them are taken, one that waits for nothing gives way to a newcomer: keeping
/// connections open costs nobody else theirs. Of those that have waited for long, the ones that never said anything go first, then those
/// that were answered, then those that have sent part of a request. If none has waited for long, the one that has waited longest goes: a
/// connection that has just come, or is just being heard, is never the first. A request under way keeps its connection. Safe from any
/// thread.
/// </summary>
/// <param name="limits">How many there may be.</param>
/// <param name="clock">For how long they have waited.</param>
internal sealed class ClientConnections(ConnectionLimits limits, TimeProvider clock)
{
    /// <summary>
    /// What is long: more than a few round trips around the world, in which a request may be on its way. Without it the newest connection
    /// among answered ones would always be the silent one, and give way to the next before its request was read.
    /// </summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

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

    /// <summary>Those of them without a request under way.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate)
            {
                return _clients.Values.Sum(static client => client.Idle);
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
        connection.Transport = new HeardTransport(connection.Transport, () => Heard(place));
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
            if (place.Requests++ == 0)
            {
                place.Node.List?.Remove(place.Node);
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
                Wait(place, Idleness.Answered);
            }
        }
    }

    /// <summary>Bytes came that are not a whole request yet.</summary>
    private void Heard(Place place)
    {
        lock (_gate)
        {
            if (place.Node.List is { } list && list != place.Owner.Waiting[(int)Idleness.Speaking])
            {
                list.Remove(place.Node); // one that goes on speaking, a byte at a time, grows no younger by it
                Wait(place, Idleness.Speaking);
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
                evicted = client.Count >= limits.PerClient ? LongestIdle([client]) : LongestIdle(_clients.Values);
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
                Wait(place, Idleness.Silent);
            }
        }

        evicted?.Connection.Abort(new ConnectionAbortedException("idle, and its place was needed"));
        return place;
    }

    private Place? LongestIdle(IReadOnlyCollection<Client> clients)
    {
        foreach (Idleness kind in Enum.GetValues<Idleness>())
        {
            // of the client that has most of them
            Client? most = clients.Where(client => IsLong(client, kind)).MaxBy(client => client.Waiting[(int)kind].Count);
            if (most?.Waiting[(int)kind].First is { } first)
            {
                return first.Value;
            }
        }

        return clients.MaxBy(static client => client.Idle)?.Waiting
            .Select(static list => list.First?.Value).OfType<Place>().MinBy(static place => place.Since);
    }

    private bool IsLong(Client client, Idleness kind) =>
        client.Waiting[(int)kind].First is { } first && clock.GetElapsedTime(first.Value.Since) >= Grace;

    private void Wait(Place place, Idleness kind)
    {
        place.Since = clock.GetTimestamp();
        place.Owner.Waiting[(int)kind].AddLast(place.Node);
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
        place.Node.List?.Remove(place.Node);
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

    /// <summary>What a connection without a request under way has said; the first gives way first.</summary>
    private enum Idleness
    {
        /// <summary>Nothing since it came.</summary>
        Silent,

        /// <summary>A request, and had its answer.</summary>
        Answered,

        /// <summary>Part of a request, or a whole one that was not read yet.</summary>
        Speaking,
    }

    /// <summary>The connections of one client.</summary>
    internal sealed class Client(string name)
    {
        public string Name { get; } = name;

        public int Count { get; set; }

        public int Probes { get; set; }

        /// <summary>Those without a request under way, by <see cref="Idleness"/>; of each kind the longest so first.</summary>
        public LinkedList<Place>[] Waiting { get; } = [.. Enum.GetValues<Idleness>().Select(static _ => new LinkedList<Place>())];

        /// <summary>How many these are.</summary>
        public int Idle => Waiting.Sum(static list => list.Count);
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

        /// <summary>Since when it waits, as the clock counts; while a request is under way, since when it waited before.</summary>
        public long Since { get; set; }

        public int Requests { get; set; }

        public bool HasPlace { get; set; }

        /// <summary>Whether it came when all places were busy: it may ask whether the node lives, and no more.</summary>
        public bool IsForProbes { get; init; }
    }
}
