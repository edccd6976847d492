using System.CommandLine;
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
