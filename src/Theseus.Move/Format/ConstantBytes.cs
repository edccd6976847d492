namespace Theseus.Move.Format;

/// <summary>Judges the BCS bytes of a constant without building the value.</summary>
internal static class ConstantBytes
{
    /// <summary>True when the bytes are exactly one value of the type.</summary>
    public static bool AreExact(SignatureToken type, byte[] data)
    {
        int offset = 0;
        return Skip(type, data, ref offset) && offset == data.Length;
    }

    private static bool Skip(SignatureToken type, byte[] data, ref int offset)
    {
        switch (type.Kind)
        {
            case TokenKind.Bool: return Take(1, data, ref offset) && data[offset - 1] <= 1;
            case TokenKind.U8: return Take(1, data, ref offset);
            case TokenKind.U16: return Take(2, data, ref offset);
            case TokenKind.U32: return Take(4, data, ref offset);
            case TokenKind.U64: return Take(8, data, ref offset);
            case TokenKind.U128: return Take(16, data, ref offset);
            case TokenKind.U256 or TokenKind.Address: return Take(32, data, ref offset);
            case TokenKind.Vector:
                ulong count = 0;
                int shift = 0;
                while (true)
                {
                    if (!Take(1, data, ref offset))
                    {
                        return false;
                    }

                    byte b = data[offset - 1];
                    count |= (ulong)(b & 0x7F) << shift;
                    if (b < 0x80)
                    {
                        if (b == 0 && shift > 0)
                        {
                            return false;
                        }

                        break;
                    }

                    shift += 7;
                    if (shift > 28)
                    {
                        return false;
                    }
                }

                if (count > (ulong)(data.Length - offset))
                {
                    return false; // every element takes at least a byte
                }

                for (ulong i = 0; i < count; i++)
                {
                    if (!Skip(type.Arguments[0], data, ref offset))
                    {
                        return false;
                    }
                }

                return true;
            default: return false;
        }
    }

    private static bool Take(int count, byte[] data, ref int offset)
    {
        offset += count;
        return offset <= data.Length;
    }
}
