using System.Globalization;
using System.Text.Json.Nodes;
using Theseus.Cli.Localnet;
using Theseus.Node;

namespace Theseus.Cli.Tests.Localnet;

/// <summary>
/// A localnet that runs for days takes what a day takes. Days are shortened: what is kept is divided by <see cref="Factor"/>, and a day has
/// as many times fewer blocks; blocks come at their usual pace, four a second. Run by ./test --long.
/// </summary>
public sealed class DayTests(ITestOutputHelper output)
{
    /// <summary>A day of 345,600 blocks, which are those that a localnet keeps, becomes one of 1,440 and lasts six minutes.</summary>
    private const ulong Factor = 240;

    private const ulong Day = LocalnetOptions.KeptBlocks / Factor;

    /// <summary>
    /// On the first day the kept blocks fill up; the caches, which a day does not shorten, are full after the fourth.
    /// </summary>
    private const ulong Days = 6;

    private const ulong Between = Day / 36;

    /// <summary>What the last day may take more than the one before: the store merges its files when it likes.</summary>
    private const double Flat = 1.1;

    /// <summary>
    /// What it may take of the disk more than the second day, on which all that is written already replaces something. Kept whole, the
    /// blocks of six days take three times those of two.
    /// </summary>
    private const double FlatDisk = 1.25;

    [Fact]
    public async Task ADayTakesNoMoreThanTheOneBefore()
    {
        LongTests.Only();
        string folder = RunningLocalnet.NewFolder();
        ChainNetwork made = await ChainNetwork.StartInAsync(folder);
        await made.StopAsync();
        foreach (string node in made.All)
        {
            Shorten(made.HomeOf(node));
        }

        await using ChainNetwork network = await ChainNetwork.StartInAsync(folder);
        ulong begun = await network.HeightAsync(ChainNetwork.Access);
        using CancellationTokenSource stop = new();
        Task<int> load = LoadAsync(network, stop.Token);
        Dictionary<(string Node, ulong Day), (long Disk, long Memory)> most = [];
        for (ulong height = begun + Between; height <= begun + (Days * Day); height += Between)
        {
            await network.ReachesAsync(ChainNetwork.Access, height);
            foreach (string node in network.All)
            {
                (string, ulong) key = (node, (height - begun - 1) / Day);
                (long disk, long memory) = most.GetValueOrDefault(key);
                most[key] = (long.Max(disk, OnDisk(network.HomeOf(node))), long.Max(memory, await ResidentAsync(network, node)));
            }
        }

        await stop.CancelAsync();
        int transfers = await load;
        foreach (((string node, ulong day), (long disk, long memory)) in most.OrderBy(static pair => pair.Key))
        {
            output.WriteLine($"{node} day {day + 1}: {disk >> 20} MiB on disk, {memory >> 20} MiB in memory");
        }

        output.WriteLine($"{transfers} transfers");
        Assert.True(transfers > (int)(Days * Day));
        foreach (string node in network.All)
        {
            (long disk, long memory) = most[(node, Days - 1)];
            (long diskBefore, long memoryBefore) = most[(node, Days - 2)];
            Assert.InRange(disk, 1, (long)(Flat * diskBefore));
            Assert.InRange(memory, 1, (long)(Flat * memoryBefore));
            Assert.InRange(disk, 1, (long)(FlatDisk * most[(node, 1)].Disk));
            string log = Path.Combine(network.HomeOf(node), "node.log");
            Assert.All([log, RotatingLog.Previous(log)], file => Assert.InRange(new FileInfo(file).Length, 1, RotatingLog.DefaultBytes));
        }
    }

    /// <summary>Keeps what a shorter day has, and begins with a log that is nearly full: what an earlier run wrote counts.</summary>
    private static void Shorten(string home)
    {
        string path = Path.Combine(home, "node.json");
        JsonNode config = JsonNode.Parse(File.ReadAllText(path))!;
        config["retention"] = NodeConfig.DefaultRetention / Factor;
        config["blockRetention"] = Day;
        File.WriteAllText(path, config.ToJsonString());
        using StreamWriter log = File.AppendText(Path.Combine(home, "node.log"));
        while (log.BaseStream.Position < RotatingLog.DefaultBytes - (64 * 1024))
        {
            log.WriteLine(new string('.', 1023));
        }
    }

    private static async Task<int> LoadAsync(ChainNetwork network, CancellationToken stop)
    {
        int executed = 0;
        while (!stop.IsCancellationRequested)
        {
            JsonNode told = JsonNode.Parse(await network.DoAsync("localnet", "load", "--tps", "100", "--seconds", "60", "--json"))!;
            executed += told["succeeded"]!.GetValue<int>();
        }

        return executed;
    }

    /// <summary>Bytes of a home, its log left out. What is removed while it is counted is not there.</summary>
    private static long OnDisk(string home) => Directory.EnumerateFiles(home, "*", SearchOption.AllDirectories)
        .Where(static file => !Path.GetFileName(file).StartsWith("node.log", StringComparison.Ordinal))
        .Sum(static file => new FileInfo(file) is { Exists: true } there ? there.Length : 0);

    private static async Task<long> ResidentAsync(ChainNetwork network, string node)
    {
        string line = File.ReadLines($"/proc/{await network.ProcessIdAsync(node)}/status")
            .First(static line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
    }
}
