
namespace Theseus.Storage.Tests;

public sealed class RocksStoreTests : ChainStoreContract
{
    private readonly string _root = Directory.CreateTempSubdirectory("theseus-store").FullName;
    private int _folders;

    public override void Dispose()
    {
        base.Dispose();
        Directory.Delete(_root, recursive: true);
    }

    protected override IKeyValues NewTables() => RocksKeyValues.Open(NewFolder(), Fast);

    // these tests crash processes, never machines
    internal static StoreOptions Fast { get; } = new(8 << 20, 8 << 20, Sync: false);

    private string NewFolder() => Path.Combine(_root, $"{_folders++}");

    [Fact]
    public void AReopenedStoreIsAsItWas()
    {
        string folder = NewFolder();
        StoreChain chain;
        using (ChainStore store = ChainStore.InFolder(folder, new Retention(30, 20, 10), Fast))
        {
            chain = new StoreChain(store);
            chain.RunTo(40);
            chain.Decide();
        }

        using ChainStore again = ChainStore.InFolder(folder, new Retention(30, 20, 10), Fast);
        Assert.Equal(new StoreWindow(41, 40, 10, 20, 30), again.Window);
        Assert.Equal(chain.Chain.Chain, again.Chain);
        StoreChain resumed = new(again);
        resumed.RunTo(45);
        AssertState(resumed, 45);
        AssertState(resumed, 25);
    }

    [Fact]
    public void AFolderInUseIsRefusedWithAClearError()
    {
        string folder = NewFolder();
        using (ChainStore store = ChainStore.InFolder(folder, options: Fast))
        {
            StoreException thrown = Assert.Throws<StoreException>(() => ChainStore.InFolder(folder, options: Fast));
            Assert.Equal(StoreFault.Locked, thrown.Fault);
            Assert.Contains(folder, thrown.Message, StringComparison.Ordinal);
        }

        ChainStore.InFolder(folder, options: Fast).Dispose();
    }

    [Fact]
    public void AnotherSchemaIsRefusedAndTheFolderIsFreeAgain()
    {
        string folder = NewFolder();
        using (RocksKeyValues tables = RocksKeyValues.Open(folder, Fast))
        {
            using IKeyValueBatch writer = tables.Write();
            writer.Put(Table.Meta, "schema"u8, [9, 0, 0, 0]);
            writer.Commit();
        }

        Assert.Equal(StoreFault.Schema, Assert.Throws<StoreException>(() => ChainStore.InFolder(folder, options: Fast)).Fault);
        Assert.Equal(StoreFault.Schema, Assert.Throws<StoreException>(() => ChainStore.InFolder(folder, options: Fast)).Fault);
    }

    [Fact]
    public void AWriteThatIsNotCommittedLeavesNothing()
    {
        using RocksKeyValues tables = RocksKeyValues.Open(NewFolder(), Fast);
        using (IKeyValueBatch writer = tables.Write())
        {
            writer.Put(Table.Meta, [1], [2]);
            Assert.Null(tables.Get(Table.Meta, [1]));
        }

        using IKeyValueView view = tables.View();
        Assert.Null(view.Get(Table.Meta, [1]));
    }

    [Fact]
    public void AViewDoesNotSeeWhatIsWrittenAfterItOpenedAndANewOneDoes()
    {
        using RocksKeyValues tables = RocksKeyValues.Open(NewFolder(), Fast);
        for (int i = 0; i < 3; i++)
        {
            using IKeyValueView before = tables.View();
            Assert.False(before.Seek(Table.Meta, [(byte)i], out _, out _));
            using (IKeyValueBatch writer = tables.Write())
            {
                writer.Put(Table.Meta, [(byte)i], []);
                writer.Commit();
            }

            Assert.False(before.Seek(Table.Meta, [(byte)i], out _, out _));
            using IKeyValueView after = tables.View();
            Assert.True(after.Seek(Table.Meta, [(byte)i], out _, out byte[] value));
            Assert.Empty(value);
            Assert.True(after.Before(Table.Meta, [255], out byte[] last, out _));
            Assert.Equal([(byte)i], last);
        }
    }

    // fault 31: damage is a StoreException that says where, never the end of the process
    [Theory]
    [InlineData("*.sst")]
    [InlineData("MANIFEST-*")]
    [InlineData("CURRENT")]
    [InlineData("*.log")]
    public void DamagedFilesAreToldWhenTheyAreOpenedOrRead(string pattern)
    {
        string folder = NewFolder();
        int chainLength = 40;
        using (ChainStore store = ChainStore.InFolder(folder, options: Fast))
        {
            new StoreChain(store).RunTo((ulong)chainLength);
        }

        if (pattern == "*.sst")
        {
            using RocksKeyValues tables = RocksKeyValues.Open(folder, Fast);
            tables.Compact();
        }

        string[] files = [.. Directory.GetFiles(folder, pattern).Where(file => new FileInfo(file).Length > 0)];
        Assert.NotEmpty(files);
        foreach (string file in files)
        {
            byte[] bytes = File.ReadAllBytes(file);
            foreach (ref byte one in bytes.AsSpan()[(bytes.Length / 4)..(3 * bytes.Length / 4)])
            {
                one ^= 0x5a;
            }

            File.WriteAllBytes(file, bytes);
        }

        StoreException thrown = Assert.Throws<StoreException>(() =>
        {
            using ChainStore store = ChainStore.InFolder(folder, options: Fast);
            for (int height = 0; height <= chainLength; height++)
            {
                store.Block((ulong)height);
                store.Result((ulong)height);
                store.Scan((ulong)height, null, 10_000);
            }
        });
        Assert.Equal(StoreFault.Broken, thrown.Fault);
    }

    // fault 31: the database opens whatever its manifest leads to, an older state too (decision 0111)
    [Fact]
    public void AStoreThatEndsBelowABlockThatItHeldSaysSo()
    {
        string folder = NewFolder();
        string older = NewFolder();
        using (ChainStore store = ChainStore.InFolder(folder, options: Fast))
        {
            new StoreChain(store).RunTo(20);
        }

        CopyFiles(folder, older, static _ => true);
        using (ChainStore store = ChainStore.InFolder(folder, options: Fast))
        {
            new StoreChain(store).RunTo(40);
        }

        using (ChainStore whole = ChainStore.InFolder(older, options: Fast))
        {
            Assert.Equal(20UL, whole.Window.Decided); // an old copy of the whole folder is a store
        }

        string mixed = NewFolder();
        CopyFiles(older, mixed, static name => name != "highest-block");
        CopyFiles(folder, mixed, static name => name == "highest-block");
        StoreException thrown = Assert.Throws<StoreException>(() => ChainStore.InFolder(mixed, options: Fast));
        Assert.Equal(StoreFault.Broken, thrown.Fault);
        Assert.Contains("held block 40 and now ends at block 20", thrown.Message, StringComparison.Ordinal);
    }

    private static void CopyFiles(string from, string to, Func<string, bool> chosen)
    {
        Directory.CreateDirectory(to);
        foreach (string file in Directory.GetFiles(from).Where(file => chosen(Path.GetFileName(file))))
        {
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        }
    }

    // fault 31: all files of a store are lost but its folder
    [Fact]
    public void AStoreThatHoldsNoChainSaysSo()
    {
        string folder = NewFolder();
        using ChainStore store = ChainStore.InFolder(folder, options: Fast);
        Assert.Equal(StoreFault.Empty, Assert.Throws<StoreException>(() => store.Window).Fault);
    }

    [Fact]
    public void ManyReadersOnManyThreadsReadWhileBlocksAreWritten()
    {
        using ChainStore store = ChainStore.InFolder(NewFolder(), options: Fast);
        StoreChain chain = new(store);
        chain.RunTo(10);
        byte[]?[] expected = [.. chain.Pool.Select(key => chain.Truth[10].GetValueOrDefault(key))];
        using CancellationTokenSource stop = new();
        int reads = 0;
        int wrong = 0;
        Thread[] readers =
        [
            .. Enumerable.Range(0, 4).Select(_ => new Thread(() =>
            {
                while (!stop.IsCancellationRequested)
                {
                    for (int i = 0; i < expected.Length; i++)
                    {
                        byte[]? value = store.StateAt(10).TryGet(chain.Pool[i]);
                        bool same = value is null ? expected[i] is null : expected[i] is { } other && value.AsSpan().SequenceEqual(other);
                        Interlocked.Add(ref wrong, same ? 0 : 1);
                        Interlocked.Increment(ref reads);
                    }
                }
            })),
        ];
        foreach (Thread reader in readers)
        {
            reader.Start();
        }

        chain.RunTo(60);
        SpinWait.SpinUntil(() => Volatile.Read(ref reads) > 1000, TimeSpan.FromSeconds(30));
        stop.Cancel();
        foreach (Thread reader in readers)
        {
            reader.Join();
        }

        Assert.True(reads > 1000);
        Assert.Equal(0, wrong);
    }
}
