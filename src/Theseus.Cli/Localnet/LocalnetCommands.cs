using System.CommandLine;
using System.Diagnostics;
using System.Text.Json.Nodes;
using Theseus.Cli.Commands;

namespace Theseus.Cli.Localnet;

/// <summary>theseus localnet and its verbs.</summary>
public static class LocalnetCommands
{
    private static readonly TimeSpan FirstBlockPatience = TimeSpan.FromSeconds(60);

    public static Command Localnet()
    {
        Option<int> validators = new("--validators") { Description = "Number of validators, 1 to 16", DefaultValueFactory = _ => 4 };
        Option<int> basePort = new("--base-port") { Description = "Node i listens at base + 10 i; 0 picks free ports", DefaultValueFactory = _ => LocalnetOptions.DefaultBasePort };
        Option<string> bind = new("--bind") { Description = "Address to listen on", DefaultValueFactory = _ => "127.0.0.1" };
        Option<string> application = new("--application") { Description = "theseus (the chain) or kv (the key-value example)", DefaultValueFactory = _ => "theseus" };
        Option<int> epoch = new("--epoch-seconds") { Description = "Length of an epoch: how long a validator that bonds or unbonds waits", DefaultValueFactory = _ => LocalnetOptions.DefaultEpochSeconds };
        Option<bool> fresh = new("--fresh") { Description = "Begin anew: remove what an earlier localnet left in the folder" };
        Option<bool> detach = new("--detach") { Description = "Go on in the background" };
        Option<string?> dir = Shared.Dir();
        Option<bool> voyage = new("--voyage") { Description = "Drive load and, while it flows, upgrade the framework and the execution stack; print what it cost" };
        Option<bool> keep = new("--keep") { Description = "Leave the network up after the voyage" };
        Option<string?> json = new("--json") { Description = "Print one JSON document; with --voyage and a file name, write the rows there", Arity = ArgumentArity.ZeroOrOne };
        Command command = new("localnet", "A whole network on this machine: four validators and an access node\n\nExamples:\n  theseus localnet\n  theseus localnet --application kv\n  theseus localnet kill n2")
        {
            validators, basePort, bind, application, epoch, fresh, detach, voyage, keep, dir, json,
            Status(), Verb("kill", "Kill a node (kill -9)\n\nExample: theseus localnet kill n2"), Verb("restart", "Start a node that does not run\n\nExample: theseus localnet restart n2"), Stop(), Reset(), Logs(), Load(),
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            LocalnetOptions options = new(parsed.GetValue(validators), parsed.GetValue(basePort), parsed.GetValue(bind)!, parsed.GetValue(application)!, parsed.GetValue(epoch));
            if (options.Validators is < 1 or > 16)
            {
                throw new CommandFailure("a localnet has 1 to 16 validators", ExitCode.Usage);
            }

            if (options.EpochSeconds is < 1 or > LocalnetOptions.LongestEpochSeconds)
            {
                throw new CommandFailure($"an epoch has 1 to {LocalnetOptions.LongestEpochSeconds} seconds", ExitCode.Usage);
            }

            if (options.Application is not ("theseus" or "kv"))
            {
                throw new CommandFailure($"no application {options.Application}: theseus or kv", ExitCode.Usage);
            }

            LocalnetLayout layout = LocalnetLayout.Of(parsed.GetValue(dir));
            bool asJson = parsed.GetResult(json) is { Implicit: false };
            if (parsed.GetValue(voyage))
            {
                return await VoyageAsync(layout, options, parsed.GetValue(keep), asJson, parsed.GetValue(json), cancellation);
            }

            return parsed.GetValue(detach) ? await DetachAsync(layout, parsed, cancellation) : await RunAsync(layout, options, parsed.GetValue(fresh), asJson, cancellation);
        });
        return command;
    }

    /// <summary>Opens, or goes on with, a localnet and starts its nodes.</summary>
    public static async Task<Supervisor> StartAsync(LocalnetLayout layout, LocalnetOptions options, bool fresh, CancellationToken cancellation)
    {
        FileStream held = Supervisor.Lock(layout);
        try
        {
            Stopwatch stage = Stopwatch.StartNew();
            if (fresh)
            {
                Clear(layout);
            }

            LocalnetFile? standing = layout.TryRead();
            if (standing is not null && (standing.Application != options.Application || standing.Nodes.Count(node => node.Role == "validator") != options.Validators))
            {
                throw new CommandFailure($"{layout.Directory} holds a localnet of another shape ({standing.Application}, {standing.Nodes.Count(node => node.Role == "validator")} validators); begin anew with --fresh or give another --dir", ExitCode.DataFolder);
            }

            LocalnetFile file = standing is null ? LocalnetPlan.Create(layout, options) : standing with { Supervisor = Environment.ProcessId };
            layout.Write(file);
            try
            {
                LocalnetPlan.CheckPorts(file, options.Bind);
            }
            catch (CommandFailure) when (standing is null)
            {
                Clear(layout); // a localnet that never ran must not keep the next attempt to its ports
                throw;
            }

            Terminal.Say(standing is null ? $"made keys, genesis and {file.Nodes.Count} homes in {stage.ElapsedMilliseconds} ms: {LocalnetLayout.Short(layout.Directory)}" : $"going on with the localnet in {LocalnetLayout.Short(layout.Directory)}");
            string program = options.Application == "kv" ? await KvProgram.BuildAsync(cancellation) : Environment.ProcessPath!;
            Supervisor supervisor = new(layout, file, node => options.Application == "kv" ? [program, "--home", node.Home] : [program, "node", "--home", node.Home]);
            stage.Restart();
            supervisor.Start(held);
            await supervisor.WaitForHeightAsync(1, FirstBlockPatience, cancellation);
            Terminal.Say($"{file.Nodes.Count} nodes run, first block decided after {stage.ElapsedMilliseconds} ms");
            return supervisor;
        }
        catch
        {
            await held.DisposeAsync();
            throw;
        }
    }

    private static async Task<int> RunAsync(LocalnetLayout layout, LocalnetOptions options, bool fresh, bool json, CancellationToken cancellation)
    {
        await using Supervisor supervisor = await StartAsync(layout, options, fresh, cancellation);
        using IDisposable signals = supervisor.StopOnSignals();
        if (json)
        {
            Terminal.Json(supervisor.File);
        }
        else
        {
            Describe(layout, supervisor.File);
            Terminal.Say("Ctrl-C stops and keeps the state");
        }

        await supervisor.StopAsked;
        Terminal.Say("stopping; state is kept, 'theseus localnet' goes on with it");
        return ExitCode.Clean;
    }

    private static async Task<int> VoyageAsync(LocalnetLayout layout, LocalnetOptions options, bool keep, bool json, string? output, CancellationToken cancellation)
    {
        // A voyage is a story from block 1 on: it begins anew.
        await using Supervisor supervisor = await StartAsync(layout, options, fresh: true, cancellation);
        using IDisposable signals = supervisor.StopOnSignals();
        Theseus.Cli.Voyage.VoyageReport report = await new Theseus.Cli.Voyage.VoyageCommand(layout, supervisor).RunAsync(cancellation);
        if (output is not null)
        {
            Theseus.Cli.Voyage.VoyageCommand.Write(report, output);
            Terminal.Say($"rows and figures are in {output}");
        }

        if (json && output is null)
        {
            Terminal.Json(report.Figures);
        }
        else
        {
            Theseus.Cli.Voyage.VoyageCommand.Print(report);
        }

        IReadOnlyList<string> faults = report.Faults();
        foreach (string fault in faults)
        {
            Terminal.Say("theseus: " + fault);
        }

        if (keep)
        {
            Terminal.Say($"the network stays up; explorer {supervisor.File.Explorer}; Ctrl-C stops it");
            await supervisor.StopAsked;
        }

        return faults.Count == 0 ? ExitCode.Clean : ExitCode.Failure;
    }

    private static void Describe(LocalnetLayout layout, LocalnetFile file)
    {
        Terminal.Fields(("chain", file.Chain), ("genesis", file.GenesisHash), ("explorer", file.Explorer));
        Terminal.Table(["node", "role", "url", "data"], file.Nodes.Select(node => new[] { node.Name, node.Role, node.Url, LocalnetLayout.Short(node.Home) }));
        if (file.Accounts.Count > 0)
        {
            // plain lines: an address is as wide as a terminal allows beside its name, and is there to be copied
            Terminal.Say("accounts with public test keys:");
            Terminal.Fields([.. file.Accounts.Where(account => !account.Name.StartsWith("load", StringComparison.Ordinal)).Select(account => (account.Name, account.Address))]);
        }

        Terminal.Say(file.Application == "kv"
            ? $"try, in another terminal:\n  curl -X PUT {file.Nodes[0].Url}/kv/ship -d theseus\n  curl {file.Nodes[^1].Url}/kv/ship\n  ./theseus localnet kill n2{layout.Hint}\n  ./theseus localnet restart n2{layout.Hint}"
            : $"try, in another terminal:\n  ./theseus txs transfer --from alice --to bob --amount 5{layout.Hint}\n  ./theseus query status{layout.Hint}\n  ./theseus localnet kill n2{layout.Hint}\n  ./theseus localnet restart n2{layout.Hint}");
    }

    private static async Task<int> DetachAsync(LocalnetLayout layout, ParseResult parsed, CancellationToken cancellation)
    {
        using (Supervisor.Lock(layout))
        {
            // says at once that one runs already
        }

        string log = Path.Combine(layout.Directory, "supervisor.log");
        File.Delete(log); // what an earlier run wrote must not pass for this one's
        ProcessStartInfo start = new("setsid") { UseShellExecute = false, RedirectStandardInput = true };
        start.ArgumentList.Add("sh");
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add("exec \"$0\" \"$@\" >\"$THESEUS_DETACHED_LOG\" 2>&1 </dev/null");
        start.ArgumentList.Add(Environment.ProcessPath!);
        foreach (System.CommandLine.Parsing.Token token in parsed.Tokens.Where(token => token.Value != "--detach"))
        {
            start.ArgumentList.Add(token.Value);
        }

        start.Environment["THESEUS_DETACHED_LOG"] = log;
        using Process process = Process.Start(start)!;
        while (true)
        {
            // The supervisor bounds its own start; a first build may take minutes on a busy machine.
            if (process.HasExited)
            {
                throw new CommandFailure($"the localnet did not start:\n{Supervisor.Tail(log, 20)}", process.ExitCode == 0 ? ExitCode.Failure : process.ExitCode);
            }

            if (File.Exists(log) && (await File.ReadAllTextAsync(log, cancellation)).Contains("first block decided", StringComparison.Ordinal))
            {
                LocalnetFile file = layout.Read();
                if (parsed.Tokens.Any(token => token.Value == "--json"))
                {
                    Terminal.Json(file);
                }
                else
                {
                    Describe(layout, file);
                    Terminal.Say("running in the background; stop it with: ./theseus localnet stop" + layout.Hint);
                }

                return ExitCode.Clean;
            }

            await Task.Delay(100, cancellation);
        }
    }

    private static Command Status()
    {
        Option<string?> dir = Shared.Dir();
        Option<bool> json = Shared.Json();
        Command command = new("status", "Which nodes run and how far they are\n\nExample: theseus localnet status") { dir, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            LocalnetLayout layout = LocalnetLayout.Of(parsed.GetValue(dir));
            LocalnetFile file = layout.Read();
            JsonNode supervisor = JsonNode.Parse(await ControlSocket.AskAsync(layout.ControlSocket, "status"))!;
            using HttpClient http = new() { Timeout = TimeSpan.FromSeconds(2) };
            List<(LocalnetNode Node, JsonNode State, ulong? Height)> rows = [];
            foreach (LocalnetNode node in file.Nodes)
            {
                JsonNode state = supervisor["nodes"]!.AsArray().First(entry => entry!["name"]!.GetValue<string>() == node.Name)!;
                rows.Add((node, state, await Supervisor.HeightAsync(http, node, file.Application, cancellation)));
            }

            if (parsed.GetValue(json))
            {
                Terminal.Json(rows.Select(row => new { row.Node.Name, row.Node.Role, row.Node.Url, running = row.State["running"]!.GetValue<bool>(), pid = (int?)row.State["pid"], row.Height, restarts = (int)row.State["restarts"]! }));
            }
            else
            {
                Terminal.Table(["node", "role", "state", "pid", "height", "restarts"], rows.Select(row => new[]
                {
                    row.Node.Name, row.Node.Role, row.State["running"]!.GetValue<bool>() ? "running" : $"stopped ({row.State["exit"]})", row.State["pid"]?.ToString() ?? "–",
                    row.Height?.ToString() ?? "–", row.State["restarts"]!.ToString(),
                }));
            }

            return ExitCode.Clean;
        });
        return command;
    }

    private static Command Verb(string verb, string description)
    {
        Argument<string> node = new("node") { Description = "n1, n2, … or access" };
        Argument<string[]> extra = new("options") { Description = "Further options of the node, after --", Arity = ArgumentArity.ZeroOrMore };
        Option<string?> dir = Shared.Dir();
        Command command = new(verb, description) { node, dir };
        if (verb == "restart")
        {
            command.Arguments.Add(extra);
        }

        command.SetAction(async (parsed, _) =>
        {
            LocalnetLayout layout = LocalnetLayout.Of(parsed.GetValue(dir));
            LocalnetFile file = layout.Read();
            if (file.Nodes.All(candidate => candidate.Name != parsed.GetValue(node)))
            {
                throw new CommandFailure($"no node {parsed.GetValue(node)}; there are {string.Join(", ", file.Nodes.Select(candidate => candidate.Name))}", ExitCode.Usage);
            }

            string[] more = verb == "restart" ? parsed.GetValue(extra) ?? [] : [];
            JsonNode answer = JsonNode.Parse(await ControlSocket.AskAsync(layout.ControlSocket, string.Join(' ', [verb, parsed.GetValue(node)!, .. more])))!;
            if (!answer["ok"]!.GetValue<bool>())
            {
                throw new CommandFailure(answer["error"]!.GetValue<string>());
            }

            Terminal.Say($"{parsed.GetValue(node)} {(verb == "kill" ? "killed (kill -9)" : "started")}");
            return ExitCode.Clean;
        });
        return command;
    }

    private static Command Stop()
    {
        Option<string?> dir = Shared.Dir();
        Command command = new("stop", "Stop the localnet; its state is kept\n\nExample: theseus localnet stop") { dir };
        command.SetAction(async (parsed, cancellation) =>
        {
            LocalnetLayout layout = LocalnetLayout.Of(parsed.GetValue(dir));
            layout.Read();
            await ControlSocket.TryAskAsync(layout.ControlSocket, "stop"); // no answer: it is ending already, which is what was asked for
            while (IsHeld(layout))
            {
                await Task.Delay(50, cancellation);
            }

            return ExitCode.Clean;
        });
        return command;
    }

    private static Command Load()
    {
        Option<int> tps = new("--tps") { Description = "Signed transfers a second", DefaultValueFactory = _ => 50 };
        Option<int> seconds = new("--seconds") { Description = "How long", DefaultValueFactory = _ => 20 };
        Option<string?> dir = Shared.Dir();
        Option<bool> json = Shared.Json();
        Command command = new("load", "Drive signed transfers from the load accounts over all nodes\n\nExample: theseus localnet load --tps 50 --seconds 20") { tps, seconds, dir, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            LocalnetFile file = LocalnetLayout.Of(parsed.GetValue(dir)).Read();
            using Theseus.Cli.Voyage.LoadDriver load = new(file);
            await load.PrepareAsync(cancellation);
            using Theseus.Client.TheseusClient client = new(new Uri(file.Nodes[^1].Url));
            ulong from = (await client.StatusAsync(cancellation)).Height;
            using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            stop.CancelAfter(TimeSpan.FromSeconds(parsed.GetValue(seconds)));
            await Task.WhenAll(load.SendAsync(parsed.GetValue(tps), stop.Token), load.FollowAsync(from, TimeSpan.FromSeconds(20), stop.Token));
            var figures = new
            {
                sent = load.Requests.Count,
                succeeded = load.Requests.Count(request => request.Outcome == "success"),
                medianMs = load.Requests.Where(request => request.Done > 0).Select(request => request.Done - request.Sent).Order().ElementAtOrDefault(load.Requests.Count / 2),
                failures = load.Requests.Where(request => request.Outcome != "success").GroupBy(request => request.Outcome).Select(group => new { outcome = group.Key, count = group.Count() }).Take(5),
            };
            if (parsed.GetValue(json))
            {
                Terminal.Json(figures);
            }
            else
            {
                Terminal.Fields(("sent", figures.sent.ToString()), ("succeeded", figures.succeeded.ToString()), ("median until seen", $"{figures.medianMs} ms"));
                foreach (var failure in figures.failures)
                {
                    Terminal.Print($"{failure.count} x {failure.outcome}");
                }
            }

            return figures.sent == figures.succeeded ? ExitCode.Clean : ExitCode.Failure;
        });
        return command;
    }

    private static Command Reset()
    {
        Option<string?> dir = Shared.Dir();
        Command command = new("reset", "Remove a stopped localnet's data\n\nExample: theseus localnet reset") { dir };
        command.SetAction(parsed =>
        {
            LocalnetLayout layout = LocalnetLayout.Of(parsed.GetValue(dir));
            using (Supervisor.Lock(layout))
            {
                Clear(layout);
            }

            return ExitCode.Clean;
        });
        return command;
    }

    private static Command Logs()
    {
        Argument<string> node = new("node") { Description = "n1, n2, … or access" };
        Option<bool> follow = new("--follow", "-f") { Description = "Go on with what is written" };
        Option<string?> dir = Shared.Dir();
        Command command = new("logs", "Show a node's log\n\nExample: theseus localnet logs n2 -f") { node, follow, dir };
        command.SetAction(async (parsed, cancellation) =>
        {
            LocalnetLayout layout = LocalnetLayout.Of(parsed.GetValue(dir));
            LocalnetFile file = layout.Read();
            string name = parsed.GetValue(node)!;
            if (file.Nodes.All(candidate => candidate.Name != name))
            {
                throw new CommandFailure($"no node {name}; there are {string.Join(", ", file.Nodes.Select(candidate => candidate.Name))}", ExitCode.Usage);
            }

            using StreamReader reader = new(new FileStream(layout.LogOf(name), FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
            while (true)
            {
                if (await reader.ReadLineAsync(cancellation) is string line)
                {
                    Terminal.Print(line);
                }
                else if (parsed.GetValue(follow))
                {
                    await Task.Delay(100, cancellation);
                }
                else
                {
                    return ExitCode.Clean;
                }
            }
        });
        return command;
    }

    /// <summary>Removes only what a localnet made: a mistyped folder loses nothing.</summary>
    private static void Clear(LocalnetLayout layout)
    {
        if (layout.TryRead() is LocalnetFile file)
        {
            foreach (string home in file.Nodes.Select(node => layout.NodeHome(node.Name)).Append(layout.VoyageFolder).Where(Directory.Exists))
            {
                Directory.Delete(home, recursive: true);
            }

            // a supervisor in the background is writing its log just now
            string[] log = Environment.GetEnvironmentVariable("THESEUS_DETACHED_LOG") is null ? ["supervisor.log"] : [];
            foreach (string name in (string[])["genesis.blob", "validators.json", .. log, "localnet.json"])
            {
                File.Delete(Path.Combine(layout.Directory, name));
            }
        }
    }

    private static bool IsHeld(LocalnetLayout layout)
    {
        try
        {
            using FileStream probe = new(layout.LockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }
}
