using System.Text;
using Theseus.Move.Format;

namespace Theseus.Execution.Tests;

/// <summary>What users may send to entry functions and scripts (execution 1, argument rule).</summary>
public class ArgumentTests
{
    private static readonly TypeTag Coin = TypeTag.Of(new StructTag(Address.One, "theseus_coin", "TheseusCoin", []));

    private static TransactionOutput Call(string function, params IReadOnlyList<byte[]> arguments)
    {
        Chain chain = new();
        return chain.Run(chain.Alice, Chain.Call("lab", function, arguments));
    }

    private static void Fails(ulong major, TransactionOutput output)
    {
        Assert.Equal(TransactionStatus.Failed(major, null, null), output.Receipt.Status);
        Assert.NotNull(output.FailurePlace);
    }

    [Fact]
    public void TheNumberOfArgumentsIsExact()
    {
        Call("two", Chain.U64(1), [1]).Success();
        Fails(1098, Call("two", Chain.U64(1)));
        Fails(1098, Call("two", Chain.U64(1), [1], [1]));
        Fails(1098, Call("nothing", new byte[][] { [] }));
    }

    [Theory]
    [InlineData("0100000000000000", "02")] // a bool is 0 or 1
    [InlineData("01000000000000", "01")] // too short
    [InlineData("010000000000000000", "01")] // a byte too many
    public void TheBytesAreExactlyTheValue(string first, string second) =>
        Fails(1100, Call("two", Convert.FromHexString(first), Convert.FromHexString(second)));

    [Fact]
    public void TextIsUtf8()
    {
        Call("text", Chain.Bytes(Encoding.UTF8.GetBytes("Θησεύς"))).Success();
        Fails(1100, Call("text", Chain.Bytes([0xC3])));
        Fails(1100, Call("text", Chain.Bytes([0xED, 0xA0, 0x80]))); // a surrogate
        Fails(1100, Call("text", Chain.Bytes([0xC0, 0x80]))); // not the shortest form
    }

    [Fact]
    public void AnOptionHoldsAtMostOneValue()
    {
        Call("maybe", [0]).Success();
        Call("maybe", [[1, .. Chain.U64(9)]]).Success();
        Fails(1100, Call("maybe", [[2, .. Chain.U64(9), .. Chain.U64(9)]]));
        Fails(1100, Call("list", [[1, 2, 1, 0x61, 1, 0x61]]));
        Call("list", [[2, 1, 1, 0x61, 0]]).Success();
    }

    [Fact]
    public void TypeArgumentsExistAndFitInNumber()
    {
        Chain chain = new();
        TransactionOutput Generic(params IReadOnlyList<TypeTag> types) =>
            chain.Run(chain.Alice, new TransactionPayload.EntryFunction(new ModuleId(Address.One, "lab"), "generic", types, []));
        Generic(Coin).Success();
        Fails(1076, Generic());
        Fails(1076, Generic(Coin, Coin));
        Fails(1081, Generic(TypeTag.Of(new StructTag(Address.One, "nowhere", "Nothing", []))));
        Fails(2021, Generic(TypeTag.Of(new StructTag(Address.One, "coin", "Nothing", [])))); // any user can: no alarm
        BlockResult block = chain.Block(
            chain.Sign(chain.Alice,
                new TransactionPayload.EntryFunction(new ModuleId(Address.One, "lab"), "generic",
                    [TypeTag.Of(new StructTag(Address.One, "coin", "Nothing", []))], [])));
        Assert.Empty(block.Alarms);
    }

    [Fact]
    public void ScriptsTakeArgumentsByTheirBytesNotTheirKinds()
    {
        Chain chain = new();
        byte[] code = Framework.Script("""
            script {
                use std::string::String;
                fun main<A, B>(_owner: &signer, a: u64, _b: vector<u8>, c: bool, d: address, _e: u8, _f: u128, _g: u16, _h: u32, _i: u256, list: vector<u64>, text: String) {
                    assert!(a == 5 && c && d == @0xb0, 1);
                    assert!(std::vector::length(&list) == 2 && *std::vector::borrow(&list, 1) == 2, 2);
                    assert!(std::string::length(&text) == 2, 3);
                }
            }
            """);
        // the argument kinds of vector V3, a list and a text as execution 1 writes them
        ScriptArgument Argument(ScriptArgumentKind kind, string hex) => new(kind, Convert.FromHexString(hex));
        ScriptArgument[] arguments =
        [
            Argument(ScriptArgumentKind.U64, "0500000000000000"), Argument(ScriptArgumentKind.Bytes, "03010203"),
            Argument(ScriptArgumentKind.Bool, "01"),
            Argument(ScriptArgumentKind.Address, "00000000000000000000000000000000000000000000000000000000000000b0"),
            Argument(ScriptArgumentKind.U8, "09"),
            Argument(ScriptArgumentKind.U128, "01000000000000000000000000000000"), Argument(ScriptArgumentKind.U16, "0200"),
            Argument(ScriptArgumentKind.U32, "03000000"),
            Argument(ScriptArgumentKind.U256, "0400000000000000000000000000000000000000000000000000000000000000"),
            Argument(ScriptArgumentKind.Serialized, "0201000000000000000200000000000000"), Argument(ScriptArgumentKind.Bytes, "026869"),
        ];
        TypeTag[] types = [TypeTag.U64, TypeTag.Vector(TypeTag.U8)];
        chain.Run(chain.Alice, new TransactionPayload.Script(code, types, arguments)).Success();
        Fails(1098, chain.Run(chain.Alice, new TransactionPayload.Script(code, types, arguments[..^1])));
        arguments[^1] = Argument(ScriptArgumentKind.Bytes, "02c328");
        Fails(1100, chain.Run(chain.Alice, new TransactionPayload.Script(code, types, arguments)));
        Fails(1076, chain.Run(chain.Alice, new TransactionPayload.Script(code, [TypeTag.U64], arguments)));
    }

    [Fact]
    public void AScriptThatIsNoScriptFailsItsSenderOnly()
    {
        Chain chain = new();
        Fails(3024, chain.Run(chain.Alice, new TransactionPayload.Script(Convert.FromHexString("a11ceb0b06000000"), [], [])));
        Fails(3024, chain.Run(chain.Alice, new TransactionPayload.Script(Framework.Modules[0], [], []))); // a module
    }

    [Fact]
    public void AnAbortInAScriptNamesNoModule()
    {
        Chain chain = new();
        byte[] code = Framework.Script("script { fun main() { abort 9 } }");
        Assert.Equal(TransactionStatus.Aborted(null, 9),
            chain.Run(chain.Alice, new TransactionPayload.Script(code, [], [])).Receipt.Status);
    }

    [Fact]
    public void AnOrdinaryScriptHas4096InstructionsAtMost()
    {
        Chain chain = new();
        CompiledScript script = ModuleReader.ReadScript(Framework.Script("script { fun main() { } }")).Value!;
        TransactionOutput Run(int instructions)
        {
            List<Instruction> code = [.. Enumerable.Repeat(new Instruction(Opcode.Nop), instructions - 1), new Instruction(Opcode.Ret)];
            return chain.Run(chain.Alice, new TransactionPayload.Script(ModuleWriter.Write(With(script, code)), [], []));
        }

        Run(4_096).Success();
        Fails(1125, Run(4_097)); // PROGRAM_TOO_COMPLEX
    }

    private static CompiledScript With(CompiledScript script, IReadOnlyList<Instruction> code) => new()
    {
        Version = script.Version, ModuleHandles = script.ModuleHandles, StructHandles = script.StructHandles,
        FunctionHandles = script.FunctionHandles,
        FunctionInstantiations = script.FunctionInstantiations, Signatures = script.Signatures, Constants = script.Constants,
        Identifiers = script.Identifiers,
        Addresses = script.Addresses, Metadata = script.Metadata, TypeParameters = script.TypeParameters, Parameters = script.Parameters,
        Code = script.Code with { Code = code },
    };
}
