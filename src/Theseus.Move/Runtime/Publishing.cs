using Theseus.Move.Format;
using Theseus.Move.Rules;
using Theseus.Move.Verify;

namespace Theseus.Move.Runtime;

/// <summary>Why a bundle may not be published.</summary>
/// <param name="Module">The module at fault, null when the bundle as a whole is.</param>
/// <param name="Error">Status, place and sentence.</param>
/// <param name="Broken">Broken compatibility rules when the status says so.</param>
public sealed record PublishError(ModuleId? Module, VerifyError Error, IReadOnlyList<BrokenRule> Broken);

/// <summary>A bundle that may be published.</summary>
/// <param name="Modules">Each module and its bytes, in the order of the bundle.</param>
public sealed record CheckedBundle(IReadOnlyList<KeyValuePair<ModuleId, byte[]>> Modules);

/// <summary>What a bundle is checked for.</summary>
public sealed record PublishPolicy
{
    /// <summary>Compare with the versions in force (move 4.1).</summary>
    public bool Compatibility { get; init; } = true;

    /// <summary>Where all modules of the bundle must live; null for anywhere.</summary>
    public Address? Address { get; init; } = ChainRules.SystemAddress;

    /// <summary>
    /// Natives that modules may declare, each with its full signature (<see cref="FunctionSignature"/>): chain facts, not what
    /// this node has loaded
    /// (execution 4). Null asks the snapshot's table.
    /// </summary>
    public IReadOnlySet<string>? Natives { get; init; }
}

/// <summary>
/// The checks of a publish in the order of execution 4: decode, ids, compatibility, verification, natives, links, cycles,
/// dependents.
/// </summary>
public static class Publishing
{
    /// <summary>Judges a bundle against a snapshot.</summary>
    /// <param name="snapshot">The code in force.</param>
    /// <param name="blobs">Module bytes.</param>
    /// <param name="policy">What to check.</param>
    /// <param name="existing">All modules in force, sorted: those outside the bundle are linked again.</param>
    /// <param name="error">Why not, null when accepted.</param>
    /// <returns>The modules by id, null when refused.</returns>
    public static CheckedBundle? Check(CodeSnapshot snapshot, IReadOnlyList<byte[]> blobs, PublishPolicy policy,
        IReadOnlyList<ModuleId> existing, out PublishError? error) =>
        Check(snapshot, blobs, policy, existing, out error, out _);

    /// <summary>Judges a bundle against a snapshot and says what the verifier's work was.</summary>
    /// <param name="snapshot">The code in force.</param>
    /// <param name="blobs">Module bytes.</param>
    /// <param name="policy">What to check.</param>
    /// <param name="existing">All modules in force, sorted: those outside the bundle are linked again.</param>
    /// <param name="error">Why not, null when accepted.</param>
    /// <param name="work">Units of the verifier's meter that were used, also by a refusal.</param>
    /// <returns>The modules by id, null when refused.</returns>
    public static CheckedBundle? Check(
        CodeSnapshot snapshot, IReadOnlyList<byte[]> blobs, PublishPolicy policy, IReadOnlyList<ModuleId> existing,
            out PublishError? error, out long work)
    {
        long used = 0;
        SortedDictionary<ModuleId, CompiledModule> bundle = [];
        List<KeyValuePair<ModuleId, byte[]>> modules = [];
        error = Decode(snapshot.Rules.Verifier, blobs, policy, bundle, modules)
            ?? (policy.Compatibility ? Compatible(snapshot, bundle) : null)
            ?? Each(bundle, module =>
            {
                VerifyError? refused = Verifier.Check(module, snapshot.Rules.Verifier, out long units);
                used += units;
                return refused;
            })
            ?? Each(bundle, module => UndeclaredNative(snapshot, module, policy));
        work = used;
        if (error is not null)
        {
            return null;
        }

        CompiledModule? Lookup(ModuleId id) => bundle.TryGetValue(id, out CompiledModule? inside) ? inside : snapshot.Module(id);
        error = Each(bundle, module => Linker.Check(module, Lookup) ?? Linker.CheckCycles(module, Lookup, snapshot.Rules.Verifier));
        foreach (ModuleId id in existing)
        {
            if (error is not null)
            {
                return null;
            }

            // whatever compatibility allows, a dependent that no longer links would be dead code in state
            if (!bundle.ContainsKey(id) && snapshot.Module(id) is { } module
                && (Linker.Check(module, Lookup) ?? Linker.CheckCycles(module, Lookup, snapshot.Rules.Verifier)) is { } broken)
            {
                error = new PublishError(id, broken, []);
            }
        }

        return error is null ? new CheckedBundle(modules) : null;
    }

    private static PublishError? Decode(
        VerifierLimits limits, IReadOnlyList<byte[]> blobs, PublishPolicy policy, SortedDictionary<ModuleId,
            CompiledModule> bundle, List<KeyValuePair<ModuleId, byte[]>> modules)
    {
        foreach (byte[] blob in blobs)
        {
            if (blob.Length > limits.ModuleBytes)
            {
                return new PublishError(null, new VerifyError(
                    StatusCode.ProgramTooComplex, $"a module of {blob.Length} bytes, at most {limits.ModuleBytes} are allowed"), []);
            }

            DecodeResult<CompiledModule> decoded = ModuleReader.ReadModule(blob);
            if (decoded.Value is not { } module)
            {
                return new PublishError(null, new VerifyError(decoded.Status, decoded.Message), []);
            }

            if (policy.Address is Address only && module.Id.Address != only)
            {
                return new PublishError(module.Id, new VerifyError(
                    StatusCode.ModuleAddressDoesNotMatchSender, $"modules of this bundle live at {only}"), []);
            }

            if (!bundle.TryAdd(module.Id, module))
            {
                return new PublishError(module.Id, new VerifyError(
                    StatusCode.DuplicateModuleName, "the bundle holds the module twice"), []);
            }

            modules.Add(KeyValuePair.Create(module.Id, blob));
        }

        return null;
    }

    private static PublishError? Compatible(CodeSnapshot snapshot, SortedDictionary<ModuleId, CompiledModule> bundle)
    {
        foreach ((ModuleId id, CompiledModule module) in bundle)
        {
            if (snapshot.Module(id) is { } old && Compatibility.Check(old, module) is { Count: > 0 } broken)
            {
                return new PublishError(id, new VerifyError(
                    StatusCode.BackwardIncompatibleModuleUpdate, string.Join("; ", broken)), broken);
            }
        }

        return null;
    }

    private static PublishError? Each(SortedDictionary<ModuleId, CompiledModule> bundle, Func<CompiledModule, VerifyError?> check)
    {
        foreach ((ModuleId id, CompiledModule module) in bundle)
        {
            if (check(module) is { } error)
            {
                return new PublishError(id, error, []);
            }
        }

        return null;
    }

    private static VerifyError? UndeclaredNative(CodeSnapshot snapshot, CompiledModule module, PublishPolicy policy) =>
        FirstUnlinked(module, policy.Natives ?? snapshot.Natives.Signatures.ToHashSet(StringComparer.Ordinal)) is (
            int definition, string native)
            ? new VerifyError(StatusCode.MissingDependency, $"there is no native {native}", TableKind.FunctionDefinitions, definition)
            : null;

    /// <summary>The first native that a module declares and the set lacks, with its types; null when it links.</summary>
    public static (int Definition, string Native)? FirstUnlinked(CompiledModule module, IReadOnlySet<string> natives)
    {
        for (int i = 0; i < module.FunctionDefinitions.Count; i++)
        {
            FunctionDefinition definition = module.FunctionDefinitions[i];
            FunctionHandle handle = module.FunctionHandles[definition.Handle];
            if (definition.IsNative && !ChainRules.IsVectorInstruction(module, handle)
                && FunctionSignature.Of(module, handle) is string native && !natives.Contains(native))
            {
                return (i, native);
            }
        }

        return null;
    }
}
