using System.Net;
using System.Net.Sockets;

namespace Theseus.Node;

/// <summary>Turns a peer's host, an IP address or a DNS name, into an address.</summary>
internal static class PeerNames
{
    /// <summary>Between two questions about a name that is not known: a name server may start later than a node.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    /// <summary>The address of a host; a name is asked for until it is known.</summary>
    /// <exception cref="OperationCanceledException">The node stops.</exception>
    public static async Task<IPAddress> ResolveAsync(string host, TimeProvider clock, CancellationToken cancellation)
    {
        if (IPAddress.TryParse(host, out IPAddress? address))
        {
            return address;
        }

        while (true)
        {
            try
            {
                IPAddress[] found = await Dns.GetHostAddressesAsync(host, cancellation);
                if (found.Length > 0)
                {
                    return found.FirstOrDefault(one => one.AddressFamily == AddressFamily.InterNetwork) ?? found[0];
                }
            }
            catch (SocketException)
            {
                // not known, or nobody to ask: again below; the peer shows as not connected meanwhile
            }

            await Task.Delay(Pause, clock, cancellation);
        }
    }
}
