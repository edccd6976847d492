namespace Theseus.Move.Format;

/// <summary>Table 1: a module by indices into the address and identifier pools.</summary>
public sealed record ModuleHandle(ushort Address, ushort Name);

/// <summary>A type parameter of a struct: its constraints and whether it is phantom.</summary>
public readonly record struct StructTypeParameter(Abilities Constraints, bool IsPhantom);

/// <summary>Table 2.</summary>
public sealed record StructHandle(ushort Module, ushort Name, Abilities Abilities, IReadOnlyList<StructTypeParameter> TypeParameters);

/// <summary>Table 3. <paramref name="Parameters"/> and <paramref name="Return"/> index the signature pool.</summary>
public sealed record FunctionHandle(ushort Module, ushort Name, ushort Parameters, ushort Return, IReadOnlyList<Abilities> TypeParameters);

/// <summary>Table 4.</summary>
public sealed record FunctionInstantiation(ushort Handle, ushort TypeArguments);

/// <summary>Table 5: a list of types.</summary>
public sealed record Signature(IReadOnlyList<SignatureToken> Tokens);

/// <summary>Table 6: BCS bytes of a constant of primitive or vector type.</summary>
public sealed record Constant(SignatureToken Type, byte[] Data);

/// <summary>Table 0x10.</summary>
public sealed record Metadata(byte[] Key, byte[] Value);

/// <summary>A field of a declared struct.</summary>
public sealed record FieldDefinition(ushort Name, SignatureToken Type);

/// <summary>Table 0xA. <paramref name="Fields"/> is null for a native struct.</summary>
public sealed record StructDefinition(ushort Handle, IReadOnlyList<FieldDefinition>? Fields);

/// <summary>Table 0xB.</summary>
public sealed record StructInstantiation(ushort Definition, ushort TypeArguments);

public enum Visibility : byte
{
    Private = 0,
    Public = 1,
    Friend = 3,
}

/// <summary>A function body. <paramref name="Locals"/> indexes the signature of the locals after the parameters.</summary>
public sealed record CodeUnit(ushort Locals, IReadOnlyList<Instruction> Code);

/// <summary>
/// Table 0xC. <paramref name="Code"/> is null for a native function. <paramref name="Acquires"/> lists struct definitions.
/// </summary>
public sealed record FunctionDefinition(ushort Handle, Visibility Visibility, bool IsEntry, IReadOnlyList<ushort> Acquires, CodeUnit? Code)
{
    public bool IsNative => Code is null;
}

/// <summary>Table 0xD.</summary>
public sealed record FieldHandle(ushort Struct, ushort Field);

/// <summary>Table 0xE.</summary>
public sealed record FieldInstantiation(ushort Handle, ushort TypeArguments);

/// <summary>The pools that modules and scripts have in common.</summary>
public abstract class CompiledUnit
{
    /// <summary>Bytecode version, 6.</summary>
    public required uint Version { get; init; }

    public required IReadOnlyList<ModuleHandle> ModuleHandles { get; init; }

    public required IReadOnlyList<StructHandle> StructHandles { get; init; }

    public required IReadOnlyList<FunctionHandle> FunctionHandles { get; init; }

    public required IReadOnlyList<FunctionInstantiation> FunctionInstantiations { get; init; }

    public required IReadOnlyList<Signature> Signatures { get; init; }

    public required IReadOnlyList<Constant> Constants { get; init; }

    public required IReadOnlyList<string> Identifiers { get; init; }

    public required IReadOnlyList<Address> Addresses { get; init; }

    public required IReadOnlyList<Metadata> Metadata { get; init; }

    public ModuleId ModuleIdOf(ModuleHandle handle) => new(Addresses[handle.Address], Identifiers[handle.Name]);

    public ModuleId ModuleIdOf(StructHandle handle) => ModuleIdOf(ModuleHandles[handle.Module]);

    public ModuleId ModuleIdOf(FunctionHandle handle) => ModuleIdOf(ModuleHandles[handle.Module]);
}

/// <summary>A module in memory, exactly as its bytes say.</summary>
public sealed class CompiledModule : CompiledUnit
{
    public required ushort SelfHandle { get; init; }

    public required IReadOnlyList<StructDefinition> StructDefinitions { get; init; }

    public required IReadOnlyList<StructInstantiation> StructInstantiations { get; init; }

    public required IReadOnlyList<FunctionDefinition> FunctionDefinitions { get; init; }

    /// <summary>The definitions by their handles, which no two share in a module that passed the check for repeated entries.</summary>
    internal IReadOnlyDictionary<ushort, FunctionDefinition> DefinitionsByHandle => _byHandle ??= ByHandle();

    private Dictionary<ushort, FunctionDefinition>? _byHandle;

    private Dictionary<ushort, FunctionDefinition> ByHandle()
    {
        Dictionary<ushort, FunctionDefinition> definitions = [];
        foreach (FunctionDefinition definition in FunctionDefinitions)
        {
            definitions[definition.Handle] = definition;
        }

        return definitions;
    }

    public required IReadOnlyList<FieldHandle> FieldHandles { get; init; }

    public required IReadOnlyList<FieldInstantiation> FieldInstantiations { get; init; }

    public required IReadOnlyList<ModuleHandle> Friends { get; init; }

    public ModuleId Id => ModuleIdOf(ModuleHandles[SelfHandle]);
}

/// <summary>A script in memory: one function with type parameters, parameters and a body, no name and no results.</summary>
public sealed class CompiledScript : CompiledUnit
{
    public required IReadOnlyList<Abilities> TypeParameters { get; init; }

    public required ushort Parameters { get; init; }

    public required CodeUnit Code { get; init; }
}
