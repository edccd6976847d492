namespace Theseus.Protocol.Tests;

public class StateOverlayTests
{
    [Fact]
    public void WritesAndDeletionsAboveHideWhatIsBelowAndTheRestShowsThrough()
    {
        StateKey[] keys = [.. Enumerable.Range(0, 4).Select(i => StateKey.TableItem(Hash32.Zero, [(byte)i]))];
        IStateReader below = new StateOverlay(EmptyState.Instance,
            WriteSet.From([new(keys[0], [1]), new(keys[1], [2]), new(keys[2], [3])]));
        IStateReader above = new StateOverlay(below, WriteSet.From([new(keys[1], [9]), new(keys[2], null)]));
        Assert.Equal([1], above.TryGet(keys[0]));
        Assert.Equal([9], above.TryGet(keys[1]));
        Assert.Null(above.TryGet(keys[2]));
        Assert.Null(above.TryGet(keys[3]));
        Assert.Equal([3], below.TryGet(keys[2]));
    }

    [Fact]
    public void AWriteSetIsSortedAndOfEqualKeysTheLastWriteStands()
    {
        StateKey one = StateKey.TableItem(Hash32.Zero, [1]);
        StateKey two = StateKey.TableItem(Hash32.Zero, [2]);
        WriteSet writes = WriteSet.From([new(two, [1]), new(one, [1]), new(two, null)]);
        Assert.Equal([one, two], writes.Writes.Select(write => write.Key));
        Assert.Null(writes.Writes[1].Value);
    }
}
