namespace Theseus.Protocol;

/// <summary>
/// Where an execution failed, and a sentence about it. Kept beside the receipt for people, never committed: two nodes may differ in it.
/// What programs decide by (kind, module, code) stands in <see cref="TransactionStatus"/>.
/// </summary>
/// <param name="Module">The module whose code failed; null in a script, or when no code ran.</param>
/// <param name="IsScript">The failure is in the script itself.</param>
/// <param name="Function">Index of the function definition; -1 when no code ran.</param>
/// <param name="FunctionName">Its name; null in a script, or when no code ran.</param>
/// <param name="Offset">Instruction of the bytecode, counted from 0.</param>
/// <param name="Message">A sentence for people, may be empty.</param>
public sealed record FailurePlace(ModuleId? Module, bool IsScript, int Function, string? FunctionName, int Offset, string Message)
{
    /// <summary>Bytes of a message that are kept.</summary>
    public const int MaximumMessage = 4_096;

    /// <summary>Whether code was running.</summary>
    public bool IsInCode => Function >= 0;

    /// <summary>A failure before or after any code.</summary>
    public static FailurePlace Nowhere(string message) => new(null, false, -1, null, 0, message);

    /// <summary><c>0x1::coin::transfer+12: sentence</c>, or the sentence alone.</summary>
    public override string ToString()
    {
        string place = !IsInCode ? "" : IsScript ? $"script+{Offset}" : $"{Module}::{FunctionName}+{Offset}";
        return place.Length == 0 ? Message : Message.Length == 0 ? place : $"{place}: {Message}";
    }
}
