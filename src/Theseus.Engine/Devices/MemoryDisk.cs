namespace Theseus.Engine;

/// <summary>
/// A disk in memory that can crash: <see cref="Crash"/> drops what was not synced, or keeps a torn piece of it.
/// <see cref="FailAt"/> breaks the device at the n-th operation that changes something.
/// </summary>
public sealed class MemoryDisk : IDisk
{
    private readonly SortedDictionary<string, MemoryFile> _files = new(StringComparer.Ordinal);

    /// <summary>Appends, writes, truncations, deletions and syncs so far.</summary>
    public int Operations { get; private set; }

    /// <summary>The operation (0 first) at which the device breaks, and every one after it; negative for never.</summary>
    public int FailAt { get; set; } = -1;

    /// <summary>Syncs the last file of a call first: parallel syncs may end in either order.</summary>
    public bool SyncBackwards { get; set; }

    /// <inheritdoc/>
    public IDiskFile Open(string name)
    {
        if (!_files.TryGetValue(name, out MemoryFile? file))
        {
            file = new MemoryFile(this, name);
            _files.Add(name, file);
        }

        return file;
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> List() => [.. _files.Keys];

    /// <inheritdoc/>
    public void Delete(string name)
    {
        Count();
        _files.Remove(name);
    }

    /// <inheritdoc/>
    public void Sync(ReadOnlySpan<IDiskFile> files)
    {
        for (int i = 0; i < files.Length; i++)
        {
            Count();
            ((MemoryFile)files[SyncBackwards ? files.Length - 1 - i : i]).MakeDurable();
        }
    }

    /// <summary>
    /// Power failure: every file falls back to its durable bytes, plus the share of its unsynced appended tail that <paramref
    /// name="keep"/> gives for its name (0 to 1000 thousandths), plus zeros where space was reserved. The device works again.
    /// </summary>
    public void Crash(Func<string, int>? keep = null)
    {
        FailAt = -1;
        foreach (MemoryFile file in _files.Values)
        {
            file.Lose(keep?.Invoke(file.Name) ?? 0);
        }
    }

    /// <summary>Flips a bit of a file, durable bytes included (F7).</summary>
    public void Rot(string name, long offset) => _files[name].Rot(offset);

    private void Count()
    {
        if (FailAt >= 0 && Operations >= FailAt)
        {
            throw new IOException("the disk is broken");
        }

        Operations++;
    }

    private sealed class MemoryFile(MemoryDisk disk, string name) : IDiskFile
    {
        private byte[] _durable = [];
        private byte[] _bytes = [];
        private int _length;
        private int _reserved;

        public string Name => name;

        public long Length => _length;

        public void Append(ReadOnlySpan<byte> bytes)
        {
            disk.Count();
            Put(_length, bytes);
        }

        public void Write(long offset, ReadOnlySpan<byte> bytes)
        {
            disk.Count();
            Put((int)offset, bytes);
        }

        public int Read(long offset, Span<byte> buffer)
        {
            int count = int.Max(0, int.Min(buffer.Length, _length - (int)offset));
            _bytes.AsSpan((int)long.Min(offset, _length), count).CopyTo(buffer);
            return count;
        }

        public void Truncate(long length)
        {
            disk.Count();
            _length = (int)long.Min(length, _length);
            _reserved = 0;
        }

        public void Reserve(long end)
        {
            disk.Count();
            _reserved = int.Max(_reserved, (int)end);
        }

        public void Dispose()
        {
            // the disk keeps its files
        }

        public void MakeDurable() => _durable = _bytes.AsSpan(0, _length).ToArray();

        public void Lose(int keep)
        {
            int tail = int.Max(0, _length - _durable.Length);
            int kept = (int)((long)tail * keep / 1000);
            // what was reserved reads as zeros
            byte[] zeros = new byte[int.Max(0, _reserved - _durable.Length - kept)];
            byte[] after = [.. _durable, .. _bytes.AsSpan(_durable.Length, kept), .. zeros];
            _bytes = after;
            _length = after.Length;
        }

        public void Rot(long offset)
        {
            _bytes[offset] ^= 1;
            if (offset < _durable.Length)
            {
                _durable[offset] ^= 1;
            }
        }

        private void Put(int offset, ReadOnlySpan<byte> bytes)
        {
            int end = offset + bytes.Length;
            if (end > _bytes.Length)
            {
                Array.Resize(ref _bytes, int.Max(end, _bytes.Length * 2));
            }

            bytes.CopyTo(_bytes.AsSpan(offset));
            _length = int.Max(_length, end);
        }
    }
}
