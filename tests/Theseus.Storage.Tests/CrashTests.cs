using System.Diagnostics;
using System.Runtime.CompilerServices;
using Theseus.Protocol;

namespace Theseus.Storage.Tests;

/// <summary>
/// A process that is killed in the middle of writing leaves each unit whole or absent, and goes on from there (execution 6).
/// </summary>
public sealed class CrashTests : IDisposable
{
    private const string ChildVariable = "THESEUS_STORAGE_CRASH_CHILD";
    private readonly string _folder = Directory.CreateTempSubdirectory("theseus-crash").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>In the child: writes blocks for ever, a line for each, until it is killed.</summary>
    [ModuleInitializer]
    internal static void RunChild()
    {
        if (Environment.GetEnvironmentVariable(ChildVariable) is not { Length: > 0 } folder)
        {
            return;
        }

        using ChainStore store = ChainStore.InFolder(folder, new Retention(50, 30, 20), new StoreOptions(8 << 20, 8 << 20));
        StoreChain chain = new(store);
        while (true)
        {
            chain.Decide();
            chain.Execute();
            Console.WriteLine(chain.Chain.Height);
        }
    }

    [Fact]
    public void KilledAtAnyMomentAStoreHoldsWholeUnitsAndGoesOn()
    {
        ulong reached = 0;
        for (int round = 0; round < 6; round++)
        {
            ulong goal = reached + 5 + (ulong)round;
            using (Process child = Start())
            {
                while (child.StandardOutput.ReadLine() is { } line && ulong.Parse(line) < goal)
                {
                    // wait for progress, then kill it somewhere inside its next writes
                }

                Assert.False(child.HasExited, "the child died by itself: " + (child.HasExited ? child.StandardError.ReadToEnd() : ""));
                Thread.SpinWait(20_000 * round);
                child.Kill();
                child.WaitForExit();
            }

            reached = AssertWhole(goal);
        }
    }

    [Fact]
    public void ASecondProcessIsRefusedWhileTheFirstLives()
    {
        using Process child = Start();
        Assert.NotNull(child.StandardOutput.ReadLine());
        Assert.Equal(StoreFault.Locked, Assert.Throws<StoreException>(() => ChainStore.InFolder(_folder)).Fault);
        child.Kill();
        child.WaitForExit();
        ChainStore.InFolder(_folder).Dispose();
    }

    private ulong AssertWhole(ulong atLeast)
    {
        using ChainStore store = ChainStore.InFolder(_folder, new Retention(50, 30, 20), RocksStoreTests.Fast);
        StoreWindow window = store.Window;
        Assert.True(window.Executed >= atLeast, "what was reported as done is there");
        Assert.InRange(window.Decided - window.Executed, 0UL, 1UL);

        StoreChain chain = new(store); // replays what the store has, in memory
        for (ulong height = 1; height <= window.Decided; height++)
        {
            DecidedBlock decided = chain.Decide();
            if (height <= window.Executed)
            {
                chain.Execute();
            }

            if (height >= window.FirstBlock)
            {
                Assert.Equal(BlockCodec.Encode(decided.Block), BlockCodec.Encode(store.Block(height)!));
                Assert.NotNull(store.Certificate(height));
                Assert.NotNull(store.Record(height));
                Assert.Equal(height <= window.Executed, store.Result(height) is not null);
            }
        }

        Assert.Null(store.Block(window.Decided + 1));
        Assert.Null(store.Certificate(window.Decided + 1));
        BlockResultSummary last = store.Result(window.Executed)!;
        for (uint i = 0; i < last.TransactionCount; i++)
        {
            Assert.NotNull(store.Transaction(last.FirstVersion + i));
        }

        Assert.Null(store.Transaction(last.FirstVersion + last.TransactionCount));
        for (ulong height = window.FirstState; height <= window.Executed; height++)
        {
            ChainStoreContract.AssertState(chain, height);
        }

        for (ulong height = window.FirstProof; height <= window.Executed; height++)
        {
            ChainStoreContract.AssertProofs(chain, height, 4);
        }

        return window.Decided;
    }

    private Process Start()
    {
        ProcessStartInfo start = new(Environment.ProcessPath!)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (Path.GetFileNameWithoutExtension(start.FileName) == "dotnet")
        {
            start.ArgumentList.Add(typeof(CrashTests).Assembly.Location);
        }

        start.Environment[ChildVariable] = _folder;
        return Process.Start(start)!;
    }
}
