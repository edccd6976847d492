using System.CommandLine;
using System.Diagnostics;
using System.Text.Json.Nodes;
using Theseus.Cli.Commands;
using Theseus.Cli.Voyage;
using Theseus.Node;

namespace Theseus.Cli.Localnet;

/// <summary>theseus localnet: starts one in the foreground, in the background, or for a voyage.</summary>
internal sealed class LocalnetCommands
{
    private readonly Option<int> _validators = Inputs.Whole(
        "--validators", $"Number of validators, 1 to {LocalnetOptions.MostValidators}", 1, LocalnetOptions.MostValidators, 4);

    private readonly Option<int> _basePort = Inputs.Whole(
        "--base-port", "Node i listens on the ports from this + 10 i; 0 picks free ones", 0, 65_535, LocalnetOptions.DefaultBasePort);

    private readonly Option<string> _bind = new("--bind") { Description = "IP address to listen on", DefaultValueFactory = _ =>
        "127.0.0.1" };

    private readonly Option<string> _application = Inputs.OneOf(
        "--application", "theseus (the chain) or kv (the key-value example)", "theseus", "theseus", "kv");

    private readonly Option<int> _epoch = Inputs.Whole(
        "--epoch-seconds", "Length of an epoch: how long a validator that bonds or unbonds waits", 1, LocalnetOptions.LongestEpochSeconds,
        LocalnetOptions.DefaultEpochSeconds);

    private readonly Option<bool> _fresh = new(
        "--fresh") { Description = "Begin anew: remove what an earlier localnet left in the folder" };
    private readonly Option<bool> _detach = new("--detach") { Description = "Go on in the background" };
    private readonly Option<string?> _dir = CommonOptions.Dir();

    private readonly Option<bool> _voyage = new("--voyage")
    {
        Description = "Drive load and, while it flows, upgrade the framework and the execution stack; print what it cost. Begins anew",
    };

    private readonly Option<bool> _keep = new("--keep") { Description = "Leave the network up after the voyage" };

    private readonly Option<string?> _json = new("--json")
    {
        Description = "Print one JSON document; with --voyage and a file name, write the rows there", Arity = ArgumentArity.ZeroOrOne,
    };

    private LocalnetCommands()
    {
    }

    /// <summary>theseus localnet and its verbs.</summary>
    public static Command Localnet() => new LocalnetCommands().Build();

    private Command Build()
    {
        Command command = new(
            "localnet",
            "A whole network on this machine: four validators and an access node\n\nExamples:\n  theseus localnet\n  theseus localnet "
                + "--application kv\n"
            + "  theseus localnet kill n2")
        {
            _validators, _basePort, _bind, _application, _epoch, _fresh, _detach, _voyage, _keep, _dir, _json,
            LocalnetVerbs.Status(), LocalnetVerbs.Kill(), LocalnetVerbs.Restart(), LocalnetVerbs.Stop(), LocalnetVerbs.Reset(),
                LocalnetVerbs.Logs(),
            LoadCommand.Load(),
        };
        command.SetAction(RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        Option[] shape = [_validators, _basePort, _bind, _application, _epoch];
        LocalnetRequest request = new(
            new(parsed.GetValue(_validators), parsed.GetValue(_basePort), parsed.GetValue(_bind)!, parsed.GetValue(_application)!,
                parsed.GetValue(_epoch)),
            shape.Where(option => parsed.GetResult(option) is { Implicit: false }).Select(option => option.Name).ToHashSet(),
            parsed.GetValue(_fresh) || parsed.GetValue(_voyage));
        LocalnetLayout layout = LocalnetLayout.Of(parsed.GetValue(_dir));
        bool json = parsed.GetResult(_json) is { Implicit: false };
        string? output = parsed.GetValue(_json);
        CheckTogether(parsed, request, output);
        LocalnetStart.Check(layout, request);
        if (parsed.GetValue(_voyage))
        {
            return await VoyageAsync(layout, request, parsed.GetValue(_keep), json, output, cancellation);
        }

        return parsed.GetValue(_detach)
            ? await DetachAsync(layout, parsed, json, cancellation)
            : await ForegroundAsync(layout, request, json, cancellation);
    }

    private void CheckTogether(ParseResult parsed, LocalnetRequest request, string? output)
    {
        bool voyage = parsed.GetValue(_voyage);
        string? wrong =
            voyage && parsed.GetValue(_detach) ? "--voyage ends by itself: --detach does not go with it"
            : voyage && !request.Options.IsChain ? "--voyage upgrades the chain: --application kv does not go with it"
            : !voyage && parsed.GetValue(_keep) ? "--keep goes with --voyage only"
            : !voyage && output is not null ? "a file name after --json goes with --voyage only"
            : null;
        if (wrong is not null)
        {
            throw new CommandFailure(wrong, ExitCode.Usage);
        }

        if (output is not null)
        {
            new Place("--json", output).CheckFile(); // before a minute's voyage, not after it
        }
    }

    private static async Task<int> ForegroundAsync(LocalnetLayout layout, LocalnetRequest request, bool json,
        CancellationToken cancellation)
    {
        await using Supervisor supervisor = await LocalnetStart.RunAsync(layout, request, cancellation);
        if (json)
        {
            Terminal.Json(supervisor.File);
        }
        else
        {
            Describe(layout, supervisor.File);
            Terminal.Say("Ctrl-C stops and keeps the state");
        }

        await EndAsync(supervisor, cancellation);
        Terminal.Say($"stopping; state is kept, 'theseus localnet{layout.Hint}' goes on with it");
        return ExitCode.Clean;
    }

    private static async Task<int> VoyageAsync(
        LocalnetLayout layout, LocalnetRequest request, bool keep, bool json, string? output, CancellationToken cancellation)
    {
        await using Supervisor supervisor = await LocalnetStart.RunAsync(layout, request, cancellation);
        VoyageReport report = await new VoyageCommand(layout, supervisor).RunAsync(cancellation);
        if (output is not null)
        {
            VoyageCommand.Write(report, output);
            Terminal.Say($"rows and figures are in {output}");
        }

        if (json && output is null)
        {
            Terminal.Json(report.Figures);
        }
        else
        {
            VoyageCommand.Print(report);
        }

        IReadOnlyList<string> faults = report.Faults();
        foreach (string fault in faults)
        {
            Terminal.Say("theseus: " + fault);
        }

        if (keep)
        {
            Terminal.Say($"the network stays up; explorer {supervisor.File.Explorer}; Ctrl-C stops it");
            await EndAsync(supervisor, cancellation);
        }

        return faults.Count == 0 ? ExitCode.Clean : ExitCode.Failure;
    }

    // Until a verb or a signal asks to stop.
    private static async Task EndAsync(Supervisor supervisor, CancellationToken cancellation)
    {
        TaskCompletionSource interrupted = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using CancellationTokenRegistration registration = cancellation.Register(interrupted.SetResult);
        await Task.WhenAny(supervisor.StopAsked, interrupted.Task);
    }

    private static void Describe(LocalnetLayout layout, LocalnetFile file)
    {
        Terminal.Fields(("chain", file.Chain), ("genesis", file.GenesisHash), ("explorer", file.Explorer));
        Terminal.Table(["node", "role", "url", "data"], file.Nodes.Select(node => new[] { node.Name, node.Role, node.Url,
            LocalnetLayout.Short(node.Home) }));
        if (file.Application == "kv")
        {
            string kv = file.Nodes[0].Url + "/kv/ship";
            Terminal.Say(
                $"try, in another terminal:\n  curl -X PUT {kv} -d theseus\n  curl {file.Nodes[^1].Url}/kv/ship\n"
                + $"  ./theseus localnet kill n2{layout.Hint}\n  ./theseus localnet restart n2{layout.Hint}");
            return;
        }

        // plain lines: an address is as wide as a terminal allows beside its name, and is there to be copied
        Terminal.Say("accounts with public test keys:");
        Terminal.Fields([.. file.Accounts.Where(account => !account.IsLoad).Select(account => (account.Name, account.Address))]);
        Terminal.Say(
            $"kept: the last {LocalnetOptions.KeptBlocks:N0} blocks, the state of the last {NodeConfig.DefaultRetention:N0}\n"
            + $"(blockRetention and retention in node.json; 0 keeps all); logs: {RotatingLog.DefaultBytes / (1024 * 1024)} MiB twice per "
                + $"node");
        Terminal.Say(
            $"try, in another terminal:\n  ./theseus txs transfer --from alice --to bob --amount 5{layout.Hint}\n  ./theseus query "
                + $"status{layout.Hint}\n"
            + $"  ./theseus localnet kill n2{layout.Hint}\n  ./theseus localnet restart n2{layout.Hint}");
    }

    private static async Task<int> DetachAsync(LocalnetLayout layout, ParseResult parsed, bool json, CancellationToken cancellation)
    {
        Directory.CreateDirectory(layout.Directory);
        using Process supervisor = Process.Start(Background(layout, parsed))!;
        try
        {
            // The supervisor bounds its own start, or ends with a reason; a first build of the example may take minutes on a busy machine.
            while (!supervisor.HasExited)
            {
                if (await ControlSocket.TryAskAsync(layout.ControlSocket, "started").WaitAsync(cancellation) is string answer && (
                    bool)JsonNode.Parse(answer)!["ok"]!
                    && layout.Read() is LocalnetFile file && file.Supervisor == supervisor.Id)
                {
                    if (json)
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
        catch (OperationCanceledException)
        {
            Signals.Terminate(supervisor.Id);
            await supervisor.WaitForExitAsync(CancellationToken.None);
            throw new CommandFailure("interrupted while starting: all nodes are stopped");
        }

        string said = Supervisor.Tail(layout.SupervisorLog, 20);
        throw new CommandFailure($"the localnet did not start:\n{said}", supervisor.ExitCode == 0 ? ExitCode.Failure : supervisor.ExitCode);
    }

    // A session of its own, so that the terminal's Ctrl-C and end do not reach it. The shell becomes the supervisor: its process id stays.
    private static ProcessStartInfo Background(LocalnetLayout layout, ParseResult parsed)
    {
        ProcessStartInfo start = new("setsid") { UseShellExecute = false, RedirectStandardInput = true };
        start.ArgumentList.Add("sh");
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add($"exec \"$0\" \"$@\" >\"${LocalnetLayout.DetachedVariable}\" 2>&1 </dev/null");
        start.ArgumentList.Add(Environment.ProcessPath!);
        foreach (System.CommandLine.Parsing.Token token in parsed.Tokens.Where(token => token.Value != "--detach"))
        {
            start.ArgumentList.Add(token.Value);
        }

        start.Environment[LocalnetLayout.DetachedVariable] = layout.SupervisorLog;
        return start;
    }
}
