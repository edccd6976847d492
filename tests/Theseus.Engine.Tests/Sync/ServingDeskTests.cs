using Theseus.Consensus;

namespace Theseus.Engine.Tests;

/// <summary>Requests of peers are served in turn, one of each; a peer that asks for too much has that to itself.</summary>
public class ServingDeskTests
{
    private static readonly PeerId A = new(Keys.IdOf(0));
    private static readonly PeerId B = new(Keys.IdOf(1));

    [Fact]
    public void OneOfEachInTurn()
    {
        ServingDesk desk = new();
        Assert.False(desk.TryServe(static (_, _) => true));
        Assert.True(desk.Add(A, new RangeRequest(1, 10, 1)));
        Assert.True(desk.Add(A, new RangeRequest(2, 11, 1)));
        Assert.True(desk.Add(A, new RangeRequest(3, 12, 1)));
        Assert.True(desk.Add(B, new RangeRequest(4, 13, 1)));
        Assert.Equal(4, desk.Count);
        Assert.Equal([1U, 4U, 2U, 3U], Served(desk));
        Assert.Equal(0, desk.Count);

        Assert.True(desk.Add(A, new RangeRequest(5, 10, 1))); // as one that never asked
        Assert.Equal([5U], Served(desk));
    }

    [Fact]
    public void WhatIsNotTakenStaysFirst()
    {
        ServingDesk desk = new();
        desk.Add(A, new RangeRequest(1, 10, 1));
        desk.Add(B, new RangeRequest(2, 10, 1));
        Assert.False(desk.TryServe(static (_, _) => false));
        Assert.Equal(2, desk.Count);
        Assert.Equal([1U, 2U], Served(desk));
    }

    [Fact]
    public void APeerHasItsPlacesAndNoMore()
    {
        ServingDesk desk = new();
        for (uint i = 0; i < ServingDesk.PerPeer; i++)
        {
            Assert.True(desk.Add(A, new RangeRequest(i, 10, 1)));
        }

        Assert.False(desk.Add(A, new RangeRequest(99, 10, 1)));
        Assert.True(desk.Add(B, new RangeRequest(100, 10, 1)));
        Assert.Equal(ServingDesk.PerPeer + 1, desk.Count);
        Assert.True(desk.TryServe(static (_, request) => request.Request == 0));
        Assert.True(desk.Add(A, new RangeRequest(101, 10, 1)));
        Assert.False(desk.Add(A, new RangeRequest(102, 10, 1)));
    }

    [Fact]
    public void PeersAreBoundedToo()
    {
        ServingDesk desk = new();
        for (int i = 0; i < ServingDesk.Peers; i++)
        {
            Assert.True(desk.Add(PeerOf(i), new RangeRequest(1, 10, 1)));
        }

        Assert.False(desk.Add(PeerOf(ServingDesk.Peers), new RangeRequest(1, 10, 1)));
        Assert.True(desk.Add(PeerOf(0), new RangeRequest(2, 10, 1))); // who is here already may ask again
    }

    private static PeerId PeerOf(int number)
    {
        byte[] id = new byte[ValidatorId.Length];
        BitConverter.TryWriteBytes(id, number + 1);
        return new PeerId(new ValidatorId(id));
    }

    private static List<uint> Served(ServingDesk desk)
    {
        List<uint> served = [];
        while (desk.TryServe((_, request) =>
        {
            served.Add(request.Request);
            return true;
        }))
        {
            // to the end
        }

        return served;
    }
}
