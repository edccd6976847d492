using Theseus.Move.Format;
using Theseus.Move.Natives;

namespace Theseus.Execution.Tests;

/// <summary>
/// Publishing through the real ceremony: propose, vote, resolve (execution 4, publish; behaviours L5..L40 where they are about
/// it).
/// </summary>
public class PublishTests
{
    private static readonly Edit NewFunction = ("lab.move", "public entry fun nothing() {}",
        "public entry fun nothing() {} public entry fun brand_new() {}");

    private static TransactionPayload Payload(byte[] script) => new TransactionPayload.Script(script, [], []);

    /// <summary>Runs the whole ceremony for a script that must be refused, and proves that nothing of it stays.</summary>
    internal static TransactionOutput AssertRefused(byte[] script, ulong major, string reason, ulong? sub = null, Chain? chain = null)
    {
        chain ??= new Chain();
        Hash32 code = chain.CodeRoot;
        ulong id = chain.Approve(script);
        ulong balance = chain.Balance(chain.Alice.Address);
        BlockResult block = chain.Resolve(script);
        TransactionOutput output = block.Outputs[1];
        Assert.True(output.Receipt.Status.Kind == StatusKind.Failed
            && output.Receipt.Status.Major == major, $"{output.Receipt.Status} {output.FailurePlace}");
        Assert.Contains(reason, output.FailurePlace?.ToString());
        if (sub is not null)
        {
            Assert.Equal(sub, output.Receipt.Status.Sub);
        }

        // no state change besides fee and sequence number
        Assert.Equal(
            ExecutionRoots.OfWrites(WriteSet.From([Expect.SequenceWrite(chain.Alice.Address, chain.Alice.Sequence),
                Expect.BalanceWrite(chain.Alice.Address, balance - output.Receipt.GasUsed)])),
            output.Receipt.WriteSetRoot);
        Assert.Empty(output.Events);
        Assert.Equal(code, block.CodeRoot);
        Assert.Equal(code, FrameworkState.ReadCodeRoot(chain.State));
        Assert.Empty(block.ServiceEvents);
        Assert.Empty(block.Alarms);
        Assert.Equal(1, chain.StatusOf(id)); // approved still: a failed resolve can be tried again
        return output;
    }

    [Fact]
    public void TransactionAfterThePublishRunsTheNewCode()
    {
        Chain chain = new();
        Upgrade upgrade = Upgrade.By(NewFunction);
        Assert.Equal("lab", Framework.IdOf(Assert.Single(upgrade.Changed)).Name);
        byte[] script = upgrade.Script();
        ulong id = chain.Approve(script);
        byte[] early = chain.Sign(chain.Bob, Chain.Call("lab", "brand_new"));
        byte[] late = chain.Sign(chain.Bob, Chain.Call("lab", "brand_new"));
        BlockResult block = chain.Block(early, chain.Sign(chain.Alice, Payload(script), 50_000_000), late);
        Assert.Equal(TransactionStatus.Failed(1091, null, null), block.Outputs[1].Receipt.Status);
        TransactionOutput published = block.Outputs[2].Success();
        block.Outputs[3].Success();
        Assert.Equal(upgrade.Expected, block.CodeRoot);
        Assert.Equal(upgrade.Expected, FrameworkState.ReadCodeRoot(chain.State));
        Assert.Equal(3, chain.StatusOf(id)); // RESOLVED
        Assert.Equal(1ul, new BcsReader(chain.View("code", "upgrades")[0]).U64());
        Assert.Equal(new string('d', 64), Convert.ToHexStringLower(chain.View("code", "source_digest")[0].AsSpan(1)));
        // the code that is stored is the code that was approved, and the root says so
        Assert.Equal(upgrade.Changed[0], published.Writes.Writes.Single(write => write.Key.Kind == StateKeyKind.Module).Value);
        Assert.Equal(upgrade.Expected, ExecutionRoots.OfCode(
            WriteSet.From(chain.State.Values.Select(entry => new StateWrite(entry.Key, entry.Value)))));
        // a new epoch by itself
        BlockResult next = chain.Block();
        ServiceEvent setup = Assert.Single(block.ServiceEvents.Concat(next.ServiceEvents));
        Assert.Equal(2ul, Assert.IsType<ServiceEvent.EpochSetup>(setup).Epoch);
        Assert.All(next.Outputs, output => Assert.Equal(StatusKind.Success, output.Receipt.Status.Kind));
    }

    [Fact]
    public void ANewModuleIsRegistered()
    {
        Chain chain = new();
        Upgrade upgrade = Upgrade.By(("novel.move", "", "module theseus_framework::novel { public entry fun hello() {} }"));
        byte[] script = upgrade.Script();
        chain.Approve(script);
        chain.Resolve(script).Outputs[1].Success();
        chain.Run(chain.Bob, Chain.Call("novel", "hello")).Success();
        Assert.Contains("novel", FrameworkState.ReadRegistry(chain.State, Chain.Oldest.Framework).Modules);
        // a node without any loaded code finds it too
        Chain cold = new(table: StackTable.Of());
        Assert.Equal(
            TransactionStatus.Success,
            cold.Stack.Simulate(chain.Sign(chain.Alice, Chain.Call("novel", "hello")), chain.Context(chain.Height + 1),
                chain.State).Receipt.Status);
    }

    [Fact]
    public void AMigrationRunsInThePublishingTransactionUnderTheNewCode()
    {
        Chain chain = new();
        Upgrade upgrade = Upgrade.By(
            ("migrations.move", "const NEWEST: u64 = 0;", "const NEWEST: u64 = 1;"),
            ("migrations.move", "struct Migrations has key {",
                "struct Kept has key { items: std::table::Table<u64, u64> } struct Migrations has key {"),
            ("migrations.move", "public(friend) fun advance() acquires Migrations {",
                "public(friend) fun advance() acquires Migrations { let fw = theseus_framework::lab::authority();"),
            ("migrations.move", "if (run(state.finished + 1, state.slice)) {",
                "move_to(&fw, Kept { items: std::table::new() }); if (run(state.finished + 1, state.slice)) {"),
            ("lab.move", "public entry fun nothing() {}",
                "public entry fun nothing() {} public fun authority(): signer { theseus_framework::governance::authority() }"),
            ("governance.move", "public fun resolve(): signer acquires Proposals {",
                "public fun authority(): signer { account::signer_of(@theseus_framework) } public fun resolve(): signer acquires Proposals {"));
        // the body makes a table too: the migration's must be another one
        byte[] script = upgrade.Script(before: "let t = table::new<u64, u64>(); table::destroy_empty(t);", uses: "use std::table;");
        chain.Approve(script);
        byte[] transaction = chain.Sign(chain.Alice, Payload(script), 50_000_000);
        TransactionOutput output = chain.Block(transaction).Outputs[1].Success();
        byte[] kept = output.Writes.Writes.Single(write => write.Key.Kind == StateKeyKind.Resource
            && write.Key.ResourceType().Name == "Kept").Value!;
        Assert.Equal([.. TableHandles.Of(Expect.HashOf(transaction), 1).ToArray(), .. Chain.U64(0)], kept);
        Assert.Equal(1ul, new BcsReader(chain.View("migrations", "finished")[0]).U64());
    }

    [Fact]
    public void TheBaseRootIsTheCodeInForce()
    {
        Upgrade upgrade = Upgrade.By(NewFunction);
        AssertRefused(upgrade.With(@base: Hash32.Zero).Script(), FailedMajor.WrongBaseRoot, upgrade.Base.ToString());
    }

    [Fact]
    public void TheExpectedRootIsWhatResults()
    {
        Upgrade upgrade = Upgrade.By(NewFunction);
        AssertRefused(upgrade.With(expected: upgrade.Base).Script(), FailedMajor.WrongExpectedRoot, upgrade.Expected.ToString());
    }

    [Fact]
    public void TheSecondPublishOfABlockFailsByItsBaseRoot()
    {
        Chain chain = new();
        Upgrade first = Upgrade.By(NewFunction), second = Upgrade.By(("novel.move", "", "module theseus_framework::novel {}"));
        byte[] one = first.Script(), two = second.Script();
        chain.Approve(one);
        chain.Approve(two);
        BlockResult block = chain.Block(chain.Sign(chain.Alice, Payload(one), 50_000_000), chain.Sign(chain.Bob, Payload(two), 50_000_000));
        block.Outputs[1].Success();
        Assert.Equal(TransactionStatus.Failed(FailedMajor.WrongBaseRoot, null, null), block.Outputs[2].Receipt.Status);
        Assert.Equal(first.Expected, block.CodeRoot);
    }

    [Fact]
    public void ATransactionPublishesOnce() => AssertRefused(
        Upgrade.By(NewFunction).Script(publishes: 2), FailedMajor.SeveralPublishes, "publishes once");

    public static TheoryData<string, Edit> Incompatible => new()
    {
        { "rule 2 (StructRemoved): Created", ("account.move", "struct Created has", "struct Made has") },
        { "rule 3 (StructAbilityRemoved): FeeParameters", ("fee_parameters.move", "struct FeeParameters has key, copy, drop",
            "struct FeeParameters has key, drop") },
        { "rule 7 (StructLayout): Deep", ("lab.move", "has key { value: u8 }", "has key { value: u16 }") },
        { "rule 8 (FunctionRemoved): open", ("lab.move", "public fun open() {}", "") },
        { "rule 9 (FunctionVisibility): open", ("lab.move", "public fun open() {}", "fun open() {}") },
        { "rule 10 (FunctionEntry): nothing", ("lab.move", "public entry fun nothing() {}", "public fun nothing() {}") },
        { "rule 11 (FunctionSignature): nothing", ("lab.move", "public entry fun nothing() {}", "public entry fun nothing(_a: u64) {}") },
        { "rule 12 (FunctionTypeParameters): generic", ("lab.move", "public entry fun generic<T>() {}",
            "public entry fun generic<T, U>() {}") },
        { "rule 13 (FunctionConstraintAdded): generic", ("lab.move", "public entry fun generic<T>() {}",
            "public entry fun generic<T: drop>() {}") },
    };

    [Theory]
    [MemberData(nameof(Incompatible))]
    public void AnIncompatibleChangeIsRefusedByTheNumberOfItsRule(string rule, Edit edit)
    {
        Edit[] edits = rule.Contains("Created") ? [edit, ("account.move", "event::emit(Created {", "event::emit(Made {")]
            : [edit];
        AssertRefused(Upgrade.By(edits).Script(), 1096, rule);
    }

    [Fact]
    public void AModuleThatDoesNotVerifyIsRefused()
    {
        Upgrade upgrade = Upgrade.By(NewFunction);
        CompiledModule module = ModuleReader.ReadModule(upgrade.Changed[0]).Value!;
        // the last instruction of a function without results becomes one that needs a value
        FunctionDefinition broken = module.FunctionDefinitions[0];
        CodeUnit code = broken.Code! with { Code = [.. broken.Code!.Code.SkipLast(1), new Instruction(Opcode.Pop),
            new Instruction(Opcode.Ret)] };
        byte[] blob = ModuleWriter.Write(Modules.With(module,
            functions: [broken with { Code = code }, .. module.FunctionDefinitions.Skip(1)]));
        AssertRefused(upgrade.With([blob]).Script(), 1009, "lab"); // NEGATIVE_STACK_SIZE_WITHIN_BLOCK
    }

    [Fact]
    public void BytesThatAreNoModuleAreRefused()
    {
        Upgrade upgrade = Upgrade.By(NewFunction);
        AssertRefused(upgrade.With([[1, 2, 3]]).Script(), 3002, ""); // BAD_MAGIC
        AssertRefused(upgrade.With([[.. upgrade.Changed[0], 0]]).Script(), 3026, ""); // TRAILING_BYTES: two hashes of one program
    }

    [Fact]
    public void ABundleHoldsAModuleOnce()
    {
        Upgrade upgrade = Upgrade.By(NewFunction);
        AssertRefused(upgrade.With([upgrade.Changed[0], upgrade.Changed[0]]).Script(), 1095, "twice");
    }

    [Fact]
    public void TheFrameworkLivesAtItsAddress()
    {
        Upgrade upgrade = Upgrade.By(NewFunction);
        CompiledModule module = ModuleReader.ReadModule(upgrade.Changed[0]).Value!;
        byte[] blob = ModuleWriter.Write(Modules.With(module,
            addresses: [.. module.Addresses.Select(address => address == Address.One ? Address.FromShort(2) : address)]));
        AssertRefused(upgrade.With([blob]).Script(), 1067, "live at");
    }

    [Fact]
    public void ANativeThatTheStackLacksIsRefused()
    {
        Upgrade upgrade = Upgrade.By(("hash.move", "native fun native_sha2_256",
            "public fun crc(data: vector<u8>): vector<u8> { native_crc(data) } native fun native_crc(data: vector<u8>): vector<u8>; native fun native_sha2_256"));
        AssertRefused(upgrade.Script(), 1021, "hash::native_crc");
    }

    [Fact]
    public void TheHooksKeepTheirNames()
    {
        Upgrade upgrade = Upgrade.By(("block.move", "fun end(fees: u64) {", "fun finish(fees: u64) {"),
            ("block.move", "{ end(fees); }", "{ finish(fees); }"));
        AssertRefused(upgrade.Script(), FailedMajor.BrokenHook, "block::end is missing", sub: 1);
    }

    [Fact]
    public void TheHooksKeepTheirSignatures()
    {
        Upgrade upgrade = Upgrade.By(("transaction_validation.move",
            "fun epilogue(sender: address, gas_price: u64, gas_used: u64) {",
            "fun epilogue(sender: address, gas_used: u64, gas_price: u128) { let gas_price = (gas_price as u64);"),
            ("transaction_validation.move", "epilogue(sender, gas_price, gas_used);",
            "epilogue(sender, gas_used, (gas_price as u128));"));
        AssertRefused(upgrade.Script(), FailedMajor.BrokenHook, "it must be (address,u64,u64)");
    }

    [Theory]
    [InlineData("account.move", "friend theseus_framework::coin;", "account")]
    [InlineData("code.move", "friend theseus_framework::genesis;", "code")]
    public void AuthorityHasNoNewFriends(string file, string friend, string module)
    {
        Upgrade upgrade = Upgrade.By((file, friend, friend + " friend theseus_framework::lab;"));
        AssertRefused(upgrade.Script(), FailedMajor.BrokenHook, $"lab may not be a friend of {module}");
    }

    [Theory] // fault 93: compatible for a caller, and the end of the coin
    [InlineData("Coin", "store", "store, copy, drop", "copy, drop, store")]
    [InlineData("Coin", "store", "store, drop", "drop, store")]
    [InlineData("CoinStore", "key", "key, store", "store, key")]
    public void WhatHoldsValueGetsNoAbility(string name, string now, string then, string sorted)
    {
        Upgrade upgrade = Upgrade.By(("coin.move", $"struct {name}<phantom T> has {now} {{", $"struct {name}<phantom T> has {then} {{"));
        AssertRefused(upgrade.Script(), FailedMajor.BrokenHook, $"coin::{name} must have the abilities '{now}', not '{sorted}'");
    }

    [Fact]
    public void ModulesDependOnEachOtherInOneDirection()
    {
        // no compiler makes a cycle: the bundle is put together from two that it does make, each against the other's old version
        IReadOnlyList<byte[]> start = Framework.Compile(
            ("a.move", "", "module theseus_framework::aa { public fun f() {} }"),
                ("b.move", "", "module theseus_framework::bb { public fun g() {} }"));
        byte[] a = Named(
            Framework.Compile(("a.move", "", "module theseus_framework::aa { public fun f() { theseus_framework::bb::g() } }"),
            ("b.move", "", "module theseus_framework::bb { public fun g() {} }")), "aa");
        byte[] b = Named(Framework.Compile(("a.move", "", "module theseus_framework::aa { public fun f() {} }"),
            ("b.move", "", "module theseus_framework::bb { public fun g() { theseus_framework::aa::f() } }")), "bb");
        Upgrade both = Upgrade.Between(start, [.. start.Where(blob => Framework.IdOf(blob).Name is not ("aa" or "bb")), a, b]);
        AssertRefused(both.Script(), 1097, "", chain: new Chain(start));
        // one after the other it is the same
        Chain chain = new(start);
        Upgrade first = Upgrade.Between(start, [.. start.Where(blob => Framework.IdOf(blob).Name != "aa"), a]);
        byte[] script = first.Script();
        chain.Approve(script);
        chain.Resolve(script).Outputs[1].Success();
        Upgrade second = Upgrade.Between(first.To, [.. first.To.Where(blob => Framework.IdOf(blob).Name != "bb"), b]);
        AssertRefused(second.Script(), 1097, "", chain: chain);
    }

    [Fact]
    public void TheGasPaysForVerifyingTheBundle()
    {
        Chain chain = new();
        Upgrade upgrade = Upgrade.By(NewFunction);
        byte[] script = upgrade.Script();
        chain.Approve(script);
        ulong before = chain.Stack.Simulate(chain.Sign(chain.Alice, Payload(script), 50_000_000,
            sequence: chain.Alice.Sequence), chain.Context(chain.Height + 1), chain.State).Success().Receipt.GasUsed;
        Assert.True(before > 10ul * (ulong)upgrade.Changed[0].Length); // ten units a byte, whatever else
        Theseus.Move.Verify.Verifier.Check(ModuleReader.ReadModule(upgrade.Changed[0]).Value!,
            new Theseus.Move.Rules.VerifierLimits(), out long work);
        StackRules rules = Chain.Oldest;
        ulong dearer = new RuleStack(rules with { Move = rules.Move with { Gas =
            rules.Move.Gas with { VerifyUnit = rules.Move.Gas.VerifyUnit + 1_000 } } })
            .Simulate(chain.Sign(chain.Alice, Payload(script), 50_000_000, sequence: chain.Alice.Sequence),
                chain.Context(chain.Height + 1), chain.State).Success().Receipt.GasUsed;
        Assert.InRange(dearer - before, (ulong)work, 2 * (ulong)work); // a unit each for the module's work, and for that of the script
        TransactionOutput poor = chain.Block(chain.Sign(chain.Alice, Payload(script), before / 2)).Outputs[1];
        Assert.Equal((TransactionStatus.OutOfGas, before / 2), (poor.Receipt.Status, poor.Receipt.GasUsed));
        Assert.Equal(upgrade.Base, chain.CodeRoot);
        chain.Resolve(script).Outputs[1].Success();
    }

    [Fact]
    public void OnlyTheFrameworksAuthorityPublishes()
    {
        Chain chain = new();
        byte[] script = Framework.Script($$"""
            script {
                use theseus_framework::code;
                fun main(me: &signer) { code::publish(me, x"{{Framework.Root(Framework.WithLab)}}", x"{{new string('0', 64)}}", x"{{new string('d', 64)}}", vector[x"00"]); }
            }
            """);
        Assert.Equal(StatusKind.Aborted, chain.Run(chain.Alice, Payload(script)).Receipt.Status.Kind);
    }

    [Fact]
    public void AnOversizeApprovedScriptPublishesTheWholeFramework()
    {
        Chain chain = new();
        // all modules again, and one with a constant that makes the bundle larger than an ordinary transaction may be
        IReadOnlyList<byte[]> next =
            Framework.Compile([NewFunction,
                ("novel.move", "", $"module theseus_framework::novel {{ public fun page(): vector<u8> {{ x\"{new string('a', 80_000)}\" }} }}")]);
        Upgrade upgrade = Upgrade.Between(Framework.WithLab, next).With(changed: next);
        byte[] script = upgrade.Script();
        byte[] transaction = chain.Sign(chain.Alice, Payload(script), 50_000_000, sequence: 0);
        Assert.True(transaction.Length > TransactionLimits.MaximumSize, $"{transaction.Length}");
        Assert.Equal(RefusalReason.ScriptNotApproved, chain.Stack.Admit(transaction, chain.Context(1), chain.State).Refusal);
        chain.Approve(script);
        Assert.Null(chain.Stack.Admit(transaction, chain.Context(chain.Height + 1), chain.State).Refusal);
        TransactionOutput output = chain.Block(transaction).Outputs[1].Success();
        Assert.Equal(upgrade.Expected, chain.CodeRoot);
        // approval is removed in the resolving transaction
        byte[] again = chain.Sign(chain.Alice, Payload(script), 50_000_000, sequence: 1);
        Assert.Equal(RefusalReason.ScriptNotApproved, chain.Stack.Admit(again, chain.Context(chain.Height + 1), chain.State).Refusal);
        Assert.InRange(output.Receipt.GasUsed, 1ul, 20_000_000ul);
    }

    private static byte[] Named(IReadOnlyList<byte[]> modules, string name) => modules.Single(blob => Framework.IdOf(blob).Name == name);
}
