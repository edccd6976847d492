using Theseus.Move.Format;
using Theseus.Move.Runtime;

namespace Theseus.Execution;

/// <summary>
/// Whether new code still has every hook with its frozen name and signature, and nobody new holds authority (execution 4, 8.5).
/// </summary>
internal static class HookCheck
{
    /// <summary>Index of the first broken rule (hooks, then friends, then abilities), or null.</summary>
    public static (ulong Index, string Message)? FirstBroken(CodeSnapshot code, HookRules rules)
    {
        for (int i = 0; i < rules.Hooks.Count; i++)
        {
            HookSignature hook = rules.Hooks[i];
            string? found = code.Module(new ModuleId(Address.One, hook.Module)) is CompiledModule module
                ? SignatureOf(module, hook.Function) : null;
            if (found != hook.Signature)
            {
                return ((ulong)i, found is null ? $"hook {hook.Module}::{hook.Function} is missing"
                    : $"hook {hook.Module}::{hook.Function} is {found}, it must be {hook.Signature}");
            }
        }

        for (int i = 0; i < rules.Friends.Count; i++)
        {
            FriendRule rule = rules.Friends[i];
            CompiledModule? module = code.Module(new ModuleId(Address.One, rule.Module));
            foreach (Theseus.Move.Format.ModuleHandle friend in module?.Friends ?? [])
            {
                ModuleId id = module!.ModuleIdOf(friend);
                if (id.Address != Address.One || !rule.Friends.Contains(id.Name))
                {
                    return ((ulong)(rules.Hooks.Count + i), $"{id} may not be a friend of {rule.Module}");
                }
            }
        }

        for (int i = 0; i < rules.Abilities.Count; i++)
        {
            AbilityRule rule = rules.Abilities[i];
            CompiledModule? module = code.Module(new ModuleId(Address.One, rule.Module));
            string? found = module is null ? null : AbilitiesOf(module, rule.Struct);
            if (found is not null && found != rule.Abilities)
            {
                ulong index = (ulong)(rules.Hooks.Count + rules.Friends.Count + i);
                return (index, $"{rule.Module}::{rule.Struct} must have the abilities '{rule.Abilities}', not '{found}'");
            }
        }

        return null;
    }

    /// <summary>The abilities of a struct in the order of the language; null when there is no such struct.</summary>
    public static string? AbilitiesOf(CompiledModule module, string name)
    {
        foreach (StructDefinition definition in module.StructDefinitions)
        {
            StructHandle handle = module.StructHandles[definition.Handle];
            if (module.Identifiers[handle.Name] == name)
            {
                (Abilities Flag, string Text)[] words =
                    [(Abilities.Copy, "copy"), (Abilities.Drop, "drop"), (Abilities.Store, "store"), (Abilities.Key, "key")];
                return string.Join(", ", words.Where(word => (handle.Abilities & word.Flag) != Abilities.None).Select(word => word.Text));
            }
        }

        return null;
    }

    /// <summary>Parameters and results in text; null when the function does not exist or is generic or native.</summary>
    public static string? SignatureOf(CompiledModule module, string function)
    {
        foreach (FunctionDefinition definition in module.FunctionDefinitions)
        {
            FunctionHandle handle = module.FunctionHandles[definition.Handle];
            if (module.Identifiers[handle.Name] != function)
            {
                continue;
            }

            if (definition.IsNative || handle.TypeParameters.Count > 0)
            {
                return null;
            }

            return FunctionSignature.TypesOf(module, handle);
        }

        return null;
    }
}
