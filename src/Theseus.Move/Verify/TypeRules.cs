using Theseus.Move.Format;

namespace Theseus.Move.Verify;

/// <summary>Abilities and substitution of types as a module spells them.</summary>
internal static class TypeRules
{
    private const Abilities Primitive = Abilities.Copy | Abilities.Drop | Abilities.Store;

    /// <summary>
    /// The abilities that the contents of a value must have so that the value has <paramref name="abilities"/>: key asks for
    /// store, others for themselves.
    /// </summary>
    public static Abilities Required(Abilities abilities) =>
        (abilities & ~Abilities.Key) | ((abilities & Abilities.Key) != Abilities.None ? Abilities.Store : Abilities.None);

    /// <summary>The abilities of a type whose parameters have <paramref name="parameters"/>.</summary>
    public static Abilities Of(CompiledUnit unit, SignatureToken type, IReadOnlyList<Abilities> parameters)
    {
        switch (type.Kind)
        {
            case TokenKind.Signer: return Abilities.Drop;
            case TokenKind.Reference or TokenKind.MutableReference: return Abilities.Copy | Abilities.Drop;
            case TokenKind.TypeParameter: return parameters[type.Index];
            case TokenKind.Vector: return Limit(Primitive, Of(unit, type.Arguments[0], parameters));
            case TokenKind.Struct: return unit.StructHandles[type.Index].Abilities;
            case TokenKind.StructInstantiation:
                StructHandle handle = unit.StructHandles[type.Index];
                Abilities abilities = handle.Abilities;
                for (int i = 0; i < type.Arguments.Count; i++)
                {
                    if (!handle.TypeParameters[i].IsPhantom)
                    {
                        abilities = Limit(abilities, Of(unit, type.Arguments[i], parameters));
                    }
                }

                return abilities;
            default: return Primitive;
        }
    }

    /// <summary>What is left of a container's abilities when its contents have <paramref name="contents"/>.</summary>
    public static Abilities Limit(Abilities container, Abilities contents)
    {
        Abilities result = container & contents & ~Abilities.Key;
        if ((container & Abilities.Key) != Abilities.None && (contents & Abilities.Store) != Abilities.None)
        {
            result |= Abilities.Key;
        }

        return result;
    }

    public static bool Has(this Abilities abilities, Abilities wanted) => (abilities & wanted) == wanted;

    /// <summary>Replaces type parameters. The result may be larger than both inputs: callers meter it by <see cref="Nodes"/>.</summary>
    public static SignatureToken Substitute(SignatureToken type, IReadOnlyList<SignatureToken> arguments)
    {
        if (type.Kind == TokenKind.TypeParameter)
        {
            return arguments[type.Index];
        }

        if (type.Arguments.Count == 0)
        {
            return type;
        }

        SignatureToken[] inner = new SignatureToken[type.Arguments.Count];
        bool changed = false;
        for (int i = 0; i < inner.Length; i++)
        {
            inner[i] = Substitute(type.Arguments[i], arguments);
            changed |= !ReferenceEquals(inner[i], type.Arguments[i]);
        }

        return changed ? new SignatureToken(type.Kind, type.Index, inner) : type;
    }

    public static int Nodes(SignatureToken type)
    {
        int nodes = 1;
        foreach (SignatureToken argument in type.Arguments)
        {
            nodes += Nodes(argument);
        }

        return nodes;
    }
}
