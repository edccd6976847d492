using System.CommandLine;
using Theseus.Cli.Framework;
using Theseus.Cli.Localnet;
using Theseus.Client;

namespace Theseus.Cli.Commands;

/// <summary>Options that many commands share, and the connection that they name.</summary>
public static class Shared
{
    private const string UrlVariable = "THESEUS_URL";

    /// <summary>--url: the node to talk to.</summary>
    public static Option<string?> Url() => new("--url")
    {
        Description = $"Base address of a node. Default: {UrlVariable}, else the localnet's access node",
    };

    /// <summary>--dir: the localnet's folder.</summary>
    public static Option<string?> Dir() => new("--dir")
    {
        Description = "Folder of the localnet. Default: THESEUS_LOCALNET, else .theseus/localnet beside the launcher",
    };

    /// <summary>--json: one JSON document instead of text.</summary>
    public static Option<bool> Json() => new("--json") { Description = "Print one JSON document" };

    /// <summary>--at: the state after a block.</summary>
    public static Option<ulong?> At() => Inputs.Optional("--at",
        "Read the state as it was after this block. Default: after the newest one");

    /// <summary>--script-dir: the folder of a script package that exists. The two other names are accepted as well.</summary>
    public static Option<string> ScriptFolder() => new("--script-dir", "--proposal-script-dir")
    {
        Description = "Folder of the script package", Required = true,
    };

    /// <summary>--script-dir of commands that need no script, and show what the voted one does when they get it.</summary>
    public static Option<string?> BallotFolder() => new("--script-dir", "--proposal-script-dir")
    {
        Description = "Folder of the proposal's script package: checked against the hash that is voted on, and what it lets types do is shown",
    };

    /// <summary>
    /// What a voter must know of a proposal's script. The chain has its hash only, so the script comes from a folder, and is read itself:
    /// what its package says of it binds nobody.
    /// </summary>
    /// <param name="client">The node.</param>
    /// <param name="proposal">What is voted on.</param>
    /// <param name="folder">Of the script package; null shows nothing.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="CommandFailure">The folder has no script, or another than the proposal's.</exception>
    public static async Task<IReadOnlyList<string>> BallotAsync(
        TheseusClient client, ProposalInfo proposal, string? folder, CancellationToken cancellation)
    {
        if (folder is null)
        {
            return [];
        }

        (byte[] script, Protocol.Hash32 hash) = ScriptPackage.ReadScript(folder);
        if ("0x" + hash != proposal.ScriptHash)
        {
            throw new CommandFailure(
                $"the script in {folder} is not what proposal {proposal.Id} would run: its hash is 0x{hash}, voted on is {proposal.ScriptHash}");
        }

        IReadOnlyList<string> warnings = UpgradeScripts.WarningsOf(script, await ChainCode.ReadAsync(client, cancellation));
        foreach (string warning in warnings)
        {
            Terminal.Say("theseus: warning: " + warning);
        }

        return warnings;
    }

    /// <summary>The height of --at as the API takes it.</summary>
    public static At ToAt(ulong? height) => height is ulong value ? Client.At.AtHeight(value) : Client.At.Latest;

    /// <summary>Connects to the node that the options, the environment or the localnet name.</summary>
    /// <exception cref="CommandFailure">None of them names one, or it is not an http address.</exception>
    public static TheseusClient Connect(string? url, string? dir)
    {
        string? environment = Environment.GetEnvironmentVariable(UrlVariable);
        string? chosen = url ?? (string.IsNullOrEmpty(environment) ? null : environment);
        if (chosen is null)
        {
            LocalnetFile localnet = LocalnetLayout.Of(dir).TryRead()
                ?? throw new CommandFailure($"no node to talk to: give --url, set {UrlVariable}, or start one with: theseus localnet",
                    ExitCode.Configuration);
            chosen = localnet.Nodes.FirstOrDefault(node => node.Role == "access")?.Url ?? localnet.Nodes[0].Url;
        }

        if (!Uri.TryCreate(chosen, UriKind.Absolute, out Uri? address) || address.Scheme is not ("http" or "https")
            || address.Host.Length == 0)
        {
            throw new CommandFailure(
                $"{(url is null ? UrlVariable : "--url")}: '{chosen}' is not an address such as http://127.0.0.1:7140", ExitCode.Usage);
        }

        return new TheseusClient(address);
    }
}
