using Theseus.Client;
using Theseus.Consensus;
using Theseus.Protocol;

namespace Theseus.Cli.Tests.Localnet;

/// <summary>A node becomes a validator of a running chain, and stops being one.</summary>
public class ChainMembershipTests
{
    private const ulong Unit = 100_000_000;

    [Fact]
    public async Task TheAccessNodeBondsVotesFromTheNextEpochUnbondsAndLeaves()
    {
        await using ChainNetwork network = await ChainNetwork.StartAsync("--epoch-seconds", "4");
        Address carol = network.AddressOf("carol");
        ValidatorId fifth = ValidatorSets.ToId(carol);
        string n1 = network.UrlOf("n1");

        // The node first, then the bond: it is ready when its epoch begins.
        await network.KillAtOnceAsync(ChainNetwork.Access);
        await network.VerbAsync("restart", ChainNetwork.Access, "--", "--validator", carol.ToLongString());
        await network.ReachesAsync(ChainNetwork.Access, await network.HeightAsync("n1"));
        Assert.DoesNotContain(carol, await SetAsync());
        await network.DoAsync("txs", "validator", "join", "--consensus-key",
            Path.Combine(network.HomeOf(ChainNetwork.Access), "node.key"), "--amount", "1000", "--from", "carol", "--url", n1);
        await TheseusCommand.UntilAsync(async () => (await SetAsync()).Contains(carol), "carol in the set");
        ulong joined = await network.HeightAsync("n1");
        ulong signed = await network.SignedHeightAsync("n1", fifth, joined, within: 40);

        // Five of equal power: with one dead the four others still decide, so the fifth one's vote counts now.
        await network.KillAtOnceAsync("n4");
        ulong without = await network.HeightAsync("n1");
        await network.ReachesAsync("n1", without + 3);
        CommitCertificate certificate = (await network.CertificateAsync("n1", without + 3))!;
        Assert.Contains(certificate.Signatures, signature => signature.Validator == fifth);
        await network.VerbAsync("restart", "n4");
        await network.ReachesAsync("n4", await network.HeightAsync("n1"));

        await network.DoAsync("txs", "validator", "unbond", "--amount", "1000", "--from", "carol", "--url", n1);
        await TheseusCommand.UntilAsync(async () => !(await SetAsync()).Contains(carol), "carol out of the set");
        ulong left = await network.HeightAsync("n1");
        await network.ReachesAsync("n1", left + 4);
        for (ulong height = left; height <= left + 4; height++)
        {
            Assert.DoesNotContain((await network.CertificateAsync("n1", height))!.Signatures, signature => signature.Validator == fifth);
        }

        // Epochs after unbonding (the localnet's genesis) the coins come back: only fees and pay for proposing change
        // what carol had. A second withdrawal finds no pool any more.
        string said = "";
        await TheseusCommand.UntilAsync(
            async () =>
            {
                Ended ended = await TheseusCommand.RunAsync("txs", "validator", "withdraw", "--from", "carol", "--url", n1, "--dir",
                    network.Folder);
                said = ended.ToString();
                return ended.Code == 0;
            },
            "carol's coins");
        Assert.True(await network.BalanceAsync("n1", "carol") > 999_999 * Unit, said);
        (_, string figures) = await network.AgreesAfterStopAsync();
        TestContext.Current.SendDiagnosticMessage(
            $"in the set at {joined}, precommit in certificate {signed}, out of the set at {left}; {figures}");

        async Task<IReadOnlyList<Address>> SetAsync() =>
            [.. (await network.ClientOf("n1").GetValidatorsAsync()).Current.Select(validator => Address.Parse(validator.Address))];
    }
}
