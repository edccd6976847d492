using Theseus.Move.Format;
using Theseus.Move.Rules;

namespace Theseus.Move.Verify;

/// <summary>
/// Judges a program against the current versions of what it names (move 2.5). Together with the cycle rules it gives the absence of
/// re-entrancy: a callee in another module can never call back.
/// </summary>
public static class Linker
{
    /// <summary>Checks the handles of a module or script against its immediate dependencies. Null when all fit.</summary>
    /// <param name="unit">A verified program.</param>
    /// <param name="lookup">The current modules; null for an absent one.</param>
    public static VerifyError? Check(CompiledUnit unit, Func<ModuleId, CompiledModule?> lookup)
    {
        ModuleId? self = (unit as CompiledModule)?.Id;
        Dictionary<ModuleId, Definitions> dependencies = [];
        for (int i = 0; i < unit.ModuleHandles.Count; i++)
        {
            ModuleId id = unit.ModuleIdOf(unit.ModuleHandles[i]);
            if (id == self)
            {
                continue;
            }

            if (lookup(id) is not { } dependency)
            {
                return new VerifyError(StatusCode.MissingDependency, $"module {id} does not exist", TableKind.ModuleHandles, i);
            }

            dependencies[id] = new Definitions(dependency);
        }

        for (int i = 0; i < unit.StructHandles.Count; i++)
        {
            StructHandle handle = unit.StructHandles[i];
            ModuleId id = unit.ModuleIdOf(handle);
            if (id == self)
            {
                continue;
            }

            string name = unit.Identifiers[handle.Name];
            if (!dependencies[id].Structs.TryGetValue(name, out StructHandle? defined))
            {
                return new VerifyError(StatusCode.LookupFailed, $"{id} has no struct {name}", TableKind.StructHandles, i);
            }

            if (!Fits(handle, defined))
            {
                return new VerifyError(StatusCode.TypeMismatch, $"{id}::{name} has other abilities or type parameters",
                    TableKind.StructHandles, i);
            }
        }

        for (int i = 0; i < unit.FunctionHandles.Count; i++)
        {
            FunctionHandle handle = unit.FunctionHandles[i];
            ModuleId id = unit.ModuleIdOf(handle);
            if (id == self)
            {
                continue;
            }

            string name = unit.Identifiers[handle.Name];
            CompiledModule module = dependencies[id].Module;
            if (!dependencies[id].Functions.TryGetValue(name, out FunctionDefinition? defined) || !IsCallable(module, defined, self))
            {
                return new VerifyError(StatusCode.LookupFailed, $"{id} has no function {name} that may be called here",
                    TableKind.FunctionHandles, i);
            }

            FunctionHandle target = module.FunctionHandles[defined.Handle];
            bool fits = target.TypeParameters.Count == handle.TypeParameters.Count
                && target.TypeParameters.Zip(handle.TypeParameters).All(pair => (pair.First & ~pair.Second) == Abilities.None);
            if (!fits || !SameTypes(unit, handle.Parameters, module, target.Parameters)
                || !SameTypes(unit, handle.Return, module, target.Return))
            {
                return new VerifyError(StatusCode.TypeMismatch, $"{id}::{name} has another signature", TableKind.FunctionHandles, i);
            }
        }

        return null;
    }

    private sealed class Definitions
    {
        public Definitions(CompiledModule module)
        {
            Module = module;
            foreach (StructDefinition definition in module.StructDefinitions)
            {
                StructHandle handle = module.StructHandles[definition.Handle];
                Structs[module.Identifiers[handle.Name]] = handle;
            }

            foreach (FunctionDefinition definition in module.FunctionDefinitions)
            {
                Functions[module.Identifiers[module.FunctionHandles[definition.Handle].Name]] = definition;
            }
        }

        public CompiledModule Module { get; }

        public Dictionary<string, StructHandle> Structs { get; } = [];

        public Dictionary<string, FunctionDefinition> Functions { get; } = [];
    }

    private static bool IsCallable(CompiledModule module, FunctionDefinition function, ModuleId? caller) => function.Visibility switch
    {
        Visibility.Public => true,
        Visibility.Friend => caller is ModuleId id && module.Friends.Any(f => module.ModuleIdOf(f) == id),
        _ => false,
    };

    private static bool Fits(StructHandle local, StructHandle defined)
    {
        if ((local.Abilities & ~defined.Abilities) != Abilities.None || local.TypeParameters.Count != defined.TypeParameters.Count)
        {
            return false;
        }

        for (int i = 0; i < local.TypeParameters.Count; i++)
        {
            StructTypeParameter mine = local.TypeParameters[i], theirs = defined.TypeParameters[i];
            if ((theirs.Constraints & ~mine.Constraints) != Abilities.None || (mine.IsPhantom && !theirs.IsPhantom))
            {
                return false;
            }
        }

        return true;
    }

    private static bool SameTypes(CompiledUnit left, ushort first, CompiledUnit right, ushort second)
    {
        IReadOnlyList<SignatureToken> a = left.Signatures[first].Tokens, b = right.Signatures[second].Tokens;
        if (a.Count != b.Count)
        {
            return false;
        }

        for (int i = 0; i < a.Count; i++)
        {
            if (!SameType(left, a[i], right, b[i]))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Equality of types of two programs: struct types by address, module and name.</summary>
    public static bool SameType(CompiledUnit left, SignatureToken a, CompiledUnit right, SignatureToken b)
    {
        if (a.Kind != b.Kind || a.Arguments.Count != b.Arguments.Count)
        {
            return false;
        }

        switch (a.Kind)
        {
            case TokenKind.TypeParameter when a.Index != b.Index: return false;
            case TokenKind.Struct or TokenKind.StructInstantiation:
                StructHandle first = left.StructHandles[a.Index], second = right.StructHandles[b.Index];
                if (left.Identifiers[first.Name] != right.Identifiers[second.Name] || left.ModuleIdOf(first) != right.ModuleIdOf(second))
                {
                    return false;
                }

                break;
        }

        for (int i = 0; i < a.Arguments.Count; i++)
        {
            if (!SameType(left, a.Arguments[i], right, b.Arguments[i]))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>
    /// No module reaches itself through dependencies or through friends, and none is both below and above it. Friends that do
    /// not exist yet are leaves.
    /// </summary>
    public static VerifyError? CheckCycles(CompiledModule module, Func<ModuleId, CompiledModule?> lookup, VerifierLimits limits)
    {
        ModuleId self = module.Id;
        CompiledModule? Find(ModuleId id) => id == self ? module : lookup(id);
        (SortedSet<ModuleId> below, VerifyError? cycle) = Reach(module, Find, Dependencies, StatusCode.CyclicModuleDependency, limits);
        if (cycle is not null)
        {
            return cycle;
        }

        (SortedSet<ModuleId> friends, cycle) = Reach(module, Find, m =>
            m.Friends.Select(m.ModuleIdOf), StatusCode.CyclicModuleFriendship, limits);
        if (cycle is not null)
        {
            return cycle;
        }

        foreach (ModuleId friend in friends)
        {
            if (below.Contains(friend))
            {
                return new VerifyError(StatusCode.InvalidFriendDeclWithModulesInDependencies, $"{friend} is a friend and a dependency");
            }
        }

        return null;
    }

    /// <summary>The modules that a module names, without itself.</summary>
    public static IEnumerable<ModuleId> Dependencies(CompiledUnit unit)
    {
        ModuleId? self = (unit as CompiledModule)?.Id;
        return unit.ModuleHandles.Select(unit.ModuleIdOf).Where(id => id != self);
    }

    private static (SortedSet<ModuleId> Reached, VerifyError? Error) Reach(
        CompiledModule start, Func<ModuleId, CompiledModule?> find, Func<CompiledModule, IEnumerable<ModuleId>> edges,
            StatusCode status, VerifierLimits limits)
    {
        SortedSet<ModuleId> reached = [];
        List<ModuleId> front = [.. edges(start)];
        for (int depth = 1; front.Count > 0; depth++)
        {
            if (depth > limits.DependencyDepth)
            {
                return (reached, new VerifyError(StatusCode.MaxDependencyDepthReached,
                    $"chains of modules are longer than {limits.DependencyDepth}"));
            }

            List<ModuleId> next = [];
            foreach (ModuleId id in front)
            {
                if (id == start.Id)
                {
                    return (reached, new VerifyError(status, $"{id} leads back to itself"));
                }

                if (reached.Add(id) && find(id) is { } module)
                {
                    next.AddRange(edges(module));
                }
            }

            front = next;
        }

        return (reached, null);
    }
}
