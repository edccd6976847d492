using Theseus.Move.Format;
using Theseus.Move.Verify;

namespace Theseus.Move.Runtime;

/// <summary>BCS of values by their types. Nesting is bounded by the value depth limit, lengths by the input.</summary>
internal static class ValueCodec
{
    private static readonly ModuleId StringModule = new(ChainRules.SystemAddress, "string");
    private static readonly ModuleId OptionModule = new(ChainRules.SystemAddress, "option");

    /// <summary>Appends the BCS of a value.</summary>
    public static void Encode(BcsWriter writer, in Value value, RuntimeType type)
    {
        switch (type.Kind)
        {
            case TokenKind.Bool or TokenKind.U8: writer.U8((byte)value.Bits); break;
            case TokenKind.U16: writer.U16((ushort)value.Bits); break;
            case TokenKind.U32: writer.U32((uint)value.Bits); break;
            case TokenKind.U64: writer.U64(value.Bits); break;
            case TokenKind.U128: writer.U128(value.AsU128); break;
            case TokenKind.U256: value.AsU256.Write(writer); break;
            case TokenKind.Address or TokenKind.Signer: writer.Address(value.AsAddress); break;
            case TokenKind.Struct:
                Value[] fields = value.AsFields;
                RuntimeType[] types = type.Fields;
                for (int i = 0; i < fields.Length; i++)
                {
                    Encode(writer, fields[i], types[i]);
                }

                break;
            case TokenKind.Vector:
                if (value.Ref is ByteVector bytes)
                {
                    writer.Bytes(bytes.Span);
                    break;
                }

                ValueVector vector = (ValueVector)value.Ref!;
                writer.Uleb((uint)vector.Count);
                for (int i = 0; i < vector.Count; i++)
                {
                    Encode(writer, vector.Items[i], type.Element);
                }

                break;
            default: throw new InvalidOperationException("a reference has no encoding");
        }
    }

    public static byte[] Encode(in Value value, RuntimeType type)
    {
        BcsWriter writer = new(64);
        Encode(writer, value, type);
        return writer.ToArray();
    }

    /// <summary>Reads exactly one value from state or from the framework's own bytes; false when they are not its canonical form.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> bytes, RuntimeType type, out Value value) =>
        TryDecode(bytes, type, null, asArgument: false, out value);

    /// <summary>The same, charging the memory that the value takes.</summary>
    internal static bool TryDecode(ReadOnlySpan<byte> bytes, RuntimeType type, MemoryMeter? memory, bool asArgument, out Value value)
    {
        value = default;
        try
        {
            BcsReader reader = new(bytes);
            value = Read(ref reader, type, memory, asArgument);
            reader.End();
            return true;
        }
        catch (BcsException)
        {
            return false;
        }
    }

    internal static Value DecodeConstant(ReadOnlySpan<byte> bytes, RuntimeType type) =>
        TryDecode(bytes, type, out Value value) ? value : throw new VmException(
            StatusCode.UnexpectedVerifierError, "a constant has malformed bytes");

    private static Value Read(ref BcsReader reader, RuntimeType type, MemoryMeter? memory, bool asArgument)
    {
        switch (type.Kind)
        {
            case TokenKind.Bool: return new Value(reader.Bool() ? 1ul : 0);
            case TokenKind.U8: return new Value(reader.U8());
            case TokenKind.U16: return new Value(reader.U16());
            case TokenKind.U32: return new Value(reader.U32());
            case TokenKind.U64: return new Value(reader.U64());
            case TokenKind.U128:
                memory?.Box();
                return Value.Of(reader.U128());
            case TokenKind.U256:
                memory?.Box();
                return Value.Of(UInt256.Read(reader.Raw(32)));
            case TokenKind.Address:
                memory?.Box();
                return Value.Of(reader.Address());
            case TokenKind.Struct: return ReadStruct(ref reader, type, memory, asArgument);
            case TokenKind.Vector:
                if (type.Element.Kind == TokenKind.U8)
                {
                    ReadOnlySpan<byte> view = reader.BytesView(int.MaxValue);
                    memory?.Bytes(view.Length);
                    return Value.Bytes(view.ToArray());
                }

                int count = reader.Count(int.MaxValue); // every element takes at least a byte, so the input bounds the allocation
                memory?.Vector(count);
                Value[] items = count == 0 ? [] : new Value[count];
                for (int i = 0; i < count; i++)
                {
                    items[i] = Read(ref reader, type.Element, memory, asArgument);
                }

                return Value.Of(new ValueVector(items, count));
            default: throw reader.Fail("a signer or a reference cannot be read"); // signers are never decoded (move 5.2)
        }
    }

    private static Value ReadStruct(ref BcsReader reader, RuntimeType type, MemoryMeter? memory, bool asArgument)
    {
        RuntimeType[] types = type.Fields;
        memory?.Struct(types.Length);
        Value[] fields = new Value[types.Length];
        for (int i = 0; i < fields.Length; i++)
        {
            fields[i] = Read(ref reader, types[i], memory, asArgument);
        }

        if (asArgument)
        {
            if (type.Is(StringModule, "String") && !Utf8.IsValid(fields[0].AsBytes))
            {
                throw reader.Fail("the text is not UTF-8");
            }

            if (type.Is(OptionModule, "Option") && fields[0].AsVector.Count > 1)
            {
                throw reader.Fail("an option holds at most one value");
            }
        }

        return Value.Struct(fields);
    }

    /// <summary>Whether users may send values of the type (execution 1, argument rule).</summary>
    public static bool IsArgument(RuntimeType type) => type.Kind switch
    {
        TokenKind.Bool or TokenKind.U8 or TokenKind.U16 or TokenKind.U32 or TokenKind.U64 or TokenKind.U128 or TokenKind.U256
            or TokenKind.Address => true,
        TokenKind.Vector => IsArgument(type.Element),
        TokenKind.Struct => type.Is(StringModule, "String") || (type.Is(OptionModule, "Option") && IsArgument(type.Arguments[0])),
        _ => false,
    };
}

/// <summary>UTF-8 as strings want it: shortest forms, no surrogates, at most U+10FFFF.</summary>
internal static class Utf8
{
    public static bool IsValid(ReadOnlySpan<byte> bytes) => System.Text.Unicode.Utf8.IsValid(bytes);

    /// <summary>Whether a character starts at the index or the text ends there; false beyond the end.</summary>
    public static bool IsBoundary(ReadOnlySpan<byte> bytes, ulong index) =>
        index == 0 || index == (ulong)bytes.Length || (index < (ulong)bytes.Length && (bytes[(int)index] & 0xC0) != 0x80);
}
