using System.Text.Json;
using System.Text.Json.Serialization;

namespace Theseus.Node;

/// <summary>What a node's role asks of it.</summary>
public enum NodeRole
{
    /// <summary>Signs votes with its key.</summary>
    Validator,

    /// <summary>Follows the chain and answers.</summary>
    Access,
}

/// <summary>Ports of a node on its bind address; 0 picks a free one.</summary>
/// <param name="Rpc">JSON-RPC, health, metrics and the explorer over HTTP.</param>
/// <param name="Consensus">The consensus overlay.</param>
/// <param name="Sync">The sync overlay.</param>
/// <param name="Mempool">The mempool overlay.</param>
/// <param name="Admin">Reserved.</param>
public sealed record NodePorts(int Rpc, int Consensus, int Sync, int Mempool, int Admin);

/// <summary>A node that this one keeps sessions with.</summary>
/// <param name="Name">For people.</param>
/// <param name="Key">Its public node key, 64 hex digits.</param>
/// <param name="Host">IP address or DNS name.</param>
/// <param name="ConsensusPort">1 to 65535.</param>
/// <param name="SyncPort">1 to 65535.</param>
/// <param name="MempoolPort">1 to 65535.</param>
public sealed record PeerAddress(string Name, string Key, string Host, int ConsensusPort, int SyncPort, int MempoolPort);

/// <summary>node.json. Genesis and protocol are never configuration; unknown keys are errors.</summary>
/// <param name="Name">For people.</param>
/// <param name="Role">validator or access.</param>
/// <param name="Bind">IP address to listen on.</param>
/// <param name="Ports">Where it listens.</param>
/// <param name="Genesis">Path of the genesis file, relative to the configuration file.</param>
/// <param name="KeyFile">Path of the node's seed (64 hex digits); a validator's consensus key.</param>
/// <param name="Validator">The validator's address, null for an access node.</param>
/// <param name="Peers">Nodes to keep sessions with.</param>
/// <param name="Retention">Blocks of state kept; 0 keeps all.</param>
/// <param name="Stacks">Names of execution stacks to load; null loads all that this software has.</param>
/// <param name="BlockRetention">
/// Blocks kept with their certificates and receipts; 0 keeps all. A new node starts from genesis, so some nodes of a
/// network must keep all.
/// </param>
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
    IReadOnlyList<string>? Stacks = null,
    ulong BlockRetention = 0)
{
    /// <summary>Blocks of state kept by default: a day at four blocks per second would be 345,600; this is some seven hours.</summary>
    public const ulong DefaultRetention = 100_000;

    /// <summary>Name of the file in a home folder.</summary>
    public const string FileName = "node.json";

    /// <summary>How the file is written.</summary>
    public static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        WriteIndented = true,
    };

    /// <summary>Reads node.json of a home folder and checks every field of it.</summary>
    /// <exception cref="ConfigurationException">It is missing or wrong; the message names the field and what it takes.</exception>
    public static NodeConfig Load(string home) => NodeConfigReader.Read(Path.Combine(home, FileName));

    /// <summary>Writes node.json into a home folder.</summary>
    public void Save(string home) => File.WriteAllBytes(Path.Combine(home, FileName), JsonSerializer.SerializeToUtf8Bytes(this, Json));
}

/// <summary>A configuration or genesis file is wrong (exit code 3).</summary>
public sealed class ConfigurationException(string message) : Exception(message);
