using System.Globalization;
using System.Text;

namespace Theseus.Cli.Localnet;

/// <summary>
/// A log file of bounded size: when it is full it becomes FILE.1, in place of the one before. A line that cannot be written is counted, and
/// the
/// count is written as soon as the device takes lines again: a full disk must not end who writes.
/// </summary>
/// <param name="path">The file; lines are appended to what is there.</param>
/// <param name="maximumBytes">Size at which it is exchanged. Two such files stand on disk at most.</param>
internal sealed class RotatingLog(string path, long maximumBytes = RotatingLog.DefaultBytes) : IDisposable
{
    /// <summary>16 MiB: some 100,000 lines, hours of a localnet.</summary>
    public const long DefaultBytes = 16 * 1024 * 1024;

    private readonly Lock _gate = new();
    private FileStream? _file;
    private long _lost;
    private bool _closed;

    /// <summary>Where the lines before the last exchange are.</summary>
    public static string Previous(string path) => path + ".1";

    /// <summary>Appends a line.</summary>
    public void Write(string line)
    {
        lock (_gate)
        {
            if (_closed)
            {
                return; // a process that was ended said something more
            }

            try
            {
                if (_lost > 0)
                {
                    Append(string.Create(CultureInfo.InvariantCulture,
                        $"{DateTime.UtcNow:yyyy-MM-dd HH:mm:ss.fff} warning: {_lost} lines could not be written here"));
                    _lost = 0;
                }

                Append(line);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                _lost++;
                Close(); // the next line opens it anew
            }
        }
    }

    /// <summary>Closes the file; what is written later is dropped.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _closed = true;
            Close();
        }
    }

    private void Append(string line)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(line + "\n");
        _file ??= Open();
        if (_file.Length > 0 && _file.Length + bytes.Length > maximumBytes)
        {
            Close();
            File.Move(path, Previous(path), overwrite: true);
            _file = Open();
        }

        _file.Write(bytes);
    }

    private FileStream Open() => new(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);

    private void Close()
    {
        _file?.Dispose();
        _file = null;
    }
}
