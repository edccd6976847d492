using Theseus.Move.Format;
using Theseus.Move.Rules;
using Theseus.Move.Verify;

namespace Theseus.Move.Compiler.Emit;

/// <summary>Runs the verifier on the output and says at the source line what it found. Faults that only it finds are borrow errors of the source; anything else is a bug of the compiler.</summary>
internal static class VerifierBridge
{
    public static void Check(CompiledSource unit, VerifierLimits limits, DiagnosticBag diagnostics)
    {
        VerifyError? error = unit.Module is { } module ? Verifier.Check(module, limits) : Verifier.Check(unit.Script!, limits);
        if (error is null)
        {
            return;
        }

        Span span = error.Function is { } function && function < unit.Map.Functions.Count ? unit.Map.Functions[function].SpanAt(error.Offset ?? -1) : unit.Map.DefinitionSpan;
        string? code = BorrowCode(error, unit);
        diagnostics.Report(code ?? Codes.VerifierRefused, span, code is null ? $"the verifier refuses '{unit.Id}': {error.Status}: {error.Message}" : $"{error.Message} ({error.Status})");
    }

    /// <summary>The code that Move programmers know for a borrow error of the verifier; null for errors that no source should reach.</summary>
    private static string? BorrowCode(VerifyError error, CompiledSource unit)
    {
        IReadOnlyList<Instruction>? body = unit.Script?.Code.Code ?? (error.Function is { } function ? unit.Module!.FunctionDefinitions[function].Code?.Code : null);
        Opcode? opcode = body is not null && error.Offset is { } offset && offset < body.Count ? body[offset].Opcode : null;
        return error.Status switch
        {
            StatusCode.ReadRefExistsMutableBorrow or StatusCode.FreezeRefExistsMutableBorrow => Codes.ReferentialTransparency,
            StatusCode.GlobalReferenceError => opcode is Opcode.Call or Opcode.CallGeneric or Opcode.MoveFrom or Opcode.MoveFromGeneric ? Codes.Dangling : Codes.MutableOwnership,
            StatusCode.CopyLocExistsBorrow or StatusCode.BorrowFieldExistsMutableBorrow or StatusCode.BorrowLocExistsBorrow
                or StatusCode.VecBorrowElementExistsMutableBorrow => Codes.MutableOwnership,
            StatusCode.MoveLocExistsBorrow or StatusCode.StLocUnsafeToDestroy or StatusCode.WriteRefExistsBorrow or StatusCode.VecUpdateExistsMutableBorrow => Codes.Dangling,
            StatusCode.UnsafeRetLocalOrResourceStillBorrowed => Codes.ReturnOfLocalBorrow,
            StatusCode.CallBorrowedMutableReference or StatusCode.RetBorrowedMutableReference => Codes.ReferenceTransfer,
            _ => null,
        };
    }
}
