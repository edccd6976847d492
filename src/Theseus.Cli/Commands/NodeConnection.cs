using Theseus.Cli.Localnet;
using Theseus.Client;

namespace Theseus.Cli.Commands;

/// <summary>The node that a command talks to.</summary>
internal static class NodeConnection
{
    /// <summary>Names a node where --url does not.</summary>
    public const string UrlVariable = "THESEUS_URL";

    /// <summary>Connects to the node that --url names, else the environment, else the access node of the localnet.</summary>
    /// <param name="url">Of --url.</param>
    /// <param name="dir">Of --dir: where a localnet is looked for.</param>
    /// <exception cref="CommandFailure">None of them names one (exit code 3), or it is not an http address (exit code 2).</exception>
    public static TheseusClient Open(string? url, string? dir)
    {
        string? environment = Environment.GetEnvironmentVariable(UrlVariable);
        string? chosen = url ?? (string.IsNullOrEmpty(environment) ? null : environment);
        if (chosen is null)
        {
            LocalnetLayout layout = LocalnetLayout.Of(dir);
            LocalnetFile localnet = (dir is null ? layout.TryRead() : layout.Read())
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
