using System.Diagnostics;
using System.Text.Json.Nodes;
using Theseus.Consensus;
using Theseus.Network;

namespace Theseus.Cli.Tests.Localnet;

/// <summary>A vote leaves a real validator only after its records are synced (consensus N14), by what the kernel saw.</summary>
public class VoteOrderTests
{
    private const int VoteSize = 191;
    private static readonly HashSet<int> Sizes = [VoteSize];
    private static readonly HashSet<int> Ports = [7101];

    private const string MarkWrite = "pwrite64(9</n/consensus/mark>, \"\"..., 1024, 0) = 1024";
    private const string LogWrite = "pwrite64(8</n/consensus/log-0000000000000000>, \"\"..., 185, 0) = 185";
    private const string LogSync = "fsync(8</n/consensus/log-0000000000000000>) = 0";
    private const string MarkSync = "fsync(9</n/consensus/mark>) = 0";
    private const string Send = "sendto(7<TCP:[127.0.0.1:7101->127.0.0.1:5000]>, \"\"..., 191, 0, NULL, 0) = 191";

    [Theory]
    [InlineData(0, MarkWrite, LogWrite, LogSync, MarkSync, Send)]
    [InlineData(0, MarkWrite, LogWrite, MarkSync, LogSync, Send)]
    [InlineData(1, MarkWrite, Send, LogWrite, LogSync, MarkSync)]
    [InlineData(1, MarkWrite, LogWrite, Send, LogSync, MarkSync)]
    [InlineData(1, MarkWrite, LogWrite, LogSync, Send, MarkSync)]
    [InlineData(1, MarkWrite, LogWrite, MarkSync, Send, LogSync)]
    [InlineData(1, MarkWrite, LogSync, LogWrite, MarkSync, Send)] // the sync came before the record was written
    [InlineData(1, MarkWrite, LogWrite, Send)]
    public void AMessageBeforeEitherSyncIsAViolation(int violations, params string[] calls)
    {
        Assert.Equal(violations, Check(calls).Violations.Count);
    }

    [Fact]
    public void AnEarlierMessageThatLeavesLateIsInOrder()
    {
        // the first vote is durable; its session sends it while the second is being signed
        Assert.Empty(Check([MarkWrite, LogWrite, LogSync, MarkSync, MarkWrite, Send, LogWrite, LogSync, MarkSync, Send]).Violations);

        // but not two of them
        Assert.Single(Check([MarkWrite, LogWrite, LogSync, MarkSync, MarkWrite, Send, Send, LogWrite, LogSync, MarkSync]).Violations);
    }

    [Fact]
    public void ASyncCountsFromItsBeginningToItsEnd()
    {
        string unfinished = "fsync(8</n/consensus/log-0000000000000000> <unfinished ...>";
        string resumed = "<... fsync resumed>) = 0";
        Assert.Single(Check([MarkWrite, LogWrite, MarkSync, unfinished, "2:" + Send, resumed]).Violations); // not ended yet
        Assert.Single(Check([MarkWrite, "2:" + unfinished, LogWrite, "2:" + resumed, MarkSync, Send]).Violations); // begun before the write
        Assert.Empty(Check([MarkWrite, LogWrite, unfinished, resumed, MarkSync, Send]).Violations);
    }

    /// <summary>Traces n1 of a running network and judges what it saw; skips where strace may not trace.</summary>
    internal static async Task CheckAsync(RunningLocalnet network)
    {
        string? strace = ((string[])["/usr/bin/strace", "/usr/local/bin/strace"]).FirstOrDefault(File.Exists);
        if (strace is null)
        {
            Assert.Skip("strace is not installed (Debian package strace)");
        }

        string file = Path.Combine(network.Folder, "trace.txt");
        ProcessStartInfo start = new(strace) { UseShellExecute = false, RedirectStandardError = true };
        foreach (string argument in (string[])["-f", "-ttt", "-yy", "-s", "0", "-e",
            "trace=write,writev,pwrite64,pwritev,sendto,sendmsg,fsync,fdatasync", "-o", file, "-p",
            $"{await network.ProcessIdAsync("n1")}"])
        {
            start.ArgumentList.Add(argument);
        }

        using Process tracer = Process.Start(start)!;
        Task<string> said = tracer.StandardError.ReadToEndAsync();
        ulong height = await network.HeightAsync("n1");
        await TheseusCommand.UntilAsync(async () => tracer.HasExited || await network.HeightAsync("n1") >= height + 15,
            "fifteen traced heights");
        if (tracer.HasExited)
        {
            Assert.Skip("strace may not attach here: " + await said);
        }

        TheseusCommand.Signal(tracer.Id, 2);
        await tracer.WaitForExitAsync();

        JsonArray nodes = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(network.Folder, "localnet.json")))!["nodes"]!.AsArray();
        HashSet<int> ports = [.. nodes.Select(node => node!["consensusPort"]!.GetValue<int>())];
        string[] trace = await File.ReadAllLinesAsync(file);
        HashSet<int> sizes = [RecordOf(VoteBytes(nil: false)), RecordOf(VoteBytes(nil: true)), RecordOf(FinBytes(), kind: 4)];
        Assert.Contains(VoteSize, sizes);

        VoteOrder order = VoteOrder.Check(trace, sizes, ports);
        Assert.True(order.Signatures >= 20, $"{order.Signatures} signatures seen"); // two a height at least
        Assert.True(order.Messages >= 50, $"{order.Messages} messages seen"); // to three peers
        Assert.Empty(order.Violations);

        // The same trace of a node that would not sync: every signature's first message is found.
        foreach (string missing in (string[])["/consensus/mark", "/consensus/log-"])
        {
            // a sync that was interleaved spans two lines of its thread; without its first one the second says nothing
            string[] without = [.. trace.Where(line =>
                !(line.Contains("sync(", StringComparison.Ordinal) && line.Contains(missing, StringComparison.Ordinal)))];
            Assert.True(without.Length < trace.Length);
            VoteOrder broken = VoteOrder.Check(trace.Take(BeginOf(trace))
                .Concat(without.Where(line => TimeOf(line) >= TimeOf(trace[BeginOf(trace)]))), sizes, ports);
            Assert.True(broken.Violations.Count >= 20, $"without a sync of {missing}: {broken.Violations.Count} violations");
        }
    }

    // The first third stays as it is, so that the count of messages begins.
    private static int BeginOf(string[] trace) => trace.Length / 3;

    private static double TimeOf(string line) =>
        double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>A hand-made trace: an idle second after an old message, then the calls, each on thread 1 unless it says another.</summary>
    private static VoteOrder Check(string[] calls)
    {
        List<string> trace = ["1 100.000000 " + Send];
        double time = 101;
        foreach (string call in calls)
        {
            time += 0.001;
            (string thread, string text) = call.StartsWith("2:", StringComparison.Ordinal) ? ("2", call[2..]) : ("1", call);
            trace.Add(FormattableString.Invariant($"{thread} {time:0.000000} {text}"));
        }

        return VoteOrder.Check(trace, Sizes, Ports);
    }

    private static byte[] VoteBytes(bool nil) => Canonical.Encode(new ConsensusMessage.OfVote(
        new Signed<Vote>(new Vote(VoteType.Prevote, 1, 0, nil ? null : default(ValueId), Rounds.Nil, default),
            new ByteString(new byte[64])), NilReason.None));

    private static byte[] FinBytes() =>
        new Theseus.Engine.StreamFin(new Signed<Proposal>(new Proposal(1, 0, default, Rounds.Nil, default),
            new ByteString(new byte[64])), 1, default).Encode();

    // A TLS 1.3 record: header 5, the frame, content type 1, tag 16.
    private static int RecordOf(byte[] canonical, ushort kind = 1) => 5 + FrameLimits.HeaderLength
        + Envelopes.Consensus(kind, 1, canonical).Payload.Length + 1 + 16;
}
