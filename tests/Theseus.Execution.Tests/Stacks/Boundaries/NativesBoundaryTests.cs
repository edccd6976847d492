namespace Theseus.Execution.Tests;

/// <summary>Natives while the chain goes from one stack to the next, and back (execution 4, natives check; record P11).</summary>
public class NativesBoundaryTests
{
    private static readonly Edit Keccak = ("hash.move", "native fun native_sha2_256",
        "public fun keccak256(data: vector<u8>): vector<u8> { native_keccak256(data) } "
        + "native fun native_keccak256(data: vector<u8>): vector<u8>; native fun native_sha2_256");

    [Fact]
    public void NativesOfTheNextStackCountWhenItsProbationIsOver()
    {
        Chain chain = new();
        byte[] keccak = Upgrade.By(Keccak).Script();
        PublishTests.AssertRefused(keccak, 1021, "hash::native_keccak256", chain: chain); // V1 lacks it
        Hash32 second = Stacks.V2.Stack.Rules.Manifest().Id;
        NativesTests.Schedule(chain, second, Stacks.V2.Stack.Rules.Natives.Signatures);
        Assert.Equal((StatusKind.Failed, 1021ul), Kind(chain.Resolve(keccak))); // scheduled is not in force
        chain.AdvanceTo(chain.Components[0].ScheduledHeight - 1);
        chain.StackName = "v2";
        chain.Components = [new("execution", 2, second, 0, Hash32.Zero, 0, chain.Height + 1, 16)];
        Assert.Equal((StatusKind.Failed, 1021ul), Kind(chain.Resolve(keccak))); // the previous stack is still there to fall back to
        ulong activated = chain.Height;
        chain.AdvanceTo(activated + 40);
        byte[] late = Upgrade.By(Keccak, ("lab.move", "public entry fun nothing() {}",
            "public entry fun nothing() {} #[view] public fun keccak(): vector<u8> { std::hash::keccak256(x\"\") }")).Script();
        chain.Approve(late);
        chain.Resolve(late).Outputs[1].Success();
        // Keccak-256 of nothing
        Assert.Equal("c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470",
            Convert.ToHexStringLower(chain.View("lab", "keccak")[0].AsSpan(1)));
    }

    // fault 1: on the second stack with code that uses its natives, the way back to the first is closed when it is scheduled,
    // not when it is there
    [Fact]
    public void CodeOfTheSecondStackCannotGoBackToTheFirst()
    {
        IReadOnlyList<byte[]> framework = Framework.Compile(Keccak);
        Chain chain = new(framework, "v2");
        Hash32 first = Stacks.V1.Stack.Rules.Manifest().Id;
        byte[] back = NativesTests.ScheduleScript(first, Stacks.V1.Stack.Rules.Natives.Signatures, framework: framework);
        chain.Approve(back);
        TransactionOutput refused = chain.Resolve(back).Outputs[1];
        Assert.Equal(FailedMajor.StackLacksNative, refused.Receipt.Status.Major);
        Assert.Contains("hash::native_keccak256(vector<u8>):vector<u8>", refused.FailurePlace!.Message);
    }

    // fault 1: what was scheduled first binds every publish after it
    [Fact]
    public void AfterTheWayBackIsScheduledNothingMayBePublishedThatItLacks()
    {
        Chain chain = new(stack: "v2");
        NativesTests.Schedule(chain, Stacks.V1.Stack.Rules.Manifest().Id, Stacks.V1.Stack.Rules.Natives.Signatures);
        PublishTests.AssertRefused(Upgrade.By(Keccak).Script(), 1021, "hash::native_keccak256", chain: chain);
    }

    [Fact]
    public void AfterARollbackTheStackInForceIsWhatCounts()
    {
        // the framework's own list goes back with the record, and the stack's table is a fact of the chain as well (record P11)
        Chain chain = new();
        byte[] natives = chain.View("versions", "usable_natives")[0];
        Hash32 first = chain.Stack.StackId, second = Stacks.V2.Stack.Rules.Manifest().Id;
        NativesTests.Schedule(chain, second, Stacks.V2.Stack.Rules.Natives.Signatures);
        chain.AdvanceTo(chain.Components[0].ScheduledHeight - 1);
        chain.StackName = "v2";
        chain.Components = [new("execution", 2, second, 0, Hash32.Zero, 0, chain.Height + 1, 16)];
        chain.Block();
        chain.StackName = "v1";
        chain.Components = [new("execution", 3, first, 0, Hash32.Zero, 0, chain.Height + 1, 16)];
        chain.AdvanceTo(chain.Height + 45);
        Assert.Equal(natives, chain.View("versions", "usable_natives")[0]);
        PublishTests.AssertRefused(Upgrade.By(Keccak).Script(), 1021, "hash::native_keccak256", chain: chain);
    }

    private static (StatusKind, ulong) Kind(BlockResult block) =>
        (block.Outputs[1].Receipt.Status.Kind, block.Outputs[1].Receipt.Status.Major);
}
