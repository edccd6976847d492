using System.Text.Json;
using Theseus.Client;

namespace Theseus.Cli.Localnet;

/// <summary>One node of a localnet.</summary>
/// <param name="Name">n1, n2, … or access.</param>
/// <param name="Role">validator or access.</param>
/// <param name="Home">Its data folder.</param>
/// <param name="RpcPort">+0.</param>
/// <param name="ConsensusPort">+1.</param>
/// <param name="SyncPort">+2.</param>
/// <param name="MempoolPort">+3.</param>
/// <param name="AdminPort">+4.</param>
/// <param name="NodeKey">Hex of its public node key.</param>
/// <param name="Validator">Its validator address, null for an access node.</param>
public sealed record LocalnetNode(
    string Name, string Role, string Home, int RpcPort, int ConsensusPort, int SyncPort, int MempoolPort, int AdminPort, string NodeKey, string? Validator)
{
    public string Url => $"http://127.0.0.1:{RpcPort}";
}

/// <summary>A named account with a public test key: everybody knows it, so it is worth nothing outside a localnet.</summary>
public sealed record LocalnetAccount(string Name, string Address, string Seed);

/// <summary>What localnet.json tells other commands and scripts.</summary>
public sealed record LocalnetFile(
    string Chain, int TxChainId, string GenesisHash, string Application, IReadOnlyList<LocalnetNode> Nodes, IReadOnlyList<LocalnetAccount> Accounts, string Explorer, int Supervisor);

/// <summary>Where a localnet keeps its files.</summary>
public sealed class LocalnetLayout(string directory)
{
    public string Directory { get; } = directory;

    public string DescriptionFile => Path.Combine(Directory, "localnet.json");

    public string GenesisFile => Path.Combine(Directory, "genesis.blob");

    /// <summary>Unix socket of the running supervisor.</summary>
    public string ControlSocket => Path.Combine(Directory, "control.sock");

    public string LockFile => Path.Combine(Directory, "supervisor.lock");

    /// <summary>Sources and scripts of a voyage, or of who walks through it by hand.</summary>
    public string VoyageFolder => Path.Combine(Directory, "voyage");

    public string NodeHome(string name) => Path.Combine(Directory, name);

    public string LogOf(string name) => Path.Combine(Directory, name, "node.log");

    /// <summary>A path of it as a person writes it: relative to the working folder when it lies below.</summary>
    public static string Short(string path)
    {
        string relative = Path.GetRelativePath(System.IO.Directory.GetCurrentDirectory(), path);
        return relative.StartsWith("..", StringComparison.Ordinal) ? path : relative;
    }

    /// <summary>What a command needs so that it finds this folder; empty when it does anyway.</summary>
    public string Hint => Directory == Of(null).Directory ? "" : " --dir " + Directory;

    /// <summary>The folder given by --dir, else THESEUS_LOCALNET, else .theseus/localnet beside the launcher.</summary>
    public static LocalnetLayout Of(string? directory)
    {
        string home = Environment.GetEnvironmentVariable("THESEUS_HOME") is { Length: > 0 } set ? set : System.IO.Directory.GetCurrentDirectory();
        string chosen = directory ?? Environment.GetEnvironmentVariable("THESEUS_LOCALNET") ?? Path.Combine(home, ".theseus", "localnet");
        return new LocalnetLayout(Path.GetFullPath(chosen));
    }

    public LocalnetFile? TryRead()
    {
        if (!File.Exists(DescriptionFile))
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize<LocalnetFile>(File.ReadAllBytes(DescriptionFile), ApiJson.Options);
        }
        catch (JsonException e)
        {
            throw new CommandFailure($"{DescriptionFile} is not a localnet description ({e.Message}); remove the folder or give another with --dir", ExitCode.DataFolder);
        }
    }

    public LocalnetFile Read() =>
        TryRead() ?? throw new CommandFailure($"no localnet in {Directory}; start one with: theseus localnet", ExitCode.Configuration);

    public void Write(LocalnetFile file)
    {
        string temporary = DescriptionFile + ".new";
        File.WriteAllBytes(temporary, JsonSerializer.SerializeToUtf8Bytes(file, ApiJson.Indented));
        File.Move(temporary, DescriptionFile, overwrite: true);
    }
}
