using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Theseus.Cli.Commands;
using Theseus.Node;
using Theseus.Protocol;

namespace Theseus.Cli.Localnet;

/// <summary>What a new localnet is made from.</summary>
/// <param name="Validators">1 to <see cref="MostValidators"/>.</param>
/// <param name="BasePort">Node i listens at +10i; 0 picks free ports.</param>
/// <param name="Bind">IP address to listen on; 127.0.0.1 unless asked otherwise.</param>
/// <param name="Application">theseus or kv.</param>
/// <param name="EpochSeconds">Length of an epoch of the chain.</param>
internal sealed record LocalnetOptions(int Validators, int BasePort, string Bind, string Application,
    int EpochSeconds = LocalnetOptions.DefaultEpochSeconds)
{
    /// <summary>Long enough for many blocks, short enough to watch.</summary>
    public const int DefaultEpochSeconds = 30;

    /// <summary>Processes of one machine.</summary>
    public const int MostValidators = 16;

    /// <summary>A day: nobody waits longer at a localnet.</summary>
    public const int LongestEpochSeconds = 86_400;

    /// <summary>Blocks that a localnet's node keeps: a day at four per second, some 1.2 GB when they are nearly empty.</summary>
    public const ulong KeptBlocks = 345_600;

    /// <summary>Chain id of every localnet.</summary>
    public const string Chain = "theseus-localnet";

    /// <summary>Ports of the first node begin here.</summary>
    public const int DefaultBasePort = 7100;

    /// <summary>Distance of two nodes' ports.</summary>
    public const int PortsPerNode = 10;

    /// <summary>Whether the nodes run the chain, not an example of the engine.</summary>
    public bool IsChain => Application == "theseus";

    /// <summary>Validators, and an access node of the chain.</summary>
    public int NodeCount => Validators + (IsChain ? 1 : 0);

    /// <summary>Where the nodes are reached from this machine.</summary>
    public string Host => Bind switch
    {
        "0.0.0.0" => "127.0.0.1",
        "::" => "::1",
        _ => Bind,
    };
}

/// <summary>Writes a new localnet to disk: keys, genesis, and a home with node.json for every node.</summary>
internal static class LocalnetPlan
{
    /// <summary>Seed of a localnet node: public, like those of its accounts.</summary>
    public static byte[] NodeSeed(string name) => SHA256.HashData(Encoding.UTF8.GetBytes("theseus localnet node " + name));

    /// <summary>The nodes of a new localnet, on ports that were free just now. Writes nothing.</summary>
    /// <exception cref="CommandFailure">A port is taken, or no range is free (exit code 3).</exception>
    public static IReadOnlyList<LocalnetNode> Nodes(LocalnetLayout layout, LocalnetOptions options)
    {
        bool chain = options.IsChain;
        int count = options.NodeCount;
        int basePort = options.BasePort != 0 ? options.BasePort : FreeBase(options.Bind, count);
        List<LocalnetNode> nodes = [];
        for (int i = 0; i < count; i++)
        {
            bool validates = i < options.Validators;
            string name = validates ? $"n{i + 1}" : "access";
            int[] ports = Ports(basePort, i);
            string key = new NodeKey(NodeSeed(name)).PublicKey.ToString();
            nodes.Add(new LocalnetNode(
                name, validates ? "validator" : "access", layout.NodeHome(name), ports[0], ports[1], ports[2], ports[3], ports[4],
                key, validates && chain ? ValidatorAddress(name).ToLongString() : null, options.Host));
        }

        CheckPorts(nodes, options.Bind);
        return nodes;
    }

    /// <summary>Writes a new localnet into its folder.</summary>
    public static LocalnetFile Create(LocalnetLayout layout, LocalnetOptions options, IReadOnlyList<LocalnetNode> nodes)
    {
        Directory.CreateDirectory(layout.Directory);
        IReadOnlyList<LocalnetAccount> accounts = options.IsChain ? Accounts(options.Validators) : [];
        string genesisName = options.IsChain ? "genesis.blob" : "validators.json";
        string genesisFile = Path.Combine(layout.Directory, genesisName);
        string genesisHash = options.IsChain
            ? LocalnetGenesis.Write(genesisFile, nodes, accounts, options.EpochSeconds)
            : WriteValidators(genesisFile, nodes);
        foreach (LocalnetNode node in nodes)
        {
            WriteHome(node, nodes, options, "../" + genesisName);
        }

        LocalnetFile file = new(
            options.IsChain ? LocalnetOptions.Chain : options.Application, options.IsChain ? LocalnetGenesis.TxChainId : 0, genesisHash,
                options.Application,
            nodes, accounts, options.IsChain ? nodes[^1].Url + "/" : nodes[0].Url + "/status", Environment.ProcessId, options.Bind,
                options.EpochSeconds);
        layout.Write(file);
        return file;
    }

    private static string WriteValidators(string path, IReadOnlyList<LocalnetNode> nodes)
    {
        byte[] bytes = JsonSerializer.SerializeToUtf8Bytes(nodes.Select(node => new { key = node.NodeKey, power = 1UL }));
        File.WriteAllBytes(path, bytes);
        return Hashing.Sha256(bytes).ToString();
    }

    private static void WriteHome(LocalnetNode node, IReadOnlyList<LocalnetNode> nodes, LocalnetOptions options, string genesis)
    {
        Directory.CreateDirectory(node.Home);
        KeyFile.Write(Path.Combine(node.Home, "node.key"), NodeSeed(node.Name), FileMode.Create);
        NodeConfig config = new(
            node.Name,
            node.Role == "validator" ? NodeRole.Validator : NodeRole.Access,
            options.Bind,
            new NodePorts(node.RpcPort, node.ConsensusPort, node.SyncPort, node.MempoolPort, node.AdminPort),
            genesis,
            "node.key",
            node.Validator,
            [
                .. nodes.Where(other => other != node).Select(
                    other => new PeerAddress(other.Name, other.NodeKey, options.Host, other.ConsensusPort, other.SyncPort,
                        other.MempoolPort)),
            ],
            BlockRetention: LocalnetOptions.KeptBlocks);
        config.Save(node.Home);
    }

    /// <summary>The account that a localnet validator bonds and votes with.</summary>
    public static Address ValidatorAddress(string name) => Wallet.AddressOf(Wallet.TestSeed(name));

    private static List<LocalnetAccount> Accounts(int validators)
    {
        IEnumerable<string> names = ((string[])["alice", "bob", "carol", "dave", "faucet"])
            .Concat(Enumerable.Range(1, validators).Select(i => $"n{i}"))
            .Concat(Enumerable.Range(0, LocalnetGenesis.LoadAccounts).Select(i => $"{LocalnetAccount.LoadPrefix}{i}"));
        return
        [
            .. names.Select(name => (Name: name, Seed: Wallet.TestSeed(name))).Select(
                account => new LocalnetAccount(account.Name, Wallet.AddressOf(account.Seed).ToLongString(), Convert.ToHexStringLower(
                    account.Seed))),
        ];
    }

    private static int[] Ports(int basePort, int index) => [.. Enumerable.Range(basePort + (index * LocalnetOptions.PortsPerNode), 5)];

    /// <summary>
    /// A base whose ports are all free now. Below the range from which the system takes the ports of outgoing connections: one of those,
    /// made
    /// by a node that starts earlier, could sit on the port that the next one is to listen on.
    /// </summary>
    private static int FreeBase(string bind, int nodes)
    {
        const int Lowest = 10_240;
        const int Attempts = 1000;
        int length = nodes * LocalnetOptions.PortsPerNode;
        int highest = OutgoingFrom() - length;
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            int candidate = Random.Shared.Next(Lowest, highest);
            if (Enumerable.Range(candidate, length).All(port => IsFree(bind, port)))
            {
                return candidate;
            }
        }

        throw new CommandFailure("no free range of ports; choose one with --base-port", ExitCode.Configuration);
    }

    private static int OutgoingFrom()
    {
        const string Setting = "/proc/sys/net/ipv4/ip_local_port_range";
        const int Usual = 32_768;
        string[] range = File.Exists(Setting) ? File.ReadAllText(Setting).Split((char[])['\t', ' ']) : [];
        return range.Length > 0 && int.TryParse(range[0], out int first) && first > 2 * 10_240 ? first : Usual;
    }

    private static bool IsFree(string bind, int port)
    {
        TcpListener probe = new(IPAddress.Parse(bind), port);
        try
        {
            probe.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
        finally
        {
            probe.Stop();
        }
    }

    /// <summary>Fails with one clear line when a port of a localnet is in use.</summary>
    /// <exception cref="CommandFailure">Exit code 3.</exception>
    public static void CheckPorts(IReadOnlyList<LocalnetNode> nodes, string bind)
    {
        foreach (LocalnetNode node in nodes)
        {
            if (TakenPort(node, bind) is int port)
            {
                throw new CommandFailure(
                    $"port {port} (for {node.Name}) is in use; stop what uses it, or choose others with --fresh --base-port (0 picks free "
                        + $"ones)",
                    ExitCode.Configuration);
            }
        }
    }

    /// <summary>A port of a node that does not run, and that somebody else has; null when there is none.</summary>
    public static int? TakenPort(LocalnetNode node, string bind)
    {
        foreach (int port in (int[])[node.RpcPort, node.ConsensusPort, node.SyncPort, node.MempoolPort])
        {
            if (!IsFree(bind, port))
            {
                return port;
            }
        }

        return null;
    }
}
