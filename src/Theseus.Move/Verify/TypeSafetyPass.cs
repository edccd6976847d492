using Theseus.Move.Format;
using T = Theseus.Move.Format.SignatureToken;

namespace Theseus.Move.Verify;

/// <summary>
/// Exact types and abilities of every operand, block by block, also in unreachable code (move 2.4, pass 11c).
/// The loader runs it again to learn the type of each instruction's operand: the engines choose integer widths by it.
/// </summary>
internal sealed class TypeSafetyPass
{
    private readonly FunctionContext _context;
    private readonly List<T> _stack = [];
    private int _offset;

    private TypeSafetyPass(FunctionContext context) => _context = context;

    /// <summary>
    /// Checks the function; fills <paramref name="operands"/>, if given, with the type on top of the stack before each
    /// instruction.
    /// </summary>
    public static void Run(FunctionContext context, T?[]? operands = null)
    {
        TypeSafetyPass pass = new(context);
        for (int block = 0; block < context.Graph.Count; block++)
        {
            pass._stack.Clear();
            int end = context.Graph.End(block);
            for (pass._offset = context.Graph.Starts[block]; pass._offset < end; pass._offset++)
            {
                if (operands is not null)
                {
                    operands[pass._offset] = pass._stack.Count > 0 ? pass._stack[^1] : null;
                }

                pass.Step(context.Code.Code[pass._offset]);
            }
        }
    }

    private VerifyException Fail(StatusCode status, string message = "the operand has another type") =>
        _context.Fail(status, _offset, message);

    private T Pop()
    {
        T top = _stack[^1];
        _stack.RemoveAt(_stack.Count - 1);
        return top;
    }

    private void Push(T type)
    {
        _context.Meter.Add(_context.Limits.Costs.TypeNode * TypeRules.Nodes(type));
        _stack.Add(type);
    }

    private void Expect(T type, StatusCode status)
    {
        if (!Pop().Equals(type))
        {
            throw Fail(status);
        }
    }

    private void Expect(TokenKind kind, StatusCode status)
    {
        if (Pop().Kind != kind)
        {
            throw Fail(status);
        }
    }

    private T Substitute(T type, IReadOnlyList<T> arguments)
    {
        if (arguments.Count == 0)
        {
            return type;
        }

        _context.Meter.Add(_context.Limits.Costs.TypeNode * TypeRules.Nodes(type));
        return TypeRules.Substitute(type, arguments);
    }

    private Abilities AbilitiesOf(T type)
    {
        _context.Meter.Add(_context.Limits.Costs.AbilityNode * TypeRules.Nodes(type));
        return _context.AbilitiesOf(type);
    }

    private void Step(in Instruction i)
    {
        switch (i.Opcode)
        {
            case Opcode.Pop:
                if (!AbilitiesOf(Pop()).Has(Abilities.Drop))
                {
                    throw Fail(StatusCode.PopWithoutDropAbility, "the value must be used");
                }

                break;
            case Opcode.BrTrue or Opcode.BrFalse: Expect(TokenKind.Bool, StatusCode.BrTypeMismatch); break;
            case Opcode.Branch or Opcode.Nop: break;
            case Opcode.Abort: Expect(TokenKind.U64, StatusCode.AbortTypeMismatch); break;
            case Opcode.Ret:
                for (int r = _context.Results.Count - 1; r >= 0; r--)
                {
                    Expect(_context.Results[r], StatusCode.RetTypeMismatch);
                }

                break;
            case Opcode.LdU8: Push(T.U8); break;
            case Opcode.LdU16: Push(T.U16); break;
            case Opcode.LdU32: Push(T.U32); break;
            case Opcode.LdU64: Push(T.U64); break;
            case Opcode.LdU128: Push(T.U128); break;
            case Opcode.LdU256: Push(T.U256); break;
            case Opcode.LdTrue or Opcode.LdFalse: Push(T.Bool); break;
            case Opcode.LdConst: Push(_context.Unit.Constants[i.Index].Type); break;
            case Opcode.CopyLoc:
                if (!_context.LocalAbilities[i.Index].Has(Abilities.Copy))
                {
                    throw Fail(StatusCode.CopyLocWithoutCopyAbility, "the local cannot be copied");
                }

                Push(_context.Locals[i.Index]);
                break;
            case Opcode.MoveLoc: Push(_context.Locals[i.Index]); break;
            case Opcode.StLoc: Expect(_context.Locals[i.Index], StatusCode.StLocTypeMismatch); break;
            case Opcode.MutBorrowLoc or Opcode.ImmBorrowLoc:
                T local = _context.Locals[i.Index];
                if (local.IsReference)
                {
                    throw Fail(StatusCode.BorrowLocReference, "a reference cannot be borrowed");
                }

                Push(i.Opcode == Opcode.MutBorrowLoc ? T.MutableReference(local) : T.Reference(local));
                break;
            case Opcode.MutBorrowField or Opcode.MutBorrowFieldGeneric: BorrowField(i, mutable: true); break;
            case Opcode.ImmBorrowField or Opcode.ImmBorrowFieldGeneric: BorrowField(i, mutable: false); break;
            case Opcode.Call or Opcode.CallGeneric: Call(i); break;
            case Opcode.Pack or Opcode.PackGeneric: Pack(i); break;
            case Opcode.Unpack or Opcode.UnpackGeneric: Unpack(i); break;
            case Opcode.ReadRef:
                T read = Pop();
                if (!read.IsReference)
                {
                    throw Fail(StatusCode.ReadRefTypeMismatch);
                }

                if (!AbilitiesOf(read.Arguments[0]).Has(Abilities.Copy))
                {
                    throw Fail(StatusCode.ReadRefWithoutCopyAbility, "the value cannot be copied");
                }

                Push(read.Arguments[0]);
                break;
            case Opcode.WriteRef:
                T target = Pop(), value = Pop();
                if (target.Kind != TokenKind.MutableReference)
                {
                    throw Fail(StatusCode.WriteRefNoMutableReference, "only a mutable reference can be written");
                }

                if (!value.Equals(target.Arguments[0]))
                {
                    throw Fail(StatusCode.WriteRefTypeMismatch);
                }

                if (!AbilitiesOf(value).Has(Abilities.Drop))
                {
                    throw Fail(StatusCode.WriteRefWithoutDropAbility, "the old value cannot be dropped");
                }

                break;
            case Opcode.FreezeRef:
                T frozen = Pop();
                if (frozen.Kind != TokenKind.MutableReference)
                {
                    throw Fail(StatusCode.FreezeRefTypeMismatch);
                }

                Push(T.Reference(frozen.Arguments[0]));
                break;
            case Opcode.Add or Opcode.Sub or Opcode.Mul or Opcode.Div or Opcode.Mod or Opcode.BitAnd or Opcode.BitOr or Opcode.Xor:
                T right = Pop(), left = Pop();
                if (!left.IsInteger || !left.Equals(right))
                {
                    throw Fail(StatusCode.IntegerOpTypeMismatch);
                }

                Push(left);
                break;
            case Opcode.Shl or Opcode.Shr:
                T amount = Pop(), shifted = Pop();
                if (amount.Kind != TokenKind.U8 || !shifted.IsInteger)
                {
                    throw Fail(StatusCode.IntegerOpTypeMismatch);
                }

                Push(shifted);
                break;
            case Opcode.Lt or Opcode.Gt or Opcode.Le or Opcode.Ge:
                T greater = Pop(), smaller = Pop();
                if (!smaller.IsInteger || !smaller.Equals(greater))
                {
                    throw Fail(StatusCode.IntegerOpTypeMismatch);
                }

                Push(T.Bool);
                break;
            case Opcode.CastU8: Cast(T.U8); break;
            case Opcode.CastU16: Cast(T.U16); break;
            case Opcode.CastU32: Cast(T.U32); break;
            case Opcode.CastU64: Cast(T.U64); break;
            case Opcode.CastU128: Cast(T.U128); break;
            case Opcode.CastU256: Cast(T.U256); break;
            case Opcode.And or Opcode.Or:
                Expect(TokenKind.Bool, StatusCode.BooleanOpTypeMismatch);
                Expect(TokenKind.Bool, StatusCode.BooleanOpTypeMismatch);
                Push(T.Bool);
                break;
            case Opcode.Not:
                Expect(TokenKind.Bool, StatusCode.BooleanOpTypeMismatch);
                Push(T.Bool);
                break;
            case Opcode.Eq or Opcode.Neq:
                T second = Pop(), first = Pop();
                if (!first.Equals(second) || !AbilitiesOf(first).Has(Abilities.Drop))
                {
                    throw Fail(StatusCode.EqualityOpTypeMismatch, "compared values have one type with drop");
                }

                Push(T.Bool);
                break;
            case Opcode.Exists or Opcode.ExistsGeneric:
                Expect(TokenKind.Address, StatusCode.ExistsWithoutKeyAbilityOrBadArgument);
                Global(i, StatusCode.ExistsWithoutKeyAbilityOrBadArgument);
                Push(T.Bool);
                break;
            case Opcode.MutBorrowGlobal or Opcode.MutBorrowGlobalGeneric:
                Expect(TokenKind.Address, StatusCode.BorrowGlobalTypeMismatch);
                Push(T.MutableReference(Global(i, StatusCode.BorrowGlobalWithoutKeyAbility)));
                break;
            case Opcode.ImmBorrowGlobal or Opcode.ImmBorrowGlobalGeneric:
                Expect(TokenKind.Address, StatusCode.BorrowGlobalTypeMismatch);
                Push(T.Reference(Global(i, StatusCode.BorrowGlobalWithoutKeyAbility)));
                break;
            case Opcode.MoveFrom or Opcode.MoveFromGeneric:
                Expect(TokenKind.Address, StatusCode.MoveFromTypeMismatch);
                Push(Global(i, StatusCode.MoveFromWithoutKeyAbility));
                break;
            case Opcode.MoveTo or Opcode.MoveToGeneric:
                T resource = Global(i, StatusCode.MoveToWithoutKeyAbility);
                T moved = Pop(), account = Pop();
                if (!moved.Equals(resource) || account.Kind != TokenKind.Reference || account.Arguments[0].Kind != TokenKind.Signer)
                {
                    throw Fail(StatusCode.MoveToTypeMismatch);
                }

                break;
            default: Vector(i); break;
        }
    }

    private void Cast(T to)
    {
        if (!Pop().IsInteger)
        {
            throw Fail(StatusCode.IntegerOpTypeMismatch);
        }

        Push(to);
    }

    private T Global(in Instruction i, StatusCode withoutKey)
    {
        (ushort definition, IReadOnlyList<T> arguments) = _context.StructOf(i);
        T type = _context.StructType(definition, arguments);
        return AbilitiesOf(type).Has(Abilities.Key) ? type : throw Fail(withoutKey, "only a struct with key lives in storage");
    }

    private void BorrowField(in Instruction i, bool mutable)
    {
        (ushort definition, IReadOnlyList<T> arguments) = _context.StructOf(i);
        T reference = Pop();
        bool fits = mutable ? reference.Kind == TokenKind.MutableReference : reference.IsReference;
        if (!fits || !reference.Arguments[0].Equals(_context.StructType(definition, arguments)))
        {
            throw Fail(StatusCode.BorrowFieldTypeMismatch);
        }

        T field = Substitute(_context.Module!.StructDefinitions[definition].Fields![_context.FieldOf(i).Field].Type, arguments);
        Push(mutable ? T.MutableReference(field) : T.Reference(field));
    }

    private void Call(in Instruction i)
    {
        (ushort index, IReadOnlyList<T> arguments) = _context.CalleeOf(i);
        FunctionHandle handle = _context.Unit.FunctionHandles[index];
        IReadOnlyList<T> parameters = _context.Unit.Signatures[handle.Parameters].Tokens;
        for (int p = parameters.Count - 1; p >= 0; p--)
        {
            Expect(Substitute(parameters[p], arguments), StatusCode.CallTypeMismatch);
        }

        foreach (T result in _context.Unit.Signatures[handle.Return].Tokens)
        {
            Push(Substitute(result, arguments));
        }
    }

    private void Pack(in Instruction i)
    {
        (ushort definition, IReadOnlyList<T> arguments) = _context.StructOf(i);
        IReadOnlyList<FieldDefinition> fields = _context.Module!.StructDefinitions[definition].Fields!;
        for (int f = fields.Count - 1; f >= 0; f--)
        {
            Expect(Substitute(fields[f].Type, arguments), StatusCode.PackTypeMismatch);
        }

        Push(_context.StructType(definition, arguments));
    }

    private void Unpack(in Instruction i)
    {
        (ushort definition, IReadOnlyList<T> arguments) = _context.StructOf(i);
        Expect(_context.StructType(definition, arguments), StatusCode.UnpackTypeMismatch);
        foreach (FieldDefinition field in _context.Module!.StructDefinitions[definition].Fields!)
        {
            Push(Substitute(field.Type, arguments));
        }
    }

    private void Vector(in Instruction i)
    {
        T element = _context.Unit.Signatures[i.Index].Tokens[0];
        switch (i.Opcode)
        {
            case Opcode.VecPack:
                for (ulong n = 0; n < i.Count; n++)
                {
                    Expect(element, StatusCode.TypeMismatch);
                }

                Push(T.Vector(element));
                break;
            case Opcode.VecUnpack:
                Expect(T.Vector(element), StatusCode.TypeMismatch);
                for (ulong n = 0; n < i.Count; n++)
                {
                    Push(element);
                }

                break;
            case Opcode.VecLen:
                VectorReference(element, mutable: false);
                Push(T.U64);
                break;
            case Opcode.VecImmBorrow:
                Expect(TokenKind.U64, StatusCode.TypeMismatch);
                VectorReference(element, mutable: false);
                Push(T.Reference(element));
                break;
            case Opcode.VecMutBorrow:
                Expect(TokenKind.U64, StatusCode.TypeMismatch);
                VectorReference(element, mutable: true);
                Push(T.MutableReference(element));
                break;
            case Opcode.VecPushBack:
                Expect(element, StatusCode.TypeMismatch);
                VectorReference(element, mutable: true);
                break;
            case Opcode.VecPopBack:
                VectorReference(element, mutable: true);
                Push(element);
                break;
            case Opcode.VecSwap:
                Expect(TokenKind.U64, StatusCode.TypeMismatch);
                Expect(TokenKind.U64, StatusCode.TypeMismatch);
                VectorReference(element, mutable: true);
                break;
            default: throw new InvalidOperationException($"no typing rule for {i.Opcode}");
        }
    }

    private void VectorReference(T element, bool mutable)
    {
        T reference = Pop();
        bool fits = mutable ? reference.Kind == TokenKind.MutableReference : reference.IsReference;
        if (!fits || !reference.Arguments[0].Equals(T.Vector(element)))
        {
            throw Fail(StatusCode.TypeMismatch);
        }
    }
}
