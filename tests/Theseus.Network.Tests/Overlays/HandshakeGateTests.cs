using System.Net;

namespace Theseus.Network.Tests;

/// <summary>What connections without a proven key may take up (fault 81).</summary>
public class HandshakeGateTests
{
    private readonly StillClock _clock = new();

    [Fact]
    public void TheNewestOfAnAddressPushesOutItsOldest()
    {
        HandshakeGate gate = new(_clock, 256);
        List<int> ended = [];
        gate.Know(Address("192.0.2.1")); // no rate, so that only places count
        for (int i = 0; i < 40; i++)
        {
            int number = i;
            Assert.NotNull(gate.Enter(Address("192.0.2.1"), () => ended.Add(number)));
        }

        Assert.Equal(Enumerable.Range(0, 8), ended); // 32 an address
        Assert.Equal(32, gate.Open);
    }

    [Fact]
    public void WhenAllPlacesAreTakenTheHeaviestNetworkLosesItsOldest()
    {
        HandshakeGate gate = new(_clock, 20);
        List<string> ended = [];
        Enter(gate, "192.0.2.1", ended);
        for (int i = 0; i < 19; i++)
        {
            Enter(gate, $"198.51.100.{i % 4}", ended); // four addresses of one network
        }

        Enter(gate, "203.0.113.7", ended);
        Enter(gate, "203.0.114.7", ended);
        Assert.Equal(["198.51.100.0", "198.51.100.1"], ended);
        Assert.Equal(20, gate.Open);
    }

    // fault 81: half-open connections of a thousand addresses never take the place of one who has proven himself before
    [Fact]
    public void AKnownAddressFindsAPlaceAndKeepsItHoweverManyStrangersCome()
    {
        HandshakeGate gate = new(_clock, 256);
        List<string> ended = [];
        gate.Know(Address("192.0.2.1"));
        for (int i = 0; i < 1000; i++)
        {
            Enter(gate, $"10.{i / 256}.{i % 256}.1", ended); // each in a network of its own
        }

        Enter(gate, "192.0.2.1", ended);
        for (int i = 0; i < 1000; i++)
        {
            Enter(gate, $"11.{i / 256}.{i % 256}.1", ended);
            Enter(gate, $"192.0.2.{2 + (i % 200)}", ended); // neighbours too
        }

        Assert.Equal(256, gate.Open);
        Assert.DoesNotContain("192.0.2.1", ended);
    }

    [Fact]
    public void AnUnknownAddressHasABurstAndARateAndItsNetworkToo()
    {
        HandshakeGate gate = new(_clock, 256);
        Assert.Equal(64, Entered(gate, "192.0.2.1", 200));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(8, Entered(gate, "192.0.2.1", 200)); // 8 a second
        Assert.Equal(64, Entered(gate, "192.0.2.2", 200));
        Assert.Equal(64, Entered(gate, "192.0.2.3", 200));
        int others = Entered(gate, "192.0.2.4", 64) + Entered(gate, "192.0.2.5", 64);
        Assert.Equal(256 - 64 + 32 - 8 - 128, others); // 256 a network, 32 a second
        Assert.Equal(64, Entered(gate, "198.51.100.1", 200));
    }

    [Fact]
    public void AnIpv6NetworkCountsAsOneAddressAndAMappedIpv4AsItself()
    {
        HandshakeGate gate = new(_clock, 256);
        Assert.Equal(64, Enumerable.Range(1, 100).Sum(i => Entered(gate, $"2001:db8:1:2::{i:x}", 1)));
        Assert.Equal(1, Entered(gate, "2001:db8:1:3::1", 1));
        Assert.Equal(64, Entered(gate, "192.0.2.1", 50) + Entered(gate, "::ffff:192.0.2.1", 50));
    }

    [Fact]
    public void WhatIsRememberedOfAddressesIsBounded()
    {
        HandshakeGate gate = new(_clock, 16);
        for (int i = 0; i < 3 * HandshakeGate.Remembered; i++)
        {
            gate.Know(Address($"10.{i >> 16}.{(i >> 8) & 255}.{i & 255}"));
            gate.Enter(Address($"11.{i & 255}.{(i >> 8) & 255}.1"), static () => { });
        }

        Assert.InRange(gate.Addresses, 1, 3 * HandshakeGate.Remembered);
    }

    [Fact]
    public void APlaceIsGivenBackOnceWhoeverEndsFirst()
    {
        HandshakeGate gate = new(_clock, 16);
        HandshakeGate.Ticket ticket = gate.Enter(Address("192.0.2.1"), static () => { })!;
        gate.Leave(ticket);
        gate.Leave(ticket);
        Assert.Equal(0, gate.Open);
        Assert.NotNull(gate.Enter(Address("192.0.2.1"), static () => { }));
    }

    private static IPAddress Address(string text) => IPAddress.Parse(text);

    private static void Enter(HandshakeGate gate, string address, List<string> ended) =>
        gate.Enter(Address(address), () => ended.Add(address));

    private static int Entered(HandshakeGate gate, string address, int times)
    {
        int entered = 0;
        for (int i = 0; i < times; i++)
        {
            if (gate.Enter(Address(address), static () => { }) is { } ticket)
            {
                entered++;
                gate.Leave(ticket);
            }
        }

        return entered;
    }

    private sealed class StillClock : TimeProvider
    {
        private long _ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public void Advance(TimeSpan time) => _ticks += time.Ticks;

        public override long GetTimestamp() => _ticks;
    }
}
