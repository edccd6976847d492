using System.Text.Json;
using System.Text.Json.Nodes;
using Theseus.Client;

namespace Theseus.Cli.Localnet;

/// <summary>What localnet status says of a node.</summary>
/// <param name="Name">n1, n2, … or access.</param>
/// <param name="Role">validator or access.</param>
/// <param name="Url">Base address of its RPC.</param>
/// <param name="Running">Whether its process lives.</param>
/// <param name="State">running, why it is not ready as /ready says it, "halted: …", or how it ended.</param>
/// <param name="Pid">Its process.</param>
/// <param name="Height">Newest block that it executed, null when it does not answer.</param>
/// <param name="Restarts">Times that it was started again.</param>
internal sealed record NodeState(string Name, string Role, string Url, bool Running, string State, int? Pid, ulong? Height, int Restarts)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Joins what the supervisor knows of the process with what the node says of itself.</summary>
    public static async Task<NodeState> ReadAsync(LocalnetNode node, string application, JsonNode process, CancellationToken cancellation)
    {
        bool running = (bool)process["running"]!;
        NodeState known = new(
            node.Name, node.Role, node.Url, running, running ? "running" : $"stopped ({ExitCode.Describe((int?)process["exit"])})", (
                int?)process["pid"], null,
            (int)process["restarts"]!);
        if (!running)
        {
            return known;
        }

        if (application == "kv")
        {
            using HttpClient http = new() { Timeout = Patience };
            ulong? height = await Supervisor.HeightAsync(http, node, application, cancellation);
            return known with { Height = height, State = height is null ? "does not answer" : known.State };
        }

        try
        {
            using TheseusClient client = new(new Uri(node.Url), Patience);
            StatusInfo status = await client.StatusAsync(cancellation);
            return known with { Height = status.Height, State = Describe(status) };
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException or JsonException or RpcException
            && !cancellation.IsCancellationRequested)
        {
            return known with { State = "does not answer" };
        }
    }

    /// <summary>A node's own state in few words: a component and its version, not the ids of modules.</summary>
    public static string Describe(StatusInfo status) =>
        status.Halted is null ? status.NotReadyReason ?? (status.Syncing ? "catching up" : "running")
        : status.Versions.FirstOrDefault(version => !version.Supported && IsNamed(status.Halted, version)) is { } lacking
            ? $"halted: needs {lacking.Component} {lacking.ScheduledVersion ?? lacking.Version}, which its software lacks"
            : $"halted: {status.Halted}";

    // what is scheduled and lacking need not be what halted the node
    private static bool IsNamed(string halted, VersionInfo version) => halted.Contains(Digits(version.ModuleId), StringComparison.Ordinal)
        || (version.ScheduledModuleId is { } scheduled && halted.Contains(Digits(scheduled), StringComparison.Ordinal));

    private static string Digits(string id) => id.StartsWith("0x", StringComparison.Ordinal) ? id[2..] : id;
}
