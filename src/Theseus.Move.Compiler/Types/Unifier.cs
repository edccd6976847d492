namespace Theseus.Move.Compiler.Types;

/// <summary>Why two types do not fit.</summary>
internal enum Mismatch
{
    None,
    Different,
    Arity,
    Mutability,
    Infinite,
}

/// <summary>Equality and subtyping of types with unknowns. Binding an unknown is final: inference goes forward only.</summary>
internal sealed class Unifier
{
    private int _budget;

    public Mismatch Failure { get; private set; }

    /// <summary>The common type, or null with <see cref="Failure"/>. Two references join to the weaker one.</summary>
    public Ty? Join(Ty left, Ty right)
    {
        _budget = TypeRules.MaximumNodes;
        Failure = Mismatch.None;
        return Join(left, right, exact: false, 0);
    }

    /// <summary>Whether <paramref name="actual"/> may stand where <paramref name="expected"/> is wanted.</summary>
    public bool IsSubtype(Ty actual, Ty expected)
    {
        _budget = TypeRules.MaximumNodes;
        Failure = Mismatch.None;
        return Subtype(actual, expected, 0);
    }

    private bool Subtype(Ty actual, Ty expected, int depth)
    {
        Ty a = actual.Head;
        Ty e = expected.Head;
        if (a is ReferenceTy ra && e is ReferenceTy re)
        {
            if (re.IsMutable && !ra.IsMutable)
            {
                Join(ra.Target, re.Target, true, depth + 1); // still fixes unknowns of the target
                Failure = Mismatch.Mutability;
                return false;
            }

            return Join(ra.Target, re.Target, true, depth + 1) is not null;
        }

        if (a is TupleTy ta && e is TupleTy te)
        {
            if (ta.Items.Count != te.Items.Count)
            {
                Failure = Mismatch.Arity;
                return false;
            }

            for (int i = 0; i < ta.Items.Count; i++)
            {
                if (!Subtype(ta.Items[i], te.Items[i], depth + 1))
                {
                    return false;
                }
            }

            return true;
        }

        return Join(a, e, true, depth) is not null;
    }

    private Ty? Fail(Mismatch mismatch)
    {
        Failure = Failure == Mismatch.None ? mismatch : Failure;
        return null;
    }

    private Ty? Join(Ty left, Ty right, bool exact, int depth)
    {
        Ty l = left.Head;
        Ty r = right.Head;
        if (--_budget < 0 || depth > TypeRules.MaximumDepth)
        {
            return Fail(Mismatch.Infinite);
        }

        if (ReferenceEquals(l, r))
        {
            return l;
        }

        if (l is NeverTy or ErrorTy)
        {
            return r;
        }

        if (r is NeverTy or ErrorTy)
        {
            return l;
        }

        if (l is VariableTy lv)
        {
            return Bind(lv, r);
        }

        if (r is VariableTy rv)
        {
            return Bind(rv, l);
        }

        return JoinShapes(l, r, exact, depth);
    }

    /// <summary>Two types of which neither is open: their heads agree, then their parts.</summary>
    private Ty? JoinShapes(Ty left, Ty right, bool exact, int depth) => (left, right) switch
    {
        (PrimitiveTy p, PrimitiveTy q) => p.Kind == q.Kind ? left : Fail(Mismatch.Different),
        (ParameterTy p, ParameterTy q) => ReferenceEquals(p.Symbol, q.Symbol) ? left : Fail(Mismatch.Different),
        (VectorTy p, VectorTy q) => Join(p.Element, q.Element, true, depth + 1) is null ? null : left,
        (ReferenceTy p, ReferenceTy q) => JoinReferences(p, q, exact, depth),
        (StructTy p, StructTy q) when ReferenceEquals(p.Symbol, q.Symbol) && p.Arguments.Count == q.Arguments.Count =>
            JoinAll(p.Arguments, q.Arguments, depth) ? left : null,
        (TupleTy p, TupleTy q) => JoinTuples(p, q, exact, depth),
        (FunctionTy p, FunctionTy q) when p.Parameters.Count != q.Parameters.Count => Fail(Mismatch.Arity),
        (FunctionTy p, FunctionTy q) => JoinAll(p.Parameters, q.Parameters, depth) && Join(p.Result, q.Result, true, depth + 1) is not null
            ? left : null,
        _ => Fail(Mismatch.Different),
    };

    /// <summary>Where a subtype will do, a mutable reference and an immutable one are together an immutable one.</summary>
    private Ty? JoinReferences(ReferenceTy left, ReferenceTy right, bool exact, int depth)
    {
        if (Join(left.Target, right.Target, true, depth + 1) is null)
        {
            return null;
        }

        if (left.IsMutable == right.IsMutable)
        {
            return left;
        }

        return exact ? Fail(Mismatch.Mutability) : left.IsMutable ? right : left;
    }

    private Ty? JoinTuples(TupleTy left, TupleTy right, bool exact, int depth)
    {
        if (left.Items.Count != right.Items.Count)
        {
            return Fail(Mismatch.Arity);
        }

        Ty[] items = new Ty[left.Items.Count];
        for (int i = 0; i < items.Length; i++)
        {
            if (Join(left.Items[i], right.Items[i], exact, depth + 1) is not { } item)
            {
                return null;
            }

            items[i] = item;
        }

        return items.Length == 0 ? left : new TupleTy(items);
    }

    /// <summary>As many types as types, each with its own, without subtypes.</summary>
    private bool JoinAll(IReadOnlyList<Ty> left, IReadOnlyList<Ty> right, int depth)
    {
        for (int i = 0; i < left.Count; i++)
        {
            if (Join(left[i], right[i], true, depth + 1) is null)
            {
                return false;
            }
        }

        return true;
    }

    private Ty? Bind(VariableTy variable, Ty type)
    {
        if (type is VariableTy other)
        {
            other.IsNumeric |= variable.IsNumeric;
            variable.Binding = other;
            return other;
        }

        if (variable.IsNumeric && type is not PrimitiveTy { IsInteger: true })
        {
            return Fail(Mismatch.Different);
        }

        if (TypeRules.Occurs(variable, type))
        {
            return Fail(Mismatch.Infinite);
        }

        variable.Binding = type;
        return type;
    }
}
