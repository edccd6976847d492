using System.Buffers.Binary;

namespace Theseus.Storage;

/// <summary>
/// The highest block that a folder's store has held durably, in a file beside the database. The database takes a damaged end of its
/// manifest for one that a crash cut off, and opens an older state without a word (decision 0111); this height tells.
/// </summary>
internal sealed class HighestBlock : IDisposable
{
    private const string Name = "highest-block";

    private readonly Microsoft.Win32.SafeHandles.SafeFileHandle _file;

    /// <exception cref="StoreException">Broken: the file is not a height, or above what the store holds.</exception>
    /// <exception cref="IOException">The file cannot be read or written.</exception>
    public HighestBlock(string folder, ulong? decided)
    {
        string path = Path.Combine(folder, Name);
        _file = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        try
        {
            Span<byte> bytes = stackalloc byte[sizeof(ulong) + 1];
            int length = RandomAccess.Read(_file, bytes, 0);
            if (length is not (0 or sizeof(ulong)))
            {
                throw new StoreException(StoreFault.Broken, $"{path} should hold 8 bytes, the highest block that was stored");
            }

            ulong highest = length == 0 ? 0 : BinaryPrimitives.ReadUInt64BigEndian(bytes);
            if (highest > (decided ?? 0))
            {
                throw new StoreException(StoreFault.Broken, $"the store in {folder} held block {highest} and now ends "
                    + $"{(decided is ulong end ? $"at block {end}" : "without a chain")}: its manifest is damaged, or older files were "
                    + "put in its place; restore the whole folder, or remove it and catch up");
            }
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Notes a block that is durable in the store. Not synced: a crash may lose it, and a height that is too low accuses nobody.
    /// </summary>
    public void Note(ulong height)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, height);
        RandomAccess.Write(_file, bytes, 0);
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
