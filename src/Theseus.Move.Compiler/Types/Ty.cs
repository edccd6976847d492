using Theseus.Move.Compiler.Symbols;
using Theseus.Move.Format;

namespace Theseus.Move.Compiler.Types;

/// <summary>A type of the source language while it is inferred.</summary>
internal abstract class Ty
{
    public static readonly Ty Bool = new PrimitiveTy(TokenKind.Bool, "bool");
    public static readonly Ty U8 = new PrimitiveTy(TokenKind.U8, "u8");
    public static readonly Ty U16 = new PrimitiveTy(TokenKind.U16, "u16");
    public static readonly Ty U32 = new PrimitiveTy(TokenKind.U32, "u32");
    public static readonly Ty U64 = new PrimitiveTy(TokenKind.U64, "u64");
    public static readonly Ty U128 = new PrimitiveTy(TokenKind.U128, "u128");
    public static readonly Ty U256 = new PrimitiveTy(TokenKind.U256, "u256");
    public static readonly Ty Address = new PrimitiveTy(TokenKind.Address, "address");
    public static readonly Ty Signer = new PrimitiveTy(TokenKind.Signer, "signer");
    public static readonly Ty Unit = new TupleTy([]);

    /// <summary>The type of what never yields a value: joins with everything.</summary>
    public static readonly Ty Never = new NeverTy();

    /// <summary>Stands where an error was reported: joins with everything and raises no further errors.</summary>
    public static readonly Ty Error = new ErrorTy();

    public static readonly Ty Bytes = new VectorTy(U8);

    public static Ty? Primitive(string name) => name switch
    {
        "bool" => Bool,
        "u8" => U8,
        "u16" => U16,
        "u32" => U32,
        "u64" => U64,
        "u128" => U128,
        "u256" => U256,
        "address" => Address,
        "signer" => Signer,
        _ => null,
    };

    /// <summary>This type with its outermost variables followed.</summary>
    public Ty Head
    {
        get
        {
            Ty type = this;
            while (type is VariableTy { Binding: { } bound })
            {
                type = bound;
            }

            // whoever asks next has one step: chains of unknowns are as long as the function that joins them
            Ty at = this;
            while (at is VariableTy { Binding: { } next } variable)
            {
                variable.Binding = type;
                at = next;
            }

            return type;
        }
    }

    public bool IsUnit => Head is TupleTy { Items.Count: 0 };

    public bool IsReference => Head is ReferenceTy;

    public bool IsErroneous => Head is ErrorTy;

    public override string ToString() => TyText.Format(this);
}

internal sealed class PrimitiveTy(TokenKind kind, string name) : Ty
{
    public TokenKind Kind => kind;

    public string Name => name;

    public bool IsInteger => kind is TokenKind.U8 or TokenKind.U16 or TokenKind.U32 or TokenKind.U64 or TokenKind.U128 or TokenKind.U256;

    public int Bits => kind switch { TokenKind.U8 => 8, TokenKind.U16 => 16, TokenKind.U32 => 32, TokenKind.U64 => 64,
        TokenKind.U128 => 128, _ => 256 };
}

internal sealed class VectorTy(Ty element) : Ty
{
    public Ty Element => element;
}

internal sealed class StructTy(StructSymbol symbol, IReadOnlyList<Ty> arguments) : Ty
{
    public StructSymbol Symbol => symbol;

    public IReadOnlyList<Ty> Arguments => arguments;
}

internal sealed class ParameterTy(TypeParameterSymbol symbol) : Ty
{
    public TypeParameterSymbol Symbol => symbol;
}

internal sealed class ReferenceTy(bool isMutable, Ty target) : Ty
{
    public bool IsMutable => isMutable;

    public Ty Target => target;
}

/// <summary>A list of types that is no value: results of functions; the empty one is unit.</summary>
internal sealed class TupleTy(IReadOnlyList<Ty> items) : Ty
{
    public IReadOnlyList<Ty> Items => items;
}

/// <summary>The type of a lambda parameter of an inline function.</summary>
internal sealed class FunctionTy(IReadOnlyList<Ty> parameters, Ty result) : Ty
{
    public IReadOnlyList<Ty> Parameters => parameters;

    public Ty Result => result;
}

internal sealed class NeverTy : Ty;

internal sealed class ErrorTy : Ty;

/// <summary>An unknown of inference.</summary>
internal sealed class VariableTy(Span span, bool isNumeric) : Ty
{
    public Span Span => span;

    /// <summary>Made by a literal without a suffix: u64 when nothing else decides.</summary>
    public bool IsNumeric { get; set; } = isNumeric;

    public Ty? Binding { get; set; }
}

internal static class TyText
{
    /// <summary>Longer types are cut: a message is for people.</summary>
    private const int MaximumLength = 200;

    public static string Format(Ty type)
    {
        System.Text.StringBuilder text = new();
        Write(text, type, 0);
        return text.ToString();
    }

    private static void Write(System.Text.StringBuilder text, Ty type, int depth)
    {
        if (text.Length > MaximumLength || depth > 40)
        {
            text.Append('…');
            return;
        }

        switch (type.Head)
        {
            case PrimitiveTy primitive:
                text.Append(primitive.Name);
                break;
            case VectorTy vector:
                text.Append("vector<");
                Write(text, vector.Element, depth + 1);
                text.Append('>');
                break;
            case StructTy structType:
                text.Append(structType.Symbol);
                if (structType.Arguments.Count > 0)
                {
                    List(text, "<", structType.Arguments, ">", depth);
                }

                break;
            case ParameterTy parameter:
                text.Append(parameter.Symbol.Name);
                break;
            case ReferenceTy reference:
                text.Append(reference.IsMutable ? "&mut " : "&");
                Write(text, reference.Target, depth + 1);
                break;
            case TupleTy tuple:
                List(text, "(", tuple.Items, ")", depth);
                break;
            case FunctionTy function:
                List(text, "|", function.Parameters, "|", depth);
                Write(text, function.Result, depth + 1);
                break;
            case VariableTy variable:
                text.Append(variable.IsNumeric ? "integer" : "_");
                break;
            default:
                text.Append('_');
                break;
        }
    }

    private static void List(System.Text.StringBuilder text, string open, IReadOnlyList<Ty> items, string close, int depth)
    {
        text.Append(open);
        for (int i = 0; i < items.Count; i++)
        {
            text.Append(i > 0 ? ", " : "");
            Write(text, items[i], depth + 1);
        }

        text.Append(close);
    }
}
