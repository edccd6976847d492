using System.Buffers.Binary;
using Theseus.Protocol;

namespace Theseus.Storage;

/// <summary>Keys of the tables, byte for byte.</summary>
internal static class StoreKeys
{
    /// <summary>Bytes of a key of <see cref="Table.State"/>.</summary>
    public const int StateLength = Address.Length + 1 + Hash32.Length;

    public static byte[] Of(ulong number)
    {
        byte[] key = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(key, number);
        return key;
    }

    public static ulong Number(ReadOnlySpan<byte> key) => BinaryPrimitives.ReadUInt64BigEndian(key);

    /// <summary>owner 32 ‖ kind 1 ‖ key hash 32.</summary>
    public static byte[] State(StateKey key)
    {
        byte[] bytes = new byte[StateLength];
        key.Owner.CopyTo(bytes);
        bytes[Address.Length] = (byte)key.Kind;
        key.TreeKey().CopyTo(bytes.AsSpan(Address.Length + 1));
        return bytes;
    }

    /// <summary>state key 65 ‖ height 8: the first row at or after (key, H + 1) is what stood at H, if it was written by then.</summary>
    public static byte[] History(ReadOnlySpan<byte> state, ulong replacedAt) => [.. state, .. Of(replacedAt)];

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
