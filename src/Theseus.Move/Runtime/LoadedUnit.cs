using Theseus.Move.Format;
using Theseus.Move.Rules;

namespace Theseus.Move.Runtime;

/// <summary>
/// A module or script of a snapshot, linked on demand. Fields that fill later hold immutable objects that are equal whoever
/// makes them, so races are harmless.
/// </summary>
public sealed class LoadedUnit
{
    private readonly LoadedStruct?[] _structs;
    private readonly LoadedFunction?[] _callees;
    private readonly Dictionary<string, LoadedStruct> _ownStructs = [];
    private readonly Dictionary<string, LoadedFunction> _ownFunctions = [];

    internal LoadedUnit(CodeSnapshot snapshot, CompiledUnit unit, int byteLength)
    {
        Snapshot = snapshot;
        Unit = unit;
        ByteLength = byteLength;
        _structs = new LoadedStruct?[unit.StructHandles.Count];
        _callees = new LoadedFunction?[unit.FunctionHandles.Count];
        switch (unit)
        {
            case CompiledModule module:
                Id = module.Id;
                Module = module;
                Metadata = ModuleMetadata.Of(module) ?? ModuleMetadata.Empty;
                foreach (StructDefinition definition in module.StructDefinitions)
                {
                    StructHandle handle = module.StructHandles[definition.Handle];
                    string name = module.Identifiers[handle.Name];
                    LoadedStruct loaded = new(this, name, handle.Abilities, handle.TypeParameters, definition.Fields ?? []);
                    _ownStructs.Add(name, loaded);
                    _structs[definition.Handle] = loaded;
                }

                Functions = new LoadedFunction[module.FunctionDefinitions.Count];
                for (int i = 0; i < Functions.Length; i++)
                {
                    LoadedFunction function = new(this, i);
                    Functions[i] = function;
                    _ownFunctions.Add(function.Name, function);
                    _callees[module.FunctionDefinitions[i].Handle] = function;
                }

                break;
            default:
                Id = new ModuleId(Address.Zero, "");
                Metadata = ModuleMetadata.Empty;
                Functions = [new LoadedFunction(this, 0)];
                break;
        }
    }

    internal CodeSnapshot Snapshot { get; }

    /// <summary>The decoded program, as its bytes say.</summary>
    public CompiledUnit Unit { get; }

    /// <summary>Null for a script.</summary>
    public CompiledModule? Module { get; }

    /// <summary>Address and name; 0x0 and an empty name for a script.</summary>
    public ModuleId Id { get; }

    /// <summary>Whether it is a script; <see cref="Module"/> is null then.</summary>
    public bool IsScript => Module is null;

    /// <summary>
    /// Views, events and error names; empty for a script, and where the module's bytes of it are not canonical.
    /// </summary>
    public ModuleMetadata Metadata { get; }

    /// <summary>Size of the blob.</summary>
    internal int ByteLength { get; }

    /// <summary>In the order of the definitions; a script has one. Not to be written.</summary>
    public LoadedFunction[] Functions { get; }

    /// <summary>What verifying a script took; each use pays for it.</summary>
    internal long VerifierWork { get; init; }

    internal LoadedStruct? FindStruct(string name) => _ownStructs.GetValueOrDefault(name);

    /// <summary>A function that the unit defines, whatever its visibility; null when absent.</summary>
    public LoadedFunction? FindFunction(string name) => _ownFunctions.GetValueOrDefault(name);

    internal LoadedStruct StructAt(int handle)
    {
        LoadedStruct? known = _structs[handle];
        if (known is null)
        {
            StructHandle named = Unit.StructHandles[handle];
            ModuleId id = Unit.ModuleIdOf(named);
            known = Snapshot.Find(id)?.FindStruct(Unit.Identifiers[named.Name])
                ?? throw new VmException(StatusCode.LookupFailed, $"{id}::{Unit.Identifiers[named.Name]}");
            _structs[handle] = known;
        }

        return known;
    }

    internal LoadedFunction CalleeAt(int handle)
    {
        LoadedFunction? known = _callees[handle];
        if (known is null)
        {
            FunctionHandle named = Unit.FunctionHandles[handle];
            ModuleId id = Unit.ModuleIdOf(named);
            known = Snapshot.Find(id)?.FindFunction(Unit.Identifiers[named.Name])
                ?? throw new VmException(StatusCode.LookupFailed, $"{id}::{Unit.Identifiers[named.Name]}");
            _callees[handle] = known;
        }

        return known;
    }

    /// <summary>A type of this unit with its parameters replaced. Bounded by the limits of move 2.6.</summary>
    internal RuntimeType Resolve(SignatureToken token, RuntimeType[] arguments)
    {
        return Build(token, arguments, Snapshot.Rules.Limits);
    }

    private RuntimeType Build(SignatureToken token, RuntimeType[] arguments, RuntimeLimits limits)
    {
        switch (token.Kind)
        {
            case TokenKind.TypeParameter: return arguments[token.Index];
            case TokenKind.Vector: return Shared(RuntimeType.Vector(Build(token.Arguments[0], arguments, limits)), limits);
            case TokenKind.Reference: return RuntimeType.Reference(Build(token.Arguments[0], arguments, limits));
            case TokenKind.MutableReference: return RuntimeType.Reference(Build(token.Arguments[0], arguments, limits), mutable: true);
            case TokenKind.Struct or TokenKind.StructInstantiation:
                RuntimeType[] inner = token.Arguments.Count == 0 ? [] : new RuntimeType[token.Arguments.Count];
                for (int i = 0; i < inner.Length; i++)
                {
                    inner[i] = Build(token.Arguments[i], arguments, limits);
                }

                return Shared(RuntimeType.Of(StructAt(token.Index), inner), limits);
            default: return RuntimeType.Primitive(token.Kind)!;
        }
    }

    private RuntimeType Shared(RuntimeType type, RuntimeLimits limits)
    {
        if (type.Nodes > limits.TypeNodes)
        {
            throw new VmException(StatusCode.TooManyTypeNodes, "the type has too many nodes");
        }

        return type.Depth <= limits.TypeDepth ? Snapshot.Types.Shared(type)
            : throw new VmException(StatusCode.VmMaxTypeDepthReached, "the type nests too deep");
    }

    internal RuntimeType[] ResolveAll(int signature, RuntimeType[] arguments)
    {
        IReadOnlyList<SignatureToken> tokens = Unit.Signatures[signature].Tokens;
        if (tokens.Count == 0)
        {
            return [];
        }

        RuntimeType[] types = new RuntimeType[tokens.Count];
        for (int i = 0; i < types.Length; i++)
        {
            types[i] = Resolve(tokens[i], arguments);
        }

        return types;
    }
}
