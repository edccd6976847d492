using Theseus.Move.Compiler.Syntax;
using Theseus.Move.Compiler.Types;
using Theseus.Move.Format;
using Theseus.Protocol;

namespace Theseus.Move.Compiler.Symbols;

/// <summary>
/// Checks of declarations that need all of them: abilities of fields, phantom positions, recursive structs, module cycles.
/// </summary>
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
                Positions(field.Type, symbol.Syntax?.Fields?.Count > i ? symbol.Syntax.Fields[i].Type : null, used, usedOutsidePhantom,
                    field.Span);
            }

            if (symbol.Fields.Any(static f => IsBroken(f.Type)))
            {
                continue; // an unknown type may use any parameter
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
            Abilities needed = (missing & ~Abilities.Key) | ((missing & Abilities.Key) != Abilities.None ? Abilities.Store
                : Abilities.None);
            Diagnostics.Report(Codes.Ability, span,
                $"the field '{field.Name}' of type '{field.Type}' lacks {TypeRules.Text(needed)}, so '{symbol.Name}' can't have "
                    + $"{TypeRules.Text(missing)}",
                (symbol.Span, "the struct"));
        }
    }

    private static bool IsBroken(Ty type) => type.Head switch
    {
        ErrorTy => true,
        VectorTy v => IsBroken(v.Element),
        StructTy s => s.Arguments.Any(IsBroken),
        _ => false,
    };

    /// <summary>Notes where type parameters stand in a field's type; <paramref name="syntax"/> follows the type to place reports.</summary>
    private void Positions(Ty type, TypeSyntax? syntax, bool[] used, bool[] outside, Span field, bool isPhantomPosition = false)
    {
        IReadOnlyList<TypeSyntax> inner = (syntax as NamedType)?.Arguments ?? [];
        switch (type.Head)
        {
            case ParameterTy p when p.Symbol.Index < used.Length:
                used[p.Symbol.Index] = true;
                if (!isPhantomPosition)
                {
                    outside[p.Symbol.Index] = true;
                    if (p.Symbol.IsPhantom)
                    {
                        Diagnostics.Report(Codes.InvalidPhantom, syntax?.Span ?? field,
                            $"the phantom type parameter '{p.Symbol.Name}' can't be the type of a field or an argument that is not phantom",
                            (p.Symbol.Span, "declared phantom here"));
                    }
                }

                break;
            case VectorTy v:
                Positions(v.Element, inner.Count > 0 ? inner[0] : syntax, used, outside, field);
                break;
            case StructTy s:
                for (int i = 0; i < s.Arguments.Count && i < s.Symbol.TypeParameters.Count; i++)
                {
                    Positions(s.Arguments[i], i < inner.Count ? inner[i] : syntax, used, outside, field, s.Symbol.TypeParameters[i]
                        .IsPhantom);
                }

                break;
        }
    }

    // ---- recursive structs ----

    private void Recursive(ModuleSymbol module)
    {
        DirectedGraph<StructSymbol, (FieldSymbol Field, Span Span)> graph = new();
        foreach (StructSymbol symbol in module.Structs)
        {
            graph.Add(symbol);
            foreach (FieldSymbol field in symbol.Fields ?? [])
            {
                foreach ((StructSymbol inner, Span span) in field.Mentions.Where(m => ReferenceEquals(m.Struct.Module, module)))
                {
                    graph.Add(symbol, inner, (field, span));
                }
            }
        }

        foreach ((StructSymbol from, StructSymbol to, (FieldSymbol field, Span span)) in graph.Cycles())
        {
            Diagnostics.Report(Codes.CyclicData, span,
                $"'{to.Name}' would contain itself through the field '{field.Name}' of '{from.Name}'", (to.Span, "the struct"));
        }
    }

    // ---- order of modules ----

    /// <summary>Modules so that each comes after those it uses, ties by id; members of a cycle come in order of id.</summary>
    public List<ModuleSymbol> Order()
    {
        List<ModuleSymbol> order = [];
        HashSet<ModuleId> seen = [];
        // iterative: the chain of modules is as long as its author likes
        Stack<(ModuleSymbol Module, IEnumerator<KeyValuePair<ModuleId, Span>> Uses)> work = new();
        foreach ((ModuleId _, ModuleSymbol root) in program.Modules)
        {
            if (seen.Add(root.Id))
            {
                work.Push((root, root.Uses.GetEnumerator()));
            }

            while (work.TryPeek(out (ModuleSymbol Module, IEnumerator<KeyValuePair<ModuleId, Span>> Uses) top))
            {
                if (!top.Uses.MoveNext())
                {
                    work.Pop();
                    order.Add(top.Module);
                }
                else if (program.Modules.TryGetValue(top.Uses.Current.Key, out ModuleSymbol? next) && seen.Add(next.Id))
                {
                    work.Push((next, next.Uses.GetEnumerator()));
                }
            }
        }

        return order;
    }

    /// <summary>
    /// A module can only be published after those it uses, and a friend uses the module that names it: neither may lead around in a
    /// circle. One report: what else is wrong shows when this is right.
    /// </summary>
    public void Cycles()
    {
        SortedDictionary<ModuleId, SortedDictionary<ModuleId, (bool IsFriend, Span Span)>> needs = [];
        void Add(ModuleId from, ModuleId to, bool isFriend, Span span)
        {
            if (!needs.TryGetValue(from, out SortedDictionary<ModuleId, (bool IsFriend, Span Span)>? list))
            {
                needs[from] = list = [];
            }

            list.TryAdd(to, (isFriend, span));
        }

        foreach (ModuleSymbol module in program.Modules.Values)
        {
            foreach ((ModuleId used, Span span) in module.Uses)
            {
                Add(module.Id, used, false, span);
            }
        }

        foreach (ModuleSymbol module in program.Modules.Values)
        {
            foreach ((ModuleId friend, Span span) in module.Friends)
            {
                Add(friend, module.Id, true, span);
            }
        }

        DirectedGraph<ModuleId, (bool IsFriend, Span Span)> graph = new();
        foreach ((ModuleId from, SortedDictionary<ModuleId, (bool IsFriend, Span Span)> list) in needs)
        {
            foreach ((ModuleId to, (bool IsFriend, Span Span) edge) in list)
            {
                graph.Add(from, to, edge);
            }
        }

        foreach ((ModuleId from, ModuleId to, (bool isFriend, Span span)) in graph.Cycles())
        {
            Diagnostics.Report(Codes.InvalidModule, span, isFriend
                ? $"'{from}' is a friend of '{to}', which depends on it in turn: friends and uses can't form a cycle"
                : $"'{from}' uses '{to}', which depends on it in turn: friends and uses can't form a cycle");
            return;
        }
    }
}
