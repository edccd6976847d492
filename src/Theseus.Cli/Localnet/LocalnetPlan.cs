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
public sealed record LocalnetOptions(int Validators, int BasePort, string Bind, string Application)
{
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
        List<LocalnetNode> nodes = [];
        for (int i = 0; i < names.Count; i++)
        {
            int[] ports = Ports(options, i);
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
            genesisHash = LocalnetGenesis.Write(genesisFile, nodes, accounts);
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

    private static int[] Ports(LocalnetOptions options, int index)
    {
        if (options.BasePort != 0)
        {
            return [.. Enumerable.Range(options.BasePort + (index * LocalnetOptions.PortsPerNode), 5)];
        }

        // Held open together so that the system gives five different ones.
        List<TcpListener> held = [];
        for (int i = 0; i < 5; i++)
        {
            TcpListener listener = new(IPAddress.Parse(options.Bind), 0);
            listener.Start();
            held.Add(listener);
        }

        int[] ports = [.. held.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        held.ForEach(listener => listener.Stop());
        return ports;
    }

    /// <summary>Fails with one clear line when a port of a new localnet is in use.</summary>
    public static void CheckPorts(LocalnetFile file, string bind)
    {
        foreach (LocalnetNode node in file.Nodes)
        {
            foreach (int port in (int[])[node.RpcPort, node.ConsensusPort, node.SyncPort, node.MempoolPort])
            {
                TcpListener probe = new(IPAddress.Parse(bind), port);
                try
                {
                    probe.Start();
                }
                catch (SocketException)
                {
                    throw new CommandFailure($"port {port} (for {node.Name}) is in use; stop what uses it, or choose others with --fresh --base-port (0 picks free ones)", ExitCode.Configuration);
                }
                finally
                {
                    probe.Stop();
                }
            }
        }
    }
}
