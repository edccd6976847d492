using System.Globalization;
using System.Text.RegularExpressions;
using Theseus.Cli.Tests.Localnet;

namespace Theseus.Cli.Tests.Hostile;

/// <summary>
/// Looks at one process from outside while it is attacked: its memory, its life, its readiness, the chain's progress. The kernel
/// keeps the highest resident size itself, so that no peak between two looks is missed.
/// </summary>
internal sealed partial class NodeWatch
{
    /// <summary>What the node may hold above its size before the attack.</summary>
    public const long MostGrowth = 256L * 1024;

    private readonly ChainNetwork _network;
    private readonly string _node;
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(20) };

    private NodeWatch(ChainNetwork network, string node, int process)
    {
        _network = network;
        _node = node;
        ProcessId = process;
        File.WriteAllText($"/proc/{process}/clear_refs", "5"); // the peak counts from here
        Start = Kilobytes("VmRSS");
    }

    public int ProcessId { get; }

    /// <summary>Resident KiB before the attack.</summary>
    public long Start { get; }

    /// <summary>The most resident KiB since.</summary>
    public long Peak => Kilobytes("VmHWM");

    public static async Task<NodeWatch> StartAsync(ChainNetwork network, string node) =>
        new(network, node, await network.ProcessIdAsync(node));

    /// <summary>The same process lives within its bound, says that it is ready, and decides with the others: it
    /// executes further blocks.</summary>
    public async Task HoldsAsync()
    {
        ulong height = await _network.HeightAsync(_node);
        Assert.Equal(ProcessId, await _network.ProcessIdAsync(_node));
        Assert.InRange(Peak, 1, Start + MostGrowth);
        await _network.ReachesAsync(_node, height + 3);
        using HttpResponseMessage ready = await _http.GetAsync(_network.UrlOf(_node) + "/ready");
        Assert.Equal("ready\n", await ready.Content.ReadAsStringAsync());
        Assert.Equal(0UL, (await CountsAsync("theseus_halted")).Single().Value);
        // no exception escaped
        Assert.DoesNotContain(Log(), static line => line.Contains("error: ", StringComparison.Ordinal)
            || line.Contains("fatal: ", StringComparison.Ordinal));
    }

    /// <summary>Figures of the node whose name and labels begin so.</summary>
    public async Task<IReadOnlyList<KeyValuePair<string, ulong>>> CountsAsync(string begin)
    {
        string text = await _http.GetStringAsync(_network.UrlOf(_node) + "/metrics");
        return [.. text.Split('\n').Where(line => line.StartsWith(begin, StringComparison.Ordinal))
            .Select(static line => new KeyValuePair<string, ulong>(
            line[..line.LastIndexOf(' ')], ulong.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture)))];
    }

    /// <summary>One figure of any node; 0 when it has none.</summary>
    public static async Task<ulong> CountAsync(string url, string figure)
    {
        using HttpClient http = new();
        string text = await http.GetStringAsync(url + "/metrics");
        return text.Split('\n').Where(line => line.StartsWith(figure + " ", StringComparison.Ordinal))
            .Select(line => ulong.Parse(line[(figure.Length + 1)..], CultureInfo.InvariantCulture)).SingleOrDefault();
    }

    /// <summary>How often a peer misbehaved in one way on one overlay.</summary>
    public async Task<ulong> MisbehaviourAsync(string overlay, string what, string why) =>
        (await CountsAsync($"theseus_peer_misbehaviour_total{{overlay=\"{overlay}\",what=\"{what}\",why=\"{why}\"}}"))
            .Select(static pair => pair.Value).SingleOrDefault();

    private string[] Log()
    {
        using FileStream file = new(Path.Combine(_network.HomeOf(_node), "node.log"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using StreamReader reader = new(file);
        return reader.ReadToEnd().Split('\n');
    }

    private long Kilobytes(string field) =>
        long.Parse(Figure().Match(File.ReadLines($"/proc/{ProcessId}/status")
            .Single(line => line.StartsWith(field + ":", StringComparison.Ordinal))).Value, CultureInfo.InvariantCulture);

    [GeneratedRegex("[0-9]+")]
    private static partial Regex Figure();
}
