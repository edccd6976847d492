using Theseus.Move.Runtime;

namespace Theseus.Move.Natives;

/// <summary>
/// The eight natives of 0x1::table. Type arguments are key, value and box; a table's first field is its handle; an item is
/// stored as its box,
/// which has one field and so the value's own bytes. The table's name in state is SHA3-256 of its making (execution 3).
/// </summary>
internal static class TableNatives
{
    /// <summary>100 in category invalid state.</summary>
    public const ulong AlreadyExists = (100 << 8) + 7;

    /// <summary>101 in category invalid state.</summary>
    public const ulong NotFound = (101 << 8) + 7;

    private const int Key = 0;
    private const int Box = 2;

    public static ulong? NewHandle(NativeCall call)
    {
        call.Charge(StandardNatives.Gas(call).HashBase);
        call.Session.Memory.Box();
        Hash32 handle = call.Session.NewTable();
        call.Return(Value.Of(new Address(handle.ToArray())));
        return null;
    }

    public static ulong? Add(NativeCall call)
    {
        GlobalStore.Slot slot = Item(call);
        if (slot.Exists)
        {
            return AlreadyExists;
        }

        slot.Exists = true;
        slot.Touched = true;
        slot.Value = call[2];
        return null;
    }

    public static ulong? Borrow(NativeCall call, bool mutable)
    {
        GlobalStore.Slot slot = Item(call);
        if (!slot.Exists)
        {
            return NotFound;
        }

        slot.Touched |= mutable;
        call.Return(slot.Value);
        return null;
    }

    public static ulong? Contains(NativeCall call)
    {
        call.Return(Value.Of(Item(call).Exists));
        return null;
    }

    public static ulong? Remove(NativeCall call)
    {
        GlobalStore.Slot slot = Item(call);
        if (!slot.Exists)
        {
            return NotFound;
        }

        slot.Exists = false;
        slot.Touched = true;
        call.Return(slot.Value);
        slot.Value = default;
        return null;
    }

    private static GlobalStore.Slot Item(NativeCall call)
    {
        Hash32 table = new(call[0].AsFields[0].AsAddress.ToArray());
        call.Session.ChargeEncoding(call[1]);
        byte[] key = ValueCodec.Encode(call[1], call.TypeArguments[Key]);
        return call.Session.Globals.Item(table, key, call.TypeArguments[Box]);
    }
}
