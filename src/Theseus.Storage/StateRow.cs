using System.Buffers.Binary;
using Theseus.Protocol;

namespace Theseus.Storage;

/// <summary>
/// A row of <see cref="Table.State"/> and, once replaced, of <see cref="Table.History"/>: height u64 that wrote it ‖
/// length u16 of the state key ‖ state key ‖ value, numbers big-endian. It holds its key, of which the table's key has
/// only the hash.
/// </summary>
internal static class StateRow
{
    private const int Header = sizeof(ulong) + sizeof(ushort);

    public static byte[] Encode(ulong height, StateKey key, ReadOnlySpan<byte> value)
    {
        byte[] row = new byte[Header + key.Bytes.Length + value.Length];
        BinaryPrimitives.WriteUInt64BigEndian(row, height);
        BinaryPrimitives.WriteUInt16BigEndian(row.AsSpan(sizeof(ulong)), (ushort)key.Bytes.Length); // at most StateKey.MaximumLength
        key.Bytes.CopyTo(row.AsSpan(Header));
        value.CopyTo(row.AsSpan(Header + key.Bytes.Length));
        return row;
    }

    /// <summary>The height that wrote the value.</summary>
    public static ulong Since(ReadOnlySpan<byte> row) => BinaryPrimitives.ReadUInt64BigEndian(Whole(row));

    public static StateKey Key(ReadOnlySpan<byte> row) => StateKey.Decode(Whole(row)[Header..^(row.Length - ValueAt(row))]);

    public static ReadOnlySpan<byte> Value(ReadOnlySpan<byte> row) => row[ValueAt(row)..];

    private static int ValueAt(ReadOnlySpan<byte> row) => Header + BinaryPrimitives.ReadUInt16BigEndian(Whole(row)[sizeof(ulong)..]);

    private static ReadOnlySpan<byte> Whole(ReadOnlySpan<byte> row) =>
        row.Length >= Header && row.Length >= Header + BinaryPrimitives.ReadUInt16BigEndian(row[sizeof(ulong)..])
            ? row
            : throw new StoreException(StoreFault.Broken, "a row of the state is too short");
}
