namespace Theseus.Cli.Localnet;

/// <summary>Watches the free space of a folder's disk and tells when it becomes scarce, and when it no longer is.</summary>
internal sealed class FreeSpace : IDisposable
{
    /// <summary>Some hours of five nodes' blocks and logs.</summary>
    public const long ScarceBytes = 256L * 1024 * 1024;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private readonly string _folder;
    private readonly Action<string> _say;
    private readonly Timer _timer;
    private bool _scarce;

    public FreeSpace(string folder, Action<string> say)
    {
        _folder = folder;
        _say = say;
        _timer = new Timer(_ => Look(), null, TimeSpan.Zero, Interval);
    }

    /// <summary>Bytes that may still be written in a folder; null when the system does not say.</summary>
    public static long? Of(string folder)
    {
        try
        {
            return new DriveInfo(folder).AvailableFreeSpace;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>A sentence when space is scarce, else null.</summary>
    public static string? Warning(string folder, long? free) =>
        free < ScarceBytes ? $"{free / (1024 * 1024)} MiB are free for {folder}: nodes stop when it is full; make room" : null;

    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        long? free = Of(_folder);
        bool scarce = free < ScarceBytes;
        if (scarce != _scarce)
        {
            _scarce = scarce;
            _say(scarce ? "theseus: warning: " + Warning(_folder, free) : $"theseus: there is room again for {_folder}");
        }
    }
}
