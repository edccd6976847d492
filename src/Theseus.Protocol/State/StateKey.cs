using System.Security.Cryptography;

namespace Theseus.Protocol;

/// <summary>What a state key names (execution 3).</summary>
public enum StateKeyKind : byte
{
    /// <summary>A resource of an account.</summary>
    Resource = 0,

    /// <summary>A module of an account.</summary>
    Module = 1,

    /// <summary>An item of a table.</summary>
    TableItem = 2,
}

/// <summary>
/// The key of one state value: canonical bytes (execution 3), compared bytewise.
/// 0 Resource{address 32, StructTag} · 1 Module{address 32, name} · 2 TableItem{handle 32, key bytes}.
/// </summary>
public sealed class StateKey : IEquatable<StateKey>, IComparable<StateKey>
{
    /// <summary>Longest key in bytes (execution 3).</summary>
    public const int MaximumLength = 1024;

    private readonly byte[] _bytes;
    private readonly int _hash;
    private Hash32Box? _treeKey;

    private StateKey(byte[] bytes)
    {
        _bytes = bytes;
        HashCode hash = default;
        hash.AddBytes(bytes);
        _hash = hash.ToHashCode(); // process-local, only for in-memory tables, never visible
    }

    /// <summary>The canonical bytes, at most <see cref="MaximumLength"/>.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>What the key names: the first byte.</summary>
    public StateKeyKind Kind => (StateKeyKind)_bytes[0];

    /// <summary>The account of a resource or module, the handle of a table item: the first part of the history key (execution 6).</summary>
    public Address Owner => new(_bytes.AsSpan(1, 32));

    /// <summary>SHA-256 of the key's bytes: the path in the state tree. Computed once.</summary>
    public Hash32 TreeKey() => (_treeKey ??= new Hash32Box(new Hash32(SHA256.HashData(_bytes)))).Value;

    /// <summary>The name in a module key.</summary>
    /// <exception cref="InvalidOperationException">The key is not a module's.</exception>
    public string ModuleName()
    {
        if (Kind != StateKeyKind.Module)
        {
            throw new InvalidOperationException("not a module key");
        }

        BcsReader reader = new(_bytes.AsSpan(1 + Address.Length));
        return reader.Text(ModuleNameLimit);
    }

    /// <summary>The type in a resource key.</summary>
    /// <exception cref="InvalidOperationException">The key is not a resource's.</exception>
    public StructTag ResourceType()
    {
        if (Kind != StateKeyKind.Resource)
        {
            throw new InvalidOperationException("not a resource key");
        }

        BcsReader reader = new(_bytes.AsSpan(1 + Address.Length));
        return TypeTagCodec.ReadStruct(ref reader);
    }

    /// <summary>The key of an account's resource.</summary>
    public static StateKey Resource(Address account, StructTag type)
    {
        byte[] bytes = new byte[1 + Address.Length + type.Bytes.Length];
        bytes[0] = (byte)StateKeyKind.Resource;
        account.CopyTo(bytes.AsSpan(1));
        type.Bytes.CopyTo(bytes.AsSpan(1 + Address.Length));
        return new StateKey(bytes);
    }

    /// <summary>The key of a module.</summary>
    public static StateKey Module(ModuleId id) =>
        new(new BcsWriter(64).U8((byte)StateKeyKind.Module).Address(id.Address).Text(id.Name).ToArray());

    /// <summary>The key of a table's item.</summary>
    /// <param name="handle">The table's handle (<see cref="TableHandles"/>).</param>
    /// <param name="key">BCS of the item's key.</param>
    public static StateKey TableItem(Hash32 handle, ReadOnlySpan<byte> key) =>
        new(new BcsWriter(64 + key.Length).U8((byte)StateKeyKind.TableItem).Hash(handle).Bytes(key).ToArray());

    /// <summary>Reads canonical bytes.</summary>
    /// <exception cref="BcsException">The bytes are not a state key.</exception>
    public static StateKey Decode(ReadOnlySpan<byte> bytes)
    {
        BcsReader reader = new(bytes);
        byte kind = reader.U8();
        reader.Address();
        switch ((StateKeyKind)kind)
        {
            case StateKeyKind.Resource:
                TypeTagCodec.ReadStruct(ref reader);
                break;
            case StateKeyKind.Module:
                reader.Text(ModuleNameLimit);
                break;
            case StateKeyKind.TableItem:
                reader.BytesView(MaximumLength);
                break;
            default:
                throw reader.Fail($"state key kind {kind}");
        }

        reader.End();
        return new StateKey(bytes.ToArray());
    }

    /// <inheritdoc/>
    public int CompareTo(StateKey? other) => other is null ? 1 : _bytes.AsSpan().SequenceCompareTo(other._bytes);

    /// <inheritdoc/>
    public bool Equals(StateKey? other) => other is not null && _bytes.AsSpan().SequenceEqual(other._bytes);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as StateKey);

    /// <inheritdoc/>
    public override int GetHashCode() => _hash;

    /// <summary>Lower-case hexadecimal digits of the bytes.</summary>
    public override string ToString() => Convert.ToHexStringLower(_bytes);

    // a reference, so that a racing reader never sees half a hash
    private sealed record Hash32Box(Hash32 Value);

    // Longest identifier of format v6.
    private const int ModuleNameLimit = 65_535;
}

/// <summary>A read-only view of state at one height.</summary>
public interface IStateReader
{
    /// <summary>The value, or null when absent.</summary>
    byte[]? TryGet(StateKey key);
}

/// <summary>One written key; a null value deletes it.</summary>
public sealed record StateWrite(StateKey Key, byte[]? Value);

/// <summary>Writes sorted by key, no key twice.</summary>
public sealed class WriteSet
{
    /// <summary>No writes.</summary>
    public static readonly WriteSet Empty = new([]);

    private WriteSet(IReadOnlyList<StateWrite> writes) => Writes = writes;

    /// <summary>The writes, ascending by key.</summary>
    public IReadOnlyList<StateWrite> Writes { get; }

    /// <summary>Sorts; of equal keys the last one wins.</summary>
    public static WriteSet From(IEnumerable<StateWrite> writes)
    {
        StateWrite[] sorted = [.. writes];
        if (IsAscending(sorted))
        {
            return sorted.Length == 0 ? Empty : new WriteSet(sorted);
        }

        sorted = [.. sorted.OrderBy(static write => write.Key)]; // stable: of equal keys the last one stays the last
        List<StateWrite> kept = new(sorted.Length);
        for (int i = 0; i < sorted.Length; i++)
        {
            if (i + 1 == sorted.Length || !sorted[i].Key.Equals(sorted[i + 1].Key))
            {
                kept.Add(sorted[i]);
            }
        }

        return new WriteSet(kept);
    }

    private static bool IsAscending(StateWrite[] writes)
    {
        for (int i = 1; i < writes.Length; i++)
        {
            if (writes[i - 1].Key.CompareTo(writes[i].Key) >= 0)
            {
                return false;
            }
        }

        return true;
    }
}
