using System.Text;

namespace Theseus.Protocol;

/// <summary>The one formatter and parser of canonical type text (execution 8.8): <c>0x1::m::S&lt;u8,vector&lt;bool&gt;&gt;</c>.</summary>
public static class TypeText
{
    /// <summary>Nesting of parsed types; the limit of a transaction's type tags is the same (execution 1).</summary>
    public const int MaximumDepth = 8;

    /// <summary>Writes a type.</summary>
    /// <param name="tag">The type.</param>
    /// <param name="separator">Between type arguments; the canonical one has no space.</param>
    public static string Format(TypeTag tag, string separator = ",")
    {
        StringBuilder text = new();
        Append(text, tag, separator);
        return text.ToString();
    }

    /// <summary>Writes a struct type.</summary>
    /// <param name="tag">The type.</param>
    /// <param name="separator">Between type arguments; the canonical one has no space.</param>
    public static string Format(StructTag tag, string separator = ",")
    {
        StringBuilder text = new();
        Append(text, tag, separator);
        return text.ToString();
    }

    /// <summary>Reads a type; false when the text is not one.</summary>
    public static bool TryParse(string text, out TypeTag? tag)
    {
        int position = 0;
        tag = Parse(text, ref position, 1);
        return tag is not null && Skip(text, position) == text.Length;
    }

    /// <summary>Reads a struct type; false when the text is not one.</summary>
    public static bool TryParseStruct(string text, out StructTag? tag)
    {
        tag = TryParse(text, out TypeTag? type) ? type!.Struct : null;
        return tag is not null;
    }

    private static void Append(StringBuilder text, TypeTag tag, string separator)
    {
        switch (tag.Kind)
        {
            case TypeTagKind.Vector:
                text.Append("vector<");
                Append(text, tag.Element!, separator);
                text.Append('>');
                break;
            case TypeTagKind.Struct:
                Append(text, tag.Struct!, separator);
                break;
            default:
                text.Append(tag.Kind.ToString().ToLowerInvariant());
                break;
        }
    }

    private static void Append(StringBuilder text, StructTag tag, string separator)
    {
        text.Append(tag.Address.ToString()).Append("::").Append(tag.Module).Append("::").Append(tag.Name);
        for (int i = 0; i < tag.TypeArguments.Count; i++)
        {
            text.Append(i == 0 ? "<" : separator);
            Append(text, tag.TypeArguments[i], separator);
        }

        if (tag.TypeArguments.Count > 0)
        {
            text.Append('>');
        }
    }

    private static TypeTag? Parse(string text, ref int position, int depth)
    {
        if (depth > MaximumDepth)
        {
            return null;
        }

        string word = Word(text, ref position);
        switch (word)
        {
            case "bool": return TypeTag.Bool;
            case "u8": return TypeTag.U8;
            case "u16": return TypeTag.U16;
            case "u32": return TypeTag.U32;
            case "u64": return TypeTag.U64;
            case "u128": return TypeTag.U128;
            case "u256": return TypeTag.U256;
            case "address": return TypeTag.Address;
            case "signer": return TypeTag.Signer;
            case "vector":
                List<TypeTag>? element = Arguments(text, ref position, depth);
                return element is [TypeTag only] ? TypeTag.Vector(only) : null;
        }

        if (!Address.TryParse(word, out Address address) || !word.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            || !Take(text, ref position, "::"))
        {
            return null;
        }

        string module = Word(text, ref position);
        if (module.Length == 0 || !Take(text, ref position, "::"))
        {
            return null;
        }

        string name = Word(text, ref position);
        List<TypeTag>? arguments = [];
        if (name.Length > 0 && Skip(text, position) < text.Length && text[Skip(text, position)] == '<')
        {
            arguments = Arguments(text, ref position, depth);
        }

        return name.Length == 0 || arguments is null ? null : TypeTag.Of(new StructTag(address, module, name, arguments));
    }

    private static List<TypeTag>? Arguments(string text, ref int position, int depth)
    {
        List<TypeTag> arguments = [];
        if (!Take(text, ref position, "<"))
        {
            return null;
        }

        do
        {
            TypeTag? argument = Parse(text, ref position, depth + 1);
            if (argument is null)
            {
                return null;
            }

            arguments.Add(argument);
        }
        while (Take(text, ref position, ","));
        return Take(text, ref position, ">") ? arguments : null;
    }

    private static string Word(string text, ref int position)
    {
        int start = Skip(text, position);
        int end = start;
        while (end < text.Length && (char.IsAsciiLetterOrDigit(text[end]) || text[end] == '_'))
        {
            end++;
        }

        position = end;
        return text[start..end];
    }

    private static bool Take(string text, ref int position, string mark)
    {
        int start = Skip(text, position);
        if (string.CompareOrdinal(text, start, mark, 0, mark.Length) != 0)
        {
            return false;
        }

        position = start + mark.Length;
        return true;
    }

    private static int Skip(string text, int position)
    {
        while (position < text.Length && text[position] == ' ')
        {
            position++;
        }

        return position;
    }
}
