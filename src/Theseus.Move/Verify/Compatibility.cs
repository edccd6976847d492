using Theseus.Move.Format;

namespace Theseus.Move.Verify;

/// <summary>What an upgrade of a module must keep (move 4.1). The numbers are shown to voters and never reused.</summary>
public enum CompatibilityRule
{
    /// <summary>Address or name differ.</summary>
    ModuleId = 1,
    /// <summary>A struct is gone.</summary>
    StructRemoved = 2,
    /// <summary>A struct loses an ability.</summary>
    StructAbilityRemoved = 3,
    /// <summary>A struct has another number of type parameters.</summary>
    StructTypeParameters = 4,
    /// <summary>A type parameter of a struct asks for more abilities.</summary>
    StructConstraintAdded = 5,
    /// <summary>A type parameter of a struct is no longer phantom.</summary>
    StructPhantomRemoved = 6,
    /// <summary>A field is added, removed, renamed, moved or has another type: stored values would not decode.</summary>
    StructLayout = 7,
    /// <summary>A function that others may call is gone.</summary>
    FunctionRemoved = 8,
    /// <summary>A function is less visible.</summary>
    FunctionVisibility = 9,
    /// <summary>A function is no longer an entry function.</summary>
    FunctionEntry = 10,
    /// <summary>A function has other parameters or results.</summary>
    FunctionSignature = 11,
    /// <summary>A function has another number of type parameters.</summary>
    FunctionTypeParameters = 12,
    /// <summary>A type parameter of a function asks for more abilities.</summary>
    FunctionConstraintAdded = 13,
    /// <summary>A friend is gone.</summary>
    FriendRemoved = 14,
}

/// <summary>One broken rule and the thing that breaks it.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Subject">
/// Name of the struct or function; the friend; for <see cref="CompatibilityRule.ModuleId"/> both ids.
/// </param>
public readonly record struct BrokenRule(CompatibilityRule Rule, string Subject)
{
    /// <summary><c>rule 7 (StructLayout): Coin</c>, as voters see it.</summary>
    public override string ToString() => $"rule {(int)Rule} ({Rule}): {Subject}";
}

/// <summary>Compares two versions of a module.</summary>
public static class Compatibility
{
    /// <summary>
    /// Every rule that the new version breaks, in the order of the old module's tables; empty when the upgrade is compatible.
    /// </summary>
    /// <param name="old">The version in force.</param>
    /// <param name="update">The version to publish.</param>
    /// <param name="treatFriendAsPrivate">
    /// Friend functions and the friend list may change freely: all friends are upgraded in the same bundle.
    /// </param>
    public static IReadOnlyList<BrokenRule> Check(CompiledModule old, CompiledModule update, bool treatFriendAsPrivate = true)
    {
        List<BrokenRule> broken = [];
        if (old.Id != update.Id)
        {
            broken.Add(new BrokenRule(CompatibilityRule.ModuleId, $"{old.Id} became {update.Id}"));
        }

        Structs(old, update, broken);
        Functions(old, update, treatFriendAsPrivate, broken);
        if (!treatFriendAsPrivate)
        {
            HashSet<ModuleId> friends = [.. update.Friends.Select(update.ModuleIdOf)];
            foreach (ModuleId friend in old.Friends.Select(old.ModuleIdOf))
            {
                if (!friends.Contains(friend))
                {
                    broken.Add(new BrokenRule(CompatibilityRule.FriendRemoved, friend.ToString()));
                }
            }
        }

        return broken;
    }

    private static void Structs(CompiledModule old, CompiledModule update, List<BrokenRule> broken)
    {
        Dictionary<string, StructDefinition> updated = update.StructDefinitions
            // not verified yet: a name may stand twice
            .DistinctBy(d => update.Identifiers[update.StructHandles[d.Handle].Name])
                .ToDictionary(d => update.Identifiers[update.StructHandles[d.Handle].Name]);
        foreach (StructDefinition definition in old.StructDefinitions)
        {
            StructHandle before = old.StructHandles[definition.Handle];
            string name = old.Identifiers[before.Name];
            if (!updated.TryGetValue(name, out StructDefinition? successor))
            {
                broken.Add(new BrokenRule(CompatibilityRule.StructRemoved, name));
                continue;
            }

            StructHandle after = update.StructHandles[successor.Handle];
            if (!after.Abilities.Has(before.Abilities))
            {
                broken.Add(new BrokenRule(CompatibilityRule.StructAbilityRemoved, name));
            }

            if (before.TypeParameters.Count != after.TypeParameters.Count)
            {
                broken.Add(new BrokenRule(CompatibilityRule.StructTypeParameters, name));
            }
            else
            {
                if (before.TypeParameters.Zip(after.TypeParameters)
                    .Any(p => (p.Second.Constraints & ~p.First.Constraints) != Abilities.None))
                {
                    broken.Add(new BrokenRule(CompatibilityRule.StructConstraintAdded, name));
                }

                if (before.TypeParameters.Zip(after.TypeParameters).Any(p => p.First.IsPhantom && !p.Second.IsPhantom))
                {
                    broken.Add(new BrokenRule(CompatibilityRule.StructPhantomRemoved, name));
                }
            }

            IReadOnlyList<FieldDefinition> fields = definition.Fields ?? [], changed = successor.Fields ?? [];
            bool same = fields.Count == changed.Count && fields.Zip(changed).All(p =>
                old.Identifiers[p.First.Name] == update.Identifiers[p.Second.Name]
                    && Linker.SameType(old, p.First.Type, update, p.Second.Type));
            if (!same)
            {
                broken.Add(new BrokenRule(CompatibilityRule.StructLayout, name));
            }
        }
    }

    private static void Functions(CompiledModule old, CompiledModule update, bool treatFriendAsPrivate, List<BrokenRule> broken)
    {
        Dictionary<string, FunctionDefinition> updated = update.FunctionDefinitions
            .DistinctBy(d => update.Identifiers[update.FunctionHandles[d.Handle].Name])
                .ToDictionary(d => update.Identifiers[update.FunctionHandles[d.Handle].Name]);
        foreach (FunctionDefinition definition in old.FunctionDefinitions)
        {
            bool frozen = definition.Visibility switch
            {
                Visibility.Public => true,
                Visibility.Friend => !treatFriendAsPrivate,
                _ => definition.IsEntry,
            };
            if (!frozen)
            {
                continue;
            }

            FunctionHandle before = old.FunctionHandles[definition.Handle];
            string name = old.Identifiers[before.Name];
            if (!updated.TryGetValue(name, out FunctionDefinition? successor))
            {
                broken.Add(new BrokenRule(CompatibilityRule.FunctionRemoved, name));
                continue;
            }

            FunctionHandle after = update.FunctionHandles[successor.Handle];
            bool visible = definition.Visibility switch
            {
                Visibility.Public => successor.Visibility == Visibility.Public,
                Visibility.Friend => successor.Visibility != Visibility.Private,
                _ => true,
            };
            if (!visible)
            {
                broken.Add(new BrokenRule(CompatibilityRule.FunctionVisibility, name));
            }

            if (definition.IsEntry && !successor.IsEntry)
            {
                broken.Add(new BrokenRule(CompatibilityRule.FunctionEntry, name));
            }

            if (!Same(old, before.Parameters, update, after.Parameters) || !Same(old, before.Return, update, after.Return))
            {
                broken.Add(new BrokenRule(CompatibilityRule.FunctionSignature, name));
            }

            if (before.TypeParameters.Count != after.TypeParameters.Count)
            {
                broken.Add(new BrokenRule(CompatibilityRule.FunctionTypeParameters, name));
            }
            else if (before.TypeParameters.Zip(after.TypeParameters).Any(p => (p.Second & ~p.First) != Abilities.None))
            {
                broken.Add(new BrokenRule(CompatibilityRule.FunctionConstraintAdded, name));
            }
        }
    }

    private static bool Same(CompiledModule old, ushort first, CompiledModule update, ushort second)
    {
        IReadOnlyList<SignatureToken> a = old.Signatures[first].Tokens, b = update.Signatures[second].Tokens;
        return a.Count == b.Count && a.Zip(b).All(p => Linker.SameType(old, p.First, update, p.Second));
    }
}
