using Theseus.Move.Compiler.Symbols;
using Theseus.Move.Compiler.Types;
using Theseus.Move.Compiler.Typing;

namespace Theseus.Move.Compiler.Inlining;

/// <summary>
/// Replaces calls of inline functions by their bodies and calls of lambdas by theirs. Locals are symbols, so fresh symbols are
/// hygiene.
/// </summary>
internal sealed class Inliner(DiagnosticBag diagnostics)
{
    /// <summary>Nodes that one function may grow by: inlining can double with each level.</summary>
    public const int MaximumNodes = 200_000;

    /// <summary>Depth of the expanded tree: later passes recurse over it.</summary>
    public const int MaximumDepth = 600;

    /// <summary>Ends an expansion whose fault was reported; never leaves this class.</summary>
    private sealed class InlineFault : Exception;

    private readonly List<FunctionSymbol> _active = [];
    private int _nodes;
    private int _depth;
    private bool _expanded;

    public TypedBody Expand(FunctionSymbol function, TypedBody body)
    {
        _nodes = 0;
        _depth = 0;
        _expanded = false;
        _active.Clear();
        bool needed = false;
        TypedWalk.All(body.Root, node => needed |= node is TypedCall { Function.IsInline: true });
        if (!needed)
        {
            return body;
        }

        try
        {
            Typed root = new Rewriter(this, null).Rewrite(body.Root);
            if (_expanded)
            {
                ForeignAccess.Check(function, root, diagnostics);
            }

            return body with { Root = root };
        }
        catch (InlineFault)
        {
            return body;
        }
    }

    private InlineFault Fault(string code, Span span, string message)
    {
        diagnostics.Report(code, span, message);
        return new InlineFault();
    }

    /// <summary>Copies trees while it renames locals, replaces type parameters and expands.</summary>
    private sealed class Rewriter(Inliner owner, IReadOnlyList<Ty>? typeArguments)
    {
        private readonly Dictionary<LocalSymbol, LocalSymbol> _locals = [];
        private readonly Dictionary<LocalSymbol, TypedLambda> _lambdas = [];

        private Ty Type(Ty type) => typeArguments is null ? type : TypeRules.Substitute(type, typeArguments);

        private LocalSymbol Local(LocalSymbol local) => _locals.GetValueOrDefault(local, local);

        private LocalSymbol Fresh(LocalSymbol local)
        {
            LocalSymbol fresh = new(local.Name, Type(local.Type), local.Span) { IsUsed = true, IsTemporary = local.IsTemporary };
            _locals[local] = fresh;
            return fresh;
        }

        private Typed[] All(IReadOnlyList<Typed> nodes) => [.. nodes.Select(Rewrite)];

        public Typed Rewrite(Typed node)
        {
            if (++owner._nodes > MaximumNodes || owner._depth > MaximumDepth)
            {
                throw owner.Fault(Codes.LimitExceeded, node.Span, "inlining makes this function too large");
            }

            owner._depth++;
            Typed result = Copy(node);
            owner._depth--;
            return result;
        }

        private Typed Copy(Typed node)
        {
            Span span = node.Span;
            switch (node)
            {
                case TypedUse e:
                    return new TypedUse(span, Local(e.Local), e.Mode);
                case TypedCall { Function.IsInline: true } e:
                    return Inline(e);
                case TypedCall e:
                    return new TypedCall(span, Type(e.Type), e.Function, [.. e.TypeArguments.Select(Type)], All(e.Arguments));
                case TypedLambdaCall e:
                    return CallLambda(e);
                case TypedLambda e:
                    return Lambda(e);
                case TypedBuiltin e:
                    return new TypedBuiltin(span, Type(e.Type), e.Builtin, e.TypeArgument is null ? null : Type(e.TypeArgument),
                        All(e.Arguments));
                case TypedVector e:
                    return new TypedVector(span, Type(e.Element), All(e.Items));
                case TypedTuple e:
                    return new TypedTuple(span, Type(e.Type), All(e.Items));
                case TypedIf e:
                    return new TypedIf(span, Type(e.Type), Rewrite(e.Condition), Rewrite(e.Then), e.Otherwise is null ? null
                        : Rewrite(e.Otherwise));
                case TypedWhile e:
                    return new TypedWhile(span, Rewrite(e.Condition), Rewrite(e.Body));
                case TypedLoop e:
                    return new TypedLoop(span, Type(e.Type), Rewrite(e.Body));
                case TypedBlock e:
                    return Block(e);
                case TypedReturn e:
                    if (owner._active.Count > 0)
                    {
                        throw owner.Fault(Codes.InvalidInline, span, "an inline function can't use 'return': it would leave the caller");
                    }

                    return new TypedReturn(span, Rewrite(e.Value));
                case TypedAbort e:
                    return new TypedAbort(span, Rewrite(e.Code));
                case TypedAssign e:
                {
                    Typed value = Rewrite(e.Value);
                    return new TypedAssign(span, [.. e.Places.Select(Place)], value);
                }

                case TypedMutate e:
                {
                    Typed value = Rewrite(e.Value);
                    return new TypedMutate(span, Rewrite(e.Target), value);
                }

                case TypedDereference e:
                    return new TypedDereference(span, Type(e.Type), Rewrite(e.Target));
                case TypedNot e:
                    return new TypedNot(span, Rewrite(e.Operand));
                case TypedBinary e:
                {
                    Typed left = Rewrite(e.Left);
                    return new TypedBinary(span, Type(e.Type), left, e.Operator, Rewrite(e.Right));
                }

                case TypedPack e:
                    return new TypedPack(span, (StructTy)Type(e.Type), [.. e.Fields.Select(f => (f.Field, Rewrite(f.Value)))]);
                case TypedBorrowField e:
                    return new TypedBorrowField(span, Type(e.Type), e.IsMutable, Rewrite(e.Target), (StructTy)Type(e.Owner), e.Field);
                case TypedBorrowValue e:
                    return new TypedBorrowValue(span, Type(e.Type), e.IsMutable, Rewrite(e.Value));
                case TypedBorrowLocal e:
                    return new TypedBorrowLocal(span, Type(e.Type), e.IsMutable, Local(e.Local));
                case TypedCast e:
                    return new TypedCast(span, Type(e.Type), Rewrite(e.Operand));
                case TypedCoercion e:
                    return new TypedCoercion(span, Type(e.Type), Rewrite(e.Operand));
                case TypedNumber e:
                    return new TypedNumber(span, Type(e.Type), e.Value);
                default:
                    return node; // leaves without locals and types
            }
        }

        private Place Place(Place place)
        {
            switch (place)
            {
                case IgnorePlace e:
                    return new IgnorePlace(e.Span, Type(e.Type));
                case LocalPlace e:
                    return new LocalPlace(e.Span, e.IsDeclaration ? Fresh(e.Local) : Local(e.Local), e.IsDeclaration);
                default:
                    UnpackPlace unpack = (UnpackPlace)place;
                    return new UnpackPlace(place.Span, (StructTy)Type(unpack.Type), unpack.IsMutableReference,
                        [.. unpack.Fields.Select(f => (f.Field, Place(f.Place)))]);
            }
        }

        private TypedBlock Block(TypedBlock e)
        {
            List<TypedItem> items = [];
            foreach (TypedItem item in e.Items)
            {
                if (item is TypedLet let)
                {
                    Typed? value = let.Value is null ? null : Rewrite(let.Value);
                    items.Add(new TypedLet(let.Span, [.. let.Places.Select(Place)], value));
                }
                else
                {
                    items.Add(new TypedExpressionItem(item.Span, Rewrite(((TypedExpressionItem)item).Value)));
                }
            }

            return new TypedBlock(e.Span, Type(e.Type), items, Rewrite(e.Last)) { TrailingSemicolon = e.TrailingSemicolon };
        }

        private TypedLambda Lambda(TypedLambda e)
        {
            List<Place> parameters = [.. e.Parameters.Select(Place)];
            List<FunctionSymbol> active = [.. owner._active];
            owner._active.Clear(); // `return` in a lambda was refused by typing
            Typed body = Rewrite(e.Body);
            owner._active.AddRange(active);
            return new TypedLambda(e.Span, (FunctionTy)Type(e.Type), parameters, body);
        }

        /// <summary>{ let parameters = arguments; body } with fresh locals for everything that the lambda declares.</summary>
        private Typed CallLambda(TypedLambdaCall e)
        {
            if (!_lambdas.TryGetValue(e.Lambda, out TypedLambda? lambda))
            {
                throw owner.Fault(Codes.InvalidInline, e.Span,
                    "a function parameter can only be called inside an expanded inline function");
            }

            Rewriter copy = new(owner, null);
            List<TypedItem> items = [];
            for (int i = 0; i < e.Arguments.Count; i++)
            {
                Typed argument = Rewrite(e.Arguments[i]);
                items.Add(new TypedLet(argument.Span, [copy.Place(lambda.Parameters[i])], argument));
            }

            return new TypedBlock(e.Span, Type(e.Type), items, copy.Rewrite(lambda.Body));
        }

        private Typed Inline(TypedCall e)
        {
            FunctionSymbol target = e.Function;
            if (owner._active.Contains(target))
            {
                throw owner.Fault(Codes.InvalidInline, e.Span, $"the inline function '{target}' calls itself, directly or through others");
            }

            if (target.Body is null)
            {
                throw owner.Fault(Codes.InvalidInline, e.Span, $"the body of the inline function '{target}' is not known");
            }

            owner._expanded = true;
            Rewriter inner = new(owner, [.. e.TypeArguments.Select(Type)]);
            List<TypedItem> items = [];
            for (int i = 0; i < e.Arguments.Count; i++)
            {
                LocalSymbol parameter = target.Body.Parameters[i];
                Typed argument = e.Arguments[i];
                if (parameter.Type.Head is FunctionTy)
                {
                    // a lambda, or a function parameter handed on
                    TypedLambda? lambda = argument is TypedUse use ? _lambdas.GetValueOrDefault(use.Local)
                        : argument is TypedLambda written ? Lambda(written) : null;
                    inner._lambdas[parameter] = lambda ?? throw owner.Fault(Codes.InvalidInline, argument.Span,
                        "a lambda is expected here");
                    continue;
                }

                Typed value = Rewrite(argument);
                items.Add(new TypedLet(argument.Span, [new LocalPlace(argument.Span, inner.Fresh(parameter), true)], value));
            }

            owner._active.Add(target);
            Typed body = inner.Rewrite(target.Body.Root);
            owner._active.RemoveAt(owner._active.Count - 1);
            return new TypedBlock(e.Span, Type(e.Type), items, body);
        }
    }
}
