using Theseus.Move.Compiler.Symbols;
using Theseus.Move.Compiler.Syntax;
using Theseus.Move.Compiler.Types;
using Theseus.Move.Format;

namespace Theseus.Move.Compiler.Typing;

internal sealed partial class BodyTyper
{
    private Typed Call(CallExpr e)
    {
        if (e.Name.IsSingle)
        {
            string name = e.Name.First.Identifier!;
            if (e.IsMacro)
            {
                return Assert(e, name);
            }

            if (FindLocal(name) is { } local)
            {
                local.IsUsed = true;
                if (local.Type.Head is FunctionTy type)
                {
                    return LambdaCall(e, local, type);
                }

                if (_aliases.FindMember(name) is null)
                {
                    Diagnostics.Report(Codes.UnboundName, e.Name.Span, $"the local '{name}' is not a function");
                    return new TypedError(e.Span);
                }
            }

            if (BuiltinOf(name) is { } builtin)
            {
                return BuiltinCall(e, builtin);
            }
        }
        else if (e.IsMacro)
        {
            Diagnostics.Report(Codes.UnboundName, e.Name.Span, $"there is no macro '{e.Name}'; the only one is assert!");
            return new TypedError(e.Span);
        }

        if (IsTypeParameter(e.Name) || program.FindMember(e.Name, _aliases, module) is not { } member)
        {
            if (e.Name.IsSingle)
            {
                Diagnostics.Report(Codes.UnboundName, e.Name.Span, $"there is no function '{e.Name}' in scope");
            }

            TypeAll(e.Arguments);
            return new TypedError(e.Span);
        }

        if (member.Module.FindFunction(member.Member) is not { } target)
        {
            bool known = member.Module.HasMember(member.Member);
            Diagnostics.Report(known ? Codes.UnexpectedName : Codes.UnboundMember, e.Name.Span,
                known ? $"'{e.Name}' is not a function" : $"the module '{member.Module.Display}' has no function '{member.Member}'");
            TypeAll(e.Arguments);
            return new TypedError(e.Span);
        }

        CheckVisible(target, e.Span);
        Ty[] typeArguments = TypeArguments(target.TypeParameters, e.TypeArguments, target.ToString(), e.Span);
        List<Typed> arguments = Arguments(e, target.ToString(), target.Parameters.Count,
            i => TypeRules.Substitute(target.Parameters[i].Type, typeArguments), i => target.Parameters[i]);
        Ty result = TypeRules.Substitute(target.Return, typeArguments);
        return new TypedCall(e.Span, result, target, typeArguments, arguments);
    }

    private void TypeAll(IReadOnlyList<Expr> arguments)
    {
        foreach (Expr argument in arguments)
        {
            if (argument is not LambdaExpr)
            {
                Expression(argument);
            }
        }
    }

    private void CheckVisible(FunctionSymbol target, Span span)
    {
        ModuleSymbol owner = target.Module;
        if (ReferenceEquals(owner, module) || target.Visibility == Visibility.Public)
        {
            return;
        }

        if (target.Visibility == Visibility.Friend)
        {
            if (!module.IsScript && owner.Friends.Exists(f => f.Id == module.Id))
            {
                return;
            }

            Diagnostics.Report(Codes.Visibility, span, $"'{target}' is public(friend): only friends of '{owner.Display}' can call it",
                (target.Span, "the function"));
            return;
        }

        Diagnostics.Report(Codes.Visibility, span, $"'{target}' is private to its module; it would have to be public",
            (target.Span, "the function"));
    }

    private List<Typed> Arguments(CallExpr e, string owner, int expected, Func<int, Ty> typeOf, Func<int, ParameterSymbol>? parameter)
    {
        Typed?[] arguments = new Typed?[e.Arguments.Count];
        // lambdas last: the other arguments tell the types of their parameters
        for (int i = 0; i < arguments.Length; i++)
        {
            if (e.Arguments[i] is not LambdaExpr && !IsFunctionArgument(i, expected, typeOf))
            {
                arguments[i] = Expression(e.Arguments[i]);
            }
        }

        if (arguments.Length != expected)
        {
            Diagnostics.Report(arguments.Length < expected ? Codes.TooFewArguments : Codes.TooManyArguments, e.Span,
                $"'{owner}' takes {expected} argument(s), {arguments.Length} given");
        }

        for (int i = arguments.Length; i < expected; i++)
        {
            Forget(typeOf(i)); // what a missing argument would have told is not missed too
        }

        List<Typed> result = [];
        for (int i = 0; i < arguments.Length && i < expected; i++)
        {
            Ty type = typeOf(i);
            if (arguments[i] is { } value)
            {
                string name = parameter is null ? $"argument {i + 1}" : $"argument '{parameter(i).Name}'";
                arguments[i] = Coerce(value, type, e.Span, $"invalid {name} of '{owner}'", parameter?.Invoke(i).Span ?? default);
            }
        }

        for (int i = 0; i < arguments.Length && i < expected; i++)
        {
            result.Add(arguments[i] ?? FunctionArgument(e.Arguments[i], typeOf(i)));
        }

        return result;
    }

    /// <summary>Unknowns in a type become errors that were reported.</summary>
    private static void Forget(Ty type)
    {
        switch (type.Head)
        {
            case VariableTy open:
                open.Binding = Ty.Error;
                break;
            case VectorTy v:
                Forget(v.Element);
                break;
            case ReferenceTy r:
                Forget(r.Target);
                break;
            case StructTy s:
                foreach (Ty argument in s.Arguments)
                {
                    Forget(argument);
                }

                break;
        }
    }

    private static bool IsFunctionArgument(int index, int expected, Func<int, Ty> typeOf) => index < expected && typeOf(index)
        .Head is FunctionTy;

    private Typed FunctionArgument(Expr argument, Ty expected)
    {
        if (expected.Head is not FunctionTy type)
        {
            return Expression(argument); // reports the lambda
        }

        if (argument is NameExpr { Name.IsSingle: true } name && FindLocal(name.Name.First.Identifier!) is { } local
            && local.Type.Head is FunctionTy)
        {
            local.IsUsed = true;
            if (_unifier.Join(local.Type, type) is null)
            {
                Diagnostics.Report(MismatchCode, argument.Span, $"expected '{type}', found '{local.Type}'");
            }

            return new TypedUse(argument.Span, local, UseMode.Copy);
        }

        if (argument is not LambdaExpr lambda)
        {
            Diagnostics.Report(Codes.InvalidInline, argument.Span, "a lambda is expected here, as in |x| x + 1");
            return new TypedError(argument.Span);
        }

        if (lambda.Parameters.Items.Count != type.Parameters.Count)
        {
            Diagnostics.Report(lambda.Parameters.Items.Count < type.Parameters.Count ? Codes.TooFewArguments : Codes.TooManyArguments,
                lambda.Parameters.Span,
                $"the lambda takes {lambda.Parameters.Items.Count} parameter(s), '{type}' is expected");
            return new TypedError(argument.Span);
        }

        Push();
        List<(string, Span)> bound = [];
        List<Place> parameters = [];
        for (int i = 0; i < type.Parameters.Count; i++)
        {
            parameters.Add(Bind(lambda.Parameters.Items[i], type.Parameters[i], bound));
        }

        _lambdas++;
        List<bool> loops = [.. _loops];
        _loops.Clear();
        Typed body = Coerce(Expression(lambda.Body), type.Result, lambda.Body.Span, "the lambda's value does not fit");
        _loops.AddRange(loops);
        _lambdas--;
        Pop();
        return new TypedLambda(lambda.Span, type, parameters, body);
    }

    private Typed LambdaCall(CallExpr e, LocalSymbol local, FunctionTy type)
    {
        List<Typed> arguments = Arguments(e, local.Name, type.Parameters.Count, i => type.Parameters[i], null);
        return new TypedLambdaCall(e.Span, type.Result, local, arguments);
    }

    private static Builtin? BuiltinOf(string name) => name switch
    {
        "move_to" => Builtin.MoveTo,
        "move_from" => Builtin.MoveFrom,
        "borrow_global" => Builtin.BorrowGlobal,
        "borrow_global_mut" => Builtin.BorrowGlobalMut,
        "exists" => Builtin.Exists,
        "freeze" => Builtin.Freeze,
        "assert" => Builtin.Assert,
        _ => null,
    };

    private Typed Assert(CallExpr e, string name)
    {
        if (name != "assert")
        {
            Diagnostics.Report(Codes.UnboundName, e.Name.Span, $"there is no macro '{name}!'; the only one is assert!");
            return new TypedError(e.Span);
        }

        if (e.TypeArguments is { Count: > 0 })
        {
            Diagnostics.Report(Codes.TooManyTypeArguments, e.Span, "assert! takes no type arguments");
        }

        List<Typed> arguments = Arguments(e, "assert!", 2, static i => i == 0 ? Ty.Bool : Ty.U64, null);
        int index = module.Asserts.Count;
        module.Asserts.Add((e.Span, function));
        bool dropped = program.Options.DropAssert is { } drop && drop.Module == module.Id && drop.Index == index;
        return arguments.Count < 2 ? new TypedError(e.Span) : new TypedBuiltin(e.Span, Ty.Unit, dropped ? Builtin.DroppedAssert
            : Builtin.Assert, null, arguments);
    }

    /// <summary>The old function form evaluates its code even when the condition holds.</summary>
    private static Typed EagerAssert(Typed macro)
    {
        if (macro is not TypedBuiltin { Builtin: Builtin.Assert } assert)
        {
            return macro;
        }

        LocalSymbol condition = new("%condition", Ty.Bool, macro.Span) { IsUsed = true, IsTemporary = true };
        LocalSymbol code = new("%code", Ty.U64, macro.Span) { IsUsed = true, IsTemporary = true };
        return new TypedBlock(
            macro.Span,
            Ty.Unit,
            [
                new TypedLet(macro.Span, [new LocalPlace(macro.Span, condition, true)], assert.Arguments[0]),
                new TypedLet(macro.Span, [new LocalPlace(macro.Span, code, true)], assert.Arguments[1]),
            ],
            new TypedBuiltin(macro.Span, Ty.Unit, Builtin.Assert, null,
                [new TypedUse(macro.Span, condition, UseMode.Inferred), new TypedUse(macro.Span, code, UseMode.Inferred)]));
    }

    private Typed BuiltinCall(CallExpr e, Builtin builtin)
    {
        string name = e.Name.First.Identifier!;
        if (builtin == Builtin.Assert)
        {
            Diagnostics.Report(Codes.Deprecated, e.Name.Span, "assert is a macro: write assert!(condition, code)");
            return EagerAssert(Assert(e, name));
        }

        Ty type;
        if (e.TypeArguments is { } written)
        {
            Ty[] given = [.. written.Select(ResolveType)];
            type = types.Base(types.Adjust(given, 1, name, e.Span)[0], e.Span);
        }
        else
        {
            type = Fresh(e.Span);
            RequireBase(type, e.Span);
        }

        Ty[] parameters = builtin switch
        {
            Builtin.MoveTo => [new ReferenceTy(false, Ty.Signer), type],
            Builtin.Freeze => [new ReferenceTy(true, type)],
            _ => [Ty.Address],
        };
        List<Typed> arguments = Arguments(e, name, parameters.Length, i => parameters[i], null);
        Ty result = builtin switch
        {
            Builtin.MoveTo => Ty.Unit,
            Builtin.MoveFrom => type,
            Builtin.BorrowGlobal => new ReferenceTy(false, type),
            Builtin.BorrowGlobalMut => new ReferenceTy(true, type),
            Builtin.Exists => Ty.Bool,
            _ => new ReferenceTy(false, type),
        };
        if (builtin != Builtin.Freeze)
        {
            RequireGlobal(type, e, name);
        }

        return arguments.Count < parameters.Length ? new TypedError(e.Span) : new TypedBuiltin(e.Span, result, builtin, type, arguments);
    }

    private void RequireGlobal(Ty type, CallExpr e, string name)
    {
        _constraints.Add(() =>
        {
            switch (type.Head)
            {
                case not (ErrorTy or NeverTy) when (TypeRules.AbilitiesOf(type) & Abilities.Key) == Abilities.None:
                    Diagnostics.Report(Codes.Ability, e.Span, $"'{name}' works on resources: the type '{type}' lacks 'key'");
                    break;
                case StructTy s when !ReferenceEquals(s.Symbol.Module, module):
                    Diagnostics.Report(Codes.Visibility, e.Span,
                        $"'{name}' works on structs of the own module; '{s.Symbol}' is declared elsewhere", (s.Symbol.Span, "the struct"));
                    break;
                case StructTy or ErrorTy or NeverTy:
                case ParameterTy when function is { IsInline: true }: // known where it is expanded, and judged there
                    break;
                default:
                    Diagnostics.Report(Codes.ExpectedSpecificType, e.Span, $"'{name}' works on structs of the own module, not on '{type}'");
                    break;
            }
        });
    }
}
