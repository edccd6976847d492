using System.Text;

namespace Theseus.Move.Format;

/// <summary>
/// The full signature of a function in one text, by which a stack's manifest names its natives and its hooks, e.g.
/// <c>hash::native_sha3_256(vector&lt;u8&gt;):vector&lt;u8&gt;</c>. Type parameters come as their constraints (<c>_</c> for
/// none, else abilities in the order
/// copy, drop, store, key joined by +) and are named T0, T1, … in the types; several results are separated by commas.
/// </summary>
public static class FunctionSignature
{
    /// <summary><c>module::name</c>, then <see cref="TypesOf"/>.</summary>
    public static string Of(CompiledUnit unit, FunctionHandle handle) =>
        $"{unit.ModuleIdOf(handle).Name}::{unit.Identifiers[handle.Name]}{TypesOf(unit, handle)}";

    /// <summary>Constraints, parameters and results alone, e.g. <c>&lt;copy+drop,_&gt;(T0,&amp;mut u64):bool,T1</c>.</summary>
    public static string TypesOf(CompiledUnit unit, FunctionHandle handle)
    {
        StringBuilder text = new();
        if (handle.TypeParameters.Count > 0)
        {
            text.Append('<').AppendJoin(',', handle.TypeParameters.Select(Text)).Append('>');
        }

        text.Append('(').AppendJoin(',', unit.Signatures[handle.Parameters].Tokens.Select(token => Text(unit, token))).Append(')');
        IReadOnlyList<SignatureToken> results = unit.Signatures[handle.Return].Tokens;
        return results.Count == 0 ? text.ToString() : text.Append(':')
            .AppendJoin(',', results.Select(token => Text(unit, token))).ToString();
    }

    private static string Text(Abilities abilities)
    {
        List<string> names = [];
        foreach ((Abilities one, string name) in (ReadOnlySpan<(Abilities, string)>)
            [(Abilities.Copy, "copy"), (Abilities.Drop, "drop"), (Abilities.Store, "store"), (Abilities.Key, "key")])
        {
            if ((abilities & one) != Abilities.None)
            {
                names.Add(name);
            }
        }

        return names.Count == 0 ? "_" : string.Join('+', names);
    }

    /// <summary>Recursion follows the nesting of a type, which the format bounds.</summary>
    private static string Text(CompiledUnit unit, SignatureToken token)
    {
        switch (token.Kind)
        {
            case TokenKind.Vector: return $"vector<{Text(unit, token.Arguments[0])}>";
            case TokenKind.Reference: return "&" + Text(unit, token.Arguments[0]);
            case TokenKind.MutableReference: return "&mut " + Text(unit, token.Arguments[0]);
            case TokenKind.TypeParameter: return $"T{token.Index}";
            case TokenKind.Struct or TokenKind.StructInstantiation:
                StructHandle handle = unit.StructHandles[token.Index];
                string name = $"{unit.ModuleIdOf(handle)}::{unit.Identifiers[handle.Name]}";
                return token.Arguments.Count == 0 ? name
                    : $"{name}<{string.Join(',', token.Arguments.Select(argument => Text(unit, argument)))}>";
            default: return token.Kind.ToString().ToLowerInvariant();
        }
    }
}
