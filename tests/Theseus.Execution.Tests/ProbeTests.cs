namespace Theseus.Execution.Tests;

/// <summary>
/// What cannot run is refused before it is written: the hooks and the whole ceremony under the new code (execution 4, probe).
/// </summary>
public class ProbeTests
{
    public static TheoryData<string, string, string, string> Broken => new()
    {
        { "code::published fails", "migrations.move", "if (state.finished >= NEWEST) return;", "abort 1;" },
        { "does not describe the new code", "code.move", "borrow_global_mut<Registry>(@theseus_framework).modules = modules;",
            "let r = borrow_global_mut<Registry>(@theseus_framework); r.modules = modules; r.code_root = x\"00\";" },
        { "block::begin fails", "block.move", "versions::follow();", "abort 1;" },
        { "block::begin of the next epoch fails", "block.move", "versions::follow();", "assert!(block_context::epoch() < 2, 1);" },
        { "prologue fails", "transaction_validation.move", "let expected = account::sequence_number(sender);",
            "let expected = account::sequence_number(sender) + 1;" },
        { "epilogue fails", "transaction_validation.move", "coin::debit_fee<TheseusCoin>(sender, (fee as u64));", "abort 1;" },
        { "epilogue's sequence number fails", "transaction_validation.move", "account::increment_sequence_number(sender);", "" },
        { "probe::force_epoch fails", "probe.move", "reconfiguration::force_end();", "abort 1;" },
        { "probe::force_epoch fails: no epoch was announced", "probe.move", "reconfiguration::force_end();", "" },
        { "probe::force_epoch fails", "reconfiguration.move",
            "if (!vector::is_empty(&addresses)) validator_set::announce(epoch, addresses, keys, powers);",
            "if (vector::is_empty(&addresses)) validator_set::announce(epoch, addresses, keys, powers);" },
        { "does not make a service event", "validator_set.move", "event::emit(EpochSetup { epoch, addresses, consensus_keys, powers });",
            "event::emit(EpochSetup { epoch, addresses, consensus_keys, powers: vector::empty() });" },
        { "block::end fails", "block.move", "let collected = coin::collect_fees<TheseusCoin>(fees);",
            "let collected = coin::collect_fees<TheseusCoin>(fees - 2);" },
        { "reconfiguration::start_epoch fails", "stake.move", "drop_the_weak();", "drop_the_weak(); abort 1" },
        { "probe::run fails", "governance.move", "cast(&mut proposal.votes, who, approve);", "cast(&mut proposal.votes, who, !approve);" },
        { "probe::run fails", "governance.move", "end_proposal(proposal, id, RESOLVED);", "abort 1;" },
        { "the ceremony fails: governance::propose", "governance.move",
            "propose_at(proposer, script_hash, metadata_url, block_context::height(), deposit);",
            "propose_at(proposer, script_hash, metadata_url, block_context::height(), deposit); abort 1" },
        { "the ceremony fails: governance::vote", "governance.move", "vote_at(voter, id, approve, block_context::height());",
            "vote_at(voter, id + 1, approve, block_context::height());" },
        { "the ceremony fails: governance::resolve", "governance.move",
            "resolve_at(transaction_context::script_hash(), block_context::height());",
            "resolve_at(vector::empty(), block_context::height());" },
        { "framework's authority", "governance.move", "account::signer_of(@theseus_framework)\n", "account::signer_of(@0x2)\n" },
        { "does not ask for a publish any more", "code.move", "request_publish(base_root, expected_root, modules);",
            "if (vector::is_empty(&base_root)) request_publish(base_root, expected_root, modules);" },
        { "asks for another publish", "code.move", "request_publish(base_root, expected_root, modules);",
            "request_publish(expected_root, base_root, modules);" },
        { "does not keep its own root", "code.move", "registry.code_root = *&expected_root;", "" },
        { "versions::usable_natives fails", "versions.move", "let usable = vector::empty();",
            "let usable = vector::empty(); assert!(vector::length(&usable) > 0, 1);" },
        { "is in use and not listed any more", "versions.move", "vector::push_back(&mut usable, *native_name);",
            "if (i > 3) vector::push_back(&mut usable, *native_name);" },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public void AFrameworkThatCannotGoOnIsNotPublished(string reason, string file, string old, string edit)
    {
        Assert.NotEqual("", reason);
        PublishTests.AssertRefused(Upgrade.By((file, old, edit)).Script(), FailedMajor.ProbeFailed, reason);
    }

    [Fact]
    public void AFrameworkThatForgetsItsModulesIsRefused()
    {
        Upgrade upgrade = Upgrade.By(
            ("code.move", "borrow_global_mut<Registry>(@theseus_framework).modules = modules;",
                "let _ = modules; borrow_global_mut<Registry>(@theseus_framework).upgrades = 9;"),
            ("novel.move", "", "module theseus_framework::novel {}"));
        PublishTests.AssertRefused(upgrade.Script(), FailedMajor.ProbeFailed, "does not describe the new code");
    }

    [Fact]
    public void BooksOfTheCoinThatAMigrationTookAwayAreRefused()
    {
        // the stack itself writes them when an end hook aborts
        Upgrade upgrade = Upgrade.By(
            ("coin.move", "public(friend) fun initialize<T>(",
                "public fun forget<T>() acquires CoinInfo { let CoinInfo<T> { name: _, symbol: _, decimals: _, genesis: _, minted: _, burned: _ } = move_from<CoinInfo<T>>(@theseus_framework); } public(friend) fun initialize<T>("),
            ("code.move", "migrations::advance();",
                "theseus_framework::coin::forget<theseus_framework::theseus_coin::TheseusCoin>(); migrations::advance();"));
        PublishTests.AssertRefused(upgrade.Script(), FailedMajor.ProbeFailed, "does not describe the new code");
    }

    [Fact]
    public void AFeeTableThatAMigrationTookAwayIsRefused()
    {
        Upgrade upgrade = Upgrade.By(
            ("fee_parameters.move", "public fun set(",
                "public fun forget() acquires FeeParameters { move_from<FeeParameters>(@theseus_framework); } public fun set("),
            ("code.move", "migrations::advance();", "theseus_framework::fee_parameters::forget(); migrations::advance();"));
        PublishTests.AssertRefused(upgrade.Script(), FailedMajor.ProbeFailed, "does not describe the new code");
    }

    [Fact]
    public void AFrameworkWhoseOldCodeAnnouncesNobodyCanStillBeMended()
    {
        // every candidate is in jail: no set can be announced, and the publish that helps must not be refused for it
        Chain chain = new();
        chain.Evidence = [.. chain.ValidatorSet.Select(entry => new EvidenceFact(1, 1, entry.Address))];
        chain.Block();
        chain.Evidence = [];
        byte[] script = Upgrade.By(
            ("lab.move", "public entry fun nothing() {}", "public entry fun nothing() {} public entry fun help() {}")).Script();
        chain.Approve(script);
        chain.Resolve(script).Outputs[1].Success();
    }

    [Fact]
    public void TheProbeLeavesNothing()
    {
        Chain chain = new();
        byte[] script = Upgrade.By(
            ("lab.move", "public entry fun nothing() {}", "public entry fun nothing() {} public entry fun more() {}")).Script();
        ulong id = chain.Approve(script);
        TransactionOutput output = chain.Resolve(script).Outputs[1].Success();
        // what the real publish writes: accounts and stores of sender and proposer, registry, configuration, proposal tables, and the
        // module
        Assert.All(output.Writes.Writes, write =>
            Assert.NotEqual("Pool", write.Key.Kind == StateKeyKind.Resource ? write.Key.ResourceType().Name : ""));
        Assert.Equal(id, new BcsReader(chain.View("governance", "proposal_count")[0]).U64()); // the probe's own proposals are gone
        Assert.Equal(Chain.Unit, new BcsReader(chain.View("governance", "config")[3]).U64()); // and its deposit of nothing
    }
}
