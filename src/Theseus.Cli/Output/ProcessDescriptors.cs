using System.Globalization;
using System.Runtime.InteropServices;

namespace Theseus.Cli;

/// <summary>Open files of this process that its parent left open.</summary>
internal static partial class ProcessDescriptors
{
    private const string Folder = "/proc/self/fd";
    private const int FirstInherited = 3;
    private const int SetFlags = 2; // F_SETFD
    private const int CloseOnExec = 1; // FD_CLOEXEC

    /// <summary>
    /// Marks everything beyond the three standard streams as closed in programs that this one starts: a node or a localnet in the
    /// background
    /// must not hold a lock or a pipe of the script that started it.
    /// </summary>
    public static void KeepFromChildren()
    {
        if (!Directory.Exists(Folder))
        {
            return; // no such list on this system
        }

        foreach (string entry in Directory.GetFileSystemEntries(Folder))
        {
            if (int.TryParse(Path.GetFileName(entry), NumberStyles.None, CultureInfo.InvariantCulture, out int descriptor)
                && descriptor >= FirstInherited)
            {
                _ = Control(descriptor, SetFlags, CloseOnExec); // fails for the descriptor of the listing itself, which is closed by now
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int Control(int descriptor, int command, int argument);
}
