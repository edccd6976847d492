namespace Theseus.Execution.Tests;

/// <summary>Which natives a bundle may use is decided by facts of the chain: the stack in force, the scheduled one, the one on probation (execution 4, natives check).</summary>
public class NativesTests
{
    private static readonly Edit Tail = ("hash.move", "native fun native_sha2_256", "public fun again(data: vector<u8>): vector<u8> { native_sha2_256(data) } native fun native_sha2_256");

    internal static void Schedule(Chain chain, Hash32 stack, IEnumerable<string> natives)
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
        Schedule(chain, Hash32.FromHex(new string('5', 64)), Chain.Oldest.Natives.Names.Select(name => name.ToString()).Where(name => name != "hash::native_sha2_256"));
        PublishTests.AssertRefused(Upgrade.By(Tail).Script(), 1021, "hash::native_sha2_256", chain: chain);
        // what needs no such native is published all the same
        byte[] other = Upgrade.By(("lab.move", "public entry fun nothing() {}", "public entry fun nothing() {} public entry fun more() {}")).Script();
        chain.Approve(other);
        chain.Resolve(other).Outputs[1].Success();
    }
}
