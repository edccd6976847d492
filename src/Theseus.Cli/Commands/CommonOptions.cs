using System.CommandLine;
using Theseus.Client;

namespace Theseus.Cli.Commands;

/// <summary>Options that many commands have.</summary>
internal static class CommonOptions
{
    /// <summary>--url: the node to talk to.</summary>
    public static Option<string?> Url() => new("--url")
    {
        Description = $"Base address of a node. Default: {NodeConnection.UrlVariable}, else the localnet's access node",
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
}
