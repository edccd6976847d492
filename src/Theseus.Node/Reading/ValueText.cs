using System.Globalization;
using System.Text;
using Theseus.Move.Format;
using Theseus.Protocol;

namespace Theseus.Node;

/// <summary>Values of Move in text, both ways: arguments of views from people, results to people.</summary>
public static class ValueText
{
    /// <summary>Elements of a list in text.</summary>
    private const int MaximumElements = 1_000;

    private static readonly StructTag String = new(Address.One, "string", "String", []);

    /// <summary>A value for people: numbers, true, 0x addresses, 0x bytes, quoted text, lists; BCS in hex for other structs.</summary>
    public static string Format(TypeTag type, ReadOnlySpan<byte> bytes)
    {
        try
        {
            BcsReader reader = new(bytes);
            string? text = Read(ref reader, type);
            return text is not null && reader.Remaining == 0 ? text : "0x" + Convert.ToHexStringLower(bytes);
        }
        catch (BcsException)
        {
            return "0x" + Convert.ToHexStringLower(bytes);
        }
    }

    /// <summary>BCS of an argument in text for a parameter; null when the text is not a value of the type.</summary>
    public static byte[]? TryEncode(CompiledModule module, SignatureToken token, string text)
    {
        BcsWriter writer = new(64);
        return TryWrite(writer, module, token, text.Trim()) ? writer.ToArray() : null;
    }

    /// <summary>A parameter's type for people.</summary>
    public static string TypeOf(CompiledModule module, SignatureToken token) => token.Kind switch
    {
        TokenKind.Vector => $"vector<{TypeOf(module, token.Arguments[0])}>",
        TokenKind.Reference => "&" + TypeOf(module, token.Arguments[0]),
        TokenKind.MutableReference => "&mut " + TypeOf(module, token.Arguments[0]),
        TokenKind.Struct or TokenKind.StructInstantiation =>
            $"{module.ModuleIdOf(module.StructHandles[token.Index])}::{module.Identifiers[module.StructHandles[token.Index].Name]}",
        TokenKind.TypeParameter => $"T{token.Index}",
        _ => token.Kind.ToString().ToLowerInvariant(),
    };

    private static string? Read(ref BcsReader reader, TypeTag type)
    {
        switch (type.Kind)
        {
            case TypeTagKind.Bool:
                return reader.Bool() ? "true" : "false";
            case TypeTagKind.U8:
                return reader.U8().ToString(CultureInfo.InvariantCulture);
            case TypeTagKind.U16:
                return reader.U16().ToString(CultureInfo.InvariantCulture);
            case TypeTagKind.U32:
                return reader.U32().ToString(CultureInfo.InvariantCulture);
            case TypeTagKind.U64:
                return reader.U64().ToString(CultureInfo.InvariantCulture);
            case TypeTagKind.U128:
                return reader.U128().ToString(CultureInfo.InvariantCulture);
            case TypeTagKind.U256:
                return new System.Numerics.BigInteger(reader.Raw(32), isUnsigned: true).ToString(CultureInfo.InvariantCulture);
            case TypeTagKind.Address:
                return reader.Address().ToLongString();
            case TypeTagKind.Vector when type.Element!.Kind == TypeTagKind.U8:
                return "0x" + Convert.ToHexStringLower(reader.BytesView(int.MaxValue));
            case TypeTagKind.Vector:
                int count = reader.Count(int.MaxValue);
                StringBuilder list = new("[");
                for (int i = 0; i < count; i++)
                {
                    if (Read(ref reader, type.Element!) is not string item)
                    {
                        return null;
                    }

                    list.Append(i == 0 ? "" : ", ").Append(item);
                }

                return list.Append(']').ToString();
            case TypeTagKind.Struct when type.Struct!.Equals(String):
                return reader.Text(int.MaxValue);
            default:
                return null;
        }
    }

    private static bool TryWrite(BcsWriter writer, CompiledModule module, SignatureToken token, string text)
    {
        switch (token.Kind)
        {
            case TokenKind.Reference:
                return TryWrite(writer, module, token.Arguments[0], text);
            case TokenKind.Bool when text is "true" or "false":
                writer.Bool(text == "true");
                return true;
            case TokenKind.U8 when byte.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out byte small):
                writer.U8(small);
                return true;
            case TokenKind.U16 when ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ushort number):
                writer.U16(number);
                return true;
            case TokenKind.U32 when uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out uint number):
                writer.U32(number);
                return true;
            case TokenKind.U64 when ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number):
                writer.U64(number);
                return true;
            case TokenKind.U128 when UInt128.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out UInt128 number):
                writer.U128(number);
                return true;
            case TokenKind.U256 when System.Numerics.BigInteger.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture,
                out System.Numerics.BigInteger number) && number.GetBitLength() <= 256:
                Span<byte> wide = stackalloc byte[32];
                wide.Clear();
                number.TryWriteBytes(wide, out _, isUnsigned: true);
                writer.Raw(wide);
                return true;
            case TokenKind.Address when Address.TryParse(text, out Address address):
                writer.Address(address);
                return true;
            case TokenKind.Vector when token.Arguments[0].Kind == TokenKind.U8 && text.StartsWith("0x", StringComparison.Ordinal)
                && text.Length % 2 == 0 && text[2..].All(char.IsAsciiHexDigit):
                writer.Bytes(Convert.FromHexString(text[2..]));
                return true;
            case TokenKind.Vector when token.Arguments[0].Kind == TokenKind.U8:
                writer.Bytes(Encoding.UTF8.GetBytes(text));
                return true;
            case TokenKind.Vector when text.StartsWith('[') && text.EndsWith(']'):
                string[] items = text.Length == 2 ? [] : text[1..^1].Split(',');
                if (items.Length > MaximumElements)
                {
                    return false;
                }

                writer.Uleb((uint)items.Length);
                return items.All(item => TryWrite(writer, module, token.Arguments[0], item.Trim()));
            case TokenKind.Struct when TypeOf(module, token) == "0x1::string::String":
                writer.Text(text);
                return true;
            default:
                return false;
        }
    }
}
