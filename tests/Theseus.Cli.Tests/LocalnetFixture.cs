using System.Diagnostics;
using System.Text.Json.Nodes;
using Theseus.Cli.Framework;
using Theseus.Cli.Tests.Localnet;
using Theseus.Client;
using Theseus.Move.Format;

namespace Theseus.Cli.Tests;

/// <summary>What a command said and how it ended.</summary>
public sealed record CommandResult(int Code, string Output, string Errors)
{
    public JsonNode Json => JsonNode.Parse(Output)!;
}

/// <summary>A real localnet of this build on free ports: real processes, driven by the real command.</summary>
public sealed class LocalnetFixture : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TheseusCommand.Patience;

    /// <summary>Of a proposal, in coin units: one coin, a hundred times what a transaction costs.</summary>
    public const ulong Deposit = 100_000_000;

    private readonly TemporaryFolder _folder = new();

    private int _scripts;

    /// <summary>Sources that equal the code of the chain: every upgrade that goes through is made from here.</summary>
    public string Sources => _folder.Sub("framework");

    public string Network => _folder.Sub("net");

    public TheseusClient Client { get; private set; } = null!;

    /// <summary>A proposal of the beginning on which nobody votes: it expires while other tests run.</summary>
    public (string Scripts, ulong Id) Unheeded { get; private set; }

    public string Fresh(string name) => _folder.Sub($"{name}-{Guid.NewGuid():n}");

    public async ValueTask InitializeAsync()
    {
        try
        {
            await StartAsync();
        }
        catch
        {
            await DisposeAsync(); // the runner does not, and nobody else knows of the network
            throw;
        }
    }

    private async Task StartAsync()
    {
        FrameworkCopy.Make(Repository.Folder("framework"), Sources);
        CommandResult started = await RunAsync("localnet", "--base-port", "0", "--detach");
        Assert.True(started.Code == 0, started.Output + started.Errors);
        Theseus.Cli.Localnet.LocalnetFile file = new Theseus.Cli.Localnet.LocalnetLayout(Network).Read();
        Client = new TheseusClient(new Uri(file.Nodes[^1].Url));

        // short deadlines by the ceremony itself: voting 160 blocks, enactment 1, execution 200, deposit 1 coin
        string scripts = Script($"governance::set_config(&framework, 160, 1, 200, {Deposit});");
        await ApproveAsync(await ProposeAsync(scripts));
        CommandResult resolved = await RunAsync("txs", "resolve", "--proposal-script-dir", scripts, "--wait");
        Assert.True(resolved.Code == 0, resolved.Output + resolved.Errors);

        string unheeded = Script("let _ = framework;");
        Unheeded = (unheeded, await ProposeAsync(unheeded));
    }

    public async ValueTask DisposeAsync()
    {
        Client?.Dispose();
        await RunAsync("localnet", "stop");
        _folder.Dispose();
    }

    /// <summary>Runs the command of this build as a user would.</summary>
    public async Task<CommandResult> RunAsync(params IReadOnlyList<string> arguments)
    {
        await TheseusCommand.BuildAsync();
        ProcessStartInfo start = new(TheseusCommand.Program) { RedirectStandardOutput = true,
            RedirectStandardError = true, RedirectStandardInput = true, UseShellExecute = false };
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["THESEUS_HOME"] = Repository.Root;
        start.Environment["THESEUS_LOCALNET"] = Network;
        start.Environment.Remove("THESEUS_URL");
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        using CancellationTokenSource late = new(Patience);
        Task<string> output = process.StandardOutput.ReadToEndAsync(late.Token);
        Task<string> errors = process.StandardError.ReadToEndAsync(late.Token);
        await process.WaitForExitAsync(late.Token);
        return new CommandResult(process.ExitCode, await output, await errors);
    }

    /// <summary>A script package whose script resolves its proposal and then runs a statement; no two of them are equal.</summary>
    public string Script(string statement)
    {
        string[] used = [.. ((string[])["std::string", "theseus_framework::governance", "theseus_framework::versions"]).Where(
            module => module.EndsWith("governance", StringComparison.Ordinal)
                || statement.Contains(module.Split("::")[1] + "::", StringComparison.Ordinal))];
        string source = $$"""
            script {
                {{string.Join(' ', used.Select(module => $"use {module};"))}}
                fun main() {
                    let framework = governance::resolve();
                    {{statement}}
                    let number = {{++_scripts}};
                    assert!(number > 0, number);
                }
            }

            """;
        byte[] script = ScriptPackage.Compile(source,
            [.. FrameworkRelease.FromSources(Repository.Folder("framework")).Modules.Select(bytes =>
            ModuleReader.ReadModule(bytes).Value!)]);
        string folder = Fresh("script");
        new ScriptPackage(source, script,
            new ScriptManifest(1, "test", "test", Protocol.Hashing.Sha3(script).ToString(), script.Length, null, null, null, null,
            null, null, null)).Write(folder);
        return folder;
    }

    public async Task<ulong> ProposeAsync(string scripts)
    {
        CommandResult proposed = await RunAsync("txs", "upgrade", "propose", "--script-dir", scripts, "--metadata-url",
            "https://example.org/change", "--from", "alice", "--json");
        Assert.True(proposed.Code == 0, proposed.Output + proposed.Errors);
        Assert.Equal("3 of 4", proposed.Json["needs"]!.ToString());
        return ulong.Parse(proposed.Json["proposalId"]!.ToString());
    }

    public async Task ApproveAsync(ulong id)
    {
        CommandResult voted = await RunAsync("txs", "vote", "--proposal-id", id.ToString(), "--all");
        Assert.True(voted.Code == 0, voted.Output + voted.Errors);
        await UntilAsync(id, "APPROVED");
    }

    /// <summary>Waits for a state of a proposal.</summary>
    public async Task UntilAsync(ulong id, string state)
    {
        Stopwatch waited = Stopwatch.StartNew();
        while (true)
        {
            string status = (await Client.GetProposalAsync(id)).Status;
            if (status == state)
            {
                return;
            }

            Assert.True(waited.Elapsed < Patience, $"proposal {id} is {status}, not {state}");
            await Task.Delay(50);
        }
    }

    /// <summary>A copy of the chain's sources with a change; the package that brings it is made without checks when asked.</summary>
    public async Task<string> UpgradeAsync(Action<string> change, bool check = true)
    {
        string copy = Fresh("framework");
        FrameworkCopy.Make(Sources, copy);
        change(copy);
        string target = Fresh("up");
        CommandResult made = await RunAsync(["framework", "upgrade", "--framework-dir", copy, "--output-dir", target, .. check
            ? (string[])[] : ["--no-check"]]);
        Assert.True(made.Code == 0, made.Output + made.Errors);
        return target;
    }

    /// <summary>What a refusal must leave alone: the code and how often it changed, and the sender's money but for the fee.</summary>
    public async Task<(string CodeRoot, ulong Upgrades)> CodeAsync()
    {
        string root = (await Client.ViewAsync("0x1::code::code_root")).Values[0].Bytes;
        return (root, ulong.Parse((await Client.ViewAsync("0x1::code::upgrades")).Values[0].Text));
    }

    public async Task<UInt128> BalanceAsync(string name) => UInt128.Parse(await OfAsync("0x1::theseus_coin::balance", name));

    /// <summary>Transactions that an account has paid for.</summary>
    public async Task<ulong> SequenceAsync(string name) => ulong.Parse(await OfAsync("0x1::account::sequence_number", name));

    private async Task<string> OfAsync(string view, string name)
    {
        string address = new Theseus.Cli.Localnet.LocalnetLayout(Network).Read().Accounts.Single(account => account.Name == name).Address;
        return (await Client.ViewAsync(view, null, [address])).Values[0].Text;
    }
}
