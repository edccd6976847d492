namespace Theseus.Engine;

/// <summary>
/// A folder of files. Devices throw <see cref="IOException"/> when they break; the engine then stops signing at once (F6).
/// </summary>
public interface IDisk
{
    /// <summary>Opens a file, made empty if it is not there. The new name is durable after the file's first <see cref="Sync"/>.</summary>
    IDiskFile Open(string name);

    /// <summary>The names of all files, in ordinal order.</summary>
    IReadOnlyList<string> List();

    /// <summary>Deletes a file; durable when this returns.</summary>
    void Delete(string name);

    /// <summary>
    /// Makes everything written to these files durable, in parallel if the device can (consensus N14). Which becomes durable
    /// first is not said.
    /// </summary>
    void Sync(ReadOnlySpan<IDiskFile> files);
}

/// <summary>An open file. Writes may be lost or torn by a crash until <see cref="IDisk.Sync"/> returns.</summary>
public interface IDiskFile : IDisposable
{
    /// <summary>The file's name in its folder.</summary>
    string Name { get; }

    /// <summary>Bytes written, without reserved space.</summary>
    long Length { get; }

    /// <summary>Writes behind the end.</summary>
    void Append(ReadOnlySpan<byte> bytes);

    /// <summary>Overwrites within or directly behind the file's end.</summary>
    void Write(long offset, ReadOnlySpan<byte> bytes);

    /// <summary>Reads up to the buffer's length; fewer bytes only at the end of the file.</summary>
    int Read(long offset, Span<byte> buffer);

    /// <summary>Cuts the file off, and gives back what was reserved behind.</summary>
    void Truncate(long length);

    /// <summary>
    /// Takes the device's space up to <paramref name="end"/> now, so that a sync of what is appended there need not write the file's
    /// size. A hint: <see cref="Length"/> stays; but whoever opens the file later, and who copies it, may find zeros behind
    /// what was written.
    /// </summary>
    void Reserve(long end);
}
