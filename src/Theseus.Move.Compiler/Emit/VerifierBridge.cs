using Theseus.Move.Format;
using Theseus.Move.Rules;
using Theseus.Move.Verify;

namespace Theseus.Move.Compiler.Emit;

/// <summary>
/// Runs the verifier on the output and says at the source line what it found. Faults that only it finds are borrow errors of the
/// source; anything else is a bug of the compiler.
/// </summary>
internal static class VerifierBridge
{
    public static void Check(CompiledSource unit, VerifierLimits limits, DiagnosticBag diagnostics)
    {
        // a native struct has no bytecode meaning: only the rules of a chain refuse it
        CompiledModule? module = limits.NativeRule || unit.Module is null ? unit.Module : WithFields(unit.Module);
        for (int round = 0; round < MaximumRounds; round++)
        {
            VerifyError? error = module is not null ? Verifier.Check(module, limits) : Verifier.Check(unit.Script!, limits);
            if (error is null)
            {
                return;
            }

            int? function = error.Function ?? (error.Table == TableKind.FunctionDefinitions ? error.Index : null);
            FunctionSourceMap? map = function is { } at && at < unit.Map.Functions.Count ? unit.Map.Functions[at]
                : module is null ? unit.Map.Functions[0] : null;
            Span span = map?.SpanAt(error.Offset ?? -1) ?? unit.Map.DefinitionSpan;
            bool ambiguous = error.Status == StatusCode.MoveLocExistsBorrow && map is not null && map.InferredMoves.Contains(span);
            string? code = ambiguous ? Codes.AmbiguousVariable : BorrowCode(error, unit);
            if (round > 0 && code is null)
            {
                return; // may come from a body that was taken out
            }

            string message = ambiguous ? "this last use would move a value that is still borrowed: write 'copy' or 'move' before the name"
                : error.Status == StatusCode.InvalidMainFunctionSignature
                    ? $"an entry function takes what a user can send and returns nothing: {error.Message}"
                : code is null ? $"the verifier refuses '{unit.Id}': {error.Status}: {error.Message}"
                : $"{error.Message} ({error.Status})";
            diagnostics.Report(code ?? RuleCode(error.Status) ?? Codes.VerifierRefused, span, message);
            if (module is null || code is null || error.Function is not { } faulty)
            {
                return;
            }

            module = Without(module, faulty);
        }
    }

    /// <summary>Functions of one module whose first borrow error is shown.</summary>
    private const int MaximumRounds = 20;

    /// <summary>The module with a field in each native struct, as the verifier knows no other ones.</summary>
    private static CompiledModule WithFields(CompiledModule module) => module.StructDefinitions.All(static s => s.Fields is not null)
        ? module
        : With(module, [.. module.StructDefinitions.Select(static s => s.Fields is null
            ? s with { Fields = [new FieldDefinition(0, SignatureToken.Bool)] } : s)], module.FunctionDefinitions);

    /// <summary>The module with a body that only aborts, so that the verifier goes on to the next function.</summary>
    private static CompiledModule Without(CompiledModule module, int function)
    {
        List<FunctionDefinition> definitions = [.. module.FunctionDefinitions];
        CodeUnit code = definitions[function].Code!;
        List<Instruction> body = [];
        body.Add(new Instruction(Opcode.LdU64));
        body.Add(new Instruction(Opcode.Abort));
        definitions[function] = definitions[function] with { Code = code with { Code = body }, Acquires = [] };
        return With(module, module.StructDefinitions, definitions);
    }

    private static CompiledModule With(CompiledModule module, IReadOnlyList<StructDefinition> structs,
        IReadOnlyList<FunctionDefinition> functions) =>
        new()
        {
            Version = module.Version,
            SelfHandle = module.SelfHandle,
            ModuleHandles = module.ModuleHandles,
            StructHandles = module.StructHandles,
            FunctionHandles = module.FunctionHandles,
            FunctionInstantiations = module.FunctionInstantiations,
            Signatures = module.Signatures,
            Constants = module.Constants,
            Identifiers = module.Identifiers,
            Addresses = module.Addresses,
            Metadata = module.Metadata,
            StructDefinitions = structs,
            StructInstantiations = module.StructInstantiations,
            FunctionDefinitions = functions,
            FieldHandles = module.FieldHandles,
            FieldInstantiations = module.FieldInstantiations,
            Friends = module.Friends,
        };

    /// <summary>
    /// The code that Move programmers know for a borrow error of the verifier; null for errors that no source should reach.
    /// </summary>
    private static string? BorrowCode(VerifyError error, CompiledSource unit)
    {
        IReadOnlyList<Instruction>? body = unit.Script?.Code.Code ?? (error.Function is { } function
            ? unit.Module!.FunctionDefinitions[function].Code?.Code : null);
        Opcode? opcode = body is not null && error.Offset is { } offset && offset < body.Count ? body[offset].Opcode : null;
        return error.Status switch
        {
            StatusCode.ReadRefExistsMutableBorrow => Codes.ReferentialTransparency,
            StatusCode.FreezeRefExistsMutableBorrow => Codes.MutableOwnership,
            StatusCode.GlobalReferenceError => opcode is Opcode.Call or Opcode.CallGeneric or Opcode.MoveFrom or Opcode.MoveFromGeneric
                ? Codes.Dangling : Codes.MutableOwnership,
            StatusCode.CopyLocExistsBorrow or StatusCode.BorrowFieldExistsMutableBorrow or StatusCode.BorrowLocExistsBorrow
                or StatusCode.VecBorrowElementExistsMutableBorrow => Codes.MutableOwnership,
            StatusCode.MoveLocExistsBorrow or StatusCode.StLocUnsafeToDestroy or StatusCode.WriteRefExistsBorrow
                or StatusCode.VecUpdateExistsMutableBorrow => Codes.Dangling,
            StatusCode.UnsafeRetLocalOrResourceStillBorrowed => Codes.ReturnOfLocalBorrow,
            StatusCode.CallBorrowedMutableReference or StatusCode.RetBorrowedMutableReference => Codes.ReferenceTransfer,
            _ => null,
        };
    }

    /// <summary>
    /// The code for a program that is correct Move but too large, or not allowed on the chain whose rules were asked for.
    /// </summary>
    private static string? RuleCode(StatusCode status) => status switch
    {
        StatusCode.MissingDependency or StatusCode.InvalidMainFunctionSignature or StatusCode.EventMetadataValidationError =>
            Codes.ChainRule,
        StatusCode.TooManyTypeParameters or StatusCode.TooManyParameters or StatusCode.TooManyTypeNodes
            or StatusCode.MaxFunctionDefinitionsReached
            or StatusCode.MaxStructDefinitionsReached or StatusCode.MaxFieldDefinitionsReached or StatusCode.ProgramTooComplex
            or StatusCode.TooManyBasicBlocks or StatusCode.TooManyBackEdges or StatusCode.LoopMaxDepthReached
            or StatusCode.ValueStackOverflow or StatusCode.ValueStackPushOverflow or StatusCode.MaxDependencyDepthReached =>
                Codes.LimitExceeded,
        _ => null,
    };
}
