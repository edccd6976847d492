using System.Net;
using System.Net.NetworkInformation;
using System.Text;

namespace Theseus.Cli.Localnet;

/// <summary>What a localnet is asked for, checked before anything is written.</summary>
internal static class Preflight
{
    /// <summary>Bytes of a Unix socket's path (sun_path holds 108 with its end).</summary>
    private const int LongestSocketPath = 107;

    private const int HighestPort = 65_535;

    /// <summary>The folder can hold a localnet: it is there or can be made, takes new entries, and its socket's path is short
    /// enough.</summary>
    /// <exception cref="CommandFailure">Exit code 2.</exception>
    public static void CheckFolder(LocalnetLayout layout)
    {
        int socket = Encoding.UTF8.GetByteCount(layout.ControlSocket);
        if (socket > LongestSocketPath)
        {
            throw Wrong(
                $"--dir: {layout.Directory} is {socket - LongestSocketPath} bytes too long; a control socket in it may have "
                    + $"{LongestSocketPath} bytes");
        }

        new Place("--dir", layout.Directory).CheckFolder();
    }

    /// <summary>The address is one of this machine, and all ports of all nodes exist.</summary>
    /// <exception cref="CommandFailure">Exit code 2.</exception>
    public static void CheckNetwork(LocalnetOptions options)
    {
        if (!IPAddress.TryParse(options.Bind, out IPAddress? bind) || bind.ToString() != options.Bind)
        {
            throw Wrong($"--bind takes an IP address such as 127.0.0.1, not '{options.Bind}'");
        }

        bool any = bind.Equals(IPAddress.Any) || bind.Equals(IPAddress.IPv6Any) || IPAddress.IsLoopback(bind);
        if (!any && !NetworkInterface.GetAllNetworkInterfaces().Any(card => card.GetIPProperties().UnicastAddresses.Any(own =>
            own.Address.Equals(bind))))
        {
            throw Wrong($"--bind: {options.Bind} is not an address of this machine");
        }

        int last = options.BasePort + (options.NodeCount * LocalnetOptions.PortsPerNode) - 1;
        if (options.BasePort != 0 && last > HighestPort)
        {
            throw Wrong(
                $"--base-port: {options.NodeCount} nodes take ports {options.BasePort} to {last}, and the highest is {HighestPort}; "
                + $"choose {HighestPort - (last - options.BasePort)} or lower");
        }
    }

    private static CommandFailure Wrong(string message) => new(message, ExitCode.Usage);
}
