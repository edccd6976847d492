using Theseus.Move.Format;

namespace Theseus.Execution.Tests;

/// <summary>Modules with parts exchanged: what no compiler would make.</summary>
internal static class Modules
{
    public static CompiledModule With(CompiledModule module, IReadOnlyList<FunctionDefinition>? functions = null,
        IReadOnlyList<Address>? addresses = null) => new()
    {
        Version = module.Version, ModuleHandles = module.ModuleHandles, StructHandles = module.StructHandles,
        FunctionHandles = module.FunctionHandles,
        FunctionInstantiations = module.FunctionInstantiations, Signatures = module.Signatures, Constants = module.Constants,
        Identifiers = module.Identifiers,
        Addresses = addresses ?? module.Addresses, Metadata = module.Metadata, SelfHandle = module.SelfHandle,
        StructDefinitions = module.StructDefinitions,
        StructInstantiations = module.StructInstantiations, FunctionDefinitions = functions ?? module.FunctionDefinitions,
        FieldHandles = module.FieldHandles,
        FieldInstantiations = module.FieldInstantiations, Friends = module.Friends,
    };
}
