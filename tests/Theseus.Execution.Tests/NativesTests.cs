using Theseus.Move.Format;
using Theseus.Move.Runtime;

namespace Theseus.Execution.Tests;

/// <summary>
/// Which natives a bundle may use is decided by facts of the chain: the stack in force, the scheduled one, the one on probation
/// (execution 4, natives check).
/// </summary>
public class NativesTests
{
    internal static void Schedule(Chain chain, Hash32 stack, IEnumerable<string> natives)
    {
        byte[] script = ScheduleScript(stack, natives);
        chain.Approve(script);
        BlockResult block = chain.Resolve(script);
        block.Outputs[1].Success();
        ServiceEvent.VersionScheduled scheduled = Assert.IsType<ServiceEvent.VersionScheduled>(Assert.Single(block.ServiceEvents));
        Assert.Equal(new ServiceEvent.VersionScheduled("execution", 2, stack, null, chain.Height + 18, 40, scheduled.Requires), scheduled);
        chain.Components = [chain.Components[0] with { ScheduledVersion = 2, ScheduledModuleId = stack, ScheduledHeight =
            chain.Height + 18 }];
    }

    internal static byte[] ScheduleScript(Hash32 stack, IEnumerable<string> natives, ulong version = 2, string before =
        "", IReadOnlyList<byte[]>? framework = null) =>
        Framework.Script($$"""
            script {
                use std::string;
                use theseus_framework::governance;
                use theseus_framework::versions;
                fun main() {
                    let fw = governance::resolve();
                    {{before}}
                    let natives = vector[{{string.Join(", ", natives.Select(name => $"string::utf8(b\"{name}\")"))}}];
                    versions::schedule(&fw, string::utf8(b"execution"), {{version}}, x"{{stack}}", natives, 18);
                }
            }
            """, framework);

    private static string Of(string name) => Chain.Oldest.Natives.Signatures.Single(
        text => text.StartsWith(name + "(", StringComparison.Ordinal));

    // fault 1
    [Theory]
    [InlineData("hash::native_sha2_256", "hash")] // an ordinary native
    [InlineData("block_context::get", "block_context")] // one that every hook calls, through another module
    [InlineData("transaction_context::native_script_hash", "transaction_context")] // one that the ceremony itself needs
    public void AStackThatLacksANativeOfTheCodeInForceIsNotScheduled(string native, string module)
    {
        Chain chain = new();
        byte[] script = ScheduleScript(Hash32.FromHex(new string('5', 64)),
            Chain.Oldest.Natives.Signatures.Where(text => text != Of(native)));
        ulong id = chain.Approve(script);
        BlockResult block = chain.Resolve(script);
        Assert.Equal(TransactionStatus.Failed(FailedMajor.StackLacksNative, null, new ModuleId(Address.One, module)),
            block.Outputs[1].Receipt.Status);
        Assert.Contains(native, block.Outputs[1].FailurePlace!.Message);
        Assert.Empty(block.ServiceEvents);
        Assert.Equal(1, chain.StatusOf(id)); // still approved: nothing happened
    }

    // fault 1: a native with other types is another native
    [Fact]
    public void AStackWhoseNativeHasOtherTypesIsNotScheduled()
    {
        Chain chain = new();
        IEnumerable<string> natives = Chain.Oldest.Natives.Signatures.Select(
            text => text == Of("hash::native_sha2_256") ? "hash::native_sha2_256(vector<u8>):address" : text);
        byte[] script = ScheduleScript(Hash32.FromHex(new string('5', 64)), natives.Order(StringComparer.Ordinal));
        chain.Approve(script);
        Assert.Equal(FailedMajor.StackLacksNative, chain.Resolve(script).Outputs[1].Receipt.Status.Major);
    }

    // fault 92
    public static TheoryData<string, string, string> OtherTypes => new()
    {
        { "signer.move", "native fun native_borrow_address(s: &signer): &address;",
            "native fun native_borrow_address(s: &mut signer): &mut address;" },
        { "signer.move", "native fun native_borrow_address(s: &signer): &address;",
            "native fun native_borrow_address(s: &signer): &mut address;" },
        { "signer.move", "native fun native_borrow_address(s: &signer): &address;",
            "native fun native_borrow_address<T>(s: &signer): &address;" },
        { "event.move", "native fun native_emit<T: drop + store>(message: T);", "native fun native_emit<T: store>(message: T);" },
        { "hash.move", "native fun native_sha2_256(data: vector<u8>): vector<u8>;", "native fun native_sha2_256(data: vector<u8>): u64;" },
        { "transaction_context.move", "native fun native_tx_hash(): vector<u8>;", "native fun native_tx_hash(salt: u8): vector<u8>;" },
    };

    /// <summary>The declaration alone is looked at: its callers do not fit it any more, so the module is assembled without them.</summary>
    [Theory]
    [MemberData(nameof(OtherTypes))]
    public void ANativeDeclaredWithOtherTypesIsRefused(string file, string declaration, string other)
    {
        Assert.Contains(declaration, Framework.Text(file));
        string name = file[..^5];
        byte[] module = Framework.Lone($"module 0x1::{name} {{ {other} }}");
        CodeSnapshot code = CodeSnapshot.Load(Hash32.Zero, Chain.Oldest.Move, Chain.Oldest.Natives, _ => null);
        PublishPolicy policy = new() { Natives = Chain.Oldest.Natives.Signatures.ToHashSet() };
        Theseus.Move.Runtime.Publishing.Check(code, [module], policy, [], out PublishError? error);
        Assert.Equal(StatusCode.MissingDependency, error?.Error.Status);
        byte[] right = Framework.Lone($"module 0x1::{name} {{ {declaration} }}");
        Assert.NotNull(Theseus.Move.Runtime.Publishing.Check(code, [right], policy, [], out error));
    }
}
