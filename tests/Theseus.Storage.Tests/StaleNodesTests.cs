using Theseus.Protocol;

namespace Theseus.Storage.Tests;

/// <summary>How far superseded nodes are pruned is kept across restarts, and damage to it has a name.</summary>
public class StaleNodesTests
{
    private static readonly byte[] PositionKey = "prunedNodes"u8.ToArray();

    /// <summary>Pruned a node at a time with a restart after each: one node leaves each time, and what is left is the same.</summary>
    [Fact]
    public void APositionInsideARowSurvivesARestart()
    {
        MemoryKeyValues tables = new();
        StoreChain chain = new(new ChainStore(tables));
        chain.RunTo(20);
        MemoryKeyValues atOnce = tables.Fork();
        int before = Rows(atOnce);
        Assert.False(new ChainStore(atOnce).Prune(20, 1_000_000));
        int superseded = before - Rows(atOnce);

        int slices = 1;
        int insideRows = 0;
        while (new ChainStore(tables).Prune(20, 1))
        {
            Assert.Equal(before - slices, Rows(tables));
            insideRows += StaleNodes.Position(tables.Get(Table.Meta, PositionKey)).Offset > 0 ? 1 : 0;
            tables = tables.Fork();
            slices++;
        }

        Assert.True(insideRows > 0);
        Assert.Equal(superseded, before - Rows(tables));
        Assert.Equal(tables.From(Table.Nodes, []).Select(static row => Convert.ToHexString(row.Key)),
            atOnce.From(Table.Nodes, []).Select(static row => Convert.ToHexString(row.Key)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("0000000000000001")] // no offset
    [InlineData("000000000000000100000000ff")] // a byte too many
    [InlineData("0000000000000001ffffffff")] // below the row
    public void ADamagedPositionIsToldByName(string damaged)
    {
        MemoryKeyValues tables = new();
        StoreChain chain = new(new ChainStore(tables));
        chain.RunTo(5);
        using (IKeyValueBatch batch = tables.Write())
        {
            batch.Put(Table.Meta, PositionKey, Convert.FromHexString(damaged));
            batch.Commit();
        }

        StoreException fault = Assert.Throws<StoreException>(() => chain.Store.Prune(5, 10));
        Assert.Equal(StoreFault.Broken, fault.Fault);
        Assert.Contains("prunedNodes", fault.Message, StringComparison.Ordinal);
    }

    private static int Rows(MemoryKeyValues tables) => tables.From(Table.Nodes, []).Count();
}
