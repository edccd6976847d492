using System.Reflection;
using System.Runtime.InteropServices;
using Theseus.Storage;

namespace Theseus.Bench.Store;

/// <summary>The part of liblmdb (0.9) that the store uses, as it is in lmdb.h.</summary>
internal static partial class Lmdb
{
    public const uint NoTls = 0x200000;
    public const uint NoReadAhead = 0x800000;
    public const uint NoSync = 0x10000;
    public const uint ReadOnly = 0x20000;
    public const uint Create = 0x40000;
    public const uint AppendFlag = 0x20000;
    public const int NotFound = -30798;
    
    public const int First = 0;
    public const int CursorLast = 6;
    public const int Next = 8;
    public const int Previous = 12;
    public const int SetRange = 17;

    private const string Library = "liblmdb";
    private static readonly string[] Names = ["liblmdb.so.0", "liblmdb.so", "liblmdb", "liblmdb.dylib"];

    static Lmdb() => NativeLibrary.SetDllImportResolver(typeof(Lmdb).Assembly, Resolve);

    /// <exception cref="StoreException">Broken: the call failed.</exception>
    public static void Check(int code, string what)
    {
        if (code != 0)
        {
            throw new StoreException(StoreFault.Broken, $"{what}: {Marshal.PtrToStringUTF8(mdb_strerror(code))} ({code})");
        }
    }

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (name != Library)
        {
            return 0;
        }

        foreach (string candidate in Names)
        {
            if (NativeLibrary.TryLoad(candidate, out nint handle))
            {
                return handle;
            }
        }

        throw new DllNotFoundException($"liblmdb is missing (tried {string.Join(", ", Names)}); on Debian: apt-get install liblmdb0");
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct Value
    {
        public nint Size;
        public nint Data;
    }

    [LibraryImport(Library)]
    internal static partial nint mdb_strerror(int code);

    [LibraryImport(Library)]
    internal static partial int mdb_env_create(out nint environment);

    [LibraryImport(Library)]
    internal static partial int mdb_env_set_maxdbs(nint environment, uint count);

    [LibraryImport(Library)]
    internal static partial int mdb_env_set_maxreaders(nint environment, uint count);

    [LibraryImport(Library)]
    internal static partial int mdb_env_set_mapsize(nint environment, nint size);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int mdb_env_open(nint environment, string path, uint flags, uint mode);

    [LibraryImport(Library)]
    internal static partial void mdb_env_close(nint environment);

    [LibraryImport(Library)]
    internal static partial int mdb_reader_check(nint environment, out int dead);

    [LibraryImport(Library)]
    internal static partial int mdb_txn_begin(nint environment, nint parent, uint flags, out nint transaction);

    [LibraryImport(Library)]
    internal static partial int mdb_txn_commit(nint transaction);

    [LibraryImport(Library)]
    internal static partial void mdb_txn_abort(nint transaction);

    [LibraryImport(Library)]
    internal static partial void mdb_txn_reset(nint transaction);

    [LibraryImport(Library)]
    internal static partial int mdb_txn_renew(nint transaction);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int mdb_dbi_open(nint transaction, string name, uint flags, out uint database);

    [LibraryImport(Library)]
    internal static partial int mdb_get(nint transaction, uint database, ref Value key, out Value value);

    [LibraryImport(Library)]
    internal static partial int mdb_put(nint transaction, uint database, ref Value key, ref Value value, uint flags);

    [LibraryImport(Library)]
    internal static partial int mdb_del(nint transaction, uint database, ref Value key, nint value);

    [LibraryImport(Library)]
    internal static partial int mdb_cursor_open(nint transaction, uint database, out nint cursor);

    [LibraryImport(Library)]
    internal static partial void mdb_cursor_close(nint cursor);

    [LibraryImport(Library)]
    internal static partial int mdb_cursor_renew(nint transaction, nint cursor);

    [LibraryImport(Library)]
    internal static partial int mdb_cursor_get(nint cursor, ref Value key, ref Value value, int operation);
}
