using System.Text.Json.Nodes;
using Theseus.Cli.Localnet;
using Theseus.Cli.Tests.Localnet;
using Theseus.Client;
using Theseus.Consensus;
using Theseus.Engine;
using Theseus.Network;
using Theseus.Node;
using Theseus.Protocol;
using Frame = Theseus.Network.Frame;

namespace Theseus.Cli.Tests.Hostile;

/// <summary>A validator signs contradictions on a live network: from its signatures to its stake, and nobody else's (consensus N3).</summary>
[Collection("hostile")]
public sealed class EvidenceTests(ITestOutputHelper output)
{
    /// <summary>1,000 whole coins of 10^8 units, what a localnet's genesis bonds for each validator.</summary>
    private const ulong Bond = 100_000_000_000;

    /// <summary>theseus-policy/slashing: 50 thousandths for each double vote, nothing for a double proposal. 100,000,000,000 - 5 % = 95,000,000,000; - 5 % = 90,250,000,000.</summary>
    private const ulong AfterTwoDoubleVotes = 90_250_000_000;

    /// <summary>90,250,000,000 - 5 %.</summary>
    private const ulong AfterThreeDoubleVotes = 85_737_500_000;

    /// <summary>theseus-policy/jail: epochs out of the set after a double vote.</summary>
    private const ulong JailEpochs = 100;

    [Fact]
    public async Task ADoubleSignerIsProvenSlashedAndJailedAndNobodyElseIs()
    {
        await using HostileNetwork net = await HostileNetwork.StartAsync();
        using TheseusClient access = net.Client("access");
        foreach (string name in (string[])["n1", "n2", "n3", "n4"])
        {
            Assert.Equal((Bond, 0UL, 0UL), await PoolAsync(access, net.Node(name)));
        }

        // the culprit takes n4's place with n4's key
        await net.DoAsync("localnet", "kill", "n4");
        NodeKey key = NodeKey.Load(Path.Combine(net.Node("n4").Home, "node.key"));
        ValidatorId culprit = ValidatorSets.ToId(Address.Parse(net.Node("n4").Validator!));
        SignContext context = await ContextAsync(net, access);
        List<HostilePeer> sessions = [];
        foreach (string name in (string[])["n1", "n2", "n3"])
        {
            sessions.Add(await HostilePeer.OpenAsync(net.File, net.Node(name), OverlayKind.Consensus, key));
        }

        ulong first = (await access.StatusAsync()).DecidedHeight + 4; // the nodes keep what is up to 8 heights ahead
        Frame[] contradictions =
        [
            VoteFrame(Sign(VoteType.Prevote, first, 1)), VoteFrame(Sign(VoteType.Prevote, first, 2)),
            VoteFrame(Sign(VoteType.Precommit, first + 1, 3)), VoteFrame(Sign(VoteType.Precommit, first + 1, 4)),
            .. Enumerable.Range(0, 4).SelectMany(round => (Frame[])[ProposalFrame(first + 2, round, 5), ProposalFrame(first + 2, round, 6)]), // it is the proposer of one of four rounds
        ];
        foreach (HostilePeer session in sessions)
        {
            foreach (Frame frame in contradictions)
            {
                await session.SendAsync(frame);
            }
        }

        IReadOnlyList<EvidenceInfo> proven = [];
        await TheseusCommand.UntilAsync(async () => (proven = await access.GetEvidenceAsync()).Count >= 3, "three pieces of evidence in blocks");
        foreach (HostilePeer session in sessions)
        {
            await session.DisposeAsync();
        }

        string n4 = net.Node("n4").Validator!;
        Assert.Equal([("DoubleVote", first, n4), ("DoubleVote", first + 1, n4), ("DoubleProposal", first + 2, n4)], proven.Select(item => (item.Kind, item.Height, item.Validator)));
        Assert.All(proven, item => Assert.True(item.IncludedAt > item.Height));
        ulong lastSlash = proven.Where(item => item.Kind == "DoubleVote").Max(item => item.IncludedAt);
        await TheseusCommand.UntilAsync(async () => (await access.StatusAsync()).Height >= proven.Max(item => item.IncludedAt), "the execution of the evidence's block");
        (ulong bonded, ulong unbonding, ulong jailedUntil) = await PoolAsync(access, net.Node("n4"));
        Assert.Equal((AfterTwoDoubleVotes, 0UL), (bonded, unbonding));
        ulong epoch = (await access.GetValidatorsAsync(At.AtHeight(lastSlash))).Epoch;
        Assert.Equal(epoch + JailEpochs, jailedUntil);
        await NobodyElseIsPunishedAsync(net, access);
        output.WriteLine($"n4's bond {Bond} -> {bonded} after {string.Join(", ", proven.Select(item => $"{item.Kind} of {item.Height} in block {item.IncludedAt}"))}; jailed until epoch {jailedUntil}, now {epoch}");

        // `theseus query evidence` says the same
        JsonArray queried = JsonNode.Parse(await net.DoAsync("query", "evidence", "--json"))!.AsArray();
        Assert.Equal(proven.Select(item => item.Kind), queried.Select(item => item!["kind"]!.GetValue<string>()));
        Assert.Contains(n4, await net.DoAsync("query", "evidence"));

        // out of the set from the next epoch on; the others and their power stay
        ValidatorsInfo before = await access.GetValidatorsAsync();
        ValidatorsInfo after = before;
        await TheseusCommand.UntilAsync(async () => (after = await access.GetValidatorsAsync()).Epoch > epoch, "the next epoch");
        Assert.Equal(
            ((string[])["n1", "n2", "n3"]).Select(name => (net.Node(name).Validator!, 1_000UL)).Order(),
            after.Current.Select(validator => (validator.Address, validator.Power)).Order());
        ulong height = (await access.StatusAsync()).Height;

        // the answer survives a restart, and the chain goes on
        await net.DoAsync("localnet", "kill", "n1");
        await net.DoAsync("localnet", "restart", "n1");
        using TheseusClient restarted = net.Client("n1");
        await TheseusCommand.UntilAsync(async () => await Answers(restarted), "n1's answer after its restart");
        Assert.Equal(proven, await restarted.GetEvidenceAsync());
        await TheseusCommand.UntilAsync(async () => (await access.StatusAsync()).Height > height + 5, "five more blocks");

        // evidence that a node kept over its own restart, of a height long decided, still reaches a block: it is told on meeting
        await net.DoAsync("localnet", "kill", "access");
        Evidence kept = Offences.Between(Sign(VoteType.Prevote, first - 2, 7), Sign(VoteType.Prevote, first - 2, 8))!;
        await File.WriteAllTextAsync(Path.Combine(net.Node("access").Home, "evidence.txt"), Convert.ToHexStringLower(Canonical.Encode(kept)) + "\n");
        await net.DoAsync("localnet", "restart", "access");
        await TheseusCommand.UntilAsync(async () => (await restarted.GetEvidenceAsync()).Count == 4, "the kept evidence in a block");
        EvidenceInfo late = (await restarted.GetEvidenceAsync())[0];
        Assert.Equal(("DoubleVote", first - 2, n4), (late.Kind, late.Height, late.Validator));
        await TheseusCommand.UntilAsync(async () => (await restarted.StatusAsync()).Height >= late.IncludedAt, "its execution");
        Assert.Equal(AfterThreeDoubleVotes, (await PoolAsync(restarted, net.Node("n4"))).Bonded);
        await NobodyElseIsPunishedAsync(net, restarted);

        Signed<Vote> Sign(VoteType type, ulong at, byte value)
        {
            Vote vote = new(type, at, 0, Value(value), Rounds.Nil, culprit);
            return new Signed<Vote>(vote, key.Sign(SignBytes.Of(context, vote)));
        }

        Frame ProposalFrame(ulong at, int round, byte value)
        {
            Proposal proposal = new(at, round, Value(value), Rounds.Nil, culprit);
            return Wrap(new ConsensusMessage.OfProposal(new Signed<Proposal>(proposal, key.Sign(SignBytes.Of(context, proposal)))));
        }
    }

    internal static Frame VoteFrame(Signed<Vote> vote) => Wrap(new ConsensusMessage.OfVote(vote, 0));

    internal static Frame Wrap(ConsensusMessage message) => Envelopes.Consensus((ushort)Theseus.Engine.FrameKind.Consensus, message.Height, Canonical.Encode(message));

    internal static ValueId Value(byte fill)
    {
        byte[] bytes = new byte[32];
        bytes.AsSpan().Fill(fill);
        return new ValueId(bytes);
    }

    internal static async Task<SignContext> ContextAsync(HostileNetwork net, TheseusClient client)
    {
        ulong version = (await client.GetVersionsAsync()).Single(item => item.Component == "consensus").Version;
        return new SignContext(net.File.Chain, ValidatorSets.ToValue(Hash32.FromHex(net.File.GenesisHash)), (uint)version);
    }

    private static async Task NobodyElseIsPunishedAsync(HostileNetwork net, TheseusClient client)
    {
        foreach (string name in (string[])["n1", "n2", "n3"])
        {
            Assert.Equal((Bond, 0UL, 0UL), await PoolAsync(client, net.Node(name)));
        }
    }

    private static async Task<(ulong Bonded, ulong Unbonding, ulong JailedUntil)> PoolAsync(TheseusClient client, LocalnetNode node)
    {
        ViewInfo pool = await client.ViewAsync("0x1::stake::pool", null, [node.Validator!]);
        return (ulong.Parse(pool.Values[0].Text), ulong.Parse(pool.Values[1].Text), ulong.Parse(pool.Values[3].Text));
    }

    private static async Task<bool> Answers(TheseusClient client)
    {
        try
        {
            await client.StatusAsync();
            return true;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return false;
        }
    }
}
