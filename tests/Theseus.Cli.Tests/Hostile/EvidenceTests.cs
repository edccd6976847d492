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

/// <summary>A validator signs contradictions on a live network: from its signatures to its stake, and nobody else's
/// (consensus N3).</summary>
[Collection("hostile")]
public sealed class EvidenceTests(ITestOutputHelper output)
{
    /// <summary>1,000 whole coins of 10^8 units, what a localnet's genesis bonds for each validator.</summary>
    private const ulong Bond = 100_000_000_000;

    /// <summary>theseus-policy/slashing: 50 thousandths for each double vote, nothing for a double proposal.
    /// 100,000,000,000 - 5 % = 95,000,000,000; - 5 % = 90,250,000,000.</summary>
    private const ulong AfterTwoSlashes = 90_250_000_000;

    /// <summary>90,250,000,000 - 5 %.</summary>
    private const ulong AfterThreeSlashes = 85_737_500_000;

    /// <summary>theseus-policy/jail: epochs out of the set after a double vote.</summary>
    private const ulong JailEpochs = 100;

    private static readonly string[] Honest = ["n1", "n2", "n3"];

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
        foreach (string name in Honest)
        {
            sessions.Add(await HostilePeer.OpenAsync(net.File, net.Node(name), OverlayKind.Consensus, key));
        }

        // The first height is one that the culprit should open: as it proposes nothing, round 0 fails with the proof
        // already found, and whoever proposes in round 1 must leave it for the next block. Chosen when nothing slow is
        // left to do: a height that is decided when its votes come proves nothing, and nodes hold messages of 8 heights
        // ahead.
        ValidatorSet set = ValidatorSets.ToConsensus(
            RecordModels.Known.Decode(Convert.FromHexString((await access.GetRecordAsync()).Bytes[2..])).SetNow);
        ulong decided = 0;
        ulong first = 0;
        await TheseusCommand.UntilAsync(
            async () =>
            {
                decided = (await access.StatusAsync()).DecidedHeight;
                first = decided + 4;
                return set.Proposer(first, 0).Id == culprit;
            },
            "a height that n4 opens");
        Frame[] accusations = [Accuse(ValidatorSets.ToId(Address.Parse(net.Node("n1").Validator!)), context),
            Accuse(culprit, context with { ChainId = "another-chain" })];
        Frame[] contradictions =
        [
            VoteFrame(Sign(VoteType.Precommit, first, 1)), VoteFrame(Sign(VoteType.Precommit, first, 2)),
            // it was locked on one value and prevoted another, without a polka
            VoteFrame(Sign(VoteType.Precommit, first + 1, 3)), VoteFrame(Sign(VoteType.Prevote, first + 1, 4, round: 1)),
            // it is the proposer of one of four rounds
            .. Enumerable.Range(0, 4).SelectMany(round =>
                (Frame[])[ProposalFrame(first + 2, round, 5), ProposalFrame(first + 2, round, 6)]),
        ];
        foreach (HostilePeer session in sessions)
        {
            foreach (Frame frame in (Frame[])[.. accusations, .. contradictions])
            {
                await session.SendAsync(frame);
            }
        }

        output.WriteLine($"contradictions for heights {first} to {first + 2} were sent while {decided} to "
            + $"{(await access.StatusAsync()).DecidedHeight} were the newest decided");
        IReadOnlyList<EvidenceInfo> proven = [];
        await TheseusCommand.UntilAsync(
            // an accusation that was believed shows below
            async () => (proven = await access.GetEvidenceAsync()).Count >= 3 || proven.Any(item => item.Height < first),
            "three pieces of evidence in blocks");
        // an accusation whose signatures are wrong costs its sender
        ulong refused = await RefusedAsync();
        foreach (Frame accusation in accusations)
        {
            await sessions[0].SendAsync(accusation);
        }

        await TheseusCommand.UntilAsync(async () => await RefusedAsync() == refused + (ulong)accusations.Length,
            "a penalty for each accusation");
        foreach (HostilePeer session in sessions)
        {
            await session.DisposeAsync();
        }

        string n4 = net.Node("n4").Validator!;
        Assert.Equal([("DoubleVote", first, n4), ("Amnesia", first + 1, n4), ("DoubleProposal", first + 2, n4)],
            proven.Select(item => (item.Kind, item.Height, item.Validator)));
        Assert.All(proven, item => Assert.True(item.IncludedAt > item.Height));
        foreach (IGrouping<ulong, EvidenceInfo> block in proven.GroupBy(item => item.IncludedAt))
        {
            Assert.Equal(block, (await access.GetBlockAsync(At.AtHeight(block.Key), "hashes")).Evidence!);
        }

        Assert.Null((await access.GetBlockAsync(At.AtHeight(proven[0].IncludedAt), "header")).Evidence);
        Assert.Contains($"evidence of DoubleVote by {n4} at height {first}",
            await net.DoAsync("query", "block", $"{proven[0].IncludedAt}"));
        ulong lastSlash = proven.Where(item => item.Kind != "DoubleProposal").Max(item => item.IncludedAt);
        await TheseusCommand.UntilAsync(async () => (await access.StatusAsync()).Height >= proven.Max(item => item.IncludedAt),
            "the execution of the evidence's block");
        (ulong bonded, ulong unbonding, ulong jailedUntil) = await PoolAsync(access, net.Node("n4"));
        Assert.Equal((AfterTwoSlashes, 0UL), (bonded, unbonding));
        ulong epoch = (await access.GetValidatorsAsync(At.AtHeight(lastSlash))).Epoch;
        Assert.Equal(epoch + JailEpochs, jailedUntil);
        await NobodyElseIsPunishedAsync(net, access);
        output.WriteLine($"n4's bond {Bond} -> {bonded} after "
            + $"{string.Join(", ", proven.Select(item => $"{item.Kind} of {item.Height} in block {item.IncludedAt}"))}; jailed "
            + $"until epoch {jailedUntil}, now {epoch}");

        // the blocks' events name nobody else, and what left the bond left the supply: there are no fees, so that
        // nothing else can be burned or made
        ulong beforeSlash = proven.Min(item => item.IncludedAt) - 1;
        ulong afterSlash = proven.Max(item => item.IncludedAt);
        Assert.Equal(
            [new Punishment(n4, 1, first, 5_000_000_000), new Punishment(n4, 3, first + 1, 4_750_000_000),
                new Punishment(n4, 2, first + 2, 0)],
            await EvidenceAccounts.PunishmentsAsync(access, 1, afterSlash));
        (UInt128 genesis, UInt128 minted, UInt128 burned) = await EvidenceAccounts.SupplyAsync(access, beforeSlash);
        Assert.Equal((genesis, minted, burned + 9_750_000_000), await EvidenceAccounts.SupplyAsync(access, afterSlash));

        // page by page from the newest; a page's lowest height leads to the page before
        Assert.Equal(proven.TakeLast(1), await access.GetEvidenceAsync(limit: 1));
        Assert.Equal(proven.Skip(1).Take(1), await access.GetEvidenceAsync(before: first + 2, limit: 1));
        Assert.Empty(await access.GetEvidenceAsync(before: first));

        // `theseus query evidence` says the same
        JsonArray queried = JsonNode.Parse(await net.DoAsync("query", "evidence", "--json"))!.AsArray();
        Assert.Equal(proven.Select(item => item.Kind), queried.Select(item => item!["kind"]!.GetValue<string>()));
        Assert.Contains(n4, await net.DoAsync("query", "evidence"));

        // out of the set from the next epoch's first block on; the others and their power stay
        await TheseusCommand.UntilAsync(async () => (await access.GetValidatorsAsync()).Epoch > epoch, "the next epoch");
        ulong firstOfEpoch = lastSlash;
        while ((await access.GetValidatorsAsync(At.AtHeight(firstOfEpoch))).Epoch == epoch)
        {
            firstOfEpoch++;
        }

        Assert.Equal(
            Honest.Select(name => (net.Node(name).Validator!, 1_000UL)).Order(),
            (await access.GetValidatorsAsync(At.AtHeight(firstOfEpoch))).Current.Select(validator =>
                (validator.Address, validator.Power)).Order());
        output.WriteLine($"n4 is out of the set from block {firstOfEpoch} on, the first of epoch {epoch + 1}");
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
        await File.WriteAllTextAsync(Path.Combine(net.Node("access").Home, "evidence.txt"),
            Convert.ToHexStringLower(Canonical.Encode(kept)) + "\n");
        await net.DoAsync("localnet", "restart", "access");
        await TheseusCommand.UntilAsync(async () => (await restarted.GetEvidenceAsync()).Count == 4, "the kept evidence in a block");
        EvidenceInfo late = (await restarted.GetEvidenceAsync())[0];
        Assert.Equal(("DoubleVote", first - 2, n4), (late.Kind, late.Height, late.Validator));
        await TheseusCommand.UntilAsync(async () => (await restarted.StatusAsync()).Height >= late.IncludedAt, "its execution");
        Assert.Equal(AfterThreeSlashes, (await PoolAsync(restarted, net.Node("n4"))).Bonded);
        await NobodyElseIsPunishedAsync(net, restarted);
        Assert.Equal((genesis, minted, burned + 14_262_500_000), await EvidenceAccounts.SupplyAsync(restarted, late.IncludedAt));

        // all that are honest have the same blocks and states, over slashes, the new set and their own restarts
        using TheseusClient n2 = net.Client("n2");
        using TheseusClient n3 = net.Client("n3");
        TheseusClient[] nodes = [restarted, n2, n3, access];
        await TheseusCommand.UntilAsync(async () => (await Task.WhenAll(nodes.Select(HeightAsync))).Min() >= late.IncludedAt + 2,
            "two more blocks everywhere");
        await EvidenceAccounts.AgreeAsync(nodes, beforeSlash, late.IncludedAt + 2);

        // and on every disk the proofs lie in the blocks; an offline count finds every coin that was not burned
        await net.StopAsync();
        foreach (string name in (string[])[.. Honest, "access"])
        {
            Assert.Equal(
                [.. proven.Select(item => (Enum.Parse<EvidenceKind>(item.Kind), item.Height, n4, item.IncludedAt)),
                    (EvidenceKind.DoubleVote, first - 2, n4, late.IncludedAt)],
                EvidenceAccounts.InBlocks(net.Node(name).Home, 1, late.IncludedAt + 2));
        }

        Assert.True(JsonNode.Parse(await net.DoAsync("db", "supply", "--dir", net.Node("n1").Home, "--json"))!["clean"]!.GetValue<bool>());

        // two contradicting votes of a height that all know, in the right form, with signatures of n4's key that are
        // not good for what they say
        async Task<ulong> RefusedAsync() =>
            await NodeWatch.CountAsync(net.Node("n1").Url,
            "theseus_peer_misbehaviour_total{overlay=\"consensus\",what=\"penalised\",why=\"Refused\"}");

        Frame Accuse(ValidatorId accused, SignContext signedFor)
        {
            Signed<Vote>[] votes = [.. ((byte[])[9, 10]).Select(value =>
            {
                Vote vote = new(VoteType.Precommit, decided, 0, Value(value), Rounds.Nil, accused);
                return new Signed<Vote>(vote, key.Sign(SignBytes.Of(signedFor, vote)));
            })];
            return Wrap(new ConsensusMessage.OfEvidence(Offences.Between(votes[0], votes[1])!));
        }

        Signed<Vote> Sign(VoteType type, ulong at, byte value, int round = 0)
        {
            Vote vote = new(type, at, round, Value(value), Rounds.Nil, culprit);
            return new Signed<Vote>(vote, key.Sign(SignBytes.Of(context, vote)));
        }

        Frame ProposalFrame(ulong at, int round, byte value)
        {
            Proposal proposal = new(at, round, Value(value), Rounds.Nil, culprit);
            return Wrap(new ConsensusMessage.OfProposal(new Signed<Proposal>(proposal, key.Sign(SignBytes.Of(context, proposal)))));
        }
    }

    internal static Frame VoteFrame(Signed<Vote> vote) => Wrap(new ConsensusMessage.OfVote(vote, 0));

    internal static Frame Wrap(ConsensusMessage message) =>
        Envelopes.Consensus((ushort)Theseus.Engine.FrameKind.Consensus, message.Height, Canonical.Encode(message));

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
        foreach (string name in Honest)
        {
            Assert.Equal((Bond, 0UL, 0UL), await PoolAsync(client, net.Node(name)));
        }
    }

    private static async Task<(ulong Bonded, ulong Unbonding, ulong JailedUntil)> PoolAsync(TheseusClient client, LocalnetNode node)
    {
        ViewInfo pool = await client.ViewAsync("0x1::stake::pool", null, [node.Validator!]);
        return (ulong.Parse(pool.Values[0].Text), ulong.Parse(pool.Values[1].Text), ulong.Parse(pool.Values[3].Text));
    }

    private static async Task<ulong> HeightAsync(TheseusClient client)
    {
        try
        {
            return (await client.StatusAsync()).Height;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return 0; // it is starting
        }
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
