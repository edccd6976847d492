using System.Collections.Concurrent;
using Theseus.Move.Format;
using Theseus.Move.Natives;

namespace Theseus.Move.Runtime;

/// <summary>A function of a loaded unit; its body is decoded on the first call.</summary>
public sealed class LoadedFunction
{
    /// <summary>Instances of one function that are kept; further ones are made for each use.</summary>
    private const int MaximumInstances = 64;

    private readonly ConcurrentDictionary<TypeList, FunctionInstance> _instances = new();
    private readonly FunctionInstance? _plain;
    private DecodedCode? _code;
    private int _instanceCount;

    internal LoadedFunction(LoadedUnit unit, int index)
    {
        Unit = unit;
        Index = index;
        if (unit.Module is { } module)
        {
            Definition = module.FunctionDefinitions[index];
            FunctionHandle handle = module.FunctionHandles[Definition.Handle];
            Name = module.Identifiers[handle.Name];
            TypeParameters = handle.TypeParameters;
            Parameters = module.Signatures[handle.Parameters].Tokens;
            Results = module.Signatures[handle.Return].Tokens;
            Locals = Definition.Code is { } code ? [.. Parameters, .. module.Signatures[code.Locals].Tokens] : Parameters;
            if (Definition.IsNative)
            {
                // a name alone is not the native: with other types it would take values for what they are not
                Native? native = unit.Id.Address == Address.One ? unit.Snapshot.Natives.Find(new NativeId(unit.Id.Name, Name)) : null;
                Native = native is not null && native.Signature == FunctionSignature.TypesOf(module, handle) ? native.Function : null;
            }
        }
        else
        {
            CompiledScript script = (CompiledScript)unit.Unit;
            Name = "<script>";
            TypeParameters = script.TypeParameters;
            Parameters = script.Signatures[script.Parameters].Tokens;
            Results = [];
            Locals = [.. Parameters, .. script.Signatures[script.Code.Locals].Tokens];
        }

        if (TypeParameters.Count == 0)
        {
            _plain = new FunctionInstance(this, []);
        }
    }

    /// <summary>The module or script that defines it.</summary>
    public LoadedUnit Unit { get; }

    /// <summary>Function definition, 0 in a script.</summary>
    public int Index { get; }

    /// <summary>Its identifier; <c>&lt;script&gt;</c> in a script.</summary>
    public string Name { get; }

    /// <summary>Null for a script.</summary>
    public FunctionDefinition? Definition { get; }

    /// <summary>The constraints of each type parameter.</summary>
    public IReadOnlyList<Abilities> TypeParameters { get; }

    /// <summary>In terms of <see cref="Unit"/>'s pools and of this function's type parameters.</summary>
    public IReadOnlyList<SignatureToken> Parameters { get; }

    /// <summary>As <see cref="Parameters"/>; empty for a script.</summary>
    public IReadOnlyList<SignatureToken> Results { get; }

    internal IReadOnlyList<SignatureToken> Locals { get; }

    internal NativeFunction? Native { get; }

    /// <summary>Whether the host implements it. The snapshot's table may lack it: then a call fails with 1021.</summary>
    public bool IsNative => Definition?.IsNative ?? false;

    internal DecodedCode Code => _code ??= CodeDecoder.Decode(this);

    internal FunctionInstance Instance(RuntimeType[] arguments)
    {
        if (_plain is not null)
        {
            return _plain;
        }

        TypeList key = new(arguments);
        if (_instances.TryGetValue(key, out FunctionInstance? known))
        {
            return known;
        }

        FunctionInstance made = new(this, arguments);
        if (_instanceCount < MaximumInstances && _instances.TryAdd(key, made))
        {
            _instanceCount++; // an approximate count suffices: it only bounds memory
        }

        return made;
    }

    private readonly struct TypeList : IEquatable<TypeList>
    {
        private readonly RuntimeType[] _types;
        private readonly int _hash;

        public TypeList(RuntimeType[] types)
        {
            _types = types;
            foreach (RuntimeType type in types)
            {
                _hash = (_hash * 31) + type.GetHashCode();
            }
        }

        public bool Equals(TypeList other) => _types.AsSpan().SequenceEqual(other._types);

        public override bool Equals(object? obj) => obj is TypeList other && Equals(other);

        public override int GetHashCode() => _hash;
    }
}

/// <summary>A function with closed type arguments. What its instructions name is resolved when they first run.</summary>
internal sealed class FunctionInstance
{
    private object?[]? _slots;

    internal FunctionInstance(LoadedFunction function, RuntimeType[] arguments)
    {
        Function = function;
        Arguments = arguments;
    }

    public LoadedFunction Function { get; }

    public RuntimeType[] Arguments { get; }

    internal object?[] Slots => _slots ??= Function.Code.SlotCount == 0 ? [] : new object?[Function.Code.SlotCount];

    /// <summary>Fills a slot: a type or the instance that a call leads to.</summary>
    internal object Resolve(int slot)
    {
        SlotSource source = Function.Code.SlotSources[slot];
        LoadedUnit unit = Function.Unit;
        object resolved;
        if (source.Callee >= 0)
        {
            RuntimeType[] arguments = source.ArgumentSignature < 0 ? [] : unit.ResolveAll(source.ArgumentSignature, Arguments);
            resolved = unit.CalleeAt(source.Callee).Instance(arguments);
        }
        else
        {
            RuntimeType type = unit.Resolve(source.Type!, Arguments);
            if (source.MakesValue)
            {
                type.ValueDepth(unit.Snapshot.Rules.Limits.ValueDepth); // checked wherever values of the type come into being
            }

            resolved = type;
        }

        Slots[slot] = resolved;
        return resolved;
    }
}
