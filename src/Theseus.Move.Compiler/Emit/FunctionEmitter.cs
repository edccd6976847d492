using Theseus.Move.Compiler.Lowering;
using Theseus.Move.Compiler.Symbols;
using Theseus.Move.Compiler.Types;
using Theseus.Move.Compiler.Typing;
using Theseus.Move.Format;
using Theseus.Protocol;

namespace Theseus.Move.Compiler.Emit;

/// <summary>Blocks to instructions.</summary>
internal sealed class FunctionEmitter(Pools pools)
{
    /// <summary>Format v6: a code unit's length and the sum of parameters and locals.</summary>
    public const int MaximumCode = 65_535;

    public const int MaximumLocals = 255;

    private readonly List<Instruction> _code = [];
    private readonly List<Span> _spans = [];
    private readonly Dictionary<LocalSymbol, ushort> _slots = [];
    private readonly List<LocalSymbol> _locals = [];
    private int _parameters;
    private Span _place; // what is being emitted

    /// <summary>As in <see cref="FunctionSourceMap.InferredMoves"/>; complete after <see cref="Emit"/>.</summary>
    public HashSet<Span> InferredMoves { get; } = [];

    /// <summary>The code of a function, the place of each instruction, and the names of parameters and locals.</summary>
    /// <exception cref="LimitFault">The function exceeds a limit of the format.</exception>
    public (CodeUnit Code, IReadOnlyList<Span> Spans, IReadOnlyList<string> Locals) Emit(LoweredFunction function)
    {
        _place = function.Symbol.Span;
        try
        {
            return Blocks(function);
        }
        catch (LimitFault fault) when (fault.Place is null)
        {
            throw new LimitFault(fault.Message, _place);
        }
    }

    private (CodeUnit Code, IReadOnlyList<Span> Spans, IReadOnlyList<string> Locals) Blocks(LoweredFunction function)
    {
        foreach (LocalSymbol parameter in function.Parameters)
        {
            Slot(parameter);
        }

        _parameters = _locals.Count;
        SortedDictionary<int, int> starts = [];
        List<(int Instruction, int Label)> fixups = [];
        for (int i = 0; i < function.Blocks.Count; i++)
        {
            Lowering.Block block = function.Blocks[i];
            int next = i + 1 < function.Blocks.Count ? function.Blocks[i + 1].Label : -1;
            starts[block.Label] = _code.Count;
            foreach (Command command in block.Commands)
            {
                Command(command, next, fixups);
            }
        }

        List<int> used = Peephole.Run(_code, _spans, starts, fixups, _parameters, _locals.Count);
        if (used.Count > MaximumLocals)
        {
            throw new LimitFault(place: function.Symbol.Span,
                what: $"the function '{function.Symbol.Name}' needs more than {MaximumLocals} parameters and locals; split it");
        }

        foreach ((int at, int label) in fixups)
        {
            _code[at] = _code[at] with { Operand = (ulong)starts[label] };
        }

        ushort locals = pools.Signature([.. used.Skip(_parameters).Select(i => pools.Token(_locals[i].Type))]);
        return (new CodeUnit(locals, _code), _spans, [.. used.Select(i => _locals[i].Name)]);
    }

    private ushort Slot(LocalSymbol local)
    {
        if (_slots.TryGetValue(local, out ushort slot))
        {
            return slot;
        }

        if (_locals.Count >= MaximumCode)
        {
            throw new LimitFault($"the function needs more than {MaximumCode} locals; split it");
        }

        slot = (ushort)_locals.Count;
        _slots[local] = slot;
        _locals.Add(local);
        return slot;
    }

    private void Add(Span span, Opcode opcode, ulong operand = 0, ulong count = 0, UInt256Box? wide = null)
    {
        if (_code.Count >= MaximumCode)
        {
            throw new LimitFault($"the function needs more than {MaximumCode} instructions; split it");
        }

        _code.Add(new Instruction(opcode, operand, count, wide));
        _spans.Add(span);
    }

    private void Command(Command command, int next, List<(int, int)> fixups)
    {
        switch (command)
        {
            case AssignCommand c:
                Push(c.Value);
                for (int i = c.Targets.Count - 1; i >= 0; i--)
                {
                    Store(c.Targets[i]);
                }

                break;
            case WriteCommand c:
                Push(c.Value);
                Push(c.Target);
                Add(c.Span, Opcode.WriteRef);
                break;
            case PopCommand c:
            {
                Push(c.Value);
                int count = c.Value.Type.Head is TupleTy tuple ? tuple.Items.Count : c.Value.Type.Head is NeverTy ? 0 : 1;
                for (int i = 0; i < count; i++)
                {
                    Add(c.Span, Opcode.Pop);
                }

                break;
            }

            case AbortCommand c:
                Push(c.Code);
                Add(c.Span, Opcode.Abort);
                break;
            case ReturnCommand c:
                Push(c.Value);
                Add(c.Span, Opcode.Ret);
                break;
            case JumpCommand c:
                if (c.Label != next)
                {
                    fixups.Add((_code.Count, c.Label));
                    Add(c.Span, Opcode.Branch);
                }

                break;
            case BranchCommand c:
                Push(c.Condition);
                if (c.IfTrue == next)
                {
                    fixups.Add((_code.Count, c.IfFalse));
                    Add(c.Span, Opcode.BrFalse);
                }
                else
                {
                    fixups.Add((_code.Count, c.IfTrue));
                    Add(c.Span, Opcode.BrTrue);
                    if (c.IfFalse != next)
                    {
                        fixups.Add((_code.Count, c.IfFalse));
                        Add(c.Span, Opcode.Branch);
                    }
                }

                break;
        }
    }

    private void Store(Target target)
    {
        switch (target)
        {
            case IgnoreTarget:
                Add(target.Span, Opcode.Pop);
                break;
            case LocalTarget local:
                Add(target.Span, Opcode.StLoc, Slot(local.Local));
                break;
            case UnpackTarget unpack:
                Generic(target.Span, unpack.Type, Opcode.Unpack, Opcode.UnpackGeneric);
                if (unpack.Fields.Count == 0)
                {
                    Add(target.Span, Opcode.Pop); // the hidden field
                }

                for (int i = unpack.Fields.Count - 1; i >= 0; i--)
                {
                    Store(unpack.Fields[i]);
                }

                break;
        }
    }

    private void Generic(Span span, StructTy type, Opcode plain, Opcode generic)
    {
        if (type.Arguments.Count == 0)
        {
            Add(span, plain, pools.Definitions[type.Symbol]);
        }
        else
        {
            Add(span, generic, pools.StructInstance(type));
        }
    }

    private void PushAll(IReadOnlyList<Operand> operands)
    {
        foreach (Operand operand in operands)
        {
            Push(operand);
        }
    }

    private void Push(Operand operand)
    {
        Span span = operand.Span;
        _place = span;
        switch (operand)
        {
            case ConstantOperand o:
                Constant(span, o.Type, o.Value);
                break;
            case UseOperand o:
                Add(span, o.IsMove ? Opcode.MoveLoc : Opcode.CopyLoc, Slot(o.Local));
                if (o.IsMove && o.Asked == UseMode.Inferred && (TypeRules.AbilitiesOf(o.Local.Type) & Abilities.Copy) != Abilities.None)
                {
                    InferredMoves.Add(span);
                }

                break;
            case CallOperand o:
                PushAll(o.Arguments);
                Call(o);
                break;
            case BuiltinOperand o:
                PushAll(o.Arguments);
                Builtin(o);
                break;
            case VectorOperand o:
                Vector(o);
                break;
            case FreezeOperand o:
                Push(o.Operand);
                Add(span, Opcode.FreezeRef);
                break;
            case ReadOperand o:
                Push(o.Operand);
                Add(span, Opcode.ReadRef);
                break;
            case NotOperand o:
                Push(o.Operand);
                Add(span, Opcode.Not);
                break;
            case BinaryOperand o:
                Push(o.Left);
                Push(o.Right);
                Add(span, OpcodeOf(o.Operator));
                break;
            case PackOperand o:
                PushAll(o.Fields);
                if (o.Fields.Count == 0)
                {
                    Add(span, Opcode.LdFalse); // the hidden field
                }

                Generic(span, o.Struct, Opcode.Pack, Opcode.PackGeneric);
                break;
            case TupleOperand o:
                PushAll(o.Items);
                break;
            case BorrowFieldOperand o:
                Push(o.Target);
                if (o.Owner.Arguments.Count == 0)
                {
                    Add(span, o.IsMutable ? Opcode.MutBorrowField : Opcode.ImmBorrowField, pools.Field(o.Owner.Symbol, o.Field));
                }
                else
                {
                    Add(span, o.IsMutable ? Opcode.MutBorrowFieldGeneric : Opcode.ImmBorrowFieldGeneric,
                        pools.FieldInstance(o.Owner, o.Field));
                }

                break;
            case BorrowLocalOperand o:
                Add(span, o.IsMutable ? Opcode.MutBorrowLoc : Opcode.ImmBorrowLoc, Slot(o.Local));
                break;
            case CastOperand o:
                Push(o.Operand);
                Add(span, CastTo(((PrimitiveTy)o.Type.Head).Kind));
                break;
        }
    }

    private static Opcode CastTo(TokenKind kind) => kind switch
    {
        TokenKind.U8 => Opcode.CastU8,
        TokenKind.U16 => Opcode.CastU16,
        TokenKind.U32 => Opcode.CastU32,
        TokenKind.U64 => Opcode.CastU64,
        TokenKind.U128 => Opcode.CastU128,
        _ => Opcode.CastU256,
    };

    private static Opcode OpcodeOf(string op) => op switch
    {
        "+" => Opcode.Add,
        "-" => Opcode.Sub,
        "*" => Opcode.Mul,
        "/" => Opcode.Div,
        "%" => Opcode.Mod,
        "|" => Opcode.BitOr,
        "&" => Opcode.BitAnd,
        "^" => Opcode.Xor,
        "<<" => Opcode.Shl,
        ">>" => Opcode.Shr,
        "==" => Opcode.Eq,
        "!=" => Opcode.Neq,
        "<" => Opcode.Lt,
        ">" => Opcode.Gt,
        "<=" => Opcode.Le,
        ">=" => Opcode.Ge,
        _ => throw new InvalidOperationException($"no opcode for '{op}'"),
    };

    private void Constant(Span span, Ty type, ConstantValue value)
    {
        if (type.Head is PrimitiveTy primitive)
        {
            switch (primitive.Kind)
            {
                case TokenKind.Bool:
                    Add(span, value.Number.IsZero ? Opcode.LdFalse : Opcode.LdTrue);
                    return;
                case TokenKind.U8:
                    Add(span, Opcode.LdU8, (ulong)value.Number);
                    return;
                case TokenKind.U16:
                    Add(span, Opcode.LdU16, (ulong)value.Number);
                    return;
                case TokenKind.U32:
                    Add(span, Opcode.LdU32, (ulong)value.Number);
                    return;
                case TokenKind.U64:
                    Add(span, Opcode.LdU64, (ulong)value.Number);
                    return;
                case TokenKind.U128:
                    Add(span, Opcode.LdU128, 0, 0, new UInt256Box(UInt256.FromBigInteger(value.Number)));
                    return;
                case TokenKind.U256:
                    Add(span, Opcode.LdU256, 0, 0, new UInt256Box(UInt256.FromBigInteger(value.Number)));
                    return;
            }
        }

        Add(span, Opcode.LdConst, pools.Constant(type, Serialise(type, value)));
    }

    /// <summary>BCS bytes of a constant.</summary>
    public static byte[] Serialise(Ty type, ConstantValue value)
    {
        BcsWriter writer = new();
        Write(writer, type, value);
        return writer.ToArray();
    }

    private static void Write(BcsWriter writer, Ty type, ConstantValue value)
    {
        if (type.Head is VectorTy vector)
        {
            IReadOnlyList<ConstantValue> items = value.Items ?? [];
            writer.Uleb((uint)items.Count);
            foreach (ConstantValue item in items)
            {
                Write(writer, vector.Element, item);
            }

            return;
        }

        PrimitiveTy primitive = (PrimitiveTy)type.Head;
        bool isAddress = primitive.Kind == TokenKind.Address;
        int size = primitive.Kind == TokenKind.Bool ? 1 : isAddress ? 32 : primitive.Bits / 8;
        byte[] bytes = new byte[size];
        byte[] number = value.Number.ToByteArray(isUnsigned: true, isBigEndian: isAddress);
        number.CopyTo(bytes, isAddress ? size - number.Length : 0);
        writer.Raw(bytes);
    }

    private void Vector(VectorOperand o)
    {
        if (o.Items.Count > 0 && IsConstantType(o.Element) && o.Items.All(static i => i is ConstantOperand))
        {
            ConstantValue folded = new(0, [.. o.Items.Select(static i => ((ConstantOperand)i).Value)]);
            _place = o.Span;
            Add(o.Span, Opcode.LdConst, pools.Constant(o.Type, Serialise(o.Type, folded)));
            return;
        }

        PushAll(o.Items);
        Add(o.Span, Opcode.VecPack, pools.Signature([pools.Token(o.Element)]), (ulong)o.Items.Count);
    }

    private static bool IsConstantType(Ty type) => type.Head switch
    {
        PrimitiveTy p => p.Kind != TokenKind.Signer,
        VectorTy v => IsConstantType(v.Element),
        _ => false,
    };

    private void Call(CallOperand o)
    {
        if (VectorOpcode(o.Function) is { } opcode)
        {
            Add(o.Span, opcode, pools.Signature([pools.Token(o.TypeArguments[0])]));
        }
        else if (o.TypeArguments.Count == 0)
        {
            Add(o.Span, Opcode.Call, pools.Function(o.Function));
        }
        else
        {
            Add(o.Span, Opcode.CallGeneric, pools.FunctionInstance(o.Function, o.TypeArguments));
        }
    }

    /// <summary>The eight natives of std::vector that are instructions (move 2.2).</summary>
    public static Opcode? VectorOpcode(FunctionSymbol function)
    {
        if (!function.IsNative || function.TypeParameters.Count != 1 || function.Module.Id != new ModuleId(Address.One, "vector"))
        {
            return null;
        }

        return function.Name switch
        {
            "empty" => Opcode.VecPack,
            "length" => Opcode.VecLen,
            "borrow" => Opcode.VecImmBorrow,
            "borrow_mut" => Opcode.VecMutBorrow,
            "push_back" => Opcode.VecPushBack,
            "pop_back" => Opcode.VecPopBack,
            "destroy_empty" => Opcode.VecUnpack,
            "swap" => Opcode.VecSwap,
            _ => null,
        };
    }

    private void Builtin(BuiltinOperand o)
    {
        StructTy type = (StructTy)o.TypeArgument.Head;
        (Opcode plain, Opcode generic) = o.Builtin switch
        {
            Typing.Builtin.MoveTo => (Opcode.MoveTo, Opcode.MoveToGeneric),
            Typing.Builtin.MoveFrom => (Opcode.MoveFrom, Opcode.MoveFromGeneric),
            Typing.Builtin.BorrowGlobal => (Opcode.ImmBorrowGlobal, Opcode.ImmBorrowGlobalGeneric),
            Typing.Builtin.BorrowGlobalMut => (Opcode.MutBorrowGlobal, Opcode.MutBorrowGlobalGeneric),
            _ => (Opcode.Exists, Opcode.ExistsGeneric),
        };
        Generic(o.Span, type, plain, generic);
    }
}
