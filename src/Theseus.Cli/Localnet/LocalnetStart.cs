using System.Diagnostics;

namespace Theseus.Cli.Localnet;

/// <summary>What a user asks of a localnet.</summary>
/// <param name="Options">As given, or their defaults.</param>
/// <param name="Given">Names of the options that were given, such as --base-port: these must hold for a localnet that stands
/// already.</param>
/// <param name="Fresh">Begin anew.</param>
internal sealed record LocalnetRequest(LocalnetOptions Options, IReadOnlySet<string> Given, bool Fresh)
{
    /// <summary>The options that hold for a localnet that stands already.</summary>
    /// <exception cref="CommandFailure">One that was given contradicts it (exit code 2).</exception>
    public LocalnetOptions For(LocalnetFile standing, string folder)
    {
        LocalnetOptions stands = new(
            standing.Nodes.Count(node => node.Role == "validator"), standing.Nodes[0].RpcPort, standing.Bind, standing.Application,
                standing.EpochSeconds);
        int basePort = Options.BasePort == 0 ? stands.BasePort : Options.BasePort; // 0 asks for any that are free
        (string Name, object Wanted, object Stands)[] all =
        [
            ("--validators", Options.Validators, stands.Validators), ("--base-port", basePort, stands.BasePort), ("--bind", Options.Bind,
                stands.Bind),
            ("--application", Options.Application, stands.Application), ("--epoch-seconds", Options.EpochSeconds, stands.EpochSeconds),
        ];
        string[] differ = [.. all.Where(one => Given.Contains(one.Name) && !one.Wanted.Equals(one.Stands)).Select(one =>
            $"{one.Name} {one.Stands}")];
        return differ.Length == 0 ? stands : throw new CommandFailure(
            $"{folder} holds a localnet with {string.Join(", ", differ)}; leave the option out to go on with it, or begin anew with "
                + $"--fresh", ExitCode.Usage);
    }
}

/// <summary>Makes, or goes on with, a localnet and starts its nodes.</summary>
internal static class LocalnetStart
{
    /// <summary>A start ends or fails with a reason within this time, on a busy machine too; on an idle one it takes two seconds.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    /// <summary>Attempts with other free ports when somebody takes one between its choice and its use.</summary>
    private const int MostAttempts = 5;

    /// <summary>Everything that can be known to be wrong before anything is written.</summary>
    /// <exception cref="CommandFailure">Something is.</exception>
    public static void Check(LocalnetLayout layout, LocalnetRequest request)
    {
        Preflight.CheckFolder(layout);
        Preflight.CheckNetwork(request.Options);
        if (Supervisor.IsHeld(layout))
        {
            throw Supervisor.Running(layout);
        }

        LocalnetFile? standing = layout.TryRead(); // what is somebody else's is not removed, not even with --fresh
        if (!request.Fresh && standing is not null)
        {
            LocalnetPlan.CheckPorts(standing.Nodes, request.For(standing, layout.Directory).Bind);
        }
        else
        {
            LocalnetPlan.Nodes(layout, request.Options);
        }
    }

    /// <summary>Starts the localnet; the first block is decided when this ends. Whatever goes wrong, nothing of it runs any more.</summary>
    /// <exception cref="CommandFailure">It cannot be started; the message says why.</exception>
    /// <exception cref="OperationCanceledException">Interrupted; said on stderr.</exception>
    public static async Task<Supervisor> RunAsync(LocalnetLayout layout, LocalnetRequest request, CancellationToken cancellation)
    {
        Check(layout, request);
        FileStream held = Supervisor.Lock(layout);
        bool made = request.Fresh || layout.TryRead() is null;
        try
        {
            for (int attempt = 1; ; attempt++)
            {
                (Supervisor? running, CommandFailure? failure) = await AttemptAsync(layout, request, held, made, cancellation);
                if (running is not null)
                {
                    return running;
                }

                if (attempt == MostAttempts)
                {
                    throw failure!;
                }

                Terminal.Say($"{failure!.Message}; trying others");
            }
        }
        catch (OperationCanceledException)
        {
            if (made)
            {
                layout.Clear(); // no block of it is known to be decided
            }

            await held.DisposeAsync();
            Terminal.Say(
                $"interrupted while starting: all nodes are stopped{(made ? ", and what was made is removed" : "; the state is kept")}");
            throw;
        }
        catch
        {
            await held.DisposeAsync();
            throw;
        }
    }

    // Null and a reason: a port was taken between its choice and its use, and other ports may do.
    private static async Task<(Supervisor? Running, CommandFailure? Failure)> AttemptAsync(
        LocalnetLayout layout, LocalnetRequest request, FileStream held, bool make, CancellationToken cancellation)
    {
        Supervisor? supervisor = null;
        try
        {
            Stopwatch stage = Stopwatch.StartNew();
            LocalnetFile file = Open(layout, request, make);
            Terminal.Say(make
                ? $"made keys, genesis and {file.Nodes.Count} homes in {stage.ElapsedMilliseconds} ms: "
                    + $"{LocalnetLayout.Short(layout.Directory)}"
                : $"going on with the localnet in {LocalnetLayout.Short(layout.Directory)}");
            bool kv = file.Application == "kv";
            string program = kv ? await KvProgram.BuildAsync(cancellation) : Environment.ProcessPath!;
            supervisor = new Supervisor(layout, file, node => kv ? [program, "--home", node.Home] : [program, "node", "--home", node.Home]);
            stage.Restart();
            supervisor.Start();
            await supervisor.WaitForHeightAsync(1, Patience, cancellation);
            supervisor.Adopt(held);
            Terminal.Say($"{file.Nodes.Count} nodes run, first block decided after {stage.ElapsedMilliseconds} ms");
            return (supervisor, null);
        }
        catch (NodeEndedException e)
        {
            await supervisor!.DisposeAsync();
            LocalnetFile file = supervisor.File;
            return LocalnetPlan.TakenPort(e.Process.Node, file.Bind) is int port && make && request.Options.BasePort == 0
                ? (null, new CommandFailure($"port {port} was taken by somebody else meanwhile", ExitCode.Configuration))
                : throw new CommandFailure(e.Message, e.Process.LastExit is > 0 and <= ExitCode.SigningRefused and int code ? code
                    : ExitCode.Failure);
        }
        catch
        {
            if (supervisor is not null)
            {
                await supervisor.DisposeAsync();
            }

            throw;
        }
    }

    private static LocalnetFile Open(LocalnetLayout layout, LocalnetRequest request, bool make)
    {
        if (!make)
        {
            LocalnetFile standing = layout.Read() with { Supervisor = Environment.ProcessId };
            LocalnetPlan.CheckPorts(standing.Nodes, standing.Bind);
            layout.Write(standing);
            return standing;
        }

        IReadOnlyList<LocalnetNode> nodes = LocalnetPlan.Nodes(layout, request.Options); // before the old one is removed
        layout.Clear();
        return LocalnetPlan.Create(layout, request.Options, nodes);
    }
}
