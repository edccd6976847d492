using System.Diagnostics;

namespace Theseus.Network.Tests;

/// <summary>Fault 89: a process without descriptors. The scenario runs in a process of its own under <c>ulimit -n</c>.</summary>
public class DescriptorTests
{
    private const int Limit = 256;

    [Fact]
    public async Task LoopsSurviveTheDescriptorLimitAndAStrangerMakesRoom()
    {
        string scenario = $"{typeof(DescriptorTests).FullName}.{nameof(TheScenario)}";
        ProcessStartInfo start = new("/bin/sh")
        {
            ArgumentList =
            {
                "-c",
                $"ulimit -n {Limit}; exec \"$0\" \"$1\" -noLogo -noColor -explicit only -method {scenario}",
                Environment.ProcessPath!.EndsWith("dotnet", StringComparison.Ordinal) ? Environment.ProcessPath : "dotnet",
                typeof(DescriptorTests).Assembly.Location,
            },
            UseShellExecute = false,
            RedirectStandardOutput = true,
        };
        using Process child = Process.Start(start)!;
        using CancellationTokenSource limit = new(TimeSpan.FromMinutes(3));
        string output = await child.StandardOutput.ReadToEndAsync(limit.Token);
        await child.WaitForExitAsync(limit.Token);
        Assert.True(child.ExitCode == 0, output);
        Assert.Contains("Total: 1, Errors: 0, Failed: 0", output);
    }

    [Fact(Explicit = true)]
    public async Task TheScenario()
    {
        Assert.Equal(Limit, DescriptorLimit.Raise());
        await using TestNode node = new(1, hasPlace: key => key == Nodes.Identity(2).PublicKey);
        await using TestNode dialer = new(2);
        await using RawPeer stranger = await RawPeer.OpenAsync(node, 1000); // from here on everything that a session needs is loaded
        Session displaced = await node.SessionWithAsync(Nodes.Identity(1000).PublicKey);
        Stack<FileStream> files = [];
        await StartThreadsAsync();
        Exhaust(files);

        dialer.Overlay.KeepConnected(node.EndPoint, node.Key);
        await Nodes.UntilAsync(() => dialer.Events.Any(e => e.What == OverlayHappening.DialFailed), "a dial without a descriptor");
        files.Pop().Dispose(); // one, for the dialer: the other end has none to accept with
        await Nodes.UntilAsync(() => node.Events.Any(e => e.What == OverlayHappening.AcceptFailed), "an accept without a descriptor");
        Session session = await node.SessionWithAsync(dialer.Key);
        Assert.Equal(CloseReason.TooManyPeers, displaced.Reason);
        while (files.TryPop(out FileStream? file))
        {
            await file.DisposeAsync();
        }

        Assert.True(dialer.Overlay.Send(node.Key, new Frame(FrameKind.Consensus, 1, new byte[1])));
        Assert.Same(session, (await node.ReceiveAsync()).From);
        await using RawPeer later = await RawPeer.OpenAsync(node, 1001); // and further connections are taken
        await node.SessionWithAsync(Nodes.Identity(1001).PublicKey);
    }

    // The runtime needs a descriptor to start a thread, and ends the process when it gets none: all that may start do so before.
    private static async Task StartThreadsAsync()
    {
        const int Threads = 16;
        ThreadPool.GetMinThreads(out _, out int ports);
        Assert.True(ThreadPool.SetMinThreads(Threads, ports) && ThreadPool.SetMaxThreads(Threads, int.Max(ports, Threads)));
        using CountdownEvent started = new(Threads - 1);
        await Task.WhenAll(Enumerable.Range(0, Threads - 1).Select(_ => Task.Run(() =>
        {
            started.Signal();
            started.Wait();
        })));
    }

    private static void Exhaust(Stack<FileStream> files)
    {
        try
        {
            while (true)
            {
                files.Push(new FileStream("/dev/null", FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0));
            }
        }
        catch (IOException)
        {
            Assert.NotEmpty(files);
        }
    }
}
