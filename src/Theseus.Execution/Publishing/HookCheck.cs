using Theseus.Move.Format;
using Theseus.Move.Runtime;

namespace Theseus.Execution;

/// <summary>
/// Whether new code still has every hook with its frozen name and signature, and nobody new holds authority (execution 4, 8.5).
/// </summary>
internal static class HookCheck
{
    /// <summary>Index of the first broken rule (hooks, then friends), or null.</summary>
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
