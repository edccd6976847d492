namespace Theseus.Cli;

/// <summary>What the process tells its caller (docs/operators/exit-codes.md).</summary>
internal static class ExitCode
{
    /// <summary>Done as asked.</summary>
    public const int Clean = 0;

    /// <summary>It was tried and failed: a refused transaction, a node that does not answer, a bug.</summary>
    public const int Failure = 1;

    /// <summary>The command line is wrong. Nothing was done.</summary>
    public const int Usage = 2;

    /// <summary>A configuration, genesis or key file is wrong, or a port is taken.</summary>
    public const int Configuration = 3;

    /// <summary>A data folder is locked, damaged or of another schema, or a device failed: full, read-only, no permission.</summary>
    public const int DataFolder = 4;

    /// <summary>The chain needs newer software than this.</summary>
    public const int NeedsNewerSoftware = 5;

    /// <summary>This node computed another state than the chain agreed on.</summary>
    public const int StateDivergence = 6;

    /// <summary>The guard against signing twice refused.</summary>
    public const int SigningRefused = 7;

    /// <summary>The code as an operator reads it, e.g. "exit code 4: data folder or device".</summary>
    public static string Describe(int? code) => code switch
    {
        null => "not started",
        Clean => "ended cleanly",
        Usage => "exit code 2: wrong options",
        Configuration => "exit code 3: configuration",
        DataFolder => "exit code 4: data folder or device",
        NeedsNewerSoftware => "exit code 5: needs newer software",
        StateDivergence => "exit code 6: state divergence",
        SigningRefused => "exit code 7: signing refused",
        > 128 and < 160 => $"killed by signal {code - 128}",
        _ => $"exit code {code}",
    };
}

/// <summary>Ends a command with one clear line and a code; thrown by commands, printed by the program.</summary>
internal sealed class CommandFailure(string message, int code = ExitCode.Failure) : Exception(message)
{
    /// <summary>One of <see cref="ExitCode"/>.</summary>
    public int Code { get; } = code;
}
