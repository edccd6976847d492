using Theseus.Move.Format;

namespace Theseus.Move.Runtime;

/// <summary>
/// How deep values of a struct nest, as a function of how deep its type arguments' values do: the greatest of a constant and of
/// each argument's
/// depth plus an offset. Worked out once for each definition, so that the depth of any type costs no more than the type as written.
/// </summary>
/// <param name="Constant">Depth without the arguments, at least 1.</param>
/// <param name="Offsets">Levels above each type argument, -1 where no value of it is held (phantom).</param>
internal sealed record DepthFormula(int Constant, int[] Offsets)
{
    /// <summary>The formula of a struct definition.</summary>
    /// <param name="definition">The struct.</param>
    /// <param name="levels">Levels that may still nest; each step down takes one, so recursion is bounded by the limit on values.</param>
    /// <exception cref="VmException">The struct's values nest deeper, whatever the arguments.</exception>
    public static DepthFormula Of(LoadedStruct definition, int levels)
    {
        if (definition.Depth is { } known)
        {
            return known.Constant <= levels ? known : throw TooDeep();
        }

        int[] offsets = new int[definition.TypeParameters.Count];
        Array.Fill(offsets, -1);
        int constant = 1;
        foreach (FieldDefinition field in definition.Fields)
        {
            Add(definition.Module, field.Type, 1, levels, ref constant, offsets);
        }

        DepthFormula formula = new(constant, offsets);
        definition.Depth = formula; // whoever works it out gets the same
        return formula;
    }

    /// <summary>Adds what a type contributes that stands <paramref name="above"/> levels below the struct.</summary>
    private static void Add(LoadedUnit unit, SignatureToken type, int above, int levels, ref int constant, int[] offsets)
    {
        if (above >= levels)
        {
            throw TooDeep();
        }

        switch (type.Kind)
        {
            case TokenKind.TypeParameter:
                offsets[type.Index] = int.Max(offsets[type.Index], above);
                break;
            case TokenKind.Vector:
                constant = int.Max(constant, above + 1);
                Add(unit, type.Arguments[0], above + 1, levels, ref constant, offsets);
                break;
            case TokenKind.Struct or TokenKind.StructInstantiation:
                DepthFormula inner = Of(unit.StructAt(type.Index), levels - above);
                constant = int.Max(constant, above + inner.Constant);
                for (int i = 0; i < type.Arguments.Count; i++)
                {
                    if (inner.Offsets[i] >= 0)
                    {
                        Add(unit, type.Arguments[i], above + inner.Offsets[i], levels, ref constant, offsets);
                    }
                }

                break;
            default:
                constant = int.Max(constant, above + 1);
                break;
        }
    }

    /// <summary>What a type whose values nest too deep is refused with.</summary>
    public static VmException TooDeep() => new(StatusCode.VmMaxValueDepthReached, "values of the type nest too deep");
}
