using System.Numerics;
using Theseus.Move.Compiler.Symbols;
using Theseus.Move.Compiler.Syntax;
using Theseus.Move.Compiler.Types;
using Theseus.Move.Format;

namespace Theseus.Move.Compiler.Typing;

internal sealed partial class BodyTyper
{
    /// <summary>The typed form of an expression. What is wrong with it is reported, and its form is then an error's.</summary>
    private Typed Expression(Expr expression) => expression switch
    {
        NumberExpr e => Number(e),
        BoolExpr e => new TypedBool(e.Span, e.Value),
        AddressExpr e => program.Resolve(e.Address, module.Addresses) is { } address
            ? new TypedAddress(e.Span, address) : new TypedError(e.Span),
        BytesExpr e => new TypedBytes(e.Span, e.Value),
        NameExpr e => NameUse(e),
        MoveExpr e => LocalUse(e.Variable, e.Span, UseMode.Move),
        CopyExpr e => Copy(e),
        CallExpr e => Call(e),
        PackExpr e => Pack(e),
        VectorExpr e => Vector(e),
        TupleExpr e => Tuple(e),
        BlockExpr e => Sequence(e.Body),
        SpecExpr e => new TypedTuple(e.Span, Ty.Unit, []),
        IfExpr e => If(e),
        WhileExpr e => While(e),
        LoopExpr e => Loop(e),
        BreakExpr e => LoopControl(e, isBreak: true),
        ContinueExpr e => LoopControl(e, isBreak: false),
        ReturnExpr e => Return(e),
        AbortExpr e => new TypedAbort(e.Span, Coerce(Expression(e.Code), Ty.U64, e.Code.Span, "an abort code is a u64")),
        AssignExpr e => Assign(e),
        DerefExpr e => Dereference(e),
        NotExpr e => new TypedNot(e.Span, Coerce(Expression(e.Operand), Ty.Bool, e.Operand.Span, "'!' works on bool")),
        BinaryExpr e => Binary(e),
        BorrowExpr e => Borrow(e),
        DotExpr e => FieldUse(e),
        CastExpr e => Cast(e),
        AnnotateExpr e => Annotate(e),
        LambdaExpr e => LambdaOutOfPlace(e),
        _ => new TypedError(expression.Span),
    };

    private Typed Copy(CopyExpr e)
    {
        Typed use = LocalUse(e.Variable, e.Span, UseMode.Copy);
        RequireAbility(use.Type, Abilities.Copy, e.Span, "invalid 'copy'");
        return use;
    }

    private Typed Dereference(DerefExpr e)
    {
        Typed target = Value(e.Target);
        Ty inner = Dereferenced(target, e.Target.Span, out bool _);
        RequireAbility(inner, Abilities.Copy, e.Span, "reading through a reference copies the value");
        return new TypedDereference(e.Span, inner, target);
    }

    private Typed Cast(CastExpr e)
    {
        Typed operand = Expression(e.Operand);
        Ty type = ResolveType(e.Type);
        RequireNumeric(operand.Type, e.Operand.Span, "as");
        RequireNumeric(type, e.Type.Span, "as");
        return new TypedCast(e.Span, type, operand);
    }

    private Typed Annotate(AnnotateExpr e)
    {
        Ty type = ResolveType(e.Type);
        Typed operand = Expression(e.Operand);
        operand = Coerce(operand, type, e.Type.Span, "the value does not fit the annotation", e.Operand.Span);
        return operand.Type.Head is NeverTy ? new TypedCoercion(e.Span, type, operand) : operand;
    }

    private TypedError LambdaOutOfPlace(LambdaExpr e)
    {
        Diagnostics.Report(Codes.SpecOnly, e.Span, "a lambda can only be an argument of an inline function");
        return new TypedError(e.Span);
    }

    private Typed FieldUse(DotExpr e)
    {
        Typed borrow = FieldBorrow(e.Target, e.Field, isMutable: false, e.Span);
        Ty inner = Dereferenced(borrow, e.Span, out bool _);
        RequireAbility(inner, Abilities.Copy, e.Span, $"using the field '{e.Field.Text}' as a value copies it");
        return new TypedDereference(e.Span, inner, borrow);
    }

    /// <summary>An expression that yields exactly one value.</summary>
    private Typed Value(Expr expression)
    {
        Typed value = Expression(expression);
        RequireSingle(value.Type, expression.Span);
        return value.Type.Head is TupleTy ? new TypedError(expression.Span) : value;
    }

    private Typed Number(NumberExpr e)
    {
        Ty type = e.Suffix is null ? Fresh(e.Span, numeric: true) : Ty.Primitive(e.Suffix)!;
        BigInteger value = e.Value;
        if (e.Suffix is null)
        {
            _constraints.Add(() =>
            {
                if (type.Head is PrimitiveTy { IsInteger: true } integer && value.GetBitLength() > integer.Bits)
                {
                    Diagnostics.Report(Codes.InvalidNumberType, e.Span,
                        $"the number does not fit into the inferred type '{integer}'; annotate a wider one, e.g. {SuggestWidth(value)}");
                }
            });
        }

        return new TypedNumber(e.Span, type, value);
    }

    private static string SuggestWidth(BigInteger value) => value.GetBitLength() switch { <= 8 => "u8", <= 16 => "u16", <= 32 => "u32",
        <= 64 => "u64", <= 128 => "u128", _ => "u256" };

    private Typed NameUse(NameExpr e)
    {
        if (e.TypeArguments is not null)
        {
            Diagnostics.Report(Codes.SpecOnly, e.Span,
                $"'{e.Name}' with type arguments needs fields in braces or arguments in parentheses");
            return new TypedError(e.Span);
        }

        if (e.Name.IsSingle)
        {
            string name = e.Name.First.Identifier!;
            if (!char.IsAsciiLetterUpper(name[0]))
            {
                return LocalUse(new Name(name, e.Name.Span), e.Span, UseMode.Inferred);
            }
        }

        if (program.FindMember(e.Name, _aliases, module) is not { } member)
        {
            if (e.Name.IsSingle)
            {
                Diagnostics.Report(Codes.UnboundName, e.Name.Span, $"there is no constant '{e.Name}' in scope");
            }

            return new TypedError(e.Span);
        }

        if (member.Module.FindConstant(member.Member) is not { } constant)
        {
            bool known = member.Module.HasMember(member.Member);
            Diagnostics.Report(known ? Codes.UnexpectedName : Codes.UnboundMember, e.Name.Span,
                known ? $"'{e.Name}' is a function or a struct, not a value"
                    : $"the module '{member.Module.Display}' has no constant '{member.Member}'");
            return new TypedError(e.Span);
        }

        if (!ReferenceEquals(constant.Module, module))
        {
            Diagnostics.Report(Codes.Visibility, e.Span,
                $"constants are private to their module; '{constant.Name}' belongs to '{constant.Module.Display}'",
                    (constant.Span, "the constant"));
        }

        return new TypedConstant(e.Span, constant);
    }

    private Typed LocalUse(Name name, Span span, UseMode mode)
    {
        if (FindLocal(name.Text) is not { } local)
        {
            Diagnostics.Report(Codes.UnboundVariable, span, $"there is no local '{name.Text}' in scope");
            return new TypedError(span);
        }

        local.IsUsed = true;
        if (local.Type.Head is FunctionTy)
        {
            Diagnostics.Report(Codes.InvalidInline, span,
                $"the function parameter '{name.Text}' can only be called or passed on to an inline function");
            return new TypedError(span);
        }

        return new TypedUse(span, local, mode);
    }

    private Typed Vector(VectorExpr e)
    {
        Ty element;
        if (e.TypeArguments is { } written)
        {
            Ty[] given = [.. written.Select(ResolveType)];
            element = types.Adjust(given, 1, "vector", e.Span)[0];
            types.Base(element, e.Span);
            return new TypedVector(e.Span, element, [.. e.Items.Select(item =>
                Coerce(Expression(item), element, e.Span, "an item does not fit the vector", item.Span))]);
        }

        List<Typed> items = [.. e.Items.Select(Expression)];
        element = items.Count == 0 ? Fresh(e.Span) : items[0].Type;
        foreach (Typed item in items.Skip(1))
        {
            element = Join(element, item.Type, e.Span, "an item does not fit the vector");
            if (element.IsErroneous)
            {
                return new TypedError(e.Span);
            }
        }

        RequireBase(element, e.Span);
        return new TypedVector(e.Span, element, [.. items.Select(item => Weaken(item, element))]);
    }

    private Typed Tuple(TupleExpr e)
    {
        if (e.Items.Count == 0)
        {
            return new TypedTuple(e.Span, Ty.Unit, []);
        }

        List<Typed> items = [.. e.Items.Select(Expression)];
        foreach (Typed item in items)
        {
            RequireSingle(item.Type, e.Span);
        }

        return new TypedTuple(e.Span, new TupleTy([.. items.Select(i => i.Type.Head is TupleTy ? Ty.Error : i.Type)]), items);
    }

    private Typed Pack(PackExpr e)
    {
        StructTy? instance = StructInstance(e.Span, e.Name, e.TypeArguments);
        if (instance is null)
        {
            foreach ((Name, Expr Value) field in e.Fields)
            {
                Expression(field.Value);
            }

            return new TypedError(e.Span);
        }

        if (!ReferenceEquals(instance.Symbol.Module, module))
        {
            Diagnostics.Report(Codes.Visibility, e.Span,
                $"only '{instance.Symbol.Module.Display}' can make a '{instance.Symbol.Name}'", (instance.Symbol.Span, "the struct"));
        }

        if (instance.Symbol.Fields is null)
        {
            Diagnostics.Report(Codes.NativeItem, e.Span, $"the native struct '{instance.Symbol}' can't be made in Move");
            return new TypedError(e.Span);
        }

        List<(int, Typed)> fields = [];
        HashSet<int> seen = [];
        foreach ((Name name, Expr value) in e.Fields)
        {
            Typed typed = Expression(value);
            int index = FieldIndex(instance.Symbol, name.Text, e.Span);
            if (index < 0)
            {
                continue;
            }

            if (!seen.Add(index))
            {
                Diagnostics.ReportAt(Stage.Names, Codes.DuplicateItem, e.Span, $"the field '{name.Text}' is given twice");
                continue;
            }

            Ty fieldType = TypeRules.Substitute(instance.Symbol.Fields[index].Type, instance.Arguments);
            fields.Add((index, Coerce(typed, fieldType, value.Span, $"the value does not fit the field '{name.Text}'",
                instance.Symbol.Fields[index].Span)));
        }

        MissingFields(instance.Symbol, seen, e.Span);
        return new TypedPack(e.Span, instance, fields);
    }

    private Typed Binary(BinaryExpr e)
    {
        string op = e.Operator;
        switch (op)
        {
            case "&&" or "||":
            {
                Typed left = Coerce(Expression(e.Left), Ty.Bool, e.Left.Span, $"'{op}' works on bool");
                Typed right = Coerce(Expression(e.Right), Ty.Bool, e.Right.Span, $"'{op}' works on bool");
                return new TypedBinary(e.Span, Ty.Bool, left, op, right);
            }

            case "<<" or ">>":
            {
                Typed left = Expression(e.Left);
                Typed right = Expression(e.Right);
                RequireNumeric(left.Type, e.Left.Span, op);
                right = Coerce(right, Ty.U8, e.Right.Span, $"the right side of '{op}' is a u8");
                return new TypedBinary(e.Span, left.Type, left, op, right);
            }

            case "==" or "!=":
            {
                Typed left = Expression(e.Left);
                Typed right = Expression(e.Right);
                Ty joined = Join(left.Type, right.Type, e.OperatorSpan, $"'{op}' compares values of one type");
                RequireSingle(joined, e.Left.Span);
                RequireAbility(left.Type, Abilities.Drop, e.Left.Span, $"'{op}' consumes its operands; compare references to them");
                RequireAbility(right.Type, Abilities.Drop, e.Right.Span, $"'{op}' consumes its operands; compare references to them");
                return new TypedBinary(e.Span, Ty.Bool, Weaken(left, joined), op, Weaken(right, joined));
            }

            case "<" or ">" or "<=" or ">=":
            {
                Typed left = Expression(e.Left);
                Typed right = Expression(e.Right);
                RequireNumeric(left.Type, e.Left.Span, op);
                RequireNumeric(left.Type, e.Right.Span, op); // the left side decides
                Join(left.Type, right.Type, e.OperatorSpan, $"'{op}' compares integers of one type");
                return new TypedBinary(e.Span, Ty.Bool, left, op, right);
            }

            default:
            {
                Typed left = Expression(e.Left);
                Typed right = Expression(e.Right);
                RequireNumeric(left.Type, e.Left.Span, op);
                RequireNumeric(left.Type, e.Right.Span, op); // the left side decides
                Ty joined = Join(left.Type, right.Type, e.OperatorSpan, $"'{op}' takes integers of one type");
                return new TypedBinary(e.Span, joined, left, op, right);
            }
        }
    }

    // ---- references ----

    private Ty Dereferenced(Typed value, Span span, out bool isMutable)
    {
        isMutable = true;
        switch (value.Type.Head)
        {
            case ReferenceTy reference:
                isMutable = reference.IsMutable;
                return reference.Target;
            case ErrorTy or NeverTy:
                return Ty.Error;
            case VariableTy { IsNumeric: false } variable:
            {
                Ty target = Fresh(span);
                variable.Binding = new ReferenceTy(false, target);
                isMutable = false;
                return target;
            }

            default:
                Diagnostics.Report(Codes.Join, span, $"expected a reference, found '{value.Type}'");
                return Ty.Error;
        }
    }

    private Typed Borrow(BorrowExpr e)
    {
        if (e.Target is DotExpr dot)
        {
            return FieldBorrow(dot.Target, dot.Field, e.IsMutable, dot.Span, e.Span);
        }

        Typed value = Expression(e.Target);
        RequireBase(value.Type, e.Span);
        return BorrowOf(value, e.IsMutable, e.Span);
    }

    private static Typed BorrowOf(Typed value, bool isMutable, Span span)
    {
        if (value.Type.IsErroneous)
        {
            return new TypedError(span);
        }

        Ty type = new ReferenceTy(isMutable, value.Type);
        return value is TypedUse { Mode: UseMode.Inferred } use
            ? new TypedBorrowLocal(span, type, isMutable, use.Local)
            : new TypedBorrowValue(span, type, isMutable, value);
    }

    /// <param name="target">What has the field.</param>
    /// <param name="field">Its name.</param>
    /// <param name="isMutable">Whether the reference can be written through.</param>
    /// <param name="span">Target and field.</param>
    /// <param name="whole">With the '&amp;' before them, when one is written.</param>
    private Typed FieldBorrow(Expr target, Name field, bool isMutable, Span span, Span? whole = null)
    {
        Typed owner;
        if (target is DotExpr inner)
        {
            owner = FieldBorrow(inner.Target, inner.Field, isMutable, target.Span);
        }
        else
        {
            Typed value = Expression(target);
            RequireSingle(value.Type, target.Span);
            if (value.Type.Head is TupleTy)
            {
                Diagnostics.Report(Codes.ExpectedSpecificType, span, $"'{value.Type}' is not a struct, it has no field '{field.Text}'");
                return new TypedError(span);
            }

            owner = value.Type.Head is ReferenceTy or ErrorTy ? value : BorrowOf(value, isMutable, target.Span);
        }

        if (isMutable && owner.Type.Head is ReferenceTy { IsMutable: false })
        {
            Diagnostics.ReportAt(Stage.Types, Codes.ReferentialTransparency, whole ?? span,
                "a mutable reference can't be made from an immutable one", (owner.Span, "the immutable reference"));
        }

        if (owner.Type.Head is not ReferenceTy reference)
        {
            return new TypedError(span);
        }

        if (reference.Target.Head is VariableTy { IsNumeric: false } unknown)
        {
            Diagnostics.Report(Codes.CannotInfer, target.Span, "the type must be known before a field is used; add an annotation");
            unknown.Binding = Ty.Error;
            return new TypedError(span);
        }

        if (reference.Target.Head is not StructTy structType)
        {
            if (!reference.Target.IsErroneous)
            {
                Diagnostics.Report(Codes.ExpectedSpecificType, span,
                    $"'{reference.Target}' is not a struct, it has no field '{field.Text}'");
            }

            return new TypedError(span);
        }

        if (!ReferenceEquals(structType.Symbol.Module, module))
        {
            Diagnostics.Report(Codes.Visibility, span, $"the fields of '{structType.Symbol}' are private to its module",
                (structType.Symbol.Span, "the struct"));
        }

        if (structType.Symbol.Fields is null)
        {
            Diagnostics.ReportAt(Stage.Types, Codes.UnboundField, span, $"the native struct '{structType.Symbol}' has no fields");
            return new TypedError(span);
        }

        int index = FieldIndex(structType.Symbol, field.Text, span);
        if (index < 0)
        {
            return new TypedError(span);
        }

        if (isMutable && !reference.IsMutable)
        {
            return new TypedError(span); // reported above
        }

        Ty type = new ReferenceTy(isMutable, TypeRules.Substitute(structType.Symbol.Fields[index].Type, structType.Arguments));
        return new TypedBorrowField(whole ?? span, type, isMutable, owner, structType, index);
    }

    // ---- assignments ----

    private Typed Assign(AssignExpr e)
    {
        switch (e.Target)
        {
            case DerefExpr deref:
            {
                Typed value = Expression(e.Value);
                Typed target = Value(deref.Target);
                return Mutate(e.Span, target, value, deref.Target.Span, e.Value.Span);
            }

            case DotExpr dot:
            {
                Typed value = Expression(e.Value);
                Typed target = FieldBorrow(dot.Target, dot.Field, isMutable: true, dot.Span);
                return Mutate(e.Span, target, value, dot.Span, e.Value.Span);
            }
        }

        Typed assigned = Expression(e.Value);
        if (FirstInvalid(e.Target) is { } invalid)
        {
            Diagnostics.ReportAt(Stage.Parse, Codes.InvalidAssignment, invalid.Span,
                "only locals, patterns, fields and dereferences can be assigned");
            return new TypedTuple(e.Span, Ty.Unit, []);
        }

        IReadOnlyList<Expr> targets = e.Target is TupleExpr tuple ? tuple.Items : [e.Target];
        List<Place> places = Places(targets.Count, (i, t) => AssignPlace(targets[i], t), i => targets[i].Span, assigned.Type,
            e.Target.Span);
        CheckRepeated(places);
        if (HasMisfit(places, assigned.Type))
        {
            return new TypedAssign(e.Span, places, new TypedError(e.Span));
        }

        Ty placeType = places.Count == 1 ? TypeOf(places[0], assigned.Type, 0)
            : new TupleTy([.. places.Select((p, i) => TypeOf(p, assigned.Type, i))]);
        if (assigned.Type.Head is TupleTy { Items: var items } && items.Count == places.Count || places.Count == 1)
        {
            assigned = Coerce(assigned, placeType, e.Span, "the assigned value does not fit", e.Target.Span);
        }

        return new TypedAssign(e.Span, places, assigned);
    }

    /// <summary>
    /// The first part of an assignment's left side that nothing can be assigned to; such an assignment has no meaning at all.
    /// </summary>
    private static Expr? FirstInvalid(Expr target)
    {
        switch (target)
        {
            case NameExpr:
                return null;
            case TupleExpr tuple:
                return tuple.Items.Select(FirstInvalid).FirstOrDefault(static i => i is not null);
            case PackExpr pack:
                return pack.Fields.Select(static f => FirstInvalid(f.Value)).FirstOrDefault(static i => i is not null);
            default:
                return target;
        }
    }

    private void CheckRepeated(List<Place> places)
    {
        HashSet<LocalSymbol> seen = [];
        void Visit(Place place)
        {
            if (place is LocalPlace local && !seen.Add(local.Local))
            {
                Diagnostics.ReportAt(Stage.Names, Codes.DuplicateItem, local.Span,
                    $"'{local.Local.Name}' is assigned twice by one assignment");
            }
            else if (place is UnpackPlace unpack)
            {
                foreach ((int _, Place inner) in unpack.Fields)
                {
                    Visit(inner);
                }
            }
        }

        places.ForEach(Visit);
    }

    /// <summary>Reports locals whose type the assigned part does not fit.</summary>
    private bool HasMisfit(List<Place> places, Ty assigned)
    {
        bool misfit = false;
        if (places.Count > 1 && assigned.Head is not TupleTy)
        {
            return true; // reported with the pattern
        }

        if (assigned.Head is TupleTy tuple && places.Count > 1 && tuple.Items.Count != places.Count)
        {
            return true;
        }

        for (int i = 0; i < places.Count; i++)
        {
            if (places[i] is LocalPlace local && !_unifier.IsSubtype(TypeOf(new IgnorePlace(local.Span, assigned), assigned, i),
                local.Local.Type))
            {
                Diagnostics.Report(MismatchCode, local.Span,
                    $"invalid assignment to '{local.Local.Name}': expected '{local.Local.Type}', found "
                        + $"'{TypeOf(new IgnorePlace(local.Span, assigned), assigned, i)}'");
                misfit = true;
            }
        }

        return misfit;
    }

    private static Ty TypeOf(Place place, Ty assigned, int index) => place switch
    {
        LocalPlace local => local.Local.Type,
        _ => assigned.Head is TupleTy tuple && index < tuple.Items.Count ? tuple.Items[index] : assigned,
    };

    private Place AssignPlace(Expr target, Ty type)
    {
        switch (target)
        {
            case NameExpr { Name.IsSingle: true, TypeArguments: null } name when name.Name.First.Identifier == "_":
                RequireSingle(type, target.Span);
                RequireAbility(type, Abilities.Drop, target.Span, "a value can't be ignored without 'drop'");
                return new IgnorePlace(target.Span, type);
            case NameExpr name when name.TypeArguments is not null || !name.Name.IsSingle
                || (char.IsAsciiLetterUpper(name.Name.First.Identifier![0])
                    && _aliases.FindMember(name.Name.First.Identifier!) is not null):
                if (name.Name is { Second: not null, Third: null, First.Identifier: { } alias })
                {
                    _aliases.FindModule(alias);
                }

                Diagnostics.Report(Codes.SpecOnly, target.Span,
                    $"'{name.Name}' can't be assigned: it is neither a local nor a pattern with fields");
                return new IgnorePlace(target.Span, Ty.Error);
            case NameExpr name:
            {
                string text = name.Name.First.Identifier!;
                if (FindLocal(text) is not { } local)
                {
                    Diagnostics.Report(Codes.UnboundVariable, target.Span, $"there is no local '{text}' in scope; declare it with `let`");
                    return new IgnorePlace(target.Span, Ty.Error);
                }

                if (local.Type.Head is FunctionTy)
                {
                    Diagnostics.Report(Codes.InvalidInline, target.Span, "a function parameter can't be assigned");
                    return new IgnorePlace(target.Span, Ty.Error);
                }

                if (type.IsErroneous && local.Type.Head is VariableTy unknown)
                {
                    unknown.Binding = Ty.Error;
                }

                RequireSingle(type, target.Span);
                local.IsUsed = true; // an assignment that nobody reads gets its own warning
                return new LocalPlace(target.Span, local, false);
            }

            case PackExpr pack:
                return Unpack(pack.Span, pack.Name, pack.TypeArguments, type, pack.Fields.Count, i => pack.Fields[i].Field, (i, t) =>
                {
                    Place place = AssignPlace(pack.Fields[i].Value, t);
                    if (place is LocalPlace local && !_unifier.IsSubtype(t, local.Local.Type))
                    {
                        Diagnostics.Report(MismatchCode, local.Span,
                            $"the field does not fit the local: expected '{local.Local.Type}', found '{t}'");
                    }

                    return place;
                });
            default:
                return new IgnorePlace(target.Span, Ty.Error);
        }
    }

    private Typed Mutate(Span span, Typed target, Typed value, Span targetSpan, Span valueSpan)
    {
        Ty inner = Dereferenced(target, targetSpan, out bool isMutable);
        if (!isMutable && !inner.IsErroneous)
        {
            Diagnostics.Report(Codes.Subtype, targetSpan, $"writing needs a mutable reference, found '{target.Type}'");
        }

        RequireAbility(inner, Abilities.Drop, targetSpan, "writing destroys the old value");
        value = Coerce(value, inner, targetSpan, "the written value does not fit", valueSpan);
        return new TypedMutate(span, target, value);
    }
}
