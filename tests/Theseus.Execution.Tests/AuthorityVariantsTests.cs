using Theseus.Move.Format;

namespace Theseus.Execution.Tests;

/// <summary>Variants of what a governance attacker publishes or sends (faults 91 to 93).</summary>
public sealed class AuthorityVariantsTests
{
    /// <summary>
    /// fault 92, 66: native structs, natives in other modules, natives as friends or entries, instructions declared elsewhere.
    /// </summary>
    public static TheoryData<string, string> NativeDeclarations => new()
    {
        { "x", "module 0x1::x { native struct S has store; }" },
        { "x", "module 0x1::x { native fun native_sha2_256(data: vector<u8>): vector<u8>; }" },
        { "x", "module 0x1::x { native fun empty<T>(): vector<T>; }" },
        { "hash", "module 0x1::hash { public native fun native_sha2_256(data: vector<u8>): vector<u8>; }" },
        { "hash", "module 0x1::hash { native entry fun native_sha2_256(data: vector<u8>): vector<u8>; }" },
        { "hash", "module 0x1::hash { public(friend) native fun native_sha2_256(data: vector<u8>): vector<u8>; }" },
        { "vector", "module 0x1::vector { native public fun empty<T: copy>(): vector<T>; }" },
        { "vector", "module 0x1::vector { native public fun swap<T>(v: &mut vector<T>, i: u64, j: u32); }" },
        { "vector", "module 0x1::vector { native public fun steal<T>(v: &mut vector<T>): T; }" },
    };

    [Theory]
    [MemberData(nameof(NativeDeclarations))]
    public void ANativeThatIsNotOneOfTheStackIsRefused(string name, string source)
    {
        byte[] module = [];
        if (Record.Exception(() => module = Framework.Lone(source)) is Exception verified)
        {
            Assert.Contains(nameof(StatusCode.MissingDependency), verified.Message); // the compiler asks the chain's verifier
            return;
        }

        Assert.Equal(name, Framework.IdOf(module).Name);
        Theseus.Move.Runtime.CodeSnapshot code = Theseus.Move.Runtime.CodeSnapshot.Load(
            Hash32.Zero, Chain.Oldest.Move, Chain.Oldest.Natives, _ => null);
        Theseus.Move.Runtime.PublishPolicy policy = new() { Natives = Chain.Oldest.Natives.Signatures.ToHashSet() };
        Theseus.Move.Runtime.Publishing.Check(code, [module], policy, [], out Theseus.Move.Runtime.PublishError? error);
        Assert.True(error is not null, source);
    }

    /// <summary>fault 91: an entry function has no hash that anybody approved, also when a script of that hash was approved.</summary>
    [Fact]
    public void AnEntryFunctionNeverResolves()
    {
        IReadOnlyList<byte[]> framework = Framework.Compile(
            ("lab.move", "public entry fun nothing() {}",
                "public entry fun nothing() { let _fw = theseus_framework::governance::resolve(); }"));
        Chain chain = new(framework);
        byte[] script = Framework.Script("script { fun main() { theseus_framework::lab::nothing(); } }", framework);
        ulong id = chain.Approve(script);
        TransactionStatus called = chain.Run(chain.Alice, Chain.Call("lab", "nothing")).Receipt.Status;
        Assert.Equal((StatusKind.Aborted, 0x50015ul), (called.Kind, called.Code));
        Assert.Equal(1, chain.StatusOf(id));
        chain.Resolve(script).Outputs[1].Success();
    }

    /// <summary>fault 91: twice in one block, and twice in one script.</summary>
    [Fact]
    public void AnApprovalIsUsedOnce()
    {
        Chain chain = new();
        byte[] script = Framework.Script("script { use theseus_framework::governance; fun main() { let _fw = governance::resolve(); } }");
        chain.Approve(script);
        byte[] Send(TestAccount sender) => chain.Sign(sender, new TransactionPayload.Script(script, [], []), 2_000_000);
        BlockResult block = chain.Block(Send(chain.Alice), Send(chain.Bob), Send(chain.Alice));
        block.Outputs[1].Success();
        Assert.All(block.Outputs.Skip(2).Take(2), output => Assert.Equal(0x3000Aul, output.Receipt.Status.Code));
        byte[] twice = Framework.Script(
            "script { use theseus_framework::governance; fun main() { let _a = governance::resolve(); let _b = governance::resolve(); } }");
        ulong id = chain.Approve(twice);
        Assert.Equal(0x3000Aul, chain.Resolve(twice).Outputs[1].Receipt.Status.Code);
        Assert.Equal(1, chain.StatusOf(id));
    }

    /// <summary>fault 93: what holds coins or authority keeps its abilities, wherever it lies.</summary>
    [Theory]
    [InlineData("coin.move", "struct Coin<phantom T> has store", "struct Coin<phantom T> has copy, store")]
    [InlineData("coin.move", "struct Coin<phantom T> has store", "struct Coin<phantom T> has drop, store")]
    [InlineData("coin.move", "struct CoinStore<phantom T> has key", "struct CoinStore<phantom T> has key, store")]
    [InlineData("stake.move", "struct Pool has key", "struct Pool has key, store")]
    [InlineData("governance.move", "struct Proposals has key", "struct Proposals has key, store")]
    public void AbilitiesOfWhatTheChainRestsOnAreNotAdded(string file, string declaration, string other)
    {
        Assert.Contains(declaration, Framework.Text(file));
        PublishTests.AssertRefused(Upgrade.By((file, declaration, other)).Script(), FailedMajor.BrokenHook, "must have the abilities");
    }
}
