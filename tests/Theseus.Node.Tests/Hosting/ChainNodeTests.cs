using Microsoft.Extensions.Logging.Abstractions;
using Theseus.Engine;

namespace Theseus.Node.Tests;

/// <summary>A whole node over real files and sockets, in which something breaks (faults 97, 100, 104, 108, 112).</summary>
public sealed class ChainNodeTests : IDisposable
{
    private readonly string _home = Directory.CreateTempSubdirectory("theseus-node-").FullName;
    private readonly LocalChain _chain = new();

    public void Dispose() => Directory.Delete(_home, recursive: true);

    // one loop breaks, here consensus' by what it tells: the node ends as a whole, at once, and says why in one line
    [Theory]
    [InlineData(typeof(IOException), NodeEndKind.Device)]
    [InlineData(typeof(UnauthorizedAccessException), NodeEndKind.Device)]
    [InlineData(typeof(InvalidOperationException), NodeEndKind.Failure)]
    [InlineData(typeof(OverflowException), NodeEndKind.Failure)]
    public async Task ALoopThatBreaksEndsTheNodeWithItsKind(Type fault, NodeEndKind kind)
    {
        List<string> lines = [];
        await using ChainNode node = ChainNode.Open(_home, Config(), new LineLog(line => Log(line, lines, fault)), TimeProvider.System);
        Assert.True(node.Health.IsLive);
        node.Start();
        await node.Completion.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        Assert.Equal(kind, node.End!.Kind);
        Assert.False(node.Health.IsLive);
        Assert.Equal($"{node.End.Message}; {node.End.Advice}", node.Health.NotReady);
        lock (lines)
        {
            Assert.Equal([$"fatal: {node.End.Message}; {node.End.Advice}"],
                lines.Where(line => line.StartsWith("fatal", StringComparison.Ordinal)));
        }
    }

    [Fact]
    public async Task ANodeThatIsStoppedHasNoEndOfItsOwn()
    {
        List<string> lines = [];
        ChainNode node = ChainNode.Open(_home, Config(), new LineLog(line => Log(line, lines, null)), TimeProvider.System);
        node.Start();
        await node.DisposeAsync();
        Assert.Null(node.End);
        Assert.False(node.Completion.IsCompleted);
        Assert.DoesNotContain(lines, line => line.StartsWith("fatal", StringComparison.Ordinal));
    }

    // fault 112: exit code 7
    [Fact]
    public void AnUnreadableMarkRefusesTheStart()
    {
        Directory.CreateDirectory(Path.Combine(_home, "consensus"));
        File.WriteAllBytes(Path.Combine(_home, "consensus", "mark"), [.. Enumerable.Repeat((byte)7, 2 * MarkFile.SlotSize)]);
        Exception refused = Assert.ThrowsAny<Exception>(() => ChainNode.Open(_home, Config(), NullLogger.Instance, TimeProvider.System));
        Assert.Equal(NodeEndKind.SigningRefused, NodeEnd.Of(refused).Kind);
    }

    // fault 100: exit code 4, before a port is open; a folder in the file's place stands for a file without rights, which root would have
    [Theory]
    [InlineData("mark")]
    public void AMarkThatCannotBeOpenedRefusesTheStart(string name)
    {
        Directory.CreateDirectory(Path.Combine(_home, "consensus", name));
        Exception refused = Assert.ThrowsAny<Exception>(() => ChainNode.Open(_home, Config(), NullLogger.Instance, TimeProvider.System));
        Assert.Equal(NodeEndKind.Device, NodeEnd.Of(refused).Kind);
    }

    // fault 100: likewise the log, found when the engine opens it, which is before it signs
    [Fact]
    public async Task ALogThatCannotBeOpenedEndsTheNodeBeforeAnythingIsSigned()
    {
        Directory.CreateDirectory(Path.Combine(_home, "consensus", "log-0000000000000000"));
        await using ChainNode node = ChainNode.Open(_home, Config(), NullLogger.Instance, TimeProvider.System);
        node.Start();
        await node.Completion.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        Assert.Equal(NodeEndKind.Device, node.End!.Kind);
        Assert.Equal(0, new FileInfo(Path.Combine(_home, "consensus", "mark")).Length);
    }

    private static void Log(string line, List<string> lines, Type? fault)
    {
        lock (lines)
        {
            lines.Add(line);
        }

        if (fault is not null && line.StartsWith("Recovered", StringComparison.Ordinal))
        {
            throw (Exception)Activator.CreateInstance(fault)!;
        }
    }

    // validator 0 of four, alone
    private NodeConfig Config()
    {
        File.WriteAllBytes(Path.Combine(_home, "genesis.bin"), GenesisCodec.Encode(_chain.Genesis));
        File.WriteAllText(Path.Combine(_home, "node.key"), Convert.ToHexString(_chain.Validators[0].Seed));
        return new NodeConfig(
            "n1", NodeRole.Validator, "127.0.0.1", new NodePorts(0, 0, 0, 0, 0), "genesis.bin", "node.key",
            _chain.Validators[0].Address.ToLongString(), []);
    }
}
