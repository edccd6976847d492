using System.Text;
using Theseus.Execution;
using Theseus.Move.Format;
using Theseus.Move.Rules;
using Theseus.Move.Runtime;
using Theseus.Move.Verify;
using Theseus.Protocol;

namespace Theseus.Cli.Framework;

/// <summary>What an upgrade would change, and what speaks against it.</summary>
/// <param name="Changes">Modules that are added or changed.</param>
/// <param name="Bundle">Their new bytes, dependencies first.</param>
/// <param name="Unchanged">Names of modules that the chain has already.</param>
/// <param name="Kept">Names of modules of the chain that the sources do not have.</param>
/// <param name="ExpectedRoot">Code root of the chain afterwards.</param>
/// <param name="Objections">Reasons for which the chain would refuse it; empty when it may be proposed.</param>
/// <param name="Warnings">What the chain would take and a voter must know: abilities that types get.</param>
internal sealed record FrameworkDifference(
    IReadOnlyList<ManifestModule> Changes,
    IReadOnlyList<ReleaseModule> Bundle,
    IReadOnlyList<string> Unchanged,
    IReadOnlyList<string> Kept,
    Hash32 ExpectedRoot,
    IReadOnlyList<string> Objections,
    IReadOnlyList<string> Warnings);

/// <summary>Makes one-time governance scripts: main() without parameters, so that everything they do is under the
/// approved hash (execution 4).</summary>
internal static class UpgradeScripts
{
    /// <summary>Bytes of a published module: what the verifier of the chain allows, and 0x1::code with it (execution 4).</summary>
    private static readonly int MaximumModuleBytes = new VerifierLimits().ModuleBytes;

    /// <summary>Compares the framework with the code of the chain.</summary>
    public static FrameworkDifference Compare(FrameworkRelease release, ChainCode chain)
    {
        List<ManifestModule> changes = [];
        List<ReleaseModule> bundle = [];
        List<string> unchanged = [];
        SortedDictionary<string, byte[]> after = new(chain.Modules, StringComparer.Ordinal);
        foreach (ReleaseModule module in release.ModulesByName)
        {
            byte[]? before = chain.Modules.GetValueOrDefault(module.Name);
            if (before is not null && before.AsSpan().SequenceEqual(module.Bytes))
            {
                unchanged.Add(module.Name);
                continue;
            }

            after[module.Name] = module.Bytes;
            bundle.Add(module);
            changes.Add(new ManifestModule(module.Name, before is null ? "added" : "changed", module.Bytes.Length, before is null
                ? null : Hashing.Sha256(before).ToString(), module.Hash.ToString()));
        }

        HashSet<string> names = [.. release.ModulesByName.Select(module => module.Name)];
        return new FrameworkDifference(
            changes, bundle, unchanged, [.. chain.Modules.Keys.Where(name => !names.Contains(name))],
                ExecutionRoots.OfCode(after.Select(module => (module.Key, module.Value))),
            Objections(bundle, chain),
            Warnings([.. bundle.Select(module => module.Bytes)], chain));
    }

    /// <summary>The package that publishes a difference.</summary>
    public static ScriptPackage Framework(FrameworkRelease release, ChainCode chain, FrameworkDifference difference)
    {
        StringBuilder source = new();
        source.Append("// Made by: theseus framework upgrade. Replaces ").Append(difference.Changes.Count)
            .Append(" modules at 0x1 in one step.\n");
        source.Append("script {\n    use std::vector;\n    use theseus_framework::code;\n    use theseus_framework::governance;\n\n");
        Constant(source, "BASE_ROOT", chain.CodeRoot.ToArray());
        Constant(source, "EXPECTED_ROOT", difference.ExpectedRoot.ToArray());
        Constant(source, "SOURCE_DIGEST", release.SourceDigest.ToArray());
        foreach ((ReleaseModule module, int index) in difference.Bundle.Select((module, index) => (module, index)))
        {
            source.Append("    // ").Append(module.Name).Append(", ").Append(module.Bytes.Length).Append(" bytes, SHA-256 ")
                .Append(module.Hash).Append('\n');
            Constant(source, $"MODULE_{index}", module.Bytes);
        }

        // pushed one by one: a vector of constants would itself become one constant, and a constant has at most 65,535 bytes
        source.Append("\n    fun main() {\n        let framework = governance::resolve();\n        let modules = vector::empty();\n");
        for (int index = 0; index < difference.Bundle.Count; index++)
        {
            source.Append("        vector::push_back(&mut modules, MODULE_").Append(index).Append(");\n");
        }

        source.Append("        code::publish(&framework, BASE_ROOT, EXPECTED_ROOT, SOURCE_DIGEST, modules);\n    }\n}\n");
        string text = source.ToString();
        byte[] script = ScriptPackage.Compile(text, chain.Libraries());
        return new ScriptPackage(text, script, new ScriptManifest(
            ScriptPackage.Format, "framework", release.Compiler, Hashing.Sha3(script).ToString(), script.Length,
                chain.CodeRoot.ToString(), difference.ExpectedRoot.ToString(),
            release.SourceDigest.ToString(), difference.Changes, difference.Unchanged, difference.Kept, null));
    }

    /// <summary>
    /// What a voter must know of a script, whoever made it and whatever its package says: read from the modules that it carries as
    /// constants, compared with the code in force.
    /// </summary>
    /// <exception cref="CommandFailure">It is no script.</exception>
    public static IReadOnlyList<string> WarningsOf(byte[] script, ChainCode chain)
    {
        CompiledScript read = ModuleReader.ReadScript(script).Value ?? throw new CommandFailure("script.mv is not a script");
        return Warnings([.. read.Constants.Select(static constant => Carried(constant.Data)).OfType<byte[]>()], chain);
    }

    // a module stands in a constant of type vector<u8>: its length, then its bytes
    private static byte[]? Carried(byte[] constant)
    {
        try
        {
            BcsReader reader = new(constant);
            byte[] module = reader.BytesView(MaximumModuleBytes).ToArray();
            return module.AsSpan().StartsWith(FormatLimits.Magic) ? module : null;
        }
        catch (BcsException)
        {
            return null; // a constant of another type
        }
    }

    /// <summary>The package that schedules an execution stack.</summary>
    public static ScriptPackage Schedule(FrameworkRelease release, StackEntry stack, ulong version, ulong delayBlocks)
    {
        IReadOnlyList<string> natives = [.. stack.Create().Manifest.Natives.Order(StringComparer.Ordinal)];
        StringBuilder source = new();
        source.Append("// Made by: theseus upgrade script. Schedules version ").Append(version).Append(" of execution: ")
            .Append(stack.Name).Append(", ").Append(delayBlocks).Append(" blocks after this script.\n");
        source.Append("script {\n    use std::string;\n    use theseus_framework::governance;\n    use theseus_framework::versions;\n\n");
        Constant(source, "MODULE_ID", stack.ModuleId.ToArray());
        source.Append("\n    fun main() {\n        let framework = governance::resolve();\n        let natives = vector[\n");
        source.AppendJoin(",\n", natives.Select(name => $"            string::utf8(b\"{name}\")"));
        source.Append("\n        ];\n        versions::schedule(&framework, string::utf8(b\"execution\"), ").Append(version)
            .Append(", MODULE_ID, natives, ").Append(delayBlocks).Append(");\n    }\n}\n");
        string text = source.ToString();
        byte[] script = ScriptPackage.Compile(text, [.. release.Modules.Select(bytes => ModuleReader.ReadModule(bytes).Value!)]);
        return new ScriptPackage(text, script, new ScriptManifest(
            ScriptPackage.Format, "schedule", release.Compiler, Hashing.Sha3(script).ToString(), script.Length, null, null, null, null,
                null, null,
            new ManifestSchedule("execution", version, stack.ModuleId.ToString(), stack.Name, delayBlocks, natives)));
    }

    /// <summary>What the chain would say, as far as it can be known here: sizes, compatibility, verification, links, natives.</summary>
    private static List<string> Objections(List<ReleaseModule> bundle, ChainCode chain)
    {
        List<string> objections = [];
        foreach (ReleaseModule module in bundle)
        {
            if (module.Bytes.Length > MaximumModuleBytes)
            {
                objections.Add(
                    $"0x1::{module.Name} has {module.Bytes.Length} bytes, a published module at most {MaximumModuleBytes}: split it");
            }

            if (chain.Modules.TryGetValue(module.Name, out byte[]? old) && ModuleReader.ReadModule(old).Value is { } before
                && ModuleReader.ReadModule(module.Bytes).Value is { } after)
            {
                objections.AddRange(Compatibility.Check(before, after)
                    .Select(broken => $"0x1::{module.Name} is incompatible with the module in force, {broken}"));
            }
        }

        // the rest is judged with compatibility off: its breaches stand above, all of them
        PublishPolicy policy = new() { Natives = chain.Natives.ToHashSet(StringComparer.Ordinal), Compatibility = false };
        if (objections.Count == 0 && bundle.Count > 0)
        {
            Publishing.Check(chain.Snapshot(), [.. bundle.Select(module => module.Bytes)], policy,
                [.. chain.Modules.Keys.Select(name => new ModuleId(Address.One, name))], out PublishError? error);
            if (error is not null)
            {
                string more = error.Error.Status == StatusCode.MissingDependency ? ": not every execution stack in question has it" : "";
                string module = error.Module?.ToString() ?? "the bundle";
                objections.Add($"{module} would be refused: {error.Error.Message} ({error.Error.Status}){more}");
            }
        }

        return objections;
    }

    /// <summary>New abilities break no caller, so the chain takes them for most types; yet they let values be copied or
    /// dropped (fault 93).</summary>
    private static List<string> Warnings(IReadOnlyList<byte[]> modules, ChainCode chain)
    {
        List<string> warnings = [];
        foreach (byte[] module in modules)
        {
            if (ModuleReader.ReadModule(module).Value is not { } after
                || !chain.Modules.TryGetValue(NameOf(after), out byte[]? old) || ModuleReader.ReadModule(old).Value is not { } before)
            {
                continue;
            }

            foreach (StructHandle handle in before.StructDefinitions.Select(definition => before.StructHandles[definition.Handle]))
            {
                string name = before.Identifiers[handle.Name];
                StructHandle? next = after.StructDefinitions
                    .Select(definition => after.StructHandles[definition.Handle])
                    .FirstOrDefault(candidate => after.Identifiers[candidate.Name] == name);
                if (next is not null && (next.Abilities & ~handle.Abilities) is var added && added != Abilities.None)
                {
                    string words = added.ToString().ToLowerInvariant();
                    warnings.Add(
                        $"0x1::{NameOf(after)}::{name} gets the ability {words}: values of it could do what they could not before");
                }
            }
        }

        return warnings;
    }

    // only the framework is published; another address' module would be refused as a whole
    private static string NameOf(CompiledModule module) => module.Id.Name;

    private static void Constant(StringBuilder source, string name, byte[] bytes) =>
        source.Append("    const ").Append(name).Append(": vector<u8> = x\"").Append(Convert.ToHexStringLower(bytes)).Append("\";\n");
}
