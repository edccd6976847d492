namespace Theseus.Move.Format;

/// <summary>
/// The 77 opcodes of format v6 (move 2.2). Stacks are written with their top on the right, before and after the arrow;
/// integers in one instruction have one type. Numbers are those of <see cref="StatusCode"/>; what types forbid, the
/// verifier refuses.
/// </summary>
public enum Opcode : byte
{
    /// <summary><c>v →</c>. The type needs <c>drop</c>.</summary>
    Pop = 0x01,
    /// <summary><c>results →</c>. Ends the call; locals left behind need <c>drop</c>.</summary>
    Ret = 0x02,
    /// <summary><c>bool →</c>. Jumps to the instruction in the operand if true.</summary>
    BrTrue = 0x03,
    /// <summary><c>bool →</c>. Jumps to the instruction in the operand if false.</summary>
    BrFalse = 0x04,
    /// <summary><c>→</c>. Jumps to the instruction in the operand.</summary>
    Branch = 0x05,
    /// <summary><c>→ u64</c>. The immediate is 8 bytes, little-endian.</summary>
    LdU64 = 0x06,
    /// <summary><c>→ v</c>. A fresh value of the constant in the operand.</summary>
    LdConst = 0x07,
    /// <summary><c>→ true</c>.</summary>
    LdTrue = 0x08,
    /// <summary><c>→ false</c>.</summary>
    LdFalse = 0x09,
    /// <summary><c>→ v</c>. The local keeps its value; the type needs <c>copy</c>.</summary>
    CopyLoc = 0x0A,
    /// <summary><c>→ v</c>. The local is empty afterwards.</summary>
    MoveLoc = 0x0B,
    /// <summary><c>v →</c>. Fills the local; what it held needs <c>drop</c>.</summary>
    StLoc = 0x0C,
    /// <summary><c>→ &amp;mut T</c> to the local.</summary>
    MutBorrowLoc = 0x0D,
    /// <summary><c>→ &amp;T</c> to the local.</summary>
    ImmBorrowLoc = 0x0E,
    /// <summary><c>&amp;mut S → &amp;mut T</c> to the field in the operand.</summary>
    MutBorrowField = 0x0F,
    /// <summary><c>&amp;S → &amp;T</c> to the field in the operand; takes <c>&amp;mut S</c> as well.</summary>
    ImmBorrowField = 0x10,
    /// <summary>
    /// <c>arguments → results</c> of the function in the operand. Fails with the callee, or with 4020 or 4021 when
    /// stacks are full.
    /// </summary>
    Call = 0x11,
    /// <summary><c>fields → S</c>. Own structs only.</summary>
    Pack = 0x12,
    /// <summary><c>S → fields</c>. Own structs only.</summary>
    Unpack = 0x13,
    /// <summary><c>&amp;T → T</c>. A deep copy; T needs <c>copy</c>.</summary>
    ReadRef = 0x14,
    /// <summary><c>T, &amp;mut T →</c>. Replaces the content in place; T needs <c>drop</c>.</summary>
    WriteRef = 0x15,
    /// <summary><c>a, b → a + b</c>. Traps with 4017 on overflow.</summary>
    Add = 0x16,
    /// <summary><c>a, b → a - b</c>. Traps with 4017 below zero.</summary>
    Sub = 0x17,
    /// <summary><c>a, b → a * b</c>. Traps with 4017 on overflow.</summary>
    Mul = 0x18,
    /// <summary><c>a, b → a mod b</c>. Traps with 4017 when b is 0.</summary>
    Mod = 0x19,
    /// <summary><c>a, b → a / b</c>, rounded down. Traps with 4017 when b is 0.</summary>
    Div = 0x1A,
    /// <summary><c>a, b → a | b</c>.</summary>
    BitOr = 0x1B,
    /// <summary><c>a, b → a &amp; b</c>.</summary>
    BitAnd = 0x1C,
    /// <summary><c>a, b → a ^ b</c>.</summary>
    Xor = 0x1D,
    /// <summary><c>bool, bool → bool</c>. Both are evaluated: the language's <c>||</c> is branches.</summary>
    Or = 0x1E,
    /// <summary><c>bool, bool → bool</c>. Both are evaluated: the language's <c>&amp;&amp;</c> is branches.</summary>
    And = 0x1F,
    /// <summary><c>bool → bool</c>.</summary>
    Not = 0x20,
    /// <summary><c>a, b → bool</c>. Deep, also through references; the type needs <c>drop</c>.</summary>
    Eq = 0x21,
    /// <summary><c>a, b → bool</c>. The opposite of <see cref="Eq"/>.</summary>
    Neq = 0x22,
    /// <summary><c>a, b → a &lt; b</c>.</summary>
    Lt = 0x23,
    /// <summary><c>a, b → a &gt; b</c>.</summary>
    Gt = 0x24,
    /// <summary><c>a, b → a &lt;= b</c>.</summary>
    Le = 0x25,
    /// <summary><c>a, b → a &gt;= b</c>.</summary>
    Ge = 0x26,
    /// <summary><c>u64 →</c>. Ends the session with 4016 and this code as the sub status.</summary>
    Abort = 0x27,
    /// <summary><c>→</c>. Only costs gas.</summary>
    Nop = 0x28,
    /// <summary><c>address → bool</c>. Whether the account holds the resource.</summary>
    Exists = 0x29,
    /// <summary><c>address → &amp;mut S</c>. Own resources only; traps with 4008 when absent.</summary>
    MutBorrowGlobal = 0x2A,
    /// <summary><c>address → &amp;S</c>. Own resources only; traps with 4008 when absent.</summary>
    ImmBorrowGlobal = 0x2B,
    /// <summary><c>address → S</c>. Takes the resource out; own resources only; traps with 4008 when absent.</summary>
    MoveFrom = 0x2C,
    /// <summary>
    /// <c>&amp;signer, S →</c>. Stores under the signer's account; own resources only; traps with 4004 when present.
    /// </summary>
    MoveTo = 0x2D,
    /// <summary><c>&amp;mut T → &amp;T</c>.</summary>
    FreezeRef = 0x2E,
    /// <summary>
    /// <c>a, u8 → a &lt;&lt; u8</c>. Bits shifted out are lost; traps with 4017 when the amount is the width or more.
    /// </summary>
    Shl = 0x2F,
    /// <summary><c>a, u8 → a &gt;&gt; u8</c>. Traps with 4017 when the amount is the width or more.</summary>
    Shr = 0x30,
    /// <summary><c>→ u8</c>. The immediate is 1 byte.</summary>
    LdU8 = 0x31,
    /// <summary><c>→ u128</c>. The immediate is 16 bytes, little-endian.</summary>
    LdU128 = 0x32,
    /// <summary><c>a → u8</c>. Traps with 4017 when it does not fit.</summary>
    CastU8 = 0x33,
    /// <summary><c>a → u64</c>. Traps with 4017 when it does not fit.</summary>
    CastU64 = 0x34,
    /// <summary><c>a → u128</c>. Traps with 4017 when it does not fit.</summary>
    CastU128 = 0x35,
    /// <summary>As <see cref="MutBorrowField"/>, for a field instantiation.</summary>
    MutBorrowFieldGeneric = 0x36,
    /// <summary>As <see cref="ImmBorrowField"/>, for a field instantiation.</summary>
    ImmBorrowFieldGeneric = 0x37,
    /// <summary>As <see cref="Call"/>, for a function instantiation.</summary>
    CallGeneric = 0x38,
    /// <summary>As <see cref="Pack"/>, for a struct instantiation.</summary>
    PackGeneric = 0x39,
    /// <summary>As <see cref="Unpack"/>, for a struct instantiation.</summary>
    UnpackGeneric = 0x3A,
    /// <summary>As <see cref="Exists"/>, for a struct instantiation.</summary>
    ExistsGeneric = 0x3B,
    /// <summary>As <see cref="MutBorrowGlobal"/>, for a struct instantiation.</summary>
    MutBorrowGlobalGeneric = 0x3C,
    /// <summary>As <see cref="ImmBorrowGlobal"/>, for a struct instantiation.</summary>
    ImmBorrowGlobalGeneric = 0x3D,
    /// <summary>As <see cref="MoveFrom"/>, for a struct instantiation.</summary>
    MoveFromGeneric = 0x3E,
    /// <summary>As <see cref="MoveTo"/>, for a struct instantiation.</summary>
    MoveToGeneric = 0x3F,
    /// <summary><c>v1 … vn → vector</c>. n, at most 65,535, is a u64 in the instruction.</summary>
    VecPack = 0x40,
    /// <summary><c>&amp;vector → u64</c>.</summary>
    VecLen = 0x41,
    /// <summary><c>&amp;vector, u64 → &amp;T</c>. Traps with 4018, sub status 1, out of bounds.</summary>
    VecImmBorrow = 0x42,
    /// <summary><c>&amp;mut vector, u64 → &amp;mut T</c>. Traps with 4018, sub status 1, out of bounds.</summary>
    VecMutBorrow = 0x43,
    /// <summary><c>&amp;mut vector, T →</c>.</summary>
    VecPushBack = 0x44,
    /// <summary><c>&amp;mut vector → T</c>. Traps with 4018, sub status 2, when empty.</summary>
    VecPopBack = 0x45,
    /// <summary><c>vector → v1 … vn</c>. Traps with 4018, sub status 3, when the length is not n.</summary>
    VecUnpack = 0x46,
    /// <summary><c>&amp;mut vector, u64, u64 →</c>. Traps with 4018, sub status 1, out of bounds.</summary>
    VecSwap = 0x47,
    /// <summary><c>→ u16</c>. The immediate is 2 bytes, little-endian.</summary>
    LdU16 = 0x48,
    /// <summary><c>→ u32</c>. The immediate is 4 bytes, little-endian.</summary>
    LdU32 = 0x49,
    /// <summary><c>→ u256</c>. The immediate is 32 bytes, little-endian.</summary>
    LdU256 = 0x4A,
    /// <summary><c>a → u16</c>. Traps with 4017 when it does not fit.</summary>
    CastU16 = 0x4B,
    /// <summary><c>a → u32</c>. Traps with 4017 when it does not fit.</summary>
    CastU32 = 0x4C,
    /// <summary><c>a → u256</c>. Always fits.</summary>
    CastU256 = 0x4D,
}

/// <summary>One instruction.</summary>
/// <param name="Opcode">The operation.</param>
/// <param name="Operand">A pool index, local index, branch target (instruction index) or an immediate of up to 64 bits.</param>
/// <param name="Count">The element count of VecPack and VecUnpack, else 0.</param>
/// <param name="Wide">The immediate of LdU128 and LdU256, else null (boxed: such immediates are rare).</param>
public readonly record struct Instruction(Opcode Opcode, ulong Operand = 0, ulong Count = 0, UInt256Box? Wide = null)
{
    /// <summary>
    /// The operand of an instruction that names a pool entry, a local or a branch target; cut to 16 bits in others.
    /// </summary>
    public ushort Index => (ushort)Operand;
}

/// <summary>A wide immediate on the heap, compared by value.</summary>
/// <param name="Value">Below 2^128 for LdU128.</param>
public sealed record UInt256Box(UInt256 Value);
