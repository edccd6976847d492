using Theseus.Move.Compiler.Syntax;
using Theseus.Move.Compiler.Types;
using Theseus.Move.Format;

namespace Theseus.Move.Compiler.Symbols;

/// <summary>Names in scope where a type is written.</summary>
internal sealed record TypeScope(ModuleSymbol Module, AliasScope Aliases, IReadOnlyList<TypeParameterSymbol> TypeParameters);

/// <summary>Written types to types.</summary>
internal sealed class TypeResolver(Program program)
{
    private readonly List<(Ty Type, Span Span)> _written = [];

    private DiagnosticBag Diagnostics => program.Diagnostics;

    public Ty Resolve(TypeSyntax syntax, TypeScope scope, bool checkNow = false)
    {
        Ty type = Inner(syntax, scope);
        if (checkNow)
        {
            CheckArguments(type, syntax.Span);
        }
        else
        {
            _written.Add((type, syntax.Span));
        }

        return type;
    }

    /// <summary>Checks the ability constraints of all types resolved so far, once every struct is known.</summary>
    public void CheckWritten()
    {
        foreach ((Ty type, Span span) in _written)
        {
            CheckArguments(type, span);
        }

        _written.Clear();
    }

    private Ty Inner(TypeSyntax syntax, TypeScope scope)
    {
        switch (syntax)
        {
            case TupleTypeSyntax tuple:
            {
                Ty[] items = new Ty[tuple.Items.Count];
                for (int i = 0; i < items.Length; i++)
                {
                    items[i] = Single(Inner(tuple.Items[i], scope), tuple.Items[i].Span);
                }

                return items.Length == 0 ? Ty.Unit : new TupleTy(items);
            }

            case ReferenceTypeSyntax reference:
                return new ReferenceTy(reference.IsMutable, Base(Inner(reference.Target, scope), reference.Span));
            case FunctionTypeSyntax function:
            {
                Ty[] parameters = new Ty[function.Parameters.Count];
                for (int i = 0; i < parameters.Length; i++)
                {
                    parameters[i] = Single(Inner(function.Parameters[i], scope), function.Parameters[i].Span);
                }

                return new FunctionTy(parameters, Inner(function.Result, scope));
            }

            default:
                return Named((NamedType)syntax, scope);
        }
    }

    private Ty Single(Ty type, Span span)
    {
        if (type is TupleTy)
        {
            Diagnostics.Report(Codes.ExpectedSingleType, span, $"expected a single type, found the tuple '{type}'");
            return Ty.Error;
        }

        return type;
    }

    public Ty Base(Ty type, Span span)
    {
        if (type is TupleTy or ReferenceTy or FunctionTy)
        {
            Diagnostics.Report(Codes.ExpectedBaseType, span, $"expected a single non-reference type, found '{type}'");
            return Ty.Error;
        }

        return type;
    }

    private Ty[] Arguments(IReadOnlyList<TypeSyntax> arguments, TypeScope scope, Span span)
    {
        Ty[] result = new Ty[arguments.Count];
        for (int i = 0; i < result.Length; i++)
        {
            result[i] = Base(Inner(arguments[i], scope), span);
        }

        return result;
    }

    private Ty Named(NamedType syntax, TypeScope scope)
    {
        AccessChain chain = syntax.Name;
        if (chain.IsSingle)
        {
            string name = chain.First.Identifier!;
            foreach (TypeParameterSymbol parameter in scope.TypeParameters)
            {
                if (parameter.Name == name)
                {
                    if (syntax.Arguments.Count > 0)
                    {
                        Diagnostics.Report(Codes.UnexpectedName, syntax.Span, $"the type parameter '{name}' takes no type arguments");
                    }

                    return new ParameterTy(parameter);
                }
            }

            if (Ty.Primitive(name) is { } primitive)
            {
                Count(syntax.Arguments.Count, 0, name, syntax.Span);
                return primitive;
            }

            if (name == "vector")
            {
                Ty[] items = Arguments(syntax.Arguments, scope, syntax.Span);
                return Count(items.Length, 1, name, syntax.Span) ? new VectorTy(items[0]) : items.Length > 1 ? new VectorTy(items[0]) : Ty.Error;
            }
        }

        if (program.FindMember(chain, scope.Aliases, scope.Module) is not { } member)
        {
            if (chain.IsSingle)
            {
                Diagnostics.Report(Codes.UnboundType, chain.Span, $"there is no type '{chain}' in scope");
            }

            return Ty.Error;
        }

        if (member.Module.FindStruct(member.Member) is not { } symbol)
        {
            bool other = member.Module.HasMember(member.Member);
            Diagnostics.Report(other ? Codes.UnexpectedName : Codes.UnboundMember, chain.Span,
                other ? $"'{member.Member}' of '{member.Module.Display}' is no type" : $"the module '{member.Module.Display}' has no type '{member.Member}'");
            return Ty.Error;
        }

        Ty[] arguments = Arguments(syntax.Arguments, scope, syntax.Span);
        return new StructTy(symbol, Adjust(arguments, symbol.TypeParameters.Count, symbol.ToString(), syntax.Span));
    }

    private bool Count(int found, int expected, string name, Span span)
    {
        if (found == expected)
        {
            return true;
        }

        Diagnostics.Report(found > expected ? Codes.TooManyTypeArguments : Codes.TooFewTypeArguments, span, $"'{name}' takes {expected} type argument(s), {found} given");
        return false;
    }

    public Ty[] Adjust(Ty[] arguments, int expected, string name, Span span)
    {
        if (Count(arguments.Length, expected, name, span))
        {
            return arguments;
        }

        Ty[] result = new Ty[expected];
        for (int i = 0; i < expected; i++)
        {
            result[i] = i < arguments.Length ? arguments[i] : Ty.Error;
        }

        return result;
    }

    /// <summary>Reports arguments that lack an ability their parameter requires, at every level.</summary>
    public void CheckArguments(Ty type, Span span)
    {
        if (!TypeRules.IsBounded(type))
        {
            Diagnostics.Report(Codes.LimitExceeded, span, $"the type has more than {TypeRules.MaximumNodes} nodes or {TypeRules.MaximumDepth} levels");
            return;
        }

        Check(type, span);
    }

    private void Check(Ty type, Span span)
    {
        switch (type.Head)
        {
            case VectorTy v:
                Check(v.Element, span);
                break;
            case ReferenceTy r:
                Check(r.Target, span);
                break;
            case TupleTy t:
                foreach (Ty item in t.Items)
                {
                    Check(item, span);
                }

                break;
            case FunctionTy f:
                foreach (Ty item in f.Parameters)
                {
                    Check(item, span);
                }

                Check(f.Result, span);
                break;
            case StructTy s:
                for (int i = 0; i < s.Arguments.Count && i < s.Symbol.TypeParameters.Count; i++)
                {
                    TypeParameterSymbol parameter = s.Symbol.TypeParameters[i];
                    Abilities missing = parameter.Constraints & ~TypeRules.AbilitiesOf(s.Arguments[i]);
                    foreach (Abilities one in TypeRules.Each(missing))
                    {
                        Diagnostics.Report(Codes.Ability, span, $"the type '{s.Arguments[i]}' lacks {TypeRules.Text(one)}, which the parameter '{parameter.Name}' of '{s.Symbol}' requires",
                            (parameter.Span, "the constraint is declared here"));
                    }

                    Check(s.Arguments[i], span);
                }

                break;
        }
    }
}
