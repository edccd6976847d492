using Theseus.Move.Format;

namespace Theseus.Move.Verify;

/// <summary>Why a program was refused, and where.</summary>
/// <param name="Status">The major status.</param>
/// <param name="Message">A sentence for the author.</param>
/// <param name="Table">The table of the offending entry, if it is one.</param>
/// <param name="Index">Its index.</param>
/// <param name="Function">The function definition (0 in a script), if the error is in code.</param>
/// <param name="Offset">The instruction.</param>
public sealed record VerifyError(StatusCode Status, string Message, TableKind? Table = null, int? Index = null, int? Function =
    null, int? Offset = null)
{
    /// <summary>Status, number, place and message in one line.</summary>
    public override string ToString() => Function is int function
        ? $"{Status} ({(ulong)Status}) in function {function} at {Offset}: {Message}"
        : $"{Status} ({(ulong)Status}){(Table is null ? "" : $" at {Table} {Index}")}: {Message}";
}

/// <summary>Carries a refusal from the depth of a pass to <see cref="Verifier"/>; never leaves this folder.</summary>
internal sealed class VerifyException(VerifyError error) : Exception(error.Message)
{
    public VerifyError Error { get; } = error;

    public static VerifyException At(StatusCode status, TableKind table, int index, string message) =>
        new(new VerifyError(status, message, table, index));
}

/// <summary>Counts the work of verification; running out is a refusal. Units as in move 2.4.</summary>
internal sealed class Meter(long moduleBudget, long functionBudget)
{
    private readonly long _moduleBudget = moduleBudget;
    private readonly long _functionBudget = functionBudget;
    private long _module = moduleBudget;
    private long _function;

    /// <summary>Work so far.</summary>
    public long Used => _moduleBudget - _module;

    public void EnterFunction() => _function = _functionBudget;

    public void Add(long units)
    {
        _module -= units;
        _function -= units;
        if (_module < 0 || _function < 0)
        {
            throw new VerifyException(new VerifyError(StatusCode.ProgramTooComplex, "verification would take more work than is allowed"));
        }
    }
}
