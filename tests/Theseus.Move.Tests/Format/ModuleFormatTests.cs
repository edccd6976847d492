using Theseus.Move.Format;
using Theseus.Move.Tests.Kit;
using static Theseus.Move.Tests.Kit.ModuleBuilder;
using T = Theseus.Move.Format.SignatureToken;

namespace Theseus.Move.Tests.Format;

public sealed class ModuleFormatTests
{
    /// <summary>Written out by hand from the container's description: one function that returns.</summary>
    private static readonly byte[] Minimal =
    [
        0xA1, 0x1C, 0xEB, 0x0B, 6, 0, 0, 0, 6,
        1, 0, 2, // module handles at 0, 2 bytes
        3, 2, 5, // function handles
        5, 7, 1, // signatures
        7, 8, 4, // identifiers
        8, 12, 32, // addresses
        0xC, 44, 8, // function definitions
        0, 0, // module handle: address 0, identifier 0
        0, 1, 0, 0, 0, // function: module 0, name 1, signatures 0 and 0, no type parameters
        0, // the empty signature
        1, (byte)'m', 1, (byte)'f',
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x42,
        0, 1, 4, 0, 0, 2, 0x28, 2, // handle 0, public, entry, no acquires, locals 0, 2 instructions: Nop, Ret
        0, // self
    ];

    private static StatusCode Status(byte[] bytes) => ModuleReader.ReadModule(bytes).Status;

    private static byte[] With(byte[] bytes, int index, byte value)
    {
        byte[] copy = [.. bytes];
        copy[index] = value;
        return copy;
    }

    [Fact]
    public void M1TheHandWrittenModuleReadsAsMeantAndRoundTrips()
    {
        CompiledModule module = ModuleReader.ReadModule(Minimal).Value!;
        Assert.Equal(new ModuleId(Address.FromShort(0x42), "m"), module.Id);
        FunctionDefinition function = Assert.Single(module.FunctionDefinitions);
        Assert.True(function.IsEntry);
        Assert.Equal(Visibility.Public, function.Visibility);
        Assert.Equal([Opcode.Nop, Opcode.Ret], function.Code!.Code.Select(i => i.Opcode));
        Assert.Equal(Minimal, ModuleWriter.Write(module));
    }

    [Fact]
    public void M1AModuleWithEveryTableRoundTrips()
    {
        byte[] bytes = ModuleWriter.Write(Samples.Rich());
        DecodeResult<CompiledModule> read = ModuleReader.ReadModule(bytes);
        Assert.True(read.IsOk, read.Message);
        Assert.Equal(bytes, ModuleWriter.Write(read.Value!));
        Assert.Equal(Samples.Rich().FunctionDefinitions[0].Code!.Code, read.Value!.FunctionDefinitions[0].Code!.Code);
    }

    [Fact]
    public void AScriptRoundTripsAndIsNoModule()
    {
        CompiledScript script = new ModuleBuilder().Script([T.Signer, T.U64], [T.Bool], [I(Opcode.Ret)], Abilities.Store);
        byte[] bytes = ModuleWriter.Write(script);
        DecodeResult<CompiledScript> read = ModuleReader.ReadScript(bytes);
        Assert.True(read.IsOk, read.Message);
        Assert.Equal(bytes, ModuleWriter.Write(read.Value!));
        Assert.False(ModuleReader.ReadModule(bytes).IsOk);
        Assert.False(ModuleReader.ReadScript(Minimal).IsOk);
    }

    [Fact]
    public void M2NonMinimalUlebIsMalformed()
    {
        byte[] padded = [.. Minimal[..^1], 0x80, 0x00];
        Assert.Equal(StatusCode.Malformed, Status(padded));
    }

    [Fact]
    public void TrailingBytesAreRejected() => Assert.Equal(StatusCode.TrailingBytes, Status([.. Minimal, 0]));

    [Fact]
    public void M3TablesMustBeOneOfAKindContiguousAndNonEmpty()
    {
        Assert.Equal(StatusCode.DuplicateTable, Status(With(Minimal, 12, 1))); // the second table becomes another table of module handles
        Assert.Equal(StatusCode.BadHeaderTable, Status(With(Minimal, 13, 3))); // gap
        Assert.Equal(StatusCode.BadHeaderTable, Status(With(Minimal, 13, 1))); // overlap
        Assert.Equal(StatusCode.BadHeaderTable, Status(With(Minimal, 14, 0))); // empty
        Assert.Equal(StatusCode.BadHeaderTable, Status(With(Minimal, 26, 120))); // beyond the end
    }

    [Fact]
    public void M4UnknownBytesHaveTheirOwnStatus()
    {
        int opcode = Minimal.Length - 3;
        Assert.Equal(StatusCode.UnknownOpcode, Status(With(Minimal, opcode, 0x4E)));
        Assert.Equal(StatusCode.UnknownOpcode, Status(With(Minimal, opcode, 0x00)));
        Assert.Equal(StatusCode.UnknownTableType, Status(With(Minimal, 12, 9)));
        Assert.Equal(StatusCode.UnknownTableType, Status(With(Minimal, 12, 0x11)));
        Assert.Equal(StatusCode.InvalidFlagBits, Status(With(Minimal, Minimal.Length - 7, 1)));
        Assert.Equal(StatusCode.Malformed, Status(With(Minimal, Minimal.Length - 8, 2)));
        Assert.Equal(StatusCode.BadMagic, Status(With(Minimal, 0, 0)));
        Assert.Equal(StatusCode.UnknownVersion, Status(With(Minimal, 4, 7)));
        ModuleBuilder b = new();
        b.Sig(T.Signer);
        byte[] bytes = ModuleWriter.Write(b.Build());
        int token = Array.LastIndexOf(bytes, (byte)0xC);
        Assert.Equal(StatusCode.UnknownSerializedType, Status(With(bytes, token, 0x10)));
    }

    [Fact]
    public void M5ATypeNestedDeeperThan256FailsWithoutRecursion()
    {
        static byte[] Nested(int depth)
        {
            T type = T.U8;
            for (int i = 1; i < depth; i++)
            {
                type = T.Vector(type);
            }

            ModuleBuilder b = new();
            b.Sig(type);
            return ModuleWriter.Write(b.Build());
        }

        Assert.Equal(StatusCode.Executed, Status(Nested(256)));
        Assert.Equal(StatusCode.Malformed, Status(Nested(257)));
        Assert.Equal(StatusCode.Malformed, Status(Nested(60_000)));
    }

    [Fact]
    public void M6ABranchToTheEndOfTheCodeIsOutOfBounds()
    {
        ModuleBuilder b = new();
        b.Function("f", [], [], [], [I(Opcode.Branch, 1)]);
        Assert.Equal(StatusCode.IndexOutOfBounds, Status(ModuleWriter.Write(b.Build())));
    }

    [Fact]
    public void M7ParametersAndLocalsAreAtMost255()
    {
        static byte[] Of(int parameters, int locals)
        {
            ModuleBuilder b = new();
            b.Function("f", [.. Enumerable.Repeat(T.U8, parameters)], [], [.. Enumerable.Repeat(T.U8, locals)], [I(Opcode.Ret)]);
            return ModuleWriter.Write(b.Build());
        }

        Assert.Equal(StatusCode.Executed, Status(Of(100, 155)));
        Assert.Equal(StatusCode.TooManyLocals, Status(Of(100, 156)));
    }

    [Fact]
    public void StructInstancesNeedTheRightNumberOfArgumentsAndTypeParametersInScope()
    {
        ModuleBuilder b = new();
        ushort s = b.Struct("S", Abilities.None, [new StructTypeParameter(Abilities.None, false)], ("f", T.TypeParameter(0)));
        b.Sig(b.TypeOf(s, T.U8, T.U8));
        Assert.Equal(StatusCode.NumberOfTypeArgumentsMismatch, Status(ModuleWriter.Write(b.Build())));
        ModuleBuilder c = new();
        c.Struct("S", Abilities.None, ("f", T.TypeParameter(0)));
        Assert.Equal(StatusCode.IndexOutOfBounds, Status(ModuleWriter.Write(c.Build())));
    }

    [Fact]
    public void EveryIndexOfEveryTableIsChecked()
    {
        // Raising each byte of an accepted module to a huge value may be refused or accepted, but never escapes as an exception.
        byte[] bytes = ModuleWriter.Write(Samples.Rich());
        for (int i = 0; i < bytes.Length; i++)
        {
            foreach (byte value in (byte[])[0, 1, 0x7F, 0x80, 0xFF, (byte)(bytes[i] + 1), (byte)(bytes[i] ^ 0x40)])
            {
                DecodeResult<CompiledModule> read = ModuleReader.ReadModule(With(bytes, i, value));
                Assert.Equal(read.IsOk, read.Status == StatusCode.Executed);
            }
        }
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("_", false)]
    [InlineData("_a", true)]
    [InlineData("a1_", true)]
    [InlineData("1a", false)]
    [InlineData("a-b", false)]
    [InlineData("<SELF>", true)]
    [InlineData("<SELF", false)]
    public void Identifiers(string name, bool accepted) =>
        Assert.Equal(accepted, FormatLimits.IsIdentifier(System.Text.Encoding.ASCII.GetBytes(name)));
}
