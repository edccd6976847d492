using Theseus.Move.Format;
using static Theseus.Move.Tests.Kit.ModuleBuilder;
using T = Theseus.Move.Format.SignatureToken;

namespace Theseus.Move.Tests.Kit;

/// <summary>Modules that several tests start from.</summary>
public static class Samples
{
    /// <summary>Uses every table of the format and verifies.</summary>
    public static CompiledModule Rich()
    {
        ModuleBuilder b = new("rich");
        ushort counter = b.Struct("Counter", Abilities.Key | Abilities.Store, ("value", T.U64));
        ushort box = b.Struct("Box", Abilities.Copy | Abilities.Drop | Abilities.Store,
            [new StructTypeParameter(Abilities.None, false), new StructTypeParameter(Abilities.None, true)],
            ("item", T.TypeParameter(0)), ("tags", T.Vector(T.U8)));
        ushort constant = b.Const(T.Vector(T.U8), 3, 1, 2, 3);
        b.Friend(0x42, "other");
        b.Meta("theseus::metadata_v1", [0, 0, 0]);
        b.Function("bump", [T.Address], [T.U64], [T.MutableReference(T.U64)],
        [
            I(Opcode.MoveLoc, 0), I(Opcode.MutBorrowGlobal, counter), I(Opcode.MutBorrowField, b.Field(counter, 0)), I(Opcode.StLoc, 1),
            I(Opcode.CopyLoc, 1), I(Opcode.ReadRef), I(Opcode.LdU64, 1), I(Opcode.Add), I(Opcode.CopyLoc, 1), I(Opcode.WriteRef),
            I(Opcode.MoveLoc, 1), I(Opcode.ReadRef), I(Opcode.Ret),
        ], entry: false, acquires: [counter]);
        b.Function("put", [T.Reference(T.Signer), T.U64], [], [],
            [I(Opcode.MoveLoc, 0), I(Opcode.MoveLoc, 1), I(Opcode.Pack, counter), I(Opcode.MoveTo, counter), I(Opcode.Ret)]);
        ushort boxed = b.Function("boxed", [T.TypeParameter(0)], [b.TypeOf(box, T.TypeParameter(0), T.Bool)], [],
            [I(Opcode.MoveLoc, 0), I(Opcode.LdConst, constant), I(Opcode.PackGeneric, b.StructInstance(box, T.TypeParameter(0), T.Bool)),
                I(Opcode.Ret)],
            typeParameters: [Abilities.Copy | Abilities.Drop]);
        b.Function("sum", [T.U64], [T.U64], [T.U64],
        [
            I(Opcode.LdU64, 0), I(Opcode.StLoc, 1), // 0
            I(Opcode.CopyLoc, 0), I(Opcode.LdU64, 0), I(Opcode.Gt), I(Opcode.BrFalse, 15), // 2
            I(Opcode.CopyLoc, 1), I(Opcode.CopyLoc, 0), I(Opcode.Add), I(Opcode.StLoc, 1), // 6
            I(Opcode.MoveLoc, 0), I(Opcode.LdU64, 1), I(Opcode.Sub), I(Opcode.StLoc, 0), I(Opcode.Branch, 2), // 10
            I(Opcode.MoveLoc, 1), I(Opcode.Ret), // 15
        ]);
        b.Function("wide", [], [T.U128, T.U256, T.U16, T.U32, T.U8], [],
        [
            Wide(Opcode.LdU128, UInt128.MaxValue), Wide(Opcode.LdU256, UInt256.MaxValue), I(Opcode.LdU16, 500), I(Opcode.LdU32, 70_000),
            I(Opcode.LdU8, 7), I(Opcode.Ret),
        ]);
        ushort called = b.FunctionInstance(boxed, T.U64);
        b.Function("go", [], [T.U64], [b.TypeOf(box, T.U64, T.Bool)],
        [
            I(Opcode.LdU64, 9), I(Opcode.CallGeneric, called), I(Opcode.StLoc, 0), I(Opcode.ImmBorrowLoc, 0),
            I(Opcode.ImmBorrowFieldGeneric, b.FieldInstance(box, 0, T.U64, T.Bool)), I(Opcode.ReadRef), I(Opcode.Ret),
        ], visibility: Visibility.Private, entry: false);
        b.Function("vectors", [], [T.U64], [T.Vector(T.U64)],
        [
            I(Opcode.LdU64, 5), I(Opcode.LdU64, 6), I(Opcode.VecPack, b.Sig(T.U64), 2), I(Opcode.StLoc, 0),
            I(Opcode.MutBorrowLoc, 0), I(Opcode.LdU64, 7), I(Opcode.VecPushBack, b.Sig(T.U64)),
            I(Opcode.ImmBorrowLoc, 0), I(Opcode.LdU64, 2), I(Opcode.VecImmBorrow, b.Sig(T.U64)), I(Opcode.ReadRef), I(Opcode.Ret),
        ]);
        return b.Build();
    }
}
