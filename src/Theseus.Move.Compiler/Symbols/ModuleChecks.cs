using Theseus.Move.Compiler.Types;
using Theseus.Move.Format;
using Theseus.Protocol;

namespace Theseus.Move.Compiler.Symbols;

/// <summary>Checks of declarations that need all of them: abilities of fields, phantom positions, recursive structs, module cycles.</summary>
internal sealed class ModuleChecks(Program program)
{
    private DiagnosticBag Diagnostics => program.Diagnostics;

    public void Structs(ModuleSymbol module)
    {
        foreach (StructSymbol symbol in module.Structs)
        {
            if (symbol.Fields is null)
            {
                continue;
            }

            bool[] used = new bool[symbol.TypeParameters.Count];
            bool[] usedOutsidePhantom = new bool[used.Length];
            for (int i = 0; i < symbol.Fields.Count; i++)
            {
                FieldSymbol field = symbol.Fields[i];
                FieldAbilities(symbol, field, i);
                Positions(field.Type, used, usedOutsidePhantom, isPhantomPosition: false, symbol, symbol.Syntax?.Fields?.Count > i ? symbol.Syntax.Fields[i].Type.Span : field.Span);
            }

            for (int i = 0; i < used.Length; i++)
            {
                TypeParameterSymbol parameter = symbol.TypeParameters[i];
                if (!parameter.IsPhantom && !usedOutsidePhantom[i] && !module.IsDependency)
                {
                    string code = used[i] ? Codes.CouldBePhantom : Codes.UnusedTypeParameter;
                    Diagnostics.Report(code, parameter.Span, used[i]
                        ? $"'{parameter.Name}' is only used in phantom positions; declare it phantom"
                        : $"'{parameter.Name}' is not used in the fields; declare it phantom");
                }
            }
        }

        Recursive(module);
    }

    private void FieldAbilities(StructSymbol symbol, FieldSymbol field, int index)
    {
        Span span = symbol.Syntax?.Fields is { } syntax && index < syntax.Count ? syntax[index].Type.Span : field.Span;
        // a type parameter is assumed to have every ability: instances lose what their arguments lack
        Ty assumed = TypeRules.Substitute(field.Type, [.. symbol.TypeParameters.Select(static _ => Ty.Never)]);
        Abilities provided = TypeRules.Providing(TypeRules.AbilitiesOf(assumed));
        Abilities missing = symbol.Abilities & ~provided;
        if (missing != Abilities.None && !field.Type.IsErroneous)
        {
            Abilities needed = (missing & ~Abilities.Key) | ((missing & Abilities.Key) != Abilities.None ? Abilities.Store : Abilities.None);
            Diagnostics.Report(Codes.Ability, span, $"the field '{field.Name}' of type '{field.Type}' lacks {TypeRules.Text(needed)}, so '{symbol.Name}' can't have {TypeRules.Text(missing)}",
                (symbol.Span, "the struct"));
        }
    }

    private void Positions(Ty type, bool[] used, bool[] outside, bool isPhantomPosition, StructSymbol symbol, Span span)
    {
        switch (type.Head)
        {
            case ParameterTy p when p.Symbol.Index < used.Length:
                used[p.Symbol.Index] = true;
                if (!isPhantomPosition)
                {
                    outside[p.Symbol.Index] = true;
                    if (p.Symbol.IsPhantom)
                    {
                        Diagnostics.Report(Codes.InvalidPhantom, span, $"the phantom type parameter '{p.Symbol.Name}' can't be the type of a field or an argument that is not phantom", (p.Symbol.Span, "declared phantom here"));
                    }
                }

                break;
            case VectorTy v:
                Positions(v.Element, used, outside, false, symbol, span);
                break;
            case StructTy s:
                for (int i = 0; i < s.Arguments.Count && i < s.Symbol.TypeParameters.Count; i++)
                {
                    Positions(s.Arguments[i], used, outside, s.Symbol.TypeParameters[i].IsPhantom, symbol, span);
                }

                break;
        }
    }

    // ---- recursive structs ----

    private void Recursive(ModuleSymbol module)
    {
        Dictionary<StructSymbol, int> state = []; // 1 on the path, 2 done
        foreach (StructSymbol symbol in module.Structs)
        {
            Visit(symbol, state, 0);
        }
    }

    /// <summary>Structs on one path of the walk; a longer chain of nested structs exceeds every limit of values anyway.</summary>
    private const int MaximumChain = 500;

    private void Visit(StructSymbol symbol, Dictionary<StructSymbol, int> state, int depth)
    {
        if (state.GetValueOrDefault(symbol) == 2 || depth > MaximumChain)
        {
            return;
        }

        state[symbol] = 1;
        for (int i = 0; i < (symbol.Fields?.Count ?? 0); i++)
        {
            FieldSymbol field = symbol.Fields![i];
            foreach (StructSymbol inner in StructsIn(field.Type).Where(s => ReferenceEquals(s.Module, symbol.Module)))
            {
                if (state.GetValueOrDefault(inner) == 1)
                {
                    Span span = symbol.Syntax?.Fields?.Count > i ? symbol.Syntax.Fields[i].Type.Span : field.Span;
                    Diagnostics.Report(Codes.CyclicData, span, $"'{inner.Name}' would contain itself through the field '{field.Name}' of '{symbol.Name}'", (inner.Span, "the struct"));
                }
                else
                {
                    Visit(inner, state, depth + 1);
                }
            }
        }

        state[symbol] = 2;
    }

    private static List<StructSymbol> StructsIn(Ty type)
    {
        List<StructSymbol> found = [];
        Stack<Ty> work = new([type]);
        int budget = TypeRules.MaximumNodes;
        while (work.TryPop(out Ty? next) && --budget > 0)
        {
            switch (next.Head)
            {
                case VectorTy v:
                    work.Push(v.Element);
                    break;
                case StructTy s:
                    found.Add(s.Symbol);
                    foreach (Ty argument in s.Arguments)
                    {
                        work.Push(argument);
                    }

                    break;
            }
        }

        return found;
    }

    // ---- order of modules ----

    /// <summary>Modules so that each comes after those it uses, ties by id; a cycle is reported and its members come in order of id.</summary>
    public List<ModuleSymbol> Order()
    {
        List<ModuleSymbol> order = [];
        Dictionary<ModuleId, int> state = [];
        foreach ((ModuleId _, ModuleSymbol module) in program.Modules)
        {
            Order(module, order, state);
        }

        return order;
    }

    private void Order(ModuleSymbol root, List<ModuleSymbol> order, Dictionary<ModuleId, int> state)
    {
        if (state.ContainsKey(root.Id))
        {
            return;
        }

        // iterative: the chain of modules is as long as its author likes
        Stack<(ModuleSymbol Module, IEnumerator<KeyValuePair<ModuleId, Span>> Uses)> work = new();
        state[root.Id] = 1;
        work.Push((root, root.Uses.GetEnumerator()));
        while (work.TryPeek(out (ModuleSymbol Module, IEnumerator<KeyValuePair<ModuleId, Span>> Uses) top))
        {
            if (!top.Uses.MoveNext())
            {
                work.Pop();
                state[top.Module.Id] = 2;
                order.Add(top.Module);
                continue;
            }

            (ModuleId id, Span span) = top.Uses.Current;
            if (!program.Modules.TryGetValue(id, out ModuleSymbol? next))
            {
                continue;
            }

            if (!state.TryGetValue(id, out int known))
            {
                state[id] = 1;
                work.Push((next, next.Uses.GetEnumerator()));
            }
            else if (known == 1)
            {
                Diagnostics.Report(Codes.InvalidModule, span, $"'{top.Module.Display}' uses '{next.Display}', which uses it in turn: modules can't depend on each other in a cycle", (next.Span, "the other module"));
            }
        }
    }

    /// <summary>A friend must not be a dependency: the friend calls this module, not the other way round.</summary>
    public void Friends(ModuleSymbol module)
    {
        foreach ((ModuleId id, Span span) in module.Friends)
        {
            if (DependsOn(module, id) || FriendsOf(id).Any(f => f != module.Id && DependsOn(module, f)))
            {
                Diagnostics.Report(Codes.InvalidModule, span, $"'{id}' is a friend, but this module depends on it: a friend uses the module, never the other way round");
            }
        }
    }

    /// <summary>Friends in a cycle can't be published: each would have to be there first.</summary>
    public void FriendCycles()
    {
        HashSet<ModuleId> reported = [];
        foreach (ModuleSymbol module in program.Targets.Reverse())
        {
            foreach ((ModuleId id, Span span) in module.Friends)
            {
                HashSet<ModuleId> reached = FriendsOf(id);
                if (reached.Contains(module.Id) && reported.Add(module.Id))
                {
                    Diagnostics.Report(Codes.InvalidModule, span, $"'{id}' is a friend of this module and this module a friend of it, directly or through others: friends can't form a cycle");
                    reported.UnionWith(reached);
                }
            }
        }
    }

    private HashSet<ModuleId> FriendsOf(ModuleId start)
    {
        HashSet<ModuleId> seen = [];
        Stack<ModuleId> work = new([start]);
        while (work.TryPop(out ModuleId next))
        {
            if (program.Modules.TryGetValue(next, out ModuleSymbol? symbol))
            {
                foreach ((ModuleId id, Span _) in symbol.Friends)
                {
                    if (seen.Add(id))
                    {
                        work.Push(id);
                    }
                }
            }
        }

        return seen;
    }

    private bool DependsOn(ModuleSymbol module, ModuleId target)
    {
        HashSet<ModuleId> seen = [];
        Stack<ModuleSymbol> work = new([module]);
        while (work.TryPop(out ModuleSymbol? next))
        {
            foreach ((ModuleId id, Span _) in next.Uses)
            {
                if (id == target)
                {
                    return true;
                }

                if (seen.Add(id) && program.Modules.TryGetValue(id, out ModuleSymbol? symbol))
                {
                    work.Push(symbol);
                }
            }
        }

        return false;
    }
}
