namespace Theseus.Cli;

/// <summary>A file or folder that the user named. What is wrong with it is said in one line: which word named it, where it is, why it does
/// not serve, and what to do.</summary>
/// <param name="Word">How the command line calls it, such as --dir or &lt;file&gt;.</param>
/// <param name="Path">As given.</param>
internal sealed record Place(string Word, string Path)
{
    private const int PieceBytes = 1 << 16;

    /// <summary>The exit code when it cannot be read: what people write is configuration, what nodes write is data.</summary>
    public int Unreadable { get; init; } = ExitCode.Configuration;

    /// <summary>The whole content of a file, read up to a bound: a device that never ends is refused like a file that
    /// is too large.</summary>
    /// <param name="most">Bytes.</param>
    /// <exception cref="CommandFailure">It cannot be read (<see cref="Unreadable"/>), or is larger (exit code 2).</exception>
    public byte[] Read(long most)
    {
        Full();
        if (Directory.Exists(Path))
        {
            throw new CommandFailure($"{Word}: {Path} is a folder, not a file", ExitCode.Usage);
        }

        try
        {
            using FileStream stream = new(Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            using MemoryStream read = new();
            byte[] piece = new byte[PieceBytes];
            for (int got; (got = stream.Read(piece)) > 0;)
            {
                read.Write(piece, 0, got);
                if (read.Length > most)
                {
                    throw new CommandFailure($"{Word}: {Path} has more than {most} bytes, which is too many for what it should be",
                        ExitCode.Usage);
                }
            }

            return read.ToArray();
        }
        catch (Exception e) when (IsFault(e))
        {
            throw Unread(e);
        }
    }

    /// <summary>Paths of the files in a folder that match a pattern, sorted.</summary>
    /// <exception cref="CommandFailure">It cannot be read (<see cref="Unreadable"/>).</exception>
    public IReadOnlyList<string> Files(string pattern, SearchOption depth)
    {
        Full();
        try
        {
            return [.. Directory.EnumerateFiles(Path, pattern, depth).Order(StringComparer.Ordinal)];
        }
        catch (Exception e) when (IsFault(e))
        {
            throw Unread(e);
        }
    }

    private CommandFailure Unread(Exception fault)
    {
        string reason = fault is FileNotFoundException ? "there is no such file" : Reason(fault);
        string advice = fault is UnauthorizedAccessException ? "change its permissions, or run as its owner" : "check the path";
        return new CommandFailure($"{Word}: cannot read {Path}: {reason}; {advice}", Unreadable);
    }

    /// <summary>Does the writing, and says what is wrong with the place when it fails.</summary>
    /// <exception cref="CommandFailure">It failed (exit code 4).</exception>
    public void Write(Action write)
    {
        Full();
        try
        {
            write();
        }
        catch (Exception e) when (IsFault(e))
        {
            throw new CommandFailure($"{Word}: cannot write {Path}: {Reason(e)}; {WriteAdvice(e)}", ExitCode.DataFolder);
        }
    }

    /// <summary>
    /// Makes sure, before work is spent, that a folder is there or can be made, and takes new entries. Only trying
    /// tells: pseudo file systems, quotas and read-only mounts allow by their permissions what they then refuse.
    /// Nothing is left behind.
    /// </summary>
    /// <exception cref="CommandFailure">It does not serve (exit code 2).</exception>
    public void CheckFolder()
    {
        string full = Full();
        string standing = full;
        while (!System.IO.Path.Exists(standing) && System.IO.Path.GetDirectoryName(standing) is string above)
        {
            standing = above;
        }

        if (!Directory.Exists(standing))
        {
            throw new CommandFailure($"{Word}: {standing} is not a folder; choose another place", ExitCode.Usage);
        }

        Attempt(standing, full);
    }

    /// <summary>As <see cref="CheckFolder"/>, for a file that will be written or written over in a folder that is there.</summary>
    /// <exception cref="CommandFailure">It does not serve (exit code 2).</exception>
    public void CheckFile()
    {
        string full = Full();
        string? folder = System.IO.Path.GetDirectoryName(full);
        if (folder is null || Directory.Exists(full))
        {
            throw new CommandFailure($"{Word}: {Path} is a folder; name a file", ExitCode.Usage);
        }

        if (!Directory.Exists(folder))
        {
            throw new CommandFailure($"{Word}: there is no folder {folder}", ExitCode.Usage);
        }

        if (!System.IO.Path.Exists(full))
        {
            Attempt(folder, full);
            return;
        }

        try
        {
            using FileStream stream = new(full, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        }
        catch (Exception e) when (IsFault(e))
        {
            throw Refused(e);
        }
    }

    // In a folder of this process's own, so that others who try the same place meanwhile neither see nor remove it.
    private void Attempt(string standing, string full)
    {
        string own = System.IO.Path.Combine(standing, $".theseus-{Environment.ProcessId}");
        try
        {
            Directory.CreateDirectory(System.IO.Path.Combine(own, System.IO.Path.GetRelativePath(standing, full)));
        }
        catch (Exception e) when (IsFault(e))
        {
            throw Refused(e);
        }
        finally
        {
            if (Directory.Exists(own))
            {
                Directory.Delete(own, recursive: true);
            }
        }
    }

    private CommandFailure Refused(Exception fault) =>
        new($"{Word}: cannot write to {Path}: {Reason(fault)}; {WriteAdvice(fault)}", ExitCode.Usage);

    /// <summary>Whether an exception is a file system's refusal.</summary>
    public static bool IsFault(Exception fault) => fault is IOException or UnauthorizedAccessException;

    /// <summary>A file system's refusal in a few words, without the path.</summary>
    public static string Reason(Exception fault) => fault switch
    {
        UnauthorizedAccessException => "permission denied",
        FileNotFoundException => "nothing can be made there",
        DirectoryNotFoundException => "a folder of the path does not exist",
        PathTooLongException => "the path or a name in it is too long",
        _ => DeviceErrors.Name(fault.HResult) ?? fault.Message.ReplaceLineEndings(" ").Trim().TrimEnd('.'),
    };

    private static string WriteAdvice(Exception fault) => DeviceErrors.IsFull(fault.HResult) ? "make room and try again"
        : fault is UnauthorizedAccessException ? "change its permissions, or choose another place"
        : "choose another place";

    // The whole path; without it there is nothing that could be looked for.
    private string Full() => Path.Length > 0 && !Path.Contains('\0', StringComparison.Ordinal)
        ? System.IO.Path.GetFullPath(Path)
        : throw new CommandFailure($"{Word} needs a path, not an empty word", ExitCode.Usage);
}
