using System.CommandLine;
using System.CommandLine.Invocation;
using Theseus.Cli.Commands;

namespace Theseus.Cli;

/// <summary>One run of the program: what lies around every command, whatever it does.</summary>
internal static class CommandLine
{
    /// <summary>Runs a command line and returns the exit code. No exception leaves it.</summary>
    public static async Task<int> RunAsync(string[] words)
    {
        // A fault on a thread that nobody waits for would end the process with a stack trace and code 134.
        AppDomain.CurrentDomain.UnhandledException += static (_, e) => Environment.Exit(Ending.Tell((Exception)e.ExceptionObject));
        try
        {
            ProcessDescriptors.KeepFromChildren();
            Terminal.Open();
            using Interruption interruption = new();
            return await InvokeAsync(words, interruption.Token);
        }
        catch (Exception e)
        {
            return Ending.Tell(e);
        }
    }

    private static async Task<int> InvokeAsync(string[] words, CancellationToken interrupted)
    {
        RootCommand root = CommandTree.Create();
        ParseResult parsed = root.Parse(words);
        if (parsed.Action is ParseErrorAction)
        {
            if (!CommandTree.IsUnfinished(parsed))
            {
                Terminal.Say(CommandTree.Fault(parsed));
            }
            else
            {
                // the words stop before a command: what comes next is what is wanted, but nothing was done
                root.Parse([.. words, "--help"]).Invoke(new InvocationConfiguration { Output = Console.Error });
            }

            return ExitCode.Usage;
        }

        // Signals are taken here, once, for all commands: the library would end the process before a localnet has stopped its nodes.
        InvocationConfiguration configuration = new() { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
        if (parsed.Action is not SynchronousCommandLineAction)
        {
            return await parsed.InvokeAsync(configuration, interrupted);
        }

        // It looks at no token, and may be compiling, or waiting for a pipe: a signal ends it where it is, and it leaves nothing running.
        Task<int> work = Task.Run(() => parsed.InvokeAsync(configuration, CancellationToken.None), CancellationToken.None);
        return await work.WaitAsync(interrupted);
    }
}
