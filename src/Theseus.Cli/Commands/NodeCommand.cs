using System.CommandLine;
using System.Net;
using System.Runtime.InteropServices;
using Theseus.Node;
using Theseus.Protocol;
using Theseus.Rpc;
using Theseus.Storage;

namespace Theseus.Cli.Commands;

/// <summary>theseus node: runs one node from its home folder until it is told to stop.</summary>
public static class NodeCommand
{
    public static Command Node()
    {
        Option<string> home = new("--home") { Description = "Folder with node.json", Required = true };
        Option<string?> stacks = new("--stacks") { Description = "Comma-separated names or numbers of the execution stacks to load; all when left out" };
        Option<bool> exit = new("--exit-when-halted") { Description = "End with code 5 when the chain needs newer software, instead of serving history" };
        Option<string?> validator = new("--validator") { Description = "Address of the validator whose consensus key this node holds; else what node.json says" };
        Command command = new("node", "Run a node\n\nExample: theseus node --home /var/lib/theseus") { home, stacks, exit, validator };
        command.SetAction(async (parsed, cancellation) => await RunAsync(parsed.GetValue(home)!, parsed.GetValue(stacks), parsed.GetValue(exit), parsed.GetValue(validator), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(string home, string? stacks, bool exitWhenHalted, string? validator, CancellationToken cancellation)
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
                config = config with { Stacks = [.. stacks.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(name => char.IsAsciiDigit(name[0]) ? "v" + name : name)] };
            }

            if (validator is not null)
            {
                config = Protocol.Address.TryParse(validator, out Protocol.Address address)
                    ? config with { Validator = address.ToLongString() }
                    : throw new CommandFailure($"--validator: {validator} is no address", ExitCode.Usage);
            }

            node = ChainNode.Open(home, config, Log, TimeProvider.System);
        }
        catch (ConfigurationException e)
        {
            throw new CommandFailure(e.Message, ExitCode.Configuration);
        }
        catch (StoreException e)
        {
            throw new CommandFailure(e.Message, e.Fault is StoreFault.OtherChain ? ExitCode.Configuration : ExitCode.DataFolder);
        }
        catch (DivergenceException e)
        {
            throw new CommandFailure(e.Message, ExitCode.StateDivergence);
        }

        await using (node)
        {
            HttpFront front;
            using Dispatcher dispatcher = new ChainMethods(node).Dispatcher();
            dispatcher.Failed = (method, e) => Log($"error: {method}: {e}");
            try
            {
                node.Start();
                front = await HttpFront.StartAsync(
                    new IPEndPoint(IPAddress.Parse(config.Bind), config.Ports.Rpc), dispatcher,
                    new FrontProbes(() => node.Fault is null, () => node.Halted ?? (node.IsSyncing ? "catching up" : null), () => NodeMetrics.Text(node), () => node.Warning), cancellation);
            }
            catch (Exception e) when (e is ConfigurationException or IOException)
            {
                throw new CommandFailure(e.Message, ExitCode.Configuration);
            }

            await using (front)
            {
                Log($"{config.Name} serves http://{front.EndPoint}/rpc/v1, chain {node.Chain.Chain.Name}, head {node.Chain.Head.Height}");
                await WaitAsync(node, exitWhenHalted, cancellation);
            }

            return node.Fault switch
            {
                DivergenceException e => Fail(e.Message + "; compare with another node: theseus query block", ExitCode.StateDivergence),
                not null => ExitCode.Failure,
                null when node.Halted is not null && exitWhenHalted => ExitCode.NeedsNewerSoftware,
                _ => ExitCode.Clean,
            };
        }
    }

    private static int Fail(string message, int code)
    {
        Terminal.Say("theseus: " + message);
        return code;
    }

    /// <summary>Until a signal, the supervisor's end (our input closes), or the node's own.</summary>
    private static async Task WaitAsync(ChainNode node, bool exitWhenHalted, CancellationToken cancellation)
    {
        TaskCompletionSource stop = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle);
        Task input = Environment.GetEnvironmentVariable("THESEUS_SUPERVISED") == "1" ? Console.In.ReadToEndAsync(cancellation) : Task.Delay(Timeout.Infinite, cancellation);
        while (!stop.Task.IsCompleted && !input.IsCompleted && node.Fault is null)
        {
            await Task.WhenAny(stop.Task, input, node.Completion);
            if (node.Completion.IsCompleted && node.Fault is null)
            {
                // Halted, not broken: history stays served until somebody stops the node.
                if (exitWhenHalted)
                {
                    return;
                }

                await Task.WhenAny(stop.Task, input);
            }
        }

        void Handle(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stop.TrySetResult();
        }
    }

    private static void Log(string line) => Console.Out.WriteLine($"{DateTime.UtcNow:HH:mm:ss.fff} {line}");
}
