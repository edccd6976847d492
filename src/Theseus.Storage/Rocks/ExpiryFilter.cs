using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using RocksDbSharp;

namespace Theseus.Storage;

/// <summary>
/// Drops expired rows while the database rewrites table files anyway, so that pruning writes nothing of its own. The database calls it from
/// its own threads; all it reads is the table's number and the floor, which live outside the collected heap.
/// </summary>
internal sealed unsafe class ExpiryFilter : IDisposable
{
    private static readonly nint Name = Marshal.StringToCoTaskMemUTF8("theseus.expiry"); // for the life of the process
    private readonly State* _state;

    public ExpiryFilter(Table table)
    {
        _state = (State*)NativeMemory.AllocZeroed((nuint)sizeof(State));
        _state->Table = table;
        Handle = Native.Instance.rocksdb_compactionfilter_create(
            (nint)_state,
            (nint)(delegate* unmanaged[Cdecl]<nint, void>)&Destroyed,
            (nint)(delegate* unmanaged[Cdecl]<nint, int, byte*, nuint, byte*, nuint, byte**, nuint*, byte*, byte>)&Filter,
            (nint)(delegate* unmanaged[Cdecl]<nint, nint>)&NameOf);
        Native.Instance.rocksdb_compactionfilter_set_ignore_snapshots(Handle, 1); // the only way it works; see IKeyValues.Forget
    }

    /// <summary>For the options of the table's column family.</summary>
    public nint Handle { get; }

    public void Raise(ulong floor) => Volatile.Write(ref _state->Floor, ulong.Max(floor, Volatile.Read(ref _state->Floor)));

    /// <summary>Only after the database is closed: its threads call the filter until then.</summary>
    public void Dispose()
    {
        Native.Instance.rocksdb_compactionfilter_destroy(Handle);
        NativeMemory.Free(_state);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Destroyed(nint state)
    {
        // the owner frees it
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint NameOf(nint state) => Name;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static byte Filter(
        nint state, int level, byte* key, nuint keyLength, byte* value, nuint valueLength, byte** newValue, nuint* newLength, byte* changed)
    {
        State* own = (State*)state;
        ulong floor = Volatile.Read(ref own->Floor);
        ReadOnlySpan<byte> keyBytes = new(key, (int)keyLength);
        ReadOnlySpan<byte> valueBytes = new(value, (int)valueLength);
        return own->Table.IsExpired(keyBytes, valueBytes, floor) ? (byte)1 : (byte)0;
    }

    private struct State
    {
        public Table Table;
        public ulong Floor;
    }
}
