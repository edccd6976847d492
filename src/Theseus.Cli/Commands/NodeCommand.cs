using System.CommandLine;
using System.Net;
using Microsoft.Extensions.Logging;
using Theseus.Node;
using Theseus.Protocol;
using Theseus.Rpc;

namespace Theseus.Cli.Commands;

/// <summary>theseus node: runs one node from its home folder until it is told to stop.</summary>
internal static class NodeCommand
{
    /// <summary>The command.</summary>
    public static Command Node()
    {
        Option<string> home = new("--home") { Description = "Folder with node.json", Required = true };
        Option<string?> stacks = new(
            "--stacks") { Description = "Comma-separated names or numbers of the execution stacks to load. Default: all" };
        Option<bool> exit = new(
            "--exit-when-halted") { Description = "End with code 5 when the chain needs newer software, instead of serving history" };
        Option<string?> validator = new("--validator")
        {
            Description = "Address of the validator whose consensus key this node holds. Default: what node.json says",
        };
        Option<LogFormat> format = new("--log-format") { Description =
            "How log lines are written: text, or json for one JSON object per line" };
        Command command = new("node", "Run a node\n\nExample: theseus node --home /var/lib/theseus") { home, stacks, exit, validator,
            format };
        command.SetAction(async (parsed, cancellation) =>
        {
            using NodeLog log = new(Console.Out, parsed.GetValue(format), TimeProvider.System);
            return await RunAsync(
                parsed.GetValue(home)!, parsed.GetValue(stacks), parsed.GetValue(exit), parsed.GetValue(validator),
                    log.CreateLogger("Theseus.Node"), cancellation);
        });
        return command;
    }

    private static async Task<int> RunAsync(
        string home, string? stacks, bool exitWhenHalted, string? validator, ILogger log, CancellationToken cancellation)
    {
        if (Ed25519SelfTest.FirstFault() is string fault)
        {
            throw new CommandFailure($"the Ed25519 library on this machine judges signatures differently from the chain: {fault}");
        }

        NodeConfig config;
        ChainNode node;
        try
        {
            config = NodeConfig.Load(home);
            if (stacks is not null)
            {
                string[] names = stacks.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
                config = config with { Stacks = [.. names.Select(name => char.IsAsciiDigit(name[0]) ? "v" + name : name)] };
            }

            if (validator is not null)
            {
                config = Protocol.Address.TryParse(validator, out Protocol.Address address)
                    ? config with { Validator = address.ToLongString() }
                    : throw new CommandFailure($"--validator: '{validator}' is not an address", ExitCode.Usage);
            }

            if (config is { Role: NodeRole.Validator, Validator: null })
            {
                throw new ConfigurationException(
                    $"{Path.Combine(home, NodeConfig.FileName)}: a node with role validator needs validator, its address");
            }

            WarnOfOpenKey(Path.Combine(home, config.KeyFile), log);

            node = ChainNode.Open(home, config, log, TimeProvider.System);
        }
        catch (Exception e) when (e is not (CommandFailure or OperationCanceledException))
        {
            NodeEnd end = NodeEnd.Of(e);
            if (end.Kind == NodeEndKind.Failure)
            {
                log.Fault(e);
            }

            throw new CommandFailure($"{end.Message}; {end.Advice}", (int)end.Kind);
        }

        await using (node)
        {
            NodeFront front;
            try
            {
                node.Start();
                front = await NodeFront.StartAsync(
                    node, new IPEndPoint(IPAddress.Parse(config.Bind), config.Ports.Rpc), log.MethodFailed, cancellation);
            }
            catch (Exception e) when (e is ConfigurationException or IOException)
            {
                throw new CommandFailure(e.Message, ExitCode.Configuration);
            }

            await using (front)
            {
                log.Serves(config.Name, $"http://{front.EndPoint}/rpc/v1", node.Chain.Chain.Name, node.Chain.Head.Height);
                await WaitAsync(node, exitWhenHalted, cancellation);
            }

            if (node.End is { } ended)
            {
                Terminal.Say($"theseus: {ended.Message}; {ended.Advice}");
                return (int)ended.Kind;
            }

            return node.Outdated.IsCompleted && exitWhenHalted ? ExitCode.NeedsNewerSoftware : ExitCode.Clean;
        }
    }

    private static void WarnOfOpenKey(string file, ILogger log)
    {
        if (File.Exists(file) && KeyFile.IsOpenToOthers(file))
        {
            log.KeyIsOpen(Path.GetFullPath(file));
        }
    }

    /// <summary>Until a signal, the supervisor's end (our input closes), or the node's own.</summary>
    private static async Task WaitAsync(ChainNode node, bool exitWhenHalted, CancellationToken interrupted)
    {
        TaskCompletionSource stop = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using CancellationTokenRegistration registration = interrupted.Register(() => stop.TrySetResult());
        Task input = Environment.GetEnvironmentVariable("THESEUS_SUPERVISED") == "1" ? InputEndAsync() : Task.Delay(Timeout.Infinite,
            interrupted);
        Task outdated = exitWhenHalted ? node.Outdated : Task.Delay(Timeout.Infinite, interrupted);
        await Task.WhenAny(stop.Task, input, node.Completion, outdated);
    }

    // The console's reader blocks its caller even when asked asynchronously, and so hid every other end; the stream's read does not.
    private static async Task InputEndAsync()
    {
        await using Stream input = Console.OpenStandardInput();
        byte[] ignored = new byte[256];
        while (await input.ReadAsync(ignored) > 0)
        {
            // the supervisor says nothing: only the end counts
        }
    }
}
