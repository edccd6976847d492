using System.Net;
using System.Net.NetworkInformation;
using System.Runtime.InteropServices;
using System.Text;

namespace Theseus.Cli.Localnet;

/// <summary>What a localnet is asked for, checked before anything is written.</summary>
internal static partial class Preflight
{
    /// <summary>Bytes of a Unix socket's path (sun_path holds 108 with its end).</summary>
    private const int LongestSocketPath = 107;

    private const int HighestPort = 65_535;
    private const int Write = 2; // W_OK
    private const int Enter = 1; // X_OK

    /// <summary>The folder can hold a localnet: it is a folder or can become one, may be written, and its socket's path is short
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

        string standing = layout.Directory;
        while (!Path.Exists(standing) && Path.GetDirectoryName(standing) is string above)
        {
            standing = above;
        }

        if (!Directory.Exists(standing))
        {
            throw Wrong($"--dir: {standing} is not a folder");
        }

        if (Access(standing, Write | Enter) != 0)
        {
            throw Wrong($"--dir: {standing} cannot be written ({Marshal.GetLastPInvokeErrorMessage()}); choose another folder");
        }
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

    [LibraryImport("libc", EntryPoint = "access", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Access(string path, int mode);
}
