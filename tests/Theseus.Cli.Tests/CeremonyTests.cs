using System.Globalization;
using Theseus.Cli.Tests.Localnet;
using Theseus.Client;

namespace Theseus.Cli.Tests;

/// <summary>The ceremony by the public commands against real processes, and every way in which it refuses.</summary>
public sealed class CeremonyTests(LocalnetFixture net) : IClassFixture<LocalnetFixture>
{
    /// <summary>Resolving is refused before anything is sent, and again by the chain when forced; neither changes the code.</summary>
    private async Task RefusedAsync(string scripts, string locally, string byTheChain)
    {
        (string, ulong) before = await net.CodeAsync();
        UInt128 balance = await net.BalanceAsync("bob");
        CommandResult refused = await net.RunAsync("txs", "resolve", "--proposal-script-dir", scripts, "--from", "bob");
        Assert.Equal(1, refused.Code);
        Assert.Contains(locally, refused.Errors);
        Assert.Contains("Nothing was sent", refused.Errors);
        Assert.Equal(balance, await net.BalanceAsync("bob"));

        CommandResult forced = await net.RunAsync("txs", "resolve", "--proposal-script-dir", scripts, "--from", "bob", "--force", "--json");
        Assert.Equal(1, forced.Code);
        Assert.Contains(byTheChain, forced.Json["explanation"]!.ToString());
        Assert.Equal(before, await net.CodeAsync());
        UInt128 fee = UInt128.Parse(forced.Json["fee"]!.ToString(), CultureInfo.InvariantCulture);
        Assert.Equal(balance - fee, await net.BalanceAsync("bob"));
    }

    /// <summary>Refused by name before anything is sent; and by the chain, for its fee, when it is sent nevertheless.</summary>
    private async Task NothingDoneAsync(string sender, string why, params string[] command)
    {
        ulong sequence = await net.SequenceAsync(sender);
        string before = await VotesAsync();
        CommandResult refused = await net.RunAsync([.. command, "--from", sender]);
        Assert.Equal(1, refused.Code);
        Assert.Contains(why, refused.Errors);
        Assert.Contains("Nothing was sent", refused.Errors);
        Assert.Equal(sequence, await net.SequenceAsync(sender));

        CommandResult forced = await net.RunAsync([.. command, "--from", sender, "--force", "--json"]);
        Assert.Equal(1, forced.Code);
        Assert.Contains(why, forced.Json["explanation"]!.ToString());
        Assert.DoesNotContain("Nothing was sent", forced.Errors);
        Assert.Equal(sequence + 1, await net.SequenceAsync(sender));
        Assert.Equal(before, await VotesAsync());
    }

    private async Task<string> VotesAsync() =>
        string.Join('\n', (await net.Client.GetProposalsAsync()).Select(proposal => $"{proposal.Id} yes {proposal.Yes} no "
        + $"{proposal.No} resolved {proposal.Status == "RESOLVED"} cancelled {proposal.Status == "CANCELLED"}"));

    private async Task<(string Scripts, ulong Id)> ApprovedAsync(string scripts)
    {
        ulong id = await net.ProposeAsync(scripts);
        await net.ApproveAsync(id);
        return (scripts, id);
    }

    private static Action<string> AddFunction(string name) => copy =>
        FrameworkCopy.Add(copy, "theseus-framework", "timestamp",
        $"#[view] public fun {name}(): u64 {{ block_context::time_micros() / 1000 }}");

    [Theory]
    [InlineData("upgrade show 99", 1, "there is no proposal 99")]
    [InlineData("query view 0x1::coin::supply", 1, "0 type arguments for 1 parameters")]
    [InlineData("query view 0x1::theseus_coin::balance --arg 1 --arg 2", 1, "takes 1 arguments (address), not 2")]
    [InlineData("query module 0x1::nothing", 1, "no module 0x1::nothing")]
    [InlineData("query resource 0x77 0x1::account::Account", 1, "has no 0x1::account::Account")]
    [InlineData("query status --url http://127.0.0.1:1", 1, "the node does not answer: Connection refused (127.0.0.1:1)")]
    [InlineData("query block abc", 2, "<height> takes a whole number, not 'abc'")]
    [InlineData("txs transfer --from alice --to bob --amount 99999999999", 1, "holds too little of the coin (EINSUFFICIENT_BALANCE")]
    [InlineData("txs transfer --from alice --to 0xzz --amount 1", 2, "'0xzz' is neither a known account nor an address")]
    [InlineData("txs transfer --from nobody --to bob --amount 1", 2, "no account or key file named 'nobody'; this localnet has alice")]
    [InlineData("txs transfer --from alice --to bob --amount 1.123456789", 2, "'1.123456789' is not an amount")]
    [InlineData("txs vote --proposal-id 99 --from n1", 1, "There is no such proposal")]
    public async Task ErrorsAreSentences(string words, int code, string said)
    {
        CommandResult ended = await net.RunAsync(words.Split(' '));
        Assert.Equal(code, ended.Code);
        Assert.Contains(said, ended.Errors);
    }

    [Fact]
    public async Task AnUpgradeMakesANewFunctionCallableAndANewEpochFollows()
    {
        StatusInfo before = await net.Client.StatusAsync();
        await Assert.ThrowsAsync<RpcException>(() => net.Client.ViewAsync("0x1::timestamp::now_milliseconds"));
        AddFunction("now_milliseconds")(net.Sources);

        // the same sources in another folder give the same package
        string scripts = await net.UpgradeAsync(_ => { });
        string again = await net.UpgradeAsync(_ => { });
        foreach (string file in (string[])["script.move", "script.mv", "script_sha3", "manifest.json"])
        {
            Assert.Equal(await File.ReadAllBytesAsync(Path.Combine(scripts, file)),
                await File.ReadAllBytesAsync(Path.Combine(again, file)));
        }

        ulong sequence = await net.SequenceAsync("alice"); // her balance may grow meanwhile: deposits of ended proposals come back
        CommandResult dry = await net.RunAsync("txs", "upgrade", "propose", "--script-dir", scripts, "--metadata-url",
            "https://example.org", "--from", "alice", "--dry-run", "--json");
        Assert.True(dry.Code == 0 && dry.Json["success"]!.GetValue<bool>(), dry.Output + dry.Errors);
        Assert.Equal(sequence, await net.SequenceAsync("alice"));

        (_, ulong id) = await ApprovedAsync(scripts);
        CommandResult shown = await net.RunAsync("upgrade", "show", id.ToString());
        Assert.Contains("APPROVED", shown.Output);
        Assert.Contains("3000 of 4000, 2667 needed (3 of 4)", shown.Output);
        CommandResult resolved = await net.RunAsync("txs", "resolve", "--proposal-script-dir", scripts, "--from", "bob", "--json");
        Assert.True(resolved.Code == 0, resolved.Output + resolved.Errors);

        CommandResult view = await net.RunAsync("query", "view", "0x1::timestamp::now_milliseconds", "--json");
        Assert.True(view.Code == 0, view.Errors);
        Assert.True(ulong.Parse(view.Json["values"]![0]!["text"]!.ToString(), CultureInfo.InvariantCulture) > 1_700_000_000_000);
        StatusInfo after = await UntilAsync(status => status.Epoch > before.Epoch && status.FrameworkUpgrades > before.FrameworkUpgrades);
        Assert.NotEqual(before.CodeRoot, after.CodeRoot);
        CommandResult nothing = await net.RunAsync("framework", "upgrade", "--framework-dir", net.Sources, "--output-dir",
            net.Fresh("none"));
        Assert.Equal(1, nothing.Code);
        Assert.Contains("nothing to upgrade", nothing.Errors);

        await RefusedAsync(scripts, "was resolved already", "The proposal was resolved already (EALREADY_RESOLVED");
    }

    // fault 93: the chain takes the upgrade without an objection, so whoever votes must see what it lets a type do
    [Fact]
    public async Task TheBallotShowsTheAbilitiesThatTypesWouldGet()
    {
        const string Warning =
            "0x1::fee_parameters::FeeParameters gets the ability store: values of it could do what they could not before";
        string scripts = await net.UpgradeAsync(copy =>
            FrameworkCopy.Replace(copy, "theseus-framework", "fee_parameters", "has key, copy, drop {", "has key, copy, drop, store {"));
        ulong id = await net.ProposeAsync(scripts);
        CommandResult shown = await net.RunAsync("upgrade", "show", id.ToString(), "--script-dir", scripts, "--json");
        Assert.True(shown.Code == 0, shown.Errors);
        Assert.Equal(Warning, Assert.Single(shown.Json["warnings"]!.AsArray())!.ToString());
        Assert.Contains(Warning, (await net.RunAsync("upgrade", "show", id.ToString(), "--script-dir", scripts)).Errors);
        CommandResult voted = await net.RunAsync("txs", "vote", "--proposal-id", id.ToString(), "--script-dir", scripts, "--should-fail");
        Assert.True(voted.Code == 0, voted.Errors);
        Assert.Contains(Warning, voted.Errors);

        // a folder that shows something else than what is voted on gets no vote
        CommandResult other = await net.RunAsync(
            "txs", "vote", "--proposal-id", id.ToString(), "--from", "n2", "--script-dir", net.Script("let _ = framework;"));
        Assert.Equal(1, other.Code);
        Assert.Contains($"is not what proposal {id} would run", other.Errors);
        Assert.DoesNotContain("n2 yes", (await net.RunAsync("upgrade", "show", id.ToString())).Output);
        Assert.Single((await net.Client.GetProposalAsync(id)).Votes);
    }

    [Fact]
    public async Task AScriptIsNotResolvedBeforeItsApproval()
    {
        string scripts = net.Script("let _ = framework;");
        ulong id = await net.ProposeAsync(scripts);
        await RefusedAsync(scripts, $"proposal {id} is not approved: 0 of 4000 voting power says yes, 2667 is needed",
            "The proposal is not approved (ENOT_APPROVED");
    }

    [Fact]
    public async Task ATamperedScriptHasNoProposal()
    {
        string scripts = net.Script("governance::set_config(&framework, 60, 1, 200, 100000000);");
        (_, ulong id) = await ApprovedAsync(scripts);
        string file = Path.Combine(scripts, "script.mv");
        byte[] script = await File.ReadAllBytesAsync(file);
        int number = script.AsSpan().IndexOf(BitConverter.GetBytes(100_000_000UL));
        script[number] ^= 1;
        await File.WriteAllBytesAsync(file, script);
        CommandResult refused = await net.RunAsync("txs", "resolve", "--proposal-script-dir", scripts, "--from", "bob", "--force");
        Assert.Equal(1, refused.Code);
        Assert.Contains("was changed after it was made", refused.Errors);

        // whoever also rewrites the stated hash gets nowhere either
        await File.WriteAllTextAsync(Path.Combine(scripts, "script_sha3"), Protocol.Hashing.Sha3(script) + "\n");
        await RefusedAsync(scripts, "no proposal has this script", "No proposal has this script's hash");
        Assert.Equal("APPROVED", (await net.Client.GetProposalAsync(id)).Status);
    }

    [Fact] // faults 21 and 22: what a newcomer types, without an address of a page and without saying who votes
    public async Task AProposalNeedsNoPageAndAVoteWithoutASenderIsTheFirstValidators()
    {
        CommandResult proposed = await net.RunAsync("txs", "upgrade", "propose", "--script-dir", net.Script("let _ = framework;"),
            "--json");
        Assert.True(proposed.Code == 0, proposed.Errors);
        ulong id = ulong.Parse(proposed.Json["proposalId"]!.ToString(), CultureInfo.InvariantCulture);
        CommandResult voted = await net.RunAsync("txs", "vote", "--proposal-id", id.ToString(CultureInfo.InvariantCulture));
        Assert.True(voted.Code == 0, voted.Errors);
        Assert.Contains("n1", voted.Output);
        ProposalInfo proposal = await net.Client.GetProposalAsync(id);
        VoteInfo vote = Assert.Single(proposal.Votes);
        Theseus.Cli.Localnet.LocalnetFile file = new Theseus.Cli.Localnet.LocalnetLayout(net.Network).Read();
        Assert.Equal(file.Accounts.Single(account => account.Name == "n1").Address, vote.Voter);
        Assert.True(vote.Approve);
    }

    [Fact] // fault 88: the price is raised, everything goes on without options, and the price is voted down again
    public async Task ARaisedGasPriceIsPaidByItselfAndCanBeVotedDown()
    {
        await PriceAsync(2);
        CommandResult paid = await net.RunAsync("txs", "transfer", "--from", "carol", "--to", "dave", "--amount", "1", "--json");
        Assert.True(paid.Code == 0, paid.Errors);
        Assert.Equal(2 * ulong.Parse(paid.Json["gasUsed"]!.ToString(), CultureInfo.InvariantCulture),
            ulong.Parse(paid.Json["fee"]!.ToString(), CultureInfo.InvariantCulture));
        CommandResult below = await net.RunAsync("txs", "transfer", "--from", "carol", "--to", "dave", "--amount", "1", "--gas-price", "1");
        Assert.NotEqual(0, below.Code);
        await PriceAsync(1);
    }

    private async Task PriceAsync(ulong price)
    {
        (string scripts, _) = await ApprovedAsync(net.Script("theseus_framework::fee_parameters::set(&framework, " + price
            + ", theseus_framework::fee_parameters::block_gas(), theseus_framework::fee_parameters::storage_byte_price(), 500);"));
        CommandResult resolved = await net.RunAsync("txs", "resolve", "--script-dir", scripts);
        Assert.True(resolved.Code == 0, resolved.Errors);
        string said = price.ToString(CultureInfo.InvariantCulture);
        await Localnet.TheseusCommand.UntilAsync(
            async () => (await net.Client.ViewAsync("0x1::fee_parameters::minimum_gas_price")).Values[0].Text == said,
            $"the gas price {price}");
    }

    [Fact]
    public async Task OnlyValidatorsVoteAndOnceForAChoice()
    {
        ulong id = await net.ProposeAsync(net.Script("let _ = framework;"));
        await NothingDoneAsync("bob", "Only a validator in force votes (ENOT_A_VALIDATOR", "txs", "vote", "--proposal-id", id.ToString());
        CommandResult first = await net.RunAsync("txs", "vote", "--proposal-id", id.ToString(), "--from", "n1");
        Assert.True(first.Code == 0, first.Errors);
        await NothingDoneAsync("n1", "The same choice was voted already (EALREADY_VOTED", "txs", "vote", "--proposal-id", id.ToString());
        CommandResult changed = await net.RunAsync("txs", "vote", "--proposal-id", id.ToString(), "--from", "n1", "--should-fail");
        Assert.True(changed.Code == 0, changed.Errors);
        ProposalInfo proposal = await net.Client.GetProposalAsync(id);
        Assert.Equal(("PENDING", "0", "1000"), (proposal.Status, proposal.Yes, proposal.No));
        CommandResult rejected = await net.RunAsync("txs", "vote", "--proposal-id", id.ToString(), "--from", "n2", "--should-fail",
            "--json");
        Assert.True(rejected.Code == 0, rejected.Errors);
        Assert.Equal("REJECTED", rejected.Json["state"]!.ToString());
        await NothingDoneAsync("n1", "There is no such proposal", "txs", "vote", "--proposal-id", "9999");
    }

    [Fact]
    public async Task ATransferThatWouldFailIsNotSent()
    {
        ulong sequence = await net.SequenceAsync("alice");
        CommandResult refused = await net.RunAsync("txs", "transfer", "--from", "alice", "--to", "bob", "--amount", "99999999999",
            "--json");
        Assert.Equal(1, refused.Code);
        Assert.False(refused.Json["sent"]!.GetValue<bool>());
        Assert.Contains("EINSUFFICIENT_BALANCE", refused.Json["explanation"]!.ToString());
        Assert.Equal(sequence, await net.SequenceAsync("alice"));
        CommandResult forced = await net.RunAsync("txs", "transfer", "--from", "alice", "--to", "bob", "--amount", "99999999999",
            "--force");
        Assert.Equal(1, forced.Code);
        Assert.Contains("EINSUFFICIENT_BALANCE", forced.Errors);
        Assert.Equal(sequence + 1, await net.SequenceAsync("alice"));
    }

    [Fact]
    public async Task AProposalExpires()
    {
        (string scripts, ulong id) = net.Unheeded;
        await net.UntilAsync(id, "EXPIRED");
        await NothingDoneAsync("n1", "The proposal has expired (EPROPOSAL_EXPIRED", "txs", "vote", "--proposal-id", id.ToString());
        await RefusedAsync(scripts, "has expired", "The proposal has expired (EPROPOSAL_EXPIRED");
    }

    [Fact]
    public async Task AProposerTakesItsProposalBack()
    {
        string scripts = net.Script("let _ = framework;");
        UInt128 before = await net.BalanceAsync("dave");
        CommandResult proposed = await net.RunAsync("txs", "upgrade", "propose", "--script-dir", scripts, "--from", "dave", "--json");
        Assert.True(proposed.Code == 0, proposed.Errors);
        string id = proposed.Json["proposalId"]!.ToString();
        Assert.True(before - await net.BalanceAsync("dave") > LocalnetFixture.Deposit); // and the fee
        await NothingDoneAsync("bob", "Only the proposer cancels", "txs", "cancel", "--proposal-id", id);
        CommandResult cancelled = await net.RunAsync("txs", "cancel", "--proposal-id", id, "--from", "dave");
        Assert.True(cancelled.Code == 0, cancelled.Errors);
        Assert.True(before - await net.BalanceAsync("dave") < LocalnetFixture.Deposit); // fault 23: it came back by itself
        await RefusedAsync(scripts, "was cancelled by its proposer", "The proposal was rejected or cancelled (EPROPOSAL_DEAD");
    }

    [Fact]
    public async Task AnIncompatibleModuleIsRefused()
    {
        static void Break(string copy) => FrameworkCopy.Replace(copy, "theseus-framework", "stake", "public fun "
            + "has_pool(validator: address)", "public fun has_pool(validator: address, _unused: u64)");
        string copy = net.Fresh("framework");
        FrameworkCopy.Make(net.Sources, copy);
        Break(copy);
        string target = net.Fresh("up");
        CommandResult refused = await net.RunAsync("framework", "upgrade", "--framework-dir", copy, "--output-dir", target);
        Assert.Equal(1, refused.Code);
        Assert.Contains("rule 11 (FunctionSignature): has_pool", refused.Errors);
        Assert.False(Directory.Exists(target));

        (string scripts, _) = await ApprovedAsync(await net.UpgradeAsync(Break, check: false));
        await RefusedAsync(scripts, "incompatible with the one in force", "incompatible with the one in force");
    }

    // fault 1: what the chain runs could not run under the stack, so the script that schedules it fails and schedules nothing
    [Fact]
    public async Task AStackThatLacksANativeOfTheFrameworkIsNotScheduled()
    {
        string natives = string.Join(", ", Execution.StackTable.BuiltIn()[0].Create().Manifest.Natives
            .Where(name => !name.StartsWith("hash::native_sha2_256(", StringComparison.Ordinal))
                .Select(name => $"string::utf8(b\"{name}\")"));
        (string schedule, _) = await ApprovedAsync(net.Script(
            $"versions::schedule(&framework, string::utf8(b\"execution\"), 2, x\"{new string('5', 64)}\", vector[{natives}], 100000);"));
        await RefusedAsync(schedule, "native_sha2_256", "uses a native that the execution stack to be scheduled lacks");
        Assert.Null((await net.Client.StatusAsync()).Versions.Single(version => version.Component == "execution").ScheduledVersion);
    }

    [Fact]
    public async Task AnUpgradeMadeAgainstOtherCodeIsRefused()
    {
        (string slow, _) = await ApprovedAsync(await net.UpgradeAsync(AddFunction("from_the_slow")));
        AddFunction("from_the_fast")(net.Sources);
        (string fast, _) = await ApprovedAsync(await net.UpgradeAsync(_ => { }));
        CommandResult resolved = await net.RunAsync("txs", "resolve", "--proposal-script-dir", fast, "--from", "bob");
        Assert.True(resolved.Code == 0, resolved.Errors);
        await RefusedAsync(slow, "the chain's code has changed since this upgrade was made",
            "the chain's code has changed since this upgrade was made");
    }

    [Fact]
    public async Task ABundleThatBreaksTheEpilogueIsRefusedByTheProbe()
    {
        (string scripts, _) = await ApprovedAsync(await net.UpgradeAsync(copy => FrameworkCopy.Replace(
            copy, "theseus-framework", "transaction_validation", "        coin::debit_fee<TheseusCoin>(sender, (fee as u64));",
                "        assert!(fee == 0, 77);\n        coin::debit_fee<TheseusCoin>(sender, (fee as u64));")));
        await RefusedAsync(scripts, "epilogue", "PROBE_FAILED");
    }

    [Fact]
    public async Task ABundleThatBreaksTheVotingIsRefusedByTheProbe()
    {
        (string scripts, _) = await ApprovedAsync(await net.UpgradeAsync(copy => FrameworkCopy.Replace(
            copy, "theseus-framework", "governance", "        if (3 * yes > 2 * total) {", "        if (3 * yes > 4 * total) {")));
        await RefusedAsync(scripts, "probe::run", "PROBE_FAILED");
    }

    [Fact]
    public async Task AThirdOfThePowerStopsAnApprovedProposalInItsDelay()
    {
        (string slower, _) = await ApprovedAsync(net.Script("governance::set_config(&framework, 60, 32, 200, 100000000);"));
        CommandResult resolved = await net.RunAsync("txs", "resolve", "--proposal-script-dir", slower, "--from", "bob");
        Assert.True(resolved.Code == 0, resolved.Errors);
        try
        {
            string scripts = net.Script("let _ = framework;");
            ulong id = await net.ProposeAsync(scripts);
            CommandResult voted = await net.RunAsync("txs", "vote", "--proposal-id", id.ToString(), "--all");
            Assert.True(voted.Code == 0, voted.Errors);
            Assert.Contains("QUEUED", voted.Output);
            await RefusedAsync(scripts, "its enactment delay runs", "The enactment delay is not over (EENACTMENT_DELAY");
            CommandResult vetoed = await net.RunAsync("txs", "veto", "--proposal-id", id.ToString(), "--all");
            Assert.True(vetoed.Code == 0, vetoed.Errors);
            Assert.Equal("REJECTED", (await net.Client.GetProposalAsync(id)).Status);
            Assert.Contains("REJECTED", (await net.RunAsync("upgrade", "list")).Output);
        }
        finally
        {
            string faster = net.Script("governance::set_config(&framework, 60, 1, 200, 100000000);");
            ulong id = await net.ProposeAsync(faster);
            await net.RunAsync("txs", "vote", "--proposal-id", id.ToString(), "--all");
            CommandResult waited = await net.RunAsync("txs", "resolve", "--proposal-script-dir", faster, "--wait");
            Assert.True(waited.Code == 0, waited.Errors);
        }
    }

    [Fact]
    public async Task AValidatorBondsUnbondsAndWaits()
    {
        string key = net.Fresh("key");
        Assert.Equal(0, (await net.RunAsync("keys", "new", key)).Code);

        // faults 5, 86: less than the least bond buys no place
        CommandResult little = await net.RunAsync("txs", "validator", "join", "--consensus-key", key, "--amount", "50", "--from", "carol");
        Assert.Equal(1, little.Code);
        Assert.Contains("EBOND_TOO_SMALL", little.Errors);

        // at the beginning of an epoch: the candidate has left the list again before a set is made
        ulong epoch = (await net.Client.GetValidatorsAsync()).Epoch;
        await TheseusCommand.UntilAsync(async () => (await net.Client.GetValidatorsAsync()).Epoch > epoch, "the next epoch");
        CommandResult joined = await net.RunAsync("txs", "validator", "join", "--consensus-key", key, "--amount", "100", "--from",
            "carol", "--json");
        Assert.True(joined.Code == 0, joined.Output + joined.Errors);
        Assert.Equal("100", joined.Json["bonded"]!.ToString());
        CommandResult taken = await net.RunAsync("txs", "validator", "join", "--consensus-key", key, "--amount", "100", "--from", "dave");
        Assert.Equal(1, taken.Code);
        Assert.Contains("The consensus key is another candidate's (EKEY_IN_USE", taken.Errors);
        CommandResult less = await net.RunAsync("txs", "validator", "unbond", "--amount", "20.5", "--from", "carol", "--json");
        Assert.True(less.Code == 0, less.Output + less.Errors);
        Assert.Equal(("79.5", "20.5"), (less.Json["bonded"]!.ToString(), less.Json["unbonding"]!.ToString()));
        CommandResult early = await net.RunAsync("txs", "validator", "withdraw", "--from", "carol");
        Assert.Equal(1, early.Code);
        Assert.Contains("The unbonding time is not over (ESTILL_UNBONDING", early.Errors);
        CommandResult more = await net.RunAsync("txs", "validator", "bond", "--amount", "1", "--from", "carol", "--json");
        Assert.Equal("80.5", more.Json["bonded"]!.ToString());
        Assert.Equal(4, (await net.Client.GetValidatorsAsync()).Current.Count);
    }

    [Fact]
    public async Task AScriptLargerThanATransactionIsAdmittedOnceApproved()
    {
        foreach (string module in (string[])["timestamp", "chain_id", "consensus_config"])
        {
            FrameworkCopy.Add(net.Sources, "theseus-framework", module,
                $"public fun ballast(): vector<u8> {{ x\"{new string('a', 2 * 30_000)}\" }}");
        }

        string scripts = await net.UpgradeAsync(_ => { });
        Assert.True(new FileInfo(Path.Combine(scripts, "script.mv")).Length > 90_000);
        ulong id = await net.ProposeAsync(scripts);
        CommandResult early = await net.RunAsync("txs", "resolve", "--proposal-script-dir", scripts, "--from", "bob", "--force");
        Assert.Equal(1, early.Code);
        Assert.Contains("SCRIPT_NOT_APPROVED", early.Errors);
        await net.ApproveAsync(id);
        CommandResult resolved = await net.RunAsync("txs", "resolve", "--proposal-script-dir", scripts, "--from", "bob");
        Assert.True(resolved.Code == 0, resolved.Output + resolved.Errors);
        CommandResult again = await net.RunAsync("framework", "upgrade", "--framework-dir", net.Sources, "--output-dir", net.Fresh("none"));
        Assert.Contains("nothing to upgrade", again.Errors);
    }

    private async Task<StatusInfo> UntilAsync(Func<StatusInfo, bool> reached)
    {
        System.Diagnostics.Stopwatch waited = System.Diagnostics.Stopwatch.StartNew();
        while (true)
        {
            StatusInfo status = await net.Client.StatusAsync();
            if (reached(status))
            {
                return status;
            }

            Assert.True(waited.Elapsed < TheseusCommand.Patience, "the chain did not get there in time");
            await Task.Delay(50);
        }
    }
}
