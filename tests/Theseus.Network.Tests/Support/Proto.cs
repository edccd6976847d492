using System.Text;

namespace Theseus.Network.Tests;

/// <summary>
/// Protobuf written by hand from its published wire format (varint keys, length-delimited fields), so that the tests do not
/// trust the generated code.
/// </summary>
internal sealed class Proto
{
    private readonly MemoryStream _bytes = new();

    public Proto Number(int field, ulong value)
    {
        Varint((ulong)field << 3);
        Varint(value);
        return this;
    }

    public Proto Bytes(int field, ReadOnlySpan<byte> value)
    {
        Varint(((ulong)field << 3) | 2);
        Varint((ulong)value.Length);
        _bytes.Write(value);
        return this;
    }

    public Proto Text(int field, string value) => Bytes(field, Encoding.UTF8.GetBytes(value));

    public byte[] ToArray() => _bytes.ToArray();

    /// <summary>The first numeric value of a field; 0 when it is absent.</summary>
    public static ulong ReadNumber(ReadOnlySpan<byte> message, int field)
    {
        int at = 0;
        while (at < message.Length)
        {
            ulong key = ReadVarint(message, ref at);
            if ((key & 7) == 0)
            {
                ulong value = ReadVarint(message, ref at);
                if ((int)(key >> 3) == field)
                {
                    return value;
                }
            }
            else
            {
                int length = (int)ReadVarint(message, ref at);
                at += length;
            }
        }

        return 0;
    }

    /// <summary>The first bytes of a field; empty when it is absent.</summary>
    public static byte[] ReadBytes(ReadOnlySpan<byte> message, int field)
    {
        int at = 0;
        while (at < message.Length)
        {
            ulong key = ReadVarint(message, ref at);
            ulong value = ReadVarint(message, ref at);
            if ((key & 7) == 2)
            {
                if ((int)(key >> 3) == field)
                {
                    return message.Slice(at, (int)value).ToArray();
                }

                at += (int)value;
            }
        }

        return [];
    }

    private static ulong ReadVarint(ReadOnlySpan<byte> message, ref int at)
    {
        ulong value = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte b = message[at++];
            value |= (ulong)(b & 0x7f) << shift;
            if (b < 0x80)
            {
                return value;
            }
        }
    }

    private void Varint(ulong value)
    {
        while (value >= 0x80)
        {
            _bytes.WriteByte((byte)(value | 0x80));
            value >>= 7;
        }

        _bytes.WriteByte((byte)value);
    }
}
