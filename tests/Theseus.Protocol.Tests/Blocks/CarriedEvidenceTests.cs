namespace Theseus.Protocol.Tests.Blocks;

/// <summary>Evidence in blocks whose begin hooks failed reaches the next hook that runs. // fault 94</summary>
public class CarriedEvidenceTests
{
    private static EvidenceFact Fact(ulong height) => new(1, height, Address.One);

    private static IReadOnlyList<EvidenceFact> Carried(ulong height, params ulong[] failed) =>
        BlockContexts.Carried(height, below => failed.Contains(below), below => [Fact(below)]);

    [Fact]
    public void OnlyTheUnbrokenRowBeforeTheBlockIsCarried()
    {
        Assert.Empty(Carried(1));
        Assert.Empty(Carried(9));
        Assert.Equal([Fact(8)], Carried(9, 8));
        Assert.Equal([Fact(8), Fact(7), Fact(6)], Carried(9, 8, 7, 6));
        Assert.Empty(Carried(9, 7, 6)); // block 8's hook ran: it had them
        Assert.Equal([Fact(2), Fact(1)], Carried(3, 2, 1)); // genesis is not a block with hooks
    }

    [Fact]
    public void TheRowIsBounded() =>
        Assert.Equal(1_000, BlockContexts.Carried(5_000, static _ => true, static below => [Fact(below)]).Count);
}
