using System.Runtime.InteropServices;

namespace Theseus.Network;

/// <summary>
/// How many file descriptors the process may have (getrlimit, RLIMIT_NOFILE). A node shares them out at its start: without,
/// strangers' connections would take those that its log and its dials need.
/// </summary>
public static partial class DescriptorLimit
{
    /// <summary>Connections of the API at least: some probes and a few clients.</summary>
    public const int FewestClients = 6;

    private const int Overlays = 3;

    /// <summary>The log, threads, and assemblies that are loaded later: the runtime holds two descriptors for each.</summary>
    private const int Rest = 96;

    /// <summary>Table files that a store cannot do without, and those beyond which it is no faster.</summary>
    private const int FewestTables = 24, MostTables = 256;

    /// <summary>The limit for which <see cref="Needed"/> keeps a store's files.</summary>
    private const int Modest = 512;

    /// <summary>Without a limit that is known, and above this, nothing is gained by more.</summary>
    private const int Enough = 1 << 20;

    /// <summary>RLIMIT_NOFILE on Linux.</summary>
    private const int OpenFiles = 7;

    /// <summary>Raises the process's soft limit to its hard limit and returns what holds now, at most 2^20.</summary>
    public static int Raise()
    {
        if (!OperatingSystem.IsLinux() || Get(OpenFiles, out Limit limit) != 0)
        {
            return Enough;
        }

        if (limit.Soft < limit.Hard)
        {
            Limit raised = limit with { Soft = limit.Hard };
            limit = Set(OpenFiles, in raised) == 0 ? raised : limit;
        }

        return (int)ulong.Min(limit.Soft, Enough);
    }

    /// <summary>Files that the store may have open: an eighth of the limit, 24 to 256.</summary>
    public static int OfStore(int limit) => int.Clamp(limit / 8, FewestTables, MostTables);

    /// <summary>
    /// Descriptors that the rest of the node keeps besides those in use at its start: the store's files, the log, threads, and
    /// assemblies that are loaded later.
    /// </summary>
    public static int Kept(int limit) => Rest + OfStore(limit);

    /// <summary>Descriptors in use now; a node has some 200 when its store is open and no connection is.</summary>
    public static int Used() => OperatingSystem.IsLinux() ? Directory.GetFileSystemEntries("/proc/self/fd").Length : 0;

    /// <summary>
    /// What one of the three overlays may use for connections that come in: of what is left after <see cref="Kept(int)"/> and this node's
    /// own dials, half goes to the overlays in equal parts; the other half is for clients of the API.
    /// </summary>
    /// <param name="limit">The process's limit.</param>
    /// <param name="used">What is in use at the start.</param>
    /// <param name="dials">Nodes that are dialled, on each overlay.</param>
    public static int OfOverlay(int limit, int used, int dials) =>
        (int)long.Max(0, (limit - (long)used - Kept(limit) - ((long)Overlays * dials)) / (2 * Overlays));

    /// <summary>
    /// What the API may use for connections that come in: what the overlays, the dials and <see cref="Kept(int)"/> leave; below a limit of
    /// some hundreds a quarter of what is left without it, since the runtime ends a process that has none for a new thread.
    /// </summary>
    /// <param name="limit">The process's limit.</param>
    /// <param name="used">What is in use at the start.</param>
    /// <param name="dials">Nodes that are dialled, on each overlay.</param>
    /// <param name="overlays">What the three overlays use for connections that come in.</param>
    public static int OfClients(int limit, int used, int dials, int overlays)
    {
        long left = limit - (long)used - ((long)Overlays * dials) - overlays;
        return (int)long.Clamp(long.Max(left - Kept(limit), left / 4), FewestClients, Enough);
    }

    /// <summary>The limit below which the overlays have their fewest connections and the API has too few.</summary>
    /// <param name="used">What is in use at the start.</param>
    /// <param name="dials">Nodes that are dialled, on each overlay.</param>
    public static int Needed(int used, int dials) => used + Kept(Modest) + (Overlays * (dials + (2 * OverlayLimits.Fewest)));

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Get(int resource, out Limit limit);

    [LibraryImport("libc", EntryPoint = "setrlimit")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Set(int resource, in Limit limit);

    // struct rlimit of 64-bit Linux
    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct Limit(ulong Soft, ulong Hard);
}
