using Theseus.Move.Format;

namespace Theseus.Move.Runtime;

/// <summary>Where an execution failed.</summary>
/// <param name="Module">The module; null in a script or before any code.</param>
/// <param name="IsScript">The failure is in the script itself.</param>
/// <param name="Function">Function definition, -1 before any code.</param>
/// <param name="Offset">Instruction of the bytecode, as the module's author sees it.</param>
/// <param name="FunctionName">The function's name; null in a script or before any code.</param>
public sealed record VmLocation(ModuleId? Module, bool IsScript, int Function, int Offset, string? FunctionName = null)
{
    /// <summary>The place of what fails before any code runs, and of success.</summary>
    public static readonly VmLocation Undefined = new(null, false, -1, 0);

    /// <summary>
    /// <c>0x1::m[3]+7</c> for function definition 3 and instruction 7, <c>script[0]+7</c>, or <c>undefined</c>.
    /// </summary>
    public override string ToString() => Function < 0 ? "undefined" : $"{(IsScript ? "script" : Module.ToString())}[{Function}]+{Offset}";
}

/// <summary>How an execution ended.</summary>
/// <param name="Major">The status; <see cref="StatusCode.Executed"/> is success.</param>
/// <param name="Sub">The abort code, or the kind of a vector error (1 index, 2 pop empty, 3 unpack length).</param>
/// <param name="Location">Where.</param>
/// <param name="Message">A sentence for people; never committed.</param>
public sealed record VmStatus(StatusCode Major, ulong? Sub, VmLocation Location, string Message = "")
{
    /// <summary>A run to the end.</summary>
    public static readonly VmStatus Success = new(StatusCode.Executed, null, VmLocation.Undefined);

    /// <summary>Whether the execution ran to its end.</summary>
    public bool IsSuccess => Major == StatusCode.Executed;

    /// <summary>Status, number, sub status, place and message, for logs and tests.</summary>
    public override string ToString() => $"{Major} ({(ulong)Major}){(Sub is null ? "" : $" sub {Sub}")} at {Location} {Message}";
}

/// <summary>
/// Ends an execution from the depth of a rare path (limits, exhausted gas inside sized work). Caught at the session's
/// edge.
/// </summary>
/// <param name="status">What went wrong.</param>
/// <param name="message">A sentence for people; never committed.</param>
/// <param name="sub">An abort code, or the kind of an error; null for none.</param>
public sealed class VmException(StatusCode status, string message = "", ulong? sub = null) : Exception(message)
{
    /// <summary>Becomes <see cref="VmStatus.Major"/>.</summary>
    public StatusCode Status { get; } = status;

    /// <summary>Becomes <see cref="VmStatus.Sub"/>.</summary>
    public ulong? Sub { get; } = sub;
}
