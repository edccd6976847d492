namespace Theseus.Execution.Tests;

/// <summary>
/// An approval fixes everything: what the sender may choose stands outside the approved hash, so such a script never resolves.
/// // fault 91
/// </summary>
public class ApprovalTests
{
    public static TheoryData<string, string, bool> Scripts => new()
    {
        { "price: u64", "let _ = price;", true },
        { "flag: bool", "let _ = flag;", true },
        { "sender: &signer", "let _ = sender;", false }, // filled with whoever sends it
        { "sender: signer", "let _ = sender;", false },
        { "<T>", "", false },
    };

    [Theory]
    [MemberData(nameof(Scripts))]
    public void AnApprovedScriptWithAParameterDoesNotResolve(string parameter, string use, bool argument)
    {
        Chain chain = new();
        bool generic = parameter == "<T>";
        string declared = generic ? "<T>()" : $"({parameter})";
        byte[] script = Framework.Script(
            $"script {{ use theseus_framework::governance; fun main{declared} {{ {use} let _fw = governance::resolve(); }} }}");
        ulong id = chain.Approve(script);
        byte[] value = parameter == "flag: bool" ? [1] : Chain.U64(777);
        TransactionPayload.Script payload = new(
            script, generic ? [TypeTag.Of(new StructTag(Address.One, "theseus_coin", "TheseusCoin", []))] : [], argument
                ? [new ScriptArgument((ScriptArgumentKind)9, value)] : []);
        TransactionOutput output = chain.Run(chain.Alice, payload);
        Assert.Equal((StatusKind.Aborted, new ModuleId(Address.One, "governance")),
            (output.Receipt.Status.Kind, output.Receipt.Status.Module));
        Assert.Equal(1, chain.StatusOf(id)); // approved as before
    }

    /// <summary>Nor does it get the room of an approved script.</summary>
    [Fact]
    public void ItGetsNoMoreGasThanAnyOther()
    {
        Chain chain = new();
        byte[] script =
            Framework.Script(
            "script { use theseus_framework::governance; fun main(price: u64) { let _ = price; let _fw = governance::resolve(); } }");
        chain.Approve(script);
        byte[] transaction = chain.Sign(chain.Alice, new TransactionPayload.Script(
            script, [], [new ScriptArgument((ScriptArgumentKind)9, Chain.U64(1))]), 2_000_001);
        Assert.Equal(RefusalReason.MaxGasTooHigh, chain.Stack.Admit(transaction, chain.Context(chain.Height + 1), chain.State).Refusal);
        Assert.Equal(Expect.Skipped(transaction, 2002), chain.Block(transaction).Outputs[1].Receipt);
    }

    [Fact]
    public void WithoutParametersItResolves()
    {
        Chain chain = new();
        byte[] script = Framework.Script("script { use theseus_framework::governance; fun main() { let _fw = governance::resolve(); } }");
        ulong id = chain.Approve(script);
        chain.Resolve(script).Outputs[1].Success();
        Assert.Equal(3, chain.StatusOf(id));
    }
}
