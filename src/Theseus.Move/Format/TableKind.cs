namespace Theseus.Move.Format;

/// <summary>The table bytes of the container.</summary>
public enum TableKind : byte
{
    ModuleHandles = 1,
    StructHandles = 2,
    FunctionHandles = 3,
    FunctionInstantiations = 4,
    Signatures = 5,
    Constants = 6,
    Identifiers = 7,
    Addresses = 8,
    StructDefinitions = 0xA,
    StructInstantiations = 0xB,
    FunctionDefinitions = 0xC,
    FieldHandles = 0xD,
    FieldInstantiations = 0xE,
    Friends = 0xF,
    Metadata = 0x10,
}

/// <summary>How an instruction's operand is encoded.</summary>
public enum OperandKind : byte
{
    /// <summary>No such opcode.</summary>
    Unknown,
    None,
    U8,
    U16,
    U32,
    U64,
    U128,
    U256,
    Constant,
    Local,
    Branch,
    FieldHandle,
    FieldInstantiation,
    Function,
    FunctionInstantiation,
    Struct,
    StructInstantiation,

    /// <summary>A signature with the one element type of a vector.</summary>
    Signature,

    /// <summary>The same and a u64 count.</summary>
    SignatureAndCount,
}

/// <summary>The operand of each opcode.</summary>
public static class Operands
{
    private static readonly OperandKind[] Kinds = [.. Enumerable.Range(0, 256).Select(i => Classify((Opcode)i))];

    public static OperandKind Of(Opcode opcode) => Kinds[(byte)opcode];

    /// <summary>Control never continues behind Ret, Abort and Branch.</summary>
    public static bool EndsFlow(Opcode opcode) => opcode is Opcode.Ret or Opcode.Abort or Opcode.Branch;

    public static bool IsBranch(Opcode opcode) => opcode is Opcode.BrTrue or Opcode.BrFalse or Opcode.Branch;

    private static OperandKind Classify(Opcode opcode) => opcode switch
    {
        Opcode.LdU8 => OperandKind.U8,
        Opcode.LdU16 => OperandKind.U16,
        Opcode.LdU32 => OperandKind.U32,
        Opcode.LdU64 => OperandKind.U64,
        Opcode.LdU128 => OperandKind.U128,
        Opcode.LdU256 => OperandKind.U256,
        Opcode.LdConst => OperandKind.Constant,
        Opcode.CopyLoc or Opcode.MoveLoc or Opcode.StLoc or Opcode.MutBorrowLoc or Opcode.ImmBorrowLoc => OperandKind.Local,
        Opcode.BrTrue or Opcode.BrFalse or Opcode.Branch => OperandKind.Branch,
        Opcode.MutBorrowField or Opcode.ImmBorrowField => OperandKind.FieldHandle,
        Opcode.MutBorrowFieldGeneric or Opcode.ImmBorrowFieldGeneric => OperandKind.FieldInstantiation,
        Opcode.Call => OperandKind.Function,
        Opcode.CallGeneric => OperandKind.FunctionInstantiation,
        Opcode.Pack or Opcode.Unpack or Opcode.Exists or Opcode.MutBorrowGlobal or Opcode.ImmBorrowGlobal or Opcode.MoveFrom
            or Opcode.MoveTo => OperandKind.Struct,
        Opcode.PackGeneric or Opcode.UnpackGeneric or Opcode.ExistsGeneric or Opcode.MutBorrowGlobalGeneric or Opcode.ImmBorrowGlobalGeneric
            or Opcode.MoveFromGeneric or Opcode.MoveToGeneric => OperandKind.StructInstantiation,
        Opcode.VecLen or Opcode.VecImmBorrow or Opcode.VecMutBorrow or Opcode.VecPushBack or Opcode.VecPopBack
            or Opcode.VecSwap => OperandKind.Signature,
        Opcode.VecPack or Opcode.VecUnpack => OperandKind.SignatureAndCount,
        >= Opcode.Pop and <= Opcode.CastU256 when Enum.IsDefined(opcode) => OperandKind.None,
        _ => OperandKind.Unknown,
    };
}
