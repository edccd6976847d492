using System.Numerics;
using Theseus.Move.Compiler.Symbols;
using Theseus.Move.Compiler.Types;
using Theseus.Move.Compiler.Typing;

namespace Theseus.Move.Compiler.Lowering;

/// <summary>A typed body to basic blocks of commands. The operand stack is empty between commands, hence at every block edge.</summary>
internal sealed class Lowerer(DiagnosticBag diagnostics)
{
    private readonly List<Block> _blocks = [];
    private readonly List<(int Continue, int Break)> _loops = [];
    private readonly HashSet<int> _jumped = []; // labels that some command goes to
    private Block? _current;
    private int _labels;
    private int _temporaries;
    private int _emitted; // changes with every command or block: shows whether an operand needed statements
    private bool _warnedDead; // what cannot be reached is told once, up to the next thing that starts a block of its own

    public LoweredFunction Function(FunctionSymbol symbol, TypedBody body)
    {
        Place(NewLabel());
        Return(body.Root, body.End);
        return new LoweredFunction(symbol, body.Parameters, BlockLayout.Reachable(_blocks));
    }

    // ---- blocks ----

    private int NewLabel() => _labels++;

    private void Place(int label)
    {
        if (_current is { IsClosed: false })
        {
            _current.Commands.Add(new JumpCommand(_current.Commands.Count > 0 ? _current.Commands[^1].Span : Span.None, label));
            _jumped.Add(label);
        }

        _emitted++;
        _current = new Block(label);
        _blocks.Add(_current);
    }

    private void Emit(Command command)
    {
        if (_current is null)
        {
            _warnedDead &= !command.IsTerminator || command is JumpCommand;
            return;
        }

        _emitted++;
        _current.Commands.Add(command);
        if (command.IsTerminator)
        {
            foreach (int label in _current.Successors)
            {
                _jumped.Add(label);
            }

            _current = null;
            _warnedDead = false;
        }
    }

    private void WarnDead(Span span)
    {
        if (_current is null && !_warnedDead)
        {
            _warnedDead = true;
            diagnostics.Report(Codes.DeadCode, span, "this code is never reached");
        }
    }

    /// <summary>A value that something else takes. When it never comes, what takes it is never reached.</summary>
    private Operand Used(Typed typed)
    {
        Operand operand = Value(typed);
        if (typed.Type.Head is NeverTy)
        {
            Typed last = typed;
            while (last is TypedBlock or TypedCoercion)
            {
                last = last is TypedBlock block ? block.Last : ((TypedCoercion)last).Operand;
            }

            _warnedDead = true;
            diagnostics.Report(Codes.DeadCode, last.Span, "this expression never yields a value, so what takes it is never reached");
        }

        return operand;
    }

    private LocalSymbol Temporary(Ty type, Span span) => new($"%{_temporaries++}", type, span) { IsTemporary = true, IsUsed = true };

    // ---- statements ----

    private void Statement(Typed typed)
    {
        WarnDead(typed.Span);
        switch (typed)
        {
            case TypedCoercion e:
                Statement(e.Operand);
                return;
            case TypedBlock e:
                foreach (TypedItem item in e.Items)
                {
                    Item(item);
                }

                if (e.Last is not TypedTuple { Items.Count: 0 })
                {
                    Statement(e.Last);
                }

                return;
            case TypedIf e:
                If(e, Statement);
                return;
            case TypedTuple { Items.Count: 0 }:
                return;
        }

        Operand value = Value(typed);
        if (_current is null || value is TupleOperand { Items.Count: 0 })
        {
            return;
        }

        Emit(new PopCommand(typed.Span, value));
    }

    private void If(TypedIf e, Action<Typed> branch)
    {
        int then = NewLabel();
        int otherwise = NewLabel();
        int end = e.Otherwise is null ? otherwise : NewLabel();
        Condition(e.Condition, then, otherwise);
        Place(then);
        branch(e.Then);
        if (e.Otherwise is null)
        {
            Place(end);
            return;
        }

        if (_current is not null)
        {
            Emit(new JumpCommand(e.Span, end));
        }

        Place(otherwise);
        branch(e.Otherwise);
        if (_current is not null)
        {
            Emit(new JumpCommand(e.Span, end));
        }

        // no branch comes out: what follows is dead
        if (_jumped.Contains(end))
        {
            Place(end);
        }
        else
        {
            _current = null;
        }
    }

    private void Item(TypedItem item)
    {
        WarnDead(item.Span);
        switch (item)
        {
            case TypedExpressionItem e:
                Statement(e.Value);
                break;
            case TypedLet { Value: { } value } let:
                Assign(let.Span, let.Places, value);
                break;
        }
    }

    private void Return(Typed value, Span span)
    {
        switch (value)
        {
            case TypedBlock e:
                foreach (TypedItem item in e.Items)
                {
                    Item(item);
                }

                if (_current is null && e.Last is TypedTuple { Items.Count: 0 })
                {
                    return;
                }

                Return(e.Last, e.Last.Span);
                return;
            case TypedCoercion { Operand: TypedBlock or TypedIf } e when !NeedsFreeze(e.Operand.Type, e.Type):
                Return(e.Operand, span);
                return;
            case TypedIf { Otherwise: not null } e:
                If(e, v => Return(v, v.Span));
                return;
        }

        WarnDead(value.Span);
        if (value.Type.IsUnit)
        {
            Statement(value);
            Emit(new ReturnCommand(span, new TupleOperand(span, Ty.Unit, [])));
            return;
        }

        Operand operand = Value(value);
        Emit(new ReturnCommand(span, operand));
    }

    // ---- assignments ----

    private void Assign(Span span, IReadOnlyList<Place> places, Typed value)
    {
        switch (value)
        {
            case TypedBlock e:
                foreach (TypedItem item in e.Items)
                {
                    Item(item);
                }

                Assign(span, places, e.Last);
                return;
            case TypedIf { Otherwise: not null } e:
                If(e, v => Assign(span, places, v));
                return;
            case TypedCoercion { Operand: TypedBlock or TypedIf } e when !NeedsFreeze(e.Operand.Type, e.Type):
                Assign(span, places, e.Operand);
                return;
        }

        Operand operand = places.Count == 0 ? Value(value) : Used(value);
        if (_current is null)
        {
            return;
        }

        List<Action> after = [];
        List<Target> targets = [.. places.Select(p => TargetOf(p, after))];
        if (targets.Count == 0)
        {
            if (operand is not TupleOperand { Items.Count: 0 })
            {
                Emit(new PopCommand(span, operand));
            }

            return;
        }

        Emit(new AssignCommand(span, targets, operand));
        foreach (Action action in after)
        {
            action();
        }
    }

    private Target TargetOf(Place place, List<Action> after)
    {
        switch (place)
        {
            case IgnorePlace ignore:
                return new IgnoreTarget(place.Span, ignore.Type);
            case LocalPlace local:
                return new LocalTarget(place.Span, local.Local);
        }

        UnpackPlace unpack = (UnpackPlace)place;
        if (unpack.IsMutableReference is { } mutable)
        {
            // through a reference: one field borrow each
            LocalSymbol whole = Temporary(new ReferenceTy(mutable, unpack.Type), place.Span);
            after.Add(() =>
            {
                foreach ((int field, Place inner) in unpack.Fields)
                {
                    Ty type = new ReferenceTy(mutable, TypeRules.Substitute(unpack.Type.Symbol.Fields![field].Type, unpack.Type.Arguments));
                    List<Action> nested = [];
                    Target target = TargetOf(inner, nested);
                    UseOperand use = new(inner.Span, whole, UseMode.Inferred);
                    Emit(new AssignCommand(inner.Span, [target], new BorrowFieldOperand(inner.Span, type, mutable, use, unpack.Type,
                        field)));
                    nested.ForEach(static a => a());
                }
            });
            return new LocalTarget(place.Span, whole);
        }

        Target[] fields = new Target[unpack.Type.Symbol.Fields!.Count];
        foreach ((int field, Place inner) in unpack.Fields)
        {
            fields[field] = TargetOf(inner, after);
        }

        for (int i = 0; i < fields.Length; i++)
        {
            fields[i] ??= new IgnoreTarget(place.Span, Ty.Error);
        }

        return new UnpackTarget(place.Span, unpack.Type, fields);
    }

    // ---- conditions ----

    private void Condition(Typed condition, int ifTrue, int ifFalse)
    {
        switch (condition)
        {
            case TypedNot not:
                Condition(not.Operand, ifFalse, ifTrue);
                return;
            case TypedBinary { Operator: "&&" } and:
            {
                int next = NewLabel();
                Condition(and.Left, next, ifFalse);
                Place(next);
                Condition(and.Right, ifTrue, ifFalse);
                return;
            }

            case TypedBinary { Operator: "||" } or:
            {
                int next = NewLabel();
                Condition(or.Left, ifTrue, next);
                Place(next);
                Condition(or.Right, ifTrue, ifFalse);
                return;
            }

            default:
                Operand operand = Used(condition);
                Emit(new BranchCommand(condition.Span, operand, ifTrue, ifFalse));
                return;
        }
    }

    // ---- values ----

    /// <summary>
    /// Operands of one operation, in order. When a later one needs statements, earlier ones are saved in temporaries first.
    /// </summary>
    private Operand[] Values(IReadOnlyList<Typed> typed, bool freeze = false)
    {
        Operand[] operands = new Operand[typed.Count];
        int saved = 0;
        for (int i = 0; i < operands.Length; i++)
        {
            Block? block = _current;
            int position = block?.Commands.Count ?? 0;
            int before = _emitted;
            operands[i] = Used(typed[i]);
            if (freeze && operands[i].Type.Head is ReferenceTy { IsMutable: true } reference)
            {
                // comparing reads: two equal mutable references may be compared
                operands[i] = new FreezeOperand(operands[i].Span, new ReferenceTy(false, reference.Target), operands[i]);
            }

            if (_emitted == before || block is null)
            {
                continue;
            }

            for (; saved < i; saved++)
            {
                Operand operand = operands[saved];
                if (operand is ConstantOperand || operand.Type.Head is NeverTy or ErrorTy)
                {
                    continue;
                }

                LocalSymbol temporary = Temporary(operand.Type, operand.Span);
                block.Commands.Insert(position++, new AssignCommand(operand.Span, [new LocalTarget(operand.Span, temporary)], operand));
                operands[saved] = new UseOperand(operand.Span, temporary, UseMode.Move);
            }
        }

        return operands;
    }

    private static TupleOperand UnitAt(Span span) => new(span, Ty.Unit, []);

    private Operand Value(Typed typed)
    {
        Span span = typed.Span;
        switch (typed)
        {
            case TypedNumber e:
                return new ConstantOperand(span, e.Type.Head, new ConstantValue(e.Value));
            case TypedBool e:
                return new ConstantOperand(span, Ty.Bool, ConstantValue.Of(e.Value));
            case TypedAddress e:
                return new ConstantOperand(span, Ty.Address, new ConstantValue(new BigInteger(e.Value.ToArray(), isUnsigned: true,
                    isBigEndian: true)));
            case TypedBytes e:
                return new ConstantOperand(span, Ty.Bytes, new ConstantValue(0, [.. e.Value.Select(b => new ConstantValue(b))]));
            case TypedConstant e:
                return new ConstantOperand(span, e.Symbol.Type, e.Symbol.Value ?? new ConstantValue(0));
            case TypedUse e:
                return new UseOperand(span, e.Local, e.Mode);
            case TypedCall e:
                return new CallOperand(span, e.Type, e.Function, e.TypeArguments, Values(e.Arguments));
            case TypedBuiltin { Builtin: Builtin.Assert } e:
                return Assert(e);
            case TypedBuiltin { Builtin: Builtin.DroppedAssert } e:
                Statement(e.Arguments[0]);
                return UnitAt(span);
            case TypedBuiltin { Builtin: Builtin.Freeze } e:
                return new FreezeOperand(span, e.Type, Used(e.Arguments[0]));
            case TypedBuiltin e:
                return new BuiltinOperand(span, e.Type, e.Builtin, e.TypeArgument!, Values(e.Arguments));
            case TypedVector e:
                return new VectorOperand(span, e.Type, e.Element, Values(e.Items));
            case TypedTuple e:
                return e.Items.Count == 0 ? UnitAt(span) : new TupleOperand(span, e.Type, Values(e.Items));
            case TypedDereference e:
                return new ReadOperand(span, e.Type, Used(e.Target));
            case TypedNot e:
                return new NotOperand(span, Used(e.Operand));
            case TypedCast e:
                return new CastOperand(span, e.Type, Used(e.Operand));
            case TypedBinary { Operator: "&&" or "||" } e:
                return ShortCircuit(e);
            case TypedBinary e:
            {
                Operand[] sides = Values([e.Left, e.Right], freeze: e.Operator is "==" or "!=");
                return new BinaryOperand(span, e.Type, sides[0], e.Operator, sides[1]);
            }

            case TypedPack e:
                return Pack(e);
            case TypedBorrowField e:
                return new BorrowFieldOperand(span, e.Type, e.IsMutable, Used(e.Target), e.Owner, e.Field);
            case TypedBorrowLocal e:
                return new BorrowLocalOperand(span, e.Type, e.IsMutable, e.Local);
            case TypedBorrowValue e:
            {
                Operand value = Used(e.Value);
                LocalSymbol temporary = Temporary(e.Value.Type, span);
                Emit(new AssignCommand(span, [new LocalTarget(span, temporary)], value));
                return new BorrowLocalOperand(span, e.Type, e.IsMutable, temporary);
            }

            case TypedCoercion e:
                return Coerce(Value(e.Operand), e.Operand.Type, e.Type, span);
            case TypedIf { Otherwise: not null } e:
                return ManyOrOne(span, e.Type, places => If(e, v => Assign(v.Span, places, v)), () => Statement(e));
            case TypedBlock e:
                foreach (TypedItem item in e.Items)
                {
                    Item(item);
                }

                return Value(e.Last);
            case TypedIf e:
                Statement(e);
                return UnitAt(span);
            default:
                Effect(typed);
                return UnitAt(span);
        }
    }

    /// <summary>What has no value but unit.</summary>
    private void Effect(Typed typed)
    {
        Span span = typed.Span;
        switch (typed)
        {
            case TypedWhile e:
                While(e);
                break;
            case TypedLoop e:
                Loop(e);
                break;
            case TypedAssign e:
                Assign(span, e.Places, e.Value);
                break;
            case TypedMutate e:
            {
                Operand[] both = Values([e.Value, e.Target]);
                Emit(new WriteCommand(span, both[1], both[0]));
                break;
            }

            case TypedReturn e:
                Return(e.Value, span);
                break;
            case TypedAbort e:
                Emit(new AbortCommand(span, Value(e.Code)));
                break;
            case TypedBreak:
                Emit(new JumpCommand(span, _loops[^1].Break));
                break;
            case TypedContinue:
                Emit(new JumpCommand(span, _loops[^1].Continue));
                break;
            default:
                throw new InvalidOperationException($"no lowering for {typed.GetType().Name}");
        }
    }

    /// <summary>The value of a condition whose right side may not be asked.</summary>
    private Operand ShortCircuit(TypedBinary condition)
    {
        Span span = condition.Span;
        return Merge(span, Ty.Bool, target =>
        {
            int yes = NewLabel();
            int no = NewLabel();
            int end = NewLabel();
            Condition(condition, yes, no);
            Place(yes);
            Emit(new AssignCommand(span, [target], new ConstantOperand(span, Ty.Bool, ConstantValue.Of(true))));
            Emit(new JumpCommand(span, end));
            Place(no);
            Emit(new AssignCommand(span, [target], new ConstantOperand(span, Ty.Bool, ConstantValue.Of(false))));
            Emit(new JumpCommand(span, end));
            Place(end);
        });
    }

    private Operand Merge(Span span, Ty type, Action<Target> assign)
    {
        LocalSymbol result = Temporary(type, span);
        assign(new LocalTarget(span, result));
        return new UseOperand(span, result, UseMode.Move);
    }

    private Operand ManyOrOne(Span span, Ty type, Action<IReadOnlyList<Place>> assign, Action unit)
    {
        if (type.IsUnit || type.Head is NeverTy)
        {
            unit();
            return UnitAt(span);
        }

        IReadOnlyList<Ty> types = type.Head is TupleTy tuple ? tuple.Items : [type];
        List<LocalSymbol> results = [.. types.Select(t => Temporary(t, span))];
        assign([.. results.Select(r => new LocalPlace(span, r, true))]);
        Operand[] uses = [.. results.Select(r => new UseOperand(span, r, UseMode.Move))];
        return uses.Length == 1 ? uses[0] : new TupleOperand(span, type, uses);
    }

    private Operand Assert(TypedBuiltin e)
    {
        int ok = NewLabel();
        int fail = NewLabel();
        Condition(e.Arguments[0], ok, fail);
        Place(fail);
        Operand code = Value(e.Arguments[1]);
        Emit(new AbortCommand(e.Span, code));
        Place(ok);
        return UnitAt(e.Span);
    }

    private Operand Pack(TypedPack e)
    {
        StructTy type = (StructTy)e.Type.Head;
        bool inOrder = true;
        for (int i = 0; i < e.Fields.Count; i++)
        {
            inOrder &= e.Fields[i].Field == i;
        }

        Operand[] values = Values([.. e.Fields.Select(f => f.Value)]);
        Operand[] fields = new Operand[type.Symbol.Fields!.Count];
        for (int i = 0; i < values.Length; i++)
        {
            Operand value = values[i];
            if (!inOrder && value is not ConstantOperand && _current is not null)
            {
                // evaluated in source order, packed in order of declaration
                LocalSymbol temporary = Temporary(value.Type, value.Span);
                Emit(new AssignCommand(value.Span, [new LocalTarget(value.Span, temporary)], value));
                value = new UseOperand(value.Span, temporary, UseMode.Move);
            }

            fields[e.Fields[i].Field] = value;
        }

        return new PackOperand(e.Span, type, fields);
    }

    private static bool NeedsFreeze(Ty from, Ty to) => (from.Head, to.Head) switch
    {
        (ReferenceTy { IsMutable: true }, ReferenceTy { IsMutable: false }) => true,
        (TupleTy f, TupleTy t) when f.Items.Count == t.Items.Count => f.Items.Zip(t.Items).Any(p => NeedsFreeze(p.First, p.Second)),
        _ => false,
    };

    private Operand Coerce(Operand operand, Ty from, Ty to, Span span)
    {
        if (!NeedsFreeze(from, to))
        {
            return operand;
        }

        if (from.Head is not TupleTy tuple)
        {
            return new FreezeOperand(span, to, operand);
        }

        IReadOnlyList<Ty> wanted = ((TupleTy)to.Head).Items;
        List<LocalSymbol> parts = [.. tuple.Items.Select(t => Temporary(t, span))];
        Emit(new AssignCommand(span, [.. parts.Select(p => new LocalTarget(span, p))], operand));
        List<Operand> items = [];
        for (int i = 0; i < parts.Count; i++)
        {
            Operand use = new UseOperand(span, parts[i], UseMode.Move);
            items.Add(NeedsFreeze(tuple.Items[i], wanted[i]) ? new FreezeOperand(span, wanted[i], use) : use);
        }

        return new TupleOperand(span, to, items);
    }

    private void While(TypedWhile e)
    {
        int head = NewLabel();
        int body = NewLabel();
        int end = NewLabel();
        if (_current is null)
        {
            _warnedDead = false;
            _loops.Add((head, end));
            Statement(e.Body);
            _loops.RemoveAt(_loops.Count - 1);
            _warnedDead = true;
            return;
        }

        Place(head);
        Condition(e.Condition, body, end);
        Place(body);
        _loops.Add((head, end));
        Statement(e.Body);
        _loops.RemoveAt(_loops.Count - 1);
        Emit(new JumpCommand(e.Span, head));
        Place(end);
    }

    private void Loop(TypedLoop e)
    {
        int head = NewLabel();
        int end = NewLabel();
        if (_current is null)
        {
            // the body of a loop starts anew, also where nothing reaches it
            _warnedDead = false;
            _loops.Add((head, end));
            Statement(e.Body);
            _loops.RemoveAt(_loops.Count - 1);
            _warnedDead = true;
            return;
        }

        Place(head);
        _loops.Add((head, end));
        Statement(e.Body);
        _loops.RemoveAt(_loops.Count - 1);
        Emit(new JumpCommand(e.Span, head));
        _current = null;
        if (e.Type.Head is not NeverTy)
        {
            Place(end);
        }
    }
}
