using Theseus.Move.Compiler.Symbols;
using Theseus.Move.Compiler.Syntax;
using Theseus.Move.Compiler.Types;
using Theseus.Move.Format;

namespace Theseus.Move.Compiler.Typing;

/// <summary>Names and types of one body: syntax in, typed tree out. Errors become <see cref="TypedError"/> and are reported once.</summary>
internal sealed partial class BodyTyper(Program program, TypeResolver types, Collector collector, ModuleSymbol module,
    FunctionSymbol? function)
{
    private readonly Unifier _unifier = new();
    private readonly List<VariableTy> _variables = [];
    private readonly List<Action> _constraints = [];
    private readonly List<Dictionary<string, LocalSymbol>> _scopes = [];
    private readonly List<LocalSymbol> _declared = [];
    private readonly List<bool> _loops = []; // whether a break was seen
    private AliasScope _aliases = module.Scope;
    private int _lambdas;
    private Ty _returnType = function?.Return ?? Ty.Error;

    private DiagnosticBag Diagnostics => program.Diagnostics;

    private IReadOnlyList<TypeParameterSymbol> TypeParameters => function?.TypeParameters ?? [];

    private TypeScope TypeScope => new(module, _aliases, TypeParameters);

    /// <summary>Types the function's body.</summary>
    public TypedBody Function(FunctionSyntax syntax)
    {
        Push();
        List<LocalSymbol> parameters = [];
        foreach (ParameterSymbol parameter in function!.Parameters)
        {
            LocalSymbol local = new(parameter.Name, parameter.Type, parameter.Span) { IsParameter = true };
            parameters.Add(local);
            CheckLocalName(parameter.Name, parameter.Span);
            if (parameter.Name != "_" && !_scopes[^1].TryAdd(parameter.Name, local))
            {
                Diagnostics.Report(Codes.DuplicateItem, parameter.Span, $"the parameter '{parameter.Name}' is declared twice",
                    (_scopes[^1][parameter.Name].Span, "the first one"));
            }

            _declared.Add(local);
        }

        TypedBlock body = Sequence(syntax.Body!);
        Typed root = Coerce(body, function.Return, BodyEnd(syntax.Body!), "the body's value does not fit the function's result type",
            syntax.Return.Span);
        Pop();
        Solve();
        WarnUnused();
        return new TypedBody(parameters, root, new Span(syntax.Span.File, Math.Max(syntax.Span.End - 1, 0), syntax.Span.End));
    }

    private static Span BodyEnd(SequenceSyntax body) => body.Last?.Span ?? body.Span;

    /// <summary>Types the initialiser of a constant.</summary>
    public Typed Constant(ConstantSymbol constant)
    {
        Push();
        _returnType = constant.Type;
        Typed value = Expression(constant.Syntax!.Value);
        Typed fitting = Coerce(value, constant.Type, constant.Syntax.Type.Span, "the value does not fit the constant's type",
            constant.Syntax.Value.Span);
        Pop();
        Solve();
        return fitting is TypedError ? value : fitting;
    }

    // ---- scopes ----

    private void Push() => _scopes.Add([]);

    private void Pop() => _scopes.RemoveAt(_scopes.Count - 1);

    private LocalSymbol? FindLocal(string name)
    {
        for (int i = _scopes.Count - 1; i >= 0; i--)
        {
            if (_scopes[i].TryGetValue(name, out LocalSymbol? local))
            {
                return local;
            }
        }

        return null;
    }

    private void CheckLocalName(string name, Span span)
    {
        if (!name.StartsWith('_') && !char.IsAsciiLetterLower(name[0]))
        {
            Diagnostics.Report(Codes.InvalidName, span, $"invalid local name '{name}': locals start with a small letter or '_'");
        }
        else if (name is "vector")
        {
            Diagnostics.ReportAt(Stage.Names, Codes.ReservedName, span, $"'{name}' is reserved and can't name a local");
        }
    }

    private LocalSymbol Declare(string name, Ty type, Span span)
    {
        CheckLocalName(name, span);
        LocalSymbol local = new(name, type, span);
        _scopes[^1][name] = local;
        _declared.Add(local);
        return local;
    }

    private void WarnUnused()
    {
        foreach (LocalSymbol local in _declared)
        {
            // what was given a value and is never read gets its own warning, where the flow of values is known
            bool isSeenByFlow = local.IsAssigned && function is { IsInline: false };
            if (!local.IsUsed && !isSeenByFlow && !local.Name.StartsWith('_') && function is { IsNative: false })
            {
                Diagnostics.ReportAt(Stage.Flow, Codes.UnusedVariable, local.Span,
                    $"'{local.Name}' is never used; remove it, or start its name with '_'");
            }
        }
    }

    // ---- inference ----

    private VariableTy Fresh(Span span, bool numeric = false)
    {
        VariableTy variable = new(span, numeric);
        _variables.Add(variable);
        return variable;
    }

    /// <summary>Gives unknown integers their default, then checks what had to wait for the types to be known.</summary>
    private void Solve()
    {
        foreach (VariableTy variable in _variables)
        {
            if (variable.Head is VariableTy { IsNumeric: true } number)
            {
                number.Binding = Ty.U64;
            }
        }

        // all unknowns that became one are reported at their own places
        foreach (VariableTy variable in _variables.FindAll(static v => v.Head is VariableTy))
        {
            Diagnostics.Report(Codes.CannotInfer, variable.Span, "the type can't be inferred here; add a type argument or an annotation");
        }

        foreach (VariableTy variable in _variables)
        {
            if (variable.Head is VariableTy open)
            {
                open.Binding = Ty.Error;
            }
            else if (!TypeRules.IsBounded(variable))
            {
                Diagnostics.Report(Codes.LimitExceeded, variable.Span,
                    $"the type has more than {TypeRules.MaximumNodes} nodes or {TypeRules.MaximumDepth} levels");
                variable.Binding = Ty.Error;
            }
        }

        foreach (Action constraint in _constraints)
        {
            constraint();
        }
    }

    private void RequireAbility(Ty type, Abilities abilities, Span span, string what, Span note = default)
    {
        _constraints.Add(() =>
        {
            Abilities missing = abilities & ~TypeRules.AbilitiesOf(type);
            foreach (Abilities one in TypeRules.Each(missing))
            {
                Diagnostics.Report(Codes.Ability, span, $"{what}: the type '{type}' lacks {TypeRules.Text(one)}",
                    (note == default ? Span.None : note, "required by this"));
            }
        });
    }

    private void RequireNumeric(Ty type, Span span, string op)
    {
        _constraints.Add(() =>
        {
            if (type.Head is not (PrimitiveTy { IsInteger: true } or ErrorTy or NeverTy))
            {
                Diagnostics.Report(Codes.BuiltinOperation, span, $"'{op}' works on integers, not on '{type}'");
            }
        });
    }

    private void RequireSingle(Ty type, Span span)
    {
        if (type.Head is TupleTy)
        {
            Diagnostics.Report(Codes.ExpectedSingleType, span, $"expected a single type, found '{type}'");
            return;
        }

        if (type.Head is VariableTy)
        {
            _constraints.Add(() =>
            {
                if (type.Head is TupleTy)
                {
                    Diagnostics.Report(Codes.ExpectedSingleType, span, $"expected a single type, found '{type}'");
                }
            });
        }
    }

    private void RequireBase(Ty type, Span span)
    {
        _constraints.Add(() =>
        {
            if (type.Head is TupleTy or ReferenceTy or FunctionTy)
            {
                Diagnostics.Report(Codes.ExpectedBaseType, span, $"expected a single non-reference type, found '{type}'");
            }
        });
    }

    private string MismatchCode => _unifier.Failure switch
    {
        Mismatch.Mutability => Codes.Subtype,
        Mismatch.Infinite => Codes.RecursiveType,
        _ => Codes.Join,
    };

    /// <summary>Checks that a value fits and marks where its references freeze.</summary>
    private Typed Coerce(Typed value, Ty expected, Span span, string what, Span note = default)
    {
        if (!_unifier.IsSubtype(value.Type, expected))
        {
            Diagnostics.Report(MismatchCode, span, $"{what}: expected '{expected}', found '{value.Type}'",
                (note == default ? Span.None : note, $"the expected type: '{expected}'"));
            return new TypedError(value.Span);
        }

        return value.Type.Head is PrimitiveTy or StructTy or VectorTy or NeverTy or ErrorTy || value.Type.IsUnit ? value
            : new TypedCoercion(value.Span, expected, value);
    }

    private Ty Join(Ty left, Ty right, Span span, string what)
    {
        if (_unifier.Join(left, right) is { } joined)
        {
            return joined;
        }

        Diagnostics.Report(MismatchCode, span, $"{what}: '{left}' and '{right}' are not compatible");
        return Ty.Error;
    }

    private Ty ResolveType(TypeSyntax syntax) => types.Resolve(syntax, TypeScope, checkNow: true);

    // ---- sequences ----

    private TypedBlock Sequence(SequenceSyntax sequence)
    {
        AliasScope outer = _aliases;
        if (sequence.Uses.Count > 0)
        {
            _aliases = collector.BlockScope(sequence.Uses, outer, module);
        }

        Push();
        List<TypedItem> items = [];
        foreach (ItemSyntax item in sequence.Items)
        {
            if (item is ExprItem { Value: SpecExpr })
            {
                if (function is null)
                {
                    Diagnostics.ReportAt(Stage.Types, Codes.ConstantStatement, item.Span, "a spec block can't stand in a constant");
                }

                continue;
            }

            items.Add(item is LetItem let ? Let(let) : Discard((ExprItem)item));
        }

        Span end = sequence.TrailingSemicolon ?? new Span(sequence.Span.File, Math.Max(sequence.Span.End - 1, sequence.Span.Start),
            sequence.Span.End);
        Typed last = sequence.Last is null ? new TypedTuple(sequence.Items.Count == 0 ? sequence.Span : end, Ty.Unit, [])
            : Expression(sequence.Last);
        Pop();
        if (!ReferenceEquals(_aliases, outer))
        {
            collector.WarnUnused(_aliases);
            _aliases = outer;
        }

        return new TypedBlock(sequence.Span, last.Type, items, last) { TrailingSemicolon = sequence.TrailingSemicolon };
    }

    private TypedExpressionItem Discard(ExprItem item)
    {
        Typed value = Expression(item.Value);
        RequireAbility(value.Type, Abilities.Drop, item.Value.Span, "a value can't be ignored without 'drop'");
        return new TypedExpressionItem(item.Span, value);
    }

    private TypedLet Let(LetItem let)
    {
        if (let.Value is null)
        {
            Ty? annotated = let.Type is null ? null : ResolveType(let.Type);
            List<Place> declared = Places(let.Binds, annotated);
            return new TypedLet(let.Span, declared, null);
        }

        Typed value = Expression(let.Value);
        Ty type = value.Type;
        if (let.Type is not null)
        {
            Ty annotated = ResolveType(let.Type);
            value = Coerce(value, annotated, let.Type.Span, "the value does not fit the annotation", let.Value.Span);
            type = annotated;
        }

        int first = _declared.Count;
        List<Place> places = Places(let.Binds, type);
        _declared.Skip(first).ToList().ForEach(static l => l.IsAssigned = true);
        return new TypedLet(let.Span, places, value);
    }

    // ---- places ----

    private List<Place> Places(BindList binds, Ty? type)
    {
        List<(string, Span)> bound = [];
        return Places(binds.Items.Count, (i, t) => Bind(binds.Items[i], t, bound), i => binds.Items[i].Span, type, binds.Span);
    }

    private List<Place> Places(int count, Func<int, Ty, Place> place, Func<int, Span> spanOf, Ty? type, Span span)
    {
        List<Place> places = [];
        if (type?.Head is VariableTy or null && count != 1)
        {
            Ty[] fresh = new Ty[count];
            for (int i = 0; i < count; i++)
            {
                fresh[i] = Fresh(spanOf(i));
            }

            if (type is not null)
            {
                Join(type, new TupleTy(fresh), span, "invalid value for these bindings");
            }

            for (int i = 0; i < count; i++)
            {
                places.Add(place(i, fresh[i]));
            }

            return places;
        }

        if (count == 1)
        {
            Ty single = type ?? Fresh(spanOf(0));
            places.Add(place(0, single));
            return places;
        }

        Ty head = type!.Head;
        bool fits = head is TupleTy tuple && tuple.Items.Count == count;
        if (!fits && head is not (ErrorTy or NeverTy))
        {
            Diagnostics.Report(Codes.Join, span, $"{count} bindings can't take a value of type '{type}'");
        }

        for (int i = 0; i < count; i++)
        {
            places.Add(place(i, fits ? ((TupleTy)head).Items[i] : head is NeverTy ? Fresh(spanOf(i)) : Ty.Error));
        }

        return places;
    }

    private Place Bind(BindSyntax bind, Ty type, List<(string Name, Span Span)> bound)
    {
        if (bind is VariableBind variable)
        {
            RequireSingle(type, bind.Span);
            if (variable.Name == "_")
            {
                RequireAbility(type, Abilities.Drop, bind.Span, "a value can't be ignored without 'drop'");
                return new IgnorePlace(bind.Span, type);
            }

            int previous = bound.FindIndex(b => b.Name == variable.Name);
            if (previous >= 0)
            {
                Diagnostics.ReportAt(Stage.Names, Codes.DuplicateItem, bind.Span, $"'{variable.Name}' is bound twice in one pattern",
                    (bound[previous].Span, "the first one"));
                Diagnostics.ReportAt(Stage.Flow, Codes.UnusedVariable, bound[^1].Span,
                    $"'{variable.Name}' is never used: another binding of the pattern takes its name");
            }

            bound.Add((variable.Name, bind.Span));
            Ty localType = type.Head is NeverTy ? Fresh(bind.Span) : type;
            return new LocalPlace(bind.Span, Declare(variable.Name, localType, bind.Span), true);
        }

        UnpackBind unpack = (UnpackBind)bind;
        return Unpack(unpack.Span, unpack.Struct, unpack.TypeArguments, type,
            unpack.Fields.Count, i => unpack.Fields[i].Field, (i, t) => Bind(unpack.Fields[i].Bind, t, bound));
    }

    private Place Unpack(Span span, AccessChain name, IReadOnlyList<TypeSyntax>? typeArguments, Ty type, int count, Func<int,
        Name> field, Func<int, Ty, Place> place)
    {
        if (StructInstance(span, name, typeArguments) is not { } instance)
        {
            for (int i = 0; i < count; i++)
            {
                place(i, Ty.Error);
            }

            return new IgnorePlace(span, Ty.Error);
        }

        bool? mutable = null;
        Ty target = type.Head;
        if (target is ReferenceTy reference)
        {
            mutable = reference.IsMutable;
            target = reference.Target;
        }

        if (_unifier.Join(target, instance) is null)
        {
            Diagnostics.Report(MismatchCode, span, $"the pattern is of type '{instance}', the value of type '{target}'");
        }

        if (!ReferenceEquals(instance.Symbol.Module, module))
        {
            Diagnostics.Report(Codes.Visibility, span,
                $"only '{instance.Symbol.Module.Display}' can take '{instance.Symbol.Name}' apart", (instance.Symbol.Span, "the struct"));
        }

        if (instance.Symbol.Fields is null)
        {
            Diagnostics.Report(Codes.NativeItem, span, $"the native struct '{instance.Symbol}' can't be taken apart");
            return new IgnorePlace(span, Ty.Error);
        }

        List<(int, Place)> fields = [];
        HashSet<int> seen = [];
        for (int i = 0; i < count; i++)
        {
            Name fieldName = field(i);
            int index = FieldIndex(instance.Symbol, fieldName.Text, span);
            Ty fieldType = index < 0 ? Ty.Error : TypeRules.Substitute(instance.Symbol.Fields[index].Type, instance.Arguments);
            if (index >= 0 && !seen.Add(index))
            {
                Diagnostics.ReportAt(Stage.Names, Codes.DuplicateItem, span, $"the field '{fieldName.Text}' is given twice");
                continue;
            }

            Place inner = place(i, mutable is { } m && index >= 0 ? new ReferenceTy(m, fieldType) : fieldType);
            if (index >= 0)
            {
                fields.Add((index, inner));
            }
        }

        MissingFields(instance.Symbol, seen, span);
        return new UnpackPlace(span, instance, mutable, fields);
    }

    private void MissingFields(StructSymbol symbol, HashSet<int> seen, Span span)
    {
        List<string> missing = [];
        for (int i = 0; i < symbol.Fields!.Count; i++)
        {
            if (!seen.Contains(i))
            {
                missing.Add("'" + symbol.Fields[i].Name + "'");
            }
        }

        if (missing.Count > 0)
        {
            Diagnostics.Report(Codes.TooFewArguments, span, $"missing field(s) of '{symbol}': {string.Join(", ", missing)}");
        }
    }

    private int FieldIndex(StructSymbol symbol, string field, Span span)
    {
        for (int i = 0; i < symbol.Fields!.Count; i++)
        {
            if (symbol.Fields[i].Name == field)
            {
                return i;
            }
        }

        Diagnostics.ReportAt(Stage.Types, Codes.UnboundField, span, $"'{symbol}' has no field '{field}'", (symbol.Span, "the struct"));
        return -1;
    }

    /// <summary>The struct type that a pack or a pattern names, with unknowns for type arguments that are not written.</summary>
    private StructTy? StructInstance(Span span, AccessChain name, IReadOnlyList<TypeSyntax>? typeArguments)
    {
        if (IsTypeParameter(name))
        {
            Diagnostics.Report(Codes.UnexpectedName, name.Span, $"'{name}' is a type parameter, not a struct");
            return null;
        }

        if (program.FindMember(name, _aliases, module) is not { } member)
        {
            if (name.IsSingle)
            {
                Diagnostics.Report(Codes.UnboundType, name.Span, $"there is no struct '{name}' in scope");
            }

            return null;
        }

        if (member.Module.FindStruct(member.Member) is not { } symbol)
        {
            bool known = member.Module.HasMember(member.Member);
            Diagnostics.Report(known ? Codes.UnexpectedName : Codes.UnboundMember, name.Span, known ? $"'{name}' is not a struct"
                : $"the module '{member.Module.Display}' has no struct '{member.Member}'");
            return null;
        }

        return new StructTy(symbol, TypeArguments(symbol.TypeParameters, typeArguments, symbol.ToString(), span));
    }

    /// <summary>A type parameter hides the aliases of its module, not those of blocks inside the function.</summary>
    private bool IsTypeParameter(AccessChain name) =>
        name.IsSingle && TypeParameters.Any(p => p.Name == name.First.Identifier)
            && !_aliases.HasMemberWithin(name.First.Identifier!, module.Scope);

    private Ty[] TypeArguments(IReadOnlyList<TypeParameterSymbol> parameters, IReadOnlyList<TypeSyntax>? written, string owner, Span span)
    {
        Ty[] arguments = new Ty[parameters.Count];
        if (written is not null)
        {
            Ty[] given = new Ty[written.Count];
            for (int i = 0; i < given.Length; i++)
            {
                given[i] = ResolveType(written[i]);
                types.Base(given[i], span);
            }

            arguments = types.Adjust(given, parameters.Count, owner, span);
        }
        else
        {
            for (int i = 0; i < arguments.Length; i++)
            {
                arguments[i] = Fresh(span);
            }
        }

        for (int i = 0; i < arguments.Length; i++)
        {
            Ty argument = arguments[i];
            if (written is null)
            {
                RequireBase(argument, span);
            }

            if (parameters[i].Constraints != Abilities.None)
            {
                RequireAbility(argument, parameters[i].Constraints, span, $"'{owner}' can't be used with these type arguments",
                    parameters[i].Span);
            }
        }

        return arguments;
    }
}
