using System.CommandLine;
using Theseus.Cli.Localnet;
using Theseus.Client;

namespace Theseus.Cli.Commands;

/// <summary>Options that many commands share.</summary>
public static class Shared
{
    public static Option<string?> Url() => new("--url") { Description = "Base address of a node; else THESEUS_URL, else the localnet's access node" };

    public static Option<string?> Dir() => new("--dir") { Description = "Folder of the localnet; else THESEUS_LOCALNET, else .theseus/localnet beside the launcher" };

    public static Option<bool> Json() => new("--json") { Description = "Print one JSON document" };

    public static Option<ulong?> At() => new("--at") { Description = "Block height to read at; the newest one when left out" };

    public static At ToAt(ulong? height) => height is ulong value ? Client.At.AtHeight(value) : Client.At.Latest;

    /// <summary>Connects to the node that the options, the environment or the localnet name.</summary>
    public static TheseusClient Connect(string? url, string? dir)
    {
        string? chosen = url ?? Environment.GetEnvironmentVariable("THESEUS_URL");
        if (string.IsNullOrEmpty(chosen))
        {
            LocalnetFile? localnet = LocalnetLayout.Of(dir).TryRead()
                ?? throw new CommandFailure("no node to talk to: give --url, set THESEUS_URL, or start one with: theseus localnet", ExitCode.Configuration);
            chosen = localnet.Nodes.FirstOrDefault(node => node.Role == "access")?.Url ?? localnet.Nodes[0].Url;
        }

        if (!Uri.TryCreate(chosen, UriKind.Absolute, out Uri? address) || address.Scheme is not ("http" or "https"))
        {
            throw new CommandFailure($"not an http address: {chosen}", ExitCode.Usage);
        }

        return new TheseusClient(address);
    }
}
