using System.Diagnostics;
using System.Text.Json.Nodes;
using Theseus.Cli.Commands;
using Theseus.Cli.Localnet;
using Theseus.Cli.Tests.Localnet;
using Theseus.Client;

namespace Theseus.Cli.Tests.Hostile;

/// <summary>Tests that measure a real network under attack: alone on the machine, after those that run side by side.</summary>
[CollectionDefinition("hostile", DisableParallelization = true)]
public sealed class HostileCollection;

/// <summary>A real localnet of this build with the chain: real processes, sockets and disks, in a folder of its own.</summary>
internal sealed class HostileNetwork : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();

    private bool _isStopped;

    private HostileNetwork()
    {
    }

    public LocalnetFile File { get; private set; } = null!;

    public string Directory => _folder.Sub("net");

    public Wallet Wallet => new(File);

    public static async Task<HostileNetwork> StartAsync()
    {
        HostileNetwork network = new();
        try
        {
            await network.DoAsync("localnet", "--base-port", "0", "--detach");
        }
        catch
        {
            await network.DisposeAsync();
            throw;
        }

        network.File = new LocalnetLayout(network.Directory).Read();
        return network;
    }

    public LocalnetNode Node(string name) => File.Nodes.Single(node => node.Name == name);

    public TheseusClient Client(string name) => new(new Uri(Node(name).Url), TimeSpan.FromSeconds(10));

    /// <summary>Runs the command of this build on this network; exit code 0 is expected.</summary>
    public async Task<string> DoAsync(params IReadOnlyList<string> arguments)
    {
        await TheseusCommand.BuildAsync();
        ProcessStartInfo start = new(TheseusCommand.Program)
        {
            RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, UseShellExecute = false,
        };
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["THESEUS_HOME"] = Repository.Root;
        start.Environment["THESEUS_LOCALNET"] = Directory;
        start.Environment.Remove("THESEUS_URL");
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        using CancellationTokenSource late = new(TheseusCommand.Patience);
        Task<string> output = process.StandardOutput.ReadToEndAsync(late.Token);
        Task<string> errors = process.StandardError.ReadToEndAsync(late.Token);
        await process.WaitForExitAsync(late.Token);
        Assert.True(process.ExitCode == 0, $"theseus {string.Join(' ', arguments)}: exit {process.ExitCode}\n{await output}{await errors}");
        return await output;
    }

    public async Task<int> ProcessIdAsync(string node) =>
        JsonNode.Parse(await DoAsync("localnet", "status", "--json"))!.AsArray()
            .Single(row => row!["name"]!.GetValue<string>() == node)!["pid"]!.GetValue<int>();

    public string Log(string node)
    {
        using FileStream file = new(new LocalnetLayout(Directory).LogOf(node), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using StreamReader reader = new(file);
        return reader.ReadToEnd();
    }

    /// <summary>Ends all nodes; what they stored is kept until the end of the test.</summary>
    public async Task StopAsync()
    {
        await DoAsync("localnet", "stop");
        _isStopped = true;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_isStopped && System.IO.Directory.Exists(Directory))
        {
            await DoAsync("localnet", "stop");
        }

        _folder.Dispose();
    }
}
