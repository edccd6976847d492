using System.Text.Json;
using System.Text.Json.Serialization;
using Theseus.Cli.Commands;
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
/// <param name="Host">Where it is reached from this machine.</param>
internal sealed record LocalnetNode(
    string Name, string Role, string Home, int RpcPort, int ConsensusPort, int SyncPort, int MempoolPort, int AdminPort, string NodeKey,
        string? Validator,
    string Host = "127.0.0.1")
{
    /// <summary>Base address of its RPC.</summary>
    public string Url => Host.Contains(':', StringComparison.Ordinal) ? $"http://[{Host}]:{RpcPort}" : $"http://{Host}:{RpcPort}";
}

/// <summary>A named account with a public test key: everybody knows it, so it is worth nothing outside a localnet.</summary>
internal sealed record LocalnetAccount(string Name, string Address, string Seed)
{
    /// <summary>Begin of the names of the accounts that drive load.</summary>
    public const string LoadPrefix = "load";

    /// <summary>Whether it drives load: there are many of these, and lists leave them out.</summary>
    [JsonIgnore]
    public bool IsLoad => Name.StartsWith(LoadPrefix, StringComparison.Ordinal);
}

/// <summary>What localnet.json tells other commands and scripts.</summary>
/// <param name="Chain">Chain id.</param>
/// <param name="TxChainId">Chain id byte of transactions.</param>
/// <param name="GenesisHash">Hash of the genesis, or of the validator list of an example.</param>
/// <param name="Application">theseus or kv.</param>
/// <param name="Nodes">Validators first, then the access node.</param>
/// <param name="Accounts">Named accounts with public test keys.</param>
/// <param name="Explorer">Address for a browser.</param>
/// <param name="Supervisor">Process id of the supervisor that wrote this.</param>
/// <param name="Bind">Address that the nodes listen on.</param>
/// <param name="EpochSeconds">Length of an epoch.</param>
internal sealed record LocalnetFile(
    string Chain, int TxChainId, string GenesisHash, string Application, IReadOnlyList<LocalnetNode> Nodes,
        IReadOnlyList<LocalnetAccount> Accounts,
    string Explorer, int Supervisor, string Bind = "127.0.0.1", int EpochSeconds = LocalnetOptions.DefaultEpochSeconds)
{
    /// <summary>The node of a name.</summary>
    /// <exception cref="CommandFailure">There is none (exit code 2).</exception>
    public LocalnetNode Node(string name)
    {
        string[] names = [.. Nodes.Select(node => node.Name)];
        return Nodes.FirstOrDefault(node => node.Name == name)
            ?? throw new CommandFailure($"there is no node '{name}'{Nearest.Question(name, names)}; there are {string.Join(", ", names)}",
                ExitCode.Usage);
    }
}

/// <summary>Where a localnet keeps its files.</summary>
internal sealed class LocalnetLayout(string directory)
{
    /// <summary>Its folder, absolute.</summary>
    public string Directory { get; } = directory;

    /// <summary>localnet.json.</summary>
    public string DescriptionFile => Path.Combine(Directory, "localnet.json");

    /// <summary>Unix socket of the running supervisor.</summary>
    public string ControlSocket => Path.Combine(Directory, "control.sock");

    /// <summary>Held by the running supervisor.</summary>
    public string LockFile => Path.Combine(Directory, "supervisor.lock");

    /// <summary>Sources and scripts of a voyage, or of who walks through it by hand.</summary>
    public string VoyageFolder => Path.Combine(Directory, "voyage");

    /// <summary>Log of a supervisor in the background.</summary>
    public string SupervisorLog => Path.Combine(Directory, "supervisor.log");

    /// <summary>Home folder of a node.</summary>
    public string NodeHome(string name) => Path.Combine(Directory, name);

    /// <summary>What a node writes to its stdout and stderr.</summary>
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
    /// <exception cref="CommandFailure">It is not a path (exit code 2).</exception>
    public static LocalnetLayout Of(string? directory)
    {
        string home = Environment.GetEnvironmentVariable("THESEUS_HOME") is { Length: > 0 } set ? set
            : System.IO.Directory.GetCurrentDirectory();
        string chosen = directory
            ?? (Environment.GetEnvironmentVariable("THESEUS_LOCALNET") is { Length: > 0 } variable ? variable : Path.Combine(home,
                ".theseus", "localnet"));
        return chosen.Length > 0 && !chosen.Contains('\0', StringComparison.Ordinal)
            ? new LocalnetLayout(Path.GetFullPath(chosen))
            : throw new CommandFailure("--dir needs the path of a folder", ExitCode.Usage);
    }

    /// <summary>Bytes of a description: 17 nodes and 300 accounts have a tenth of it.</summary>
    private const int MaximumDescription = 1 << 20;

    /// <summary>The localnet that stands in the folder, null when there is none.</summary>
    /// <exception cref="CommandFailure">What is there is not a localnet's (exit code 4).</exception>
    public LocalnetFile? TryRead()
    {
        if (!File.Exists(DescriptionFile))
        {
            return null;
        }

        try
        {
            LocalnetFile? file = JsonSerializer.Deserialize<LocalnetFile>(
                new Place("--dir", DescriptionFile) { Unreadable = ExitCode.DataFolder }.Read(MaximumDescription), ApiJson.Options);
            return file is { Nodes.Count: > 0, Accounts: not null, Application: not null, Bind: not null, Explorer: not null }
                && file.Nodes.All(node => node is { Name: not null, Role: not null, Home: not null, Host: not null })
                && file.Accounts.All(account => account is { Name: not null, Seed: not null, Address: not null })
                ? file : throw Foreign("it lacks nodes or accounts");
        }
        catch (JsonException e)
        {
            throw Foreign(e.Message);
        }
    }

    /// <summary>As <see cref="TryRead"/>, where one must stand.</summary>
    /// <exception cref="CommandFailure">There is none (exit code 3).</exception>
    public LocalnetFile Read() =>
        TryRead() ?? throw new CommandFailure($"no localnet in {Directory}; start one with: theseus localnet{Hint}",
            ExitCode.Configuration);

    /// <summary>Replaces localnet.json whole.</summary>
    public void Write(LocalnetFile file)
    {
        string temporary = DescriptionFile + ".new";
        File.WriteAllBytes(temporary, JsonSerializer.SerializeToUtf8Bytes(file, ApiJson.Indented));
        File.Move(temporary, DescriptionFile, overwrite: true);
    }

    /// <summary>Removes only what a localnet made: a mistyped folder loses nothing.</summary>
    public void Clear()
    {
        if (TryRead() is not LocalnetFile file)
        {
            return;
        }

        foreach (string home in file.Nodes.Select(node => NodeHome(node.Name)).Append(VoyageFolder).Where(System.IO.Directory.Exists))
        {
            System.IO.Directory.Delete(home, recursive: true);
        }

        // a supervisor in the background is writing its log just now
        string[] log = Environment.GetEnvironmentVariable(DetachedVariable) is null ? [SupervisorLog] : [];
        foreach (string path in (string[])[Path.Combine(Directory, "genesis.blob"), Path.Combine(Directory, "validators.json"), .. log,
            DescriptionFile])
        {
            File.Delete(path);
        }
    }

    /// <summary>Set for a supervisor in the background: the log that its output goes to.</summary>
    public const string DetachedVariable = "THESEUS_DETACHED_LOG";

    private CommandFailure Foreign(string why) =>
        new($"{DescriptionFile} does not describe a localnet ({why}); remove it, or give another folder with --dir", ExitCode.DataFolder);
}
