using Theseus.Move.Format;

namespace Theseus.Move.Runtime;

/// <summary>
/// What the interpreter does. Widths and reference-ness are settled when a function is decoded, type arguments when it runs.
/// </summary>
internal enum Act : byte
{
    Charge,
    Pop,
    Ret,
    BrTrue,
    BrFalse,
    Branch,
    LdImm,
    LdBox,
    LdConst,
    CopyPlain,
    CopyDeep,
    MoveLoc,
    StLoc,
    BorrowLoc,
    BorrowField,
    Call,
    Pack,
    Unpack,
    ReadPlain,
    ReadDeep,
    WriteRef,
    AddSmall,
    AddU64,
    Sub,
    MulSmall,
    MulU64,
    Div,
    Mod,
    BitOr,
    BitAnd,
    Xor,
    Shl,
    Shr,
    Lt,
    Gt,
    Le,
    Ge,
    WideBinary,
    WideCompare,
    WideShift,
    CastSmall,
    CastWide,
    Not,
    EqPlain,
    NeqPlain,
    EqDeep,
    NeqDeep,
    EqRef,
    NeqRef,
    Exists,
    BorrowGlobal,
    MoveFrom,
    MoveTo,
    VecPack,
    VecLen,
    VecBorrow,
    VecPush,
    VecPop,
    VecUnpack,
    VecSwap,
    Abort,
}

/// <summary>One decoded instruction.</summary>
internal struct Op
{
    public Act Act;

    /// <summary>Local, field, count, width or kind.</summary>
    public int A;

    /// <summary>Slot, branch target or kind.</summary>
    public int B;

    /// <summary>Immediate, mask or price.</summary>
    public ulong Imm;

    public object? Object;
}

/// <summary>Where the contents of a slot come from.</summary>
/// <param name="Type">A type of the unit, for type slots.</param>
/// <param name="MakesValue">Values of the type come into being here: their depth is checked.</param>
/// <param name="Callee">Function handle (in a module's own handle table), for call slots; else -1.</param>
/// <param name="ArgumentSignature">Signature of the call's type arguments, -1 for none.</param>
internal sealed record SlotSource(SignatureToken? Type, bool MakesValue, int Callee = -1, int ArgumentSignature = -1);

/// <summary>A function body as the interpreter runs it. Every basic block starts with its price.</summary>
internal sealed class DecodedCode
{
    public required Op[] Ops { get; init; }

    /// <summary>The bytecode offset of each op, for locations.</summary>
    public required int[] Offsets { get; init; }

    public required SlotSource[] SlotSources { get; init; }

    public int SlotCount => SlotSources.Length;

    public required int Parameters { get; init; }

    public required int Results { get; init; }

    /// <summary>Parameters and locals.</summary>
    public required int Locals { get; init; }

    /// <summary>Greatest height of the operand stack inside the function.</summary>
    public required int MaxStack { get; init; }
}
