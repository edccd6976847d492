using System.Diagnostics;

namespace Theseus.Cli.Tests.Localnet;

/// <summary>The homes of a localnet of the chain that was made, ran and was stopped.</summary>
public sealed class StoppedChain : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("theseus-end-").FullName;

    public async ValueTask InitializeAsync()
    {
        string[] start = ["--base-port", "0", "--epoch-seconds", "3600", "--detach", "--json"];
        await TheseusCommand.DoAsync(["localnet", "--dir", _folder, .. start]);
        await TheseusCommand.DoAsync("localnet", "stop", "--dir", _folder);
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    /// <summary>Copies n1's home and the genesis beside it.</summary>
    public void CopyTo(string folder)
    {
        foreach (string file in Directory.EnumerateFiles(Path.Combine(_folder, "n1"), "*", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(folder, Path.GetRelativePath(_folder, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        File.Copy(Path.Combine(_folder, "genesis.blob"), Path.Combine(folder, "genesis.blob"));
    }
}

/// <summary>
/// How the process of a node ends while its supervisor still holds its input: by a signal, or by what broke (faults 26, 97, 100, 104, 112).
/// </summary>
public sealed class NodeEndTests : IClassFixture<StoppedChain>, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("theseus-end-").FullName;

    public NodeEndTests(StoppedChain stopped) => stopped.CopyTo(_folder);

    private string Home => Path.Combine(_folder, "n1");

    private string Consensus => Path.Combine(Home, "consensus");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task ASignalEndsASupervisedNodeCleanly()
    {
        using Process node = Start();
        string? line;
        do
        {
            line = await node.StandardOutput.ReadLineAsync().WaitAsync(TheseusCommand.Patience);
        }
        while (line is not null && !line.Contains(" serves ", StringComparison.Ordinal));

        TheseusCommand.Signal(node.Id, 15);
        Assert.Equal(0, (await EndAsync(node)).Code);
    }

    [Fact]
    public async Task WhatBreaksEndsASupervisedNodeWithItsCodeAndOneLine()
    {
        // the mark was damaged
        string mark = Path.Combine(Consensus, "mark");
        byte[] sound = await File.ReadAllBytesAsync(mark);
        await File.WriteAllBytesAsync(mark, [.. Enumerable.Repeat((byte)7, sound.Length)]);
        using (Process node = Start())
        {
            Ended refused = await EndAsync(node);
            Assert.Equal(7, refused.Code);
            Assert.Single(refused.Errors.Trim().Split('\n'));
        }

        // the log cannot be opened: a folder stands in its place, for a file without rights, which root would have
        File.Delete(mark);
        foreach (string log in Directory.EnumerateFiles(Consensus, "log-*").ToArray())
        {
            File.Delete(log);
        }

        Directory.CreateDirectory(Path.Combine(Consensus, "log-0000000000000000"));
        using (Process node = Start("--exit-when-halted")) // fault 112: it ends, and with the code of what broke
        {
            Ended broken = await EndAsync(node);
            Assert.Equal(4, broken.Code);
            Assert.Single(broken.Errors.Trim().Split('\n'));
            Assert.Single(broken.Output.Split('\n'), line => line.Contains("fatal: ", StringComparison.Ordinal));
        }
    }

    private Process Start(params string[] more)
    {
        ProcessStartInfo start = TheseusCommand.Start(["node", "--home", Home, .. more]);
        start.Environment["THESEUS_SUPERVISED"] = "1";
        return Process.Start(start)!;
    }

    // its input stays open, as a supervisor leaves it
    private static async Task<Ended> EndAsync(Process node)
    {
        Task<string> output = node.StandardOutput.ReadToEndAsync();
        Task<string> errors = node.StandardError.ReadToEndAsync();
        try
        {
            await node.WaitForExitAsync().WaitAsync(TheseusCommand.Patience);
        }
        finally
        {
            if (!node.HasExited)
            {
                node.Kill(entireProcessTree: true);
            }
        }

        return new Ended(node.ExitCode, await output, await errors);
    }
}
