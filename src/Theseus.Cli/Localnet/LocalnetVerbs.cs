using System.CommandLine;
using System.Text.Json.Nodes;
using Theseus.Cli.Commands;

namespace Theseus.Cli.Localnet;

/// <summary>theseus localnet status | kill | restart | stop | reset | logs: each asks the running supervisor, or looks at its
/// files.</summary>
internal static class LocalnetVerbs
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);

    /// <summary>Which nodes run and how far they are.</summary>
    public static Command Status()
    {
        Option<string?> dir = CommonOptions.Dir();
        Option<bool> json = CommonOptions.Json();
        Command command = new("status", "Which nodes run and how far they are\n\nExample: theseus localnet status") { dir, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            LocalnetLayout layout = LocalnetLayout.Of(parsed.GetValue(dir));
            LocalnetFile file = layout.Read();
            JsonNode supervisor = JsonNode.Parse(await ControlSocket.AskAsync(layout.ControlSocket, "status"))!;
            JsonArray processes = supervisor["nodes"]!.AsArray();
            NodeState[] states = await Task.WhenAll(file.Nodes.Select(node => NodeState.ReadAsync(
                node, file.Application, processes.First(entry => (string?)entry!["name"] == node.Name)!, cancellation)));
            if (parsed.GetValue(json))
            {
                Terminal.Json(states);
            }
            else
            {
                Terminal.Table(["node", "role", "pid", "height", "restarts", "state"], states.Select(state => new[]
                {
                    state.Name, state.Role, state.Pid?.ToString() ?? "–", state.Height?.ToString() ?? "–", state.Restarts.ToString(),
                        state.State,
                }));
            }

            if (FreeSpace.Warning(layout.Directory, long.TryParse(supervisor["freeBytes"]?.ToString(), out long free) ? free
                : null) is string warning)
            {
                Terminal.Say("theseus: warning: " + warning);
            }

            return ExitCode.Clean;
        });
        return command;
    }

    /// <summary>kill -9 of a node.</summary>
    public static Command Kill() => Verb("kill", "Kill a node (kill -9)\n\nExample: theseus localnet kill n2", null, "killed (kill -9)");

    /// <summary>Starts a node that ended.</summary>
    public static Command Restart() => Verb(
        "restart", "Start a node that does not run\n\nExample: theseus localnet restart n2",
        new Argument<string[]>("options") { Description = "Further options of the node, after --", Arity = ArgumentArity.ZeroOrMore },
            "started");

    /// <summary>Stops everything.</summary>
    public static Command Stop()
    {
        Option<string?> dir = CommonOptions.Dir();
        Command command = new("stop", "Stop the localnet; its state is kept\n\nExample: theseus localnet stop") { dir };
        command.SetAction(async (parsed, cancellation) =>
        {
            LocalnetLayout layout = LocalnetLayout.Of(parsed.GetValue(dir));
            layout.Read();
            if (await ControlSocket.TryAskAsync(layout.ControlSocket, "stop") is null && !Supervisor.IsHeld(layout))
            {
                throw ControlSocket.NotRunning(layout.Hint);
            }

            while (Supervisor.IsHeld(layout)) // no answer while it is held: it is ending already, which is what was asked for
            {
                await Task.Delay(Poll, cancellation);
            }

            Terminal.Say($"stopped; the state is kept, 'theseus localnet{layout.Hint}' goes on with it");
            return ExitCode.Clean;
        });
        return command;
    }

    /// <summary>Removes the data.</summary>
    public static Command Reset()
    {
        Option<string?> dir = CommonOptions.Dir();
        Command command = new("reset", "Remove a stopped localnet's data\n\nExample: theseus localnet reset") { dir };
        command.SetAction(parsed =>
        {
            LocalnetLayout layout = LocalnetLayout.Of(parsed.GetValue(dir));
            if (Supervisor.IsHeld(layout))
            {
                throw new CommandFailure(
                    $"the localnet in {layout.Directory} runs; stop it first with: theseus localnet stop{layout.Hint}",
                        ExitCode.DataFolder);
            }

            if (layout.TryRead() is null)
            {
                Terminal.Say($"no localnet in {layout.Directory}: nothing to remove");
                return ExitCode.Clean;
            }

            using (Supervisor.Lock(layout))
            {
                layout.Clear();
            }

            Terminal.Say($"removed the localnet in {layout.Directory}");
            return ExitCode.Clean;
        });
        return command;
    }

    /// <summary>Shows a log.</summary>
    public static Command Logs()
    {
        Argument<string> node = new("node") { Description = "n1, n2, … or access" };
        Option<bool> follow = new("--follow", "-f") { Description = "Go on with what is written" };
        Option<string?> dir = CommonOptions.Dir();
        Command command = new("logs", "Show a node's log\n\nExample: theseus localnet logs n2 -f") { node, follow, dir };
        command.SetAction(async (parsed, cancellation) =>
        {
            LocalnetLayout layout = LocalnetLayout.Of(parsed.GetValue(dir));
            string log = layout.LogOf(layout.Read().Node(parsed.GetValue(node)!).Name);
            if (!File.Exists(log))
            {
                throw new CommandFailure($"there is no log yet: {log}");
            }

            return await ShowAsync(log, parsed.GetValue(follow), cancellation);
        });
        return command;
    }

    private static async Task<int> ShowAsync(string log, bool follow, CancellationToken cancellation)
    {
        while (true)
        {
            using StreamReader reader = new(new FileStream(log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
            DateTime made = File.GetCreationTimeUtc(log);
            while (true)
            {
                if (await reader.ReadLineAsync(CancellationToken.None) is string line)
                {
                    Terminal.Print(line);
                }
                else if (!follow || cancellation.IsCancellationRequested)
                {
                    return ExitCode.Clean;
                }
                else if (File.Exists(log) && File.GetCreationTimeUtc(log) != made)
                {
                    break; // exchanged for a new one
                }
                else
                {
                    await Task.WhenAny(Task.Delay(Poll, cancellation));
                }
            }
        }
    }

    private static Command Verb(string verb, string description, Argument<string[]>? extra, string done)
    {
        Argument<string> node = new("node") { Description = "n1, n2, … or access" };
        Option<string?> dir = CommonOptions.Dir();
        Command command = new(verb, description) { node, dir };
        if (extra is not null)
        {
            command.Arguments.Add(extra);
        }

        command.SetAction(async (parsed, _) =>
        {
            LocalnetLayout layout = LocalnetLayout.Of(parsed.GetValue(dir));
            string name = layout.Read().Node(parsed.GetValue(node)!).Name;
            string[] more = extra is null ? [] : parsed.GetValue(extra) ?? [];
            JsonNode answer = JsonNode.Parse(await ControlSocket.AskAsync(layout.ControlSocket, string.Join(' ', [verb, name, .. more])))!;
            if (!(bool)answer["ok"]!)
            {
                throw new CommandFailure((string)answer["error"]!);
            }

            Terminal.Say($"{name} {done}");
            return ExitCode.Clean;
        });
        return command;
    }
}
