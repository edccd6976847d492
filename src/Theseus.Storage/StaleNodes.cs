using System.Buffers.Binary;
using Theseus.Protocol;

namespace Theseus.Storage;

/// <summary>
/// A row of <see cref="Table.StaleNodes"/>: the keys of the nodes that one height superseded, each behind its length u8. One row a height,
/// since a large block supersedes ten thousand nodes. How far they are pruned is kept as height u64 ‖ offset in its row u32, big-endian.
/// </summary>
internal static class StaleNodes
{
    public static byte[] Encode(IReadOnlyList<TreeNodeKey> keys)
    {
        byte[] row = new byte[keys.Sum(static key => 1 + key.Bytes.Length)];
        int offset = 0;
        foreach (TreeNodeKey key in keys)
        {
            row[offset] = (byte)key.Bytes.Length; // at most 72
            key.Bytes.CopyTo(row.AsSpan(offset + 1));
            offset += 1 + key.Bytes.Length;
        }

        return row;
    }

    /// <summary>The key at an offset, which moves behind it.</summary>
    /// <exception cref="StoreException">Broken: there is no whole key.</exception>
    public static ReadOnlySpan<byte> Next(byte[] row, ref int offset)
    {
        int length = row[offset];
        if (offset + 1 + length > row.Length)
        {
            throw new StoreException(StoreFault.Broken, "a list of stale nodes ends within a key");
        }

        ReadOnlySpan<byte> key = row.AsSpan(offset + 1, length);
        offset += 1 + length;
        return key;
    }

    /// <summary>Stored form of a position.</summary>
    public static byte[] Position(ulong height, int offset)
    {
        byte[] position = new byte[sizeof(ulong) + sizeof(uint)];
        BinaryPrimitives.WriteUInt64BigEndian(position, height);
        BinaryPrimitives.WriteInt32BigEndian(position.AsSpan(sizeof(ulong)), offset);
        return position;
    }

    /// <summary>Reads the stored form; null for the beginning.</summary>
    /// <exception cref="StoreException">Broken: the bytes are not a position.</exception>
    public static (ulong Height, int Offset) Position(byte[]? stored)
    {
        if (stored is null)
        {
            return (0, 0);
        }

        int offset = stored.Length == sizeof(ulong) + sizeof(uint) ? BinaryPrimitives.ReadInt32BigEndian(stored.AsSpan(sizeof(ulong))) : -1;
        return offset >= 0
            ? (BinaryPrimitives.ReadUInt64BigEndian(stored), offset)
            : throw new StoreException(StoreFault.Broken,
                $"prunedNodes is {Convert.ToHexStringLower(stored)}: not a height and an offset in its list of stale nodes");
    }
}
