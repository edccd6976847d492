namespace Theseus.Cli;

/// <summary>
/// A node's own log on stdout, a dated line each. A line that cannot be written is counted and never ends or delays the node: whoever reads
/// its
/// log may go away, and the disk behind it may be full.
/// </summary>
internal static class NodeLog
{
    private static readonly Lock Gate = new();
    private static long _lost;

    /// <summary>Writes a line with the time of this call, UTC.</summary>
    public static void Write(string line)
    {
        lock (Gate)
        {
            try
            {
                if (_lost > 0)
                {
                    Console.Out.WriteLine($"{DateTime.UtcNow:yyyy-MM-dd HH:mm:ss.fff} warning: {_lost} lines could not be written here");
                    _lost = 0;
                }

                Console.Out.WriteLine(FormattableString.Invariant($"{DateTime.UtcNow:yyyy-MM-dd HH:mm:ss.fff} {Readable.Lines(line)}"));
            }
            catch (IOException)
            {
                _lost++;
            }
        }
    }
}
