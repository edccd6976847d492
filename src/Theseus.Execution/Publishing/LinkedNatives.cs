using Theseus.Move.Format;
using Theseus.Move.Runtime;

namespace Theseus.Execution;

/// <summary>
/// Which natives code at 0x1 may declare, by facts of the chain and never by what this node has loaded (execution 4, record
/// P11): a native counts
/// with its full signature, and only where every stack in question has it, the one in force, the fallback and the scheduled one.
/// </summary>
internal static class LinkedNatives
{
    /// <summary>What 0x1::versions::usable_natives answers; null when the hook fails or answers something else than a list.</summary>
    public static SortedSet<string>? Usable(StackRules rules, BlockContext block, CodeSnapshot code, IStateReader state)
    {
        (CallResult call, _) = Hooks.Run(code, state, new Move.Natives.BlockFacts(block, new byte[32], []),
            rules.Blocks.HookGas, Hooks.Versions, "usable_natives");
        if (!call.Status.IsSuccess)
        {
            return null;
        }

        try
        {
            SortedSet<string> natives = new(StringComparer.Ordinal);
            BcsReader reader = new(call.Values[0].Value);
            int count = reader.Count(rules.Framework.Natives);
            for (int i = 0; i < count; i++)
            {
                natives.Add(reader.Text(rules.Framework.NativeBytes));
            }

            return natives;
        }
        catch (BcsException)
        {
            return null;
        }
    }

    /// <summary>The first native that the modules of a snapshot declare and the set lacks; null when all of them link.</summary>
    public static (ModuleId Module, string Native)? FirstLacking(
        CodeSnapshot code, IReadOnlyList<string> modules, IReadOnlySet<string> natives)
    {
        foreach (string name in modules)
        {
            ModuleId id = new(Address.One, name);
            if (code.Module(id) is CompiledModule module && Theseus.Move.Runtime.Publishing.FirstUnlinked(module, natives) is (
                _, string native))
            {
                return (id, native);
            }
        }

        return null;
    }
}
