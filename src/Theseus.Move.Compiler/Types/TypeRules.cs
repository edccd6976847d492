using Theseus.Move.Format;

namespace Theseus.Move.Compiler.Types;

/// <summary>Substitution, abilities and bounds of types.</summary>
internal static class TypeRules
{
    /// <summary>
    /// Nodes of one type as far as the compiler will walk it: the verifier's cap is smaller, and inference can double a type with
    /// each statement.
    /// </summary>
    public const int MaximumNodes = 1_024;

    /// <summary>The same for depth.</summary>
    public const int MaximumDepth = 128;

    public static Ty Substitute(Ty type, IReadOnlyList<Ty> arguments)
    {
        type = type.Head;
        return type switch
        {
            ParameterTy p => p.Symbol.Index < arguments.Count ? arguments[p.Symbol.Index] : Ty.Error,
            VectorTy v => Same(v, v.Element, Substitute(v.Element, arguments), static e => new VectorTy(e)),
            ReferenceTy r => Same(r, r.Target, Substitute(r.Target, arguments), t => new ReferenceTy(r.IsMutable, t)),
            StructTy s when s.Arguments.Count > 0 => new StructTy(s.Symbol, All(s.Arguments, arguments)),
            TupleTy t when t.Items.Count > 0 => new TupleTy(All(t.Items, arguments)),
            FunctionTy f => new FunctionTy(All(f.Parameters, arguments), Substitute(f.Result, arguments)),
            _ => type,
        };
    }

    private static Ty Same(Ty whole, Ty before, Ty after, Func<Ty, Ty> make) => ReferenceEquals(before, after) ? whole : make(after);

    private static Ty[] All(IReadOnlyList<Ty> types, IReadOnlyList<Ty> arguments)
    {
        Ty[] result = new Ty[types.Count];
        for (int i = 0; i < result.Length; i++)
        {
            result[i] = Substitute(types[i], arguments);
        }

        return result;
    }

    /// <summary>Whether a type stays inside <see cref="MaximumNodes"/> and <see cref="MaximumDepth"/>.</summary>
    public static bool IsBounded(Ty type)
    {
        int budget = MaximumNodes;
        return Walk(type, 0, ref budget);

        static bool Walk(Ty type, int depth, ref int budget)
        {
            if (--budget < 0 || depth > MaximumDepth)
            {
                return false;
            }

            switch (type.Head)
            {
                case VectorTy v:
                    return Walk(v.Element, depth + 1, ref budget);
                case ReferenceTy r:
                    return Walk(r.Target, depth + 1, ref budget);
                case StructTy s:
                    foreach (Ty argument in s.Arguments)
                    {
                        if (!Walk(argument, depth + 1, ref budget))
                        {
                            return false;
                        }
                    }

                    return true;
                case TupleTy t:
                    foreach (Ty item in t.Items)
                    {
                        if (!Walk(item, depth + 1, ref budget))
                        {
                            return false;
                        }
                    }

                    return true;
                case FunctionTy f:
                    foreach (Ty item in f.Parameters)
                    {
                        if (!Walk(item, depth + 1, ref budget))
                        {
                            return false;
                        }
                    }

                    return Walk(f.Result, depth + 1, ref budget);
                default:
                    return true;
            }
        }
    }

    /// <summary>Whether the variable occurs in the type.</summary>
    public static bool Occurs(VariableTy variable, Ty type)
    {
        int budget = MaximumNodes;
        return Walk(type, 0, ref budget);

        bool Walk(Ty candidate, int depth, ref int budget)
        {
            candidate = candidate.Head;
            if (ReferenceEquals(candidate, variable))
            {
                return true;
            }

            if (--budget < 0 || depth > MaximumDepth)
            {
                return false;
            }

            switch (candidate)
            {
                case VectorTy v:
                    return Walk(v.Element, depth + 1, ref budget);
                case ReferenceTy r:
                    return Walk(r.Target, depth + 1, ref budget);
                case StructTy s:
                    foreach (Ty argument in s.Arguments)
                    {
                        if (Walk(argument, depth + 1, ref budget))
                        {
                            return true;
                        }
                    }

                    return false;
                case TupleTy t:
                    foreach (Ty item in t.Items)
                    {
                        if (Walk(item, depth + 1, ref budget))
                        {
                            return true;
                        }
                    }

                    return false;
                default:
                    return false;
            }
        }
    }

    /// <summary>
    /// Abilities of a type. Generic instances lose an ability when a non-phantom argument lacks what it requires (move 1.3).
    /// </summary>
    public static Abilities AbilitiesOf(Ty type)
    {
        int budget = MaximumNodes;
        return Of(type, 0, ref budget);

        static Abilities Of(Ty type, int depth, ref int budget)
        {
            if (--budget < 0 || depth > MaximumDepth)
            {
                return Abilities.None;
            }

            switch (type.Head)
            {
                case PrimitiveTy p:
                    return p.Kind == TokenKind.Signer ? Abilities.Drop : Abilities.Copy | Abilities.Drop | Abilities.Store;
                case VectorTy v:
                    return Of(v.Element, depth + 1, ref budget) & (Abilities.Copy | Abilities.Drop | Abilities.Store);
                case ReferenceTy:
                    return Abilities.Copy | Abilities.Drop;
                case ParameterTy p:
                    return p.Symbol.Constraints;
                case StructTy s:
                {
                    Abilities result = s.Symbol.Abilities;
                    for (int i = 0; i < s.Arguments.Count && i < s.Symbol.TypeParameters.Count; i++)
                    {
                        if (!s.Symbol.TypeParameters[i].IsPhantom)
                        {
                            result &= Providing(Of(s.Arguments[i], depth + 1, ref budget));
                        }
                    }

                    return result;
                }

                case TupleTy t:
                {
                    Abilities result = Abilities.All;
                    foreach (Ty item in t.Items)
                    {
                        result &= Of(item, depth + 1, ref budget);
                    }

                    return t.Items.Count == 0 ? Abilities.Copy | Abilities.Drop | Abilities.Store : result;
                }

                case VariableTy { IsNumeric: true }:
                    return Abilities.Copy | Abilities.Drop | Abilities.Store;
                default:
                    return Abilities.All;
            }
        }
    }

    /// <summary>
    /// The abilities that a whole may have when a part of it has <paramref name="part"/>: key of the whole requires store of the
    /// part.
    /// </summary>
    public static Abilities Providing(Abilities part) =>
        (part & (Abilities.Copy | Abilities.Drop | Abilities.Store)) | ((part & Abilities.Store) != Abilities.None ? Abilities.Key
            : Abilities.None);

    public static IEnumerable<Abilities> Each(Abilities abilities)
    {
        foreach (Abilities bit in (Abilities[])[Abilities.Copy, Abilities.Drop, Abilities.Store, Abilities.Key])
        {
            if ((abilities & bit) != Abilities.None)
            {
                yield return bit;
            }
        }
    }

    public static string Text(Abilities abilities)
    {
        List<string> names = [];
        foreach ((Abilities bit, string name) in (ReadOnlySpan<(Abilities, string)>)
            [(Abilities.Copy, "copy"), (Abilities.Drop, "drop"), (Abilities.Store, "store"), (Abilities.Key, "key")])
        {
            if ((abilities & bit) != Abilities.None)
            {
                names.Add("'" + name + "'");
            }
        }

        return string.Join(" and ", names);
    }
}
