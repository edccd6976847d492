namespace Theseus.Storage.Tests;

/// <summary>Rows in memory are never older than the tables, and are bounded in bytes.</summary>
public class RecentRowsTests
{
    [Fact]
    public void WhatWasReadBeforeAChangeIsNotKeptAfterIt()
    {
        RecentRows<int> rows = new(1 << 20);
        long before = rows.Changes;
        rows.Begin([1, 2]);
        long during = rows.Changes;
        rows.Remember(3, [3], before); // not part of the change: neither old nor new
        rows.Remember(4, [4], during);
        rows.End([new(1, [2])]);
        rows.Remember(1, [1], before); // read before the change, and slow
        Assert.True(rows.TryGet(1, out byte[]? row));
        Assert.Equal([2], row);
        rows.Remember(2, [1], during);
        Assert.False(rows.TryGet(2, out _));
        rows.Remember(2, null, rows.Changes);
        Assert.True(rows.TryGet(2, out row)); // known to be absent
        Assert.Null(row);
        Assert.True(rows.TryGet(3, out row));
        Assert.Equal([3], row);
        Assert.True(rows.TryGet(4, out row));
        Assert.Equal([4], row);
    }

    [Fact]
    public void WhatWasReadTwoChangesAgoIsNotKept()
    {
        RecentRows<int> rows = new(1 << 20);
        long before = rows.Changes;
        rows.Begin([1]);
        long during = rows.Changes;
        rows.End([]);
        rows.Begin([2]);
        rows.Remember(1, [1], before); // that the first change was of it is forgotten
        rows.Remember(1, [1], during);
        rows.End([]);
        rows.Remember(1, [1], before);
        Assert.False(rows.TryGet(1, out _));
    }

    [Fact]
    public void TheNumberOfChangesIsOddWhileTheTablesChange()
    {
        RecentRows<int> rows = new(1 << 20);
        Assert.Equal(0, rows.Changes % 2);
        rows.Begin([]);
        Assert.Equal(1, rows.Changes % 2);
        rows.End([]);
        Assert.Equal(0, rows.Changes % 2);
    }

    [Fact]
    public void BytesAreBoundedAndWhatIsUsedStays()
    {
        const int Size = 1_000;
        const int Places = 10;
        RecentRows<int> rows = new(2 * Places * (Size + RecentRows<int>.EntryBytes));
        for (int i = 0; i < 20 * Places; i++)
        {
            rows.Remember(i, new byte[Size], rows.Changes);
            Assert.True(rows.TryGet(0, out _)); // asked for again and again
        }

        Assert.InRange(Enumerable.Range(0, 20 * Places).Count(i => rows.TryGet(i, out _)), Places / 2, (2 * Places) + 1);
    }
}
