using Theseus.Move.Format;
using Theseus.Move.Rules;

namespace Theseus.Move.Verify;

/// <summary>Rules that come from the chain, not from the language (execution 1 and 4; move 2.4, pass 12).</summary>
public static class ChainRules
{
    /// <summary>Where the framework's modules live, and the only place for natives.</summary>
    public static Address SystemAddress { get; } = Address.FromShort(1);

    internal static void Run(CompiledModule module, VerifierLimits limits)
    {
        for (int i = 0; i < module.FunctionDefinitions.Count; i++)
        {
            FunctionDefinition definition = module.FunctionDefinitions[i];
            FunctionHandle handle = module.FunctionHandles[definition.Handle];
            if (limits.NativeRule && definition.IsNative && !IsVectorInstruction(module, handle)
                && (module.Id.Address != SystemAddress || definition.Visibility != Visibility.Private || definition.IsEntry))
            {
                throw VerifyException.At(StatusCode.MissingDependency, TableKind.FunctionDefinitions, i,
                    "native functions are private functions of modules at 0x1");
            }

            if (limits.NativeRule)
            {
                NoCallsOfInstructions(module, definition.Code?.Code ?? [], i);
            }

            if (limits.EntryRule && definition.IsEntry)
            {
                if (module.Signatures[handle.Return].Tokens.Count > 0)
                {
                    throw VerifyException.At(StatusCode.InvalidMainFunctionSignature, TableKind.FunctionDefinitions, i,
                        "an entry function returns nothing");
                }

                Parameters(module, handle.Parameters, TableKind.FunctionDefinitions, i);
            }
        }

        if (limits.EventRule)
        {
            Events(module);
        }
    }

    private static readonly ModuleId VectorModule = new(SystemAddress, "vector");

    /// <summary>
    /// The eight functions of 0x1::vector that are instructions. A compiler may leave their declarations in the binary; there
    /// is nothing behind them, so
    /// nothing may call them (<see cref="NoCallsOfInstructions"/>).
    /// </summary>
    private static readonly string[] VectorInstructions =
    [
        "vector::borrow<_>(&vector<T0>,u64):&T0",
        "vector::borrow_mut<_>(&mut vector<T0>,u64):&mut T0",
        "vector::destroy_empty<_>(vector<T0>)",
        "vector::empty<_>():vector<T0>",
        "vector::length<_>(&vector<T0>):u64",
        "vector::pop_back<_>(&mut vector<T0>):T0",
        "vector::push_back<_>(&mut vector<T0>,T0)",
        "vector::swap<_>(&mut vector<T0>,u64,u64)",
    ];

    /// <summary>Whether a declaration is one of the eight, with exactly its types.</summary>
    internal static bool IsVectorInstruction(CompiledUnit unit, FunctionHandle handle) =>
        unit.ModuleIdOf(handle) == VectorModule && Array.IndexOf(VectorInstructions, FunctionSignature.Of(unit, handle)) >= 0;

    /// <summary>No code calls one of the eight: it would fail when it runs.</summary>
    private static void NoCallsOfInstructions(CompiledUnit unit, IReadOnlyList<Instruction> code, int function)
    {
        for (int offset = 0; offset < code.Count; offset++)
        {
            int? called = code[offset].Opcode switch
            {
                Opcode.Call => code[offset].Index,
                Opcode.CallGeneric => unit.FunctionInstantiations[code[offset].Index].Handle,
                _ => null,
            };
            if (called is int handle && unit.ModuleIdOf(unit.FunctionHandles[handle]) == VectorModule
                && IsVectorInstruction(unit, unit.FunctionHandles[handle]))
            {
                string name = unit.Identifiers[unit.FunctionHandles[handle].Name];
                throw new VerifyException(new VerifyError(
                    StatusCode.MissingDependency, $"0x1::vector::{name} is an instruction, not a function that can be called",
                        TableKind.FunctionDefinitions, function, function, offset));
            }
        }
    }

    internal static void Run(CompiledScript script, VerifierLimits limits)
    {
        if (limits.NativeRule)
        {
            NoCallsOfInstructions(script, script.Code.Code, 0);
        }

        if (limits.EntryRule)
        {
            Parameters(script, script.Parameters, TableKind.Signatures, script.Parameters);
        }

        if (limits.EventRule)
        {
            for (int offset = 0; offset < script.Code.Code.Count; offset++)
            {
                if (EmittedType(script, script.Code.Code[offset]) is not null)
                {
                    throw new VerifyException(new VerifyError(
                        StatusCode.EventMetadataValidationError, "a script defines no events, so it emits none", Function: 0,
                        Offset: offset));
                }
            }
        }
    }

    private static void Parameters(CompiledUnit unit, ushort signature, TableKind table, int index)
    {
        bool leading = true;
        foreach (SignatureToken type in unit.Signatures[signature].Tokens)
        {
            bool signer = type.Kind == TokenKind.Signer || (type.Kind == TokenKind.Reference && type.Arguments[0].Kind == TokenKind.Signer);
            if (signer ? !leading : !IsArgument(unit, type))
            {
                throw VerifyException.At(StatusCode.InvalidMainFunctionSignature, table, index, signer ? "signers come first"
                    : "a user cannot send an argument of this type");
            }

            leading &= signer;
        }
    }

    /// <summary>The types that a user can send (execution 1, argument rule): anything else could be forged.</summary>
    private static bool IsArgument(CompiledUnit unit, SignatureToken type)
    {
        switch (type.Kind)
        {
            case TokenKind.Bool or TokenKind.Address or TokenKind.TypeParameter: return true;
            case TokenKind.Vector: return IsArgument(unit, type.Arguments[0]);
            case TokenKind.Struct: return Names(unit, type.Index, "string", "String");
            case TokenKind.StructInstantiation: return Names(unit, type.Index, "option", "Option") && IsArgument(unit, type.Arguments[0]);
            default: return type.IsInteger;
        }
    }

    private static bool Names(CompiledUnit unit, ushort handle, string module, string name)
    {
        StructHandle named = unit.StructHandles[handle];
        return unit.ModuleIdOf(named) == new ModuleId(SystemAddress, module) && unit.Identifiers[named.Name] == name;
    }

    /// <summary>
    /// Whoever holds a copyable event value could emit it again; only the module that defines the type may, and only marked
    /// types are events.
    /// Service events rest on this rule (execution 4).
    /// </summary>
    private static void Events(CompiledModule module)
    {
        if (module.Id == EventModule)
        {
            return;
        }

        ModuleMetadata? metadata = ModuleMetadata.Of(module);
        for (int i = 0; i < module.FunctionDefinitions.Count; i++)
        {
            IReadOnlyList<Instruction> code = module.FunctionDefinitions[i].Code?.Code ?? [];
            for (int offset = 0; offset < code.Count; offset++)
            {
                if (EmittedType(module, code[offset]) is not { } type)
                {
                    continue;
                }

                StructHandle? emitted = type.Kind is TokenKind.Struct or TokenKind.StructInstantiation
                    ? module.StructHandles[type.Index] : null;
                if (emitted is null || emitted.Module != module.SelfHandle || metadata is null
                    || !metadata.Events.Contains(module.Identifiers[emitted.Name]))
                {
                    throw new VerifyException(new VerifyError(
                        StatusCode.EventMetadataValidationError,
                            "only the module that defines a struct marked #[event] may emit it", TableKind.FunctionDefinitions,
                            i, i, offset));
                }
            }
        }
    }

    private static readonly ModuleId EventModule = new(SystemAddress, "event");

    private static SignatureToken? EmittedType(CompiledUnit unit, in Instruction instruction)
    {
        if (instruction.Opcode != Opcode.CallGeneric)
        {
            return null;
        }

        FunctionInstantiation called = unit.FunctionInstantiations[instruction.Index];
        FunctionHandle handle = unit.FunctionHandles[called.Handle];
        return unit.ModuleIdOf(handle) == EventModule && unit.Identifiers[handle.Name] == "emit"
            ? unit.Signatures[called.TypeArguments].Tokens[0] : null;
    }
}
