using Theseus.Move.Format;
using Theseus.Move.Rules;
using Theseus.Move.Verify;

namespace Theseus.Move.Runtime;

/// <summary>
/// Turns verified bytecode into <see cref="DecodedCode"/>: operand types come from the verifier's own typing pass, prices from
/// the gas table.
/// </summary>
internal static class CodeDecoder
{
    /// <summary>Stored code was verified when it was published: here it only must not be slower to load for its size.</summary>
    private static readonly VerifierLimits Unbounded = new() { StackHeight = int.MaxValue, Pushes = int.MaxValue, BasicBlocks =
        int.MaxValue };

    public static DecodedCode Decode(LoadedFunction function)
    {
        Meter meter = new(long.MaxValue, long.MaxValue);
        meter.EnterFunction();
        FunctionContext context = function.Unit.Module is { } module
            ? new FunctionContext(module, function.Index, Unbounded, meter)
            : new FunctionContext((CompiledScript)function.Unit.Unit, Unbounded, meter);
        try
        {
            context.Graph = ControlFlowGraph.Of(context.Code.Code);
            int maxStack = StackUsagePass.Run(context);
            SignatureToken?[] operands = new SignatureToken?[context.Code.Code.Count];
            TypeSafetyPass.Run(context, operands);
            return new Builder(function, context, operands).Build(maxStack);
        }
        catch (VerifyException broken)
        {
            // stored code is presumed good: this pages operators, it does not blame the user (move 2.3)
            throw new VmException(StatusCode.UnexpectedVerifierError, broken.Error.ToString());
        }
    }

    private sealed class Builder(LoadedFunction function, FunctionContext context, SignatureToken?[] operands)
    {
        private readonly List<Op> _ops = [];
        private readonly List<int> _offsets = [];
        private readonly List<SlotSource> _slots = [];
        private readonly Dictionary<SlotSource, int> _known = [];
        private readonly GasTable _gas = function.Unit.Snapshot.Rules.Gas;
        private int _offset;

        public DecodedCode Build(int maxStack)
        {
            int[] starts = new int[context.Graph.Count];
            for (int block = 0; block < starts.Length; block++)
            {
                starts[block] = _ops.Count;
                _offset = context.Graph.Starts[block];
                int end = context.Graph.End(block);
                long price = 0;
                for (int offset = _offset; offset < end; offset++)
                {
                    price += Price(context.Code.Code[offset], offset);
                }

                Emit(new Op { Act = Act.Charge, Imm = (ulong)price });
                for (; _offset < end; _offset++)
                {
                    Step(context.Code.Code[_offset], operands[_offset]);
                }
            }

            Op[] ops = [.. _ops];
            for (int i = 0; i < ops.Length; i++)
            {
                if (ops[i].Act is Act.BrTrue or Act.BrFalse or Act.Branch)
                {
                    ops[i].B = starts[context.Graph.BlockAt[ops[i].A]];
                }
            }

            return new DecodedCode
            {
                Ops = ops,
                Offsets = [.. _offsets],
                SlotSources = [.. _slots],
                Parameters = function.Parameters.Count,
                Results = function.Results.Count,
                Locals = context.Locals.Length,
                MaxStack = maxStack,
            };
        }

        private static bool IsWide(TokenKind? kind) => kind is TokenKind.U128 or TokenKind.U256;

        private static bool IsPlain(SignatureToken? type) =>
            type is not null && (type.Kind is TokenKind.Bool or TokenKind.Address or TokenKind.Signer || type.IsInteger);

        private long Price(in Instruction i, int offset)
        {
            TokenKind? kind = operands[offset]?.Kind;
            bool wide = IsWide(kind) || i.Opcode is Opcode.CastU128 or Opcode.CastU256;
            if (i.Opcode is Opcode.Shl or Opcode.Shr)
            {
                wide = IsWide(ShiftedKind(offset));
            }

            long items = 0, nodes = 0;
            switch (Operands.Of(i.Opcode))
            {
                case OperandKind.Constant:
                    items = context.Unit.Constants[i.Index].Data.Length;
                    nodes = ConstantWords(context.Unit.Constants[i.Index]);
                    break;
                case OperandKind.Function or OperandKind.FunctionInstantiation:
                    (ushort handle, IReadOnlyList<SignatureToken> arguments) = context.CalleeOf(i);
                    items = context.Unit.Signatures[context.Unit.FunctionHandles[handle].Parameters].Tokens.Count;
                    nodes = arguments.Sum(TypeRules.Nodes);
                    break;
                case OperandKind.Struct or OperandKind.StructInstantiation or OperandKind.FieldInstantiation:
                    (ushort definition, IReadOnlyList<SignatureToken> types) = context.StructOf(i);
                    items = context.Module!.StructDefinitions[definition].Fields!.Count;
                    nodes = types.Sum(TypeRules.Nodes);
                    break;
                case OperandKind.Signature or OperandKind.SignatureAndCount:
                    items = (long)i.Count;
                    nodes = TypeRules.Nodes(context.Unit.Signatures[i.Index].Tokens[0]);
                    break;
            }

            return _gas.Price(i.Opcode, wide, items, nodes);
        }

        /// <summary>
        /// The amount of a shift lies on top; the shifted integer's type is the type of the result, which the next instruction
        /// sees.
        /// </summary>
        private TokenKind? ShiftedKind(int offset) => offset + 1 < operands.Length ? operands[offset + 1]?.Kind : null;

        private void Emit(in Op op)
        {
            _ops.Add(op);
            _offsets.Add(_offset);
        }

        private void Emit(Act act, int a = 0, int b = 0, ulong imm = 0, object? boxed = null) =>
            Emit(new Op { Act = act, A = a, B = b, Imm = imm, Object = boxed });

        private int Slot(SlotSource source)
        {
            if (!_known.TryGetValue(source, out int slot))
            {
                slot = _slots.Count;
                _slots.Add(source);
                _known.Add(source, slot);
            }

            return slot;
        }

        private int StructSlot(in Instruction i, bool makesValue)
        {
            (ushort definition, IReadOnlyList<SignatureToken> arguments) = context.StructOf(i);
            return Slot(new SlotSource(context.StructType(definition, arguments), makesValue));
        }

        private static ulong Mask(TokenKind kind) => kind switch
        {
            TokenKind.U8 => byte.MaxValue,
            TokenKind.U16 => ushort.MaxValue,
            TokenKind.U32 => uint.MaxValue,
            _ => ulong.MaxValue,
        };

        private static int Width(TokenKind kind) => kind switch
        {
            TokenKind.U8 => 8,
            TokenKind.U16 => 16,
            TokenKind.U32 => 32,
            TokenKind.U64 => 64,
            TokenKind.U128 => 128,
            _ => 256,
        };

        private void Binary(Opcode opcode, TokenKind kind, Act small, Act u64)
        {
            if (IsWide(kind))
            {
                Emit(Act.WideBinary, (int)opcode, (int)kind);
            }
            else
            {
                Emit(kind == TokenKind.U64 ? u64 : small, imm: Mask(kind));
            }
        }

        private void Compare(Act act, TokenKind kind)
        {
            if (IsWide(kind))
            {
                Emit(Act.WideCompare, (int)act, (int)kind);
            }
            else
            {
                Emit(act);
            }
        }

        private void Cast(TokenKind from, TokenKind to)
        {
            if (IsWide(from) || IsWide(to))
            {
                Emit(Act.CastWide, (int)from, (int)to, Mask(to));
            }
            else if (Mask(from) > Mask(to))
            {
                Emit(Act.CastSmall, imm: Mask(to));
            }
        }

        private void Step(in Instruction i, SignatureToken? top)
        {
            TokenKind kind = top?.Kind ?? default;
            switch (i.Opcode)
            {
                case Opcode.Pop: Emit(Act.Pop); break;
                case Opcode.Ret: Emit(Act.Ret); break;
                case Opcode.BrTrue: Emit(Act.BrTrue, i.Index); break;
                case Opcode.BrFalse: Emit(Act.BrFalse, i.Index); break;
                case Opcode.Branch: Emit(Act.Branch, i.Index); break;
                case Opcode.Abort: Emit(Act.Abort); break;
                case Opcode.Nop or Opcode.FreezeRef: break;
                case Opcode.LdU8 or Opcode.LdU16 or Opcode.LdU32 or Opcode.LdU64: Emit(Act.LdImm, imm: i.Operand); break;
                case Opcode.LdTrue: Emit(Act.LdImm, imm: 1); break;
                case Opcode.LdFalse: Emit(Act.LdImm); break;
                case Opcode.LdU128: Emit(Act.LdBox, boxed: new U128Box(i.Wide!.Value.ToUInt128())); break;
                case Opcode.LdU256: Emit(Act.LdBox, boxed: new U256Box(i.Wide!.Value)); break;
                case Opcode.LdConst: Constant(i); break;
                case Opcode.CopyLoc:
                    SignatureToken local = context.Locals[i.Index];
                    Emit(local.IsReference || IsPlain(local) ? Act.CopyPlain : Act.CopyDeep, i.Index);
                    break;
                case Opcode.MoveLoc: Emit(Act.MoveLoc, i.Index); break;
                case Opcode.StLoc: Emit(Act.StLoc, i.Index); break;
                case Opcode.MutBorrowLoc or Opcode.ImmBorrowLoc: Emit(Act.BorrowLoc, i.Index); break;
                case Opcode.MutBorrowField or Opcode.ImmBorrowField or Opcode.MutBorrowFieldGeneric or Opcode.ImmBorrowFieldGeneric:
                    Emit(Act.BorrowField, context.FieldOf(i).Field);
                    break;
                case Opcode.Call or Opcode.CallGeneric:
                    int signature = i.Opcode == Opcode.Call ? -1 : context.Unit.FunctionInstantiations[i.Index].TypeArguments;
                    Emit(Act.Call, b: Slot(new SlotSource(null, false, context.CalleeOf(i).Handle, signature)));
                    break;
                case Opcode.Pack or Opcode.PackGeneric: Emit(Act.Pack, Fields(i), StructSlot(i, makesValue: true)); break;
                case Opcode.Unpack or Opcode.UnpackGeneric: Emit(Act.Unpack, Fields(i)); break;
                case Opcode.ReadRef: Emit(IsPlain(top?.Arguments[0]) ? Act.ReadPlain : Act.ReadDeep); break;
                case Opcode.WriteRef: Emit(Act.WriteRef); break;
                case Opcode.Add: Binary(i.Opcode, kind, Act.AddSmall, Act.AddU64); break;
                case Opcode.Sub: Binary(i.Opcode, kind, Act.Sub, Act.Sub); break;
                case Opcode.Mul: Binary(i.Opcode, kind, Act.MulSmall, Act.MulU64); break;
                case Opcode.Div: Binary(i.Opcode, kind, Act.Div, Act.Div); break;
                case Opcode.Mod: Binary(i.Opcode, kind, Act.Mod, Act.Mod); break;
                case Opcode.BitAnd: Binary(i.Opcode, kind, Act.BitAnd, Act.BitAnd); break;
                case Opcode.BitOr: Binary(i.Opcode, kind, Act.BitOr, Act.BitOr); break;
                case Opcode.Xor: Binary(i.Opcode, kind, Act.Xor, Act.Xor); break;
                case Opcode.And: Emit(Act.BitAnd); break;
                case Opcode.Or: Emit(Act.BitOr); break;
                case Opcode.Not: Emit(Act.Not); break;
                case Opcode.Shl or Opcode.Shr: Shift(i.Opcode); break;
                case Opcode.Lt: Compare(Act.Lt, kind); break;
                case Opcode.Gt: Compare(Act.Gt, kind); break;
                case Opcode.Le: Compare(Act.Le, kind); break;
                case Opcode.Ge: Compare(Act.Ge, kind); break;
                case Opcode.CastU8: Cast(kind, TokenKind.U8); break;
                case Opcode.CastU16: Cast(kind, TokenKind.U16); break;
                case Opcode.CastU32: Cast(kind, TokenKind.U32); break;
                case Opcode.CastU64: Cast(kind, TokenKind.U64); break;
                case Opcode.CastU128: Cast(kind, TokenKind.U128); break;
                case Opcode.CastU256: Cast(kind, TokenKind.U256); break;
                case Opcode.Eq or Opcode.Neq: Equality(i.Opcode == Opcode.Eq, top!); break;
                case Opcode.Exists or Opcode.ExistsGeneric: Emit(Act.Exists, b: StructSlot(i, false)); break;
                case Opcode.MutBorrowGlobal or Opcode.MutBorrowGlobalGeneric: Emit(Act.BorrowGlobal, 1, StructSlot(i, false)); break;
                case Opcode.ImmBorrowGlobal or Opcode.ImmBorrowGlobalGeneric: Emit(Act.BorrowGlobal, 0, StructSlot(i, false)); break;
                case Opcode.MoveFrom or Opcode.MoveFromGeneric: Emit(Act.MoveFrom, b: StructSlot(i, false)); break;
                case Opcode.MoveTo or Opcode.MoveToGeneric: Emit(Act.MoveTo, b: StructSlot(i, false)); break;
                case Opcode.VecPack:
                    SignatureToken element = context.Unit.Signatures[i.Index].Tokens[0];
                    Emit(Act.VecPack, (int)i.Count, Slot(new SlotSource(SignatureToken.Vector(element), true)));
                    break;
                case Opcode.VecUnpack: Emit(Act.VecUnpack, (int)i.Count); break;
                case Opcode.VecLen: Emit(Act.VecLen); break;
                case Opcode.VecImmBorrow or Opcode.VecMutBorrow: Emit(Act.VecBorrow); break;
                case Opcode.VecPushBack: Emit(Act.VecPush); break;
                case Opcode.VecPopBack: Emit(Act.VecPop); break;
                case Opcode.VecSwap: Emit(Act.VecSwap); break;
                default: throw new InvalidOperationException($"no decoding of {i.Opcode}");
            }
        }

        private int Fields(in Instruction i) => context.Module!.StructDefinitions[context.StructOf(i).Definition].Fields!.Count;

        private void Shift(Opcode opcode)
        {
            TokenKind shifted = ShiftedKind(_offset) ?? throw new InvalidOperationException("a shift leaves its result on the stack");
            if (IsWide(shifted))
            {
                Emit(Act.WideShift, (int)opcode, (int)shifted);
            }
            else
            {
                Emit(opcode == Opcode.Shl ? Act.Shl : Act.Shr, Width(shifted), imm: Mask(shifted));
            }
        }

        private void Equality(bool equal, SignatureToken type)
        {
            if (type.IsReference)
            {
                Emit(equal ? Act.EqRef : Act.NeqRef);
            }
            else if (IsPlain(type) && !IsWide(type.Kind) && type.Kind is not (TokenKind.Address or TokenKind.Signer))
            {
                Emit(equal ? Act.EqPlain : Act.NeqPlain);
            }
            else
            {
                Emit(equal ? Act.EqDeep : Act.NeqDeep);
            }
        }

        /// <summary>Words that loading a constant copies: many empty vectors are few bytes and many objects.</summary>
        private long ConstantWords(Constant constant)
        {
            Value value = ValueCodec.DecodeConstant(constant.Data, function.Unit.Resolve(constant.Type, []));
            return value.IsAggregate ? ValueRules.Words(value, int.MaxValue, function.Unit.Snapshot.Rules.Limits.MemoryCosts) : 0;
        }

        private void Constant(in Instruction i)
        {
            Constant constant = context.Unit.Constants[i.Index];
            RuntimeType type = function.Unit.Resolve(constant.Type, []);
            Value value = ValueCodec.DecodeConstant(constant.Data, type);
            if (value.IsAggregate)
            {
                Emit(Act.LdConst, (int)long.Min(ValueRules.Words(
                    value, int.MaxValue, function.Unit.Snapshot.Rules.Limits.MemoryCosts), int.MaxValue), boxed: value.Ref);
            }
            else if (value.Ref is not null)
            {
                Emit(Act.LdBox, boxed: value.Ref);
            }
            else
            {
                Emit(Act.LdImm, imm: value.Bits);
            }
        }
    }
}
