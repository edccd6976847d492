namespace Theseus.Move.Format;

/// <summary>An entry of table 1, and of table 0xF for friends.</summary>
/// <param name="Address">Index among the addresses.</param>
/// <param name="Name">Index among the identifiers.</param>
public sealed record ModuleHandle(ushort Address, ushort Name);

/// <summary>A type parameter of a struct: its constraints and whether it is phantom.</summary>
public readonly record struct StructTypeParameter(Abilities Constraints, bool IsPhantom);

/// <summary>
/// An entry of table 2: a struct as this program sees it. The linker compares it with the definition (move 2.5).
/// </summary>
/// <param name="Module">Index among the module handles.</param>
/// <param name="Name">Index among the identifiers.</param>
/// <param name="Abilities">What values of it can do, type arguments permitting.</param>
/// <param name="TypeParameters">At most 255 in the format.</param>
public sealed record StructHandle(ushort Module, ushort Name, Abilities Abilities, IReadOnlyList<StructTypeParameter> TypeParameters);

/// <summary>
/// An entry of table 3: a function as this program sees it. The linker compares it with the definition (move 2.5).
/// </summary>
/// <param name="Module">Index among the module handles.</param>
/// <param name="Name">Index among the identifiers.</param>
/// <param name="Parameters">Index of the signature with the parameters.</param>
/// <param name="Return">Index of the signature with the results, which may be several or none.</param>
/// <param name="TypeParameters">The constraints of each type parameter; at most 255 in the format.</param>
public sealed record FunctionHandle(ushort Module, ushort Name, ushort Parameters, ushort Return, IReadOnlyList<Abilities> TypeParameters);

/// <summary>An entry of table 4.</summary>
/// <param name="Handle">Index among the function handles.</param>
/// <param name="TypeArguments">Index of the signature with one type for each type parameter.</param>
public sealed record FunctionInstantiation(ushort Handle, ushort TypeArguments);

/// <summary>An entry of table 5.</summary>
/// <param name="Tokens">At most 255 types, in order.</param>
public sealed record Signature(IReadOnlyList<SignatureToken> Tokens);

/// <summary>An entry of table 6.</summary>
/// <param name="Type">A primitive other than signer, or a vector of such.</param>
/// <param name="Data">Exactly one value in BCS, at most 65,535 bytes.</param>
public sealed record Constant(SignatureToken Type, byte[] Data);

/// <summary>
/// An entry of table 0x10. The machine ignores what it does not know; <see cref="ModuleMetadata"/> is the one that it
/// reads.
/// </summary>
/// <param name="Key">At most 1,023 bytes.</param>
/// <param name="Value">At most 65,535 bytes.</param>
public sealed record Metadata(byte[] Key, byte[] Value);

/// <summary>A field of a declared struct.</summary>
/// <param name="Name">Index among the identifiers.</param>
/// <param name="Type">May name the type parameters of the struct; never a reference.</param>
public sealed record FieldDefinition(ushort Name, SignatureToken Type);

/// <summary>An entry of table 0xA.</summary>
/// <param name="Handle">Index of a struct handle of this module.</param>
/// <param name="Fields">
/// In order of their layout; null for a native struct, which the format can express and the verifier refuses.
/// </param>
public sealed record StructDefinition(ushort Handle, IReadOnlyList<FieldDefinition>? Fields);

/// <summary>An entry of table 0xB.</summary>
/// <param name="Definition">
/// Index among the struct definitions: only its own module packs, unpacks and stores a struct.
/// </param>
/// <param name="TypeArguments">Index of the signature with one type for each type parameter.</param>
public sealed record StructInstantiation(ushort Definition, ushort TypeArguments);

/// <summary>Who may call a function. Entry functions are called by transactions whatever their visibility.</summary>
public enum Visibility : byte
{
    /// <summary>Its own module.</summary>
    Private = 0,
    /// <summary>Every module and script.</summary>
    Public = 1,
    /// <summary>Its own module and those in its table of friends (2 is no visibility of format v6).</summary>
    Friend = 3,
}

/// <summary>A function body.</summary>
/// <param name="Locals">Index of the signature with the locals behind the parameters; with these at most 255.</param>
/// <param name="Code">At most 65,535 instructions. Branches name positions in this list.</param>
public sealed record CodeUnit(ushort Locals, IReadOnlyList<Instruction> Code);

/// <summary>An entry of table 0xC.</summary>
/// <param name="Handle">Index of a function handle of this module.</param>
/// <param name="Visibility">Which modules may call it.</param>
/// <param name="IsEntry">Transactions may call it.</param>
/// <param name="Acquires">Indices of the struct definitions whose global storage the body touches, each once.</param>
/// <param name="Code">Null for a native function.</param>
public sealed record FunctionDefinition(ushort Handle, Visibility Visibility, bool IsEntry, IReadOnlyList<ushort> Acquires, CodeUnit? Code)
{
    /// <summary>
    /// Whether the host implements it (execution 4.10), or, in <c>0x1::vector</c>, an instruction (move 2.2).
    /// </summary>
    public bool IsNative => Code is null;
}

/// <summary>An entry of table 0xD.</summary>
/// <param name="Struct">Index among the struct definitions.</param>
/// <param name="Field">Position among its fields, from 0.</param>
public sealed record FieldHandle(ushort Struct, ushort Field);

/// <summary>An entry of table 0xE.</summary>
/// <param name="Handle">Index among the field handles.</param>
/// <param name="TypeArguments">Index of the signature with one type for each type parameter of the struct.</param>
public sealed record FieldInstantiation(ushort Handle, ushort TypeArguments);

/// <summary>The pools that modules and scripts have in common.</summary>
public abstract class CompiledUnit
{
    /// <summary>Bytecode version, 6.</summary>
    public required uint Version { get; init; }

    /// <summary>Table 1.</summary>
    public required IReadOnlyList<ModuleHandle> ModuleHandles { get; init; }

    /// <summary>Table 2.</summary>
    public required IReadOnlyList<StructHandle> StructHandles { get; init; }

    /// <summary>Table 3.</summary>
    public required IReadOnlyList<FunctionHandle> FunctionHandles { get; init; }

    /// <summary>Table 4.</summary>
    public required IReadOnlyList<FunctionInstantiation> FunctionInstantiations { get; init; }

    /// <summary>Table 5.</summary>
    public required IReadOnlyList<Signature> Signatures { get; init; }

    /// <summary>Table 6.</summary>
    public required IReadOnlyList<Constant> Constants { get; init; }

    /// <summary>Table 7.</summary>
    public required IReadOnlyList<string> Identifiers { get; init; }

    /// <summary>Table 8.</summary>
    public required IReadOnlyList<Address> Addresses { get; init; }

    /// <summary>Table 0x10.</summary>
    public required IReadOnlyList<Metadata> Metadata { get; init; }

    /// <summary>Address and name that a handle of this unit stands for. Indices must be in bounds.</summary>
    public ModuleId ModuleIdOf(ModuleHandle handle) => new(Addresses[handle.Address], Identifiers[handle.Name]);

    /// <summary>The module that defines a struct.</summary>
    public ModuleId ModuleIdOf(StructHandle handle) => ModuleIdOf(ModuleHandles[handle.Module]);

    /// <summary>The module that defines a function.</summary>
    public ModuleId ModuleIdOf(FunctionHandle handle) => ModuleIdOf(ModuleHandles[handle.Module]);
}

/// <summary>A module in memory, exactly as its bytes say.</summary>
public sealed class CompiledModule : CompiledUnit
{
    /// <summary>Index of the module's own handle: the tail of its bytes.</summary>
    public required ushort SelfHandle { get; init; }

    /// <summary>Table 0xA.</summary>
    public required IReadOnlyList<StructDefinition> StructDefinitions { get; init; }

    /// <summary>Table 0xB.</summary>
    public required IReadOnlyList<StructInstantiation> StructInstantiations { get; init; }

    /// <summary>Table 0xC.</summary>
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

    /// <summary>Table 0xD.</summary>
    public required IReadOnlyList<FieldHandle> FieldHandles { get; init; }

    /// <summary>Table 0xE.</summary>
    public required IReadOnlyList<FieldInstantiation> FieldInstantiations { get; init; }

    /// <summary>Table 0xF.</summary>
    public required IReadOnlyList<ModuleHandle> Friends { get; init; }

    /// <summary>Address and name of this module, by <see cref="SelfHandle"/>.</summary>
    public ModuleId Id => ModuleIdOf(ModuleHandles[SelfHandle]);
}

/// <summary>A script in memory: one function with type parameters, parameters and a body, no name and no results.</summary>
public sealed class CompiledScript : CompiledUnit
{
    /// <summary>The constraints of each type parameter; with what follows, the tail of a script's bytes.</summary>
    public required IReadOnlyList<Abilities> TypeParameters { get; init; }

    /// <summary>Index of the signature with the parameters.</summary>
    public required ushort Parameters { get; init; }

    /// <summary>The body: index of the locals' signature, number of instructions, instructions.</summary>
    public required CodeUnit Code { get; init; }
}
