namespace Theseus.Move.Format;

/// <summary>The kind byte of a table in the container (move 2.1). Indices in entries are ULEB128, at most 65,535.</summary>
public enum TableKind : byte
{
    /// <summary>Modules that the program names, itself included: <see cref="ModuleHandle"/>.</summary>
    ModuleHandles = 1,
    /// <summary>Structs that the program names, its own and others: <see cref="StructHandle"/>.</summary>
    StructHandles = 2,
    /// <summary>Functions that the program names, its own and others: <see cref="FunctionHandle"/>.</summary>
    FunctionHandles = 3,
    /// <summary>Generic functions with type arguments, for CallGeneric: <see cref="FunctionInstantiation"/>.</summary>
    FunctionInstantiations = 4,
    /// <summary>Lists of types, for parameters, results, locals and type arguments: <see cref="Signature"/>.</summary>
    Signatures = 5,
    /// <summary>Values that LdConst loads: <see cref="Constant"/>.</summary>
    Constants = 6,
    /// <summary>Names: length and ASCII bytes, see <see cref="FormatLimits.IsIdentifier"/>.</summary>
    Identifiers = 7,
    /// <summary>Addresses of modules: 32 bytes each, without a length.</summary>
    Addresses = 8,
    /// <summary>
    /// Structs that the module defines: <see cref="StructDefinition"/>. Not in scripts, like all that follow but
    /// metadata.
    /// </summary>
    StructDefinitions = 0xA,
    /// <summary>The module's generic structs with type arguments: <see cref="StructInstantiation"/>.</summary>
    StructInstantiations = 0xB,
    /// <summary>Functions that the module defines: <see cref="FunctionDefinition"/>.</summary>
    FunctionDefinitions = 0xC,
    /// <summary>Fields that instructions borrow: <see cref="FieldHandle"/>.</summary>
    FieldHandles = 0xD,
    /// <summary>Fields of generic structs with type arguments: <see cref="FieldInstantiation"/>.</summary>
    FieldInstantiations = 0xE,
    /// <summary>Modules that may call this one's friend functions: <see cref="ModuleHandle"/>.</summary>
    Friends = 0xF,
    /// <summary>Keys and values that the machine does not interpret: <see cref="Format.Metadata"/>.</summary>
    Metadata = 0x10,
}

/// <summary>How an instruction's operand is encoded.</summary>
internal enum OperandKind : byte
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
internal static class Operands
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
