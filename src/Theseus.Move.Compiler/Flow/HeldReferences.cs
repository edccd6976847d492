using Theseus.Move.Compiler.Lowering;

namespace Theseus.Move.Compiler.Flow;

/// <summary>
/// Which reference locals surely hold a reference at the start of each block of a function in which references end at the starts of
/// blocks. The ends are part of the flow here, so that no end relies on a reference that an earlier one took away.
/// </summary>
internal static class HeldReferences
{
    /// <param name="graph">The function, with its uses settled.</param>
    /// <param name="ending">The references that end at the start of each block if they are held there.</param>
    /// <returns>For each block what is held when it is entered, before the ends.</returns>
    public static LocalSet[] Run(FlowGraph graph, LocalSet[] ending)
    {
        int blocks = graph.Function.Blocks.Count;
        LocalSet?[] entry = new LocalSet?[blocks];
        LocalSet[] taken = new LocalSet[blocks];
        LocalSet[] stored = new LocalSet[blocks];
        for (int i = 0; i < blocks; i++)
        {
            (taken[i], stored[i]) = Effects(graph, i);
        }

        LocalSet first = new(graph.Locals.Count);
        for (int i = 0; i < graph.Function.Parameters.Count; i++)
        {
            first[i] = graph.Locals[i].Type.IsReference;
        }

        entry[0] = first;
        SortedSet<int> work = [0];
        while (work.Count > 0)
        {
            int block = work.Min;
            work.Remove(block);
            LocalSet held = entry[block]!.Clone();
            held.Remove(ending[block]);
            held.Remove(taken[block]);
            held.UnionWith(stored[block]);
            foreach (int next in graph.Successors[block])
            {
                if (entry[next] is not { } known)
                {
                    entry[next] = held.Clone();
                    work.Add(next);
                }
                else if (known.IntersectWith(held))
                {
                    work.Add(next);
                }
            }
        }

        return [.. entry.Select(e => e ?? new LocalSet(graph.Locals.Count))];
    }

    /// <summary>What a block takes out of locals and leaves empty, and what it leaves in them.</summary>
    private static (LocalSet Taken, LocalSet Stored) Effects(FlowGraph graph, int block)
    {
        LocalSet taken = new(graph.Locals.Count);
        LocalSet stored = new(graph.Locals.Count);
        foreach (Command command in graph.Function.Blocks[block].Commands)
        {
            Walk.Operands(command, operand =>
            {
                if (operand is UseOperand { IsMove: true } use)
                {
                    int local = graph.IndexOf(use.Local);
                    taken[local] = true;
                    stored[local] = false;
                }
            });
            if (command is AssignCommand assign)
            {
                foreach (Target target in assign.Targets)
                {
                    Walk.Locals(target, l => stored[graph.IndexOf(l.Local)] = l.Local.Type.IsReference);
                }
            }
        }

        return (taken, stored);
    }
}
