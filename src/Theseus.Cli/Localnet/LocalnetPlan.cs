using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Theseus.Cli.Commands;
using Theseus.Client;
using Theseus.Node;
using Theseus.Protocol;

namespace Theseus.Cli.Localnet;

/// <summary>What a new localnet is made from.</summary>
/// <param name="Validators">1 to 16.</param>
/// <param name="BasePort">Node i listens at +10i; 0 picks free ports.</param>
/// <param name="Bind">127.0.0.1 unless asked otherwise.</param>
/// <param name="Application">theseus or kv.</param>
/// <param name="EpochSeconds">Length of an epoch of the chain.</param>
public sealed record LocalnetOptions(int Validators, int BasePort, string Bind, string Application, int EpochSeconds = LocalnetOptions.DefaultEpochSeconds)
{
    /// <summary>Long enough for many blocks, short enough to watch.</summary>
    public const int DefaultEpochSeconds = 30;

    /// <summary>A day: nobody waits longer at a localnet.</summary>
    public const int LongestEpochSeconds = 86_400;

    public const string Chain = "theseus-localnet";

    public const int DefaultBasePort = 7100;

    public const int PortsPerNode = 10;
}

/// <summary>Writes a new localnet to disk: keys, genesis, and a home with node.json for every node.</summary>
public static class LocalnetPlan
{
    /// <summary>Seed of a localnet node: public, like those of its accounts.</summary>
    public static byte[] NodeSeed(string name) => SHA256.HashData(Encoding.UTF8.GetBytes("theseus localnet node " + name));

    public static LocalnetFile Create(LocalnetLayout layout, LocalnetOptions options)
    {
        Directory.CreateDirectory(layout.Directory);
        bool chain = options.Application == "theseus";
        List<string> names = [.. Enumerable.Range(1, options.Validators).Select(i => $"n{i}"), .. chain ? (string[])["access"] : []];
        int basePort = options.BasePort != 0 ? options.BasePort : FreeBase(options.Bind, names.Count);
        List<LocalnetNode> nodes = [];
        for (int i = 0; i < names.Count; i++)
        {
            int[] ports = Ports(basePort, i);
            NodeKey key = new(NodeSeed(names[i]));
            bool validates = i < options.Validators;
            nodes.Add(new LocalnetNode(
                names[i], validates ? "validator" : "access", layout.NodeHome(names[i]), ports[0], ports[1], ports[2], ports[3], ports[4],
                key.PublicKey.ToString(), validates && chain ? ValidatorAddress(names[i]).ToLongString() : null));
        }

        IReadOnlyList<LocalnetAccount> accounts = chain ? Accounts(options.Validators) : [];
        string genesisName = chain ? "genesis.blob" : "validators.json";
        string genesisFile = Path.Combine(layout.Directory, genesisName);
        string genesisHash;
        if (chain)
        {
            genesisHash = LocalnetGenesis.Write(genesisFile, nodes, accounts, options.EpochSeconds);
        }
        else
        {
            byte[] bytes = JsonSerializer.SerializeToUtf8Bytes(nodes.Select(node => new { key = node.NodeKey, power = 1UL }));
            File.WriteAllBytes(genesisFile, bytes);
            genesisHash = Hashing.Sha256(bytes).ToString();
        }

        foreach (LocalnetNode node in nodes)
        {
            Directory.CreateDirectory(node.Home);
            File.WriteAllText(Path.Combine(node.Home, "node.key"), Convert.ToHexStringLower(NodeSeed(node.Name)) + "\n");
            NodeConfig config = new(
                node.Name,
                node.Role == "validator" ? NodeRole.Validator : NodeRole.Access,
                options.Bind,
                new NodePorts(node.RpcPort, node.ConsensusPort, node.SyncPort, node.MempoolPort, node.AdminPort),
                "../" + genesisName,
                "node.key",
                node.Validator,
                [.. nodes.Where(other => other != node).Select(other => new PeerAddress(other.Name, other.NodeKey, options.Bind == "0.0.0.0" ? "127.0.0.1" : options.Bind, other.ConsensusPort, other.SyncPort, other.MempoolPort))]);
            config.Save(node.Home);
        }

        LocalnetFile file = new(
            chain ? LocalnetOptions.Chain : "kv", chain ? LocalnetGenesis.TxChainId : 0, genesisHash, options.Application, nodes, accounts,
            chain ? nodes[^1].Url + "/" : nodes[0].Url + "/status", Environment.ProcessId);
        layout.Write(file);
        return file;
    }

    /// <summary>The account that a localnet validator bonds and votes with.</summary>
    public static Address ValidatorAddress(string name) => Wallet.AddressOf(Wallet.TestSeed(name));

    private static List<LocalnetAccount> Accounts(int validators)
    {
        IEnumerable<string> names = ((string[])["alice", "bob", "carol", "dave", "faucet"])
            .Concat(Enumerable.Range(1, validators).Select(i => $"n{i}"))
            .Concat(Enumerable.Range(0, LocalnetGenesis.LoadAccounts).Select(i => $"load{i}"));
        return [.. names.Select(name => new LocalnetAccount(name, Wallet.AddressOf(Wallet.TestSeed(name)).ToLongString(), Convert.ToHexStringLower(Wallet.TestSeed(name))))];
    }

    private static int[] Ports(int basePort, int index) => [.. Enumerable.Range(basePort + (index * LocalnetOptions.PortsPerNode), 5)];

    /// <summary>
    /// A base whose ports are all free now. Below the range from which the system takes the ports of outgoing connections: one of those, made
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
        return File.Exists(Setting) && int.TryParse(File.ReadAllText(Setting).Split((char[])['\t', ' '])[0], out int first) && first > 2 * 10_240 ? first : Usual;
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

    /// <summary>Fails with one clear line when a port of a new localnet is in use.</summary>
    public static void CheckPorts(LocalnetFile file, string bind)
    {
        foreach (LocalnetNode node in file.Nodes)
        {
            foreach (int port in (int[])[node.RpcPort, node.ConsensusPort, node.SyncPort, node.MempoolPort])
            {
                if (!IsFree(bind, port))
                {
                    throw new CommandFailure($"port {port} (for {node.Name}) is in use; stop what uses it, or choose others with --fresh --base-port (0 picks free ones)", ExitCode.Configuration);
                }
            }
        }
    }
}
