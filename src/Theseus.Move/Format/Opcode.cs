namespace Theseus.Move.Format;

/// <summary>The 77 opcodes of format v6.</summary>
public enum Opcode : byte
{
    Pop = 0x01,
    Ret = 0x02,
    BrTrue = 0x03,
    BrFalse = 0x04,
    Branch = 0x05,
    LdU64 = 0x06,
    LdConst = 0x07,
    LdTrue = 0x08,
    LdFalse = 0x09,
    CopyLoc = 0x0A,
    MoveLoc = 0x0B,
    StLoc = 0x0C,
    MutBorrowLoc = 0x0D,
    ImmBorrowLoc = 0x0E,
    MutBorrowField = 0x0F,
    ImmBorrowField = 0x10,
    Call = 0x11,
    Pack = 0x12,
    Unpack = 0x13,
    ReadRef = 0x14,
    WriteRef = 0x15,
    Add = 0x16,
    Sub = 0x17,
    Mul = 0x18,
    Mod = 0x19,
    Div = 0x1A,
    BitOr = 0x1B,
    BitAnd = 0x1C,
    Xor = 0x1D,
    Or = 0x1E,
    And = 0x1F,
    Not = 0x20,
    Eq = 0x21,
    Neq = 0x22,
    Lt = 0x23,
    Gt = 0x24,
    Le = 0x25,
    Ge = 0x26,
    Abort = 0x27,
    Nop = 0x28,
    Exists = 0x29,
    MutBorrowGlobal = 0x2A,
    ImmBorrowGlobal = 0x2B,
    MoveFrom = 0x2C,
    MoveTo = 0x2D,
    FreezeRef = 0x2E,
    Shl = 0x2F,
    Shr = 0x30,
    LdU8 = 0x31,
    LdU128 = 0x32,
    CastU8 = 0x33,
    CastU64 = 0x34,
    CastU128 = 0x35,
    MutBorrowFieldGeneric = 0x36,
    ImmBorrowFieldGeneric = 0x37,
    CallGeneric = 0x38,
    PackGeneric = 0x39,
    UnpackGeneric = 0x3A,
    ExistsGeneric = 0x3B,
    MutBorrowGlobalGeneric = 0x3C,
    ImmBorrowGlobalGeneric = 0x3D,
    MoveFromGeneric = 0x3E,
    MoveToGeneric = 0x3F,
    VecPack = 0x40,
    VecLen = 0x41,
    VecImmBorrow = 0x42,
    VecMutBorrow = 0x43,
    VecPushBack = 0x44,
    VecPopBack = 0x45,
    VecUnpack = 0x46,
    VecSwap = 0x47,
    LdU16 = 0x48,
    LdU32 = 0x49,
    LdU256 = 0x4A,
    CastU16 = 0x4B,
    CastU32 = 0x4C,
    CastU256 = 0x4D,
}

/// <summary>One instruction.</summary>
/// <param name="Opcode">The operation.</param>
/// <param name="Operand">A pool index, local index, branch target (instruction index) or an immediate of up to 64 bits.</param>
/// <param name="Count">The element count of VecPack and VecUnpack, else 0.</param>
/// <param name="Wide">The immediate of LdU128 and LdU256, else null (boxed: such immediates are rare).</param>
public readonly record struct Instruction(Opcode Opcode, ulong Operand = 0, ulong Count = 0, UInt256Box? Wide = null)
{
    public ushort Index => (ushort)Operand;
}

/// <summary>A wide immediate on the heap, compared by value.</summary>
public sealed record UInt256Box(UInt256 Value);
