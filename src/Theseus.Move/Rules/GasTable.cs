using Theseus.Move.Format;

namespace Theseus.Move.Rules;

/// <summary>
/// The one cost table. Unit: ticks; 1000 ticks are one gas unit, which is 100 ns of interpreter time (execution 4), so a tick is 0.1 ns.
/// A basic block's static price is charged at its entry; work that depends on sizes is charged before it is done.
/// </summary>
public sealed record GasTable
{
    /// <summary>Ticks of a gas unit. Part of every stack's id.</summary>
    public const long TicksPerUnit = 1_000;

    /// <summary>Moves, constants, branches.</summary>
    public long Simple { get; init; } = 60;

    /// <summary>Arithmetic and comparison up to 64 bits.</summary>
    public long Arithmetic { get; init; } = 70;

    /// <summary>Arithmetic of 128 and 256 bits.</summary>
    public long WideArithmetic { get; init; } = 400;

    /// <summary>Multiplication and division of 128 and 256 bits.</summary>
    public long WideMultiply { get; init; } = 1_200;

    /// <summary>
    /// Borrowing a local or a field, reading or writing through a reference; what a read copies is charged by its
    /// words.
    /// </summary>
    public long Borrow { get; init; } = 80;

    /// <summary>A call, without its arguments and without what the callee does.</summary>
    public long Call { get; init; } = 600;

    /// <summary>Each argument of a call.</summary>
    public long CallPerArgument { get; init; } = 40;

    /// <summary>Each node of a type argument at a generic instruction: independent of any cache.</summary>
    public long TypeNode { get; init; } = 100;

    /// <summary>Packing or unpacking a struct or a vector, without its fields or elements.</summary>
    public long Pack { get; init; } = 300;

    /// <summary>Each field of a struct, or element of a vector, that is packed or unpacked.</summary>
    public long PackPerField { get; init; } = 60;

    /// <summary>
    /// Exists, MoveFrom, MoveTo or a global borrow; the first touch of a resource in a session adds
    /// <see cref="StateRead"/>.
    /// </summary>
    public long Global { get; init; } = 1_500;

    /// <summary>Length, borrow, push, pop or swap; a push into a full vector adds the words that it grows by.</summary>
    public long Vector { get; init; } = 120;

    /// <summary>Entry of a constant, then by its bytes.</summary>
    public long Constant { get; init; } = 200;

    /// <summary>Each BCS byte of a constant, beside the words that its copy takes.</summary>
    public long ConstantByte { get; init; } = 10;

    /// <summary>Each word of 16 bytes that a copy, a comparison or a growing vector touches.</summary>
    public long Word { get; init; } = 80;

    /// <summary>Each deep copy, before its words: the objects it makes.</summary>
    public long CopyBase { get; init; } = 800;

    /// <summary>Reading a value from state, then by its bytes.</summary>
    public long StateRead { get; init; } = 60_000;

    /// <summary>Each byte of a value that is read from state.</summary>
    public long StateReadByte { get; init; } = 20;

    /// <summary>Each written item before commit, then by its bytes.</summary>
    public long StateWrite { get; init; } = 50_000;

    /// <summary>Each byte of key and value that is written, before commit.</summary>
    public long StateWriteByte { get; init; } = 200;

    /// <summary>Emitting an event, beside its encoding and its bytes.</summary>
    public long Event { get; init; } = 10_000;

    /// <summary>Each BCS byte of an event.</summary>
    public long EventByte { get; init; } = 40;

    /// <summary>Reading and linking code outside 0x1 and scripts, by byte (execution 4, loading gas).</summary>
    public long LoadByte { get; init; } = 400;

    /// <summary>
    /// A unit of the verifier's meter: scripts are verified at the sender's expense, whether or not a node still remembers
    /// them.
    /// </summary>
    public long VerifyUnit { get; init; } = 150;

    /// <summary>Decoding an argument or a value from BCS, by byte; also encoding.</summary>
    public long BcsByte { get; init; } = 15;

    /// <summary>Encoding a value, beside <see cref="Word"/>, by each word of it.</summary>
    public long BcsWord { get; init; } = 60;

    /// <summary>Any native, before what it does.</summary>
    public long NativeBase { get; init; } = 800;

    /// <summary>A hash, before its input; also that of a new table handle.</summary>
    public long HashBase { get; init; } = 8_000;

    /// <summary>Each byte that is hashed.</summary>
    public long HashByte { get; init; } = 80;

    /// <summary>Verifying an Ed25519 signature, before its message.</summary>
    public long SignatureVerify { get; init; } = 800_000;

    /// <summary>Each byte of the message.</summary>
    public long SignatureVerifyByte { get; init; } = 30;

    /// <summary>Whether bytes are a public key.</summary>
    public long KeyCheck { get; init; } = 200_000;

    /// <summary>A square root of a fixed-point number.</summary>
    public long SquareRoot { get; init; } = 25_600;

    /// <summary>Bytes of a text that a search for a part compares at once.</summary>
    public long SearchBytes { get; init; } = 16;

    /// <summary>The static price of one instruction.</summary>
    /// <param name="opcode">The instruction.</param>
    /// <param name="wide">Its operand is u128 or u256.</param>
    /// <param name="items">Arguments of a call, fields of a struct, elements of a vector instruction, bytes of a constant.</param>
    /// <param name="typeNodes">Nodes of its type arguments; of a constant the words that its copy takes.</param>
    public long Price(Opcode opcode, bool wide, long items, long typeNodes)
    {
        long types = typeNodes * TypeNode;
        return opcode switch
        {
            Opcode.Mul or Opcode.Div or Opcode.Mod => wide ? WideMultiply : Arithmetic,
            Opcode.Add or Opcode.Sub or Opcode.BitAnd or Opcode.BitOr or Opcode.Xor or Opcode.Shl or Opcode.Shr or Opcode.Lt
                or Opcode.Gt or Opcode.Le or Opcode.Ge
                or Opcode.CastU8 or Opcode.CastU16 or Opcode.CastU32 or Opcode.CastU64 or Opcode.CastU128 or Opcode.CastU256 =>
                    wide ? WideArithmetic : Arithmetic,
            Opcode.LdU128 or Opcode.LdU256 => WideArithmetic,
            Opcode.LdConst => Constant + (items * ConstantByte) + (typeNodes * Word),
            Opcode.MutBorrowLoc or Opcode.ImmBorrowLoc or Opcode.MutBorrowField or Opcode.ImmBorrowField or Opcode.ReadRef
                or Opcode.WriteRef => Borrow,
            Opcode.MutBorrowFieldGeneric or Opcode.ImmBorrowFieldGeneric => Borrow + types,
            Opcode.Call or Opcode.CallGeneric => Call + (items * CallPerArgument) + types,
            Opcode.Pack or Opcode.PackGeneric or Opcode.Unpack or Opcode.UnpackGeneric => Pack + (items * PackPerField) + types,
            Opcode.Exists or Opcode.ExistsGeneric or Opcode.MutBorrowGlobal or Opcode.MutBorrowGlobalGeneric
                or Opcode.ImmBorrowGlobal or Opcode.ImmBorrowGlobalGeneric
                or Opcode.MoveFrom or Opcode.MoveFromGeneric or Opcode.MoveTo or Opcode.MoveToGeneric => Global + types,
            Opcode.VecPack or Opcode.VecUnpack => Pack + (items * PackPerField) + types,
            Opcode.VecLen or Opcode.VecImmBorrow or Opcode.VecMutBorrow or Opcode.VecPushBack or Opcode.VecPopBack
                or Opcode.VecSwap => Vector + types,
            _ => Simple,
        };
    }
}
