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

    /// <summary>Takes the structs that types name while it is there.</summary>
    public List<(StructSymbol Struct, Span Span)>? Mentions { get; set; }

    private DiagnosticBag Diagnostics => program.Diagnostics;

    public Ty Resolve(TypeSyntax syntax, TypeScope scope, bool checkNow = false)
    {
        int first = _written.Count;
        Ty type = Inner(syntax, scope);
        if (!TypeRules.IsBounded(type))
        {
            Diagnostics.Report(Codes.LimitExceeded, syntax.Span,
                $"the type has more than {TypeRules.MaximumNodes} nodes or {TypeRules.MaximumDepth} levels");
            _written.RemoveRange(first, _written.Count - first);
            return Ty.Error;
        }

        if (checkNow)
        {
            for (int i = first; i < _written.Count; i++)
            {
                CheckArguments(_written[i].Type, _written[i].Span);
            }

            _written.RemoveRange(first, _written.Count - first);
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
            foreach (TypeParameterSymbol parameter in scope.TypeParameters.Reverse())
            {
                if (parameter.Name == name)
                {
                    if (syntax.Arguments.Count > 0)
                    {
                        Diagnostics.Report(Codes.UnexpectedName, syntax.Span, $"the type parameter '{name}' takes no type arguments");
                        return Ty.Error;
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
                return Count(items.Length, 1, name, syntax.Span) ? new VectorTy(items[0]) : items.Length > 1 ? new VectorTy(items[0])
                    : Ty.Error;
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
                other ? $"'{member.Member}' of '{member.Module.Display}' is not a type"
                    : $"the module '{member.Module.Display}' has no type '{member.Member}'");
            return Ty.Error;
        }

        Mentions?.Add((symbol, syntax.Span));
        Ty[] arguments = Arguments(syntax.Arguments, scope, syntax.Span);
        StructTy type = new(symbol, Adjust(arguments, symbol.TypeParameters.Count, symbol.ToString(), syntax.Span));
        if (type.Arguments.Count > 0)
        {
            _written.Add((type, syntax.Span));
        }

        return type;
    }

    private bool Count(int found, int expected, string name, Span span)
    {
        if (found == expected)
        {
            return true;
        }

        Diagnostics.Report(found > expected ? Codes.TooManyTypeArguments : Codes.TooFewTypeArguments, span,
            $"'{name}' takes {expected} type argument(s), {found} given");
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

    /// <summary>Reports arguments of one struct type that lack an ability their parameter requires.</summary>
    private void CheckArguments(Ty type, Span span)
    {
        if (type is not StructTy s)
        {
            return;
        }

        for (int i = 0; i < s.Arguments.Count && i < s.Symbol.TypeParameters.Count; i++)
        {
            TypeParameterSymbol parameter = s.Symbol.TypeParameters[i];
            Abilities missing = parameter.Constraints & ~TypeRules.AbilitiesOf(s.Arguments[i]);
            foreach (Abilities one in TypeRules.Each(missing))
            {
                Diagnostics.Report(Codes.Ability, span,
                    $"the type '{s.Arguments[i]}' lacks {TypeRules.Text(one)}, which the parameter '{parameter.Name}' of '{s.Symbol}' "
                        + $"requires",
                    (parameter.Span, "the constraint is declared here"));
            }
        }
    }
}
