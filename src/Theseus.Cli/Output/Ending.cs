using System.Net.Sockets;
using System.Reflection;
using Theseus.Client;
using Theseus.Node;
using Theseus.Storage;

namespace Theseus.Cli;

/// <summary>How a run that failed ends: one line that says what, where and what to do, and an exit code.</summary>
/// <param name="Code">One of <see cref="ExitCode"/>.</param>
/// <param name="Message">Null when nobody is there to read it.</param>
internal sealed record Ending(int Code, string? Message)
{
    /// <summary>Prints the ending of an exception and returns its exit code.</summary>
    public static int Tell(Exception fault)
    {
        Ending ending = Of(fault);
        if (ending.Message is not null)
        {
            Terminal.Say("theseus: " + ending.Message);
        }

        return ending.Code;
    }

    /// <summary>What an exception means to who runs the program.</summary>
    public static Ending Of(Exception fault) => fault switch
    {
        TypeInitializationException or TargetInvocationException or AggregateException when fault.InnerException is { } inner => Of(inner),
        CommandFailure failure => new(failure.Code, failure.Message),
        RpcException refused => new(ExitCode.Failure, RpcWords.Of(refused)),
        HttpRequestException unreachable => new(ExitCode.Failure,
            $"the node does not answer: {unreachable.Message}; is it running? see: theseus localnet status"),
        TaskCanceledException { InnerException: TimeoutException } => new(ExitCode.Failure,
            "the node did not answer in time; it may be busy: try again"),
        OperationCanceledException => new(ExitCode.Failure, "interrupted"),
        ConfigurationException wrong => new(ExitCode.Configuration, wrong.Message),
        StoreException store => OfNode(NodeEnd.Of(store)),
        DivergenceException diverged => new(ExitCode.StateDivergence, diverged.Message),
        UnauthorizedAccessException denied => new(ExitCode.DataFolder, $"{Sentence(denied)}; change its permissions, or run as its owner"),
        IOException device => OfDevice(device),
        SocketException socket => new(ExitCode.DataFolder, $"the network failed: {socket.Message}"),
        DllNotFoundException missing => new(ExitCode.Configuration, $"a system library is missing: {Sentence(missing)}"),
        _ => Unknown(fault),
    };

    // what a node says of its data, a command that reads the same folder says, too
    private static Ending OfNode(NodeEnd end) => new((int)end.Kind, $"{end.Message}; {end.Advice}");

    private static Ending OfDevice(IOException device) => device.HResult switch
    {
        DeviceErrors.BrokenPipe => new(ExitCode.Failure, null),
        int full when DeviceErrors.IsFull(full) =>
            new(ExitCode.DataFolder, $"the disk is full: {Sentence(device)}; make room and try again"),
        int closed when DeviceErrors.IsReadOnly(closed) => new(ExitCode.DataFolder, $"read-only: {Sentence(device)}; choose another place"),
        _ => new(ExitCode.DataFolder, $"{Sentence(device)}; check the path and its permissions"),
    };

    private static string Sentence(Exception fault) => fault.Message.ReplaceLineEndings(" ").Trim().TrimEnd('.');

    // A bug. Whoever reports it has the whole of it in a file; who runs the program reads one line.
    private static Ending Unknown(Exception fault)
    {
        string file = Path.Combine(Path.GetTempPath(), $"theseus-fault-{Environment.ProcessId}.txt");
        string what = $"this should not happen: {fault.GetType().Name}: {Sentence(fault)}";
        try
        {
            File.WriteAllText(file, fault.ToString());
            return new(ExitCode.Failure, $"{what}; please report it with {file}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new(ExitCode.Failure, $"{what} ({fault.StackTrace?.Split('\n')[0].Trim()}); {file} could not be written: {Sentence(e)}");
        }
    }
}
