namespace Theseus.Cli;

/// <summary>What the process tells its caller (docs/operators/exit-codes.md).</summary>
public static class ExitCode
{
    public const int Clean = 0;
    public const int Failure = 1;
    public const int Usage = 2;
    public const int Configuration = 3;
    public const int DataFolder = 4;
    public const int NeedsNewerSoftware = 5;
    public const int StateDivergence = 6;
    public const int SigningRefused = 7;
}

/// <summary>Ends a command with one clear line and a code; thrown by commands, printed by the program.</summary>
public sealed class CommandFailure(string message, int code = ExitCode.Failure) : Exception(message)
{
    public int Code { get; } = code;
}
