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

        switch (l, r)
        {
            case (PrimitiveTy p, PrimitiveTy q):
                return p.Kind == q.Kind ? l : Fail(Mismatch.Different);
            case (ParameterTy p, ParameterTy q):
                return ReferenceEquals(p.Symbol, q.Symbol) ? l : Fail(Mismatch.Different);
            case (VectorTy p, VectorTy q):
                return Join(p.Element, q.Element, true, depth + 1) is null ? null : l;
            case (ReferenceTy p, ReferenceTy q):
            {
                if (Join(p.Target, q.Target, true, depth + 1) is null)
                {
                    return null;
                }

                if (p.IsMutable == q.IsMutable)
                {
                    return l;
                }

                return exact ? Fail(Mismatch.Mutability) : p.IsMutable ? r : l;
            }

            case (StructTy p, StructTy q):
            {
                if (!ReferenceEquals(p.Symbol, q.Symbol) || p.Arguments.Count != q.Arguments.Count)
                {
                    return Fail(Mismatch.Different);
                }

                for (int i = 0; i < p.Arguments.Count; i++)
                {
                    if (Join(p.Arguments[i], q.Arguments[i], true, depth + 1) is null)
                    {
                        return null;
                    }
                }

                return l;
            }

            case (TupleTy p, TupleTy q):
            {
                if (p.Items.Count != q.Items.Count)
                {
                    return Fail(Mismatch.Arity);
                }

                Ty[] items = new Ty[p.Items.Count];
                for (int i = 0; i < items.Length; i++)
                {
                    if (Join(p.Items[i], q.Items[i], exact, depth + 1) is not { } item)
                    {
                        return null;
                    }

                    items[i] = item;
                }

                return items.Length == 0 ? l : new TupleTy(items);
            }

            case (FunctionTy p, FunctionTy q):
            {
                if (p.Parameters.Count != q.Parameters.Count)
                {
                    return Fail(Mismatch.Arity);
                }

                for (int i = 0; i < p.Parameters.Count; i++)
                {
                    if (Join(p.Parameters[i], q.Parameters[i], true, depth + 1) is null)
                    {
                        return null;
                    }
                }

                return Join(p.Result, q.Result, true, depth + 1) is null ? null : l;
            }

            default:
                return Fail(Mismatch.Different);
        }
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
