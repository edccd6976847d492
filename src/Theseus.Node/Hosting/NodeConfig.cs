using System.Text.Json;
using System.Text.Json.Serialization;

namespace Theseus.Node;

/// <summary>What a node's role asks of it.</summary>
public enum NodeRole
{
    Validator,
    Access,
}

/// <summary>Ports of a node on its bind address; 0 picks a free one.</summary>
public sealed record NodePorts(int Rpc, int Consensus, int Sync, int Mempool, int Admin);

/// <summary>A node that this one keeps sessions with.</summary>
/// <param name="Name">For people.</param>
/// <param name="Key">Its public node key, 64 hex digits.</param>
/// <param name="Host">IP address.</param>
public sealed record PeerAddress(string Name, string Key, string Host, int ConsensusPort, int SyncPort, int MempoolPort);

/// <summary>node.json. Genesis and protocol are never configuration; unknown keys are errors.</summary>
/// <param name="Name">For people.</param>
/// <param name="Role">validator or access.</param>
/// <param name="Bind">IP address to listen on.</param>
/// <param name="Genesis">Path of the genesis file, relative to the configuration file.</param>
/// <param name="KeyFile">Path of the node's seed (64 hex digits); a validator's consensus key.</param>
/// <param name="Validator">The validator's address, null for an access node.</param>
/// <param name="Retention">Blocks of state kept; 0 keeps all.</param>
/// <param name="Stacks">Names of execution stacks to load; null loads all that this software has.</param>
public sealed record NodeConfig(
    string Name,
    NodeRole Role,
    string Bind,
    NodePorts Ports,
    string Genesis,
    string KeyFile,
    string? Validator,
    IReadOnlyList<PeerAddress> Peers,
    ulong Retention = NodeConfig.DefaultRetention,
    IReadOnlyList<string>? Stacks = null)
{
    /// <summary>Blocks of state kept by default: a day at four blocks a second would be 345,600; this is some seven hours.</summary>
    public const ulong DefaultRetention = 100_000;

    public static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        WriteIndented = true,
    };

    /// <summary>Reads node.json of a home folder.</summary>
    /// <exception cref="ConfigurationException">It is missing or wrong; the message says where.</exception>
    public static NodeConfig Load(string home)
    {
        string file = Path.Combine(home, "node.json");
        try
        {
            NodeConfig config = JsonSerializer.Deserialize<NodeConfig>(File.ReadAllBytes(file), Json) ?? throw new ConfigurationException($"{file} is empty");
            if (config.Ports is null || config.Peers is null || config.KeyFile is null || config.Genesis is null)
            {
                throw new ConfigurationException($"{file} lacks ports, peers, keyFile or genesis");
            }

            return config;
        }
        catch (JsonException e)
        {
            throw new ConfigurationException($"{file}: {e.Message}");
        }
        catch (IOException e)
        {
            throw new ConfigurationException($"{file}: {e.Message}");
        }
    }

    public void Save(string home) => File.WriteAllBytes(Path.Combine(home, "node.json"), JsonSerializer.SerializeToUtf8Bytes(this, Json));
}

/// <summary>A configuration or genesis file is wrong (exit code 3).</summary>
public sealed class ConfigurationException(string message) : Exception(message);
