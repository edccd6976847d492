using Theseus.Move.Format;
using Theseus.Move.Rules;

namespace Theseus.Move.Verify;

/// <summary>One function body with all that the code passes ask about it.</summary>
internal sealed class FunctionContext
{
    public FunctionContext(CompiledModule module, int index, VerifierLimits limits, Meter meter)
        : this(module, module, index, module.FunctionDefinitions[index].Code!, limits, meter)
    {
        FunctionDefinition definition = module.FunctionDefinitions[index];
        FunctionHandle handle = module.FunctionHandles[definition.Handle];
        TypeParameters = handle.TypeParameters;
        Parameters = module.Signatures[handle.Parameters].Tokens;
        Results = module.Signatures[handle.Return].Tokens;
        Locals = [.. Parameters, .. module.Signatures[Code.Locals].Tokens];
        Acquires = definition.Acquires;
        Finish();
    }

    public FunctionContext(CompiledScript script, VerifierLimits limits, Meter meter)
        : this(script, null, 0, script.Code, limits, meter)
    {
        TypeParameters = script.TypeParameters;
        Parameters = script.Signatures[script.Parameters].Tokens;
        Results = [];
        Locals = [.. Parameters, .. script.Signatures[Code.Locals].Tokens];
        Acquires = [];
        Finish();
    }

    private FunctionContext(CompiledUnit unit, CompiledModule? module, int index, CodeUnit code, VerifierLimits limits, Meter meter)
    {
        Unit = unit;
        Module = module;
        Index = index;
        Code = code;
        Limits = limits;
        Meter = meter;
        TypeParameters = [];
        Parameters = [];
        Results = [];
        Locals = [];
        Acquires = [];
    }

    public CompiledUnit Unit { get; }

    public CompiledModule? Module { get; }

    /// <summary>Function definition, 0 for a script.</summary>
    public int Index { get; }

    public CodeUnit Code { get; }

    public VerifierLimits Limits { get; }

    public Meter Meter { get; }

    public IReadOnlyList<Abilities> TypeParameters { get; }

    public IReadOnlyList<SignatureToken> Parameters { get; }

    public IReadOnlyList<SignatureToken> Results { get; }

    /// <summary>Types of parameters, then of locals.</summary>
    public SignatureToken[] Locals { get; }

    public Abilities[] LocalAbilities { get; private set; } = [];

    /// <summary>Declared acquired struct definitions.</summary>
    public IReadOnlyList<ushort> Acquires { get; }

    /// <summary>Set by the control flow pass.</summary>
    public ControlFlowGraph Graph { get; set; } = null!;

    private void Finish() => LocalAbilities = [.. Locals.Select(AbilitiesOf)];

    public Abilities AbilitiesOf(SignatureToken type) => TypeRules.Of(Unit, type, TypeParameters);

    public VerifyException Fail(StatusCode status, int offset, string message) =>
        new(new VerifyError(status, message, Function: Index, Offset: offset));

    /// <summary>The struct definition and type arguments that a field, pack, unpack or global instruction names.</summary>
    public (ushort Definition, IReadOnlyList<SignatureToken> Arguments) StructOf(in Instruction instruction)
    {
        switch (Operands.Of(instruction.Opcode))
        {
            case OperandKind.Struct: return (instruction.Index, []);
            case OperandKind.StructInstantiation:
                StructInstantiation instance = Module!.StructInstantiations[instruction.Index];
                return (instance.Definition, Unit.Signatures[instance.TypeArguments].Tokens);
            case OperandKind.FieldHandle: return (Module!.FieldHandles[instruction.Index].Struct, []);
            default:
                FieldInstantiation field = Module!.FieldInstantiations[instruction.Index];
                return (Module.FieldHandles[field.Handle].Struct, Unit.Signatures[field.TypeArguments].Tokens);
        }
    }

    public FieldHandle FieldOf(in Instruction instruction) => Module!.FieldHandles[
        Operands.Of(instruction.Opcode) == OperandKind.FieldHandle ? instruction.Index
            : Module.FieldInstantiations[instruction.Index].Handle];

    /// <summary>The function handle and type arguments of a call.</summary>
    public (ushort Handle, IReadOnlyList<SignatureToken> Arguments) CalleeOf(in Instruction instruction)
    {
        if (instruction.Opcode == Opcode.Call)
        {
            return (instruction.Index, []);
        }

        FunctionInstantiation instantiation = Unit.FunctionInstantiations[instruction.Index];
        return (instantiation.Handle, Unit.Signatures[instantiation.TypeArguments].Tokens);
    }

    public SignatureToken StructType(ushort definition, IReadOnlyList<SignatureToken> arguments)
    {
        ushort handle = Module!.StructDefinitions[definition].Handle;
        return arguments.Count == 0 ? SignatureToken.Struct(handle) : SignatureToken.StructInstantiation(handle, arguments);
    }
}
