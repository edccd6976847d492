using System.Diagnostics;

namespace Theseus.Execution.Tests;

/// <summary>
/// A validator with too little memory stops; it never answers with another result than the others. The test runs itself in a
/// process whose heap is
/// limited. // fault 87
/// </summary>
public class HeapLimitTests
{
    private const string Folder = "THESEUS_HEAP_CHILD";

    /// <summary>Enough for the framework's compiler, too little for a transaction that doubles a vector as far as its gas goes.</summary>
    private const string HeapLimit = "0xC800000"; // 200 MiB

    [Fact]
    public async Task OutOfMemoryEndsTheProcessAndIsNoStatus()
    {
        string folder = Directory.CreateTempSubdirectory("theseus-heap").FullName;
        try
        {
            ProcessStartInfo start = new("dotnet") { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
            foreach (string argument in (string[])[typeof(HeapLimitTests).Assembly.Location, "-noLogo", "-noColor", "-parallel",
                "none", "-method", "*." + nameof(TheChild)])
            {
                start.ArgumentList.Add(argument);
            }

            start.Environment["DOTNET_GCHeapHardLimit"] = HeapLimit;
            start.Environment[Folder] = folder;
            using Process child = Process.Start(start)!;
            Task<string> output = child.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), errors =
                child.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            await child.WaitForExitAsync(TestContext.Current.CancellationToken);
            string said = await output + await errors;
            Assert.True(File.Exists(Path.Combine(folder, "started")), $"the child did not come as far as the block: {said}");
            Assert.False(File.Exists(Path.Combine(folder, "result")),
                "the block was executed: the limit is not below what the transaction needs");
            Assert.NotEqual(0, child.ExitCode);
            Assert.Contains(nameof(OutOfMemoryException), said.Replace(
                "Out of memory", nameof(OutOfMemoryException), StringComparison.Ordinal));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Runs in the child only.</summary>
    [Fact]
    public void TheChild()
    {
        string? folder = Environment.GetEnvironmentVariable(Folder);
        Assert.SkipWhen(folder is null, "runs in a process with a limited heap");
        const ulong Plenty = 40_000_000;
        Chain chain = new() { Other = new RuleStack(Chain.Oldest with { Transactions =
            Chain.Oldest.Transactions with { MaximumGas = Plenty } }) };
        byte[] script = Framework.Script("script { fun main() { let _ = theseus_framework::lab::greedy(); } }", Framework.WithLab);
        byte[] transaction = chain.Sign(chain.Alice, new TransactionPayload.Script(script, [], []), Plenty);
        File.WriteAllText(Path.Combine(folder!, "started"), "");
        BlockResult result = chain.Block(transaction);
        File.WriteAllText(Path.Combine(folder!, "result"), result.Outputs[1].Receipt.Status.ToString());
    }
}
