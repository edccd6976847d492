using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Theseus.Node;
using Theseus.Node.Tests;

namespace Theseus.Rpc.Tests;

/// <summary>The page of figures of a whole node, over HTTP. // fault 51</summary>
public sealed class MetricsTests : IDisposable
{
    private readonly string _home = Directory.CreateTempSubdirectory("theseus-metrics-").FullName;

    public void Dispose() => Directory.Delete(_home, recursive: true);

    [Fact]
    public async Task CountersAreNamedAsCountersAndGaugesAreNot()
    {
        string[] types = [.. (await PageAsync()).Split('\n').Where(static line => line.StartsWith("# TYPE ", StringComparison.Ordinal))];
        Assert.Contains("# TYPE theseus_height gauge", types);
        Assert.Contains("# TYPE theseus_late_rounds_total counter", types);
        Assert.All(types, static line =>
        {
            string[] words = line.Split(' ');
            Assert.Equal(words[2].EndsWith("_total", StringComparison.Ordinal), words[3] == "counter");
        });
    }

    [Fact]
    public async Task PromtoolHasNothingToSay()
    {
        ProcessStartInfo start = new("promtool", ["check", "metrics"])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        string page = await PageAsync();
        Process? started = null;
        try
        {
            started = Process.Start(start);
        }
        catch (Win32Exception)
        {
            Assert.Skip("promtool is not installed (it comes with the package prometheus)");
        }

        using Process promtool = started!;
        await promtool.StandardInput.WriteAsync(page);
        promtool.StandardInput.Close();
        string said = await promtool.StandardOutput.ReadToEndAsync() + await promtool.StandardError.ReadToEndAsync();
        await promtool.WaitForExitAsync();
        Assert.Equal((0, ""), (promtool.ExitCode, said.Trim()));
    }

    private async Task<string> PageAsync()
    {
        LocalChain chain = new();
        File.WriteAllBytes(Path.Combine(_home, "genesis.bin"), GenesisCodec.Encode(chain.Genesis));
        File.WriteAllText(Path.Combine(_home, "node.key"), Convert.ToHexString(chain.Validators[0].Seed));
        NodeConfig config = new("n1", NodeRole.Validator, "127.0.0.1", new NodePorts(0, 0, 0, 0, 0), "genesis.bin", "node.key",
            chain.Validators[0].Address.ToLongString(), []);
        await using ChainNode node = ChainNode.Open(_home, config, NullLogger.Instance, TimeProvider.System);
        node.Start();
        await using NodeFront front =
            await NodeFront.StartAsync(node, new IPEndPoint(IPAddress.Loopback, 0), static (_, _) => { }, default);
        using HttpClient http = new();
        return await http.GetStringAsync(new Uri(string.Create(CultureInfo.InvariantCulture, $"http://{front.EndPoint}/metrics")));
    }
}
