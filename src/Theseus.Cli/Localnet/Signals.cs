using System.Runtime.InteropServices;

namespace Theseus.Cli.Localnet;

/// <summary>Signals to processes that this one started.</summary>
internal static partial class Signals
{
    private const int Termination = 15; // SIGTERM

    /// <summary>Asks a process to end.</summary>
    public static void Terminate(int process) => _ = Kill(process, Termination); // it may have ended by itself

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
