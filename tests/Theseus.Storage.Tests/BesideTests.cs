using Theseus.Protocol;

namespace Theseus.Storage.Tests;

/// <summary>What a store does beside its caller: the same as in line with it, and a fault there is the caller's.</summary>
public class BesideTests
{
    /// <summary>Bytes of a root's key: the height that wrote it. Keys of the nodes below are longer.</summary>
    private const int RootKey = sizeof(ulong);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ACommitBesideMakesWhatACommitMakesAndRefusesWhatItRefuses(bool isOnDisk)
    {
        MemoryKeyValues memory = new();
        StoreChain chain = new(new ChainStore(memory));
        chain.RunTo(3);
        using ChainStore store = new(new DiskLike(new MemoryKeyValues(), isOnDisk));
        store.Initialise(chain.Chain.Genesis);
        store.Append(chain.Decided[1]);
        PreparedState prepared = store.Prepare(1, chain.Executed[1].Writes);
        Assert.Equal(chain.Results[1].StateRoot, await store.CommitBesideAsync(chain.Executed[1], prepared));
        Assert.Equal(1UL, store.Window.Executed);
        Task<Hash32> early = store.CommitBesideAsync(chain.Executed[3]);
        Assert.Equal(StoreFault.Order, (await Assert.ThrowsAsync<StoreException>(() => early)).Fault);
    }

    [Fact]
    public void ABrokenDeviceIsNamedWhenTheTreeIsUpdatedSideBySide()
    {
        using ChainStore store = new(new DiskLike(Filled())
        {
            Node = static _ => throw new StoreException(StoreFault.Broken, "cannot read"),
        });
        WriteSet many = WriteSet.From(Enumerable.Range(0, 400).Select(static i =>
            new StateWrite(StateKey.TableItem(Hash32.Zero, BitConverter.GetBytes(i)), [1])));
        StoreException fault = Assert.Throws<StoreException>(() => store.Prepare(4, many));
        Assert.Equal((StoreFault.Broken, "cannot read"), (fault.Fault, fault.Message));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task WhatIsReadAheadIsNoOccasionForAFault(bool isDamaged)
    {
        TaskCompletionSource asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        ChainStore store = new(new DiskLike(Filled())
        {
            Node = _ =>
            {
                asked.TrySetResult();
                return isDamaged ? [255, 255, 1] : throw new StoreException(StoreFault.Broken, "cannot read");
            },
        });
        for (byte i = 0; i < 64; i++) // some of them lead to a node below the root
        {
            store.Expect(StateKey.TableItem(Hash32.Zero, [i]));
        }

        await asked.Task;
        store.Dispose();
        store.Dispose();
    }

    private static MemoryKeyValues Filled()
    {
        MemoryKeyValues memory = new();
        new StoreChain(new ChainStore(memory)).RunTo(3);
        return memory.Fork();
    }

    /// <summary>Tables in memory that call themselves a disk, and whose nodes below the root are what a test says.</summary>
    private sealed class DiskLike(MemoryKeyValues inner, bool isOnDisk = true) : IKeyValues
    {
        public Func<byte[]?, byte[]?>? Node { get; init; }

        public bool IsOnDisk => isOnDisk;

        public byte[]? Get(Table table, ReadOnlySpan<byte> key) => Read(inner, table, key);

        public bool Seek(Table table, ReadOnlySpan<byte> key, out byte[] foundKey, out byte[] value) =>
            inner.Seek(table, key, out foundKey, out value);

        public IEnumerable<KeyValuePair<byte[], byte[]>> From(Table table, byte[] key) => inner.From(table, key);

        public bool Before(Table table, ReadOnlySpan<byte> key, out byte[] foundKey, out byte[] value) =>
            inner.Before(table, key, out foundKey, out value);

        public IKeyValueView View() => new DiskLikeView(this, inner.View());

        public IKeyValueBatch Write() => inner.Write();

        public void Forget(Table table, ulong floor) => inner.Forget(table, floor);

        public void Compact() => inner.Compact();

        public void Dispose() => inner.Dispose();

        private byte[]? Read(IKeyValueReader tables, Table table, ReadOnlySpan<byte> key) =>
            table == Table.Nodes && key.Length > RootKey && Node is not null ? Node(tables.Get(table, key)) : tables.Get(table, key);

        private sealed class DiskLikeView(DiskLike tables, IKeyValueView inner) : IKeyValueView
        {
            public byte[]? Get(Table table, ReadOnlySpan<byte> key) => tables.Read(inner, table, key);

            public bool Seek(Table table, ReadOnlySpan<byte> key, out byte[] foundKey, out byte[] value) =>
                inner.Seek(table, key, out foundKey, out value);

            public IEnumerable<KeyValuePair<byte[], byte[]>> From(Table table, byte[] key) => inner.From(table, key);

            public bool Before(Table table, ReadOnlySpan<byte> key, out byte[] foundKey, out byte[] value) =>
                inner.Before(table, key, out foundKey, out value);

            public void Dispose() => inner.Dispose();
        }
    }
}
