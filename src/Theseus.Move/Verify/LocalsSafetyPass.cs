using Theseus.Move.Format;

namespace Theseus.Move.Verify;

/// <summary>No use of an empty local, no value without drop overwritten or left behind (move 2.4, pass 11d).</summary>
internal static class LocalsSafetyPass
{
    [Flags]
    private enum Slot : byte
    {
        Empty = 1,
        Full = 2,
        Maybe = Empty | Full,
    }

    public static void Run(FunctionContext context)
    {
        int locals = context.Locals.Length;
        Slot[]?[] entry = new Slot[context.Graph.Count][];
        entry[0] = [.. Enumerable.Range(0, locals).Select(i => i < context.Parameters.Count ? Slot.Full : Slot.Empty)];
        Fixpoint.Run(context.Graph, block =>
        {
            Slot[] state = [.. entry[block]!];
            int end = context.Graph.End(block);
            for (int offset = context.Graph.Starts[block]; offset < end; offset++)
            {
                context.Meter.Add(context.Limits.Costs.LocalsStep);
                Step(context, state, offset);
            }

            List<int> changed = [];
            foreach (int next in context.Graph.Successors[block])
            {
                context.Meter.Add(context.Limits.Costs.LocalsJoin + (context.Limits.Costs.LocalsJoinPerLocal * locals));
                if (entry[next] is not { } known)
                {
                    entry[next] = [.. state];
                    changed.Add(next);
                    continue;
                }

                bool grew = false;
                for (int i = 0; i < locals; i++)
                {
                    Slot joined = known[i] | state[i]; // three points: union is the join
                    grew |= joined != known[i];
                    known[i] = joined;
                }

                if (grew)
                {
                    changed.Add(next);
                }
            }

            return changed;
        });
    }

    private static void Step(FunctionContext context, Slot[] state, int offset)
    {
        Instruction instruction = context.Code.Code[offset];
        int local = instruction.Index;
        switch (instruction.Opcode)
        {
            case Opcode.CopyLoc: Available(StatusCode.CopyLocUnavailable); break;
            case Opcode.MoveLoc:
                Available(StatusCode.MoveLocUnavailable);
                state[local] = Slot.Empty;
                break;
            case Opcode.MutBorrowLoc or Opcode.ImmBorrowLoc: Available(StatusCode.BorrowLocUnavailable); break;
            case Opcode.StLoc:
                if ((state[local] & Slot.Full) != default(Slot) && !context.LocalAbilities[local].Has(Abilities.Drop))
                {
                    throw context.Fail(StatusCode.StLocUnsafeToDestroy, offset, "the local may hold a value that must not be dropped");
                }

                state[local] = Slot.Full;
                break;
            case Opcode.Ret:
                for (int i = 0; i < state.Length; i++)
                {
                    if ((state[i] & Slot.Full) != default(Slot) && !context.LocalAbilities[i].Has(Abilities.Drop))
                    {
                        throw context.Fail(StatusCode.UnsafeRetUnusedValuesWithoutDrop, offset,
                            $"local {i} may hold a value that must not be dropped");
                    }
                }

                break;
        }

        void Available(StatusCode status)
        {
            if (state[local] != Slot.Full)
            {
                throw context.Fail(status, offset, $"local {local} may be empty");
            }
        }
    }
}

/// <summary>Runs a transfer function over blocks in reverse post-order until nothing changes.</summary>
internal static class Fixpoint
{
    /// <summary>
    /// <paramref name="transfer"/> returns the successors whose entry state changed. Ends because states only grow in a finite
    /// lattice, and transfers are metered.
    /// </summary>
    public static void Run(ControlFlowGraph graph, Func<int, List<int>> transfer)
    {
        SortedSet<int> ranks = [0];
        while (ranks.Count > 0)
        {
            int rank = ranks.Min;
            ranks.Remove(rank);
            foreach (int next in transfer(graph.Order[rank]))
            {
                ranks.Add(graph.Rank[next]);
            }
        }
    }
}
