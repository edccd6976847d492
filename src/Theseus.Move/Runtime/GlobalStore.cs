using Theseus.Move.Format;
using Theseus.Move.Rules;

namespace Theseus.Move.Runtime;

/// <summary>
/// The state values that a session has touched: resources and table items, read once, decoded, and written back only where
/// their bytes changed
/// against the session's input (move 3.4). Existence follows the reference's slots: fresh and removed leaves no write, removed
/// and added again is a change.
/// </summary>
internal sealed class GlobalStore
{
    private readonly IStateReader _state;
    private readonly Session _session;
    /// <summary>Most sessions touch a handful of values: these are found by looking at each.</summary>
    private const int Few = 12;

    private Dictionary<(Address, RuntimeType), Slot>? _resources; // when there are more
    private Dictionary<StateKey, Slot>? _items;
    private readonly List<Slot> _order = [];
    private long _readBytes;

    internal GlobalStore(Session session, IStateReader state)
    {
        _session = session;
        _state = state;
    }

    internal sealed class Slot(StateKey key, RuntimeType type, byte[]? original)
    {
        /// <summary>Of a resource; null for an item of a table.</summary>
        public Address? Account { get; init; }

        public StateKey Key { get; } = key;

        public RuntimeType Type { get; } = type;

        /// <summary>The bytes in the session's input.</summary>
        public byte[]? Original { get; } = original;

        public bool Exists { get; set; } = original is not null;

        /// <summary>A struct: its own place, so references to it stay valid.</summary>
        public Value Value { get; set; }

        /// <summary>Borrowed mutably, moved or created: its bytes are compared at the end.</summary>
        public bool Touched { get; set; }
    }

    internal Slot Resource(Address account, RuntimeType type)
    {
        if (Known(account, type) is { } known)
        {
            return known;
        }

        StructTag tag = type.Tag.Struct!;
        if (type.Depth > TypeTagCodec.MaximumDepth || type.Nodes > TypeTagCodec.MaximumNodes)
        {
            // no client could name it (execution 1)
            throw new VmException(StatusCode.VmMaxTypeDepthReached, "the type of a stored value nests too deep");
        }

        Slot slot = Load(StateKey.Resource(account, tag), type, account);
        _resources?.Add((account, type), slot);
        return slot;
    }

    private Slot? Known(Address account, RuntimeType type)
    {
        if (_resources is null)
        {
            foreach (Slot slot in _order)
            {
                if (slot.Account == account && slot.Type.Equals(type))
                {
                    return slot;
                }
            }

            if (_order.Count < Few)
            {
                return null;
            }

            _resources = [];
            foreach (Slot slot in _order)
            {
                if (slot.Account is { } owner)
                {
                    _resources.Add((owner, slot.Type), slot);
                }
            }
        }

        return _resources.GetValueOrDefault((account, type));
    }

    internal Slot Item(Hash32 table, byte[] key, RuntimeType type)
    {
        StateKey name = StateKey.TableItem(table, key);
        if (!(_items ??= []).TryGetValue(name, out Slot? known))
        {
            known = Load(name, type, null);
            _items.Add(name, known);
        }

        return known;
    }

    private Slot Load(StateKey key, RuntimeType type, Address? account)
    {
        RuntimeLimits limits = _session.Snapshot.Rules.Limits;
        GasTable gas = _session.Snapshot.Rules.Gas;
        if (key.Bytes.Length > limits.KeyBytes)
        {
            throw new VmException(StatusCode.StorageWriteLimitReached, "the key is too long");
        }

        type.ValueDepth(limits.ValueDepth);
        _session.Gas.Charge(gas.StateRead);
        byte[]? bytes = _state.TryGet(key);
        _session.Memory.Item(key.Bytes.Length);
        Slot slot = new(key, type, bytes) { Account = account };
        if (bytes is not null)
        {
            _readBytes += bytes.Length;
            if (_readBytes > limits.ReadBytes)
            {
                throw new VmException(StatusCode.IoLimitReached, "the transaction reads too much");
            }

            _session.Gas.Charge(bytes.Length, gas.StateReadByte);
            _session.Memory.Item(bytes.Length);
            if (!ValueCodec.TryDecode(bytes, type, _session.Memory, asArgument: false, out Value value))
            {
                throw new VmException(StatusCode.FailedToDeserializeResource, $"stored {type}");
            }

            slot.Value = value;
        }

        _order.Add(slot);
        return slot;
    }

    /// <summary>Keys read so far, in the order of first use.</summary>
    public IEnumerable<StateKey> Reads => _order.Select(slot => slot.Key);

    /// <summary>Charges and returns the changed values, sorted.</summary>
    internal WriteSet Changes()
    {
        RuntimeLimits limits = _session.Snapshot.Rules.Limits;
        GasTable gas = _session.Snapshot.Rules.Gas;
        List<StateWrite> writes = [];
        long total = 0;
        foreach (Slot slot in _order)
        {
            if (!slot.Touched)
            {
                continue;
            }

            byte[]? bytes = null;
            if (slot.Exists)
            {
                _session.ChargeEncoding(slot.Value);
                bytes = ValueCodec.Encode(slot.Value, slot.Type);
                if (bytes.Length > limits.ValueBytes)
                {
                    throw new VmException(StatusCode.StorageWriteLimitReached, "a stored value is too large");
                }
            }

            if (bytes is null ? slot.Original is null : slot.Original is not null && bytes.AsSpan().SequenceEqual(slot.Original))
            {
                continue;
            }

            long size = slot.Key.Bytes.Length + (bytes?.Length ?? 0);
            total += size;
            if (total > limits.WriteBytes)
            {
                throw new VmException(StatusCode.StorageWriteLimitReached, "the transaction writes too much");
            }

            _session.Gas.Charge(gas.StateWrite);
            _session.Gas.Charge(size, gas.StateWriteByte);
            writes.Add(new StateWrite(slot.Key, bytes));
        }

        return WriteSet.From(writes);
    }
}
