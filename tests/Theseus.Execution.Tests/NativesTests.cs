namespace Theseus.Execution.Tests;

/// <summary>Which natives a bundle may use is decided by facts of the chain: the stack in force, the scheduled one, the one on probation (execution 4, natives check).</summary>
public class NativesTests
{
    private static readonly Edit Keccak = ("hash.move", "native fun native_sha2_256", "public fun keccak256(data: vector<u8>): vector<u8> { native_keccak256(data) } native fun native_keccak256(data: vector<u8>): vector<u8>; native fun native_sha2_256");

    private static readonly Edit Tail = ("hash.move", "native fun native_sha2_256", "public fun again(data: vector<u8>): vector<u8> { native_sha2_256(data) } native fun native_sha2_256");

    private static void Schedule(Chain chain, Hash32 stack, IEnumerable<string> natives)
    {
        byte[] script = Framework.Script($$"""
            script {
                use std::string;
                use theseus_framework::governance;
                use theseus_framework::versions;
                fun main() {
                    let fw = governance::resolve();
                    let natives = vector[{{string.Join(", ", natives.Select(name => $"string::utf8(b\"{name}\")"))}}];
                    versions::schedule(&fw, string::utf8(b"execution"), 2, x"{{stack}}", natives, 18);
                }
            }
            """);
        chain.Approve(script);
        BlockResult block = chain.Resolve(script);
        block.Outputs[1].Success();
        ServiceEvent.VersionScheduled scheduled = Assert.IsType<ServiceEvent.VersionScheduled>(Assert.Single(block.ServiceEvents));
        Assert.Equal(new ServiceEvent.VersionScheduled("execution", 2, stack, null, chain.Height + 18, 40, scheduled.Requires), scheduled);
        chain.Components = [chain.Components[0] with { ScheduledVersion = 2, ScheduledModuleId = stack, ScheduledHeight = chain.Height + 18 }];
    }

    [Fact]
    public void AScheduledStackWithFewerNativesRefusesThoseItLacks()
    {
        Chain chain = new();
        Schedule(chain, Hash32.FromHex(new string('5', 64)), Stacks.V1.Stack.Rules.Natives.Names.Select(name => name.ToString()).Where(name => name != "hash::native_sha2_256"));
        PublishTests.AssertRefused(Upgrade.By(Tail).Script(), 1021, "hash::native_sha2_256", chain: chain);
        // what needs no such native is published all the same
        byte[] other = Upgrade.By(("lab.move", "public entry fun nothing() {}", "public entry fun nothing() {} public entry fun more() {}")).Script();
        chain.Approve(other);
        chain.Resolve(other).Outputs[1].Success();
    }

    [Fact]
    public void NativesOfTheNextStackCountWhenItsProbationIsOver()
    {
        Chain chain = new();
        byte[] keccak = Upgrade.By(Keccak).Script();
        PublishTests.AssertRefused(keccak, 1021, "hash::native_keccak256", chain: chain); // V1 lacks it
        Hash32 second = Stacks.V2.Stack.Rules.Manifest().Id;
        Schedule(chain, second, Stacks.V2.Stack.Rules.Natives.Names.Select(name => name.ToString()));
        Assert.Equal((StatusKind.Failed, 1021ul), Kind(chain.Resolve(keccak))); // scheduled is not in force
        chain.AdvanceTo(chain.Components[0].ScheduledHeight - 1);
        chain.StackName = "v2";
        chain.Components = [new("execution", 2, second, 0, Hash32.Zero, 0, chain.Height + 1, 16)];
        Assert.Equal((StatusKind.Failed, 1021ul), Kind(chain.Resolve(keccak))); // the previous stack is still there to fall back to
        ulong activated = chain.Height;
        chain.AdvanceTo(activated + 40);
        byte[] late = Upgrade.By(Keccak, ("lab.move", "public entry fun nothing() {}", "public entry fun nothing() {} #[view] public fun keccak(): vector<u8> { std::hash::keccak256(x\"\") }")).Script();
        chain.Approve(late);
        chain.Resolve(late).Outputs[1].Success();
        // Keccak-256 of nothing
        Assert.Equal("c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470", Convert.ToHexStringLower(chain.View("lab", "keccak")[0].AsSpan(1)));
    }

    [Fact]
    public void AfterARollbackTheStackInForceIsWhatCounts()
    {
        // Move's list may still be that of the stack that was taken back: the stack's own table is a fact of the chain as well (record P11)
        Chain chain = new();
        Hash32 first = chain.Stack.StackId, second = Stacks.V2.Stack.Rules.Manifest().Id;
        Schedule(chain, second, Stacks.V2.Stack.Rules.Natives.Names.Select(name => name.ToString()));
        chain.AdvanceTo(chain.Components[0].ScheduledHeight - 1);
        chain.StackName = "v2";
        chain.Components = [new("execution", 2, second, 0, Hash32.Zero, 0, chain.Height + 1, 16)];
        chain.Block();
        chain.StackName = "v1";
        chain.Components = [new("execution", 3, first, 0, Hash32.Zero, 0, chain.Height + 1, 16)];
        chain.AdvanceTo(chain.Height + 45);
        PublishTests.AssertRefused(Upgrade.By(Keccak).Script(), 1021, "hash::native_keccak256", chain: chain);
    }

    private static (StatusKind, ulong) Kind(BlockResult block) => (block.Outputs[1].Receipt.Status.Kind, block.Outputs[1].Receipt.Status.Major);
}
