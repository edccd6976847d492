using System.Net;
using Theseus.Protocol;

namespace Theseus.Network.Tests;

/// <summary>Who gets a place, who leaves for it (fault 81).</summary>
public class PlacesTests
{
    private static readonly OverlayLimits Limits = new() { Peers = 10, Strangers = 6, StrangersPerAddress = 2, StrangersPerNetwork = 3 };

    [Fact]
    public void StrangersAreFewAndFewerByAddressAndNetwork()
    {
        List<Guest> standing = [];
        Assert.True(Comes(standing, Stranger(1, "192.0.2.1")));
        Assert.True(Comes(standing, Stranger(2, "192.0.2.1")));
        Assert.False(Comes(standing, Stranger(3, "192.0.2.1"))); // 2 an address
        Assert.True(Comes(standing, Stranger(4, "192.0.2.2")));
        Assert.False(Comes(standing, Stranger(5, "192.0.2.3"))); // 3 a network
        Assert.True(Comes(standing, Stranger(6, "198.51.100.1")));
        Assert.True(Comes(standing, Stranger(7, "2001:db8:1:1::1")));
        Assert.True(Comes(standing, Stranger(8, "2001:db8:1:1::2"))); // one address: its first 64 bits
        Assert.Equal(6, standing.Count);
        Assert.False(Comes(standing, Stranger(9, "2001:db8:1:1::3")));
    }

    [Fact]
    public void AFullHouseTakesAStrangerOfAnotherNetworkForTheNewestOfTheHeaviest()
    {
        List<Guest> standing =
        [
            Stranger(1, "192.0.2.1"), Stranger(2, "192.0.2.2"), Stranger(3, "192.0.2.3"),
            Stranger(4, "198.51.100.1"), Stranger(5, "198.51.100.2"), Stranger(6, "203.0.113.1"),
        ];
        Assert.True(Places.TryTake(Limits, Stranger(7, "203.0.114.1"), standing, out Hash32? leaves));
        Assert.Equal(Key(3), leaves);
        Assert.True(Places.TryTake(Limits, Stranger(8, "203.0.113.2"), standing, out leaves)); // 3 and 1 become 2 and 2
        Assert.Equal(Key(3), leaves);
        Assert.False(Places.TryTake(Limits, Stranger(9, "198.51.100.3"), standing, out leaves)); // 3 and 2 would become 2 and 3
        Assert.Null(leaves);
    }

    // fault 81
    [Fact]
    public void AReservedPeerAlwaysFindsAPlaceAndAStrangerLeavesForIt()
    {
        List<Guest> standing = [Stranger(1, "192.0.2.1"), Stranger(2, "192.0.2.2"), Stranger(3, "198.51.100.1")];
        for (int i = 10; i < 20; i++)
        {
            Assert.True(Comes(standing, Reserved(i)));
        }

        Assert.Equal(10, standing.Count);
        Assert.All(standing, guest => Assert.True(guest.IsReserved));
        Assert.False(Comes(standing, Reserved(20))); // the set is larger than the overlay
        Assert.True(Comes(standing, Reserved(21) with { IsDialled = true })); // own dials count apart
        Assert.False(Comes(standing, Stranger(4, "203.0.113.1")));
    }

    [Fact]
    public void ReservedPeersAndDialsTakeNoStrangerSPlace()
    {
        List<Guest> standing = [Reserved(1), Reserved(2), Reserved(3) with { IsDialled = true }, Reserved(4) with { IsDialled = true }];
        for (int i = 0; i < 6; i++)
        {
            Assert.True(Comes(standing, Stranger(10 + i, $"10.0.{i}.1")));
        }

        Assert.False(Comes(standing, Stranger(20, "10.0.99.1")));
    }

    // fault 89
    [Theory]
    [InlineData(256, 126, 4)] // a validator of a localnet
    [InlineData(400, 126, 4)]
    [InlineData(256, 210, 3)]
    [InlineData(400, 210, 4)]
    [InlineData(1024, 210, 4)]
    [InlineData(1024, 210, 100)]
    [InlineData(65_536, 300, 199)]
    public void TheOverlaysStayBelowTheDescriptorLimit(int limit, int used, int dials)
    {
        int each = DescriptorLimit.OfOverlay(limit, used, dials);
        OverlayLimits[] all = [.. ((OverlayKind[])[OverlayKind.Consensus, OverlayKind.Sync, OverlayKind.Mempool])
            .Select(kind => OverlayLimits.Of(kind).Within(each))];
        int clients = DescriptorLimit.OfClients(limit, used, dials, all.Sum(limits => limits.Descriptors));
        Assert.InRange(clients, DescriptorLimit.FewestClients, limit);
        int most = used + clients + all.Sum(limits => limits.Descriptors + dials);
        Assert.InRange(most, 0, limit);
        bool warns = limit < DescriptorLimit.Needed(used, dials);
        Assert.True(most + DescriptorLimit.Kept(limit) <= limit || warns, "what the node keeps is left, or it warns");
        Assert.All(all, limits => Assert.InRange(limits.Peers, 6, 2048));
        Assert.All(all, limits => Assert.InRange(limits.Strangers, 1, 64));
    }

    [Fact]
    public void WithDescriptorsEnoughTheBoundsAreTheWrittenOnes()
    {
        OverlayLimits consensus = OverlayLimits.Of(OverlayKind.Consensus);
        Assert.Equal((2048, 16), (consensus.Peers, consensus.Strangers));
        Assert.Equal((8, 8), (consensus.StrangersPerAddress, consensus.StrangersPerNetwork));
        Assert.Equal(256, consensus.Handshakes);
        Assert.Equal(consensus, consensus.Within(DescriptorLimit.OfOverlay(1 << 20, 300, 1000)));
    }

    private static bool Comes(List<Guest> standing, Guest guest)
    {
        if (!Places.TryTake(Limits, guest, standing, out Hash32? leaves))
        {
            return false;
        }

        standing.RemoveAll(other => other.Peer == leaves);
        standing.Add(guest);
        return true;
    }

    private static Guest Stranger(int key, string address) => new(Key(key), IPAddress.Parse(address), IsDialled: false, IsReserved: false);

    private static Guest Reserved(int key) => new(Key(key), IPAddress.Parse("192.0.2.99"), IsDialled: false, IsReserved: true);

    private static Hash32 Key(int i) => new([(byte)i, .. new byte[31]]);
}
