using System.Diagnostics;
using Theseus.Cli.Tests.Usage;

namespace Theseus.Cli.Tests.Localnet;

/// <summary>How the processes of a localnet begin, end and get along with the machine around them.</summary>
public class ProcessTests
{
    private const int Interrupt = 2;

    [Fact] // fault 27
    public async Task ANetworkInTheBackgroundDoesNotKeepTheLockOfTheScriptThatStartedIt()
    {
        await TheseusCommand.BuildAsync();
        using TemporaryFolder folder = new();
        string start = $"THESEUS_HOME={Repository.Root} THESEUS_NO_BUILD=1 ";
        string options = $"localnet --application kv --base-port 0 --detach --dir {folder.Sub("net")} >/dev/null";
        Ran launched = await Ran.ShellAsync(folder.Path, $"exec 7>lock; flock 7; {start} \"$launcher\" {options}");
        Assert.True(launched.Code == 0, launched.Errors);
        Assert.Equal(0, (await Ran.ShellAsync(folder.Path, "flock --nonblock lock true")).Code);
        await TheseusCommand.DoAsync("localnet", "stop", "--dir", folder.Sub("net"));

        // the program itself, without the launcher before it
        string program = Path.Combine(Repository.Root, "artifacts", "cli", "theseus");
        Ran direct = await Ran.ShellAsync(folder.Path, $"exec 7>lock; flock 7; {start} {program} {options}");
        Assert.True(direct.Code == 0, direct.Errors);
        Assert.Equal(0, (await Ran.ShellAsync(folder.Path, "flock --nonblock lock true")).Code);
        await TheseusCommand.DoAsync("localnet", "stop", "--dir", folder.Sub("net"));
    }

    [Theory] // fault 32
    [InlineData(false)]
    [InlineData(true)]
    public async Task AnInterruptedStartStopsWhatItStartedAndSaysSo(bool detached)
    {
        await TheseusCommand.BuildAsync();
        string folder = KvNetwork.NewFolder();
        ProcessStartInfo start = TheseusCommand.Start(["localnet", "--base-port", "0", "--dir", folder, .. detached ? (
            string[])["--detach"] : []]);
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string key = Path.Combine(folder, "n1", "data");
        await TheseusCommand.UntilAsync(() => Task.FromResult(Directory.Exists(key) || process.HasExited), "the first node's start");
        Assert.False(process.HasExited, process.HasExited ? await errors : "");
        TheseusCommand.Signal(process.Id, Interrupt);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(1, process.ExitCode);
        Assert.Contains("interrupted while starting: all nodes are stopped", await errors);
        Assert.Empty(Processes(folder));
        Assert.False(File.Exists(Path.Combine(folder, "localnet.json")));
        Directory.Delete(folder, recursive: true);
    }

    [Fact] // fault 30: the supervisor outlives a full disk, and says which node ended how
    public async Task AFullDiskEndsNeitherTheSupervisorNorTheOthers()
    {
        await TheseusCommand.BuildAsync();
        using TemporaryFolder folder = new();
        // five nodes reserve some 40 MiB each for the log of their store
        Ran mounted = await Ran.ShellAsync(folder.Path, "mkdir disk && mount -t tmpfs -o size=400m tmpfs disk");
        if (mounted.Code != 0)
        {
            Assert.Skip("a small disk can be mounted by root only");
        }

        try
        {
            await using ChainNetwork network = await ChainNetwork.StartInAsync(folder.Sub("disk/net"));
            await Ran.ShellAsync(folder.Path, "cat /dev/zero >disk/full"); // ends when there is no room
            await TheseusCommand.UntilAsync(() => Task.FromResult(network.Chatter.Contains("MiB are free", StringComparison.Ordinal)),
                "a warning: free space is watched");
            await TheseusCommand.UntilAsync(async () => (await network.StatusAsync()).Any(row => !(bool)row!["running"]!),
                "the first end of a node");
            Assert.All((await network.StatusAsync()).Where(row => !(bool)row!["running"]!), row => Assert.Contains("exit code 4", (
                string)row!["state"]!));
            File.Delete(folder.Sub("disk/full"));
            string name = (string)(await network.StatusAsync()).First(row => !(bool)row!["running"]!)!["name"]!;
            await TheseusCommand.DoAsync("localnet", "restart", name, "--dir", folder.Sub("disk/net"));
        }
        finally
        {
            await Ran.ShellAsync(folder.Path, "umount --lazy disk");
        }
    }

    private static string[] Processes(string folder) =>
    [
        .. Directory.EnumerateDirectories("/proc").Where(process => int.TryParse(Path.GetFileName(process), out _)).Select(process =>
        {
            try
            {
                return File.ReadAllText(Path.Combine(process, "cmdline"));
            }
            catch (IOException)
            {
                return "";
            }
        }).Where(command => command.Contains(folder, StringComparison.Ordinal)),
    ];
}
