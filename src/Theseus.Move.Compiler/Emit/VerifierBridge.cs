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
        string code = error.Status switch
        {
            StatusCode.CopyLocExistsBorrow or StatusCode.ReadRefExistsMutableBorrow or StatusCode.FreezeRefExistsMutableBorrow => Codes.ReferentialTransparency,
            StatusCode.WriteRefExistsBorrow or StatusCode.BorrowFieldExistsMutableBorrow or StatusCode.BorrowLocExistsBorrow
                or StatusCode.VecUpdateExistsMutableBorrow or StatusCode.VecBorrowElementExistsMutableBorrow => Codes.MutableOwnership,
            StatusCode.MoveLocExistsBorrow or StatusCode.StLocUnsafeToDestroy or StatusCode.GlobalReferenceError => Codes.Dangling,
            StatusCode.UnsafeRetLocalOrResourceStillBorrowed or StatusCode.RetBorrowedMutableReference => Codes.ReturnOfLocalBorrow,
            StatusCode.CallBorrowedMutableReference => Codes.ReferenceTransfer,
            _ => Codes.VerifierRefused,
        };
        diagnostics.Report(code, span, code == Codes.VerifierRefused ? $"the verifier refuses '{unit.Id}': {error.Status}: {error.Message}" : $"{error.Message} ({error.Status})");
    }
}
