namespace Theseus.Cli;

/// <summary>Raw error numbers of Linux, which an IOException carries as its HResult.</summary>
internal static class DeviceErrors
{
    /// <summary>EPIPE: the reader of our output has gone, as in: theseus … | head -1.</summary>
    public const int BrokenPipe = 32;

    private const int Input = 5; // EIO
    private const int Exists = 17; // EEXIST
    private const int NotFolder = 20; // ENOTDIR
    private const int IsFolder = 21; // EISDIR
    private const int NoSpace = 28; // ENOSPC
    private const int ReadOnly = 30; // EROFS
    private const int TooManySymlinks = 40; // ELOOP
    private const int QuotaExceeded = 122; // EDQUOT

    /// <summary>Whether there is no room.</summary>
    public static bool IsFull(int number) => number is NoSpace or QuotaExceeded;

    /// <summary>Whether nothing may be written there.</summary>
    public static bool IsReadOnly(int number) => number is ReadOnly;

    /// <summary>An error in a few words, null when this program has none for it.</summary>
    public static string? Name(int number) => number switch
    {
        Input => "the device failed",
        Exists => "there is something of that name already",
        NotFolder => "a part of the path is a file, not a folder",
        IsFolder => "it is a folder",
        NoSpace => "the disk is full",
        ReadOnly => "it is read-only",
        TooManySymlinks => "its symbolic links go round in a circle",
        QuotaExceeded => "the quota is used up",
        _ => null,
    };
}
