namespace Theseus.Move.Compiler.Typing;

/// <summary>Visits typed trees.</summary>
internal static class TypedWalk
{
    /// <summary>Every node, parents before their children.</summary>
    public static void All(Typed root, Action<Typed> visit)
    {
        Stack<Typed> work = new([root]);
        while (work.TryPop(out Typed? node))
        {
            visit(node);
            foreach (Typed child in Children(node).Reverse())
            {
                work.Push(child);
            }
        }
    }

    public static IReadOnlyList<Typed> Children(Typed node)
    {
        switch (node)
        {
            case TypedCall e:
                return e.Arguments;
            case TypedBuiltin e:
                return e.Arguments;
            case TypedVector e:
                return e.Items;
            case TypedTuple e:
                return e.Items;
            case TypedLambdaCall e:
                return e.Arguments;
            case TypedIf e:
                return e.Otherwise is null ? [e.Condition, e.Then] : [e.Condition, e.Then, e.Otherwise];
            case TypedWhile e:
                return [e.Condition, e.Body];
            case TypedLoop e:
                return [e.Body];
            case TypedReturn e:
                return [e.Value];
            case TypedAbort e:
                return [e.Code];
            case TypedAssign e:
                return [e.Value];
            case TypedMutate e:
                return [e.Value, e.Target];
            case TypedDereference e:
                return [e.Target];
            case TypedNot e:
                return [e.Operand];
            case TypedBinary e:
                return [e.Left, e.Right];
            case TypedPack e:
                return [.. e.Fields.Select(static f => f.Value)];
            case TypedBorrowField e:
                return [e.Target];
            case TypedBorrowValue e:
                return [e.Value];
            case TypedCast e:
                return [e.Operand];
            case TypedCoercion e:
                return [e.Operand];
            case TypedLambda e:
                return [e.Body];
            case TypedBlock e:
            {
                List<Typed> children = [];
                foreach (TypedItem item in e.Items)
                {
                    if (item is TypedExpressionItem expression)
                    {
                        children.Add(expression.Value);
                    }
                    else if (item is TypedLet { Value: { } value })
                    {
                        children.Add(value);
                    }
                }

                children.Add(e.Last);
                return children;
            }

            default:
                return [];
        }
    }

    /// <summary>The places that a node assigns.</summary>
    public static IEnumerable<Place> Places(Typed node) => node switch
    {
        TypedAssign e => e.Places,
        TypedLambda e => e.Parameters,
        TypedBlock e => e.Items.OfType<TypedLet>().SelectMany(static l => l.Places),
        _ => [],
    };

    public static IEnumerable<UnpackPlace> Unpacks(Place place)
    {
        if (place is not UnpackPlace unpack)
        {
            yield break;
        }

        yield return unpack;
        foreach ((int _, Place inner) in unpack.Fields)
        {
            foreach (UnpackPlace nested in Unpacks(inner))
            {
                yield return nested;
            }
        }
    }
}
