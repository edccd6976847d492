using Theseus.Move.Compiler.Tests.Support;
using Theseus.Move.Format;

namespace Theseus.Move.Compiler.Tests.Emit;

/// <summary>The instructions of small functions, derived by hand from the meaning of blocks, last uses and the peephole.</summary>
public class InstructionTests
{
    private const string Head =
        "module 0x42::m { struct S has copy, drop { a: u64, b: u64 } struct E has drop {} struct R has key { v: u64 } "
        + "fun id(x: u64): u64 { x } ";

    [Theory]
    [InlineData("(x: u64): u64 { x }", "MoveLoc Ret")]
    [InlineData("(x: u64): u64 { let y = x; y }", "MoveLoc Ret")] // a store that the next instruction takes back
    [InlineData("(x: u64): u64 { let y = x; let z = y; z }", "MoveLoc Ret")] // both pairs
    [InlineData("(x: u64): u64 { let y = x; y + y }", "MoveLoc StLoc CopyLoc MoveLoc Add Ret")]
    [InlineData("(x: u64): u64 { x + x }", "CopyLoc MoveLoc Add Ret")]
    [InlineData("(a: u64, b: u64): u64 { a - b }", "MoveLoc MoveLoc Sub Ret")]
    [InlineData("(): u64 { 1 }", "LdU64 Ret")]
    [InlineData("(): u8 { 1 }", "LdU8 Ret")]
    [InlineData("(): u16 { 1 }", "LdU16 Ret")]
    [InlineData("(): u32 { 1 }", "LdU32 Ret")]
    [InlineData("(): u128 { 1 }", "LdU128 Ret")]
    [InlineData("(): u256 { 1 }", "LdU256 Ret")]
    [InlineData("(): bool { true }", "LdTrue Ret")]
    [InlineData("(): address { @0x1 }", "LdConst Ret")]
    [InlineData("(): vector<u8> { b\"a\" }", "LdConst Ret")]
    [InlineData("(): vector<u64> { vector[1, 2] }", "LdConst Ret")] // all items constant: one constant
    [InlineData("(): vector<u64> { vector[] }", "VecPack Ret")]
    [InlineData("(x: u64): vector<u64> { vector[x, 2] }", "MoveLoc LdU64 VecPack Ret")]
    [InlineData("(x: u64): u8 { (x as u8) }", "MoveLoc CastU8 Ret")]
    [InlineData("(b: bool): bool { !b }", "MoveLoc Not Ret")]
    [InlineData("(a: u64, b: u64): bool { a == b }", "MoveLoc MoveLoc Eq Ret")]
    [InlineData("(a: u64): u64 { a << 3 }", "MoveLoc LdU8 Shl Ret")]
    [InlineData("() {}", "Ret")]
    [InlineData("(_x: u64) {}", "Ret")]
    [InlineData("(x: u64) { x; }", "MoveLoc Pop Ret")]
    [InlineData("(x: u64): (u64, u64) { (x, 1) }", "MoveLoc LdU64 Ret")]
    [InlineData("(x: u64): u64 { id(x) }", "MoveLoc Call Ret")]
    [InlineData("(): S { S { a: 1, b: 2 } }", "LdU64 LdU64 Pack Ret")]
    [InlineData("(): S { S { b: 2, a: 1 } }", "LdU64 LdU64 Pack Ret")] // constants need no order
    [InlineData("(): E { E {} }", "LdFalse Pack Ret")] // the hidden field
    [InlineData("(e: E) { let E {} = e; }", "MoveLoc Unpack Pop Ret")]
    [InlineData("(s: S): u64 { let S { a, b: _ } = s; a }", "MoveLoc Unpack Pop Ret")]
    [InlineData("(s: &S): u64 { s.a }", "MoveLoc ImmBorrowField ReadRef Ret")]
    [InlineData("(s: &mut S) { s.a = 1 }", "LdU64 MoveLoc MutBorrowField WriteRef Ret")] // the value first
    [InlineData("(s: &mut S): &S { s }", "MoveLoc FreezeRef Ret")]
    [InlineData("(x: &mut u64) { *x = *x + 1 }", "CopyLoc ReadRef LdU64 Add MoveLoc WriteRef Ret")]
    [InlineData("(s: S): u64 { s.a }", "ImmBorrowLoc ImmBorrowField ReadRef Ret")]
    [InlineData("(a: address): bool { exists<R>(a) }", "MoveLoc Exists Ret")]
    [InlineData("(s: &signer) { move_to(s, R { v: 1 }) }", "MoveLoc LdU64 Pack MoveTo Ret")]
    [InlineData("(c: bool): u64 { if (c) 1 else 2 }", "MoveLoc BrFalse LdU64 Ret LdU64 Ret")] // returns go into the branches
    [InlineData("(c: bool) { assert!(c, 7) }", "MoveLoc BrTrue LdU64 Abort Ret")]
    [InlineData("(c: bool) { if (!c) { abort 7 } }", "MoveLoc BrTrue LdU64 Abort Ret")] // the same code as the assert
    [InlineData("(a: bool, b: bool): u64 { if (a && b) 1 else 2 }", "MoveLoc BrFalse MoveLoc BrFalse LdU64 Ret LdU64 Ret")]
    [InlineData("() { loop {} }", "Branch")]
    [InlineData("(): u64 { abort 1 }", "LdU64 Abort")]
    public void AFunctionBecomes(string function, string opcodes)
    {
        Compilation compilation = Sources.Compile(Head + "fun f" + function + " }");
        Assert.True(compilation.Success, DiagnosticRenderer.Render(compilation.Diagnostics));
        Assert.Equal(opcodes, Code.Opcodes(compilation, "f"));
    }

    [Theory]
    [InlineData("(): u64 { let x = 1; let y = 2; let z = 3; x + y + z }", 3)]
    [InlineData("(x: u64): u64 { let y = x; y }", 0)]
    [InlineData("(): u64 { let _unused = 1; 2 }", 0)] // a dead store is a pop
    [InlineData("(c: bool): u64 { let x; if (c) { x = 1 } else { x = 2 }; x }", 1)]
    public void LocalsThatNothingHoldsNeedNoSlot(string function, int locals)
    {
        Compilation compilation = Sources.Compile(Head + "fun f" + function + " }");
        CompiledModule module = compilation.Modules.Single();
        FunctionDefinition definition = module.FunctionDefinitions.Single(
            d => module.Identifiers[module.FunctionHandles[d.Handle].Name] == "f");
        Assert.Equal(locals, module.Signatures[definition.Code!.Locals].Tokens.Count);
    }
}
