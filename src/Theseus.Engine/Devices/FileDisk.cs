using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Theseus.Engine;

/// <summary>
/// A folder of the file system. Names become durable with their file's first sync. Two files that are synced together are synced one
/// after the other where that is quick, and side by side where waking a thread is cheaper than waiting. One caller at a time.
/// </summary>
public sealed partial class FileDisk : IDisk, IDisposable
{
    /// <summary>SYNC_FILE_RANGE_WRITE: writing begins, nothing is waited for.</summary>
    private const uint BeginOnly = 2;

    /// <summary>The last syncs count most: the average moves by this share of each.</summary>
    private const int Weight = 8;

    /// <summary>Above this, waking a second thread for the second file costs less than it saves, however busy the machine.</summary>
    private static readonly TimeSpan Slow = TimeSpan.FromMilliseconds(0.5);

    private readonly string _folder;
    private readonly TimeProvider _clock;
    private TimeSpan _average;
    private SyncThread? _second;

    /// <summary>Opens a folder, made if it is not there.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="clock">Times the syncs.</param>
    /// <exception cref="IOException">The folder cannot be made.</exception>
    public FileDisk(string folder, TimeProvider clock)
    {
        _folder = folder;
        _clock = clock;
        Directory.CreateDirectory(folder);
    }

    /// <inheritdoc/>
    public IDiskFile Open(string name)
    {
        string path = Path.Combine(_folder, name);
        bool isNew = !File.Exists(path);
        SafeFileHandle handle = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        return new OpenFile(name, handle) { NameIsNew = isNew };
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> List() =>
        [.. Directory.EnumerateFiles(_folder).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)];

    /// <inheritdoc/>
    public void Delete(string name)
    {
        File.Delete(Path.Combine(_folder, name));
        SyncFolder();
    }

    /// <summary>Ends the second thread, if there is one. Open files stay open.</summary>
    public void Dispose() => _second?.Dispose();

    /// <inheritdoc/>
    public void Sync(ReadOnlySpan<IDiskFile> files)
    {
        if (files.Length == 2 && _average > Slow)
        {
            SyncSideBySide(files[0], files[1]);
        }
        else
        {
            SyncInTurn(files);
        }

        bool newName = false;
        foreach (IDiskFile file in files)
        {
            newName |= ((OpenFile)file).NameIsNew;
        }

        if (newName)
        {
            SyncFolder();
            foreach (IDiskFile file in files)
            {
                ((OpenFile)file).NameIsNew = false;
            }
        }
    }

    private void SyncInTurn(ReadOnlySpan<IDiskFile> files)
    {
        for (int i = 1; i < files.Length && OperatingSystem.IsLinux(); i++)
        {
            _ = BeginWriting(((OpenFile)files[i]).Handle, 0, 0, BeginOnly); // an error shows in the sync
        }

        foreach (IDiskFile file in files)
        {
            long began = _clock.GetTimestamp();
            SyncData(((OpenFile)file).Handle);
            Learn(began);
        }
    }

    private void SyncSideBySide(IDiskFile first, IDiskFile second)
    {
        long began = _clock.GetTimestamp();
        SafeFileHandle handle = ((OpenFile)second).Handle;
        _second ??= new SyncThread();
        _second.Begin(() => SyncData(handle));
        try
        {
            SyncData(((OpenFile)first).Handle);
        }
        finally
        {
            _second.End();
        }

        Learn(began);
    }

    private void Learn(long began) => _average += (_clock.GetElapsedTime(began) - _average) / Weight;

    // Contents and length, not the time of writing: that spares a second write for a file that does not grow, such as the mark.
    private static void SyncData(SafeFileHandle handle)
    {
        if (!OperatingSystem.IsLinux())
        {
            RandomAccess.FlushToDisk(handle);
            return;
        }

        const int Interrupted = 4;
        while (SyncDataOf(handle) != 0)
        {
            int error = Marshal.GetLastPInvokeError();
            if (error != Interrupted)
            {
                throw new IOException($"a sync failed with error {error}");
            }
        }
    }

    // A name is durable when its folder is synced. Windows journals names itself.
    private void SyncFolder()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        const int ReadOnly = 0;
        int folder = OpenFolder(_folder, ReadOnly);
        if (folder < 0)
        {
            throw new IOException($"cannot open {_folder}");
        }

        int result = SyncHandle(folder);
        _ = CloseHandle(folder);
        if (result != 0)
        {
            throw new IOException($"sync of {_folder} failed");
        }
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int OpenFolder(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SyncHandle(int handle);

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SyncDataOf(SafeFileHandle handle);

    [LibraryImport("libc", EntryPoint = "sync_file_range")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int BeginWriting(SafeFileHandle handle, long offset, long bytes, uint flags);

    [LibraryImport("libc", EntryPoint = "posix_fallocate")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Allocate(SafeFileHandle handle, long offset, long length);

    [LibraryImport("libc", EntryPoint = "close")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int CloseHandle(int handle);

    private sealed class OpenFile(string name, SafeFileHandle handle) : IDiskFile
    {
        public SafeFileHandle Handle => handle;

        public string Name => name;

        public bool NameIsNew { get; set; }

        public long Length { get; private set; } = RandomAccess.GetLength(handle);

        public void Append(ReadOnlySpan<byte> bytes) => Write(Length, bytes);

        public void Write(long offset, ReadOnlySpan<byte> bytes)
        {
            RandomAccess.Write(handle, bytes, offset);
            Length = long.Max(Length, offset + bytes.Length);
        }

        public int Read(long offset, Span<byte> buffer)
        {
            int total = 0;
            while (total < buffer.Length)
            {
                int count = RandomAccess.Read(handle, buffer[total..], offset + total);
                if (count == 0)
                {
                    break;
                }

                total += count;
            }

            return total;
        }

        public void Truncate(long length)
        {
            RandomAccess.SetLength(handle, length);
            Length = length;
        }

        public void Reserve(long end)
        {
            if (OperatingSystem.IsLinux() && end > Length)
            {
                _ = Allocate(handle, Length, end - Length); // a full disk shows in the write
            }
        }

        public void Dispose() => handle.Dispose();
    }
}
