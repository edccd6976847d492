using System.Buffers.Binary;
using Theseus.Protocol;

namespace Theseus.Storage;

/// <summary>Keys of the tables, byte for byte.</summary>
internal static class StoreKeys
{
    public const int HistoryPrefix = Address.Length + 1 + Hash32.Length;
    public const int HistoryKey = HistoryPrefix + sizeof(ulong);

    /// <summary>A superseded value; goes before the deletion that superseded it, or the deletion would uncover it.</summary>
    public const byte StaleValueClass = 0;

    /// <summary>A deletion with nothing below it.</summary>
    public const byte StaleDeletionClass = 1;

    public static byte[] Of(ulong number)
    {
        byte[] key = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(key, number);
        return key;
    }

    public static ulong Number(ReadOnlySpan<byte> key) => BinaryPrimitives.ReadUInt64BigEndian(key);

    /// <summary>owner 32 ‖ kind 1 ‖ key hash 32 ‖ ~height 8: the row at or after it is the newest at or below the height (execution 6).</summary>
    public static byte[] History(StateKey key, ulong height)
    {
        byte[] bytes = new byte[HistoryKey];
        key.Owner.CopyTo(bytes);
        bytes[Address.Length] = (byte)key.Kind;
        key.TreeKey().CopyTo(bytes.AsSpan(Address.Length + 1));
        BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(HistoryPrefix), ~height);
        return bytes;
    }

    public static byte[] Stale(ulong height, ReadOnlySpan<byte> key)
    {
        byte[] bytes = new byte[sizeof(ulong) + key.Length];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, height);
        key.CopyTo(bytes.AsSpan(sizeof(ulong)));
        return bytes;
    }

    public static byte[] StaleValue(ulong height, byte order, ReadOnlySpan<byte> key) => Stale(height, [order, .. key]);

    public static byte[] Offence(EvidenceKey offence) =>
        [.. Of(offence.Height), .. offence.Validator.ToArray(), offence.Kind];

    public static EvidenceKey Offence(ReadOnlySpan<byte> key) =>
        new(new Address(key.Slice(sizeof(ulong), Address.Length)), Number(key), key[sizeof(ulong) + Address.Length]);

    /// <summary>The least key above every key with this prefix; null when there is none.</summary>
    public static byte[]? After(ReadOnlySpan<byte> prefix)
    {
        byte[] next = prefix.ToArray();
        for (int i = next.Length - 1; i >= 0; i--)
        {
            if (++next[i] != 0)
            {
                return next;
            }
        }

        return null;
    }
}
